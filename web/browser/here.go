package browser

import (
	"context"
	"crypto/sha256"
	"io"
	"path"

	"github.com/opencontainers/go-digest"

	"github.com/layerlab/layerlab/sim/content"
	"github.com/layerlab/layerlab/sim/layer"
)

func base(p string) string { return path.Base(p) }

type pauser = func(context.Context) error

// indexHere is Workers.Index in this very program.
func indexHere(ctx context.Context, job Job, pause pauser) (Digests, error) {
	total := job.Stored.Size()
	report := func(done int64) {
		if job.Progress != nil {
			job.Progress(done, total)
		}
	}
	if job.Codec == layer.Plain {
		l, err := layer.Index(ctx, job.Stored, layer.IndexOptions{Pause: pause})
		if err != nil {
			return Digests{}, err
		}
		if job.Indexed != nil {
			job.Indexed(l)
		}
		d, err := hashHere(ctx, job.Stored, report, pause)
		if err != nil {
			return Digests{}, err
		}
		whole := *l
		whole.DiffID = d
		return Digests{Layer: &whole, Blob: d, DiffID: d}, nil
	}
	r, err := job.Stored.Open()
	if err != nil {
		return Digests{}, err
	}
	defer r.Close()
	h := sha256.New()
	counted := &counter{r: io.TeeReader(r, h), report: report}
	z, err := layer.NewInflater(counted, job.Codec)
	if err != nil {
		return Digests{}, err
	}
	defer z.Close()
	l, err := layer.IndexStream(ctx, z, layer.InflatedBody(job.Stored, job.Codec, -1), layer.IndexOptions{Digest: true, Pause: pause})
	if err != nil {
		return Digests{}, err
	}
	if _, err := io.Copy(io.Discard, counted); err != nil { // what is after the last member counts
		return Digests{}, err
	}
	if job.Indexed != nil {
		job.Indexed(l)
	}
	return Digests{Layer: l, Blob: digest.NewDigest(digest.SHA256, h), DiffID: l.DiffID}, nil
}

// hashHere is Workers.Hash in this very program.
func hashHere(ctx context.Context, b content.Body, progress func(int64), pause pauser) (digest.Digest, error) {
	r, err := b.Open()
	if err != nil {
		return "", err
	}
	defer r.Close()
	h := sha256.New()
	buf := make([]byte, 256<<10)
	var done int64
	for {
		if err := pause(ctx); err != nil {
			return "", err
		}
		n, err := r.Read(buf)
		h.Write(buf[:n])
		done += int64(n)
		if progress != nil {
			progress(done)
		}
		if err == io.EOF {
			return digest.NewDigest(digest.SHA256, h), nil
		}
		if err != nil {
			return "", err
		}
	}
}

// counter reports the bytes that were read through it.
type counter struct {
	r      io.Reader
	done   int64
	report func(int64)
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.done += int64(n)
	c.report(c.done)
	return n, err
}
