//go:build js

package main

import (
	"context"
	"encoding/hex"
	"errors"
	"hash"
	"syscall/js"

	"github.com/opencontainers/go-digest"
)

// subtle is the browser's own cryptography: eight times as fast as Go's here, but
// there only on secure origins.
func subtle() js.Value {
	if c := global.Get("crypto"); c.Truthy() {
		return c.Get("subtle")
	}
	return js.Undefined()
}

// nativeDigest hashes an ArrayBuffer.
func nativeDigest(ctx context.Context, buf js.Value) (string, error) {
	sum, err := await(ctx, subtle().Call("digest", "SHA-256", buf))
	if err != nil {
		return "", err
	}
	b := make([]byte, 32)
	js.CopyBytesToGo(b, bytesOf(sum))
	return "sha256:" + hex.EncodeToString(b), nil
}

// hasher hashes a stream whose length is not known: the browser does it when it
// turns out to be short enough, Go otherwise.
type hasher struct {
	kept []js.Value // Uint8Arrays, while the browser may still do it
	size int64
	over hash.Hash // not nil: Go does it
}

func newHasher() *hasher {
	h := &hasher{}
	if !subtle().Truthy() {
		h.over = digest.SHA256.Hash()
	}
	return h
}

// add takes the next bytes of the stream, which p and chunk both hold; chunk may
// be undefined.
func (h *hasher) add(p []byte, chunk js.Value) {
	h.size += int64(len(p))
	if h.over == nil && h.size > whole {
		h.over = digest.SHA256.Hash()
		for _, k := range h.kept {
			b := make([]byte, k.Length())
			js.CopyBytesToGo(b, k)
			free(k.Get("buffer"))
			h.over.Write(b)
		}
		h.kept = nil
	}
	if h.over != nil {
		h.over.Write(p)
		if !chunk.IsUndefined() {
			free(chunk.Get("buffer"))
		}
		return
	}
	if chunk.IsUndefined() {
		chunk = global.Get("Uint8Array").New(len(p))
		js.CopyBytesToJS(chunk, p)
	}
	h.kept = append(h.kept, chunk)
}

// Write is add for bytes that only Go has.
func (h *hasher) Write(p []byte) (int, error) {
	h.add(p, js.Undefined())
	return len(p), nil
}

// sum is the digest of all that was added.
func (h *hasher) sum(ctx context.Context) (string, error) {
	if h.over != nil {
		return digest.NewDigest(digest.SHA256, h.over).String(), nil
	}
	all := global.Get("Uint8Array").New(h.size)
	at := 0
	for _, k := range h.kept {
		all.Call("set", k, at)
		at += k.Length()
		free(k.Get("buffer"))
	}
	h.kept = nil
	defer free(all.Get("buffer"))
	return nativeDigest(ctx, all)
}

// await waits for a promise.
func await(ctx context.Context, promise js.Value) (js.Value, error) {
	type settled struct {
		value js.Value
		err   error
	}
	done := make(chan settled, 1)
	ok := js.FuncOf(func(_ js.Value, args []js.Value) any {
		done <- settled{value: args[0]}
		return nil
	})
	fail := js.FuncOf(func(_ js.Value, args []js.Value) any {
		done <- settled{err: errors.New(args[0].Call("toString").String())}
		return nil
	})
	defer ok.Release()
	defer fail.Release()
	promise.Call("then", ok, fail)
	s := <-done
	return s.value, s.err
}
