package inspect

import (
	"archive/tar"
	"bufio"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"slices"
	"strings"

	"github.com/opencontainers/go-digest"

	"github.com/layerlab/layerlab/sim/image"
	"github.com/layerlab/layerlab/sim/layer"
	"github.com/layerlab/layerlab/sim/tree"
)

// A line is one path of `lab tree` or one entry of `lab layers`:
//
//	TYPE MODE UID:GID SIZE DIGEST PATH[ -> TARGET]
//
// TYPE is one of -dlhcbp (h: a hard link, in a layer's tar only), MODE four octal
// digits, SIZE a regular file's bytes and 0 for all else, DIGEST the first twelve
// digits of a regular file's SHA-256 and "-" for all else.
type line struct {
	kind     byte
	mode     uint32
	uid, gid uint32
	size     int64
	digest   string
	path     string
	arrow    string
}

func (l line) String() string {
	return fmt.Sprintf("%c %04o %d:%d %d %s %s%s", l.kind, l.mode, l.uid, l.gid, l.size, l.digest, l.path, l.arrow)
}

func lineOf(p string, n *tree.Inode) line {
	l := line{kind: '?', mode: n.Perm(), uid: n.UID, gid: n.GID, digest: "-", path: p}
	switch n.Type() {
	case tree.Regular:
		l.kind, l.size = '-', n.Size()
	case tree.Directory:
		l.kind = 'd'
	case tree.Symlink:
		l.kind, l.arrow = 'l', " -> "+n.Target
	case tree.CharDevice:
		l.kind = 'c'
	case tree.BlockDevice:
		l.kind = 'b'
	case tree.FIFO:
		l.kind = 'p'
	}
	return l
}

// WriteTree writes the merged file tree of layers, the lowest first, one path a
// line in bytewise order of the paths: `lab tree`. Every name of a hard-linked
// file is a line of its own with the file's metadata.
func WriteTree(ctx context.Context, w io.Writer, layers []*layer.Layer, o Options) error {
	layers = known(layers)
	type found struct {
		line
		at inode
	}
	var lines []found
	h := newHasher(ctx, o)
	walk := &walker{layers: layers, tick: h.tick, visit: func(p string, vs []version) error {
		v := top(vs)
		if v != nil && v.node.LinkBroken {
			v = linked(layers[:v.layer+1], v.node)
		}
		if v != nil {
			lines = append(lines, found{lineOf(p, v.node), inode{v.layer, v.ino}})
		}
		return nil
	}}
	if err := walk.walk(); err != nil {
		return err
	}
	// Files are hashed in the order in which they lie in their layers, so that a
	// compressed layer is inflated once.
	byPlace := make([]int, 0, len(lines))
	for i, l := range lines {
		if l.kind == '-' {
			byPlace = append(byPlace, i)
		}
	}
	slices.SortFunc(byPlace, func(a, b int) int {
		return cmp.Or(cmp.Compare(lines[a].at.layer, lines[b].at.layer), cmp.Compare(lines[a].at.ino, lines[b].at.ino))
	})
	last, sum := inode{-1, 0}, ""
	for _, i := range byPlace {
		l := &lines[i]
		if l.at != last { // else another name of the same file
			var err error
			if sum, err = h.file(layers[l.at.layer].Tree.Inode(l.at.ino)); err != nil {
				return fmt.Errorf("reading %s: %w", l.path, err)
			}
			last = l.at
		}
		l.digest = sum
	}
	slices.SortFunc(lines, func(a, b found) int { return cmp.Compare(a.path, b.path) })
	out := bufio.NewWriter(w)
	for _, l := range lines {
		fmt.Fprintln(out, l)
	}
	return out.Flush()
}

// A hasher writes digests, with one buffer for all files.
type hasher struct {
	tick *ticker
	max  int64
	sum  hash.Hash
	buf  []byte
}

func newHasher(ctx context.Context, o Options) *hasher {
	return &hasher{tick: newTicker(ctx, o), max: o.maxHash(), sum: sha256.New(), buf: make([]byte, 64<<10)}
}

// of is the first twelve digits of the SHA-256 of r, which has size bytes.
func (h *hasher) of(r io.Reader, size int64) (string, error) {
	if size > h.max {
		return "?", nil
	}
	h.sum.Reset()
	for {
		n, err := r.Read(h.buf)
		h.sum.Write(h.buf[:n])
		if e := h.tick.tick(n/64 + 1); e != nil {
			return "", e
		}
		if err == io.EOF {
			return hex.EncodeToString(h.sum.Sum(nil)[:6]), nil
		}
		if err != nil {
			return "", err
		}
	}
}

// file is the digest of a file's bytes.
func (h *hasher) file(n *tree.Inode) (string, error) {
	rc, err := n.Content().Open()
	if err != nil {
		return "", err
	}
	defer rc.Close()
	return h.of(rc, n.Size())
}

// WriteLayers writes each layer's DiffID and size in bytes, and below it its
// entries in the order of its tar: `lab layers`. A layer that was not read, which
// is nil, has one line that says so.
func WriteLayers(ctx context.Context, w io.Writer, layers []*layer.Layer, o Options) error {
	out := bufio.NewWriter(w)
	hash := newHasher(ctx, o)
	for i, l := range layers {
		if l == nil {
			fmt.Fprintf(out, "layer %d missing\n", i+1)
			continue
		}
		fmt.Fprintf(out, "layer %d %s %d\n", i+1, l.DiffID, l.Size)
		err := l.Each(ctx, func(e layer.Entry) error {
			h := e.Header
			line := entryLine(h)
			if line.kind == '-' {
				line.size = h.Size
				var err error
				if line.digest, err = hash.of(e.Body, h.Size); err != nil {
					return err
				}
			}
			_, err := fmt.Fprintln(out, " ", line)
			return err
		})
		if err != nil {
			return fmt.Errorf("reading layer %d: %w", i+1, err)
		}
	}
	return out.Flush()
}

func entryLine(h *tar.Header) line {
	l := line{kind: '?', mode: uint32(h.Mode) & tree.PermMask, uid: uint32(h.Uid), gid: uint32(h.Gid), digest: "-"}
	l.path = "/" + strings.Trim(strings.TrimPrefix(h.Name, "./"), "/")
	switch h.Typeflag {
	case tar.TypeReg, tar.TypeGNUSparse:
		l.kind = '-'
	case tar.TypeDir:
		l.kind = 'd'
	case tar.TypeSymlink:
		l.kind, l.arrow = 'l', " -> "+h.Linkname
	case tar.TypeLink:
		l.kind, l.arrow = 'h', " => /"+strings.Trim(h.Linkname, "/")
	case tar.TypeChar:
		l.kind = 'c'
	case tar.TypeBlock:
		l.kind = 'b'
	case tar.TypeFifo:
		l.kind = 'p'
	}
	return l
}

// WriteIDs writes an image's digests: `lab ids`. id is the image ID, which is the
// manifest's digest or that of the index that names it.
func WriteIDs(w io.Writer, id digest.Digest, im *image.Image) error {
	var b strings.Builder
	fmt.Fprintln(&b, "manifest", id)
	fmt.Fprintln(&b, "config", im.ConfigDigest)
	diffs := im.DiffIDs()
	for i, l := range im.Manifest.Layers {
		var diff digest.Digest
		if i < len(diffs) {
			diff = diffs[i]
		}
		fmt.Fprintln(&b, "layer", l.Digest, diff)
	}
	_, err := io.WriteString(w, b.String())
	return err
}
