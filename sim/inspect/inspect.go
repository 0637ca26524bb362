// Package inspect answers questions about images: what is wasted, which versions
// of a path are still in some layer, and what is in them.
//
// Every entry of a layer that carries bytes is either live, when the merged view
// shows it, or dead. Dead bytes were overwritten, whited out, hidden by an opaque
// directory, lost with a parent that a later layer replaced, or written twice in
// one tar. They are still stored and still sent. Each dead entry is laid at the
// door of the first layer above it that took it from view; later layers cannot
// kill what is dead.
package inspect

import (
	"context"

	"github.com/layerlab/layerlab/sim/layer"
)

// A Cause says what made an entry dead.
type Cause int

// The causes, in the order in which they are told.
const (
	Live           Cause = iota // the merged view shows it
	Overwritten                 // a later layer has the same path
	WhitedOut                   // a later layer removed the path or a parent of it
	OpaqueDir                   // a later layer made a parent anew
	ParentReplaced              // a later layer has a file where a parent was
	Duplicate                   // the same tar has the path again
)

// String is the cause in words.
func (c Cause) String() string {
	switch c {
	case Live:
		return "live"
	case Overwritten:
		return "overwritten"
	case WhitedOut:
		return "whiteout"
	case OpaqueDir:
		return "opaque directory"
	case ParentReplaced:
		return "parent replaced"
	case Duplicate:
		return "twice in one layer"
	}
	return "unknown"
}

// Options says how long work behaves.
type Options struct {
	Pause func(context.Context) error // called every few milliseconds of work
	// Compare is how many bytes Waste may read to find out which overwritten
	// files are byte for byte what overwrote them. 0 is 64 MiB, a negative
	// number reads nothing.
	Compare int64
	// MaxHash is the size of a file above which WriteTree and WriteLayers write
	// "?" for its digest: a sparse file may claim any size. 0 is 4 GiB.
	MaxHash int64
}

func (o Options) maxHash() int64 {
	if o.MaxHash == 0 {
		return 4 << 30
	}
	return o.MaxHash
}

// A ticker calls Pause now and then.
type ticker struct {
	ctx   context.Context
	pause func(context.Context) error
	work  int
}

// tickEvery is the units of work between two pauses: one for each name, one for
// each 64 bytes that are hashed. It is some 5 ms in WebAssembly.
const tickEvery = 4096

func newTicker(ctx context.Context, o Options) *ticker {
	return &ticker{ctx: ctx, pause: o.Pause}
}

func (t *ticker) tick(n int) error {
	if t.work += n; t.work < tickEvery {
		return nil
	}
	t.work = 0
	if t.pause != nil {
		return t.pause(t.ctx)
	}
	return t.ctx.Err()
}

// known is layers with an empty layer in place of each that was not read.
func known(layers []*layer.Layer) []*layer.Layer {
	for i, l := range layers {
		if l == nil {
			layers = append([]*layer.Layer(nil), layers...)
			layers[i] = layer.Empty()
		}
	}
	return layers
}
