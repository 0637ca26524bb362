package overlay

import (
	"errors"
	"os"
	"syscall"

	"github.com/layerlab/layerlab/sim/content"
	"github.com/layerlab/layerlab/sim/tree"
)

// ReadLimit is the largest file that ReadFile reads, in bytes.
const ReadLimit = 64 << 20

// ReadFile is the bytes of the file p. A file larger than ReadLimit fails with
// EFBIG: open it instead.
func (v *View) ReadFile(p string) ([]byte, error) {
	b, err := v.Body(p)
	if err != nil {
		return nil, err
	}
	if b.Size() > ReadLimit {
		return nil, fail("read", p, syscall.EFBIG)
	}
	out, err := content.ReadAll(b, ReadLimit)
	return out, fail("read", p, err)
}

// WriteFile replaces the bytes of the file p, which is made with perm if it is
// not there.
func (v *View) WriteFile(p string, b []byte, perm uint32) error {
	f, err := v.Open(p, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, perm)
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	return errors.Join(err, f.Close())
}

// Body is the content of the regular file p, not read and not copied. It stays
// what it is when the file changes. Read permission is needed.
func (v *View) Body(p string) (content.Body, error) {
	v.m.begin()
	defer v.m.end()
	d, err := v.at(p, true)
	if err != nil {
		return nil, fail("open", p, err)
	}
	n := v.m.inode(d)
	switch {
	case n.IsDir():
		return nil, fail("read", p, syscall.EISDIR)
	case !n.IsRegular() && memory(n) == nil:
		return nil, fail("open", p, syscall.ENXIO)
	case !v.c.may(n, mayRead):
		return nil, fail("open", p, syscall.EACCES)
	}
	v.m.emit(Read{Path: d.path(), Layer: d.refs[0].layer})
	return n.Content(), nil
}

// SetBody makes the regular file p, or replaces its content, with a body that is
// not read for it: what cp, COPY and dd do to big files. The rights needed and
// what is copied up are those of opening p with O_CREAT and O_TRUNC. With meta
// the file gets that owner, mode, time and those attributes and no others; without,
// a new file has mode 0666 less the umask and an old one keeps its own.
func (v *View) SetBody(p string, b content.Body, meta *Meta) error {
	f, err := v.Open(p, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o666)
	if err != nil {
		return err
	}
	defer f.Close()
	if f.h == nil {
		return nil // a device swallows it
	}
	m := v.m
	m.begin()
	defer m.end()
	if err := m.room(m.inodeOf(f.h).Content(), b); err != nil {
		return fail("write", p, err)
	}
	m.update(f.h, func(n *tree.Inode, _ *stamp) error {
		n.Body = b
		if meta != nil {
			n.Mode = tree.Regular | meta.Perm&tree.PermMask
			n.UID, n.GID, n.MTime, n.Xattrs = meta.UID, meta.GID, meta.MTime, meta.Xattrs
		}
		return nil
	})
	f.h.version++
	m.emit(Changed{Path: f.path, Bytes: b.Size()})
	return nil
}

// ReadDir is the merged names of the directory p, sorted bytewise, without "."
// and "..".
func (v *View) ReadDir(p string) ([]DirEntry, error) {
	v.m.begin()
	defer v.m.end()
	d, err := v.at(p, true)
	if err != nil {
		return nil, fail("open", p, err)
	}
	n := v.m.inode(d)
	switch {
	case !n.IsDir():
		return nil, fail("readdir", p, syscall.ENOTDIR)
	case !v.c.may(n, mayRead):
		return nil, fail("open", p, syscall.EACCES)
	}
	dir := d.path()
	if dir == "/" {
		dir = ""
	}
	list := v.m.list(d.refs)
	out := make([]DirEntry, len(list))
	for i, c := range list {
		out[i] = DirEntry{c.name, v.m.stat(dir+"/"+c.name, c.refs)}
	}
	return out, nil
}
