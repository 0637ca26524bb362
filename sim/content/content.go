// Package content is about bytes that need not be in memory.
//
// A [Body] is the content of one file or one blob: it has a size and can be
// read, and where the bytes are is its own business. A body may be literal
// bytes, a slice of another body (a file inside a tar that lies on the person's
// disk), a run of zeros, several bodies one after another (a rope), the
// inflated form of a compressed body, or a recipe that makes the bytes when they
// are read. Bodies never change: writing to a file makes a new body that shares
// what it can with the old one (see [Splice]).
//
// The names used here:
//
//   - hole: a run of zeros that takes no memory and, in a sparse tar, no space;
//   - slice: a window of another body, by offset and size;
//   - rope: bodies joined end to end;
//   - recipe: a function that makes the bytes, the same each time.
package content

import (
	"bytes"
	"errors"
	"fmt"
	"io"
)

// A Body is the immutable bytes of one file or blob. It is safe for concurrent
// use.
type Body interface {
	// Size is the number of bytes, known without reading them.
	Size() int64
	// Open returns a reader of all the bytes from the first. Reading fails
	// with the error of whatever the bytes come from; a body whose source is
	// shorter than promised fails with io.ErrUnexpectedEOF.
	Open() (io.ReadCloser, error)
}

// Random is a Body that can be read cheaply at any offset.
type Random interface {
	Body
	io.ReaderAt
}

// An OpenerAt is a Body that can be opened at an offset for less than reading
// and dropping all that lies before it: an inflated body that remembers how far
// its last reader got.
type OpenerAt interface {
	Body
	// OpenAt returns a reader of the bytes from off to the end.
	OpenAt(off int64) (io.ReadCloser, error)
}

var errNegative = errors.New("content: negative offset")

// openAt is a reader of b's bytes from off, by the cheapest way that b has.
func openAt(b Body, off int64) (io.ReadCloser, error) {
	if o, ok := b.(OpenerAt); ok {
		return o.OpenAt(off)
	}
	rc, err := b.Open()
	if err != nil {
		return nil, err
	}
	if _, err := io.CopyN(io.Discard, rc, off); err != nil {
		rc.Close()
		return nil, unexpected(err)
	}
	return rc, nil
}

// ReadAt reads len(p) bytes of b from off, like io.ReaderAt. For a body that
// can only be read from the start, everything before off is read and dropped.
func ReadAt(b Body, p []byte, off int64) (int, error) {
	if r, ok := b.(io.ReaderAt); ok {
		return r.ReadAt(p, off)
	}
	if off < 0 {
		return 0, errNegative
	}
	if off >= b.Size() {
		return 0, io.EOF
	}
	rc, err := openAt(b, off)
	if err != nil {
		return 0, err
	}
	defer rc.Close()
	n, err := io.ReadFull(rc, p)
	if err == io.ErrUnexpectedEOF && off+int64(n) == b.Size() {
		err = io.EOF
	}
	return n, err
}

// ReadAll reads the whole of b, which must not be larger than limit bytes.
func ReadAll(b Body, limit int64) ([]byte, error) {
	if b.Size() > limit {
		return nil, fmt.Errorf("%d bytes is more than the %d that are read at once", b.Size(), limit)
	}
	if l, ok := b.(literal); ok {
		return bytes.Clone(l), nil
	}
	rc, err := b.Open()
	if err != nil {
		return nil, err
	}
	defer rc.Close()
	p := make([]byte, b.Size())
	if _, err := io.ReadFull(rc, p); err != nil {
		return nil, unexpected(err)
	}
	return p, nil
}

// Held is the number of literal bytes that b itself keeps in memory: what a
// file costs beyond its metadata.
func Held(b Body) int64 {
	switch b := b.(type) {
	case literal:
		return int64(len(b))
	case *rope:
		var n int64
		for _, p := range b.parts {
			n += Held(p)
		}
		return n
	}
	return 0
}

// Stored is the number of bytes of b that are not holes: what a file takes in
// a sparse-aware store. A hole inside a slice of another body counts as stored.
func Stored(b Body) int64 {
	switch b := b.(type) {
	case zeros:
		return 0
	case *rope:
		var n int64
		for _, p := range b.parts {
			n += Stored(p)
		}
		return n
	}
	return b.Size()
}

// Parts is the bodies that b is joined from, in order: b alone unless it is a
// rope. The result is to be read only.
func Parts(b Body) []Body {
	if r, ok := b.(*rope); ok {
		return r.parts
	}
	return []Body{b}
}

// IsHole reports whether b is nothing but a hole.
func IsHole(b Body) bool {
	_, ok := b.(zeros)
	return ok
}

// exact turns an early end of r into io.ErrUnexpectedEOF.
func exact(r io.Reader, size int64) io.Reader { return &exactReader{r, size} }

type exactReader struct {
	r    io.Reader
	left int64
}

func (e *exactReader) Read(p []byte) (int, error) {
	if e.left <= 0 {
		return 0, io.EOF
	}
	n, err := e.r.Read(p)
	e.left -= int64(n)
	if err == io.EOF && e.left > 0 {
		err = io.ErrUnexpectedEOF
	}
	return n, err
}

func unexpected(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}

// AsRandom is b as a Random if reading it at an offset is cheap all the way down:
// a slice or rope of bodies that must be read from the start is none, although
// it has a ReadAt.
func AsRandom(b Body) (Random, bool) {
	switch b := b.(type) {
	case slice:
		if _, ok := AsRandom(b.of); !ok {
			return nil, false
		}
	case *rope:
		for _, p := range b.parts {
			if _, ok := AsRandom(p); !ok {
				return nil, false
			}
		}
	}
	r, ok := b.(Random)
	return r, ok
}
