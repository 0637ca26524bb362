package ui

import (
	"reflect"
	"strconv"

	"github.com/hexops/vecty"

	"github.com/layerlab/layerlab/web/action"
	"github.com/layerlab/layerlab/web/view"
)

// timePane is the timeline.
type timePane struct {
	vecty.Core
	V   view.Timeline `vecty:"prop"`
	app *App
}

// SkipRender says whether nothing of it changed.
func (p *timePane) SkipRender(prev vecty.Component) bool {
	return reflect.DeepEqual(prev.(*timePane).V, p.V)
}

// Render paints it.
func (p *timePane) Render() vecty.ComponentOrHTML {
	v := p.V
	var points vecty.List
	for _, x := range v.Points {
		points = append(points, span("", when(map[string]bool{"now": x.Kind == "now", "next": x.Kind == "next", "failed": x.Bad}), attr("title", x.Hint)))
	}
	// A slider takes no value beyond its max, and Vecty sets properties before attributes.
	p.app.soon(func(root node) {
		if slider := root.find(".time input"); slider.ok() {
			slider.set("value", strconv.Itoa(p.app.State().Time.At))
		}
	})
	return div("time-in",
		div("head", tag("h2", "", text("Timeline")),
			clock(v),
			div("right",
				button("btn icon", "↶", "undo", "", disabled(!v.CanUndo), attr("aria-label", "Undo: one command back"), attr("title", "One command back")),
				button("btn icon", "↷", "redo", "", disabled(!v.CanRedo), attr("aria-label", "Redo: one command forward"), attr("title", "One command forward")))),
		div("time",
			div("track",
				div("points", attr("aria-hidden", "true"), points),
				tag("input", "", attr("type", "range"), attr("aria-label", "Timeline"), attr("min", "0"), attr("max", strconv.Itoa(v.Max)), attr("step", "1"),
					attr("aria-valuetext", v.Spoken), disabled(v.Max == 0),
					vecty.Markup(vecty.Data("input", "time")))),
			div("where", text(v.Where+" "), tag("code", "clip", attr("title", v.Line), text(v.Line))),
			div("dim", text(v.Summary)),
		),
	)
}

var timelineHandlers = handlers{
	clicks: table{"undo": give(action.Undo{}), "redo": give(action.Redo{})},
	inputs: table{"time": func(o occasion) action.Action {
		n, err := strconv.Atoi(o.text)
		if err != nil {
			return nil
		}
		return action.GoTo{N: n}
	}},
}
