package overlay

import (
	"syscall"

	"github.com/layerlab/layerlab/sim/content"
	"github.com/layerlab/layerlab/sim/tree"
)

// Stat is stat(2): of what a symbolic link leads to.
func (v *View) Stat(p string) (Stat, error) { return v.stat("stat", p, true) }

// Lstat is lstat(2): of a symbolic link itself.
func (v *View) Lstat(p string) (Stat, error) { return v.stat("lstat", p, false) }

func (v *View) stat(op, p string, follow bool) (Stat, error) {
	v.m.begin()
	defer v.m.end()
	d, err := v.at(p, follow)
	if err != nil {
		return Stat{}, fail(op, p, err)
	}
	return v.m.stat(d.path(), d.refs), nil
}

// stat is what stat(2) says of refs, found at the path p.
func (m *Mount) stat(p string, refs []ref) Stat {
	_, n := m.face(refs)
	s := statOf(p, n, m.stampOf(refs), refs[0].layer, m.number(refs))
	if len(refs) > 1 {
		s.Nlink = 1
	}
	return s
}

const pageSize = 4096

func statOf(p string, n *tree.Inode, at stamp, layer int, number uint64) Stat {
	s := Stat{
		Path: p, Ino: number, Mode: n.Mode, UID: n.UID, GID: n.GID, Nlink: n.Nlink,
		Major: n.Major, Minor: n.Minor, Size: n.Size(), MTime: n.MTime, ATime: at.a, CTime: at.c, Target: n.Target, Layer: layer,
	}
	switch n.Type() {
	case tree.Directory:
		s.Size = pageSize
		s.Blocks = pageSize / 512
	case tree.Regular:
		s.Blocks = (s.Size + pageSize - 1) / pageSize * (pageSize / 512)
	}
	return s
}

// Realpath is the path of an object without symbolic links, "." and "..".
func (v *View) Realpath(p string) (string, error) {
	s, err := v.stat("realpath", p, true)
	return s.Path, err
}

// Readlink is readlink(2): the target of a symbolic link as it was given.
func (v *View) Readlink(p string) (string, error) {
	v.m.begin()
	defer v.m.end()
	d, err := v.at(p, false)
	if err != nil {
		return "", fail("readlink", p, err)
	}
	n := v.m.inode(d)
	if !n.IsSymlink() {
		return "", fail("readlink", p, syscall.EINVAL)
	}
	return n.Target, nil
}

// Access is access(2), asked as the user of the view: mask is a sum of 4 (read),
// 2 (write) and 1 (execute), or 0 for existence.
func (v *View) Access(p string, mask uint32) error {
	v.m.begin()
	defer v.m.end()
	d, err := v.at(p, true)
	if err != nil {
		return fail("access", p, err)
	}
	if mask&mayWrite != 0 && v.m.upper == nil {
		return fail("access", p, syscall.EROFS)
	}
	if !v.c.may(v.m.inode(d), mask) {
		return fail("access", p, syscall.EACCES)
	}
	return nil
}

// change copies the object at p up and changes it; check says with an errno why
// it must not be. op is the system call.
func (v *View) change(op, p string, follow bool, check func(*tree.Inode) error, change change) error {
	v.m.begin()
	defer v.m.end()
	d, err := v.at(p, follow)
	if err != nil {
		return fail(op, p, err)
	}
	if v.m.upper == nil {
		return fail(op, p, syscall.EROFS)
	}
	if err := check(v.m.inode(d)); err != nil {
		return fail(op, p, err)
	}
	i, err := v.m.copyUp(d, op, true)
	if err != nil {
		return fail(op, p, err)
	}
	if err := v.m.set(i, change); err != nil {
		return fail(op, p, err)
	}
	v.m.emit(Changed{Path: d.path()})
	return nil
}

