// Package inspect answers questions about images: what is wasted, which versions
// of a path are still in some layer, and what is in them.
//
// Every entry of a layer that carries bytes is either live, when the merged view
// shows it, or dead. Dead bytes were overwritten, whited out, hidden by an opaque
// directory, lost with a parent that a later layer replaced, or written twice in
// one tar. They are still stored and still sent.
package inspect

import (
	"context"
	"io"

	"github.com/layerlab/layerlab/sim/content"
	"github.com/layerlab/layerlab/sim/image"
	"github.com/layerlab/layerlab/sim/layer"
	"github.com/layerlab/layerlab/sim/tree"
)

// A Cause says what made an entry dead.
type Cause int

// The causes, in the order in which they are told.
const (
	Live           Cause = iota
	Overwritten          // a later layer has the same path
	WhitedOut            // a later layer removed the path or a parent of it
	OpaqueDir            // a later layer made a parent anew
	ParentReplaced       // a later layer has a file where a parent was
	Duplicate            // the same tar has the path again
)

// A Dead is an entry that the merged view does not show.
type Dead struct {
	Path   string // "/a/b"
	Layer  int    // that has it, 0 the lowest
	Bytes  int64
	Cause  Cause
	By     int  // the layer that hides it
	CopyUp bool // overwritten by a file of the same bytes: only metadata changed
}

// A Sum is what one layer holds and what became of it.
type Sum struct {
	Layer  int
	Bytes  int64           // file bytes in the layer
	Dead   int64           // of them
	Causes map[Cause]int64 // Dead by cause
	Killed int64           // bytes of lower layers that this layer hides
}

// A Report is the waste of an image.
type Report struct {
	Dead   []Dead // largest first
	Layers []Sum
	Bytes  int64 // in all layers
	Wasted int64 // of them
}

// Efficiency is the share of bytes that the merged view shows, 1 for no bytes.
func (r *Report) Efficiency() float64 { panic("stub") }

// Options says how long work behaves.
type Options struct {
	Pause func(context.Context) error // called every few milliseconds of work
}

// Waste finds the dead bytes of the layers of an image, lowest layer first.
func Waste(ctx context.Context, layers []*layer.Layer, o Options) (*Report, error) { panic("stub") }

// A Version is what one layer has at a path.
type Version struct {
	Layer int
	Node  *tree.Inode
	Cause Cause // Live for what the merged view shows
	By    int   // the layer that hides it, -1 when live
}

// Versions is what each layer has at a path, topmost first, whiteouts included.
func Versions(layers []*layer.Layer, p string) []Version { panic("stub") }

// Sniff says whether bytes from the start of a file look like text.
func Sniff(head []byte) (text bool) { panic("stub") }

// Hex writes n bytes of b from off as hexdump -C does.
func Hex(w io.Writer, b content.Body, off int64, n int) error { panic("stub") }

// WriteTree writes the merged file tree, one path a line: `lab tree`.
func WriteTree(ctx context.Context, w io.Writer, layers []*layer.Layer, o Options) error {
	panic("stub")
}

// WriteLayers writes each layer's DiffID, size and entries: `lab layers`.
func WriteLayers(ctx context.Context, w io.Writer, layers []*layer.Layer, o Options) error {
	panic("stub")
}

// WriteIDs writes an image's digests: `lab ids`.
func WriteIDs(w io.Writer, im *image.Image) error { panic("stub") }
