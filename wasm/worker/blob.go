//go:build js

package main

import (
	"context"
	"fmt"
	"io"
	"syscall/js"

	"github.com/opencontainers/go-digest"

	"github.com/layerlab/layerlab/sim/content"
)

// whole is how many bytes are taken into memory at once, where the browser's own
// SHA-256 then hashes them: it takes one buffer, not a stream, and makes a copy
// of it. Two workers may do that at once, and a page is to stay small.
const whole = 16 << 20

// chunk is what is read at once otherwise.
const chunk = 1 << 20

// blob is bytes on the person's disk, read synchronously: a worker may.
type blob struct {
	value  js.Value
	size   int64
	report func(done int64)
}

var _ content.Random = (*blob)(nil)

var reader js.Value // a FileReaderSync

// buffer is the ArrayBuffer of n bytes from off.
func (b *blob) buffer(off, n int64) (buf js.Value, err error) {
	defer func() {
		if e, ok := recover().(js.Error); ok {
			err = fmt.Errorf("reading the file: %s (was it moved, changed or removed since it was chosen?)", e.Value.Get("message").String())
		}
	}()
	if reader.IsUndefined() {
		reader = global.Get("FileReaderSync").New()
	}
	buf = reader.Call("readAsArrayBuffer", b.value.Call("slice", off, off+n))
	if got := int64(buf.Get("byteLength").Float()); got != n {
		return buf, fmt.Errorf("reading the file: %w: %d of %d bytes at byte %d", io.ErrUnexpectedEOF, got, n, off)
	}
	return buf, nil
}

// free gives the memory of an ArrayBuffer back now. The collector would come by,
// but only after hundreds of megabytes.
func free(buf js.Value) {
	if buf.Get("transfer").Type() == js.TypeFunction {
		buf.Call("transfer", 0)
	}
}

func bytesOf(buffer js.Value) js.Value { return global.Get("Uint8Array").New(buffer) }

func (b *blob) Size() int64 { return b.size }

// ReadAt reads from the disk at each call; who calls reads large windows.
func (b *blob) ReadAt(p []byte, off int64) (int, error) {
	if off >= b.size {
		return 0, io.EOF
	}
	n := min(int64(len(p)), b.size-off)
	buf, err := b.buffer(off, n)
	if err != nil {
		return 0, err
	}
	js.CopyBytesToGo(p[:n], bytesOf(buf))
	free(buf)
	if n < int64(len(p)) {
		return int(n), io.EOF
	}
	return int(n), nil
}

// Open reads from the first byte on and tells of the progress.
func (b *blob) Open() (io.ReadCloser, error) { return io.NopCloser(&blobReader{b: b}), nil }

type blobReader struct {
	b    *blob
	next int64 // to be read from the disk
	data []byte
	left []byte
}

func (r *blobReader) Read(p []byte) (int, error) {
	if len(r.left) == 0 {
		n := min(chunk, r.b.size-r.next)
		if n == 0 {
			return 0, io.EOF
		}
		if r.data == nil {
			r.data = make([]byte, chunk)
		}
		if _, err := r.b.ReadAt(r.data[:n], r.next); err != nil {
			return 0, err
		}
		r.left, r.next = r.data[:n], r.next+n
		r.b.report(r.next)
	}
	n := copy(p, r.left)
	r.left = r.left[n:]
	return n, nil
}

// digest is the SHA-256 of the blob.
func (b *blob) digest(ctx context.Context) (string, error) {
	if b.size <= whole && subtle().Truthy() {
		buf, err := b.buffer(0, b.size)
		if err != nil {
			return "", err
		}
		defer free(buf)
		return nativeDigest(ctx, buf)
	}
	d := digest.SHA256.Digester()
	r := &blobReader{b: b}
	buf := make([]byte, 64<<10)
	if _, err := io.CopyBuffer(d.Hash(), struct{ io.Reader }{r}, buf); err != nil {
		return "", err
	}
	return d.Digest().String(), nil
}
