package state

import (
	"slices"

	"github.com/opencontainers/go-digest"

	"github.com/layerlab/layerlab/sim/build"
	"github.com/layerlab/layerlab/sim/event"
	"github.com/layerlab/layerlab/sim/store"
	"github.com/layerlab/layerlab/web/action"
)

// A Build is an image that was built here. Its name may be another image's by
// now, and the store may have dropped it.
type Build struct {
	Number int // from 1, in the order in which they were made
	ID     string
	Name   string // as it was built, "" for none
}

// Sides is which two images are put side by side, by ID.
type Sides struct{ A, B string }

type (
	// CompareBuilds asks which layers two images share and where they part.
	CompareBuilds struct{ Sides Sides }
	// Compared is the answer.
	Compared struct {
		Sides      Sides
		Comparison *build.Comparison
	}
)

func reduceCompare(s *State, a action.Action) ([]Effect, bool) {
	v := &s.Images
	switch a := a.(type) {
	case action.CompareWith:
		v.Sides = s.Sides()
		if a.Later {
			v.Sides.B = a.ID
		} else {
			v.Sides.A = a.ID
		}
		s.study()
	case action.ShowCompare:
		s.Page.View, v.Tab, v.Sides = "images", "compare", Sides{}
		s.study()
	case Compared:
		if a.Sides == s.Sides() {
			v.Compared = &a
		}
	default:
		return nil, false
	}
	return nil, true
}

// Sides is the two images that are put side by side: those that were chosen, or
// else the last two builds.
func (s *State) Sides() Sides {
	known := func(id string) bool {
		return s.World.Image(id) != nil || slices.ContainsFunc(s.World.Builds, func(b Build) bool { return b.ID == id })
	}
	v := s.Images.Sides
	if !known(v.B) {
		v.B = s.before("")
	}
	if !known(v.A) {
		v.A = s.before(v.B)
	}
	return v
}

// before is the newest build but one, or else image.
func (s *State) before(but string) string {
	list := s.World.Builds
	for i := len(list) - 1; i >= 0; i-- {
		if list[i].ID == but {
			list = list[:i]
		}
	}
	for i := len(list) - 1; i >= 0; i-- {
		if list[i].ID != but {
			return list[i].ID
		}
	}
	for _, im := range s.World.Images {
		if im.ID != but {
			return im.ID
		}
	}
	return but
}

// compare asks for the comparison that is shown, if it is.
func (s *State) compare() {
	if v := s.Sides(); v.A != "" && v.B != "" {
		s.want(CompareBuilds{v})
	}
}

// made is an image that was built, held although the store may drop it.
type made struct {
	Build
	at    int // entries of the journal before its command
	image *store.Image
}

// maxBuilds is how many builds are held.
const maxBuilds = 50

// followBuilds notes each image that was built, once the store has it.
func (r *Runner) followBuilds(ev event.Event) {
	if b, ok := ev.(event.BuildEnded); ok {
		r.keepBuild()
		r.builtNow = nil
		if b.ID != "" {
			r.builtNow = &Build{ID: b.ID}
			if len(b.Names) > 0 {
				r.builtNow.Name = b.Names[0]
			}
		}
		return
	}
	r.keepBuild()
}

// keepBuild takes the image of the last build from the store.
func (r *Runner) keepBuild() {
	if r.builtNow == nil {
		return
	}
	im := r.engine.Store().Get(digest.Digest(r.builtNow.ID))
	if im == nil {
		return
	}
	at := r.session.At()
	r.builds = slices.DeleteFunc(r.builds, func(m made) bool { return m.at > at })
	m := made{*r.builtNow, at, im}
	r.builtNow = nil
	if n := len(r.builds); n > 0 {
		last := r.builds[n-1]
		if last.ID == m.ID && last.Name == m.Name {
			return // the same again
		}
		m.Number = last.Number
	}
	m.Number++
	r.builds = append(r.builds, m)
	if len(r.builds) > maxBuilds {
		r.builds = r.builds[1:]
	}
}

// pastBuilds is the builds up to the present moment.
func (r *Runner) pastBuilds() []Build {
	r.keepBuild()
	var out []Build
	for _, m := range r.builds {
		if m.at < r.session.At() {
			out = append(out, m.Build)
		}
	}
	return out
}

// compareBuilds asks the engine.
func (r *Runner) compareBuilds(e CompareBuilds) {
	a, b := r.sideOf(e.Sides.A), r.sideOf(e.Sides.B)
	if a == nil || b == nil {
		return
	}
	r.dispatch(Compared{e.Sides, r.engine.Compare(*a, *b)})
}

func (r *Runner) sideOf(id string) *build.Side {
	im := r.engine.Store().Get(digest.Digest(id))
	for _, m := range r.builds {
		if im == nil && m.ID == id {
			im = m.image
		}
	}
	if im == nil {
		return nil
	}
	return &build.Side{Image: im.Image, Layers: im.Layers}
}
