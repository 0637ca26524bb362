// Package tree is a file tree as a file system keeps it: inodes and names.
//
// An [Inode] is a file, directory, symbolic link, device, FIFO or socket with
// its metadata. A name is an entry of a directory that points to an inode by
// its number ([Ino]); two names of one inode are a hard link. A [Tree] holds one
// root directory and everything below it.
//
// The same type serves three masters. A container's upper directory is a tree;
// a layer (package layer) is a tree; the learner's home directory is one. A tree
// that is an overlay's upper or lower directory may hold two marks, as the
// kernel stores them (Documentation/filesystems/overlayfs.rst):
//
//   - whiteout: a character device 0:0, which hides the same name in all the
//     layers below ([Inode.IsWhiteout]);
//   - opaque: a directory that hides what the layers below have under its name
//     ([Inode.Opaque]).
//
// [Tree.Snapshot] costs nothing: trees share what they have in common, and a
// change copies only what it changes. A Tree is not safe for concurrent change,
// and taking a snapshot counts as one; different snapshots may be used by
// different goroutines.
package tree

import (
	"fmt"
	"io/fs"
	"iter"
	"maps"
	"path"
	"strings"
	"sync/atomic"
	"time"

	"github.com/tidwall/btree"

	"github.com/layerlab/layerlab/sim/content"
)

// Ino is the number of an inode in its tree. 0 is no inode; the root is 1.
type Ino uint32

// Root is the number of every tree's root directory.
const Root Ino = 1

// The file types and special bits of Inode.Mode, with the values of stat(2).
const (
	TypeMask    uint32 = 0o170000
	Socket      uint32 = 0o140000
	Symlink     uint32 = 0o120000
	Regular     uint32 = 0o100000
	BlockDevice uint32 = 0o060000
	Directory   uint32 = 0o040000
	CharDevice  uint32 = 0o020000
	FIFO        uint32 = 0o010000

	SetUID uint32 = 0o4000
	SetGID uint32 = 0o2000
	Sticky uint32 = 0o1000

	// PermMask is the permission bits with set-uid, set-gid and sticky.
	PermMask uint32 = 0o7777
)

// Time is a point in time as a file system stores it: seconds since 1970 UTC and
// nanoseconds. The zero Time is 1970-01-01T00:00:00Z.
type Time struct {
	Sec  int64
	Nsec int32
}

// TimeOf is t as a file system stores it.
func TimeOf(t time.Time) Time { return Time{t.Unix(), int32(t.Nanosecond())} }

// Time is t in UTC.
func (t Time) Time() time.Time { return time.Unix(t.Sec, int64(t.Nsec)).UTC() }

// Before reports whether t is earlier than u.
func (t Time) Before(u Time) bool {
	return t.Sec < u.Sec || t.Sec == u.Sec && t.Nsec < u.Nsec
}

// An Inode is one file object with its metadata. Inodes returned by a Tree are
// to be read only; they are changed through Tree.Update.
type Inode struct {
	Mode       uint32 // type and permissions, as st_mode
	UID, GID   uint32
	Nlink      uint32 // names in this tree; for a directory 2 + its subdirectories
	MTime      Time
	Major      uint32 // of a device
	Minor      uint32
	Target     string            // of a symbolic link, verbatim
	Body       content.Body      // of a regular file; nil means empty
	Xattrs     map[string]string // extended attributes by full name; replaced, never changed in place
	Opaque     bool              // a directory that hides the same name in the layers below
	Implied    bool              // a directory that no entry of its layer's tar describes, only paths below it do
	LinkBroken bool              // a hard link whose target was not found when the layer was read

	parent Ino // of a directory
	dir    *btree.Map[string, Ino]
	owner  *byte // the tree that may change this inode in place
}

// Type is the file type bits of the mode.
func (n *Inode) Type() uint32 { return n.Mode & TypeMask }

// Perm is the permission bits of the mode, set-uid, set-gid and sticky included.
func (n *Inode) Perm() uint32 { return n.Mode & PermMask }

// IsDir reports whether n is a directory.
func (n *Inode) IsDir() bool { return n.Type() == Directory }

// IsRegular reports whether n is a regular file.
func (n *Inode) IsRegular() bool { return n.Type() == Regular }

// IsSymlink reports whether n is a symbolic link.
func (n *Inode) IsSymlink() bool { return n.Type() == Symlink }

// IsWhiteout reports whether n is a whiteout: a character device 0:0.
func (n *Inode) IsWhiteout() bool { return n.Type() == CharDevice && n.Major == 0 && n.Minor == 0 }

// Size is st_size: the bytes of a regular file, the length of a symbolic link's
// target, 0 for all else.
func (n *Inode) Size() int64 {
	switch {
	case n.IsRegular() && n.Body != nil:
		return n.Body.Size()
	case n.IsSymlink():
		return int64(len(n.Target))
	}
	return 0
}

// Content is the body of a regular file, never nil.
func (n *Inode) Content() content.Body {
	if n.Body == nil {
		return content.Empty
	}
	return n.Body
}

