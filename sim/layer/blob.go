package layer

import (
	"compress/gzip"
	"context"
	"crypto/sha256"
	"io"

	"github.com/opencontainers/go-digest"

	"github.com/layerlab/layerlab/sim/content"
)

// GzipBlob is the gzip blob of a tar, with its digest, as BuildKit stores it: the
// standard library's compress/gzip at its default level, with neither name nor
// time. Compressed bytes differ from one implementation to the next, so it must
// be this one for the digests to be BuildKit's. The blob is made twice, now for
// its size and digest and again for each reader: its bytes are not held. hook, if not nil, is
// called every few milliseconds of work.
func GzipBlob(ctx context.Context, tar content.Body, hook func(context.Context) error) (blob content.Body, d digest.Digest, err error) {
	hash := sha256.New()
	count := &counter{w: hash}
	if err := gzipTo(ctx, count, tar, hook); err != nil {
		return nil, "", err
	}
	return GzipBody(tar, count.n), digest.NewDigest(digest.SHA256, hash), nil
}

// GzipBody is the blob that GzipBlob makes of tar, for those who know its size
// already.
func GzipBody(tar content.Body, size int64) content.Body {
	return content.Recipe(size, func() (io.ReadCloser, error) {
		return pipe(func(w io.Writer) error { return gzipTo(context.Background(), w, tar, nil) }), nil
	})
}

func gzipTo(ctx context.Context, w io.Writer, tar content.Body, hook func(context.Context) error) error {
	rc, err := tar.Open()
	if err != nil {
		return err
	}
	defer rc.Close()
	z := gzip.NewWriter(w)
	buf := make([]byte, 64<<10)
	for {
		n, err := rc.Read(buf)
		if _, werr := z.Write(buf[:n]); werr != nil {
			return werr
		}
		if err == io.EOF {
			return z.Close()
		}
		if err != nil {
			return err
		}
		if err := pause(ctx, hook); err != nil {
			return err
		}
	}
}
