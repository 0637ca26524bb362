package layer

import (
	"archive/tar"
	"context"
	"errors"
	"fmt"
	"hash"
	"io"

	"github.com/layerlab/layerlab/sim/content"
)

// The read-ahead of a tar that can be seeked. Each read may be a round trip to
// the person's disk, so small files are read through in large windows; after a
// jump over a large body the window starts small again, because only a header
// is wanted.
const (
	minWindow    = 32 << 10
	maxWindow    = 1 << 20
	streamWindow = 256 << 10
)

// pauseEvery is the number of entries after which the caller may pause.
const pauseEvery = 256

// source is the tar under a tar.Reader: it counts, captures headers, calls
// Progress and Pause, hashes if asked to, and skips by seeking. It implements
// io.Seeker only for forward skips relative to where it is, which is the one
// kind that archive/tar makes.
type source struct {
	ctx  context.Context
	opts IndexOptions

	random io.ReaderAt // nil: stream is read
	size   int64       // of random
	stream io.Reader
	hash   hash.Hash // nil: bytes are not hashed

	buf    []byte // bytes of the tar from off
	off    int64
	pos    int64 // next byte to give
	window int
	ended  bool // stream came to its end
	store  []byte

	plain    tar.Header
	captured []byte // of the header that archive/tar read last
}

func newSource(ctx context.Context, tar content.Body, o IndexOptions) (*source, func() error, error) {
	s := &source{ctx: ctx, opts: o, window: minWindow}
	if r, ok := content.AsRandom(tar); ok && !o.Digest {
		s.random, s.size = r, r.Size()
		return s, func() error { return nil }, nil
	}
	rc, err := tar.Open()
	if err != nil {
		return nil, nil, err
	}
	s.stream = rc
	return s, rc.Close, nil
}

// header is the header at next: of a plain one the same struct each time. It is
// io.EOF at the end of the tar.
func (s *source) header(next int64) (*tar.Header, error) {
	s.captured = s.captured[:0]
	if ok, err := s.plainHeader(next, &s.plain); err != nil {
		return nil, err
	} else if ok && !s.opts.slow {
		return &s.plain, nil
	}
	s.pos = next
	return tar.NewReader(s).Next()
}

// shorterThan reports whether the tar ends before the byte end, and where.
func (s *source) shorterThan(end int64) (size int64, short bool) {
	if s.random != nil {
		return s.size, s.size < end
	}
	size = s.off + int64(len(s.buf))
	return size, s.ended && size < end
}

// maxCapture bounds the captured header of one entry; PAX records and sparse
// maps of 1 MiB each are the largest that archive/tar takes.
const maxCapture = 8 << 20

func (s *source) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	if s.pos < s.off || s.pos >= s.off+int64(len(s.buf)) {
		if err := s.fill(); err != nil {
			return 0, err
		}
	}
	n := copy(p, s.buf[s.pos-s.off:])
	if len(s.captured)+n <= maxCapture {
		s.captured = append(s.captured, p[:n]...)
	}
	s.pos += int64(n)
	return n, nil
}

func (s *source) Seek(n int64, whence int) (int64, error) {
	if whence != io.SeekCurrent || n < 0 || s.pos+n < s.pos {
		return 0, errors.New("only forward skips are possible")
	}
	s.pos += n
	return s.pos, nil
}

// fill makes buf hold the byte at pos.
func (s *source) fill() error {
	for {
		if err := s.tick(); err != nil {
			return err
		}
		if s.random != nil {
			return s.fillAt()
		}
		if err := s.next(); err != nil {
			return err
		}
		if s.pos < s.off+int64(len(s.buf)) {
			return nil
		}
	}
}

// next reads the next piece of the stream into buf.
func (s *source) next() error {
	if s.ended {
		return io.EOF
	}
	if s.store == nil {
		s.store = make([]byte, streamWindow)
	}
	s.off += int64(len(s.buf))
	n := 0
	for n < len(s.store) && !s.ended {
		m, err := s.stream.Read(s.store[n:])
		n += m
		if err == io.EOF {
			s.ended = true
		} else if err != nil {
			return err
		}
	}
	s.buf = s.store[:n]
	if s.hash != nil {
		s.hash.Write(s.buf)
	}
	if n == 0 {
		return io.EOF
	}
	return nil
}

func (s *source) fillAt() error {
	if s.pos >= s.size {
		return io.EOF
	}
	if gap := s.pos - (s.off + int64(len(s.buf))); gap >= 0 && gap < int64(s.window) {
		s.window = min(2*s.window, maxWindow)
	} else {
		s.window = minWindow
	}
	want := int(min(int64(s.window), s.size-s.pos))
	if cap(s.store) < want {
		s.store = make([]byte, want)
	}
	n, err := s.random.ReadAt(s.store[:want], s.pos)
	s.buf, s.off = s.store[:n], s.pos
	if n > 0 {
		return nil
	}
	if err == nil || err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	return err
}

// tick tells how far it is and lets the page breathe.
func (s *source) tick() error {
	if s.opts.Progress != nil {
		s.opts.Progress(s.pos)
	}
	return pause(s.ctx, s.opts.Pause)
}

// drain reads the stream to its end, so that bytes after the end marker are
// counted and hashed, and gives the size of the whole.
func (s *source) drain() (int64, error) {
	if s.random != nil {
		return s.size, nil
	}
	for {
		if err := s.next(); err == io.EOF {
			return s.off + int64(len(s.buf)), nil
		} else if err != nil {
			return 0, fmt.Errorf("reading on after the end marker: %w", err)
		}
		s.pos = s.off + int64(len(s.buf))
		if err := s.tick(); err != nil {
			return 0, err
		}
	}
}

func pause(ctx context.Context, hook func(context.Context) error) error {
	if hook != nil {
		return hook(ctx)
	}
	return ctx.Err()
}
