package engine

import (
	"context"

	"github.com/layerlab/layerlab/sim/build"
	"github.com/layerlab/layerlab/sim/store"
)

// Preview says of every step of a build whether it would be reused, and why.
// Nothing is run, stored or told. dir and o are as for Build.
func (e *Engine) Preview(ctx context.Context, dir string, o build.Options) (*build.Preview, error) {
	return e.builder().Preview(ctx, e.host.Root(), dir, o)
}

// CompareImages says which layers two images have in common, from which step
// they differ and, for images that were built here, why. The names are as for
// `docker image inspect`.
func (e *Engine) CompareImages(a, b string) (*build.Comparison, error) {
	var sides [2]build.Side
	for i, name := range []string{a, b} {
		im, err := e.side(name)
		if err != nil {
			return nil, err
		}
		sides[i] = build.Side{Image: im.Image, Layers: im.Layers}
	}
	return e.cache.Compare(sides[0], sides[1]), nil
}

func (e *Engine) side(name string) (*store.Image, error) {
	r, err := e.store.Resolve(name)
	if err != nil {
		return nil, err
	}
	return r.Image, nil
}
