package engine

import (
	"context"

	"github.com/layerlab/layerlab/sim/catalog"
	"github.com/layerlab/layerlab/sim/image"
	"github.com/layerlab/layerlab/sim/store"
)

// models are the names of the model images of the catalogue.
func models() []string { return catalog.Names() }

// openModel is a model image with its layers.
func openModel(ctx context.Context, name string) (*image.Image, []*store.Held, error) {
	return catalog.Open(ctx, name)
}
