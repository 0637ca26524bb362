package layer

import (
	"archive/tar"
	"fmt"
	"math"
	"strings"

	"github.com/layerlab/layerlab/sim/content"
	"github.com/layerlab/layerlab/sim/tree"
)

// builder makes a layer's tree from the entries of its tar. The marks that hide
// what lies below are gathered on the way and set at the end.
type builder struct {
	l      *Layer
	t      *tree.Tree
	tar    *tarBody
	random bool

	dir    string // the directory of the last entry, which the next often shares
	dirIno tree.Ino
	marks  []mark
	late   []lateLink
}

// mark is a whiteout (hides name) or an opaque marker (name is empty) met in the
// directory dir.
type mark struct {
	dir, name, entry string
	mtime            tree.Time
}

// lateLink is a hard link whose target was not there when the link was met.
type lateLink struct {
	dir          tree.Ino
	name, target string
	entry        string
}

func newBuilder(t *tarBody, random bool) *builder {
	b := &builder{l: &Layer{Tree: tree.New(tree.Time{})}, tar: t, random: random, dir: "/", dirIno: tree.Root}
	b.t = b.l.Tree
	b.t.Update(tree.Root, func(n *tree.Inode) { n.Implied = true })
	return b
}

func (b *builder) note(name, format string, args ...any) {
	switch n := len(b.l.Notes); {
	case n < maxNotes:
		b.l.Notes = append(b.l.Notes, Note{name, fmt.Sprintf(format, args...)})
	case n == maxNotes:
		b.l.Notes = append(b.l.Notes, Note{"", "more oddities are not listed"})
	}
}

// add places one entry.
func (b *builder) add(e entry) error {
	p, escaped := clean(e.h.Name)
	m, hidden := markerOf(p)
	if err := checkName(markedPath(p, m)); err != nil {
		return err
	}
	if escaped {
		b.note(e.h.Name, "points above the root with \"..\"; read as %q", shorten(p))
	}
	if m != noMarker {
		return b.addMarker(e, p, m, hidden)
	}
	n, err := b.inode(e)
	if err != nil {
		return err
	}
	if p == "/" {
		b.addRoot(e, n)
		return nil
	}
	up, name := split(p)
	dir, err := b.parent(up, e.h.Name)
	if err != nil {
		return err
	}
	switch {
	case e.h.Typeflag == tar.TypeLink:
		return b.addLink(e, p, dir, name)
	case n.IsDir() && b.mergeDir(dir, name, n):
		return nil
	}
	if n.IsWhiteout() {
		b.note(e.h.Name, "is a character device 0:0: Docker's overlay takes it for a whiteout")
	}
	b.replace(p, dir, name)
	b.t.Add(dir, clone(name), n)
	return nil
}

// addRoot sets the root directory's attributes; its type is never changed.
func (b *builder) addRoot(e entry, n tree.Inode) {
	if !n.IsDir() {
		b.note(e.h.Name, "names the root but is no directory; ignored")
		return
	}
	b.t.Update(tree.Root, func(r *tree.Inode) { setDir(r, n) })
}

// mergeDir gives an existing directory the attributes of a later entry for it;
// what it holds stays.
func (b *builder) mergeDir(dir tree.Ino, name string, n tree.Inode) bool {
	old := b.t.Child(dir, name)
	if old == 0 || !b.t.Inode(old).IsDir() {
		return false
	}
	b.t.Update(old, func(d *tree.Inode) { setDir(d, n) })
	return true
}

func setDir(d *tree.Inode, n tree.Inode) {
	d.Mode, d.UID, d.GID, d.MTime, d.Xattrs, d.Implied = n.Mode, n.UID, n.GID, n.MTime, n.Xattrs, false
}

// replace makes room for a new entry and counts the bytes that are dead by it.
func (b *builder) replace(p string, dir tree.Ino, name string) {
	old := b.t.Child(dir, name)
	if old == 0 {
		return
	}
	b.countDead([]byte(p[1:]), b.t.Inode(old), old)
	b.t.Remove(dir, name)
	b.dir, b.dirIno = "/", tree.Root
}

