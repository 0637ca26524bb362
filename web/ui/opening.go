package ui

import (
	"reflect"

	"github.com/hexops/vecty"

	"github.com/layerlab/layerlab/web/action"
	"github.com/layerlab/layerlab/web/view"
)

// openingPane is the archives that are being read.
type openingPane struct {
	vecty.Core
	V view.Opening `vecty:"prop"`
}

// SkipRender says whether nothing of it changed.
func (p *openingPane) SkipRender(prev vecty.Component) bool {
	return reflect.DeepEqual(prev.(*openingPane).V, p.V)
}

// Render paints it.
func (p *openingPane) Render() vecty.ComponentOrHTML { return div("opening") }

var openingHandlers = handlers{
	clicks: table{"open-image": give(action.PickImage{})},
}
