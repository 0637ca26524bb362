package state

import (
	"strings"
	"time"

	"github.com/layerlab/layerlab/sim/event"
	"github.com/layerlab/layerlab/web/action"
)

// Editor is the Dockerfile and what the last build said of its lines.
type Editor struct {
	Text      string
	Rev       int  // grows when Text was changed by something else than typing
	Jump      int  // the line to show after such a change, 0 for none
	Caret     int  // the line the caret stands on, from 1
	Palette   bool // the palette of steps is open
	Tag       string
	Saved     string // the project's Dockerfile as the page knows it
	Built     string // Text as it was when the statuses were made
	Steps     []StepStatus
	Error     *LineError
	Running   bool // a build is going on
	Foresight Foresight
	Key       Key
	other     bool // the build that goes on is of another Dockerfile
	made      []event.LayerCommitted
}

// A StepStatus is what became of one step in the last build.
type StepStatus struct {
	Line, EndLine int // in Editor.Built, from 1
	Step          string
	Hit           bool
	ConfigOnly    bool
	Reason        string
	Took          time.Duration // on the engine's clock
	DiffID        string        // of the layer it made, "" for none
	Size          int64
}

// A LineError is what is wrong with lines of the Dockerfile, in the parser's or
// the build's own words.
type LineError struct {
	Line, EndLine int
	Msg           string
	Build         bool // a build failed here; otherwise the text does not parse
}

func reduceEditor(s *State, a action.Action) ([]Effect, bool) {
	switch a := a.(type) {
	case action.EditDockerfile:
		s.Editor.Text = a.Text
		if e := s.Editor.Error; e != nil && !e.Build {
			s.Editor.Error = nil
		}
		s.foresee(true)
		return []Effect{CheckDockerfile{a.Text}}, true
	case Checked:
		s.readKey()
		if a.Text == s.Editor.Text && (a.Error != nil || s.Editor.Error != nil && !s.Editor.Error.Build) {
			s.Editor.Error = a.Error
		}
	case PastBuild:
		s.pastBuild(a)
	case action.MoveCaret:
		s.Editor.Caret = a.Line
		s.readKey()
	case action.ToggleSteps:
		s.Editor.Palette = !s.Editor.Palette
	case action.AddStep:
		s.addStep(a.ID)
		s.foresee(true)
		return []Effect{CheckDockerfile{s.Editor.Text}}, true
	case action.SetTag:
		s.Editor.Tag = a.Name
	case action.Build:
		return s.run("docker build -t " + s.tag() + " ."), true
	case action.BuildStep:
		return s.buildStep(), true
	default:
		return nil, false
	}
	return nil, true
}

// sync takes the project's Dockerfile over when something else than the editor
// changed it. What was typed since it was last written stays otherwise.
func (e *Editor) sync(text string) {
	if text != e.Saved && text != e.Text {
		e.Text, e.Jump = text, 0
		e.Rev++
	}
	e.Saved = text
}

func (s *State) tag() string {
	if t := strings.TrimSpace(s.Editor.Tag); t != "" {
		return t
	}
	return "app"
}

// addStep inserts a step of the palette below the step that the caret is in.
func (s *State) addStep(id string) {
	s.Editor.Palette = false
	step, ok := StepByID(id)
	if !ok {
		return
	}
	lines := strings.Split(strings.TrimRight(s.Editor.Text, "\n"), "\n")
	if len(lines) == 1 && lines[0] == "" {
		lines = nil
	}
	at := min(s.Editor.Caret, len(lines))
	for at > 0 && at < len(lines) && strings.HasSuffix(strings.TrimSpace(lines[at-1]), "\\") {
		at++
	}
	if id != "from" && at == 0 && len(lines) > 0 {
		at = 1
	}
	out := append([]string{}, lines[:at]...)
	out = append(out, step.Text)
	out = append(out, lines[at:]...)
	s.Editor.Text = strings.Join(out, "\n") + "\n"
	s.Editor.Rev++
	s.Editor.Caret = at + 1
	s.Editor.Jump = at + 1
	s.say("Added line " + itoa(at+1) + ": " + step.Text)
}

// buildStep builds as far as the first step that is not as it was last built.
func (s *State) buildStep() []Effect {
	steps := Steps(s.Editor.Text)
	for i, status := range s.Editor.Statuses(steps) {
		if st := steps[i]; status == nil {
			return s.run("lab build --until " + itoa(st.Line) + " -t " + s.tag() + " .")
		}
	}
	return s.run("docker build -t " + s.tag() + " .")
}

