package build

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"time"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/parser"

	"github.com/layerlab/layerlab/sim/image"
)

// A node is a vertex of the build graph that gives a root file system: a base
// image, or a step that makes a layer on top of another node. Steps that only
// change the configuration have no node.
type node struct {
	own  string // its name: "[build 2/4] RUN make"
	name string // the name under which the progress shows it, which is a twin's own if that comes later
	step string // without the prefix
	at   []parser.Range
	seq  int    // in the order of the Dockerfile
	base *node  // what it starts from; nil: nothing ("FROM scratch")
	op   any    // *sourceOp, *copyOp, *runOp or *mkdirOp
	id   string // of its definition: nodes with the same id are one vertex

	key  string  // the cache key, once it is known
	anew bool    // --no-cache or --no-cache-filter: its record is not looked for
	twin *node   // the node of the same id that stands for it, if not itself
	res  *result // after it was solved
}

// inputs is the nodes that n needs, in the order in which BuildKit visits them.
func (n *node) inputs() []*node {
	var in []*node
	if n.base != nil {
		in = append(in, n.base)
	}
	switch op := n.op.(type) {
	case *copyOp:
		for _, a := range op.Actions {
			if a.from != nil {
				in = append(in, a.from)
			}
		}
	case *runOp:
		for _, m := range op.Mounts {
			if m.from != nil {
				in = append(in, m.from)
			}
		}
	}
	return in
}

// define sets n's id from its operation and those of its inputs.
func (n *node) define() {
	ids := []string{}
	for _, in := range n.inputs() {
		ids = append(ids, in.id)
	}
	if n.base == nil {
		ids = append(ids, "scratch")
	}
	n.id = digestJSON(opName(n.op), n.op, ids)
}

// The operations. Their exported fields are what defines them.
type (
	// sourceOp is a base image.
	sourceOp struct {
		Name    string // normalised reference with digest
		base    *Base
		context string // the name of the context that it is, "" for none
		local   bool   // that context is a directory
	}
	// mkdirOp is WORKDIR: a directory with its parents.
	mkdirOp struct {
		Path string
		User string // owner, "" for root
		Time *time.Time
	}
	// copyOp is COPY or ADD.
	copyOp struct {
		Actions []*copyAction
		Link    bool
	}
	// copyAction copies one source of a copyOp.
	copyAction struct {
		Kind     string // "context", "from", "inline", "url"
		Src      string // cleaned, "/" is the root of the source
		Dest     string // absolute, with a trailing slash if it had one
		Chown    string
		Mode     *uint32 // --chmod as a number
		ModeStr  string  // --chmod with letters
		Add      bool    // unpack archives
		Parents  string  // --parents: the pattern to include, "" if not asked
		Required string  // --parents: the path that must exist
		Exclude  []string
		Data     string // of an inline document
		from     *node  // nil for the context, an inline document or an empty stage
		label    string // what --from says, for messages
		files    []fileInput
		looked   bool // files is known
	}
	// runOp is RUN.
	runOp struct {
		Args     []string
		Env      []string
		Dir      string
		User     string
		Mounts   []*runMount
		Network  string
		Security string
		Script   string // content of a here-document that is a script of its own
		File     string // its name below /dev/pipes
		buildArg []string
	}
	// runMount is one --mount of a RUN.
	runMount struct {
		Type, Target, Source, From, ID string
		ReadOnly, Required             bool
		UID, GID, Mode                 *uint64
		Env                            string
		from                           *node
		spec                           *instructions.Mount
	}
)

// isImage reports whether a node is a base image.
func (n *node) isImage() bool {
	_, ok := n.op.(*sourceOp)
	return ok
}

func opName(op any) string {
	switch op.(type) {
	case *sourceOp:
		return "source"
	case *mkdirOp:
		return "mkdir"
	case *copyOp:
		return "copy"
	}
	return "run"
}

// digestJSON is the SHA-256, in hex, of values written as JSON.
func digestJSON(values ...any) string {
	h := sha256.New()
	w := json.NewEncoder(h)
	for _, v := range values {
		if err := w.Encode(v); err != nil {
			panic("build: " + err.Error()) // all values are made here and are plain
		}
	}
	return hex.EncodeToString(h.Sum(nil))
}

// A stage is a FROM line with what its steps have made of it so far.
type stage struct {
	index        int
	name         string // shown in prefixes: "build", "stage-2", "" if it is the only one
	as           string // what AS says
	base         *stage // the stage that FROM names, if it names one
	ref          string // else the image, normalised
	orig         string // the image as written, after substitution
	at           []parser.Range
	external     bool // no FROM of its own: an image that --from names
	scratch      bool
	platform     string // of --platform
	steps        []*step
	needs        []*stage // stages that it copies or mounts from
	needsAt      [][]parser.Range
	triggered    bool // ONBUILD triggers were put in
	resolved     *Base
	ready        bool // its image was resolved, or it is scratch
	dispatched   bool
	total, count int

	node    *node // the root file system so far
	env     env
	user    string
	dir     string
	img     image.Config
	args    []instructions.KeyValuePairOptional
	workdir bool // a WORKDIR was met

	cmdAt, entrypointAt, healthAt tracker
}

// tracker remembers where an instruction of which only the last counts stands.
type tracker struct {
	at  []parser.Range
	set bool
}

// A step is one instruction of a stage on its way into the graph.
type step struct {
	cmd     instructions.Command
	text    string // as written
	doc     string // its here-documents, as written
	line    int
	end     int
	sources []*stage // for COPY --from and RUN --mount
	trigger bool
	node    *node  // after dispatch; nil for a step without a layer
	shown   string // the step with its variables expanded
	history int    // number of the history row that it made, -1
}
