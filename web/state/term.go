package state

import (
	"strings"

	"github.com/layerlab/layerlab/web/action"
)

// Term is the terminal: what was printed and the line that is being typed.
type Term struct {
	Entries []TermEntry
	Next    int    // ID of the next entry
	Running int    // ID of the entry whose command runs, 0 for none
	Queue   int    // commands asked for and not ended
	Typed   string // the text of the prompt
	Rev     int    // grows when Typed was changed by something else than typing
	Recall  int    // how far back in the history the prompt is, 0 for not
	Pending string // lines before the one that is being typed: an open quote, a here-document
	draft   string // what was typed before going back in the history
	Choices []string
	Dir     string
	Prompt  string
}

// A TermEntry is one command with what it printed.
type TermEntry struct {
	ID     int
	Prompt string
	Line   string
	Output string
	Cut    int  // bytes of output left out at its start
	Exit   int  // when Done
	Done   bool //
	Note   string
	Silent bool // an edit of the page, not a typed line
}

// maxOutput is what is kept of one command's output for showing.
const maxOutput = 200 << 10

// Time is the timeline: the commands so far and where in them the page stands.
type Time struct {
	Points []Point
	At     int // points that have happened
}

// A Point is one command of the timeline.
type Point struct {
	Line    string
	Summary string
	Exit    int
}

func reduceTerm(s *State, a action.Action) ([]Effect, bool) {
	t := &s.Term
	switch a := a.(type) {
	case action.RunLine:
		line := t.Pending + a.Line
		t.Typed, t.Recall, t.Choices, t.Pending = "", 0, nil, ""
		t.Rev++
		return s.run(line), true
	case action.TypeLine:
		t.Typed, t.Recall, t.Choices = a.Text, 0, nil
	case action.HistoryBack:
		t.recall(1)
	case action.HistoryForward:
		t.recall(-1)
	case action.CompleteLine:
		return []Effect{CompleteWord{a.Text}}, true
	case Completed:
		t.complete(a)
		if len(t.Choices) > 0 {
			s.say(itoa(len(t.Choices)) + " completions: " + strings.Join(t.Choices[:min(8, len(t.Choices))], ", "))
		}
	case action.Interrupt:
		if t.Queue > 0 {
			s.say("Stopping the command")
			return []Effect{StopCommand{}}, true
		}
		t.Typed, t.Recall, t.Choices, t.Pending = "", 0, nil, ""
		t.Rev++
	case action.ClearTerminal:
		t.Entries = nil
	case replay:
		t.Next++
		t.Running = t.Next
		t.Queue = 1
		t.Entries = append(t.Entries[:len(t.Entries):len(t.Entries)], TermEntry{ID: t.Next, Line: a.Line})
	case LineStarted, LinePrinted, LineEnded, LineUnfinished, Travelled:
		return s.follow(a), true
	case Booted:
		s.Page.Booted = true
	case action.GoTo:
		return s.travel(a.N), true
	case action.Undo:
		return s.travel(s.Time.At - 1), true
	case action.Redo:
		return s.travel(s.Time.At + 1), true
	default:
		return nil, false
	}
	return nil, true
}

// run has a line run in the terminal, after those that wait.
func (s *State) run(line string) []Effect {
	if strings.TrimSpace(line) == "" {
		return nil
	}
	if strings.TrimSpace(line) == "clear" {
		s.Term.Entries = nil
		return nil
	}
	s.Term.Next++
	s.Term.Queue++
	e := TermEntry{ID: s.Term.Next, Line: line, Prompt: s.Term.Prompt}
	s.Term.Entries = append(s.Term.Entries[:len(s.Term.Entries):len(s.Term.Entries)], e)
	s.Editor.Saved = s.Editor.Text // it is written before the line runs
	return []Effect{RunCommand{ID: e.ID, Line: line, Dockerfile: s.Editor.Text}}
}

