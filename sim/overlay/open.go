package overlay

import (
	"os"
	"syscall"

	"github.com/layerlab/layerlab/sim/content"
	"github.com/layerlab/layerlab/sim/tree"
)

// Open is open(2). flags are those of package os, with OpenNoFollow and
// OpenDirectory; perm is for a file that is made. Opening a lower file for
// writing, or with O_TRUNC, copies it up even if nothing is ever written to it.
// Of the special files, only the memory devices (null, zero, full) can be opened,
// and FIFOs where nobody would have to wait; the others fail with ENXIO.
func (v *View) Open(p string, flags int, perm uint32) (*File, error) {
	v.m.begin()
	defer v.m.end()
	f, err := v.open(p, flags, perm)
	if err != nil {
		return nil, fail("open", p, err)
	}
	f.name = p
	v.m.files[f] = true
	return f, nil
}

func (v *View) open(p string, flags int, perm uint32) (*File, error) {
	switch {
	case flags&OpenPath != 0:
		return v.openPath(p, flags)
	case flags&OpenTmpfile != 0:
		return v.openTmpfile(p, flags, perm)
	}
	creating := flags&os.O_CREATE != 0
	if creating && flags&OpenDirectory != 0 {
		return nil, syscall.EINVAL
	}
	d, slash, err := v.openAt(p, flags)
	if err != nil {
		return nil, err
	}
	if !d.exists() {
		return v.openNew(d, flags, perm)
	}
	n := v.m.inode(d)
	writing := flags&(os.O_WRONLY|os.O_RDWR|os.O_TRUNC) != 0
	switch {
	case creating && flags&os.O_EXCL != 0:
		return nil, syscall.EEXIST
	case creating && n.IsDir():
		return nil, syscall.EISDIR
	case !n.IsDir() && (slash || flags&OpenDirectory != 0):
		return nil, syscall.ENOTDIR
	case n.IsSymlink():
		return nil, syscall.ELOOP
	case n.IsDir() && writing:
		return nil, syscall.EISDIR
	case !v.c.may(n, openMask(flags)):
		return nil, syscall.EACCES
	}
	return v.openOld(d, n, flags, writing)
}

func openMask(flags int) uint32 {
	mask := mayRead
	switch {
	case flags&os.O_RDWR != 0:
		mask = mayRead | mayWrite
	case flags&os.O_WRONLY != 0:
		mask = mayWrite
	}
	if flags&os.O_TRUNC != 0 {
		mask |= mayWrite
	}
	return mask
}

// openAt finds what is to be opened: symbolic links at the end are followed
// unless flags forbid it, and the name at the end of them need not exist if a
// file is to be made.
func (v *View) openAt(p string, flags int) (d *dentry, slash bool, err error) {
	w := v.walker()
	l, err := v.parentOf(w, p)
	for {
		if err != nil {
			return nil, false, err
		}
		creating := flags&os.O_CREATE != 0
		if creating && l.slash && l.kind == plainName {
			return nil, false, syscall.EISDIR
		}
		if d, err = w.lookup(l); err != nil {
			return nil, false, err
		}
		w.trace(l)
		switch {
		case !d.exists() && (!creating || l.slash):
			return nil, false, syscall.ENOENT
		case !d.exists():
			return d, false, nil
		}
		n := v.m.inode(d)
		if !n.IsSymlink() || creating && flags&os.O_EXCL != 0 || flags&OpenNoFollow != 0 && !l.slash {
			return d, l.slash, nil
		}
		if w.links++; w.links > maxLinks {
			return nil, false, syscall.ELOOP
		}
		slash := l.slash
		l, err = w.parentOf(d.parent, n.Target)
		l.slash = l.slash || slash
	}
}

func (v *View) openNew(d *dentry, flags int, perm uint32) (*File, error) {
	if v.m.upper == nil {
		return nil, syscall.EROFS
	}
	if !v.c.may(v.m.inode(d.parent), mayWrite|mayExec) {
		return nil, syscall.EACCES
	}
	i, err := v.create(d, tree.Inode{Mode: tree.Regular | perm&tree.PermMask&^v.c.Umask})
	if err != nil {
		return nil, err
	}
	return &File{v: v, path: d.path(), flags: flags, refs: d.refs, h: v.m.hold(i)}, nil
}

func (v *View) openOld(d *dentry, n *tree.Inode, flags int, writing bool) (*File, error) {
	m := v.m
	f := &File{v: v, path: d.path(), flags: flags, refs: d.refs}
	switch n.Type() {
	case tree.Directory:
		f.dir = true
		return f, nil
	case tree.Regular:
	case tree.CharDevice:
		if f.char = memory(n) != nil; !f.char {
			return nil, syscall.ENXIO
		}
		f.low = n
		return f, nil
	case tree.FIFO:
		if err := m.openFIFO(f); err != nil {
			return nil, err
		}
		return f, nil
	default:
		return nil, syscall.ENXIO
	}
	if writing {
		truncating := flags&os.O_TRUNC != 0
		why := "open for writing"
		if truncating {
			why = "open to truncate"
		}
		i, err := m.copyUp(d, why, !truncating)
		if err != nil {
			return nil, err
		}
		if truncating {
			if err := m.replace(i, content.Empty); err != nil {
				return nil, err
			}
			m.set(i, v.written)
			m.emit(Changed{Path: f.path})
		}
		f.refs = d.refs
	}
	if flags&os.O_WRONLY == 0 {
		m.emit(Read{Path: f.path, Layer: d.refs[0].layer})
	}
	m.show(f, d, n)
	return f, nil
}
