package state

import (
	"context"
	"time"

	"github.com/layerlab/layerlab/sim/build"
	"github.com/layerlab/layerlab/sim/engine"
	"github.com/layerlab/layerlab/web/action"
)

// foresightPause is how long typing has to rest before the next build is foreseen.
const foresightPause = 300 * time.Millisecond

// Foresight is "What would change?": what a build of the text would do, asked
// while it is written. Nothing is run for it.
type Foresight struct {
	On                   bool
	Known                bool   // the fields below are there
	Text                 string // the Dockerfile that they are about
	Steps                []Foreseen
	Hits, Misses, Unsure int
	Error                *LineError // a mistake that would end the build
	Err                  string     // why nothing can be said, "" if it can
}

// Foreseen is what would become of one step.
type Foreseen struct {
	Line, EndLine int // in Foresight.Text, from 1
	Step          string
	Outcome       build.Outcome
	Plain         bool   // a hit of which there is nothing to be told
	Reason        string // one sentence
	After         int    // with Unknown: the line that has to run first
}

type (
	// ForeseeBuild asks what a build of the text would do, after a pause in
	// which nothing else is asked. An earlier question is dropped.
	ForeseeBuild struct {
		Text  string
		Pause bool
	}
	// ForgetForesight drops the question that is asked.
	ForgetForesight struct{}
	// ForesightRead is the answer.
	ForesightRead struct{ Foresight Foresight }
)

func reduceForesight(s *State, a action.Action) ([]Effect, bool) {
	f := &s.Editor.Foresight
	switch a := a.(type) {
	case action.ToggleForesight:
		if f.On {
			*f = Foresight{}
			s.say("The lines show the last build again")
			return []Effect{ForgetForesight{}}, true
		}
		f.On = true
		s.foresee(false)
		s.readKey()
	case ForesightRead:
		if !f.On || a.Foresight.Text != s.Editor.Text {
			break
		}
		a.Foresight.On = true
		*f = a.Foresight
		s.readKey()
	default:
		return nil, false
	}
	return nil, true
}

// foresee asks anew what the next build would do, if that is shown.
func (s *State) foresee(pause bool) {
	if s.Editor.Foresight.On {
		s.want(ForeseeBuild{s.Editor.Text, pause})
	}
}

// StatusesOf is what is foreseen of each of several steps of the present text,
// nil where it changed since.
func (f *Foresight) StatusesOf(text string, steps []TextStep) []*Foreseen {
	move := moved(text, f.Text)
	by := map[int]*Foreseen{}
	for i := range f.Steps {
		by[f.Steps[i].Line] = &f.Steps[i]
	}
	out := make([]*Foreseen, len(steps))
	for i, st := range steps {
		if x := by[move(st.Line)]; x != nil && x.Step == st.Text {
			out[i] = x
		}
	}
	return out
}

// foresee asks the engine once typing rests.
func (r *Runner) foresee(e ForeseeBuild) {
	r.forget()
	ctx, cancel := context.WithCancel(context.Background())
	ask := func() {
		r.later(func(context.Context) {
			defer cancel()
			if ctx.Err() != nil {
				return
			}
			p, err := r.engine.PreviewText(ctx, engine.Project, e.Text, build.Options{})
			if ctx.Err() == nil {
				r.dispatch(ForesightRead{foresightOf(e.Text, p, err)})
			}
		})
	}
	if !e.Pause {
		r.foreseen = cancel
		ask()
		return
	}
	stop := r.b.After(foresightPause, ask)
	r.foreseen = func() { stop(); cancel() }
}

// forget drops the question that is asked.
func (r *Runner) forget() {
	if r.foreseen != nil {
		r.foreseen()
		r.foreseen = nil
	}
}

func foresightOf(text string, p *build.Preview, err error) Foresight {
	f := Foresight{Known: true, Text: text}
	if err != nil {
		f.Err = err.Error()
		return f
	}
	f.Hits, f.Misses, f.Unsure = p.Hits, p.Misses, p.Unsure
	for _, x := range p.Steps {
		f.Steps = append(f.Steps, Foreseen{Line: x.Line, EndLine: x.EndLine, Step: stepText(text, x.Line, x.EndLine), Outcome: x.Outcome,
			Plain: x.Reason.Kind == build.Same, Reason: x.Reason.Text, After: x.Reason.Parent})
	}
	if be := p.Err; be != nil {
		f.Error = &LineError{Line: be.Line, EndLine: be.EndLine, Msg: be.Msg}
	}
	return f
}
