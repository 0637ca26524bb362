package overlay

import (
	"errors"
	"io/fs"
	"syscall"

	"github.com/layerlab/layerlab/sim/content"
	"github.com/layerlab/layerlab/sim/tree"
)

// Unlink is unlink(2). If a lower layer has the name, a whiteout takes its place.
func (v *View) Unlink(p string) error {
	v.m.begin()
	defer v.m.end()
	return fail("unlink", p, v.unlink(p))
}

func (v *View) unlink(p string) error {
	w := v.walker()
	l, err := v.parentOf(w, p)
	if err != nil {
		return err
	}
	if l.kind != plainName {
		return syscall.EISDIR
	}
	if v.m.upper == nil {
		return syscall.EROFS
	}
	d, err := w.final(l)
	w.trace(l)
	if err != nil {
		return err
	}
	n := v.m.inode(d)
	if l.slash {
		if n.IsDir() {
			return syscall.EISDIR
		}
		return syscall.ENOTDIR
	}
	if err := v.c.mayDelete(v.m.inode(d.parent), n, false); err != nil {
		return err
	}
	return v.m.remove(d)
}

// Rmdir is rmdir(2): the merged view of the directory must be empty.
func (v *View) Rmdir(p string) error {
	v.m.begin()
	defer v.m.end()
	return fail("rmdir", p, v.rmdir(p))
}

func (v *View) rmdir(p string) error {
	w := v.walker()
	l, err := v.parentOf(w, p)
	if err != nil {
		return err
	}
	switch l.kind {
	case dot:
		return syscall.EINVAL
	case dotDot:
		return syscall.ENOTEMPTY
	case rootOnly:
		return syscall.EBUSY
	}
	if v.m.upper == nil {
		return syscall.EROFS
	}
	d, err := w.final(l)
	w.trace(l)
	if err != nil {
		return err
	}
	if err := v.c.mayDelete(v.m.inode(d.parent), v.m.inode(d), true); err != nil {
		return err
	}
	if !v.m.empty(d.refs) {
		return syscall.ENOTEMPTY
	}
	return v.m.remove(d)
}

// RemoveAll removes p and all that is below it, as rm -rf does, and goes on after
// what it may not remove; the first error is returned. A missing p is no error.
func (v *View) RemoveAll(p string) error {
	s, err := v.Lstat(p)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	} else if err != nil {
		return err
	}
	if !s.IsDir() {
		return v.Unlink(p)
	}
	if v.c.root() && s.Path != "/" {
		v.m.begin()
		defer v.m.end()
		if v.m.upper == nil {
			return fail("rmdir", p, syscall.EROFS)
		}
		return fail("rmdir", p, v.m.remove(v.m.walk(s.Path)))
	}
	list, first := v.ReadDir(p)
	for _, e := range list {
		if err := v.RemoveAll(p + "/" + e.Name); err != nil && first == nil {
			first = err
		}
	}
	if err := v.Rmdir(p); err != nil && first == nil {
		first = err
	}
	return first
}

// below is what the lower layers show under the name of d.
func (m *Mount) below(d *dentry) []ref {
	refs, _ := m.find(lowersOf(m, d.parent.refs), d.name)
	return refs
}

func lowersOf(m *Mount, refs []ref) []ref {
	if len(refs) > 0 && refs[0].layer == m.top() {
		return refs[1:]
	}
	return refs
}

// remove takes the name d away with everything below it; what the lower layers
// have under it is hidden by a whiteout.
func (m *Mount) remove(d *dentry) error {
	low := m.below(d)
	dir, err := m.copyUp(d.parent, "remove from it", true)
	if err != nil {
		return err
	}
	m.lose(d.path())
	m.detach(dir, d.name)
	d.parent.forgetName(d.name)
	m.touch(dir)
	if len(low) == 0 {
		m.emit(Removed{Path: d.path()})
	} else {
		m.whiteout(dir, d, low)
	}
	d.refs = nil
	return nil
}

// whiteout hides low, which the lower layers show under the name of d.
func (m *Mount) whiteout(dir tree.Ino, d *dentry, low []ref) {
	m.upper.Add(dir, d.name, tree.Whiteout(m.o.Now()))
	if m.o.Trace != nil {
		m.emit(Whiteout{Path: d.path(), Hides: low[0].layer, Bytes: m.bytes(low)})
	}
}

// detach takes a name out of the upper directory dir. Open files keep what they
// have open.
func (m *Mount) detach(dir tree.Ino, name string) {
	i := m.upper.Child(dir, name)
	if i == 0 {
		return
	}
	kept := m.keep()
	m.discount(i)
	m.unstamp(i)
	m.upper.Remove(dir, name)
	m.orphan(kept)
}

// keep is copies of the inodes that are open.
func (m *Mount) keep() map[tree.Ino]tree.Inode {
	if len(m.open) == 0 {
		return nil
	}
	kept := make(map[tree.Ino]tree.Inode, len(m.open))
	for i := range m.open {
		kept[i] = *m.upper.Inode(i)
		h := m.open[i]
		h.stamp, h.number = m.stampAt(i), m.number([]ref{{m.top(), i}})
	}
	return kept
}

// orphan gives the open files whose inode has lost its last name an inode of
// their own.
func (m *Mount) orphan(kept map[tree.Ino]tree.Inode) {
	for i, n := range kept {
		if m.upper.Inode(i) == nil {
			n.Nlink = 0
			h := m.open[i]
			h.orphan, h.stamp.c = &n, m.o.Now()
			delete(m.open, i)
		}
	}
}

// discount takes the literal bytes that go with a name of i out of the count.
func (m *Mount) discount(i tree.Ino) {
	n := m.upper.Inode(i)
	switch {
	case !m.measured:
	case n.IsDir():
		for _, c := range m.upper.Children(i) {
			m.discount(c)
		}
	case n.Nlink > 1:
		m.measured = false // not worth the trouble: count again
	default:
		m.held -= content.Held(n.Content())
	}
}
