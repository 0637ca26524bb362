package build

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/moby/buildkit/frontend/dockerfile/parser"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/layerlab/layerlab/sim/dockerfile"
	"github.com/layerlab/layerlab/sim/image"
	"github.com/layerlab/layerlab/sim/layer"
	"github.com/layerlab/layerlab/sim/overlay"
	"github.com/layerlab/layerlab/sim/store"
	"github.com/layerlab/layerlab/sim/tree"
)

// result is a root file system: layers, and the key by which what starts from it
// is cached.
type result struct {
	key     string
	held    []*store.Held // from the lowest
	trees   []*tree.Tree  // what each holds, with times as they are on a disk
	created []*time.Time  // when each was made, nil for those of a base image
	hit     bool
	line    int
	step    string
	source  *vertex // of a base image that nothing was made of yet
	dry     bool    // of a preview: the step would run anew, and its files are not there
	unsure  bool    // of a preview: not even that is known
}

// lowers is the layers' trees.
func (res *result) lowers() []*tree.Tree {
	if res == nil {
		return nil
	}
	return res.trees
}

// view is the root file system, read-only.
func (res *result) view() *overlay.View {
	return readOnly(res.lowers()).Root()
}

// readOnly is a mount of layers that is not written to; of none, an empty one.
func readOnly(layers []*tree.Tree) *overlay.Mount {
	if len(layers) == 0 {
		layers = []*tree.Tree{tree.New(tree.Time{})}
	}
	return overlay.New(layers, nil, overlay.Options{})
}

// solve builds what dispatch has planned.
func (r *run) solve() error {
	if r.refused != nil {
		return r.refused
	}
	r.nameTwins()
	needed := r.reachable()
	for _, st := range r.stages {
		if !needed[st] {
			continue
		}
		if err := r.solveSource(st.sourceNode()); err != nil {
			return err
		}
	}
	r.tellPlan(needed)
	if err := r.loadContext(needed); err != nil {
		return err
	}
	bad, cause := r.findMissing(needed)
	for _, st := range r.stages {
		if !needed[st] || st.external {
			continue
		}
		if err := r.solveStage(st, bad, cause); err != nil {
			return err
		}
	}
	return nil
}

// sourceNode is the node of the image that a stage itself starts from, or nil.
func (st *stage) sourceNode() *node {
	n := st.node
	for n != nil && n.base != nil {
		n = n.base
	}
	if n == nil || st.base != nil {
		return nil
	}
	if _, ok := n.op.(*sourceOp); !ok {
		return nil
	}
	return n
}

// nameTwins gives each vertex the name that BuildKit shows: that of the last of
// its kind on the way through the graph.
func (r *run) nameTwins() {
	seen := map[*node]bool{}
	var visit func(*node)
	visit = func(n *node) {
		if n == nil || seen[n] {
			return
		}
		seen[n] = true
		for _, in := range n.inputs() {
			visit(in)
		}
		n.real().name = n.own
	}
	visit(r.target.node)
}

// solveSource shows a base image's vertex.
func (r *run) solveSource(n *node) error {
	if n = n.real(); n == nil || n.res != nil {
		return nil
	}
	op := n.op.(*sourceOp)
	line, end := dockerfile.Lines(n.at)
	v := r.begin(n.name, line, end)
	v.status(op.told(r, n), 0)
	if op.base.Note != "" {
		r.emit(VertexLog{ID: v.id, Stream: 2, Text: "layer lab: " + op.base.Note})
	}
	n.res = &result{held: op.base.Layers, created: make([]*time.Time, len(op.base.Layers)), line: line, step: n.step}
	diffIDs := op.base.Image.DiffIDs()
	n.res.key = string(image.ChainIDs(diffIDs)[len(diffIDs)-1])
	for _, h := range op.base.Layers {
		if h.Layer == nil {
			err := fmt.Errorf("%s: a layer of the image is not there", op.base.Name)
			v.done(err)
			return err
		}
		n.res.trees = append(n.res.trees, h.Layer.Tree)
	}
	n.res.source = v
	if op.context != "" {
		r.contextDone(op, n.res)
		return nil
	}
	v.done(nil)
	return nil
}

// mountBase loads the base images that something is about to be made of. BuildKit
// ends the vertex of one a first time when it has its digest; one that is then
// loaded, and was loaded for an earlier build, ends again as cached.
func (r *run) mountBase(nodes ...*node) {
	for _, n := range nodes {
		if n = n.real(); n == nil || n.res == nil || n.res.source == nil {
			continue
		}
		if r.usedBefore(n.res.key) {
			n.res.source.cached()
		}
		n.res.source = nil
	}
}

// usedBefore reports whether something was made of a base image, and notes that
// it is now.
func (r *run) usedBefore(key string) bool {
	_, ok := r.b.Cache.last.Get(usedKey(key))
	r.b.Cache.last.Set(usedKey(key), nil)
	return ok
}

// usedKey is where the cache notes that something was made of a base image.
func usedKey(key string) string { return "base\x00" + key }

