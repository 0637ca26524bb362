// Package state is the page's state and how it changes.
//
// The words used here:
//
//   - state: one immutable value, [State], that holds all that the page shows;
//   - action: what the person meant (package action);
//   - message: what came back from the engine or the browser (type names of this
//     package that end a sentence: [WorldRead], [LineEnded]);
//   - reduce: [Reduce] makes the next state of a state and an action or message;
//     it touches nothing else;
//   - effect: something to be done outside, as a value ([RunCommand],
//     [DownloadBody], …). Reduce returns them; a [Runner] does them and hands back
//     messages.
//
// The engine is read in one place, [ReadWorld], into a [World]: images, layers,
// containers and the project's files as the page needs them. Every command ends
// with a new World, so that going back in time is showing an older one.
package state

import "github.com/layerlab/layerlab/web/action"

// State is all that the page shows. It is never changed: Reduce makes a new one.
type State struct {
	Page    Page
	World   *World
	Editor  Editor
	Context Context
	Live    Live
	Stack   Stack
	Files   Files
	Upper   Upper
	Images  Images
	Opening Opening
	Term    Term
	Time    Time
	Said    Said
}

// Page is what the page as a whole shows.
type Page struct {
	View     string // "build" or "images"
	Tab      string // of a narrow page: "steps", "layers", "files", "terminal"
	Embed    bool   // without chrome, inside another page
	Pane     string // the one pane of an embedded page, "" for the bench
	Dark     bool
	Booted   bool // the first screen's commands have run
	Dropping bool // files are dragged over the page
	Messages []Message
	next     int
}

// A Message is something that went wrong, shown until it is put away.
type Message struct {
	ID    int
	Title string
	Text  string
}

// Said is the last thing that the page says aloud to those who do not see it. N
// grows so that the same words can be said twice.
type Said struct {
	N    int
	Text string
}

// Start is what the first screen is made of.
type Start struct {
	Embed      bool
	Pane       string
	Dark       bool
	Dockerfile string
	Tag        string
}

// New is the state before anything has happened.
func New(s Start) State {
	st := State{
		Page:   Page{View: "build", Tab: "layers", Embed: s.Embed, Pane: s.Pane, Dark: s.Dark},
		World:  &World{},
		Editor: Editor{Text: s.Dockerfile, Saved: s.Dockerfile, Caret: 1, Tag: s.Tag},
		Files:  newFiles(),
		Images: Images{Tab: "waste"},
	}
	switch s.Pane {
	case "steps", "layers", "files", "terminal":
		st.Page.Tab = s.Pane
	case "timeline":
	default:
		st.Page.Pane = "" // of another name there is no pane: all are shown
	}
	return st
}

// Reduce is the state after a (an action of package action or a message of this
// package) and what is to be done outside because of it. Unknown values change
// nothing.
func Reduce(s State, a action.Action) (State, []Effect) {
	for _, part := range []func(*State, action.Action) ([]Effect, bool){
		reducePage, reduceEditor, reduceContext, reduceStack, reduceTerm,
		reduceFiles, reduceUpper, reduceImages, reduceOpening,
		reduceLive, reduceForesight, reduceKey, reduceCompare,
	} {
		if effects, mine := part(&s, a); mine {
			effects = append(effects, s.wanted()...)
			return s, effects
		}
	}
	return s, nil
}

func reducePage(s *State, a action.Action) ([]Effect, bool) {
	switch a := a.(type) {
	case action.ShowView:
		s.Page.View = a.Name
		s.study()
	case action.ShowTab:
		s.Page.Tab = a.Name
	case action.SwitchTheme:
		s.Page.Dark = !s.Page.Dark
		return []Effect{SetTheme{Dark: s.Page.Dark}}, true
	case ThemeChanged:
		s.Page.Dark = a.Dark
	case DragChanged:
		s.Page.Dropping = a.Over
	case Failed:
		s.fail(a.Title, a.Text)
	case action.Dismiss:
		var rest []Message
		for _, m := range s.Page.Messages {
			if m.ID != a.ID {
				rest = append(rest, m)
			}
		}
		s.Page.Messages = rest
	case action.Escape:
		switch {
		case s.Editor.Palette:
			s.Editor.Palette = false
		case s.Context.Open != nil:
			s.Context.Open = nil
		case s.Files.Contents != nil:
			s.Files.Contents = nil
		case s.Files.Way != nil:
			s.closeLookup()
		case s.Editor.Key.Open:
			s.Editor.Key = Key{}
		case s.Upper.Open:
			s.Upper.Open = false
		case s.Live.Going():
			return []Effect{HurryBuild{}}, true
		}
	default:
		return nil, false
	}
	return nil, true
}

// fail shows a message and says it aloud.
func (s *State) fail(title, text string) {
	s.Page.next++
	s.Page.Messages = append(s.Page.Messages[:len(s.Page.Messages):len(s.Page.Messages)], Message{s.Page.next, title, text})
	s.say(title + ": " + text)
}

// say has the page say text aloud.
func (s *State) say(text string) {
	s.Said = Said{s.Said.N + 1, text}
}
