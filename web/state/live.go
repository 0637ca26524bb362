package state

import (
	"slices"

	"github.com/layerlab/layerlab/sim/event"
	"github.com/layerlab/layerlab/web/action"
)

// Live is a build as it goes on: the plates that its stages will have, and what
// is done just now. It stays until the image that was made is read, or, of
// a build that failed, until the person does something else.
type Live struct {
	On     bool
	Name   string // of the image that is being made, "" for none
	Stages []LiveStage
	Stage  int // index of the one that is being built
	Number int // of the step that is being built, from 1, of those that make a layer
	Of     int
	Doing  Doing
	Failed bool // it ended without an image
	ended  bool
	spoke  int // seconds of the step after which it was last said aloud
}

// A LiveStage is a stage with its steps as far as they are.
type LiveStage struct {
	Name  string
	Base  string
	From  int // index of the stage that it starts from, -1
	Below []event.BaseRow
	Steps []LiveStep
}

// A LiveStep is a step of a build that goes on.
type LiveStep struct {
	Line, EndLine int
	Step          string
	Layer         bool // it makes a layer
	Phase         Phase
	DiffID        string // once it is known
	Size          int64
	Files         int // entries of the layer's tar
}

// Phase is how far a step of a build is.
type Phase int

// The phases of a step. BrokenOff is one that was not finished: nothing of it is
// kept.
const (
	Waits Phase = iota
	Comparing
	Writing
	Frozen
	Reused
	BrokenOff
)

// Doing is what a build does just now, of one step.
type Doing struct {
	Line     int
	Step     string
	Phase    Phase
	Seconds  int // since the step began, by the clock on the wall
	Taken    event.FilesTaken
	Compared event.KeyCompared
	Wrote    event.StepWrites
	Names    []string // that were written last, the last one first
}

// maxNames is how many names of files that are written are shown.
const maxNames = 3

type (
	// BuildTicked is a second of a step that runs.
	BuildTicked struct{ Line, Seconds int }
	// HurryBuild ends the pauses in which a person can look at what a build does.
	HurryBuild struct{}
)

func reduceLive(s *State, a action.Action) ([]Effect, bool) {
	switch a := a.(type) {
	case BuildTicked:
		s.tick(a)
	case action.LeaveBuild:
		s.Live.leave()
	case action.Hurry:
		return []Effect{HurryBuild{}}, true
	default:
		return nil, false
	}
	return nil, true
}

// tick is a second of a step; now and then it is said that it still runs.
func (s *State) tick(a BuildTicked) {
	l := &s.Live
	if !l.On || l.Doing.Line != a.Line {
		return
	}
	l.Doing.Seconds = a.Seconds
	if l.spoke == 0 && a.Seconds >= 3 || l.spoke > 0 && a.Seconds >= l.spoke+15 {
		l.spoke = a.Seconds
		s.say("Line " + itoa(a.Line) + " runs for " + itoa(a.Seconds) + " seconds now")
	}
}

// follow takes an event of a build. Builds of the first screen are not shown as
// they go on.
func (l *Live) follow(ev event.Event, booted bool) {
	if started, ok := ev.(event.BuildStarted); ok && booted {
		*l = Live{Name: first(started.Names)}
		return
	}
	if _, ok := ev.(event.CommandStarted); ok {
		*l = Live{}
	}
	switch ev := ev.(type) {
	case event.BuildPlanned:
		if booted {
			l.plan(ev)
		}
	case event.StepStarted:
		if !l.On {
			return
		}
		l.Stage, l.spoke = ev.Stage, 0
		l.Number++
		l.Doing = Doing{Line: ev.Line, Step: ev.Step, Phase: Comparing}
		l.step(ev.Line, func(s *LiveStep) { s.Phase = Comparing })
	case event.FilesTaken:
		l.Doing.Taken = ev
	case event.KeyCompared:
		l.Doing.Compared = ev
	case event.StepWrites:
		l.wrote(ev)
	case event.LayerCommitted:
		l.frozen(ev)
	case event.BuildEnded:
		l.end(ev)
	}
}

func first(names []string) string {
	if len(names) == 0 {
		return ""
	}
	return names[0]
}

func (l *Live) plan(ev event.BuildPlanned) {
	l.On = true
	for _, p := range ev.Stages {
		st := LiveStage{Name: p.Name, Base: p.Base, From: p.From, Below: p.Below}
		for _, x := range p.Steps {
			st.Steps = append(st.Steps, LiveStep{Line: x.Line, EndLine: x.EndLine, Step: x.Step, Layer: x.Layer})
			if x.Layer {
				l.Of++
			}
		}
		l.Stages = append(l.Stages, st)
	}
}

// step changes the step at a line of the stage that is being built.
func (l *Live) step(line int, change func(*LiveStep)) {
	if l.Stage >= len(l.Stages) {
		return
	}
	stages := slices.Clone(l.Stages)
	steps := slices.Clone(stages[l.Stage].Steps)
	for i := range steps {
		if steps[i].Line == line && steps[i].Layer {
			change(&steps[i])
		}
	}
	stages[l.Stage].Steps = steps
	l.Stages = stages
}

func (l *Live) wrote(ev event.StepWrites) {
	if !l.On || ev.Line != l.Doing.Line {
		return
	}
	d := &l.Doing
	if d.Phase != Writing {
		d.Phase = Writing
		l.step(ev.Line, func(s *LiveStep) { s.Phase = Writing })
	}
	if ev.Path != "" && ev.Path != d.Wrote.Path {
		names := append([]string{ev.Path}, d.Names...)
		d.Names = names[:min(len(names), maxNames)]
	}
	d.Wrote = ev
}

func (l *Live) frozen(ev event.LayerCommitted) {
	if !l.On || ev.Line == 0 {
		return
	}
	phase := Frozen
	if ev.Cached {
		phase = Reused
	}
	l.step(ev.Line, func(s *LiveStep) {
		s.Phase, s.DiffID, s.Size, s.Files = phase, ev.DiffID, ev.Size, ev.Files
	})
	if l.Doing.Line == ev.Line {
		l.Doing.Phase = phase
	}
}

// end is the build's end. What is built stays to be seen where it failed; of one
// that was stopped nothing stays.
func (l *Live) end(ev event.BuildEnded) {
	switch {
	case !l.On || ev.Stopped:
		*l = Live{}
	case ev.Err != "":
		l.ended, l.Failed = true, true
		if p := l.Doing.Phase; p == Comparing || p == Writing {
			l.Doing.Phase = BrokenOff
			l.step(l.Doing.Line, func(s *LiveStep) { s.Phase = BrokenOff })
		}
	default:
		l.ended = true
	}
}

// settle lets go of a build whose image is there now.
func (l *Live) settle() {
	if l.ended && !l.Failed {
		*l = Live{}
	}
}

// leave lets go of a build that is over.
func (l *Live) leave() {
	if l.ended {
		*l = Live{}
	}
}

// Going reports whether a build is at work.
func (l *Live) Going() bool { return l.On && !l.ended }

// Follows reports whether a build that goes on is the one of the editor's
// Dockerfile, as it stands there.
func (e *Editor) Follows(l *Live) bool {
	return l.Going() && e.Running && !e.other && e.Text == e.Built
}

// Phases is how far the steps of all stages are, by their lines.
func (l *Live) Phases() map[int]Phase {
	out := map[int]Phase{}
	for _, st := range l.Stages {
		for _, x := range st.Steps {
			out[x.Line] = x.Phase
		}
	}
	return out
}
