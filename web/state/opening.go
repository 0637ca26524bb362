package state

import (
	"fmt"
	"slices"

	"github.com/opencontainers/go-digest"

	"github.com/layerlab/layerlab/sim/archive"
	"github.com/layerlab/layerlab/sim/layer"
	"github.com/layerlab/layerlab/web/action"
)

// Opening is the archives that are being read, that the engine refused, or that
// are none.
type Opening struct {
	Archives []*Archive
	next     int
}

// An Archive is a file that is being opened as an image archive.
type Archive struct {
	ID     int
	Name   string
	Size   int64
	Stage  Stage
	Done   int64    // stored bytes of layers that were read
	Total  int64    // of all
	Images []*Image // on screen while their layers are read
	Notes  []string
	Err    string // with Refused and NoImage: why
}

// Stage is how far the opening of an archive is.
type Stage int

// The stages.
const (
	Inflating Stage = iota // the file itself is compressed
	Finding                // its index is read
	Checking               // its layers are read and their digests checked
	Loading                // the engine takes it
	Refused                // the engine does not; it stays open to be looked at
	NoImage                // it is none
)

// A LayerPlace is one layer of one image of an archive, both from 0.
type LayerPlace struct{ Image, Layer int }

// LayerRead is how far one layer is, which may be in several images.
type LayerRead struct {
	At       []LayerPlace
	Layer    *layer.Layer // nil while it is not indexed
	Progress Progress
}

// Messages of the opening of archives.
type (
	// ArchiveInflating is how far the inflating of a compressed archive is.
	ArchiveInflating struct {
		ID   int
		Done int64
	}
	// ArchiveFound is the archive once its index is read.
	ArchiveFound struct {
		ID      int
		Archive *archive.Archive
	}
	// LayersRead is how far some layers are.
	LayersRead struct {
		ID     int
		Layers []LayerRead
		Done   int64 // stored bytes of all layers that were read
	}
	// ArchiveLoading is that all is read and the engine is to take it.
	ArchiveLoading struct{ ID int }
	// ArchiveEnded is the end. Without an Err the engine has the images now;
	// Open says that the archive stays to be looked at.
	ArchiveEnded struct {
		ID     int
		Title  string
		Err    string
		Open   bool
		Loaded map[string]string // ID while it was open -> ID in the engine
		Said   string
	}
)

// archive finds an archive by its ID.
func (o *Opening) archive(id int) *Archive {
	if i := slices.IndexFunc(o.Archives, func(a *Archive) bool { return a.ID == id }); i >= 0 {
		return o.Archives[i]
	}
	return nil
}

// image finds an image of an archive that is being read.
func (o *Opening) image(id string) *Image {
	for _, a := range o.Archives {
		for _, im := range a.Images {
			if im.ID == id {
				return im
			}
		}
	}
	return nil
}

// change replaces an archive by a changed copy, or takes it away when f is nil.
func (o *Opening) change(id int, f func(*Archive)) {
	var out []*Archive
	for _, a := range o.Archives {
		if a.ID == id {
			if f == nil {
				continue
			}
			next := *a
			f(&next)
			a = &next
		}
		out = append(out, a)
	}
	o.Archives = out
}

func reduceOpening(s *State, a action.Action) ([]Effect, bool) {
	o := &s.Opening
	switch a := a.(type) {
	case action.PickImage:
		return []Effect{PickArchive{}}, true
	case FilesGiven:
		if a.Zone == "context" {
			return []Effect{AddToContext{a.Files}}, true
		}
		var out []Effect
		for _, f := range a.Files {
			o.next++
			o.Archives = append(o.Archives[:len(o.Archives):len(o.Archives)], &Archive{ID: o.next, Name: f.Name(), Size: f.Size(), Stage: Finding})
			out = append(out, OpenArchive{o.next, f})
		}
		s.say("Opening " + a.Files[0].Name())
		return out, true
	case action.CancelOpening:
		o.change(a.ID, nil)
		s.letGo(nil)
		return []Effect{CancelArchive{a.ID}}, true
	case ArchiveInflating:
		o.change(a.ID, func(x *Archive) { x.Stage, x.Done, x.Total = Inflating, a.Done, x.Size })
	case ArchiveFound:
		s.foundArchive(a)
	case LayersRead:
		s.layersRead(a)
	case ArchiveLoading:
		o.change(a.ID, func(x *Archive) { x.Stage, x.Done = Loading, x.Total })
	case ArchiveEnded:
		s.endArchive(a)
	default:
		return nil, false
	}
	return nil, true
}

