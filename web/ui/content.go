package ui

import (
	"reflect"

	"github.com/hexops/vecty"

	"github.com/layerlab/layerlab/web/view"
)

// contentsPane is the bytes of one version of a path.
type contentsPane struct {
	vecty.Core
	V   *view.Contents `vecty:"prop"`
	app *App
}

// SkipRender says whether nothing of it changed.
func (p *contentsPane) SkipRender(prev vecty.Component) bool {
	return reflect.DeepEqual(prev.(*contentsPane).V, p.V)
}

// Render paints it.
func (p *contentsPane) Render() vecty.ComponentOrHTML {
	v := p.V
	if v == nil {
		return tag("section", "contents", attr("hidden", ""))
	}
	shown := v.Text
	if v.Empty {
		shown = ""
	}
	about := v.Part
	switch {
	case v.Err != "":
		about = ""
	case v.Form == "":
		about = "reading…"
	case v.Empty:
		about = "The file is empty."
	}
	return tag("section", "contents", attr("aria-label", "Contents of "+v.Title+" in "+v.Tag.Said), vecty.Markup(vecty.Data("keys", "contents")),
		div("chead", tagOf(v.Tag), tag("h3", "clip mono", attr("title", v.Title), text(v.Title)), span("dim", text(v.Size)),
			div("right",
				button("btn small", "Text", "contents-as", "text", attr("aria-pressed", truth(v.Form == "text"))),
				button("btn small", "Hex", "contents-as", "hex", attr("aria-pressed", truth(v.Form == "hex"))),
				button("btn small", "⤓", "download", v.Name(), attr("aria-label", "Download "+v.Title+" as "+v.Tag.Said+" has it"), attr("title", "Download")),
				button("btn small icon", "✕", "close-contents", "", attr("aria-label", "Close the contents"), attr("title", "Close (Escape)")))),
		tag("p", "bad", attrIf(v.Err == "", "hidden", ""), attr("role", "alert"), text(v.Err)),
		tag("pre", "bytes "+v.Form, attr("tabindex", "0"), attr("role", "region"), attr("aria-label", "The bytes as "+v.Form), text(shown)),
		div("cfoot", attrIf(about == "", "hidden", ""), span("dim", text(about)),
			div("right", attrIf(v.Part == "", "hidden", ""),
				button("btn small", "◂ Back", "contents-move", "-1", disabled(!v.Back)),
				button("btn small", "More ▸", "contents-move", "1", disabled(!v.On)))))
}
