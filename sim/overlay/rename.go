package overlay

import (
	"syscall"

	"github.com/layerlab/layerlab/sim/tree"
)

// Rename is renameat2(2); flags are 0, RenameNoReplace or RenameExchange. A
// lower file is copied up and a whiteout left under its old name; a directory
// that is not the upper's alone is refused with EXDEV, as overlayfs does with
// redirect_dir=off.
func (v *View) Rename(old, new string, flags uint) error {
	v.m.begin()
	defer v.m.end()
	return fail("rename", old, v.rename(old, new, flags))
}

func (v *View) rename(old, new string, flags uint) error {
	if flags&^(RenameNoReplace|RenameExchange) != 0 || flags == RenameNoReplace|RenameExchange {
		return syscall.EINVAL
	}
	w := v.walker()
	from, err := v.parentOf(w, old)
	if err != nil {
		return err
	}
	t := v.target()
	to, err := t.parentOf(t.walker(), new)
	if err != nil {
		return err
	}
	if from.kind != plainName {
		return syscall.EBUSY
	}
	if to.kind != plainName {
		if flags&RenameNoReplace != 0 {
			return syscall.EEXIST
		}
		return syscall.EBUSY
	}
	if v.m.upper == nil {
		return syscall.EROFS
	}
	a, err := w.final(from)
	w.trace(from)
	if err != nil {
		return err
	}
	b, err := w.lookup(to)
	if err != nil {
		return err
	}
	w.trace(to)
	r := renaming{v: v, a: a, b: b, an: v.m.inode(a), exchange: flags&RenameExchange != 0}
	if b.exists() {
		r.bn = v.m.inode(b)
	}
	if err := r.names(from, to, flags&RenameNoReplace != 0); err != nil {
		return err
	}
	if same(a, b) || r.bn != nil && a.refs[0] == b.refs[0] && a.refs[0].layer == v.m.top() {
		return nil // two names of one object
	}
	if err := r.permitted(); err != nil {
		return err
	}
	return r.do()
}

// A renaming is one rename under way: a is the old name, b the new one.
type renaming struct {
	v        *View
	a, b     *dentry
	an, bn   *tree.Inode // bn is nil if the new name is free
	exchange bool
}

// names checks what can be told from the names, in the kernel's order.
func (r *renaming) names(from, to last, noReplace bool) error {
	switch {
	case noReplace && r.bn != nil:
		return syscall.EEXIST
	case r.exchange && r.bn == nil:
		return syscall.ENOENT
	case r.exchange && !r.bn.IsDir() && to.slash:
		return syscall.ENOTDIR
	case !r.an.IsDir() && (from.slash || to.slash && !r.exchange):
		return syscall.ENOTDIR
	case leadsTo(r.a, r.b.parent):
		return syscall.EINVAL
	case leadsTo(r.b, r.a.parent):
		if r.exchange {
			return syscall.EINVAL
		}
		return syscall.ENOTEMPTY
	}
	return nil
}

// leadsTo reports whether d is the directory dir or above it.
func leadsTo(d, dir *dentry) bool {
	for ; dir != nil; dir = dir.parent {
		if same(d, dir) {
			return true
		}
	}
	return false
}

// permitted checks the rights of the user.
func (r *renaming) permitted() error {
	c, m := &r.v.c, r.v.m
	if err := c.mayDelete(m.inode(r.a.parent), r.an, r.an.IsDir()); err != nil {
		return err
	}
	up := m.inode(r.b.parent)
	switch {
	case r.bn == nil:
		if !c.may(up, mayWrite|mayExec) {
			return syscall.EACCES
		}
	case r.exchange:
		if err := c.mayDelete(up, r.bn, r.bn.IsDir()); err != nil {
			return err
		}
	default:
		if err := c.mayDelete(up, r.bn, r.an.IsDir()); err != nil {
			return err
		}
	}
	if !same(r.a.parent, r.b.parent) { // ".." of a moved directory is written
		if r.an.IsDir() && !c.may(r.an, mayWrite) {
			return syscall.EACCES
		}
		if r.exchange && r.bn.IsDir() && !c.may(r.bn, mayWrite) {
			return syscall.EACCES
		}
	}
	return nil
}

