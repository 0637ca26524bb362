package overlay

import (
	"strings"
	"syscall"

	"github.com/layerlab/layerlab/sim/tree"
)

// Mkdir is mkdir(2). Over a whiteout the new directory is made opaque.
func (v *View) Mkdir(p string, perm uint32) error {
	v.m.begin()
	defer v.m.end()
	n := tree.Inode{Mode: tree.Directory | perm&(0o777|tree.Sticky)&^v.c.Umask}
	return fail("mkdir", p, v.make(p, n))
}

// MkdirAll makes the directory p and all that lead to it, as mkdir -p does: what
// is there already stays as it is.
func (v *View) MkdirAll(p string, perm uint32) error {
	var done string
	if strings.HasPrefix(p, "/") {
		done = "/"
	}
	for part := range strings.SplitSeq(p, "/") {
		if part == "" {
			continue
		}
		done += part
		if err := v.Mkdir(done, perm); err != nil {
			if s, err2 := v.Stat(done); err2 != nil {
				return err
			} else if !s.IsDir() {
				return fail("mkdir", done, syscall.ENOTDIR)
			}
		}
		done += "/"
	}
	return nil
}

// Mknod is mknod(2): mode holds the type (none means a regular file) and the
// permissions. Character device 0:0 is refused with EPERM, it would be a
// whiteout; so are devices to all but root.
func (v *View) Mknod(p string, mode, major, minor uint32) error {
	v.m.begin()
	defer v.m.end()
	n := tree.Inode{Mode: mode &^ v.c.Umask}
	switch n.Type() {
	case 0:
		n.Mode |= tree.Regular
	case tree.Regular, tree.FIFO, tree.Socket:
	case tree.CharDevice, tree.BlockDevice:
		n.Major, n.Minor = major, minor
	case tree.Directory:
		return fail("mknod", p, syscall.EPERM)
	default:
		return fail("mknod", p, syscall.EINVAL)
	}
	return fail("mknod", p, v.make(p, n))
}

// Symlink is symlink(2): target is kept as it is given.
func (v *View) Symlink(target, p string) error {
	v.m.begin()
	defer v.m.end()
	switch {
	case target == "":
		return fail("symlink", p, syscall.ENOENT)
	case len(target) >= maxPath:
		return fail("symlink", p, syscall.ENAMETOOLONG)
	}
	return fail("symlink", p, v.make(p, tree.Inode{Mode: tree.Symlink | 0o777, Target: target}))
}

// Link is link(2): a further name for a file. A lower file is copied up for it,
// a symbolic link is linked itself.
func (v *View) Link(old, new string) error {
	v.m.begin()
	defer v.m.end()
	return fail("link", new, v.link(old, new))
}

func (v *View) link(old, new string) error {
	from, err := v.at(old, false)
	if err != nil {
		return err
	}
	to, err := v.target().free(new, false)
	if err != nil {
		return err
	}
	m := v.m
	if !v.c.mayLink(m.inode(from)) {
		return syscall.EPERM
	}
	if !v.c.may(m.inode(to.parent), mayWrite|mayExec) {
		return syscall.EACCES
	}
	if m.inode(from).IsDir() {
		return syscall.EPERM
	}
	return v.addName(from, to)
}

// addName gives the object from the further name to.
func (v *View) addName(from, to *dentry) error {
	m := v.m
	i, err := m.copyUp(from, "link", true)
	if err != nil {
		return err
	}
	to = m.walk(to.path())
	dir, err := m.copyUp(to.parent, "create in it", true)
	if err != nil {
		return err
	}
	m.upper.Link(dir, to.name, i)
	m.mark(i)
	m.touch(dir)
	m.emit(Created{Path: to.path(), Kind: m.upper.Inode(i).Type()})
	return nil
}

// free is the dentry of a name that does not exist, in a directory that does.
func (v *View) free(p string, isDir bool) (*dentry, error) {
	w := v.walker()
	l, err := v.parentOf(w, p)
	if err != nil {
		return nil, err
	}
	if l.kind != plainName {
		return nil, syscall.EEXIST
	}
	d, err := w.lookup(l)
	if err == nil {
		w.trace(l)
	}
	switch {
	case err != nil:
		return nil, err
	case d.exists():
		return nil, syscall.EEXIST
	case l.slash && !isDir:
		return nil, syscall.ENOENT
	case v.m.upper == nil:
		return nil, syscall.EROFS
	}
	return d, nil
}

// make creates n under a path that must be free.
func (v *View) make(p string, n tree.Inode) error {
	d, err := v.free(p, n.IsDir())
	if err != nil {
		return err
	}
	if !v.c.may(v.m.inode(d.parent), mayWrite|mayExec) {
		return syscall.EACCES
	}
	if t := n.Type(); t == tree.CharDevice || t == tree.BlockDevice {
		if n.IsWhiteout() || !v.c.root() {
			return syscall.EPERM
		}
	}
	_, err = v.create(d, n)
	return err
}

// create puts n under the free name d, owned by the user, or by the group of a
// set-gid directory. A directory that takes the place of a whiteout is opaque.
func (v *View) create(d *dentry, n tree.Inode) (tree.Ino, error) {
	m := v.m
	n = v.owned(m.inode(d.parent), n)
	dir, err := m.copyUp(d.parent, "create in it", true)
	if err != nil {
		return 0, err
	}
	n.Opaque = n.IsDir() && d.white
	i := m.upper.Add(dir, d.name, n)
	m.stamps.Set(i, stamp{n.MTime, n.MTime})
	m.touch(dir)
	d.refs, d.white = []ref{{m.top(), i}}, false
	m.emit(Created{Path: d.path(), Kind: n.Type()})
	if n.Opaque {
		m.emit(OpaqueMade{Path: d.path()})
	}
	return i, nil
}

// owned is the new object n as it belongs to the user in the directory up: to the
// directory's group if that is set-gid.
func (v *View) owned(up *tree.Inode, n tree.Inode) tree.Inode {
	n.UID, n.GID, n.MTime = v.c.UID, v.c.GID, v.m.o.Now()
	if up.Mode&tree.SetGID != 0 {
		n.GID = up.GID
		switch {
		case n.IsDir():
			n.Mode |= tree.SetGID
		case n.Mode&(tree.SetGID|0o010) == tree.SetGID|0o010 && !v.c.root() && !v.c.in(n.GID):
			n.Mode &^= tree.SetGID
		}
	}
	return n
}
