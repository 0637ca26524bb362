package overlay

import (
	"syscall"

	"github.com/layerlab/layerlab/sim/tree"
)

// Calls by descriptor. They change what a File has open, whatever became of its
// name; the user is that of the view, who need not be the one that opened it.

// Fchmod is fchmod(2). A lower file is copied up, and f shows the copy from then
// on. A lower file that has lost its name in the meantime has no place to be copied
// to: overlayfs answers EEXIST, for the whiteout is there, and ENOTDIR for a
// directory.
func (v *View) Fchmod(f *File, mode uint32) error {
	return v.fchange("fchmod", f, v.ownerOnly, v.setMode(mode))
}

// Fchown is fchown(2): an id of -1 stays as it is.
func (v *View) Fchown(f *File, uid, gid int) error {
	return v.fchange("fchown", f, v.mayChown(uid, gid), v.setOwner(uid, gid))
}

// Futimens is futimens(3).
func (v *View) Futimens(f *File, atime, mtime SetTime) error {
	if atime.omit && mtime.omit {
		return nil
	}
	return v.fchange("futimens", f, v.mayUtime(atime, mtime), v.setTimes(atime, mtime))
}

// Fsetxattr is fsetxattr(2); flags are 0, XattrCreate or XattrReplace.
func (v *View) Fsetxattr(f *File, name, value string, flags int) error {
	if err := xattrArgs(name, value, flags); err != nil {
		return fail("fsetxattr", f.name, err)
	}
	return v.fchange("fsetxattr", f, v.mayXattr(name, &value), setAttr(name, &value, flags))
}

// Fremovexattr is fremovexattr(2).
func (v *View) Fremovexattr(f *File, name string) error {
	return v.fchange("fremovexattr", f, v.mayXattr(name, nil), setAttr(name, nil, 0))
}

// Fgetxattr is fgetxattr(2).
func (v *View) Fgetxattr(f *File, name string) (value string, err error) {
	err = v.finode("fgetxattr", f, func(n *tree.Inode) error {
		value, err = v.xattrOf(n, name)
		return err
	})
	return value, err
}

// Flistxattr is flistxattr(2), sorted.
func (v *View) Flistxattr(f *File) (names []string, err error) {
	err = v.finode("flistxattr", f, func(n *tree.Inode) error {
		names = xattrNames(n)
		return nil
	})
	return names, err
}

// Chmod is View.Fchmod by the user of f.
func (f *File) Chmod(mode uint32) error { return f.v.Fchmod(f, mode) }

// Chown is View.Fchown by the user of f.
func (f *File) Chown(uid, gid int) error { return f.v.Fchown(f, uid, gid) }

// Utimens is View.Futimens by the user of f.
func (f *File) Utimens(atime, mtime SetTime) error { return f.v.Futimens(f, atime, mtime) }

// Getxattr is View.Fgetxattr by the user of f.
func (f *File) Getxattr(name string) (string, error) { return f.v.Fgetxattr(f, name) }

// Setxattr is View.Fsetxattr by the user of f.
func (f *File) Setxattr(name, value string, flags int) error {
	return f.v.Fsetxattr(f, name, value, flags)
}

// Removexattr is View.Fremovexattr by the user of f.
func (f *File) Removexattr(name string) error { return f.v.Fremovexattr(f, name) }

// Sync is fsync(2): all is where it belongs already, so only a descriptor that
// cannot be used is an error.
func (f *File) Sync() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed || f.flags&OpenPath != 0 {
		return fail("fsync", f.name, syscall.EBADF)
	}
	if f.char {
		return fail("fsync", f.name, syscall.EINVAL)
	}
	return nil
}

// finode calls do with the inode that f has open.
func (v *View) finode(op string, f *File, do func(*tree.Inode) error) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed || f.flags&OpenPath != 0 {
		return fail(op, f.name, syscall.EBADF)
	}
	v.m.begin()
	defer v.m.end()
	return fail(op, f.name, do(v.m.fnode(f)))
}

// fnode is the inode that f has open.
func (m *Mount) fnode(f *File) *tree.Inode {
	switch {
	case f.h != nil:
		return m.inodeOf(f.h)
	case f.gone != nil:
		return f.gone
	}
	return m.inode(m.walk(f.path))
}

func (v *View) fchange(op string, f *File, check func(*tree.Inode) error, change change) error {
	return v.finode(op, f, func(n *tree.Inode) error {
		m := v.m
		if m.upper == nil {
			return syscall.EROFS
		}
		if err := check(n); err != nil {
			return err
		}
		switch {
		case f.h != nil:
			if err := m.update(f.h, change); err != nil {
				return err
			}
		case f.gone != nil && f.lower && n.IsDir():
			return syscall.ENOTDIR
		case f.gone != nil && f.lower:
			return syscall.EEXIST
		case f.gone != nil:
			if err := change(n, &f.stamp); err != nil {
				return err
			}
			f.stamp.c = m.o.Now()
		default:
			i, err := m.copyUp(m.walk(f.path), op, true)
			if err != nil {
				return err
			}
			if err := m.set(i, change); err != nil {
				return err
			}
		}
		m.emit(Changed{Path: f.path})
		return nil
	})
}