// follow is what a running command does to the terminal.
func (s *State) follow(a action.Action) []Effect {
	t := &s.Term
	switch a := a.(type) {
	case LineStarted:
		t.Running = a.ID
		t.change(a.ID, func(e *TermEntry) { e.Prompt = t.Prompt })
		t.last(a.ID)
	case LinePrinted:
		t.change(t.id(a.ID), func(e *TermEntry) {
			e.Output += a.Text
			if over := len(e.Output) - maxOutput; over > 0 {
				if nl := strings.IndexByte(e.Output[over:], '\n'); nl >= 0 {
					over += nl + 1
				}
				e.Output = e.Output[over:]
				e.Cut += over
			}
		})
	case LineEnded:
		id := t.id(a.ID)
		t.Running = 0
		t.Queue = max(0, t.Queue-1)
		t.change(id, func(e *TermEntry) { e.Done, e.Exit, e.Note = true, a.Exit, a.Note })
		s.Editor.Running = false
	case LineUnfinished:
		for i, e := range t.Entries {
			if e.ID == a.ID {
				t.Entries = append(append([]TermEntry{}, t.Entries[:i]...), t.Entries[i+1:]...)
				break
			}
		}
		t.Queue = max(0, t.Queue-1)
		t.Pending = a.Line + "\n"
	case Travelled:
		t.Entries, t.Choices = a.Entries, nil
		for _, e := range a.Entries {
			t.Next = max(t.Next, e.ID)
		}
		s.Stack.Flights, s.Stack.Read = nil, nil
		if n := s.Time.At; n > 0 && n <= len(s.Time.Points) {
			s.say("Went to " + itoa(n) + " of " + itoa(len(s.Time.Points)) + ": " + s.Time.Points[n-1].Line)
		} else {
			s.say("Went to the start")
		}
	}
	return nil
}

// id is the entry that a message is about: of a replayed line, the one that runs.
func (t *Term) id(of int) int {
	if of <= 0 {
		return t.Running
	}
	return of
}

// last puts an entry at the end: one that waited comes after those that ran.
func (t *Term) last(id int) {
	n := len(t.Entries)
	for i, e := range t.Entries {
		if e.ID == id && i < n-1 && t.Entries[i+1].Done {
			next := append(append([]TermEntry{}, t.Entries[:i]...), t.Entries[i+1:]...)
			t.Entries = append(next, e)
			return
		}
	}
}

// change replaces one entry by a changed copy.
func (t *Term) change(id int, f func(*TermEntry)) {
	for i := len(t.Entries) - 1; i >= 0; i-- {
		if t.Entries[i].ID == id {
			next := append([]TermEntry{}, t.Entries...)
			f(&next[i])
			t.Entries = next
			return
		}
	}
}

// recall goes back (1) or forward (-1) in the lines typed before.
func (t *Term) recall(by int) {
	var lines []string
	for _, e := range t.Entries {
		if !e.Silent && (len(lines) == 0 || lines[len(lines)-1] != e.Line) {
			lines = append(lines, e.Line)
		}
	}
	if t.Recall == 0 {
		t.draft = t.Typed
	}
	t.Recall = max(0, min(t.Recall+by, len(lines)))
	if t.Recall == 0 {
		t.Typed = t.draft
	} else {
		t.Typed = lines[len(lines)-t.Recall]
	}
	t.Choices = nil
	t.Rev++
}

// complete goes on with the line as far as all choices agree.
func (t *Term) complete(a Completed) {
	if a.Text != t.Typed {
		return
	}
	t.Choices = nil
	if len(a.Choices) == 0 {
		return
	}
	common := a.Choices[0]
	for _, c := range a.Choices[1:] {
		for !strings.HasPrefix(c, common) {
			common = common[:len(common)-1]
		}
	}
	if len(common) > len(t.Typed) {
		t.Typed = common
		t.Rev++
	}
	if len(a.Choices) > 1 {
		t.Choices = a.Choices
	}
}

// travel goes to the moment after the first n commands.
func (s *State) travel(n int) []Effect {
	if n < 0 || n > len(s.Time.Points) || n == s.Time.At || s.Term.Queue > 0 {
		return nil
	}
	s.Time.At = n
	s.Editor.Saved = "" // what is typed and not written goes, as all else does
	return []Effect{TravelTo{n}}
}
