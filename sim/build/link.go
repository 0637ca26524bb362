package build

// linked reports whether a step's layer is made apart from what the step stands
// on: COPY and ADD with --link. Its cache key does not know what is below, so the
// layer is reused on top of another base too.
func (n *node) linked() bool {
	op, ok := n.op.(*copyOp)
	return ok && op.Link
}

// onAnew reports whether a step starts from one that is run whatever the cache
// holds.
func (n *node) onAnew() bool {
	return n.base != nil && n.base.real().anew && !n.linked()
}

// merged is the root file system with a linked layer put on top.
func (n *node) merged(rec *record, hit bool) *result {
	base := n.base.real().res
	files := base.on(rec.held, rec.tree, rec.created)
	return &result{
		key: digestJSON("merge", base.key, rec.key), hit: hit, held: files.held, trees: files.trees, created: files.created,
		dry: base.dry, unsure: base.unsure,
	}
}

// mergedAnew tells that a linked layer is put on top of something on which it was
// not before, and reports whether it is. The result of the build is not mounted.
func (r *run) mergedAnew(n *node, v *vertex) bool {
	if !n.linked() || r.usedBefore(n.res.key) {
		return false
	}
	if n != r.target.node.real() {
		v.status("merging", 0)
	}
	return true
}
