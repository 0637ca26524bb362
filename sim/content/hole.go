package content

import (
	"io"
)

type zeros int64

// Zero is a hole: n zero bytes that take no memory. It panics if n is negative.
func Zero(n int64) Body {
	if n < 0 {
		panic("content: negative hole")
	}
	if n == 0 {
		return Empty
	}
	return zeros(n)
}

func (z zeros) Size() int64 { return int64(z) }
func (z zeros) Open() (io.ReadCloser, error) {
	return io.NopCloser(io.NewSectionReader(z, 0, int64(z))), nil
}
func (z zeros) ReadAt(p []byte, off int64) (int, error) {
	if off < 0 {
		return 0, errNegative
	}
	if off >= int64(z) {
		return 0, io.EOF
	}
	n := len(p)
	var err error
	if int64(n) > int64(z)-off {
		n, err = int(int64(z)-off), io.EOF
	}
	clear(p[:n])
	return n, err
}

// written is zeros that somebody wrote.
type written struct{ zeros }

// Zeros is n zero bytes that were written: like a hole they take no memory, but
// where a hole takes no room on a disk, they do. It panics if n is negative.
func Zeros(n int64) Body {
	b := Zero(n)
	if z, ok := b.(zeros); ok {
		return written{z}
	}
	return b
}

// Dense is b with written zeros in place of its holes: what a program has written
// that copies b byte by byte.
func Dense(b Body) Body {
	switch b := b.(type) {
	case zeros:
		return written{b}
	case *rope:
		out := &rope{}
		for _, p := range b.parts {
			out.push(Dense(p))
		}
		return Concat(out)
	}
	return b
}

// Blocks is the bytes that b takes on a disk that gives room in blocks of unit
// bytes: every block that is not all hole. A hole inside a slice of another body
// takes room.
func Blocks(b Body, unit int64) int64 {
	var n, at, end int64 // end of the last block counted, in blocks
	for _, p := range Parts(b) {
		size := p.Size()
		if !IsHole(p) && size > 0 {
			first, last := max(at/unit, end), (at+size-1)/unit+1
			n += max(0, last-first)
			end = max(end, last)
		}
		at += size
	}
	return n * unit
}