// Whiteout is a new whiteout as the kernel makes it: character device 0:0, mode 0.
func Whiteout(at Time) Inode { return Inode{Mode: CharDevice, MTime: at} }

// FileMode is the mode as io/fs has it.
func (n *Inode) FileMode() fs.FileMode {
	m := fs.FileMode(n.Mode & 0o777)
	switch n.Type() {
	case Directory:
		m |= fs.ModeDir
	case Symlink:
		m |= fs.ModeSymlink
	case CharDevice:
		m |= fs.ModeDevice | fs.ModeCharDevice
	case BlockDevice:
		m |= fs.ModeDevice
	case FIFO:
		m |= fs.ModeNamedPipe
	case Socket:
		m |= fs.ModeSocket
	}
	if n.Mode&SetUID != 0 {
		m |= fs.ModeSetuid
	}
	if n.Mode&SetGID != 0 {
		m |= fs.ModeSetgid
	}
	if n.Mode&Sticky != 0 {
		m |= fs.ModeSticky
	}
	return m
}

// A Tree is a root directory and everything below it.
type Tree struct {
	inodes btree.Map[Ino, *Inode]
	next   Ino
	names  int
	owner  *byte
	rev    uint64
}

// revisions is the last revision that a tree was given.
var revisions atomic.Uint64

// Revision is a number that changes with every change of the tree. Trees of the
// same revision hold the same; the number itself means nothing.
func (t *Tree) Revision() uint64 { return t.rev }

// New is a tree of one empty root directory, 0755 0:0, made at the given time.
func New(at Time) *Tree {
	t := &Tree{next: Root + 1, owner: new(byte), rev: revisions.Add(1)}
	t.inodes.Set(Root, &Inode{Mode: Directory | 0o755, Nlink: 2, MTime: at, parent: Root, dir: new(btree.Map[string, Ino]), owner: t.owner})
	return t
}

// Snapshot is a tree with the same content that can be changed without changing
// t, and t without changing it. It takes the same short time for every tree.
func (t *Tree) Snapshot() *Tree {
	out := &Tree{inodes: *t.inodes.Copy(), next: t.next, names: t.names, owner: new(byte), rev: t.rev}
	t.owner = new(byte)
	return out
}

// Inode is the inode with the given number, or nil.
func (t *Tree) Inode(i Ino) *Inode {
	n, _ := t.inodes.Get(i)
	return n
}

// Names is the number of names in the tree, the root not counted.
func (t *Tree) Names() int { return t.names }

// Child is the inode that name points to in the directory dir, or 0.
func (t *Tree) Child(dir Ino, name string) Ino {
	n := t.Inode(dir)
	if n == nil || n.dir == nil {
		return 0
	}
	i, _ := n.dir.Get(name)
	return i
}

// Children gives the names of the directory dir in bytewise order. The tree must
// not be changed during the walk.
func (t *Tree) Children(dir Ino) iter.Seq2[string, Ino] {
	return t.ChildrenFrom(dir, "")
}

// ChildrenFrom gives the names of the directory dir that are not before from, in
// bytewise order.
func (t *Tree) ChildrenFrom(dir Ino, from string) iter.Seq2[string, Ino] {
	return func(yield func(string, Ino) bool) {
		if n := t.Inode(dir); n != nil && n.dir != nil {
			n.dir.Ascend(from, yield)
		}
	}
}

// Len is the number of names in the directory dir.
func (t *Tree) Len(dir Ino) int {
	n := t.Inode(dir)
	if n == nil || n.dir == nil {
		return 0
	}
	return n.dir.Len()
}

// Parent is the directory that holds the directory dir; the root's is itself.
func (t *Tree) Parent(dir Ino) Ino { return t.Inode(dir).parent }

// Lookup is the inode at a slash-separated path from the root, or 0. Symbolic
// links are not followed and "." and ".." are plain names: clean the path first.
// "" and "/" are the root.
func (t *Tree) Lookup(p string) Ino {
	at := Root
	for part := range strings.SplitSeq(p, "/") {
		if part == "" {
			continue
		}
		if at = t.Child(at, part); at == 0 {
			return 0
		}
	}
	return at
}

// Get is the inode at a path as Lookup finds it, or nil.
func (t *Tree) Get(p string) *Inode {
	if i := t.Lookup(p); i != 0 {
		return t.Inode(i)
	}
	return nil
}

// Update changes the inode i by calling change with a copy that may be written
// to. The type, link count and children are not change's to touch.
func (t *Tree) Update(i Ino, change func(*Inode)) { change(t.own(i)) }

// own is the inode i, copied first if another tree may still see it.
func (t *Tree) own(i Ino) *Inode {
	n := t.Inode(i)
	if n == nil {
		panic(fmt.Sprintf("tree: no inode %d", i))
	}
	t.rev = revisions.Add(1)
	if n.owner == t.owner {
		return n
	}
	c := *n
	c.owner = t.owner
	if c.dir != nil {
		dir := *c.dir // Copy writes to what it copies, which others may be reading
		c.dir = dir.Copy()
	}
	t.inodes.Set(i, &c)
	return &c
}

