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
