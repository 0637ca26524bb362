package browser

import (
	"context"

	"github.com/opencontainers/go-digest"

	"github.com/layerlab/layerlab/sim/content"
	"github.com/layerlab/layerlab/sim/layer"
)

// Workers reads, inflates, hashes and indexes blobs beside the page. There are
// two at most; they are started at the first job and jobs wait for their turn.
// Where the browser starts none, the work is done here, with pauses.
type Workers interface {
	// Index reads a layer's blob to its end. Job.Indexed is called with the
	// layer as soon as it is known, for an uncompressed layer long before all
	// is hashed; Index returns when the digests are known as well. Cancelling ctx
	// ends the work and gives ctx.Err().
	Index(ctx context.Context, job Job) (Digests, error)
	// Digest is the SHA-256 of a body.
	Digest(ctx context.Context, b content.Body, progress func(done int64)) (digest.Digest, error)
	// Inflate is the inflated form of a body that is a File or a slice of
	// one, as a body that can be read at any offset. The browser keeps it,
	// on its disk when it is large; it is gone with the page.
	Inflate(ctx context.Context, b content.Body, c layer.Codec, progress func(done int64)) (content.Random, error)
}

// Job is a layer's blob to be indexed and hashed.
type Job struct {
	Stored content.Body // as it is in the archive, compressed or not
	Codec  layer.Codec

	// Indexed is given the layer once its index is read; its DiffID may be
	// empty then, and its digests are not verified yet.
	Indexed func(*layer.Layer)
	// Progress is told how many of the total bytes of Stored are done, about ten
	// times a second. An uncompressed blob is counted once, while it is hashed.
	Progress func(done, total int64)
}

// Digests is what a blob's bytes hash to. It is for the caller to compare it
// with what the image promises.
type Digests struct {
	Layer  *layer.Layer  // with its DiffID
	Blob   digest.Digest // of the bytes as stored
	DiffID digest.Digest // of the bytes inflated; equal to Blob for a plain tar
}
