package build

import (
	"time"

	"github.com/layerlab/layerlab/sim/layer"
)

// An Event is something that happened in a build. The types of this file are
// all there are.
type Event interface{ buildEvent() }

// VertexStarted begins a vertex. A vertex that is reused starts and is done at once.
type VertexStarted struct {
	ID            int // of the vertex in this build, from 1
	Name          string
	Line, EndLine int // in the Dockerfile; 0 for internal ones
	At            time.Time
}

// VertexStatus is a line of work within a vertex ("transferring context: 2B").
type VertexStatus struct {
	ID   int
	Text string
	Took time.Duration
	Done bool
}

// VertexWarning is a finding of the linter, told of the vertex that loads the
// Dockerfile.
type VertexWarning struct {
	ID   int
	Text string // "JSONArgsRecommended: … (line 3)"
	Line int
}

// VertexLog is a line that a RUN printed.
type VertexLog struct {
	ID     int
	Stream int // 1 or 2
	Text   string
	At     time.Duration // since the vertex started
}

// VertexDone ends a vertex.
type VertexDone struct {
	ID       int
	Name     string
	Cached   bool
	Canceled bool
	Err      string // as the progress shows it, "" if it went well
	Took     time.Duration
}

// StepDecided tells of every step of the Dockerfile why it was or was not reused.
type StepDecided struct{ Decision Decision }

// LayerMade tells of a layer that a step made now.
type LayerMade struct {
	Line  int
	Step  string
	Layer *layer.Layer
	Size  int64 // on the engine's disk
}

func (VertexStarted) buildEvent() {}
func (VertexStatus) buildEvent()  {}
func (VertexLog) buildEvent()     {}
func (VertexWarning) buildEvent() {}
func (VertexDone) buildEvent()    {}
func (StepDecided) buildEvent()   {}
func (LayerMade) buildEvent()     {}