// foundArchive shows the images of an archive.
func (s *State) foundArchive(a ArchiveFound) {
	first := ""
	s.Opening.change(a.ID, func(x *Archive) {
		x.Stage, x.Notes, x.Done, x.Total = Checking, a.Archive.Notes, 0, 0
		for i, im := range a.Archive.Images {
			x.Images = append(x.Images, openedImage(fmt.Sprintf("opening:%d:%d", a.ID, i), im))
			for _, b := range im.Layers {
				x.Total += b.StoredSize
			}
		}
		if len(x.Images) > 0 {
			first = x.Images[0].ID
		}
	})
	if first == "" {
		return
	}
	s.Page.View = "build"
	if s.Page.Tab == "steps" || s.Page.Tab == "terminal" {
		s.Page.Tab = "layers"
	}
	s.Stack.show(first)
	s.Files.Mode = "merged"
	im := s.Opening.image(first)
	noun := "layers"
	if len(im.Layers) == 1 {
		noun = "layer"
	}
	s.say(fmt.Sprintf("%s: %d %s, being read and checked", im.Name(), len(im.Layers), noun))
	s.refreshFiles()
}

// openedImage is an image of an archive whose layers are not read yet.
func openedImage(id string, a archive.Image) *Image {
	im := &Image{ID: id, Names: a.Names, Platform: a.Platform, Notes: a.Notes, Config: a.Image.ConfigRaw}
	if a.Image.Config.Created != nil {
		im.Created = *a.Image.Config.Created
	}
	if want, got := a.Image.Manifest.Config.Digest, digest.FromBytes(a.Image.ConfigRaw); want != "" && !a.Made && want != got {
		im.Notes = append(im.Notes[:len(im.Notes):len(im.Notes)], (&archive.Mismatch{What: "config digest", Expected: want, Got: got}).Error())
	}
	chains := a.Image.ChainIDs()
	for i, b := range a.Layers {
		l := &Layer{Number: i + 1, DiffID: string(b.DiffID), Progress: &Progress{Total: b.StoredSize}}
		if i < len(chains) {
			l.ChainID = string(chains[i])
		}
		if b.Missing != "" && b.Stored == nil {
			l.Progress.State, l.Progress.Err = Broken, "it is not there: "+b.Missing
		}
		im.Content += b.StoredSize
		im.Layers = append(im.Layers, l)
	}
	for _, r := range a.Image.Rows() {
		im.Rows = append(im.Rows, Row{By: r.History.CreatedBy, Layer: r.Layer + 1, Note: r.Note})
		if l := im.Layer(r.Layer + 1); l != nil && l.By == "" {
			l.By = r.History.CreatedBy
		}
	}
	return im
}

// layersRead notes how far layers are.
func (s *State) layersRead(m LayersRead) {
	indexed := false
	s.Opening.change(m.ID, func(x *Archive) {
		x.Done = max(x.Done, m.Done)
		images := make([]*Image, len(x.Images))
		for i, im := range x.Images {
			next := *im
			next.Layers = slices.Clone(im.Layers)
			images[i] = &next
		}
		for _, r := range m.Layers {
			for _, at := range r.At {
				if im := images[at.Image]; im.take(at.Layer, r) && im.ID == s.shownImage() {
					indexed = true
				}
			}
		}
		x.Images = images
	})
	if indexed {
		s.refreshFiles()
	}
}

// take notes how far a layer is and reports whether it was indexed now.
func (im *Image) take(at int, r LayerRead) (indexed bool) {
	l := *im.Layers[at]
	g := r.Progress
	l.Progress = &g
	if r.Layer != nil && l.Layer != r.Layer {
		if l.Layer == nil {
			im.Size += r.Layer.DiskUsage()
		}
		indexed = true
		l.Layer, l.Size, l.Entries = r.Layer, r.Layer.DiskUsage(), r.Layer.Entries
	}
	im.Layers[at] = &l
	return indexed
}

// endArchive takes an archive away that the engine has now or that is no image,
// and keeps one to be looked at that the engine refused.
func (s *State) endArchive(m ArchiveEnded) {
	if s.Opening.archive(m.ID) == nil {
		return
	}
	if m.Open {
		s.Opening.change(m.ID, func(x *Archive) { x.Stage, x.Err = Refused, m.Err })
		s.say(m.Title + ": " + m.Err)
		return
	}
	if m.Err != "" && s.Page.View == "build" {
		s.Opening.change(m.ID, func(x *Archive) { x.Stage, x.Err, x.Images = NoImage, m.Err, nil })
		s.Page.Tab = "layers"
		s.letGo(nil)
		s.say(m.Title + ": " + m.Err)
		return
	}
	s.Opening.change(m.ID, nil)
	s.letGo(m.Loaded)
	if m.Err != "" {
		s.fail(m.Title, m.Err)
		return
	}
	s.say(m.Said)
}

// letGo shows another image if the one that was shown is gone: the one that the
// engine made of it.
func (s *State) letGo(loaded map[string]string) {
	if s.Stack.Image != "" && s.image(s.Stack.Image) == nil {
		was := s.Stack
		s.Stack.Image, s.Stack.Layer, s.Stack.Container = "", 0, ""
		if id := loaded[was.Image]; id != "" && s.image(id) != nil {
			s.Stack.Image, s.Stack.Layer = id, was.Layer
		}
	}
	s.refreshFiles()
}
