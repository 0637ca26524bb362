package overlay

import (
	"cmp"
	"path"
	"slices"
	"strings"

	"github.com/layerlab/layerlab/sim/tree"
)

// A ref is an inode of one layer.
type ref struct {
	layer int
	ino   tree.Ino
}

// A dentry is a name of the merged tree and what it stands for: one object, or
// all the directories that are merged under it, topmost first. Without refs
// there is no such name.
type dentry struct {
	parent *dentry // nil for the root
	name   string
	refs   []ref
	white  bool               // the upper has a whiteout under this name
	dirs   map[string]*dentry // names in it that were looked up before and are there
}

func (d *dentry) exists() bool { return len(d.refs) > 0 }

// merged reports whether several layers add to the directory.
func (d *dentry) merged() bool { return len(d.refs) > 1 }

// path is the absolute path. It is asked for at every step of every walk.
func (d *dentry) path() string {
	if d.parent == nil {
		return "/"
	}
	var room [128]byte
	return string(d.appendPath(room[:0]))
}

// appendPath puts the path behind b; that of the root is empty.
func (d *dentry) appendPath(b []byte) []byte {
	if d.parent == nil {
		return b
	}
	return append(append(d.parent.appendPath(b), '/'), d.name...)
}

// same reports whether a and b stand for the same place in the tree.
func same(a, b *dentry) bool {
	for a != nil && b != nil && a != b {
		if a.name != b.name {
			return false
		}
		a, b = a.parent, b.parent
	}
	return a == b || a == nil && b == nil
}

// root is the root directory, to which every layer adds: as in the kernel, a
// root that is marked opaque hides nothing.
func (m *Mount) root() *dentry {
	if m.base == nil {
		m.base = &dentry{refs: m.roots(m.upper != nil)}
	}
	return m.base
}

// maxDentries is how many names a mount remembers.
const maxDentries = 20_000

// forget drops all names that were remembered.
func (m *Mount) forget() { m.base, m.dentries = nil, 0 }

// forgetName drops what is remembered of a name that is changed.
func (d *dentry) forgetName(name string) { delete(d.dirs, name) }

// roots is the roots of the lowers, below that of the upper if it is wanted.
func (m *Mount) roots(upper bool) []ref {
	refs := make([]ref, 0, len(m.lowers)+1)
	if upper {
		refs = append(refs, ref{m.top(), tree.Root})
	}
	for l := len(m.lowers) - 1; l >= 0; l-- {
		refs = append(refs, ref{l, tree.Root})
	}
	return refs
}

// child looks a name up in a directory. What is there is remembered, so that a path
// costs its components and not the layers; what is not there is looked for anew.
func (m *Mount) child(d *dentry, name string) *dentry {
	if c := d.dirs[name]; c != nil {
		return c
	}
	refs, end := m.find(d.refs, name)
	white := end.ino != 0 && end.layer == m.top()
	c := &dentry{parent: d, name: name, refs: refs, white: white}
	if len(refs) > 0 {
		if d.dirs == nil {
			d.dirs = map[string]*dentry{}
		}
		d.dirs[name] = c
		m.dentries++
	}
	return c
}

// find looks a name up in the merged directories dirs: the first that is not a
// directory wins, directories are collected down to an opaque one, and a
// whiteout ends the search. The whiteout is returned when nothing lies above it.
func (m *Mount) find(dirs []ref, name string) (found []ref, whiteout ref) {
	for _, r := range dirs {
		t := m.tree(r.layer)
		i := t.Child(r.ino, name)
		if i == 0 {
			continue
		}
		n := t.Inode(i)
		if n.IsWhiteout() {
			if len(found) == 0 {
				whiteout = ref{r.layer, i}
			}
			break
		}
		if !n.IsDir() {
			if len(found) == 0 {
				found = m.linked(ref{r.layer, i}, n)
			}
			break
		}
		found = append(found, ref{r.layer, i})
		if n.Opaque {
			break
		}
	}
	return found, whiteout
}

