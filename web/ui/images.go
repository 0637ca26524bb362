package ui

import (
	"reflect"

	"github.com/hexops/vecty"

	"github.com/layerlab/layerlab/web/action"
	"github.com/layerlab/layerlab/web/view"
)

// imagesPane is the view of all images.
type imagesPane struct {
	vecty.Core
	V view.Images `vecty:"prop"`
}

// SkipRender says whether nothing of it changed.
func (p *imagesPane) SkipRender(prev vecty.Component) bool {
	return reflect.DeepEqual(prev.(*imagesPane).V, p.V)
}

// Render paints it.
func (p *imagesPane) Render() vecty.ComponentOrHTML { return div("images-in") }

var imagesHandlers = handlers{
	clicks: table{"image-tab": func(o occasion) action.Action { return action.ShowImageTab{Name: o.arg} }},
}
