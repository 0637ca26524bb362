package archive

import (
	"context"
	"errors"
	"io"

	"github.com/layerlab/layerlab/sim/content"
)

// Read-ahead: a slice of a File in the browser costs about 0.3 ms however small
// it is, so headers are read through a window. It starts small, since what
// follows a layer is one header, and grows while reading goes straight on, since
// then it is many small entries.
const (
	minWindow = 16 << 10
	maxWindow = 512 << 10
)

// A window reads a body through a buffer and seeks over what is not wanted. It
// is what archive/tar reads an outer tar from.
type window struct {
	ctx   context.Context
	body  content.Body
	size  int64
	pause func(context.Context) error
	tell  func(int64)

	pos   int64
	buf   []byte // the bytes from start
	start int64
	next  int // size of the next window
}

func newWindow(ctx context.Context, b content.Body, o Options) *window {
	return &window{ctx: ctx, body: b, size: b.Size(), pause: o.Pause, tell: o.Progress, next: minWindow}
}

// Read gives what the window holds, at least one byte.
func (w *window) Read(p []byte) (int, error) {
	if w.pos >= w.size {
		return 0, io.EOF
	}
	if w.pos < w.start || w.pos >= w.start+int64(len(w.buf)) {
		if err := w.fill(); err != nil {
			return 0, err
		}
	}
	n := copy(p, w.buf[w.pos-w.start:])
	w.pos += int64(n)
	return n, nil
}

func (w *window) fill() error {
	if w.pos == w.start+int64(len(w.buf)) && len(w.buf) > 0 {
		w.next = min(2*w.next, maxWindow)
	} else {
		w.next = minWindow
	}
	if w.pause != nil {
		if err := w.pause(w.ctx); err != nil {
			return err
		}
	} else if err := w.ctx.Err(); err != nil {
		return err
	}
	if w.tell != nil {
		w.tell(w.pos)
	}
	n := int(min(int64(w.next), w.size-w.pos))
	if cap(w.buf) < n {
		w.buf = make([]byte, n)
	}
	w.buf, w.start = w.buf[:n], w.pos
	got, err := content.ReadAt(w.body, w.buf, w.pos)
	w.buf = w.buf[:got]
	if got > 0 {
		return nil
	}
	if err == nil || err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	return err
}

// Seek moves without reading.
func (w *window) Seek(off int64, whence int) (int64, error) {
	switch whence {
	case io.SeekCurrent:
		off += w.pos
	case io.SeekEnd:
		off += w.size
	}
	if off < 0 {
		return 0, errors.New("seeking before the start")
	}
	w.pos = off
	return off, nil
}

// peek is up to n bytes from where the window stands, without moving.
func (w *window) peek(n int) []byte {
	pos := w.pos
	defer func() { w.pos = pos }()
	p := make([]byte, min(int64(n), max(w.size-pos, 0)))
	got, _ := io.ReadFull(w, p)
	return p[:got]
}
