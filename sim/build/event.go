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

// Planned tells, before the first step, what the target needs.
type Planned struct{ Stages []PlannedStage }

// A PlannedStage is a stage that is about to be built, as far as it is known
// without building it.
type PlannedStage struct {
	Name  string     // "build", "stage-1"; "" if there is only one
	Line  int        // of its FROM
	Base  *Base      // the image that it starts from, nil for another stage or nothing
	As    string     // Base as written in FROM
	From  int        // index in Planned.Stages of the stage that it starts from, -1
	Steps []NextStep // those that make a row of the history
}

// A NextStep is a step that is about to be built.
type NextStep struct {
	Line, EndLine int
	Step          string
	Layer         bool // it makes a layer
}

// StepStarted tells that a step's turn has come: its inputs are looked at.
type StepStarted struct {
	Stage         int // index in Planned.Stages
	Line, EndLine int
	Step          string
}

// FilesTaken tells what a step takes from the context or from another stage.
type FilesTaken struct {
	Line  int
	From  string   // what --from says, "" for the context
	Names []string // the first few, by path
	Files int
	Bytes int64
}

// KeyCompared tells how a step's cache key stands to that of the build before, and
// what that means for the step.
type KeyCompared struct {
	Line         int
	Hit          bool
	Reason       string
	Key, Was     string   // in hex; Was is "" if there was none
	Parts        []Part   // all but the files
	Same, Differ int      // files
	Changes      []string // the first few that differ, in words
}

// StepWrites tells how far a step is that runs: at its start, and then ever more
// seldom as it goes on.
type StepWrites struct {
	Line  int
	Path  string // what was written last, "" at the start
	Files int    // names that were made or changed
	Bytes int64  // written into files
}

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
func (Planned) buildEvent()       {}
func (StepStarted) buildEvent()   {}
func (FilesTaken) buildEvent()    {}
func (KeyCompared) buildEvent()   {}
func (StepWrites) buildEvent()    {}
