package archive

import (
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"

	"github.com/opencontainers/go-digest"

	"github.com/layerlab/layerlab/sim/layer"
)

// Verify reads a layer to its very end, what follows the end of the tar included,
// and checks its blob digest and its DiffID. progress, if not nil, is told the
// stored bytes read so far; pause, if not nil, is called every few milliseconds.
// It fails with a *Mismatch when the bytes are not what the digests promise, and
// with another error when they cannot be read at all.
func Verify(ctx context.Context, b Blob, progress func(done int64), pause func(context.Context) error) error {
	if b.Missing != "" || b.Stored == nil {
		// That it was changed says more than what it seems to be now.
		if raw := b; b.Stored != nil && b.Digest != "" {
			raw.Codec = layer.Plain
			if blob, _, err := raw.sums(ctx, progress, pause); err != nil || blob != b.Digest {
				return cmp.Or(err, error(&Mismatch{What: "blob digest", Expected: b.Digest, Got: blob}))
			}
		}
		_, err := b.Tar()
		return err
	}
	blob, diffID, err := b.sums(ctx, progress, pause)
	// The blob's own digest is told first: it names the stored bytes, and
	// damage there may be what broke the inflating.
	if b.Digest != "" && blob != "" && blob != b.Digest {
		return &Mismatch{What: "blob digest", Expected: b.Digest, Got: blob}
	}
	if err != nil {
		return fmt.Errorf("reading layer %s: %w", short(b.DiffID), err)
	}
	if b.DiffID != "" && diffID != b.DiffID {
		return &Mismatch{What: "DiffID", Expected: b.DiffID, Got: diffID}
	}
	return nil
}

// sums is the digests of the stored and of the uncompressed bytes. When
// inflating fails, the stored bytes are still read to their end for theirs.
func (b Blob) sums(ctx context.Context, progress func(int64), pause func(context.Context) error) (blob, diffID digest.Digest, err error) {
	rc, err := b.Stored.Open()
	if err != nil {
		return "", "", err
	}
	defer rc.Close()
	stored := sha256.New()
	src := &ticking{ctx: ctx, r: io.TeeReader(rc, stored), tell: progress, pause: pause}
	if b.Codec == layer.Plain {
		if _, err := io.Copy(io.Discard, src); err != nil {
			return "", "", err
		}
		d := digest.NewDigest(digest.SHA256, stored)
		return d, d, nil
	}
	plain := sha256.New()
	inflated, err := layer.NewInflater(src, b.Codec)
	out := &ticking{ctx: ctx, r: inflated, pause: pause} // half a megabyte of zstd may be of gigabytes
	if err == nil {
		_, err = io.Copy(plain, out)
		err = errors.Join(err, inflated.Close())
	}
	if stopped := cmp.Or(src.stopped, out.stopped); stopped != nil {
		return "", "", stopped
	}
	if _, drain := io.Copy(io.Discard, src); drain != nil {
		return "", "", errors.Join(err, drain)
	}
	return digest.NewDigest(digest.SHA256, stored), digest.NewDigest(digest.SHA256, plain), err
}

// ticking reads in pieces, tells how far it is, and yields.
type ticking struct {
	ctx     context.Context
	r       io.Reader
	n       int64
	since   int64
	tell    func(int64)
	pause   func(context.Context) error
	stopped error // the error that pause gave
}

// tickEvery is the bytes between two pauses: 5 to 10 ms of hashing in WebAssembly.
const tickEvery = 512 << 10

func (t *ticking) Read(p []byte) (int, error) {
	if t.since >= tickEvery {
		t.since = 0
		if t.tell != nil {
			t.tell(t.n)
		}
		if t.pause != nil {
			t.stopped = t.pause(t.ctx)
		} else {
			t.stopped = t.ctx.Err()
		}
	}
	if t.stopped != nil {
		return 0, t.stopped
	}
	n, err := t.r.Read(p[:min(len(p), tickEvery)])
	t.n += int64(n)
	t.since += int64(n)
	if err == io.EOF && t.tell != nil {
		t.tell(t.n)
	}
	return n, err
}
