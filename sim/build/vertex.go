package build

import (
	"context"
	"strings"
	"sync"
	"time"

	"github.com/moby/buildkit/frontend/dockerfile/linter"

	"github.com/layerlab/layerlab/sim/dockerfile"
)

// run is one build on its way.
type run struct {
	b       *Builder
	o       Options
	ctx     context.Context
	sink    func(Event)
	file    *dockerfile.File
	lint    *linter.Linter    // of the instruction that is being looked at, nil for the file's
	args    map[string]string // build arguments that have a value
	globals env
	epoch   *time.Time
	stages  []*stage
	byName  map[string]*stage
	target  *stage
	source  *contextSource
	order   map[*stage]int // of those that are built
	seq     int
	nodes   map[string]*node // by id
	ids     int
	out     []Decision

	ownIgnore []byte  // <Dockerfile>.dockerignore, nil if there is none
	checking  bool    // only the plan is wanted
	dry       bool    // only a preview is wanted
	refused   error   // what makes the graph as a whole unacceptable
	held      []Event // events kept back until the first vertex is done
	hold      bool

	telling sync.Mutex // the commands of a pipe tell events at the same time
}

// emit tells an event.
func (r *run) emit(e Event) {
	r.telling.Lock()
	defer r.telling.Unlock()
	if r.hold {
		r.held = append(r.held, e)
		return
	}
	if r.sink != nil {
		r.sink(e)
	}
}

// flush tells what was kept back.
func (r *run) flush() {
	r.telling.Lock()
	held := r.held
	r.hold, r.held = false, nil
	r.telling.Unlock()
	for _, e := range held {
		r.emit(e)
	}
}

// A vertex is one unit of work that the progress shows.
type vertex struct {
	r     *run
	id    int
	name  string
	line  int
	start time.Time
}

// begin starts a vertex.
func (r *run) begin(name string, line, end int) *vertex {
	r.ids++
	v := &vertex{r, r.ids, name, line, r.b.Now()}
	r.emit(VertexStarted{ID: v.id, Name: name, Line: line, EndLine: end, At: v.start})
	return v
}

// status tells a piece of work of the vertex, done.
func (v *vertex) status(text string, took time.Duration) {
	v.r.emit(VertexStatus{ID: v.id, Text: text, Took: took, Done: true})
}

// done ends the vertex, well or with err.
func (v *vertex) done(err error) time.Duration {
	took := v.r.b.Now().Sub(v.start)
	e := VertexDone{ID: v.id, Name: v.name, Took: took}
	if err != nil {
		e.Err = err.Error()
	}
	v.r.emit(e)
	return took
}

// cached ends a vertex whose result was reused.
func (v *vertex) cached() { v.r.emit(VertexDone{ID: v.id, Name: v.name, Cached: true}) }

// canceled ends a vertex that another's failure stopped.
func (v *vertex) canceled() { v.r.emit(VertexDone{ID: v.id, Name: v.name, Canceled: true}) }

// spend lets the virtual clock pass.
func (r *run) spend(d time.Duration) error {
	if r.b.Sleep == nil {
		return r.ctx.Err()
	}
	return r.b.Sleep(r.ctx, d)
}

// pause yields to the page where long work is done, or answers why to stop.
func (r *run) pause() error {
	if r.b.Pause != nil {
		return r.b.Pause(r.ctx)
	}
	return r.ctx.Err()
}

// isNetwork reports whether an error is of something that only a network could
// give.
func isNetwork(err error) bool { return strings.HasPrefix(err.Error(), "Get \"") }