// solveStage goes through the steps of a stage. bad is a node that cannot be
// built because its source is missing.
func (r *run) solveStage(st *stage, bad *node, cause error) error {
	memos := r.recall(st)
	defer memos.store()
	r.decideFrom(st, memos)
	for i, s := range st.steps {
		if err := r.pause(); err != nil {
			return err
		}
		if s.node == nil {
			r.decideConfig(st, s, i, memos)
			continue
		}
		if s.node.real() == bad {
			return r.failMissing(s, i, memos, bad, cause)
		}
		stop := bad != nil && onWay(s.node, bad)
		if err := r.solveStep(st, s, i, memos, stop); err != nil {
			if errors.Is(err, errStop) {
				return r.failMissing(bad.stepOf(r), -1, memos, bad, cause)
			}
			return err
		}
	}
	return nil
}

// onWay reports whether bad is built on n.
func onWay(n, bad *node) bool {
	for at := bad; at != nil; at = at.base {
		if at.real() == n.real() {
			return true
		}
	}
	return false
}

// stepOf is the step that a node was made of.
func (n *node) stepOf(r *run) *step {
	for _, st := range r.stages {
		for _, s := range st.steps {
			if s.node != nil && s.node.real() == n {
				return s
			}
		}
	}
	return nil
}

// errStop ends a build before a step that would run in vain.
var errStop = errors.New("a later step cannot be built")

// solveStep reuses a step's result or makes it. With stop, a step that would
// have to be made is canceled instead.
func (r *run) solveStep(st *stage, s *step, i int, memos *memory, stop bool) error {
	n := s.node.real()
	if n.res != nil {
		r.decideShared(st, s, i, n, memos)
		return nil
	}
	for _, in := range n.inputs() {
		if err := r.solveSource(in); err != nil {
			return err
		}
	}
	line, end := dockerfile.Lines(s.cmd.Location())
	r.tell(StepStarted{Stage: r.order[st], Line: line, EndLine: end, Step: s.shown})
	if why := r.keyless(n, firstWord(s.shown)); why != nil {
		d := Decision{Stage: st.index, Line: line, EndLine: end, Step: s.shown, Row: s.history, Reason: *why}
		r.foresee(s, n, d, "unknown "+n.id)
		r.decide(d)
		return nil
	}
	in, err := r.inputsOf(n)
	if err != nil && stop {
		r.begin(n.name, line, end).canceled()
		return errStop
	}
	if err != nil {
		v := r.begin(n.name, line, end)
		return r.failCopy(v, s, i, memos, n.asCopied(err))
	}
	in.Kind, in.Doc = firstWord(s.shown), documents(s.cmd)
	key := in.key()
	rec, found := r.b.Cache.records.Get(key)
	// BuildKit looks for what starts from a step that was run on demand only when
	// that is done, and runs it too; what follows is found again.
	hit := found && !n.anew && !n.onAnew()
	n.key = key
	d := Decision{Stage: st.index, Line: line, EndLine: end, Step: s.shown, Hit: hit, Row: s.history, Key: key, in: in}
	d.Reason, d.was = r.reason(s, i, in, key, hit, memos)
	r.tellKey(n, d)
	if r.dry && !hit {
		r.foresee(s, n, d, key)
		r.decide(d)
		return nil
	}
	if stop && !hit {
		r.begin(n.name, line, end).canceled()
		return errStop
	}
	if !hit {
		r.mountBase(n.inputs()...)
	}
	r.inlineVertices(n, hit)
	v := r.begin(n.name, line, end)
	if hit {
		n.res = n.after(rec, true)
		if r.mergedAnew(n, v) || r.unloaded(n) {
			v.done(nil)
		} else {
			v.cached()
		}
	} else {
		rec, err = r.make(n, v, key, in)
		d.Duration = r.b.Now().Sub(v.start)
		if err != nil {
			d.Err = err
			r.decide(d)
			memos.set(i+1, memo{text: s.text, shown: s.shown, doc: s.doc, line: line, layer: true, key: key, in: in, failed: true})
			v.done(err)
			return r.fail(s.cmd.Location(), err, err.Error())
		}
		n.res = n.after(rec, false)
		r.mergedAnew(n, v)
		v.done(nil)
		r.emit(LayerMade{Line: line, Step: s.shown, Layer: rec.held.Layer, Size: rec.held.Layer.DiskUsage()})
	}
	n.res.line, n.res.step = line, s.text
	d.Layer, d.Size, d.Created = rec.held.Layer, rec.held.Layer.DiskUsage(), rec.created
	memos.set(i+1, memo{text: s.text, shown: s.shown, doc: s.doc, line: line, layer: true, key: key, in: in})
	r.decide(d)
	return nil
}

// after is the root file system with a step's layer on top.
func (n *node) after(rec *record, hit bool) *result {
	files := rec.files
	if n.linked() {
		return n.merged(rec, hit)
	}
	return &result{key: rec.key, hit: hit, held: files.held, trees: files.trees, created: files.created}
}

