package build

// A ReasonKind is the class of a Reason.
type ReasonKind string

// The reasons for which a step is or is not reused.
const (
	FirstBuild     ReasonKind = "first build"      // missed: nothing to reuse yet
	StepAdded      ReasonKind = "step added"       // missed: the last build did not have the step
	TextChanged    ReasonKind = "text changed"     // missed: the instruction differs from last time
	FilesChanged   ReasonKind = "files changed"    // missed: content, mode, owner, added, removed
	EnvChanged     ReasonKind = "env changed"      // missed: RUN sees another environment
	ArgChanged     ReasonKind = "arg changed"      // missed: RUN sees another build argument
	WorkdirChanged ReasonKind = "workdir changed"  // missed: RUN starts in another directory
	UserChanged    ReasonKind = "user changed"     // missed: another user runs it or owns the directory
	ShellChanged   ReasonKind = "shell changed"    // missed: another shell runs it
	ParentChanged  ReasonKind = "parent changed"   // missed: what it starts from is another thing
	BaseChanged    ReasonKind = "base changed"     // missed: the FROM image is another one
	NoCache        ReasonKind = "no cache"         // missed: --no-cache
	FailedLastTime ReasonKind = "failed last time" // missed: failed steps are not kept
	NotKept        ReasonKind = "not kept"         // missed: the cache was pruned, or something small differs
	NotKnown       ReasonKind = "not known"        // in a preview: what it takes would be made anew first
	SourceMissing  ReasonKind = "source missing"   // the build ends here
	Same           ReasonKind = "same"             // hit: nothing that counts changed
	SameTouched    ReasonKind = "same but touched" // hit although times changed
	SameEnv        ReasonKind = "same but env"     // hit although the environment changed: COPY and WORKDIR do not see it
	SameContent    ReasonKind = "same content"     // hit although the stage that files come from ran anew
	SameConfig     ReasonKind = "same but config"  // hit although an instruction above it changed: it is not part of the key
	SameText       ReasonKind = "same but text"    // hit although it is written in another way
	SameLinked     ReasonKind = "same but below"   // hit although what is below it changed: --link
	SameAgain      ReasonKind = "same as earlier"  // hit on a result older than the last build
	Shared         ReasonKind = "shared"           // hit: another step, stage or Dockerfile made the same
	ConfigOnly     ReasonKind = "config only"      // no layer, nothing to reuse
)

// Hit reports whether the reason is one for reusing a result.
func (k ReasonKind) Hit() bool {
	switch k {
	case Same, SameTouched, SameEnv, SameContent, SameConfig, SameText, SameLinked, SameAgain, Shared:
		return true
	}
	return false
}

// A FileChange is one file that made a COPY miss (or did not, for times).
type FileChange struct {
	Path     string // in the context or the --from image
	What     string // "added", "removed", "content", "mode", "owner", "type", "target", "attributes", "time"
	Old, New string // digests ("sha256:…"), modes ("0644"), owners ("0:0"), targets; "" for added, removed, time
}

// A Reason says why a step was or was not reused.
type Reason struct {
	Kind   ReasonKind
	Text   string       // a sentence for a learner
	Files  []FileChange // what changed in the files that count, or only their times
	Name   string       // of the ENV or ARG that changed
	Old    string       // what it was, or the old text of the step
	New    string       // what it is now
	Parent int          // the line of the earlier step that is to blame, 0 for none
}
