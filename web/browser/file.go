//go:build js

package browser

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"syscall/js"
	"time"

	"github.com/layerlab/layerlab/sim/content"
)

// A file's bytes are read in blocks, of which the latest few are kept: an index
// of an archive reads many headers that lie near each other.
const (
	blockSize = 64 << 10
	ahead     = 1 << 20 // read at once where reading goes straight on
	blocks    = 8
)

// file is a JavaScript Blob or File.
type file struct {
	blob     js.Value
	size     int64
	path     string
	modified time.Time

	mu    sync.Mutex
	last  int64 // where the last read ended
	cache []block
}

type block struct {
	off  int64
	data []byte
}

var _ File = (*file)(nil)

// newFile wraps a File or a Blob. p is its path; "" takes the File's own name.
func newFile(blob js.Value, p string) *file {
	f := &file{blob: blob, size: int64(blob.Get("size").Float()), path: p}
	if name := blob.Get("name"); f.path == "" && name.Type() == js.TypeString {
		f.path = name.String()
	}
	if at := blob.Get("lastModified"); at.Type() == js.TypeNumber {
		f.modified = time.UnixMilli(int64(at.Float()))
	}
	return f
}

func (f *file) Name() string        { return base(f.path) }
func (f *file) Path() string        { return f.path }
func (f *file) Modified() time.Time { return f.modified }
func (f *file) Size() int64         { return f.size }

func (f *file) Open() (io.ReadCloser, error) {
	return io.NopCloser(io.NewSectionReader(f, 0, f.size)), nil
}

// ReadAt reads from the disk, or from the blocks that are kept.
func (f *file) ReadAt(p []byte, off int64) (int, error) {
	if off < 0 {
		return 0, errors.New("negative offset")
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	n := 0
	for n < len(p) {
		if off >= f.size {
			return n, io.EOF
		}
		if len(p)-n >= blockSize {
			data, err := f.read(off, min(int64(len(p)-n), f.size-off), p[n:])
			n, off = n+len(data), off+int64(len(data))
			f.last = off
			if err != nil {
				return n, err
			}
			continue
		}
		b, err := f.block(off)
		if err != nil {
			return n, err
		}
		m := copy(p[n:], b.data[off-b.off:])
		n, off = n+m, off+int64(m)
		f.last = off
	}
	return n, nil
}

// block is the kept block that holds the byte at off.
func (f *file) block(off int64) (block, error) {
	for i, b := range f.cache {
		if off >= b.off && off < b.off+int64(len(b.data)) {
			copy(f.cache[1:i+1], f.cache[:i]) // the latest used is first
			f.cache[0] = b
			return b, nil
		}
	}
	size := int64(blockSize)
	if off == f.last {
		size = ahead
	}
	data, err := f.read(off, min(size, f.size-off), nil)
	if err != nil {
		return block{}, err
	}
	b := block{off, data}
	f.cache = append([]block{b}, f.cache[:min(len(f.cache), blocks-1)]...)
	return b, nil
}

// read is n bytes from off, in dst where that is given.
func (f *file) read(off, n int64, dst []byte) ([]byte, error) {
	part := f.blob.Call("slice", off, off+n)
	buffer, err := await(context.Background(), part.Call("arrayBuffer"))
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w (was it moved, changed or removed since it was chosen?)", f.path, err)
	}
	bytes := global.Get("Uint8Array").New(buffer)
	if int64(bytes.Length()) != n {
		return nil, fmt.Errorf("reading %s: %w: %d of %d bytes at byte %d", f.path, io.ErrUnexpectedEOF, bytes.Length(), n, off)
	}
	if dst == nil {
		dst = make([]byte, n)
	}
	js.CopyBytesToGo(dst[:n], bytes)
	return dst[:n], nil
}

// blobOf is the Blob that holds the bytes of b on the disk, if b is a File or
// a slice of one.
func blobOf(b content.Body) (js.Value, bool) {
	of, off := content.Origin(b)
	f, ok := of.(*file)
	if !ok {
		return js.Undefined(), false
	}
	return f.blob.Call("slice", off, off+b.Size()), true
}

// gather is a Blob of the bytes that r gives.
func gather(ctx context.Context, r io.Reader, pause pauser) (js.Value, error) {
	parts := global.Get("Array").New()
	var size int64
	buf := make([]byte, ahead)
	for {
		if err := pause(ctx); err != nil {
			return js.Undefined(), err
		}
		n, err := io.ReadFull(r, buf)
		if n > 0 {
			part := global.Get("Uint8Array").New(n)
			js.CopyBytesToJS(part, buf[:n])
			parts.Call("push", part)
		}
		if size += int64(n); size > held {
			return js.Undefined(), fmt.Errorf("there are more than the %d bytes that can be put together here", int64(held))
		}
		if err == io.EOF || err == io.ErrUnexpectedEOF {
			return global.Get("Blob").New(parts), nil
		}
		if err != nil {
			return js.Undefined(), err
		}
	}
}
