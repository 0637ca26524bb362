package ui

import (
	"reflect"

	"github.com/hexops/vecty"

	"github.com/layerlab/layerlab/web/action"
	"github.com/layerlab/layerlab/web/view"
)

// filesPane is the file tree with the way of one path through the layers below.
type filesPane struct {
	vecty.Core
	V   view.Files `vecty:"prop"`
	app *App
}

// SkipRender says whether nothing of it changed.
func (p *filesPane) SkipRender(prev vecty.Component) bool {
	return reflect.DeepEqual(prev.(*filesPane).V, p.V)
}

// Render paints it.
func (p *filesPane) Render() vecty.ComponentOrHTML {
	return div("files-in", div("head", tag("h2", "", text("Files")), div("right")))
}

var filesHandlers = handlers{
	clicks: table{"files-mode": func(o occasion) action.Action { return action.ShowFiles{Mode: o.arg} }},
}