// do is what overlayfs does once the rest of the kernel has agreed.
func (r *renaming) do() error {
	m := r.v.m
	if r.an.IsDir() && !m.pureUpper(r.a) {
		m.emit(CrossDevice{Path: r.a.path(), To: r.b.path()})
		return syscall.EXDEV
	}
	if r.exchange && r.bn.IsDir() && !m.pureUpper(r.b) {
		m.emit(CrossDevice{Path: r.b.path(), To: r.a.path()})
		return syscall.EXDEV
	}
	full := !r.exchange && r.bn != nil && r.bn.IsDir() && !m.empty(r.b.refs)
	if full && !m.pureUpper(r.b) {
		return syscall.ENOTEMPTY
	}
	low := m.below(r.a)
	if err := r.raise(); err != nil {
		return err
	}
	if full { // told by the upper's file system, when all is prepared
		m.cover(r.a.refs[0].ino, r.b)
		return syscall.ENOTEMPTY
	}
	if r.exchange {
		r.swap()
	} else {
		r.move(low)
	}
	for _, d := range []*dentry{r.a, r.b} {
		d.parent.forgetName(d.name)
		m.touch(d.parent.refs[0].ino)
	}
	return nil
}

// pureUpper reports whether only the upper has the directory d.
func (m *Mount) pureUpper(d *dentry) bool { return !d.merged() && d.refs[0].layer == m.top() }

// raise copies up what is moved and where it goes.
func (r *renaming) raise() error {
	m := r.v.m
	if _, err := m.copyUp(r.a, "rename", true); err != nil {
		return err
	}
	r.b = m.walk(r.b.path())
	if _, err := m.copyUp(r.b.parent, "rename into it", true); err != nil {
		return err
	}
	if r.exchange {
		if _, err := m.copyUp(r.b, "rename", true); err != nil {
			return err
		}
	}
	r.a = m.walk(r.a.path())
	return nil
}

func (r *renaming) move(low []ref) {
	m := r.v.m
	from, to := r.a.parent.refs[0].ino, r.b.parent.refs[0].ino
	if r.bn != nil {
		m.lose(r.b.path())
	}
	m.detach(to, r.b.name)
	m.upper.Rename(from, r.a.name, to, r.b.name)
	m.mark(r.a.refs[0].ino)
	m.moved(r.a.path(), r.b.path())
	m.emit(Renamed{Old: r.a.path(), New: r.b.path(), Upper: len(low) == 0})
	if len(low) > 0 {
		m.whiteout(from, r.a, low)
	}
	if r.an.IsDir() {
		m.cover(r.a.refs[0].ino, r.b)
	}
}

func (r *renaming) swap() {
	const hold = "\x00exchange" // no path can name it
	m := r.v.m
	from, to := r.a.parent.refs[0].ino, r.b.parent.refs[0].ino
	m.upper.Rename(from, r.a.name, from, hold)
	m.upper.Rename(to, r.b.name, from, r.a.name)
	m.upper.Rename(from, hold, to, r.b.name)
	m.mark(r.a.refs[0].ino)
	m.mark(r.b.refs[0].ino)
	m.swapped(r.a.path(), r.b.path())
	m.emit(Renamed{Old: r.a.path(), New: r.b.path(), Upper: true})
	m.emit(Renamed{Old: r.b.path(), New: r.a.path(), Upper: true})
	if r.an.IsDir() {
		m.cover(r.a.refs[0].ino, r.b)
	}
	if r.bn.IsDir() {
		m.cover(r.b.refs[0].ino, r.a)
	}
}

// cover makes the upper directory i, moved to the place of d, opaque when layers
// below add to the directory that it is in: they may have something there. The
// kernel does it even when they have not.
func (m *Mount) cover(i tree.Ino, d *dentry) {
	if !d.parent.merged() || m.upper.Inode(i).Opaque {
		return
	}
	m.set(i, func(n *tree.Inode, _ *stamp) error { n.Opaque = true; return nil })
	m.emit(OpaqueMade{Path: d.path()})
}