// on is the layers of a base with one more on top.
func (base *result) on(held *store.Held, t *tree.Tree, created time.Time) stack {
	var s stack
	if base != nil {
		s.held, s.trees, s.created = slices.Clone(base.held), slices.Clone(base.trees), slices.Clone(base.created)
	}
	s.held = append(s.held, held)
	s.trees = append(s.trees, t)
	s.created = append(s.created, &created)
	return s
}

// decide tells a decision.
func (r *run) decide(d Decision) {
	r.out = append(r.out, d)
	r.emit(StepDecided{d})
}

// make runs a step and keeps its result.
func (r *run) make(n *node, v *vertex, key string, in *inputs) (*record, error) {
	var base *result
	if n.base != nil {
		base = n.base.real().res
	}
	if err := n.canName(); err != nil {
		return nil, err
	}
	upper := tree.New(r.clock())
	o := overlay.Options{Now: r.clock, Trace: r.follow(v), Changes: true}
	m := overlay.New(base.lowers(), upper, o)
	took := 10 * time.Millisecond
	var changes *tree.Tree
	var err error
	switch op := n.op.(type) {
	case *mkdirOp:
		err = r.mkdir(m, op)
	case *copyOp:
		if op.Link {
			m = overlay.New(nil, upper, o)
		}
		err = r.copyAll(m, op)
	case *runOp:
		took = 150 * time.Millisecond
		changes, err = r.exec(m, op, v)
	}
	if err != nil {
		return nil, err
	}
	if err := r.spend(took); err != nil {
		return nil, err
	}
	if changes == nil {
		changes = m.Changeset()
	}
	l, err := layer.New(r.ctx, changes, layer.WriteOptions{Pause: r.b.Pause})
	if err != nil {
		return nil, err
	}
	rec := &record{key: key, tree: changes, created: r.b.Now().UTC(), in: in, held: &store.Held{Layer: l, DiffID: l.DiffID, MediaType: ocispec.MediaTypeImageLayerGzip}}
	if n.linked() {
		base = nil
	}
	rec.files = base.on(rec.held, rec.tree, rec.created)
	r.b.Cache.records.Set(key, rec)
	return rec, nil
}

// mkdir is WORKDIR.
func (r *run) mkdir(m *overlay.Mount, op *mkdirOp) error {
	root := m.Root()
	p, err := rootPath(root, op.Path, true)
	if err != nil {
		return err
	}
	var at *tree.Time
	if op.Time != nil {
		t := tree.TimeOf(*op.Time)
		at = &t
	}
	return mkdirAll(root, p, 0o755, chownTo(root, op.User), at)
}

// copyAll is COPY and ADD.
func (r *run) copyAll(m *overlay.Mount, op *copyOp) error {
	dst := m.Root()
	for _, a := range op.Actions {
		src, err := r.sourceOf(a)
		if err != nil {
			return err
		}
		own := chownTo(dst, a.Chown)
		found := []string{a.Src}
		if a.Kind != "inline" && hasWildcard(a.Src) {
			if found, err = matches(src, a.Src, true); err != nil {
				return err
			}
			if dir := beforeWildcard(a.Src); len(found) == 0 && a.Kind == "context" && !r.sent(dir) {
				return notCopied{path: dir}
			}
		}
		for _, s := range found {
			if err := r.copyMatch(dst, src, a, s, own); err != nil {
				return err
			}
		}
	}
	return nil
}

func (r *run) copyMatch(dst, src *overlay.View, a *copyAction, s string, own *owner) error {
	if a.Add {
		done, err := r.tryUnpack(dst, src, a, s, own)
		if done || err != nil {
			return err
		}
	}
	c := &copier{src: src, dst: dst, action: a, own: own, now: r.clock(), contents: a.Kind != "inline", pause: r.pause}
	return c.copyOne(s)
}

// tryUnpack unpacks a source if it is an archive.
func (r *run) tryUnpack(dst, src *overlay.View, a *copyAction, s string, own *owner) (bool, error) {
	p, err := resolvePath(src, s, true)
	if err != nil {
		return false, err
	}
	st, err := src.Lstat(p)
	if err != nil || !st.IsRegular() {
		return false, nil
	}
	body, err := src.Body(p)
	if err != nil {
		return false, err
	}
	codec, ok, err := archiveCodec(body)
	if !ok || err != nil {
		return false, err
	}
	at, err := rootPath(dst, cleanSource(a.Dest), true)
	if err != nil {
		return false, err
	}
	if err := mkdirAll(dst, at, 0o755, own, nil); err != nil {
		return false, err
	}
	u := &unpacker{dst: dst, at: at, own: own, pause: r.pause}
	return true, u.unpack(body, codec)
}

// fail is a build that ends at a place of the Dockerfile.
func (r *run) fail(at []parser.Range, err error, msg string) error {
	e := &Error{Msg: msg, Err: err}
	e.Line, e.EndLine = dockerfile.Lines(at)
	e.Excerpt = r.file.Excerpt(at)
	var p *processError
	if errors.As(err, &p) {
		e.Exit = p.exit
	}
	return e
}
