package state

import (
	"bytes"
	"context"
	"encoding/json"
	"maps"

	"github.com/opencontainers/go-digest"

	"github.com/layerlab/layerlab/sim/cli"
	"github.com/layerlab/layerlab/sim/inspect"
	"github.com/layerlab/layerlab/sim/layer"
	"github.com/layerlab/layerlab/web/action"
)

// Images is the view of all images.
type Images struct {
	Tab      string // of the image that it tells of: "waste", "history", "inspect", "containers", "compare"
	Sides    Sides  // that were chosen to be put side by side
	Compared *Compared
	Image    string // its ID; that of the stack when ""
	Waste    map[string]*Waste
	Inspect  map[string]string // what `docker image inspect` says, by ID
}

// Waste is what an image wastes, or how far the search for it is.
type Waste struct {
	Report *inspect.Report // nil while it is searched
	Err    string
	layers []*layer.Layer
}

type (
	// FindWaste looks for dead bytes in an image's layers.
	FindWaste struct {
		ID     string
		Layers []*layer.Layer
	}
	// WasteFound is the end of it.
	WasteFound struct {
		ID     string
		Report *inspect.Report
		Err    string
	}
	// ReadInspect asks the engine what `docker image inspect` says.
	ReadInspect struct{ ID string }
	// Inspected is what it says.
	Inspected struct{ ID, Text string }
	// Copied is that a text is on the clipboard.
	Copied struct{ Said string }
)

func reduceImages(s *State, a action.Action) ([]Effect, bool) {
	v := &s.Images
	switch a := a.(type) {
	case action.ChooseImage:
		v.Image = a.ID
		if v.Tab == "compare" && s.World.Image(a.ID) != nil {
			v.Sides.B = a.ID
		}
		s.study()
	case action.ShowImageTab:
		v.Tab = a.Name
		s.study()
	case action.CopyInspect:
		if im := s.Studied(); im != nil {
			return []Effect{CopyText{s.InspectOf(im), "What docker image inspect says is on the clipboard"}}, true
		}
	case WasteFound:
		w := v.Waste[a.ID]
		if w == nil {
			break
		}
		v.Waste = maps.Clone(v.Waste)
		v.Waste[a.ID] = &Waste{Report: a.Report, Err: a.Err, layers: w.layers}
	case Copied:
		s.say(a.Said)
	case Inspected:
		v.Inspect = maps.Clone(v.Inspect)
		if v.Inspect == nil {
			v.Inspect = map[string]string{}
		}
		v.Inspect[a.ID] = a.Text
	default:
		return nil, false
	}
	return nil, true
}

// Studied is the image that the view of images tells of.
func (s *State) Studied() *Image {
	if im := s.image(s.Images.Image); im != nil {
		return im
	}
	return s.Shown()
}

// InspectOf is what `docker image inspect` says of an image; of one that is still
// being read, its config.
func (s *State) InspectOf(im *Image) string {
	if im.Source == nil {
		var b bytes.Buffer
		if json.Indent(&b, im.Config, "", "    ") != nil {
			return string(im.Config)
		}
		return b.String()
	}
	return s.Images.Inspect[im.ID]
}

// study asks for what the view of images needs and has not.
func (s *State) study() {
	v := &s.Images
	im := s.Studied()
	if s.Page.View != "images" || im == nil {
		return
	}
	if v.Tab == "compare" {
		s.compare()
	}
	if im.Source != nil {
		s.want(ReadInspect{im.ID})
	}
	var layers []*layer.Layer
	for _, l := range im.Layers {
		layers = append(layers, l.Layer)
	}
	if w := v.Waste[im.ID]; w != nil && sameLayers(w.layers, layers) {
		return
	}
	v.Waste = maps.Clone(v.Waste)
	if v.Waste == nil {
		v.Waste = map[string]*Waste{}
	}
	v.Waste[im.ID] = &Waste{layers: layers}
	s.want(FindWaste{im.ID, layers})
}

func sameLayers(a, b []*layer.Layer) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

// findWaste looks for dead bytes beside all else.
func (r *Runner) findWaste(e FindWaste) {
	// Files are not compared: that may read much, and compressed layers from their start.
	report, err := inspect.Waste(context.Background(), e.Layers, inspect.Options{Pause: r.b.Pause, Compare: -1})
	m := WasteFound{ID: e.ID, Report: report}
	if err != nil {
		m.Err = err.Error()
	}
	r.dispatch(m)
}

// readInspect asks the engine.
func (r *Runner) readInspect(e ReadInspect) {
	im := r.engine.Store().Get(digest.Digest(e.ID))
	if im == nil {
		return
	}
	text, err := cli.InspectImage(r.engine, im)
	if err != nil {
		text = err.Error()
	}
	r.dispatch(Inspected{e.ID, text})
}

// copyText puts a text on the clipboard.
func (r *Runner) copyText(e CopyText) {
	if err := r.b.WriteClipboard(context.Background(), e.Text); err != nil {
		r.dispatch(Failed{"Copying", "The browser did not allow it: " + err.Error()})
		return
	}
	r.dispatch(Copied{e.Said})
}
