package layer

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"

	"github.com/opencontainers/go-digest"

	"github.com/layerlab/layerlab/sim/content"
	"github.com/layerlab/layerlab/sim/tree"
)

// Decode reads what Encode wrote. tar is the layer's tar here, which the files'
// bodies become windows of; it may be seekable or not, unlike where the index was made.
func Decode(r io.Reader, tar content.Body) (*Layer, error) {
	_, random := content.AsRandom(tar)
	d := &decoder{r: bufio.NewReaderSize(r, 64<<10), tar: &tarBody{tar}, random: random}
	l, err := d.layer()
	if err != nil {
		if err == io.EOF {
			err = io.ErrUnexpectedEOF
		}
		return nil, fmt.Errorf("decoding a layer's index: %w", err)
	}
	l.tar = tar
	if sized, ok := tar.(interface{ SetSize(int64) }); ok {
		sized.SetSize(l.Size)
	}
	return l, nil
}

type decoder struct {
	r      *bufio.Reader
	tar    *tarBody
	random bool
	size   int64
	t      *tree.Tree
	shared []tree.Ino
	err    error // the first error of uint, int and str
}

var errIndex = errors.New("it is damaged")

func (d *decoder) uint(limit uint64) uint64 {
	if d.err != nil {
		return 0
	}
	n, err := binary.ReadUvarint(d.r)
	if err == nil && n > limit {
		err = errIndex
	}
	if err != nil {
		d.err = err
		return 0
	}
	return n
}

func (d *decoder) str() string {
	n := d.uint(1 << 21)
	if d.err != nil || n == 0 {
		return ""
	}
	if n > 4096 { // do not trust a long length before the bytes are there
		var b strings.Builder
		if _, err := io.CopyN(&b, d.r, int64(n)); err != nil {
			d.err = err
		}
		return b.String()
	}
	b := make([]byte, n)
	if _, err := io.ReadFull(d.r, b); err != nil {
		d.err = err
	}
	return string(b)
}

func (d *decoder) layer() (*Layer, error) {
	magic := make([]byte, len(indexMagic))
	if _, err := io.ReadFull(d.r, magic); err != nil {
		return nil, err
	}
	if string(magic) != indexMagic {
		return nil, fmt.Errorf("it starts with %q, not with %q", magic, indexMagic)
	}
	l := &Layer{Tree: tree.New(tree.Time{})}
	d.t = l.Tree
	d.size = int64(d.uint(math.MaxInt64))
	l.Size = d.size
	l.Entries = int(d.uint(math.MaxInt32))
	l.Bytes = int64(d.uint(math.MaxInt64))
	l.usage = int64(d.uint(math.MaxInt64))
	l.DiffID = digest.Digest(d.str())
	for n := d.uint(maxNotes + 1); n > 0 && d.err == nil; n-- {
		l.Notes = append(l.Notes, Note{d.str(), d.str()})
	}
	for n := d.uint(math.MaxInt32); n > 0 && d.err == nil; n-- {
		l.Dups = append(l.Dups, Dup{d.str(), int64(d.uint(math.MaxInt64))})
	}
	root := d.inode()
	if d.err == nil && !root.IsDir() {
		d.err = errIndex
	}
	if d.err != nil {
		return nil, d.err
	}
	d.t.Update(tree.Root, func(n *tree.Inode) {
		setDir(n, root)
		n.Implied, n.Opaque = root.Implied, root.Opaque
	})
	return l, d.names()
}

// names reads the tree below the root.
func (d *decoder) names() error {
	at, depth := tree.Root, 0
	for {
		op, err := d.r.ReadByte()
		if err != nil {
			return err
		}
		if op == opEnd {
			if at == tree.Root {
				return nil
			}
			at, depth = d.t.Parent(at), depth-1
			continue
		}
		name := d.str()
		if d.err == nil && (name == "" || len(name) > maxName || strings.Contains(name, "/") || d.t.Child(at, name) != 0) {
			return errIndex
		}
		switch {
		case d.err != nil:
			return d.err
		case op == opLink:
			n := d.uint(math.MaxUint64)
			if d.err != nil || n >= uint64(len(d.shared)) {
				return errIndex
			}
			d.t.Link(at, name, d.shared[n])
		case op == opFile || op == opShared:
			n := d.inode()
			if d.err != nil {
				return d.err
			}
			i := d.t.Add(at, name, n)
			if n.IsDir() {
				if at, depth = i, depth+1; depth > maxPath {
					return errIndex
				}
			} else if op == opShared {
				d.shared = append(d.shared, i)
			}
		default:
			return errIndex
		}
	}
}

func (d *decoder) inode() tree.Inode {
	flags := d.uint(math.MaxUint32)
	n := tree.Inode{
		Mode: uint32(d.uint(math.MaxUint32)), UID: uint32(d.uint(math.MaxUint32)), GID: uint32(d.uint(math.MaxUint32)),
		Opaque: flags&flagOpaque != 0, Implied: flags&flagImplied != 0, LinkBroken: flags&flagLinkBroken != 0,
	}
	if d.err == nil {
		n.MTime.Sec, d.err = binary.ReadVarint(d.r)
	}
	n.MTime.Nsec = int32(d.uint(1e9))
	if flags&flagXattrs != 0 {
		n.Xattrs = map[string]string{}
		for count := d.uint(1 << 16); count > 0 && d.err == nil; count-- {
			k := d.str()
			n.Xattrs[k] = d.str()
		}
	}
	if flags&flagTarget != 0 {
		n.Target = d.str()
	}
	if flags&flagDevice != 0 {
		n.Major, n.Minor = uint32(d.uint(math.MaxUint32)), uint32(d.uint(math.MaxUint32))
	}
	if flags&flagBody != 0 {
		n.Body = d.body()
	}
	return n
}

func (d *decoder) body() content.Body {
	var parts []content.Body
	var total int64
	for count := d.uint(math.MaxInt32); count > 0 && d.err == nil; count-- {
		off, size := d.uint(math.MaxInt64), int64(d.uint(math.MaxInt64))
		if total += size; total < 0 {
			d.err = errIndex
			break
		}
		switch {
		case off == 0:
			parts = append(parts, content.Zero(size))
		case int64(off)-1 > d.size-size:
			d.err = errIndex
		default:
			parts = append(parts, d.tar.window(d.random, int64(off)-1, size))
		}
	}
	if len(parts) == 1 {
		return parts[0]
	}
	return content.Concat(parts...)
}
