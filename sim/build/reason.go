package build

// A ReasonKind is the class of a Reason.
type ReasonKind string

// The reasons for which a step is or is not reused.
const (
	FirstBuild     ReasonKind = "first build"      // nothing to reuse
	TextChanged    ReasonKind = "text changed"     // the instruction differs from last time
	FilesChanged   ReasonKind = "files changed"    // content, mode, owner, added, removed
	EnvChanged     ReasonKind = "env changed"      // RUN sees another environment
	ArgChanged     ReasonKind = "arg changed"      // RUN sees another build argument
	WorkdirChanged ReasonKind = "workdir changed"  //
	UserChanged    ReasonKind = "user changed"     //
	ShellChanged   ReasonKind = "shell changed"    //
	ParentChanged  ReasonKind = "parent changed"   // an earlier step missed
	BaseChanged    ReasonKind = "base changed"     // the FROM image is another one
	NoCache        ReasonKind = "no cache"         // --no-cache
	Same           ReasonKind = "same"             // hit: nothing that counts changed
	SameTouched    ReasonKind = "same but touched" // hit although times changed
	SameAgain      ReasonKind = "same as earlier"  // hit on a result older than the last build
	SharedVertex   ReasonKind = "shared"           // hit: another step or stage of this or another Dockerfile made the same
	ConfigOnly     ReasonKind = "config only"      // no layer, nothing to reuse
	FailedLastTime ReasonKind = "failed last time" // failed steps are not kept
)

// A FileChange is one file that made a COPY miss (or would have, for times).
type FileChange struct {
	Path     string // in the context or the --from image
	What     string // "added", "removed", "content", "mode", "owner", "type", "target", "time"
	Old, New string // digests ("sha256:…"), modes ("0644") or owners ("0:0")
}

// A Reason says why a step was or was not reused.
type Reason struct {
	Kind   ReasonKind
	Text   string // a sentence for a learner
	Files  []FileChange
	Name   string // of the ENV or ARG that changed
	Old    string // what it was, or the old text of the step
	New    string
	Parent int // the line of the earlier step that is to blame
}
