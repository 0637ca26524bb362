package state

import (
	"context"

	"github.com/layerlab/layerlab/sim/build"
	"github.com/layerlab/layerlab/sim/engine"
	"github.com/layerlab/layerlab/web/action"
)

// Key is the panel that takes the cache key of a step apart: the one that the
// caret stands in.
type Key struct {
	Open    bool
	Line    int    // of the step in the present text, 0 when the caret is in none
	Step    string // as written
	Known   bool   // the fields below are about this step
	Future  bool   // they are about a build that has not been made
	Hit     bool
	Reason  string
	Digest  string // the key in hex, "" for a step without one
	Parts   []build.Part
	Missing string // why there is nothing to show, in words
}

type (
	// ReadKey asks for the key of the step at a line.
	ReadKey struct {
		Line   int    // in the present text
		Step   string // as written
		Built  int    // its line in the last build, 0 if that did not have it
		Text   string // the Dockerfile
		Future bool   // of the next build
	}
	// KeyRead is the answer.
	KeyRead struct{ Key Key }
)

func reduceKey(s *State, a action.Action) ([]Effect, bool) {
	switch a := a.(type) {
	case action.ToggleKey:
		s.Editor.Key = Key{Open: !s.Editor.Key.Open}
		s.readKey()
	case KeyRead:
		k := &s.Editor.Key
		if k.Open && k.Line == a.Key.Line && k.Step == a.Key.Step {
			a.Key.Open, a.Key.Known = true, true
			*k = a.Key
		}
	default:
		return nil, false
	}
	return nil, true
}

// readKey asks for the key of the step that the caret stands in, if that is shown.
func (s *State) readKey() {
	e := &s.Editor
	if !e.Key.Open {
		return
	}
	steps := Steps(e.Text)
	for i, st := range steps {
		if e.Caret < st.Line || e.Caret > st.EndLine {
			continue
		}
		if e.Key.Line != st.Line || e.Key.Step != st.Text {
			e.Key = Key{Open: true, Line: st.Line, Step: st.Text}
		}
		ask := ReadKey{Line: st.Line, Step: st.Text, Text: e.Text, Future: true}
		if status := e.Statuses(steps)[i]; status != nil && !e.Foresight.On {
			ask.Built, ask.Future = status.Line, false
		}
		s.want(ask)
		return
	}
	e.Key = Key{Open: true}
}

// readKey finds how the step was decided, or would be, and takes its key apart.
func (r *Runner) readKey(ctx context.Context, e ReadKey) {
	k := Key{Line: e.Line, Step: e.Step, Future: e.Future}
	var d *build.Decision
	if e.Future {
		p, err := r.engine.PreviewText(ctx, engine.Project, e.Text, build.Options{})
		if err != nil {
			return
		}
		for i := range p.Steps {
			if p.Steps[i].Line == e.Line {
				d = &p.Steps[i].Decision
			}
		}
	} else {
		last := r.engine.LastBuild()
		for i := range last {
			if last[i].Line == e.Built {
				d = &last[i]
			}
		}
	}
	switch {
	case d == nil:
		k.Missing = "Nothing is known of this step: the build does not get there, or does not need it."
	case d.Parts() == nil && d.Config:
		k.Missing = "It has no key: it changes the configuration only, which is made anew in every build."
	case d.Parts() == nil && d.Reason.Kind == build.NotKnown:
		k.Missing = d.Reason.Text
	case d.Parts() == nil && d.Reason.Kind == build.Shared, d.Parts() == nil && d.Reason.Parent > 0:
		k.Missing = d.Reason.Text
	case d.Parts() == nil:
		k.Missing = "It has no key of its own: it names the image that the steps below start from."
	default:
		k.Parts, k.Digest, k.Hit, k.Reason = d.Parts(), d.Key, d.Hit, d.Reason.Text
	}
	r.dispatch(KeyRead{k})
}