// Add makes a new inode like n with the given name in the directory dir, in
// place of what has the name there, and returns its number. A directory starts
// empty.
func (t *Tree) Add(dir Ino, name string, n Inode) Ino {
	checkName(name)
	t.Remove(dir, name)
	i := t.next
	t.next++
	d := t.own(dir)
	n.owner = t.owner
	n.Nlink = 1
	n.dir = nil
	if n.IsDir() {
		n.dir = new(btree.Map[string, Ino])
		n.parent = dir
		n.Nlink = 2
		d.Nlink++
	}
	t.inodes.Load(i, &n) // i is the largest number
	d.dir.Set(name, i)
	t.names++
	return i
}

func checkName(name string) {
	if name == "" || strings.Contains(name, "/") {
		panic(fmt.Sprintf("tree: bad name %q", name))
	}
}

// Link gives the inode i a further name in the directory dir, in place of what
// has the name there. A directory must not have two names.
func (t *Tree) Link(dir Ino, name string, i Ino) {
	checkName(name)
	if old := t.Child(dir, name); old == i {
		return
	} else if old != 0 {
		// i may be below old; hold it by an extra link while old goes.
		t.own(i).Nlink++
		t.Remove(dir, name)
		t.own(i).Nlink--
	}
	d := t.own(dir)
	d.dir.Set(name, i)
	t.names++
	n := t.own(i)
	n.Nlink++
	if n.IsDir() {
		n.parent = dir
		d.Nlink++
	}
}

// Remove takes the name out of the directory dir; a directory goes with
// everything below it. It reports whether there was such a name.
func (t *Tree) Remove(dir Ino, name string) bool {
	i := t.Child(dir, name)
	if i == 0 {
		return false
	}
	d := t.own(dir)
	d.dir.Delete(name)
	t.names--
	if t.Inode(i).IsDir() {
		d.Nlink--
	}
	t.drop(i)
	return true
}

// drop takes one link from the inode i and forgets it with its last.
func (t *Tree) drop(i Ino) {
	n := t.Inode(i)
	if n.IsDir() {
		for _, c := range t.Children(i) {
			t.names--
			t.drop(c)
		}
	} else if n.Nlink > 1 {
		t.own(i).Nlink--
		return
	}
	t.inodes.Delete(i)
}

// Rename moves the name from one directory to another, in place of what has the
// new name there. The caller sees to it that a directory does not land in itself.
func (t *Tree) Rename(from Ino, name string, to Ino, newName string) {
	i := t.Child(from, name)
	if i == 0 {
		panic(fmt.Sprintf("tree: rename of missing %q", name))
	}
	if from == to && name == newName {
		return
	}
	t.own(i).Nlink++ // hold it while its old name goes
	f := t.own(from)
	f.dir.Delete(name)
	t.names--
	isDir := t.Inode(i).IsDir()
	if isDir {
		f.Nlink--
	}
	t.own(i).Nlink--
	t.Link(to, newName, i)
	if isDir {
		t.own(i).Nlink-- // Link counted a name that it already had
	} else {
		t.own(i).Nlink--
	}
}

// Walk calls visit for every name below the inode at, parents before children,
// siblings in bytewise order, with the path from the root of the tree without a
// leading slash. visit returns false to leave out what is below a directory.
func (t *Tree) Walk(visit func(p string, i Ino, n *Inode) bool) {
	t.walk(Root, "", visit)
}

func (t *Tree) walk(dir Ino, prefix string, visit func(string, Ino, *Inode) bool) {
	for name, i := range t.Children(dir) {
		n := t.Inode(i)
		p := prefix + name
		if visit(p, i, n) && n.IsDir() {
			t.walk(i, p+"/", visit)
		}
	}
}

// Path is the path of the directory i from the root, "/" for the root itself.
func (t *Tree) Path(i Ino) string {
	if i == Root {
		return "/"
	}
	up := t.Inode(i).parent
	for name, c := range t.Children(up) {
		if c == i {
			return path.Join(t.Path(up), name)
		}
	}
	return "?"
}

// MkdirAll makes the directories of a path that are missing, with the given
// inode as their pattern, and returns the last. A name on the way that is not a
// directory is replaced.
func (t *Tree) MkdirAll(p string, like Inode) Ino {
	at := Root
	for part := range strings.SplitSeq(p, "/") {
		if part == "" || part == "." {
			continue
		}
		next := t.Child(at, part)
		if next == 0 || !t.Inode(next).IsDir() {
			next = t.Add(at, part, like)
		}
		at = next
	}
	return at
}

// WithXattr is the extended attributes m with one set, or taken away when value
// is nil; m is left as it is.
func WithXattr(m map[string]string, name string, value *string) map[string]string {
	out := maps.Clone(m)
	if value == nil {
		delete(out, name)
		return out
	}
	if out == nil {
		out = map[string]string{}
	}
	out[name] = *value
	return out
}
