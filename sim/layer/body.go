package layer

import (
	"errors"
	"io"

	"github.com/layerlab/layerlab/sim/content"
)

// tarBody is the tar that the bodies of one layer are windows of. It is set when
// the whole tar was read, since only then its size may be known.
type tarBody struct{ body content.Body }

// extent is a file's bytes: a window of a tar that can be read at any offset.
// It is what content.Slice makes, smaller, and it can be told which tar and
// which offset it stands for.
type extent struct {
	of        *tarBody
	off, size int64
}

func (e *extent) Size() int64 { return e.size }

func (e *extent) Open() (io.ReadCloser, error) { return e.slice().Open() }

func (e *extent) ReadAt(p []byte, off int64) (int, error) {
	return content.ReadAt(e.slice(), p, off)
}

func (e *extent) slice() content.Body { return content.Slice(e.of.body, e.off, e.size) }

// streamExtent is a window of a tar that is inflated as it is read.
type streamExtent extent

func (e *streamExtent) Size() int64 { return e.size }

func (e *streamExtent) Open() (io.ReadCloser, error) { return (*extent)(e).slice().Open() }

// OpenAt goes on from where the tar's last reader stopped, if it can.
func (e *streamExtent) OpenAt(off int64) (io.ReadCloser, error) {
	if off < 0 || off > e.size {
		return nil, errors.New("layer: offset outside the file")
	}
	return content.Slice(e.of.body, e.off+off, e.size-off).Open()
}

// window is the size bytes of t from off as a body.
func (t *tarBody) window(random bool, off, size int64) content.Body {
	switch {
	case size == 0:
		return content.Empty
	case random:
		return &extent{t, off, size}
	}
	return &streamExtent{t, off, size}
}

// placeOf is where in its tar the body b lies, if it is one window of a tar.
func placeOf(b content.Body) (off int64, ok bool) {
	switch b := b.(type) {
	case *extent:
		return b.off, true
	case *streamExtent:
		return b.off, true
	}
	return 0, false
}
