package overlay

import "github.com/layerlab/layerlab/sim/tree"

// Lookup is the inode at a literal path, as a process sees it, and the topmost
// layer that has it. Symbolic links are not followed.
func (m *Mount) Lookup(p string) (n *tree.Inode, layer int, ok bool) {
	m.begin()
	defer m.end()
	d := m.walk(p)
	if !d.exists() {
		return nil, -1, false
	}
	return m.shown(d.refs), d.refs[0].layer, true
}

// List is the merged names of the directory at a literal path, sorted bytewise;
// nil if it is not a directory. It costs that directory.
func (m *Mount) List(p string) []Listed {
	m.begin()
	defer m.end()
	d := m.walk(p)
	if !d.exists() || !m.inode(d).IsDir() {
		return nil
	}
	list := m.list(d.refs)
	out := make([]Listed, len(list))
	for i, c := range list {
		out[i] = Listed{Name: c.name, Node: m.shown(c.refs), Layer: c.refs[0].layer, Merged: len(c.refs) > 1}
	}
	return out
}

// shown is the inode that refs show, for a caller to keep: one of the upper is
// copied, because it changes with the mount.
func (m *Mount) shown(refs []ref) *tree.Inode {
	layer, n := m.face(refs)
	if layer == m.top() {
		return copyOf(n)
	}
	return n
}
