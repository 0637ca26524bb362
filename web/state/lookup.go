package state

import (
	"time"

	"github.com/layerlab/layerlab/sim/overlay"
)

type (
	// PlayStep waits until the next step of a look-up is to be shown.
	PlayStep struct{ N int }
	// LookupPlayed is the end of it.
	LookupPlayed struct{ N int }
)

// lookupPace is how long one step of a look-up stands before the next one.
const lookupPace = 700 * time.Millisecond

// A LookupStep is what one layer answers when a process asks for a path.
type LookupStep struct {
	Layer   int // from 0
	Version overlay.Version
	End     bool // the search is over
}

// Lookup is the search for the selected path, topmost layer first, as far as it
// goes.
func (f *Files) Lookup() []LookupStep {
	var out []LookupStep
	dir := false
	for _, v := range f.Versions {
		st := LookupStep{Layer: v.Layer, Version: v}
		switch {
		case v.State == overlay.Marker:
			st.End = true
		case v.State == overlay.Hidden:
			// A directory above it ended the search, in the layer that hides this.
			for len(out) > 1 && out[len(out)-1].Layer < v.By {
				out = out[:len(out)-1]
			}
			if len(out) > 0 {
				out[len(out)-1].End = true
			}
			return out
		case v.Node != nil && v.Node.IsDir():
			dir = true
			st.End = v.Node.Opaque
		case v.State == overlay.Wins:
			st.End = true
		}
		out = append(out, st)
		if st.End {
			return out
		}
	}
	if n := len(out); n > 0 && !dir {
		out[n-1].End = true
	}
	return out
}

func (s *State) playLookup() {
	f := &s.Files
	f.plays++
	if f.Played > 0 {
		f.Played = 0
		return
	}
	if len(f.Lookup()) == 0 {
		return
	}
	f.Played = 1
	s.want(PlayStep{f.plays})
}

// playOn shows the next step.
func (s *State) playOn() {
	f := &s.Files
	if f.Played < len(f.Lookup()) {
		f.Played++
		s.want(PlayStep{f.plays})
	}
}

// playStep waits for the next step of a look-up. Who wants less motion gets one
// after the other without waiting.
func (r *Runner) playStep(e PlayStep) {
	wait := lookupPace
	if r.b.ReducedMotion() {
		wait = time.Millisecond
	}
	r.b.After(wait, func() { r.dispatch(LookupPlayed(e)) })
}
