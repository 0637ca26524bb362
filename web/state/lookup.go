package state

import (
	"errors"
	"path"
	"strings"
	"syscall"
	"time"

	"github.com/layerlab/layerlab/sim/overlay"
	"github.com/layerlab/layerlab/web/action"
)

type (
	// PlayStep waits until the next step of a look-up is to be shown.
	PlayStep struct{ N int }
	// LookupPlayed is the end of it. Still says that the person wants no motion.
	LookupPlayed struct {
		N     int
		Still bool
	}
)

// lookupPace is how long one step of a look-up stands before the next one.
const lookupPace = 650 * time.Millisecond

// A Way is how one path is looked up, step by step, and the step that is shown.
type Way struct {
	Path    string // as a program would be given it
	Names   []Name // that were looked up, in order
	Steps   []Step // of all names, in order, with the end as the last one
	At      int    // the step that is shown
	Playing bool
	Err     syscall.Errno // what the call fails with, 0 for nothing
	Layer   int           // with no error: the topmost layer that has it, of the mount; -1 for the root itself
	IsDir   bool          // with no error: it is a directory
}

// A Name is one component of a path that was looked up in a directory.
type Name struct {
	Path    string
	Asked   []overlay.LookupStep
	Passed  []int  // layers of the mount that were not asked: they add nothing to the directory
	Below   []int  // layers below the one with which the search ended
	Missing bool   // no layer has it
	Target  string // of a symbolic link that was followed then, "" for none
}

// A Step is one answer of one layer; a symbolic link that is followed; or the end.
type Step struct {
	Name   int // index in Names, -1 for the end
	Answer int // index in the name's Asked; -1 for following its link, or the end
}

// reduceLookup follows what the person does to a look-up.
func reduceLookup(s *State, a action.Action) bool {
	f := &s.Files
	switch a := a.(type) {
	case action.LookUp:
		s.lookUp(a.Path)
	case action.TypeLookup:
		f.Asked = a.Text
	case action.StepLookup:
		if f.Way != nil {
			s.stepTo(f.Way.At + a.By)
		}
	case action.GoToLookup:
		s.stepTo(a.Step)
	case action.PlayLookup:
		s.playLookup()
	case action.CloseLookup:
		s.closeLookup()
	case LookupPlayed:
		s.playOn(a)
	default:
		return false
	}
	return true
}

// lookUp looks a path up and plays how.
func (s *State) lookUp(p string) {
	f := &s.Files
	if p = strings.TrimSpace(p); p == "" {
		p = f.Selected
	}
	if p == "" {
		p = "/"
	}
	if p[0] != '/' {
		p = "/" + p
	}
	if f.Source == nil {
		return
	}
	f.Contents = nil
	f.Asked, f.Way = p, newWay(f.Source.mount, p)
	f.Way.Playing = true
	f.plays++
	s.want(PlayStep{f.plays})
}

// lookAgain is called when what is looked at changed: the look-up that is open is
// done again and stands at its end.
func (s *State) lookAgain() {
	f := &s.Files
	if f.Way == nil || f.Source == nil {
		f.Way = nil
		return
	}
	f.plays++
	f.Way = newWay(f.Source.mount, f.Way.Path)
	f.Way.At = len(f.Way.Steps) - 1
}

func (s *State) closeLookup() {
	s.Files.plays++
	s.Files.Way = nil
}

// change gives the look-up a copy that can be written to: states share it.
func (f *Files) change() *Way {
	w := *f.Way
	f.Way = &w
	return &w
}

// stepTo shows one step and holds there.
func (s *State) stepTo(step int) {
	f := &s.Files
	if f.Way == nil {
		return
	}
	f.plays++
	w := f.change()
	w.At, w.Playing = min(max(step, 0), len(w.Steps)-1), false
}

func (s *State) playLookup() {
	f := &s.Files
	if f.Way == nil {
		return
	}
	w := f.change()
	f.plays++
	if w.Playing = !w.Playing; !w.Playing {
		return
	}
	if w.At == len(w.Steps)-1 {
		w.At = 0
	}
	s.want(PlayStep{f.plays})
}

// playOn shows the next step, or the last one to those who want no motion.
func (s *State) playOn(a LookupPlayed) {
	f := &s.Files
	if a.N != f.plays || f.Way == nil || !f.Way.Playing {
		return
	}
	w := f.change()
	w.At++
	if a.Still || w.At >= len(w.Steps)-1 {
		w.At, w.Playing = len(w.Steps)-1, false
		return
	}
	s.want(PlayStep{f.plays})
}

// newWay asks the engine how it finds a path, and puts its answers in order.
func newWay(m *overlay.Mount, p string) *Way {
	events, err := m.Root().Explain(p, true)
	w := &Way{Path: p, Layer: -1, IsDir: true}
	top := len(m.Lowers())
	if m.Upper() == nil {
		top--
	}
	for _, e := range events {
		switch e := e.(type) {
		case overlay.Lookup:
			w.name(e, top)
		case overlay.Followed:
			last := len(w.Names) - 1
			w.Names[last].Target = e.Target
			w.Steps = append(w.Steps, Step{last, -1})
		}
	}
	w.Steps = append(w.Steps, Step{-1, -1})
	if err != nil {
		w.Err = syscall.EIO
		errors.As(err, &w.Err)
	}
	return w
}

// name takes the look-up of one name in.
func (w *Way) name(e overlay.Lookup, top int) {
	n := Name{Path: e.Path, Asked: e.Steps, Missing: true}
	asked, adds := map[int]bool{}, w.adds(path.Dir(e.Path))
	for i, st := range e.Steps {
		asked[st.Layer] = true
		w.Steps = append(w.Steps, Step{len(w.Names), i})
		if st.Found != overlay.NotFound && st.Found != overlay.WhiteoutMark && n.Missing {
			n.Missing = false
			w.Layer, w.IsDir = st.Layer, st.Found != overlay.OtherFile
		}
	}
	for l := top; l >= 0; l-- {
		switch {
		case asked[l]:
		case adds == nil || adds[l]:
			n.Below = append(n.Below, l)
		default:
			n.Passed = append(n.Passed, l)
		}
	}
	w.Names = append(w.Names, n)
}

// adds is the layers that add to a directory that was looked up before; nil for
// the root, to which all do.
func (w *Way) adds(dir string) map[int]bool {
	if dir == "/" {
		return nil
	}
	adds := map[int]bool{}
	for i := len(w.Names) - 1; i >= 0; i-- {
		if w.Names[i].Path != dir {
			continue
		}
		for _, a := range w.Names[i].Asked {
			if a.Found == overlay.PlainDirectory || a.Found == overlay.OpaqueDirectory {
				adds[a.Layer] = true
			}
		}
		break
	}
	return adds
}

// playStep waits for the next step of a look-up.
func (r *Runner) playStep(e PlayStep) {
	if r.b.ReducedMotion() {
		r.b.After(time.Millisecond, func() { r.dispatch(LookupPlayed{N: e.N, Still: true}) })
		return
	}
	r.b.After(lookupPace, func() { r.dispatch(LookupPlayed{N: e.N}) })
}
