package layer

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"maps"
	"slices"

	"github.com/layerlab/layerlab/sim/content"
	"github.com/layerlab/layerlab/sim/tree"
)

// The encoded index: a magic, the layer's numbers as varints, then the tree in
// preorder, one operation byte a name.
const (
	indexMagic = "LLX1"

	opEnd    = 0 // the directory ends
	opFile   = 1 // a name and its inode
	opLink   = 2 // a name and the number of a shared inode that came before
	opShared = 3 // a name and its inode, which later names share
)

// Flags of an encoded inode.
const (
	flagOpaque = 1 << iota
	flagImplied
	flagLinkBroken
	flagXattrs
	flagTarget
	flagDevice
	flagBody
)

// Encode writes the index of a layer that Index made: names, metadata and where
// in the tar each body lies, but no bodies. It takes about 30 bytes a name beside
// the name. A layer whose bodies are not of its tar cannot be encoded.
func (l *Layer) Encode(w io.Writer) error {
	e := &encoder{w: bufio.NewWriterSize(w, 64<<10), l: l, seen: map[tree.Ino]uint64{}}
	e.w.WriteString(indexMagic)
	e.uint(uint64(l.Size))
	e.uint(uint64(l.Entries))
	e.uint(uint64(l.Bytes))
	e.uint(uint64(l.usage))
	e.str(string(l.DiffID))
	e.uint(uint64(len(l.Notes)))
	for _, n := range l.Notes {
		e.str(n.Name)
		e.str(n.Text)
	}
	e.uint(uint64(len(l.Dups)))
	for _, d := range l.Dups {
		e.str(d.Path)
		e.uint(uint64(d.Size))
	}
	if err := e.inode("/", l.Tree.Inode(tree.Root)); err != nil {
		return err
	}
	if err := e.dir(tree.Root, ""); err != nil {
		return err
	}
	return e.w.Flush()
}

type encoder struct {
	w    *bufio.Writer
	l    *Layer
	seen map[tree.Ino]uint64 // numbers of files with several names
	b    [binary.MaxVarintLen64]byte
}

func (e *encoder) uint(n uint64) { e.w.Write(binary.AppendUvarint(e.b[:0], n)) }
func (e *encoder) int(n int64)   { e.w.Write(binary.AppendVarint(e.b[:0], n)) }
func (e *encoder) str(s string) {
	e.uint(uint64(len(s)))
	e.w.WriteString(s)
}

func (e *encoder) dir(dir tree.Ino, prefix string) error {
	for name, i := range e.l.Tree.Children(dir) {
		n := e.l.Tree.Inode(i)
		if number, ok := e.seen[i]; ok {
			e.w.WriteByte(opLink)
			e.str(name)
			e.uint(number)
			continue
		}
		op := byte(opFile)
		if !n.IsDir() && n.Nlink > 1 {
			op, e.seen[i] = opShared, uint64(len(e.seen))
		}
		e.w.WriteByte(op)
		e.str(name)
		if err := e.inode(prefix+name, n); err != nil {
			return err
		}
		if n.IsDir() {
			if err := e.dir(i, prefix+name+"/"); err != nil {
				return err
			}
		}
	}
	return e.w.WriteByte(opEnd)
}

func (e *encoder) inode(p string, n *tree.Inode) error {
	flags := uint64(0)
	set := func(on bool, flag uint64) {
		if on {
			flags |= flag
		}
	}
	set(n.Opaque, flagOpaque)
	set(n.Implied, flagImplied)
	set(n.LinkBroken, flagLinkBroken)
	set(len(n.Xattrs) > 0, flagXattrs)
	set(n.Target != "", flagTarget)
	set(n.Major != 0 || n.Minor != 0, flagDevice)
	set(n.IsRegular() && n.Size() > 0, flagBody)
	for _, v := range []uint64{flags, uint64(n.Mode), uint64(n.UID), uint64(n.GID)} {
		e.uint(v)
	}
	e.int(n.MTime.Sec)
	e.uint(uint64(n.MTime.Nsec))
	if flags&flagXattrs != 0 {
		e.uint(uint64(len(n.Xattrs)))
		for _, k := range slices.Sorted(maps.Keys(n.Xattrs)) {
			e.str(k)
			e.str(n.Xattrs[k])
		}
	}
	if flags&flagTarget != 0 {
		e.str(n.Target)
	}
	if flags&flagDevice != 0 {
		e.uint(uint64(n.Major))
		e.uint(uint64(n.Minor))
	}
	if flags&flagBody == 0 {
		return nil
	}
	return e.body(p, n.Body)
}

// body writes the pieces of a body: offset in the tar plus one, or 0 for a hole,
// and size.
func (e *encoder) body(p string, b content.Body) error {
	parts := content.Parts(b)
	e.uint(uint64(len(parts)))
	for _, part := range parts {
		switch off, ok := placeOf(part); {
		case ok:
			e.uint(uint64(off) + 1)
		case content.IsHole(part):
			e.uint(0)
		default:
			return fmt.Errorf("encoding the index: the bytes of %q are not in the layer's tar", p)
		}
		e.uint(uint64(part.Size()))
	}
	return nil
}
