//go:build js

package browser

import (
	"context"

	"github.com/opencontainers/go-digest"

	"github.com/layerlab/layerlab/sim/content"
	"github.com/layerlab/layerlab/sim/layer"
)

type pool struct{ pause pauser }

func (p *pool) Index(ctx context.Context, job Job) (Digests, error) {
	return indexHere(ctx, job, p.pause)
}
func (p *pool) Digest(ctx context.Context, b content.Body, progress func(int64)) (digest.Digest, error) {
	return hashHere(ctx, b, progress, p.pause)
}
func (p *pool) Inflate(ctx context.Context, b content.Body, c layer.Codec, progress func(int64)) (content.Random, error) {
	panic("")
}
