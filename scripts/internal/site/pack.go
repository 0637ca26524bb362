package site

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"path"
	"strconv"
	"sync"

	"github.com/andybalholm/brotli"
)

// Brotli qualities: a good one that takes a second for the page's program, and
// the best, a seventh smaller, that takes the better part of a minute.
const (
	goodBrotli = 9
	bestBrotli = 11
)

// compressible are the extensions that gain from compression.
var compressible = map[string]bool{".html": true, ".js": true, ".css": true, ".wasm": true, ".svg": true, ".json": true, ".txt": true}

// compress gives each file that gains from it its brotli and gzip forms, from
// the cache where they were made before.
func (s *Site) compress(ctx context.Context, c cache, o Options) error {
	var wg sync.WaitGroup
	for _, f := range s.Files {
		if !compressible[path.Ext(f.Path)] {
			continue
		}
		wg.Go(func() {
			if ctx.Err() != nil {
				return
			}
			f.Gz = smaller(f.Body, c.memo(f.Body, "gz", gz))
			f.Br = smaller(f.Body, f.brotli(c, o))
		})
	}
	wg.Wait()
	return ctx.Err()
}

// brotli is the best form that the options ask for or the cache has.
func (f *File) brotli(c cache, o Options) []byte {
	best := brotliName(f.Body, bestBrotli)
	if b := c.packed(best); b != nil {
		return b
	}
	q := goodBrotli
	if o.Best {
		q = bestBrotli
	}
	if o.Best && len(f.Body) > 4<<20 {
		o.log("compressing %s (once)", f.Path)
	}
	return c.memo(f.Body, "br"+strconv.Itoa(q), func(b []byte) []byte { return br(b, q) })
}

// memo is pack(b), remembered under the hash of b.
func (c cache) memo(b []byte, kind string, pack func([]byte) []byte) []byte {
	name := packedName(b, kind)
	if out := c.packed(name); out != nil {
		return out
	}
	out := pack(b)
	c.keepPacked(name, out)
	return out
}

func packedName(b []byte, kind string) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:]) + "." + kind
}

func brotliName(b []byte, q int) string { return packedName(b, "br"+strconv.Itoa(q)) }

// smaller is packed, or nil if that is no smaller than b.
func smaller(b, packed []byte) []byte {
	if len(packed) < len(b) {
		return packed
	}
	return nil
}

func br(b []byte, quality int) []byte {
	var out bytes.Buffer
	w := brotli.NewWriterOptions(&out, brotli.WriterOptions{Quality: quality, LGWin: 24})
	_, _ = w.Write(b) // a bytes.Buffer does not fail
	_ = w.Close()
	return out.Bytes()
}

func gz(b []byte) []byte {
	var out bytes.Buffer
	w, _ := gzip.NewWriterLevel(&out, gzip.BestCompression)
	_, _ = w.Write(b)
	_ = w.Close()
	return out.Bytes()
}
