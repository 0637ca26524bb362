package build

// An inline is a vertex that a step brings along.
type inline struct{ name, key string }

// inlines is what a step brings along: here-documents and the owners of cache
// mounts.
func (n *node) inlines() []inline {
	var out []inline
	switch op := n.op.(type) {
	case *copyOp:
		for _, a := range op.Actions {
			if a.Kind == "inline" {
				out = append(out, inline{"[internal] preparing inline document", digestJSON(a.Src, a.Data)})
			}
		}
	case *runOp:
		if op.Script != "" {
			out = append(out, inline{"[internal] preparing inline document", digestJSON(op.File, op.Script)})
		}
		for _, m := range op.Mounts {
			if m.Source == "" && (m.UID != nil || m.GID != nil || m.Mode != nil) && (m.Type == "cache" || m.Type == "tmpfs") {
				out = append(out, inline{"[internal] setting cache mount permissions", digestJSON(m.UID, m.GID, m.Mode)})
			}
		}
	}
	return out
}

// inlineVertices shows what a step brings along. It starts from nothing, so that
// it shows as cached only where it is needed again: see unloaded.
func (r *run) inlineVertices(n *node, hit bool) {
	for _, in := range n.inlines() {
		v := r.begin(in.name, 0, 0)
		if r.usedBefore(in.key) && !hit {
			v.cached()
		} else {
			v.done(nil)
		}
	}
}

// unloaded reports whether nothing asks for the reused result of a step that
// starts from nothing: BuildKit looks at such a vertex only to find what is built
// on it, and does not show it as cached. That is a WORKDIR right after FROM
// scratch below a step that is reused too.
func (r *run) unloaded(n *node) bool {
	if _, isDir := n.op.(*mkdirOp); !isDir || n.base != nil || n == r.target.node.real() {
		return false
	}
	for _, m := range r.nodes {
		for _, in := range m.inputs() {
			if in.real() == n && r.wouldMiss(m) {
				return false
			}
		}
	}
	return true
}

// wouldMiss reports whether a step whose inputs are all there is not in the cache.
func (r *run) wouldMiss(n *node) bool {
	for _, in := range n.inputs() {
		if in.real().res == nil {
			return false
		}
	}
	in, err := r.inputsOf(n)
	if err != nil {
		return false
	}
	_, found := r.b.Cache.records.Get(in.key())
	return !found || n.anew
}
