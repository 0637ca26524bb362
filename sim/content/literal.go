package content

import (
	"bytes"
	"io"
)

// Empty is the body of an empty file.
var Empty Body = literal(nil)

type literal []byte

// Bytes is a body of literal bytes. The caller must not change b afterwards.
func Bytes(b []byte) Body {
	if len(b) == 0 {
		return Empty
	}
	return literal(b)
}

// String is a body of the bytes of s.
func String(s string) Body { return Bytes([]byte(s)) }

func (l literal) Size() int64                  { return int64(len(l)) }
func (l literal) Open() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(l)), nil }
func (l literal) ReadAt(p []byte, off int64) (int, error) {
	return bytes.NewReader(l).ReadAt(p, off)
}
