package fsops

import (
	"fmt"
	"io"
	"os"

	"golang.org/x/sys/unix"

	"github.com/layerlab/layerlab/sim/content"
	"github.com/layerlab/layerlab/sim/overlay"
	"github.com/layerlab/layerlab/sim/tree"
)

// unpack makes the layer i of lowers a directory that the kernel takes as a lower
// one: whiteouts are devices 0:0, opaque directories have their attribute.
func unpack(lowers []Lower, i int, dir string) error {
	var trees []*tree.Tree
	for _, l := range lowers[:i+1] {
		trees = append(trees, l.Tree)
	}
	u := unpacker{t: lowers[i].Tree, union: overlay.New(trees, nil, overlay.Options{}), names: map[tree.Ino]string{}}
	return u.dir(tree.Root, "", dir)
}

type unpacker struct {
	t     *tree.Tree
	union *overlay.Mount // of this layer and those below
	names map[tree.Ino]string
}

// dir unpacks a directory, whose path in the layer is p, to the directory at,
// which is there.
func (u *unpacker) dir(i tree.Ino, p, at string) error {
	for name, c := range u.t.Children(i) {
		if err := u.object(c, p+"/"+name, at+"/"+name); err != nil {
			return err
		}
	}
	n := u.t.Inode(i)
	if n.Implied { // it has the attributes of the layers below
		if below, _, ok := u.union.Lookup(p); ok && below.IsDir() {
			n = below
		}
	}
	return dress(n, at)
}

func (u *unpacker) object(i tree.Ino, p, at string) error {
	n := u.t.Inode(i)
	if first, ok := u.names[i]; ok {
		return os.Link(first, at)
	}
	var err error
	switch n.Type() {
	case tree.Directory:
		if err := os.Mkdir(at, 0o700); err != nil {
			return err
		}
		return u.dir(i, p, at)
	case tree.Symlink:
		err = os.Symlink(n.Target, at)
	case tree.Regular:
		err = write(n.Content(), at)
	default:
		err = unix.Mknod(at, n.Mode, int(unix.Mkdev(n.Major, n.Minor)))
	}
	if err != nil {
		return err
	}
	u.names[i] = at
	return dress(n, at)
}

// write makes a file, in which runs of zeros take no room.
func write(b content.Body, at string) error {
	f, err := os.Create(at)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := f.Truncate(b.Size()); err != nil {
		return err
	}
	off := int64(0)
	for _, part := range content.Parts(b) {
		if content.IsHole(part) {
			off += part.Size()
			continue
		}
		r, err := part.Open()
		if err != nil {
			return err
		}
		n, err := io.Copy(io.NewOffsetWriter(f, off), r)
		r.Close()
		if err != nil {
			return err
		}
		off += n
	}
	return nil
}

// dress gives what is at a path the metadata of n.
func dress(n *tree.Inode, at string) error {
	if err := os.Lchown(at, int(n.UID), int(n.GID)); err != nil {
		return err
	}
	if !n.IsSymlink() {
		if err := unix.Chmod(at, n.Perm()); err != nil {
			return err
		}
	}
	for name, value := range n.Xattrs {
		if err := unix.Lsetxattr(at, name, []byte(value), 0); err != nil {
			return fmt.Errorf("setting %s of %s: %w", name, at, err)
		}
	}
	if n.Opaque {
		if err := unix.Lsetxattr(at, opaqueXattr, []byte("y"), 0); err != nil {
			return fmt.Errorf("making %s opaque: %w", at, err)
		}
	}
	ts := unix.Timespec{Sec: n.MTime.Sec, Nsec: int64(n.MTime.Nsec)}
	return unix.UtimesNanoAt(unix.AT_FDCWD, at, []unix.Timespec{ts, ts}, unix.AT_SYMLINK_NOFOLLOW)
}
