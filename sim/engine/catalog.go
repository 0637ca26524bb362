package engine

import (
	"context"

	"github.com/layerlab/layerlab/sim/catalog"
	"github.com/layerlab/layerlab/sim/image"
	"github.com/layerlab/layerlab/sim/pkg"
	"github.com/layerlab/layerlab/sim/store"
)

// outside is what lies beyond the machine: the model images and the repositories
// of packages.
type outside struct {
	images   *catalog.Catalog
	packages *pkg.World
}

func (e *Engine) reach() {
	e.outside = outside{catalog.New(e.o.Models, e.pause), &pkg.World{Source: e.o.Models, Now: e.Now}}
}

// models are the names of the model images of the catalogue.
func models() []string { return catalog.Names() }

// openModel is a model image with its layers.
func (e *Engine) openModel(ctx context.Context, name string) (*image.Image, []*store.Held, error) {
	return e.outside.images.Open(ctx, name)
}