// linked is what an object that is no directory stands for: itself, except that
// a hard link whose target its own layer lacks is looked for in the layers below.
// A link to nothing shows nothing, and hides what lies below it.
func (m *Mount) linked(r ref, n *tree.Inode) []ref {
	if !n.LinkBroken {
		return []ref{r}
	}
	at := make([]ref, 0, r.layer)
	for l := r.layer - 1; l >= 0; l-- {
		at = append(at, ref{l, tree.Root})
	}
	at = m.walkRefs(at, n.Target)
	if len(at) == 0 || m.tree(at[0].layer).Inode(at[0].ino).IsDir() {
		return nil
	}
	return at
}

// walkRefs follows a literal path: no symbolic links, no "..".
func (m *Mount) walkRefs(at []ref, p string) []ref {
	for part := range strings.SplitSeq(path.Clean("/"+p), "/") {
		if part != "" {
			at, _ = m.find(at, part)
		}
	}
	return at
}

// walk is the dentry at a literal path.
func (m *Mount) walk(p string) *dentry {
	d := m.root()
	for part := range strings.SplitSeq(path.Clean("/"+p), "/") {
		if part != "" {
			d = m.child(d, part)
		}
	}
	return d
}

// inode is the metadata and data that a process sees under d. For a directory
// that is the topmost layer's that describes it: one that is only implied by
// paths below it says nothing of owner and mode.
func (m *Mount) inode(d *dentry) *tree.Inode {
	_, n := m.face(d.refs)
	return n
}

// face is the layer and inode that give refs their metadata.
func (m *Mount) face(refs []ref) (int, *tree.Inode) {
	for _, r := range refs {
		if n := m.tree(r.layer).Inode(r.ino); !n.Implied {
			return r.layer, n
		}
	}
	return refs[0].layer, m.tree(refs[0].layer).Inode(refs[0].ino)
}

// A named is one name of a merged directory.
type named struct {
	name string
	refs []ref
}

// list is the names of the merged directories dirs, sorted bytewise, whiteouts
// and what they hide left out.
func (m *Mount) list(dirs []ref) []named {
	type item struct {
		name string
		ref
	}
	var items []item
	for _, r := range dirs {
		for name, i := range m.tree(r.layer).Children(r.ino) {
			items = append(items, item{name, ref{r.layer, i}})
		}
	}
	if len(dirs) > 1 {
		slices.SortStableFunc(items, func(a, b item) int { return cmp.Compare(a.name, b.name) })
	}
	out := make([]named, 0, len(items))
	for i := 0; i < len(items); {
		name := items[i].name
		var refs []ref
		open := true
		for ; i < len(items) && items[i].name == name; i++ {
			if !open {
				continue
			}
			r := items[i].ref
			n := m.tree(r.layer).Inode(r.ino)
			switch {
			case n.IsWhiteout():
				open = false
			case n.IsDir():
				refs = append(refs, r)
				open = !n.Opaque
			default:
				if len(refs) == 0 {
					refs = m.linked(r, n)
				}
				open = false
			}
		}
		if len(refs) > 0 {
			out = append(out, named{name, refs})
		}
	}
	return out
}

// empty reports whether the merged directories dirs show no name.
func (m *Mount) empty(dirs []ref) bool {
	if len(dirs) == 1 && m.tree(dirs[0].layer).Len(dirs[0].ino) == 0 {
		return true
	}
	return len(m.list(dirs)) == 0
}

// bytes is the file data below refs as a process would see it.
func (m *Mount) bytes(refs []ref) int64 {
	if len(refs) == 0 {
		return 0
	}
	n := m.tree(refs[0].layer).Inode(refs[0].ino)
	if !n.IsDir() {
		return n.Size() * b2i(n.IsRegular())
	}
	var sum int64
	for _, c := range m.list(refs) {
		sum += m.bytes(c.refs)
	}
	return sum
}

func b2i(b bool) int64 {
	if b {
		return 1
	}
	return 0
}
