package build

import (
	"errors"
	"fmt"
	"path"
	"slices"

	"github.com/layerlab/layerlab/sim/dockerfile"
)

// findMissing looks at all that is taken from the context before anything runs:
// BuildKit computes those keys at once, and a source that is not there ends the
// build before the steps above it have run. It returns the last such node of the
// first stage that has one: BuildKit goes through a stage from its end.
func (r *run) findMissing(needed map[*stage]bool) (*node, error) {
	for _, st := range r.stages {
		if !needed[st] {
			continue
		}
		for _, s := range slices.Backward(st.steps) {
			if s.node == nil {
				continue
			}
			if err := r.missingOf(s.node); err != nil {
				return s.node.real(), err
			}
		}
	}
	return nil, nil
}

// missingOf is what a step takes from the context or straight from an image and is
// not there.
func (r *run) missingOf(n *node) error {
	switch op := n.op.(type) {
	case *copyOp:
		for _, a := range op.Actions {
			if a.Kind != "context" && a.Kind != "url" && !n.apartFrom(a.from) {
				continue
			}
			if _, err := r.filesOf(a); err != nil {
				return err
			}
		}
	case *runOp:
		for _, m := range op.Mounts {
			if m.Type != "bind" || m.From != "" && !n.apartFrom(m.from) {
				continue
			}
			v, err := r.viewOf(m.from, m.From == "")
			if err != nil {
				return err
			}
			if _, err := v.Stat(path.Join("/", m.Source)); err != nil {
				return missing{path.Join("/", m.Source)}
			}
		}
	}
	return nil
}

// apartFrom reports whether a source is an image, which is there from the start,
// and not what the step itself is built on.
func (n *node) apartFrom(from *node) bool {
	from = from.real()
	return from != nil && from.isImage() && from.res != nil && (n.base == nil || n.base.real() != from)
}

// failMissing ends a build at a COPY whose source is not there.
func (r *run) failMissing(s *step, i int, memos *memory, n *node, cause error) error {
	line, end := dockerfile.Lines(s.cmd.Location())
	return r.failCopy(r.begin(n.name, line, end), s, i, memos, cause)
}

// notCopied is a source that is missed only when it is copied.
type notCopied struct {
	path string
	file bool // it leads through a file
}

func (e notCopied) Error() string {
	if e.file {
		return "lstat " + e.path + ": not a directory"
	}
	return "lstat " + e.path + ": no such file or directory"
}

// asCopied is the error of a missing source as BuildKit finds it. It computes no
// key from the files of a source that is also what the step is built on, nor from
// those of an empty stage: there the copying itself misses it.
func (n *node) asCopied(err error) error {
	var m missing
	if op, ok := n.op.(*runOp); ok && errors.As(err, &m) {
		for _, rm := range op.Mounts {
			if rm.from != nil && n.base != nil && rm.from.real() == n.base.real() {
				return &processError{args: op.Args, text: "open " + m.path + ": no such file or directory"}
			}
		}
	}
	op, ok := n.op.(*copyOp)
	if !ok || !errors.As(err, &m) {
		return err
	}
	for _, a := range op.Actions {
		if a.Kind == "from" && a.from == nil || n.base != nil && a.from.real() == n.base.real() && !a.looked {
			return notCopied{path: path.Join("/", m.path)}
		}
	}
	return err
}

// failCopy ends a build at a step whose cache key cannot be computed.
func (r *run) failCopy(v *vertex, s *step, i int, memos *memory, err error) error {
	var m missing
	var l notCopied
	var bad badPattern
	var p *processError
	msg := "failed to compute cache key: "
	if errors.As(err, &l) || errors.As(err, &p) {
		msg = ""
	} else if errors.As(err, &m) || errors.As(err, &bad) {
		err = fmt.Errorf("failed to calculate checksum of ref %s: %w", r.newRef(m.path), err)
	} else if isNetwork(err) {
		msg = "failed to load cache key: "
	}
	line, end := dockerfile.Lines(s.cmd.Location())
	r.decide(Decision{
		Line: line, EndLine: end, Step: s.shown, Err: err, Row: s.history,
		Reason: Reason{Kind: SourceMissing, Text: "missed: what it copies from is not there, so there is nothing to compare"},
	})
	if i >= 0 {
		memos.set(i+1, memo{text: s.text, shown: s.shown, doc: s.doc, line: line, layer: true, failed: true})
	}
	v.done(err)
	return r.fail(s.cmd.Location(), err, msg+err.Error())
}

// newRef is a name as BuildKit gives to a file system while it builds.
func (r *run) newRef(of string) string {
	if r.b.NewRef != nil {
		return r.b.NewRef() + "::" + r.b.NewRef()
	}
	const letters = "0123456789abcdefghijklmnopqrstuvwxyz"
	sum := digestJSON(of, r.b.Now().UnixNano())
	out := make([]byte, 0, 52)
	for i := range 50 {
		if i == 25 {
			out = append(out, "::"...)
		}
		out = append(out, letters[(int(sum[i])*7+int(sum[(i+9)%64])*13+i)%len(letters)])
	}
	return string(out)
}
