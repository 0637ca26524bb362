package build

import (
	"errors"
	"fmt"
	"path"

	"github.com/layerlab/layerlab/sim/dockerfile"
)

// findMissing looks at all that is taken from the context before anything runs:
// BuildKit computes those keys at once, and a source that is not there ends the
// build before the steps above it have run. It returns the first such node in
// the order of the Dockerfile.
func (r *run) findMissing(needed map[*stage]bool) (*node, error) {
	for _, st := range r.stages {
		if !needed[st] {
			continue
		}
		for _, s := range st.steps {
			if s.node == nil {
				continue
			}
			op, ok := s.node.op.(*copyOp)
			if !ok {
				continue
			}
			for _, a := range op.Actions {
				if a.Kind != "context" && a.Kind != "url" {
					continue
				}
				if _, err := r.filesOf(a); err != nil {
					return s.node.real(), err
				}
			}
		}
	}
	return nil, nil
}

// failMissing ends a build at a COPY whose source is not there.
func (r *run) failMissing(s *step, i int, memos *memory, n *node, cause error) error {
	line, end := dockerfile.Lines(s.cmd.Location())
	return r.failCopy(r.begin(n.name, line, end), s, i, memos, cause)
}

// notCopied is a source that is missed only when it is copied.
type notCopied struct{ path string }

func (e notCopied) Error() string { return "lstat " + e.path + ": no such file or directory" }

// asCopied is the error of a missing source as BuildKit finds it. It computes no
// key from the files of a source that is also what the step is built on: there
// the copying itself misses it.
func (n *node) asCopied(err error) error {
	op, ok := n.op.(*copyOp)
	var m missing
	if !ok || n.base == nil || !errors.As(err, &m) {
		return err
	}
	for _, a := range op.Actions {
		if a.from.real() == n.base.real() && !a.looked {
			return notCopied{path.Join("/", m.path)}
		}
	}
	return err
}

// failCopy ends a build at a step whose cache key cannot be computed.
func (r *run) failCopy(v *vertex, s *step, i int, memos *memory, err error) error {
	var m missing
	var l notCopied
	msg := "failed to compute cache key: "
	if errors.As(err, &l) {
		msg = ""
	} else if errors.As(err, &m) {
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

// inlineVertices shows what a step brings along: here-documents and the owners
// of cache mounts.
func (r *run) inlineVertices(n *node, hit bool) {
	var names []string
	switch op := n.op.(type) {
	case *copyOp:
		for _, a := range op.Actions {
			if a.Kind == "inline" {
				names = append(names, "[internal] preparing inline document")
			}
		}
	case *runOp:
		if op.Script != "" {
			names = append(names, "[internal] preparing inline document")
		}
		for _, m := range op.Mounts {
			if m.Source == "" && (m.UID != nil || m.GID != nil || m.Mode != nil) && (m.Type == "cache" || m.Type == "tmpfs") {
				names = append(names, "[internal] setting cache mount permissions")
			}
		}
	}
	for _, name := range names {
		v := r.begin(name, 0, 0)
		if hit {
			v.cached()
		} else {
			v.done(nil)
		}
	}
}
