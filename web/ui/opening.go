package ui

import (
	"reflect"
	"strconv"

	"github.com/hexops/vecty"

	"github.com/layerlab/layerlab/web/action"
	"github.com/layerlab/layerlab/web/view"
)

// openingPane is the archives that are being read, or that the engine refused.
type openingPane struct {
	vecty.Core
	V view.Opening `vecty:"prop"`
}

// SkipRender says whether nothing of it changed.
func (p *openingPane) SkipRender(prev vecty.Component) bool {
	return reflect.DeepEqual(prev.(*openingPane).V, p.V)
}

// Render paints it.
func (p *openingPane) Render() vecty.ComponentOrHTML {
	var list vecty.List
	for _, a := range p.V.Archives {
		list = append(list, keyed("li", "archive", a.ID, when(map[string]bool{"refused": a.Bad != ""}), archive(a)))
	}
	return tag("ul", "opening", attr("aria-label", "Archives being opened"), attrIf(len(list) == 0, "hidden", ""), list)
}

func archive(a view.Archive) *vecty.HTML {
	var notes vecty.List
	for _, n := range a.Notes {
		notes = append(notes, tag("p", "dim", text(n)))
	}
	bar := div("progress", attr("role", "progressbar"), attr("aria-label", "Opening "+a.Name), attr("aria-valuemin", "0"), attr("aria-valuemax", "100"),
		attrIf(a.Percent >= 0, "aria-valuenow", strconv.Itoa(max(0, a.Percent))), attrIf(a.Bad != "", "hidden", ""),
		when(map[string]bool{"unknown": a.Percent < 0}), style("--done", strconv.Itoa(max(0, a.Percent))+"%"))
	return div("archive-in",
		div("line", tag("strong", "clip mono", attr("title", a.Name), text(a.Name)), span("dim clip what", text(a.What)),
			button("btn small", a.Close, "cancel-opening", a.ID, attr("aria-label", a.Close+" "+a.Name))),
		bar,
		div("", attrIf(a.Bad == "", "hidden", ""), attr("role", "alert"), tag("p", "bad", text(a.Bad))),
		notes)
}

var openingHandlers = handlers{
	clicks: table{
		"open-image": give(action.PickImage{}),
		"cancel-opening": func(o occasion) action.Action {
			n, _ := strconv.Atoi(o.arg)
			return action.CancelOpening{ID: n}
		},
	},
}
