package layer

import (
	"io"
	"sync"

	"github.com/layerlab/layerlab/sim/content"
)

// InflatedBody is the inflated form of a stored blob: a content.OpenerAt. size is
// the number of inflated bytes, or negative when it is not known: then Index
// finds it out, or the first call of Size does by inflating once to the end; a
// blob that cannot be inflated has the size 0 and fails when it is opened.
//
// Reading at increasing offsets, as a walk over a layer's files does, goes on
// from where the last reader stopped instead of inflating from the start again.
func InflatedBody(stored content.Body, c Codec, size int64) content.Body {
	if c == Plain {
		return stored
	}
	return &inflated{stored: stored, codec: c, size: size}
}

// maxIdle is the number of readers that wait to go on.
const maxIdle = 2

type inflated struct {
	stored content.Body
	codec  Codec

	mu   sync.Mutex
	size int64
	idle []*cursor
}

// cursor is an inflater and how far it got.
type cursor struct {
	r   io.ReadCloser
	of  io.Closer
	pos int64
}

func (c *cursor) close() {
	c.r.Close()
	c.of.Close()
}

// SetSize tells the number of inflated bytes, once it is known.
func (b *inflated) SetSize(n int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.size = n
}

func (b *inflated) Size() int64 {
	b.mu.Lock()
	n := b.size
	b.mu.Unlock()
	if n >= 0 {
		return n
	}
	n = 0
	if rc, err := b.Open(); err == nil {
		n, err = io.Copy(io.Discard, rc)
		rc.Close()
		if err != nil {
			n = 0
		}
	}
	b.SetSize(n)
	return n
}

func (b *inflated) Open() (io.ReadCloser, error) { return b.OpenAt(0) }

func (b *inflated) OpenAt(off int64) (io.ReadCloser, error) {
	c := b.take(off)
	if c == nil {
		of, err := b.stored.Open()
		if err != nil {
			return nil, err
		}
		r, err := NewInflater(of, b.codec)
		if err != nil {
			of.Close()
			return nil, err
		}
		c = &cursor{r: r, of: of}
	}
	n, err := io.CopyN(io.Discard, c.r, off-c.pos)
	c.pos += n
	if err != nil {
		c.close()
		return nil, cutShort(err)
	}
	return &inflatedReader{b: b, c: c}, nil
}

// take is the idle cursor that is nearest before off, or nil.
func (b *inflated) take(off int64) *cursor {
	b.mu.Lock()
	defer b.mu.Unlock()
	best := -1
	for i, c := range b.idle {
		if c.pos <= off && (best < 0 || c.pos > b.idle[best].pos) {
			best = i
		}
	}
	if best < 0 {
		return nil
	}
	c := b.idle[best]
	b.idle = append(b.idle[:best], b.idle[best+1:]...)
	return c
}

func (b *inflated) put(c *cursor) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.idle = append(b.idle, c)
	if len(b.idle) > maxIdle {
		b.idle[0].close()
		b.idle = b.idle[1:]
	}
}

// inflatedReader hands its cursor back when it is closed before the end.
type inflatedReader struct {
	b     *inflated
	c     *cursor
	ended bool
}

func (r *inflatedReader) Read(p []byte) (int, error) {
	if r.c == nil {
		return 0, io.ErrClosedPipe
	}
	n, err := r.c.r.Read(p)
	r.c.pos += int64(n)
	r.ended = r.ended || err != nil
	return n, err
}

func (r *inflatedReader) Close() error {
	c := r.c
	if c == nil {
		return nil
	}
	r.c = nil
	if r.ended {
		c.close()
	} else {
		r.b.put(c)
	}
	return nil
}
