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
	"maps"
	"slices"
	"time"

	"github.com/opencontainers/go-digest"

	"github.com/layerlab/layerlab/sim/build"
	"github.com/layerlab/layerlab/sim/catalog"
	"github.com/layerlab/layerlab/sim/container"
	"github.com/layerlab/layerlab/sim/event"
	"github.com/layerlab/layerlab/sim/overlay"
	"github.com/layerlab/layerlab/sim/store"
)

// Options say how an engine starts.
type Options struct {
	Start time.Time                   // of the clock; zero: a fixed instant
	Seed  string                      // ids are drawn from it
	Pause func(context.Context) error // yields to the page in long work, or answers ctx.Err(); nil: never
	Bare  bool                        // start without busybox:1.36 from the catalogue

	// Models has the data files of the model images and packages; nil: there are
	// only those that need none, busybox and scratch.
	Models catalog.Source
}

// An Engine is a Docker daemon and the machine that it runs on.
type Engine struct {
	o          Options
	store      *store.Store
	containers []*container.Container // in the order of their creation
	cache      *build.Cache
	bases      map[digest.Digest][]digest.Digest // blobs and chain IDs of the images that builds in the cache began with; as builds
	builds     map[digest.Digest]BuildRecord     // of images built here; replaced, never changed in place
	decided    []build.Decision                  // of the last build; as builds
	host       *overlay.Mount
	now        time.Time
	drawn      uint64 // ids drawn from the seed
	created    int    // containers ever created
	pids       int
	outside    outside

	subs    map[int]func(event.Event)
	lastSub int
}

// Start is the instant at which an engine's clock starts unless told otherwise.
var Start = time.Date(2026, 1, 5, 9, 0, 0, 318264517, time.UTC)

// New is an engine with an empty project and, unless o.Bare, busybox:1.36.
func New(o Options) *Engine {
	if o.Start.IsZero() {
		o.Start = Start
	}
	e := &Engine{o: o, store: store.New(), cache: build.NewCache(), now: o.Start, pids: 1000, subs: map[int]func(event.Event){}}
	e.reach()
	e.host = overlay.New(nil, newHost(o.Start), e.hostOptions())
	if !o.Bare {
		// The catalogue is part of the program: that it cannot be read would be
		// a bug, and an engine without it is still an engine.
		_, _ = e.fromCatalog(context.Background(), "busybox:1.36")
	}
	return e
}

// Store is the images and layers, to be read only.
func (e *Engine) Store() *store.Store { return e.store }

// Containers are all containers, the newest first.
func (e *Engine) Containers() []*container.Container {
	out := slices.Clone(e.containers)
	slices.Reverse(out)
	return out
}

// Mount is a container's union mount: the image's layers, the init layer (see
// package container) and the writable layer. It is live until the next Restore.
func (e *Engine) Mount(name string) (*overlay.Mount, error) {
	c, err := e.Container(name)
	if err != nil {
		return nil, err
	}
	return c.Mount(), nil
}

// Subscribe has f told every event from now on, in order, until cancel is called.
func (e *Engine) Subscribe(f func(event.Event)) (cancel func()) {
	e.lastSub++
	id := e.lastSub
	e.subs[id] = f
	return func() { delete(e.subs, id) }
}

// Tell tells the subscribers an event.
func (e *Engine) Tell(ev event.Event) {
	for i := 1; i <= e.lastSub; i++ {
		if f := e.subs[i]; f != nil {
			f(ev)
		}
	}
}

func (e *Engine) pause(ctx context.Context) error {
	if e.o.Pause != nil {
		return e.o.Pause(ctx)
	}
	return ctx.Err()
}

// A BuildRecord says which build made an image.
type BuildRecord struct {
	Ref string // 25 characters, as BuildKit names builds
	At  time.Time
}

// Built is the build that made an image, if one here did.
func (e *Engine) Built(id digest.Digest) (BuildRecord, bool) {
	r, ok := e.builds[id]
	return r, ok
}

func (e *Engine) recordBuild(id digest.Digest) {
	e.builds = maps.Clone(e.builds)
	if e.builds == nil {
		e.builds = map[digest.Digest]BuildRecord{}
	}
	e.builds[id] = BuildRecord{e.newRef(), e.now}
}
