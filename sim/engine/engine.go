// Package engine is the daemon: it owns the images, the containers, the build
// cache, the learner's machine, the clock and the ids, and is the only one that
// changes them.
//
// Everything here is reproducible. The clock stands still unless a command or a
// build step moves it, ids are drawn from a seed, and nothing is read from the
// real machine; so the same commands give the same screen, everywhere. A
// [State] is all of it at one moment: taking one costs microseconds, because
// trees share what they have in common, and going back to one costs the same.
//
// The learner's machine ("the host") is a file tree too: the home directory
// /home/learner, the project in /home/learner/project, and in /mnt the files
// that were given from the outside.
//
// An Engine is not safe for concurrent use: one command at a time.
package engine

import (
	"context"
	"time"

	"github.com/opencontainers/go-digest"

	"github.com/layerlab/layerlab/sim/archive"
	"github.com/layerlab/layerlab/sim/build"
	"github.com/layerlab/layerlab/sim/container"
	"github.com/layerlab/layerlab/sim/content"
	"github.com/layerlab/layerlab/sim/event"
	"github.com/layerlab/layerlab/sim/layer"
	"github.com/layerlab/layerlab/sim/overlay"
	"github.com/layerlab/layerlab/sim/store"
)

// Places of the learner's machine.
const (
	Home    = "/home/learner"
	Project = "/home/learner/project" // where the terminal starts and the build context lies
	Given   = "/mnt"                  // files from the outside
)

// Options say how an engine starts.
type Options struct {
	Start time.Time                   // of the clock; zero: a fixed instant
	Seed  string                      // ids are drawn from it
	Pause func(context.Context) error // yields to the page in long work, or answers ctx.Err(); nil: never
	Bare  bool                        // start without busybox:1.36 from the catalogue
}

// LoadOptions say how an archive is loaded.
type LoadOptions struct {
	// Layers are layers that were already indexed (by workers), by the DiffID
	// that was computed from their bytes. Those not in it are indexed here, one
	// after another.
	Layers map[digest.Digest]*layer.Layer
	// Progress is told the bytes of layers passed, of all that are to be read.
	Progress func(done, total int64)
}

// Loaded is an image that Load put into the store.
type Loaded struct {
	ID    digest.Digest
	Names []string // familiar: "app:1"; none for an unnamed image
}

// New is an engine with an empty project and, unless o.Bare, busybox:1.36.
func New(o Options) *Engine { panic("stub") }

// Store is the images and layers, to be read only.
func (e *Engine) Store() *store.Store { panic("stub") }

// Containers are all containers, the newest first.
func (e *Engine) Containers() []*container.Container { panic("stub") }

// Container finds a container by name, full ID or unique ID prefix.
func (e *Engine) Container(name string) (*container.Container, error) { panic("stub") }

// Mount is a container's union mount. It is live until the next Restore.
func (e *Engine) Mount(name string) (*overlay.Mount, error) { panic("stub") }

// Host is the learner's machine. It is live until the next Restore.
func (e *Engine) Host() *overlay.Mount { panic("stub") }

// ReadFile is a file of the learner's machine, by absolute path.
func (e *Engine) ReadFile(name string) ([]byte, error) { panic("stub") }

// WriteFile writes a file of the learner's machine, with its directories.
func (e *Engine) WriteFile(name string, b []byte, perm uint32) error { panic("stub") }

// Give puts a file from the outside into /mnt, without reading it.
func (e *Engine) Give(name string, body content.Body) { panic("stub") }

// Subscribe has f told every event from now on, in order, until cancel is called.
func (e *Engine) Subscribe(f func(event.Event)) (cancel func()) { panic("stub") }

// Snapshot is everything as it is now.
func (e *Engine) Snapshot() State { panic("stub") }

// Restore goes back (or forward) to a state that Snapshot gave.
func (e *Engine) Restore(s State) { panic("stub") }

// Load puts the images of an opened archive into the store. Every layer is read
// and its DiffID checked before anything is stored; if one image fails, nothing
// of the archive is kept.
func (e *Engine) Load(ctx context.Context, a *archive.Archive, o LoadOptions) ([]Loaded, error) {
	panic("stub")
}

// Build builds an image from the context directory dir on the learner's machine,
// stores and names it. What happens is told to progress (may be nil) and, as
// package event's values, to the subscribers.
func (e *Engine) Build(ctx context.Context, dir string, o build.Options, progress func(build.Event)) (*build.Result, error) {
	panic("stub")
}