// countDead counts what goes with the inode i, at the path p without its slash.
func (b *builder) countDead(p []byte, n *tree.Inode, i tree.Ino) {
	switch {
	case n.IsDir():
		if !n.Implied {
			b.l.Dups = append(b.l.Dups, Dup{Path: string(p)})
		}
		for name, c := range b.t.Children(i) {
			b.countDead(append(append(p, '/'), name...), b.t.Inode(c), c)
		}
	case n.IsRegular() && n.Nlink > 1: // its bytes live on under another name
		b.l.Dups = append(b.l.Dups, Dup{Path: string(p)})
	default:
		b.l.Dups = append(b.l.Dups, Dup{string(p), content.Stored(n.Content())})
	}
}

// inode is the file that an entry describes.
func (b *builder) inode(e entry) (tree.Inode, error) {
	h := e.h
	n := tree.Inode{Mode: uint32(h.Mode) & tree.PermMask, UID: b.id(h, h.Uid), GID: b.id(h, h.Gid)}
	n.MTime = tree.TimeOf(h.ModTime)
	for key, value := range h.PAXRecords {
		if name, ok := strings.CutPrefix(key, "SCHILY.xattr."); ok {
			if n.Xattrs == nil {
				n.Xattrs = map[string]string{}
			}
			if len(value) > maxXattr {
				return n, fmt.Errorf("its extended attribute %q has %d bytes, Linux allows %d", shorten(name), len(value), maxXattr)
			}
			if n.Xattrs[name] = value; strings.HasPrefix(name, "trusted.overlay.") {
				b.note(h.Name, "has overlayfs's own attribute %q, as one packed from an upper directory has; Docker leaves it out", shorten(name))
			}
		}
	}
	switch h.Typeflag {
	case tar.TypeReg, tar.TypeCont, tar.TypeGNUSparse:
		n.Mode |= tree.Regular
		return n, b.setBody(&n, e)
	case tar.TypeDir:
		n.Mode |= tree.Directory
	case tar.TypeSymlink:
		n.Mode = tree.Symlink | 0o777 // whatever the tar says: Linux has no other
		n.Target = clone(h.Linkname)
		if n.Target == "" {
			b.note(h.Name, "is a symbolic link without a target, which no file system allows; Docker refuses such a layer")
		}
		if len(n.Target) > maxPath {
			return n, fmt.Errorf("its target is %d bytes long, Linux allows %d", len(n.Target), maxPath)
		}
	case tar.TypeChar, tar.TypeBlock:
		n.Mode |= tree.CharDevice
		if h.Typeflag == tar.TypeBlock {
			n.Mode = n.Mode&^tree.TypeMask | tree.BlockDevice
		}
		n.Major, n.Minor = b.device(h)
	case tar.TypeFifo:
		n.Mode |= tree.FIFO
	case tar.TypeLink:
		n.Mode |= tree.Regular
	default:
		return n, fmt.Errorf("its type %q is not one that a layer may hold", h.Typeflag)
	}
	return n, nil
}

func (b *builder) setBody(n *tree.Inode, e entry) error {
	if !e.sparse {
		n.Body = b.tar.window(b.random, e.data, e.h.Size)
		b.l.Bytes += e.h.Size
		return nil
	}
	body, stored, err := sparseBody(b.tar, b.random, e.data, e.spans, e.h.Size)
	if err != nil {
		return err
	}
	if e.data+stored > e.end {
		return fmt.Errorf("its sparse map names %d bytes of data, the tar has %d", stored, e.end-e.data)
	}
	n.Body = body
	b.l.Bytes += stored
	if stored < e.h.Size {
		b.note(e.h.Name, "is sparse: %d bytes, of which the tar stores %d", e.h.Size, stored)
	}
	return nil
}

// device is a device's numbers: of larger ones than Linux has, mknod takes the low
// 12 and 20 bits.
func (b *builder) device(h *tar.Header) (major, minor uint32) {
	major, minor = uint32(h.Devmajor)&(1<<12-1), uint32(h.Devminor)&(1<<20-1)
	if int64(major) != h.Devmajor || int64(minor) != h.Devminor {
		b.note(h.Name, "has the device number %d:%d, which Linux cannot store; read as %d:%d", h.Devmajor, h.Devminor, major, minor)
	}
	return major, minor
}

// id is an owner's number; a tar can hold ones that Linux cannot.
func (b *builder) id(h *tar.Header, id int) uint32 {
	if id < 0 || int64(id) > math.MaxUint32 {
		b.note(h.Name, "has the owner number %d, which Linux cannot store; read as 65534", id)
		return 65534
	}
	return uint32(id)
}
