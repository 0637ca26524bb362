package layer

import (
	"archive/tar"
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"strings"
	"syscall"
	"time"

	"github.com/opencontainers/go-digest"

	"github.com/layerlab/layerlab/sim/content"
	"github.com/layerlab/layerlab/sim/tree"
)

// WriteOptions says how a changeset is written.
type WriteOptions struct {
	// Epoch, if not nil, is the time that newer modification times are set to:
	// BuildKit's rewrite-timestamp.
	Epoch *time.Time
	// Order, if not nil, is the relative paths of all entries in the order in which
	// they are written; those that the changeset has not are left out.
	Order []string
	// Pause is called every few milliseconds of work.
	Pause func(context.Context) error
}

// New freezes a changeset: the layer's tree is a snapshot of t, its Size, DiffID
// and Entries are those of the tar that WriteTar gives. Every byte of every file
// is read once. It fails with ENOSPC on more than MaxTar bytes.
func New(ctx context.Context, t *tree.Tree, o WriteOptions) (*Layer, error) {
	l := &Layer{Tree: t.Snapshot()}
	settle(l.Tree, o.Epoch)
	hash := sha256.New()
	count := &counter{w: hash}
	w := writer{ctx: ctx, o: o}
	if err := w.write(count, l.Tree); err != nil {
		return nil, err
	}
	l.Size, l.Entries, l.Bytes = count.n, w.entries, w.bytes
	l.DiffID, l.dense = digest.NewDigest(digest.SHA256, hash), true
	l.tar, l.usage = tarOf(l.Tree, l.Size, o.Order), diskUsage(l.Tree, (*tree.Inode).Size) // zeros that a program wrote are bytes
	return l, nil
}

// tarOf is the tar of t as a recipe that writes it anew for each reader.
func tarOf(t *tree.Tree, size int64, order []string) content.Body {
	return content.Recipe(size, func() (io.ReadCloser, error) {
		return pipe(func(w io.Writer) error {
			return WriteTar(context.Background(), w, t, WriteOptions{Order: order})
		}), nil
	})
}

// pipe is a reader of what write writes.
func pipe(write func(io.Writer) error) io.ReadCloser {
	r, w := io.Pipe()
	go func() { w.CloseWithError(write(w)) }()
	return r
}

// settle gives the inodes of t the times that its tar can carry, so that a layer
// is the same before and after it was saved: whole seconds, none after epoch. Holes
// become zeros: its tar has them, and where it is unpacked they are written.
func settle(t *tree.Tree, epoch *time.Time) {
	change := map[tree.Ino]bool{}
	t.Walk(func(_ string, i tree.Ino, n *tree.Inode) bool {
		if settled(n, epoch) != n.MTime || n.IsRegular() && storedSize(n) < n.Size() {
			change[i] = true
		}
		return true
	})
	for i := range change {
		t.Update(i, func(n *tree.Inode) {
			n.MTime = settled(n, epoch)
			if n.Body != nil {
				n.Body = content.Dense(n.Body)
			}
		})
	}
}

func settled(n *tree.Inode, epoch *time.Time) tree.Time {
	if n.IsWhiteout() {
		return tree.Time{}
	}
	m := n.MTime
	if epoch != nil && tree.TimeOf(*epoch).Before(m) {
		m = tree.TimeOf(*epoch)
	}
	m.Nsec = 0
	return m
}

// MaxTar is how many bytes of files WriteTar writes. A file of holes takes no room
// where it lies and all of its size in a tar: one of 1 TiB would keep the machine
// busy for an hour, and a disk would be full before.
const MaxTar = 16 << 30

type counter struct {
	w io.Writer
	n int64
}

func (c *counter) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.n += int64(n)
	return n, err
}

// WriteTar writes the changeset t as the layer tar that BuildKit and containerd
// write, byte for byte (containerd pkg/archive ChangeWriter): names in bytewise
// order of their parts, without a leading slash, directories with a trailing one
// and before what they hold, the root left out; PAX headers with modification
// times in whole seconds and without user names; of the extended attributes only
// security.capability; the first name of a file is the file, later ones are hard
// links; whiteouts are empty files of mode 0 and time 0. Sockets are left out.
//
// An opaque directory is followed by its opaque marker. Today's BuildKit writes
// whiteouts for all that such a directory hides instead; a changeset that is to be
// equal to the bit holds those and no opaque directory.
func WriteTar(ctx context.Context, w io.Writer, t *tree.Tree, o WriteOptions) error {
	return (&writer{ctx: ctx, o: o}).write(w, t)
}

type writer struct {
	ctx     context.Context
	o       WriteOptions
	tw      *tar.Writer
	t       *tree.Tree
	first   map[tree.Ino]string // the first name of files with several
	entries int
	bytes   int64
	since   int64 // bytes written since the last pause
	buf     []byte
}

func (w *writer) write(out io.Writer, t *tree.Tree) error {
	w.tw, w.t, w.first = tar.NewWriter(out), t, map[tree.Ino]string{}
	if t.Inode(tree.Root).Opaque {
		if err := w.mark(opaqueMarker); err != nil {
			return err
		}
	}
	var err error
	if w.o.Order != nil {
		err = w.ordered()
	} else {
		err = w.dir(tree.Root, "")
	}
	if err != nil {
		return err
	}
	return w.tw.Close()
}

