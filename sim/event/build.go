package event

// A build while it goes on, for whoever draws it. Lines are of the Dockerfile,
// from 1.
type (
	// BuildPlanned is what a build is about to do: the stages that its target
	// needs, in the order in which they are built.
	BuildPlanned struct{ Stages []PlannedStage }
	// StepStarted is a step whose turn has come: its inputs are looked at.
	StepStarted struct {
		Stage         int // index in BuildPlanned.Stages
		Line, EndLine int
		Step          string // with its variables replaced
	}
	// FilesTaken is what a step takes from the build context or another stage.
	FilesTaken struct {
		Line  int
		From  string   // what --from says, "" for the build context
		Names []string // the first few, by path
		Files int
		Bytes int64
	}
	// KeyCompared is how a step's cache key stands to that of the build before.
	KeyCompared struct {
		Line         int
		Hit          bool
		Reason       string // one sentence, as StepDecided has it
		Key, Was     string // in hex; Was is "" if there was none
		Parts        []KeyPart
		Same, Differ int      // files of the key
		Changes      []string // the first few files that differ, in words
	}
	// StepWrites is how far a step is that runs: at its start, then ever more
	// seldom.
	StepWrites struct {
		Line  int
		Path  string // what was written last, "" at the start
		Files int    // names that were made or changed so far
		Bytes int64  // written into files so far
	}
)

// A PlannedStage is a stage before it is built.
type PlannedStage struct {
	Name  string       // "build", "stage-1"; "" if it is the only one
	Line  int          // of its FROM
	Base  string       // the image that it starts from as written, "" for another stage or nothing
	From  int          // index in BuildPlanned.Stages of the stage that it starts from, -1
	Below []BaseRow    // the history of Base, the oldest first
	Steps []PlannedRow // that make a row of the history
}

// A BaseRow is one row of a base image's history.
type BaseRow struct {
	By     string
	DiffID string // of the layer that it made, "" for none
	Size   int64  // disk usage in bytes
	Files  int    // entries of the layer's tar
}

// A PlannedRow is a step before it is built.
type PlannedRow struct {
	Line, EndLine int
	Step          string
	Layer         bool // it makes a layer
}

// A KeyPart is one part of a cache key beside what it was.
type KeyPart struct {
	Name     string // "starts from", "ENV PATH"
	Now, Was string // cut where they are long
	Known    bool   // there is a key to compare with
	Same     bool
}

func (BuildPlanned) event() {}
func (StepStarted) event()  {}
func (FilesTaken) event()   {}
func (KeyCompared) event()  {}
func (StepWrites) event()   {}
