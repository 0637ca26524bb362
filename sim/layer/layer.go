// Package layer is about image layers: frozen changesets that travel as tar
// files.
//
// The words of the field, as the OCI image specification uses them
// (image-spec layer.md) and as this package does:
//
//   - changeset: what one step of a build adds to, changes in and takes from the
//     file system below it;
//   - layer tar: the changeset as a tar file, uncompressed; its SHA-256 is the
//     layer's [Layer.DiffID];
//   - blob: the layer tar as it is stored and sent, usually gzip or zstd
//     ([Codec]); its SHA-256 is the descriptor's digest, another than the DiffID;
//   - whiteout: an empty entry ".wh.NAME" that hides NAME in the layers below;
//   - opaque whiteout: an entry ".wh..wh..opq" that hides all that the layers
//     below have in its directory.
//
// [Index] reads a layer tar's headers and makes a [Layer], whose tree holds
// names, metadata and for each file a body that says where its bytes lie: the
// bytes themselves are not held. In the tree, whiteouts are inodes as the
// kernel's overlay stores them (character device 0:0) and opaque directories
// are marked, so that a layer's tree is a lower directory of a union mount.
// [New] goes the other way: it freezes a tree into the tar that BuildKit and
// containerd would write, bit for bit.
package layer

import (
	"context"

	"github.com/opencontainers/go-digest"

	"github.com/layerlab/layerlab/sim/content"
	"github.com/layerlab/layerlab/sim/tree"
)

// A Layer is a frozen changeset. It is never changed after it is made.
type Layer struct {
	// Tree holds what the layer adds; whiteouts are inodes with IsWhiteout,
	// opaque directories have Opaque, directories that only paths below them
	// imply have Implied.
	Tree    *tree.Tree
	DiffID  digest.Digest // SHA-256 of the uncompressed tar; "" while not known
	Size    int64         // bytes of the uncompressed tar
	Entries int           // entries of the tar: all, duplicates and markers included
	Bytes   int64         // file bytes stored in the tar: duplicates each time, holes not
	Notes   []Note        // oddities met
	Dups    []Dup         // bytes dead inside this very tar

	tar   content.Body
	usage int64 // DiskUsage, 0 while not computed
	dense bool  // made here: its tar has every zero of every file
}

// StoredSize is the bytes that the layer's tar has of a file of its tree: all of
// them, but for the holes of a tar that says that it has some.
func (l *Layer) StoredSize(n *tree.Inode) int64 {
	if l.dense {
		return n.Size()
	}
	return storedSize(n)
}

// A Note says what is odd about an entry of a layer tar.
type Note struct {
	Name string // the entry's name as it is in the tar
	Text string
}

// A Dup is an entry of a layer tar whose path a later entry of the same tar
// has too: its bytes are never seen.
type Dup struct {
	Path string // cleaned, "a/b"
	Size int64  // stored bytes
}

// Tar is the uncompressed tar.
func (l *Layer) Tar() content.Body { return l.tar }

// IndexOptions says how a layer tar is read.
type IndexOptions struct {
	// Progress is told the uncompressed bytes passed so far, often.
	Progress func(done int64)
	// Digest says to hash every byte and set DiffID; otherwise bodies are
	// seeked over when the tar is content.Random.
	Digest bool
	// Pause is called every few milliseconds of work: it yields to the page, or
	// answers ctx.Err().
	Pause func(context.Context) error
	// MaxEntries is the number of entries, and of names that they make, above
	// which a tar is refused; 0 is the default of 2 million.
	MaxEntries int

	slow bool // have archive/tar read every header
}

// DiskUsage is the bytes that the layer takes where it is unpacked, as Docker 29's
// containerd store counts them on ext4 (containerd/continuity fs.DiskUsage): 4,096
// for the root and for each directory, and each file's stored bytes in blocks of
// 4,096; files with several names count once, devices nothing. A symbolic link whose
// target is longer than 59 bytes has a block: a shorter one lies in its inode.
func (l *Layer) DiskUsage() int64 {
	if l.usage == 0 {
		return diskUsage(l.Tree, storedSize)
	}
	return l.usage
}

// storedSize is what a file of a layer tar takes: its holes, if the tar says that
// it has some, take nothing.
func storedSize(n *tree.Inode) int64 { return content.Stored(n.Content()) }

func diskUsage(t *tree.Tree, size func(*tree.Inode) int64) int64 {
	const unit, inline = 4096, 59
	linked := map[tree.Ino]bool{}
	var dir func(tree.Ino) int64
	dir = func(d tree.Ino) int64 {
		total := int64(unit)
		for _, i := range t.Children(d) {
			switch n := t.Inode(i); {
			case n.IsDir():
				total += dir(i)
			case linked[i]:
			case n.IsRegular():
				total += (size(n) + unit - 1) / unit * unit
			case n.IsSymlink() && len(n.Target) > inline:
				total += unit
			}
			if n := t.Inode(i); n.Nlink > 1 && !n.IsDir() {
				linked[i] = true
			}
		}
		return total
	}
	return dir(tree.Root)
}

// emptyDiffID is the DiffID of the tar without entries: 1,024 zero bytes.
const emptyDiffID digest.Digest = "sha256:5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef"

// Empty is the layer without changes. BuildKit makes one for a WORKDIR whose
// directory is already there.
func Empty() *Layer {
	return &Layer{Tree: tree.New(tree.Time{}), DiffID: emptyDiffID, Size: 2 * block, tar: content.Zero(2 * block)}
}