// StatusOf is what the last build said of a step of the present text, nil if it
// has not been built as it stands now.
func (e *Editor) StatusOf(step TextStep) *StepStatus { return e.Statuses([]TextStep{step})[0] }

// Statuses is StatusOf for each of several steps. Where the text changed since
// it was built is told from its unchanged lines at the start: below them, lines
// have moved by as many as there are more or fewer now.
func (e *Editor) Statuses(steps []TextStep) []*StepStatus {
	move := moved(e.Text, e.Built)
	by := map[int]*StepStatus{}
	for i := range e.Steps {
		by[e.Steps[i].Line] = &e.Steps[i]
	}
	out := make([]*StepStatus, len(steps))
	for i, st := range steps {
		if s := by[move(st.Line)]; s != nil && s.Step == st.Text {
			out[i] = s
		}
	}
	return out
}

// moved gives for a line of one text the line of another, earlier one that it was,
// as far as unchanged lines at the start tell.
func moved(now, then string) func(line int) int {
	if now == then {
		return func(line int) int { return line }
	}
	a, b := strings.Split(now, "\n"), strings.Split(then, "\n")
	same := 0
	for same < len(a) && same < len(b) && a[same] == b[same] {
		same++
	}
	return func(line int) int {
		if line > same {
			line += len(b) - len(a)
		}
		return line
	}
}

// ErrorLine is the line of the present text in which the last build failed, -1 when
// that line is gone or another one now.
func (e *Editor) ErrorLine() int {
	if e.Error.Line == 0 || e.Built == "" || e.Built == e.Text {
		return e.Error.Line
	}
	back := moved(e.Built, e.Text)(e.Error.Line)
	if stepText(e.Text, back, back) != stepText(e.Built, e.Error.Line, e.Error.Line) {
		return -1
	}
	return back
}

// reduceBuildEvent follows a build in the editor.
func (s *State) reduceBuildEvent(ev event.Event) {
	e := &s.Editor
	switch ev := ev.(type) {
	case event.BuildStarted:
		e.other = ev.Dockerfile != "" && ev.Dockerfile != "Dockerfile"
		if !e.other {
			e.Built, e.Steps, e.Error, e.made = e.Text, nil, nil, nil
		}
		e.Running = true
		s.Stack.Fresh, s.Stack.Drops = nil, false
	case event.StepDecided:
		if !e.other {
			e.decided(ev)
		}
	case event.LayerCommitted:
		if ev.Line > 0 && !e.other {
			e.made = append(e.made[:len(e.made):len(e.made)], ev)
			e.Steps = withLayer(e.Steps, ev)
		}
		if !ev.Cached {
			s.Stack.fresh(ev.DiffID)
		}
	case event.BuildEnded:
		e.Running = false
		if ev.Stopped {
			s.say("The build was stopped. What it had finished is in the cache; no image was made")
			return
		}
		if ev.Err != "" && !e.other {
			e.Error = &LineError{Line: ev.Line, EndLine: ev.Line, Msg: ev.Err, Build: true}
			s.say("The build failed in line " + itoa(ev.Line) + ": " + ev.Err)
		}
		s.Stack.show(ev.ID)
	}
}

// pastBuild shows an earlier build once more.
func (s *State) pastBuild(a PastBuild) {
	now, said := s.Editor.Text, s.Said
	s.Live = Live{}
	s.Editor.Steps, s.Editor.Error, s.Stack.Fresh = nil, nil, nil
	s.Editor.Text = a.Dockerfile
	for _, ev := range a.Events {
		s.reduceBuildEvent(ev)
	}
	s.Editor.Text, s.Said = now, said
}

// decided notes what became of a step, with the layer that it made before.
func (e *Editor) decided(ev event.StepDecided) {
	st := StepStatus{
		Line: ev.Line, EndLine: ev.EndLine, Step: stepText(e.Built, ev.Line, ev.EndLine),
		Hit: ev.Hit, ConfigOnly: ev.ConfigOnly, Reason: ev.Reason, Took: ev.Took,
	}
	for _, l := range e.made {
		if l.Line == ev.Line {
			st.DiffID, st.Size = l.DiffID, l.Size
		}
	}
	e.Steps = append(e.Steps[:len(e.Steps):len(e.Steps)], st)
}

func withLayer(steps []StepStatus, ev event.LayerCommitted) []StepStatus {
	out := append([]StepStatus{}, steps...)
	for i := range out {
		if out[i].Line == ev.Line {
			out[i].DiffID, out[i].Size = ev.DiffID, ev.Size
		}
	}
	return out
}
