//go:build js

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"syscall/js"

	"github.com/layerlab/layerlab/sim/layer"
)

// index reads a layer's blob and sends the layer's index to the page. A plain tar
// is indexed by seeking and not hashed: that is a job of its own, for later. A
// compressed one is indexed while it is inflated, which gives its digests too.
func index(ctx context.Context, b *blob, codec layer.Codec) (map[string]any, error) {
	if codec == layer.Plain {
		l, err := layer.Index(ctx, b, layer.IndexOptions{})
		if err != nil {
			return nil, err
		}
		return map[string]any{}, send(l)
	}
	var done map[string]any
	err := inflating(ctx, b, codec, func(s source) error {
		r := &sourceReader{ctx: ctx, s: s, hash: newHasher()}
		l, err := layer.IndexStream(ctx, r, layer.InflatedBody(b, codec, 1<<62), layer.IndexOptions{})
		if err != nil {
			return err
		}
		if err := send(l); err != nil {
			return err
		}
		stored, err := s.stored(ctx)
		if err != nil {
			return err
		}
		inflated, err := r.hash.sum(ctx)
		done = map[string]any{"stored": stored, "inflated": inflated}
		return err
	})
	return done, err
}

// inflating calls use with the inflated bytes of a blob: the browser's first, and
// Go's if the browser could not. What is wrong is then said in Go's words.
func inflating(ctx context.Context, b *blob, codec layer.Codec, use func(source) error) error {
	if codec == layer.Gzip && hasNative() {
		s, err := newNative(ctx, b)
		if err != nil {
			return err
		}
		err = use(s)
		s.close()
		if err == nil {
			return nil
		}
		if le := new(layer.Error); errors.As(err, &le) && !errors.Is(err, errSource) {
			return err // the tar is wrong, not the gzip
		}
	}
	s, err := newGo(b, codec)
	if err != nil {
		return err
	}
	defer s.close()
	return use(s)
}

// errSource marks an error that came from inflating.
var errSource = errors.New("inflating failed")

// sourceReader reads a source, and hashes what it reads.
type sourceReader struct {
	ctx  context.Context
	s    source
	hash *hasher
	left []byte
	err  error
}

func (r *sourceReader) Read(p []byte) (int, error) {
	for len(r.left) == 0 {
		if r.err != nil {
			return 0, r.err
		}
		data, chunk, err := r.s.next(r.ctx)
		if err != nil {
			if err != io.EOF {
				if _, native := r.s.(*nativeSource); native {
					err = fmt.Errorf("%w: %w", errSource, err)
				}
			}
			r.err = err
			continue
		}
		r.hash.add(data, chunk)
		r.left = data
	}
	n := copy(p, r.left)
	r.left = r.left[n:]
	return n, nil
}

// send gives the page the index of a layer, without its bodies.
func send(l *layer.Layer) error {
	var out bytes.Buffer
	if err := l.Encode(&out); err != nil {
		return err
	}
	data := global.Get("Uint8Array").New(out.Len())
	js.CopyBytesToJS(data, out.Bytes())
	post(map[string]any{"kind": "layer", "data": data, "size": l.Size}, data.Get("buffer"))
	return nil
}

// largest is how many bytes an inflated file may have: what claims more is
// taken for a trap.
const largest = 64 << 30

// inflate is a Blob of the inflated bytes; the browser keeps them where it sees fit.
func inflate(ctx context.Context, b *blob, codec layer.Codec) (js.Value, error) {
	var out js.Value
	err := inflating(ctx, b, codec, func(s source) error {
		out = global.Get("Blob").New()
		parts := global.Get("Array").New()
		var size, held int64
		flush := func() {
			all := global.Get("Array").New(out).Call("concat", parts)
			out, parts, held = global.Get("Blob").New(all), global.Get("Array").New(), 0
		}
		for {
			p, chunk, err := s.next(ctx)
			if err == io.EOF {
				flush()
				return nil
			}
			if err != nil {
				return err
			}
			if size += int64(len(p)); size > largest {
				return fmt.Errorf("inflating: more than %d bytes came out of %d", int64(largest), b.size)
			}
			if chunk.IsUndefined() {
				chunk = global.Get("Uint8Array").New(len(p))
				js.CopyBytesToJS(chunk, p)
			}
			parts.Call("push", chunk)
			if held += int64(len(p)); held >= 8<<20 {
				flush()
			}
		}
	})
	return out, err
}
