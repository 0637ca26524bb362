package content

import (
	"fmt"
	"io"
)

type slice struct {
	of        Body
	off, size int64
}

// Slice is the size bytes of b from off. It panics when they are not all inside
// b. Slices of slices, ropes and holes are resolved, so that they do not pile up.
func Slice(b Body, off, size int64) Body {
	if off < 0 || size < 0 || off > b.Size()-size {
		panic(fmt.Sprintf("content: slice %d+%d of %d bytes", off, size, b.Size()))
	}
	if size == 0 {
		return Empty
	}
	if off == 0 && size == b.Size() {
		return b
	}
	switch b := b.(type) {
	case literal:
		return literal(b[off : off+size : off+size])
	case zeros:
		return zeros(size)
	case written:
		return written{zeros(size)}
	case slice:
		return Slice(b.of, b.off+off, size)
	case *rope:
		return b.slice(off, size)
	}
	return slice{b, off, size}
}

func (s slice) Size() int64 { return s.size }
func (s slice) Open() (io.ReadCloser, error) {
	if r, ok := s.of.(io.ReaderAt); ok {
		return io.NopCloser(exact(io.NewSectionReader(r, s.off, s.size), s.size)), nil
	}
	rc, err := openAt(s.of, s.off)
	if err != nil {
		return nil, err
	}
	return struct {
		io.Reader
		io.Closer
	}{exact(io.LimitReader(rc, s.size), s.size), rc}, nil
}
func (s slice) ReadAt(p []byte, off int64) (int, error) {
	if off < 0 {
		return 0, errNegative
	}
	if off >= s.size {
		return 0, io.EOF
	}
	short := false
	if int64(len(p)) > s.size-off {
		p, short = p[:s.size-off], true
	}
	n, err := ReadAt(s.of, p, s.off+off)
	if err == nil && short {
		err = io.EOF
	}
	return n, err
}

// Origin is where the bytes of b lie: the body that b is a slice of, and the
// offset of b in it. For a body that is no slice it is b itself and 0.
func Origin(b Body) (of Body, off int64) {
	if s, ok := b.(slice); ok {
		return s.of, s.off
	}
	return b, 0
}
