package overlay

import (
	"os"
	"syscall"

	"github.com/layerlab/layerlab/sim/tree"
)

// openPath is open(2) with O_PATH, which asks for no right on the object itself
// and knows no other flags than O_NOFOLLOW and O_DIRECTORY.
func (v *View) openPath(p string, flags int) (*File, error) {
	flags &= OpenPath | OpenNoFollow | OpenDirectory
	d, slash, err := v.openAt(p, flags)
	if err != nil {
		return nil, err
	}
	n := v.m.inode(d)
	if !n.IsDir() && (slash || flags&OpenDirectory != 0) {
		return nil, syscall.ENOTDIR
	}
	f := &File{v: v, path: d.path(), flags: flags, refs: d.refs, dir: n.IsDir()}
	if n.IsRegular() {
		v.m.show(f, d, n)
	}
	return f, nil
}

// show makes f a file of the upper or one that waits for its copy-up.
func (m *Mount) show(f *File, d *dentry, n *tree.Inode) {
	if d.refs[0].layer == m.top() {
		f.h = m.hold(d.refs[0].ino)
		return
	}
	f.low = n
	m.read(f)
}

// openTmpfile is open(2) with O_TMPFILE: the directory is copied up, the file is
// in the upper without a name. View.LinkFile can give it one.
func (v *View) openTmpfile(p string, flags int, perm uint32) (*File, error) {
	if flags&(os.O_WRONLY|os.O_RDWR) == 0 || flags&os.O_CREATE != 0 {
		return nil, syscall.EINVAL
	}
	m := v.m
	d, err := v.at(p, true)
	if err != nil {
		return nil, err
	}
	up := m.inode(d)
	switch {
	case !up.IsDir():
		return nil, syscall.ENOTDIR
	case m.upper == nil:
		return nil, syscall.EROFS
	case !v.c.may(up, mayWrite|mayExec):
		return nil, syscall.EACCES
	}
	n := v.owned(up, tree.Inode{Mode: tree.Regular | perm&tree.PermMask&^v.c.Umask})
	if _, err := m.copyUp(d, "make a file without a name in it", true); err != nil {
		return nil, err
	}
	m.nameless++
	h := &handle{
		version: 1, refs: 1, orphan: &n, stamp: stamp{n.MTime, n.MTime}, unborn: flags&os.O_EXCL == 0,
		number: uint64(m.top()+2)<<32 | m.nameless, // no layer's
	}
	return &File{v: v, path: d.path() + "/#tmpfile", flags: flags, refs: []ref{{m.top(), 0}}, h: h}, nil
}

// LinkFile is linkat(2) of an open file with AT_EMPTY_PATH: a file that was opened
// with OpenTmpfile and without O_EXCL gets its first name, another that still has
// one a further name. A file that lost its last name cannot come back: ENOENT.
func (v *View) LinkFile(f *File, p string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed {
		return fail("link", p, syscall.EBADF)
	}
	v.m.begin()
	defer v.m.end()
	return fail("link", p, v.linkFile(f, p))
}

func (v *View) linkFile(f *File, p string) error {
	m := v.m
	to, err := v.target().free(p, false)
	switch {
	case err != nil:
		return err
	case !v.c.may(m.inode(to.parent), mayWrite|mayExec):
		return syscall.EACCES
	case m.fnode(f).IsDir():
		return syscall.EPERM
	case f.gone != nil || f.h != nil && f.h.orphan != nil && !f.h.unborn:
		return syscall.ENOENT
	case f.h == nil || f.h.orphan == nil:
		return v.addName(m.walk(f.path), to)
	}
	dir, err := m.copyUp(to.parent, "create in it", true)
	if err != nil {
		return err
	}
	h := f.h
	i := m.upper.Add(dir, to.name, *h.orphan)
	h.stamp.c = m.o.Now()
	m.stamps.Set(i, h.stamp)
	m.origin.Set(i, h.number)
	m.touch(dir)
	h.ino, h.orphan, h.unborn = i, nil, false
	m.open[i] = h
	f.path, f.refs = to.path(), []ref{{m.top(), i}}
	m.emit(Created{Path: f.path, Kind: tree.Regular})
	return nil
}
