package state

import (
	"time"

	"github.com/layerlab/layerlab/sim/container"
	"github.com/layerlab/layerlab/sim/layer"
	"github.com/layerlab/layerlab/sim/overlay"
	"github.com/layerlab/layerlab/sim/store"
	"github.com/layerlab/layerlab/sim/tree"
)

// A World is what the engine has at one moment, as the page needs it. It is
// never changed after it is made; trees in it are snapshots.
type World struct {
	Images     []*Image     // newest first
	Containers []*Container // newest first
	Project    []ProjectFile
	Builds     []Build   // that were made here, oldest first
	Now        time.Time // on the engine's clock, which is also the date of the package repositories
	Once       int64     // bytes on disk, each layer counted once
	Sum        int64     // bytes when the sizes of `docker images` are added up
}

// An Image is an image with its layers and history.
type Image struct {
	ID       string   // sha256:… of the manifest or index that it is known by; "opening:…" while its archive is read
	Names    []string // "app:1"
	Platform string
	Created  time.Time
	Layers   []*Layer // from the lowest
	Rows     []Row    // of the history, from the oldest
	Size     int64    // bytes on disk
	Content  int64    // bytes of its blobs
	Unique   int64    // of Size, what no other image has
	Notes    []string
	Source   *store.Image // nil while its archive is read
	Config   []byte       // as JSON, while its archive is read
}

// Name is the image's first name, or its short ID.
func (im *Image) Name() string {
	if len(im.Names) > 0 {
		return im.Names[0]
	}
	return Short(im.ID)
}

// A Layer is one layer of one image.
type Layer struct {
	Number   int // from 1, the lowest
	DiffID   string
	ChainID  string
	By       string // the instruction that made it, without the shell's prefix
	Size     int64  // bytes on disk
	Entries  int    // of its tar
	Shared   []string
	Layer    *layer.Layer // nil while it is not indexed
	Progress *Progress    // nil when all is known
}

// Progress is how far the reading of a layer is.
type Progress struct {
	Done, Total int64
	State       LayerState
	What        string // with Mismatch: "blob digest" or "DiffID"
	Expected    string // with Mismatch
	Got         string
	Err         string // with Broken
}

// LayerState is how far a layer of an archive is.
type LayerState int

// The states of a layer of an archive.
const (
	Waiting LayerState = iota
	Reading
	Verified
	Mismatch
	Broken
)

// A Row is one row of an image's history.
type Row struct {
	By    string // the instruction, as `docker history` shows it
	Layer int    // the layer's number, 0 for a row that changes the configuration only
	Note  string
}

// A Container is a container with its thin layer.
type Container struct {
	ID      string
	Name    string
	Image   string // as named when it was made
	ImageID string
	Status  string // "running", "exited", …
	Exit    int
	Size    int64 // of its thin layer on disk
	Changes []overlay.Change
	Written []overlay.Change // of Changes, without the directories that only lead to others
	Mount   *overlay.Mount   // a snapshot
	Upper   *tree.Tree       // its upper directory, without what lies under mounts; a snapshot
	Ledger  *Ledger          // what its writes cost; nil when nothing is known
	Command string
	held    *container.Container // a copy, to make its layer's tar of
	state   container.Revision   // what Size, Changes, Written and Upper are of
}

// A ProjectFile is one file or directory of the project.
type ProjectFile struct {
	Path string // relative to the project
	Size int64
	Mode uint32 // permission bits
	Dir  bool
	Link string
}

// Image finds an image by its ID, nil if there is none.
func (w *World) Image(id string) *Image {
	for _, im := range w.Images {
		if im.ID == id {
			return im
		}
	}
	return nil
}

// Container finds a container by its ID, nil if there is none.
func (w *World) Container(id string) *Container {
	for _, c := range w.Containers {
		if c.ID == id {
			return c
		}
	}
	return nil
}

// On is the containers of an image, the oldest first.
func (w *World) On(imageID string) []*Container {
	var out []*Container
	for i := len(w.Containers) - 1; i >= 0; i-- {
		if c := w.Containers[i]; c.ImageID == imageID {
			out = append(out, c)
		}
	}
	return out
}

// Layer is the layer with the given number, nil if there is none.
func (im *Image) Layer(number int) *Layer {
	if im == nil || number < 1 || number > len(im.Layers) {
		return nil
	}
	return im.Layers[number-1]
}

// Short is the first 12 digits of a digest or ID, as Docker shows them.
func Short(id string) string {
	for i := range len(id) {
		if id[i] == ':' {
			id = id[i+1:]
			break
		}
	}
	if len(id) > 12 {
		id = id[:12]
	}
	return id
}
