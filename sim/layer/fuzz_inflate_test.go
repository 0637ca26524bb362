package layer

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"strings"
	"testing"

	kgzip "github.com/klauspost/compress/gzip"

	"github.com/layerlab/layerlab/internal/hazard"
	"github.com/layerlab/layerlab/sim/content"
)

// maxInflated is how far a bomb is inflated here.
const maxInflated = 1 << 20

// fuzzWindow is the largest window of zstd in the fuzz target: one that is larger
// is cleared for longer than the rest takes.
const fuzzWindow = 8 << 20

// inflateBudget has room for the windows of all readers here.
var inflateBudget = hazard.Budget{Base: 10*fuzzWindow + 24<<20, Factor: 1500}

// FuzzInflate reads compressed blobs: whatever they say of themselves, no single
// read does more than a block's work; gzip is held against the standard library.
func FuzzInflate(f *testing.F) {
	for _, b := range hazard.Blobs() {
		f.Add(b.Bytes)
	}
	defer func(was uint64) { maxZstdWindow = was }(maxZstdWindow)
	maxZstdWindow = fuzzWindow
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) > maxFuzz {
			return
		}
		c := Detect(b[:min(len(b), DetectLen)])
		hazard.Spend(t, len(b), inflateBudget, func() {
			large, err1 := inflateSome(t, b, c, 64<<10)
			small, err2 := inflateSome(t, b, c, 777)
			if !bytes.Equal(large, small) || (err1 == nil) != (err2 == nil) {
				t.Fatalf("in large pieces %d bytes, %v; in small ones %d, %v", len(large), err1, len(small), err2)
			}
			if c == Gzip {
				checkGzip(t, b, large, err1)
			}
			if err1 == nil && len(large) < maxInflated {
				checkInflated(t, b, c, large)
			}
		})
	})
}

// inflateSome inflates up to maxInflated bytes of b in pieces.
func inflateSome(t *testing.T, b []byte, c Codec, piece int) (out []byte, err error) {
	r, err := NewInflater(bytes.NewReader(b), c)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	p := make([]byte, piece)
	for idle := 0; len(out) < maxInflated; {
		n, err := r.Read(p[:min(piece, maxInflated-len(out))])
		if out = append(out, p[:n]...); err == io.EOF {
			return out, nil
		} else if err != nil {
			return out, err
		}
		if idle++; n > 0 {
			idle = 0
		} else if idle > 100 {
			t.Fatal("100 reads gave neither bytes nor an error")
		}
	}
	return out, nil
}

// checkGzip holds what was inflated against the standard library.
func checkGzip(t *testing.T, b, got []byte, err error) {
	var want []byte
	z, werr := gzip.NewReader(bytes.NewReader(b))
	if werr == nil {
		want, werr = io.ReadAll(io.LimitReader(z, maxInflated))
	}
	// Where the data is damaged, how much is given before the error is the
	// reader's own affair.
	same := bytes.Equal(want, got)
	if err != nil {
		same = bytes.HasPrefix(want, got) || bytes.HasPrefix(got, want)
	}
	if errors.Is(err, kgzip.ErrHeader) {
		return // compress/gzip takes headers with reserved flags, which RFC 1952 says to refuse
	}
	if (err == nil) != (werr == nil) || !same {
		t.Fatalf("%d bytes, %v; compress/gzip has %d, %v", len(got), err, len(want), werr)
	}
}

// checkInflated reads the blob as the body of a layer, at offsets and whole.
func checkInflated(t *testing.T, b []byte, c Codec, want []byte) {
	body := InflatedBody(content.Bytes(b), c, -1)
	if body.Size() != int64(len(want)) {
		t.Fatalf("its size is told as %d, it has %d bytes", body.Size(), len(want))
	}
	for _, off := range []int{0, len(want) / 2, len(want) / 3, max(0, len(want)-1)} {
		p := make([]byte, min(100, len(want)-off))
		if n, err := content.ReadAt(body, p, int64(off)); n != len(p) || !bytes.Equal(p, want[off:off+n]) || err != nil && err != io.EOF {
			t.Fatalf("at %d of %d: %d bytes, %v", off, len(want), n, err)
		}
	}
	_, err1 := Index(ctx, InflatedBody(content.Bytes(b), c, -1), IndexOptions{Digest: true})
	_, err2 := Index(ctx, content.Bytes(want), IndexOptions{})
	if (err1 == nil) != (err2 == nil) {
		t.Fatalf("inflated: %v; plain: %v", err1, err2)
	}
}

// TestBlobHazards inflates each compressed hazard as far as a bomb is inflated
// here.
func TestBlobHazards(t *testing.T) {
	for _, h := range hazard.Blobs() {
		t.Run(h.Name, func(t *testing.T) {
			budget := hazard.Budget{Base: int64(maxZstdWindow) + 24<<20, Factor: 1500}
			hazard.Spend(t, len(h.Bytes), budget, func() {
				got, err := inflateSome(t, h.Bytes, Detect(h.Bytes[:DetectLen]), 64<<10)
				switch {
				case h.Refused == "" && err != nil:
					t.Error(err)
				case h.Refused != "" && (err == nil || !strings.Contains(err.Error(), h.Refused)):
					t.Errorf("error %v, want %q in it", err, h.Refused)
				case h.Refused == "" && int64(len(got)) != min(h.Size, maxInflated):
					t.Errorf("%d bytes of %d", len(got), h.Size)
				}
			})
		})
	}
}
