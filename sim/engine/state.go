package engine

import (
	"time"

	"github.com/opencontainers/go-digest"

	"github.com/layerlab/layerlab/sim/build"
	"github.com/layerlab/layerlab/sim/container"
	"github.com/layerlab/layerlab/sim/overlay"
	"github.com/layerlab/layerlab/sim/store"
)

// A State is everything the engine has at one moment: store, containers, build
// cache, the learner's machine, clock and ids. It is immutable. The zero State
// is none.
type State struct{ s *state }

type state struct {
	store      *store.Store
	containers []*container.Container
	cache      *build.Cache
	bases      map[digest.Digest][]digest.Digest
	builds     map[digest.Digest]BuildRecord
	decided    []build.Decision
	host       *overlay.Mount
	now        time.Time
	drawn      uint64
	created    int
	pids       int
}

// IsZero reports whether s is no state at all.
func (s State) IsZero() bool { return s.s == nil }

// Now is the engine's time in that state.
func (s State) Now() time.Time {
	if s.s == nil {
		return time.Time{}
	}
	return s.s.now
}

// Snapshot is everything as it is now. It costs the same however much there is,
// but for a copy of the list of containers.
func (e *Engine) Snapshot() State {
	s := &state{
		store: e.store.Snapshot(), cache: e.cache.Snapshot(), host: e.host.Snapshot(e.hostOptions()),
		bases: e.bases, builds: e.builds, decided: e.decided, now: e.now, drawn: e.drawn, created: e.created, pids: e.pids,
	}
	for _, c := range e.containers {
		s.containers = append(s.containers, c.Copy())
	}
	return State{s}
}

// Restore goes back (or forward) to a state that Snapshot gave. What Store,
// Host, Mount and Container gave before is of the past from now on.
func (e *Engine) Restore(s State) {
	if s.s == nil {
		return
	}
	e.store, e.cache = s.s.store.Snapshot(), s.s.cache.Snapshot()
	e.host = s.s.host.Snapshot(e.hostOptions())
	e.bases, e.builds, e.decided = s.s.bases, s.s.builds, s.s.decided
	e.now, e.drawn, e.created, e.pids = s.s.now, s.s.drawn, s.s.created, s.s.pids
	e.containers = nil
	for _, c := range s.s.containers {
		c = c.Copy()
		c.Attach(e.Now, e.Tell)
		e.containers = append(e.containers, c)
	}
}
