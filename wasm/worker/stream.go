//go:build js

package main

import (
	"context"
	"io"
	"syscall/js"

	"github.com/opencontainers/go-digest"

	"github.com/layerlab/layerlab/sim/layer"
)

// A source gives the inflated bytes of a blob, piece by piece.
type source interface {
	// next is the next piece, as Go has it and, if it was born there, as
	// JavaScript has it (else undefined). It is valid until the next call. The
	// end is io.EOF.
	next(ctx context.Context) (p []byte, chunk js.Value, err error)
	// stored is the digest of the blob itself, at the end.
	stored(ctx context.Context) (string, error)
	close()
}

// feed is what the browser's inflater is given at once.
const feed = 256 << 10

// nativeSource inflates gzip with the browser's own DecompressionStream. It is
// twice as fast as Go, but it refuses a gzip file of several members.
type nativeSource struct {
	b      *blob
	reader js.Value
	whole  js.Value // the blob's ArrayBuffer, if it is small
	sum    chan settledDigest
	over   digest.Digester // otherwise
	fed    chan error
	stop   bool
	data   []byte
}

type settledDigest struct {
	sum string
	err error
}

// hasNative reports whether the browser inflates gzip.
func hasNative() bool { return global.Get("DecompressionStream").Truthy() && subtle().Truthy() }

func newNative(ctx context.Context, b *blob) (*nativeSource, error) {
	ds := global.Get("DecompressionStream").New("gzip")
	s := &nativeSource{b: b, reader: ds.Get("readable").Call("getReader"), fed: make(chan error, 1)}
	if b.size <= whole {
		var err error
		if s.whole, err = b.buffer(0, b.size); err != nil {
			return nil, err
		}
		s.sum = make(chan settledDigest, 1)
		go func() {
			sum, err := nativeDigest(ctx, s.whole)
			s.sum <- settledDigest{sum, err}
		}()
	} else {
		s.over = digest.SHA256.Digester()
	}
	go func() { s.fed <- s.pump(ctx, ds.Get("writable").Call("getWriter")) }()
	return s, nil
}

// pump writes the blob into the inflater as fast as that takes it.
func (s *nativeSource) pump(ctx context.Context, w js.Value) error {
	ignore := global.Get("Function").Get("prototype") // a function that does nothing
	buf := make([]byte, feed)
	for off := int64(0); off < s.b.size && !s.stop; {
		n := min(feed, s.b.size-off)
		var part js.Value
		if s.over == nil {
			part = global.Get("Uint8Array").New(s.whole, off, n)
		} else {
			buffer, err := s.b.buffer(off, n)
			if err != nil {
				w.Call("abort", err.Error()).Call("catch", ignore)
				return err
			}
			part = bytesOf(buffer)
			js.CopyBytesToGo(buf[:n], part)
			s.over.Hash().Write(buf[:n])
		}
		if _, err := await(ctx, w.Get("ready")); err != nil {
			return err
		}
		// An error comes out at the reader. The wait keeps what is under way small.
		if _, err := await(ctx, w.Call("write", part)); err != nil {
			return err
		}
		if s.over != nil {
			free(part.Get("buffer"))
		}
		off += n
		s.b.report(off)
	}
	w.Call("close").Call("catch", ignore)
	return nil
}

func (s *nativeSource) next(ctx context.Context) ([]byte, js.Value, error) {
	r, err := await(ctx, s.reader.Call("read"))
	if err != nil {
		return nil, js.Undefined(), err
	}
	if r.Get("done").Bool() {
		return nil, js.Undefined(), io.EOF
	}
	chunk := r.Get("value")
	n := chunk.Length()
	if len(s.data) < n {
		s.data = make([]byte, n)
	}
	js.CopyBytesToGo(s.data[:n], chunk)
	return s.data[:n], chunk, nil
}

func (s *nativeSource) stored(ctx context.Context) (string, error) {
	if err := <-s.fed; err != nil {
		return "", err
	}
	if s.over != nil {
		return s.over.Digest().String(), nil
	}
	d := <-s.sum
	free(s.whole)
	return d.sum, d.err
}

func (s *nativeSource) close() {
	s.stop = true
	s.reader.Call("cancel").Call("catch", global.Get("Function").Get("prototype"))
}

// goSource inflates with Go.
type goSource struct {
	tee  io.Reader
	hash *hasher
	z    io.ReadCloser
	data []byte
}

func newGo(b *blob, codec layer.Codec) (*goSource, error) {
	s := &goSource{hash: newHasher(), data: make([]byte, 256<<10)}
	s.tee = io.TeeReader(&blobReader{b: b}, s.hash)
	var err error
	s.z, err = layer.NewInflater(s.tee, codec)
	return s, err
}

func (s *goSource) next(context.Context) ([]byte, js.Value, error) {
	n, err := s.z.Read(s.data)
	if n > 0 {
		err = nil // it comes again
	}
	return s.data[:n], js.Undefined(), err
}

func (s *goSource) stored(ctx context.Context) (string, error) {
	if _, err := io.Copy(io.Discard, s.tee); err != nil { // what the inflater left
		return "", err
	}
	return s.hash.sum(ctx)
}

func (s *goSource) close() { s.z.Close() }