func (w *writer) ordered() error {
	for _, p := range w.o.Order {
		i := w.t.Lookup("/" + p)
		if i == 0 {
			continue
		}
		if err := w.named(p, p[:strings.LastIndex(p, "/")+1], i); err != nil {
			return err
		}
	}
	return nil
}

func (w *writer) dir(dir tree.Ino, prefix string) error {
	for name, i := range w.t.Children(dir) {
		p := prefix + name
		if err := w.named(p, prefix, i); err != nil {
			return err
		}
		if !w.t.Inode(i).IsDir() {
			continue
		}
		if err := w.dir(i, p+"/"); err != nil {
			return err
		}
	}
	return nil
}

// named writes the entry of the path p, of which prefix is all but the last part,
// and the opaque marker that belongs to it.
func (w *writer) named(p, prefix string, i tree.Ino) error {
	n := w.t.Inode(i)
	err := w.entry(p, prefix, p[len(prefix):], i, n)
	if err == nil && n.IsDir() && n.Opaque {
		err = w.mark(p + "/" + opaqueMarker)
	}
	if err != nil {
		return fmt.Errorf("writing entry %q: %w", shorten(p), err)
	}
	return nil
}

// mark writes a whiteout or an opaque marker.
func (w *writer) mark(name string) error {
	w.entries++
	return w.tw.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: name, ModTime: time.Unix(0, 0)})
}

func (w *writer) entry(p, prefix, name string, i tree.Ino, n *tree.Inode) error {
	switch {
	case n.IsWhiteout():
		return w.mark(prefix + whiteoutPrefix + name)
	case n.Type() == tree.Socket:
		return nil
	}
	h := w.header(p, i, n)
	if h.Size > MaxTar-w.bytes {
		return fmt.Errorf("its %d bytes make a tar of more than %d GiB, which is not written: %w", h.Size, MaxTar>>30, syscall.ENOSPC)
	}
	if err := w.tw.WriteHeader(h); err != nil {
		return err
	}
	w.entries++
	if w.since += 512; w.since > 256<<10 {
		w.since = 0
		if err := pause(w.ctx, w.o.Pause); err != nil {
			return err
		}
	}
	if h.Typeflag != tar.TypeReg || h.Size == 0 {
		return nil
	}
	w.bytes += h.Size
	return w.body(n.Content())
}

func (w *writer) header(p string, i tree.Ino, n *tree.Inode) *tar.Header {
	h := &tar.Header{
		Typeflag: tar.TypeReg, Name: p, Mode: int64(n.Perm()), Uid: int(n.UID), Gid: int(n.GID),
		ModTime: settled(n, w.o.Epoch).Time(), Format: tar.FormatPAX,
	}
	switch n.Type() {
	case tree.Directory:
		h.Typeflag, h.Name = tar.TypeDir, p+"/"
	case tree.Symlink:
		h.Typeflag, h.Linkname = tar.TypeSymlink, n.Target
	case tree.CharDevice, tree.BlockDevice:
		h.Typeflag, h.Devmajor, h.Devminor = tar.TypeChar, int64(n.Major), int64(n.Minor)
		if n.Type() == tree.BlockDevice {
			h.Typeflag = tar.TypeBlock
		}
	case tree.FIFO:
		h.Typeflag = tar.TypeFifo
	default:
		h.Size = n.Size()
	}
	if value, ok := n.Xattrs["security.capability"]; ok && value != "" {
		h.PAXRecords = map[string]string{"SCHILY.xattr.security.capability": value}
	}
	switch first, again := w.first[i]; {
	case n.LinkBroken && !again:
		h.Typeflag, h.Linkname, h.Size = tar.TypeLink, strings.TrimPrefix(n.Target, "/"), 0
		w.first[i] = p // its further names are links to this one
	case n.IsDir() || n.Nlink < 2:
	case again:
		h.Typeflag, h.Linkname, h.Size = tar.TypeLink, first, 0
	default:
		w.first[i] = p
	}
	return h
}

// body copies a file's bytes, and pauses between pieces.
func (w *writer) body(b content.Body) error {
	rc, err := b.Open()
	if err != nil {
		return err
	}
	defer rc.Close()
	if w.buf == nil {
		w.buf = make([]byte, 64<<10)
	}
	for left := b.Size(); left > 0; {
		n, err := rc.Read(w.buf[:min(int64(len(w.buf)), left)])
		if _, werr := w.tw.Write(w.buf[:n]); werr != nil {
			return werr
		}
		left -= int64(n)
		if w.since += int64(n); w.since > 256<<10 {
			w.since = 0
			if err := pause(w.ctx, w.o.Pause); err != nil {
				return err
			}
		}
		if err == io.EOF && left > 0 {
			err = io.ErrUnexpectedEOF
		}
		if err != nil && err != io.EOF {
			return err
		}
	}
	return nil
}