// Chmod is chmod(2): mode is permission bits with set-uid, set-gid and sticky.
func (v *View) Chmod(p string, mode uint32) error {
	return v.change("chmod", p, true, v.ownerOnly, v.setMode(mode))
}

func (v *View) setMode(mode uint32) change {
	return func(n *tree.Inode, _ *stamp) error {
		if !v.c.root() && !v.c.in(n.GID) {
			mode &^= tree.SetGID
		}
		n.Mode = n.Type() | mode&tree.PermMask
		return nil
	}
}

func (v *View) ownerOnly(n *tree.Inode) error {
	if !v.c.owns(n) {
		return syscall.EPERM
	}
	return nil
}

// Chown is chown(2): an id of -1 stays as it is. Set-uid and set-gid bits and
// file capabilities of anything but a directory are lost, whoever calls.
func (v *View) Chown(p string, uid, gid int) error { return v.chown("chown", p, true, uid, gid) }

// Lchown is Chown of a symbolic link itself.
func (v *View) Lchown(p string, uid, gid int) error { return v.chown("lchown", p, false, uid, gid) }

func (v *View) chown(op, p string, follow bool, uid, gid int) error {
	return v.change(op, p, follow, v.mayChown(uid, gid), v.setOwner(uid, gid))
}

func (v *View) mayChown(uid, gid int) func(*tree.Inode) error {
	return func(n *tree.Inode) error {
		mine := v.c.UID == n.UID
		keepsUID, keepsGID := uid < 0 || uint32(uid) == n.UID, gid < 0 || uint32(gid) == n.GID || v.c.in(uint32(gid))
		nothing := uid < 0 && gid < 0 && (n.IsDir() || v.c.withoutSetID(n) == n.Mode)
		if v.c.root() || mine && keepsUID && keepsGID || nothing {
			return nil
		}
		return syscall.EPERM
	}
}

func (v *View) setOwner(uid, gid int) change {
	return func(n *tree.Inode, _ *stamp) error {
		if !n.IsDir() {
			n.Mode = v.c.withoutSetID(n)
			dropCapability(n)
		}
		if uid >= 0 {
			n.UID = uint32(uid)
		}
		if gid >= 0 {
			n.GID = uint32(gid)
		}
		return nil
	}
}

// Truncate is truncate(2): a lower file is copied up whole first.
func (v *View) Truncate(p string, size int64) error {
	v.m.begin()
	defer v.m.end()
	return fail("truncate", p, v.truncate(p, size))
}

func (v *View) truncate(p string, size int64) error {
	if size < 0 {
		return syscall.EINVAL
	}
	d, err := v.at(p, true)
	if err != nil {
		return err
	}
	n := v.m.inode(d)
	switch {
	case n.IsDir():
		return syscall.EISDIR
	case !n.IsRegular():
		return syscall.EINVAL
	case !v.c.may(n, mayWrite):
		return syscall.EACCES
	}
	same := size == n.Size() && content.Stored(n.Content()) == 0
	i, err := v.m.copyUp(d, "truncate", true)
	if err != nil {
		return err
	}
	if err := v.m.replace(i, content.Resize(n.Content(), size)); err != nil {
		return err
	}
	if same { // there is no data that could change
		v.m.upper.Update(i, v.c.dropPrivileges)
	} else {
		v.m.set(i, v.written)
	}
	v.m.emit(Changed{Path: d.path()})
	return nil
}

// replace gives the inode i of the upper another body.
func (m *Mount) replace(i tree.Ino, b content.Body) error {
	if err := m.room(m.upper.Inode(i).Content(), b); err != nil {
		return err
	}
	m.upper.Update(i, func(n *tree.Inode) { n.Body = b })
	if h := m.open[i]; h != nil {
		h.version++
	}
	return nil
}

// written changes an inode as a write by the user of the view.
func (v *View) written(n *tree.Inode, _ *stamp) error {
	n.MTime = v.m.o.Now()
	v.c.dropPrivileges(n)
	return nil
}
