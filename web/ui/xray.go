package ui

import (
	"reflect"
	"strconv"

	"github.com/hexops/vecty"

	"github.com/layerlab/layerlab/web/view"
)

// xrayPane is the way of one path through the layers.
type xrayPane struct {
	vecty.Core
	V   view.XRay `vecty:"prop"`
	Off bool      `vecty:"prop"` // a look-up is shown in its place
}

// SkipRender says whether nothing of it changed.
func (p *xrayPane) SkipRender(prev vecty.Component) bool {
	old := prev.(*xrayPane)
	return old.Off == p.Off && reflect.DeepEqual(old.V, p.V)
}

// Render paints it.
func (p *xrayPane) Render() vecty.ComponentOrHTML {
	v := p.V
	if v.Path == "" {
		return tag("section", "xray none", attr("aria-label", "X-ray"), attrIf(p.Off, "hidden", ""),
			div("xhead", tag("p", "dim", text("Choose a path to see every layer that has it.")), div("right", lookItUp())))
	}
	var layers vecty.List
	for i, l := range v.Layers {
		layers = append(layers, keyed("li", "", strconv.Itoa(i)+l.Tag.Text, xlayer(l)))
	}
	return tag("section", "xray", attrIf(p.Off, "hidden", ""), attr("aria-label", "X-ray of "+v.Path), attr("tabindex", "0"),
		div("xhead", tag("h2", "clip mono", attr("title", v.Path), text(v.Path)), span("dim clip", text(v.Verdict)),
			div("right", chips(v.Dead), lookItUp())),
		tag("p", "xmeta", text(v.Meta)),
		tag("ol", "xlayers", attr("aria-label", "Layers, topmost first"), layers))
}

// lookItUp opens the look-up of the selected path, or of one to be typed.
func lookItUp() *vecty.HTML {
	return button("btn small", "Look it up", "look-up", "", attr("title", "How a process looks the path up, layer by layer"))
}

func chips(dead string) *vecty.HTML {
	if dead == "" {
		return span("")
	}
	return chip("warn", dead)
}

func xlayer(l view.XLayer) *vecty.HTML {
	n := strconv.Itoa(l.Number)
	first := tagOf(l.Tag)
	if l.Kind == "absent" {
		first = span("")
	}
	right := span("dim", text(l.Right))
	if l.Readable {
		label := "read"
		if l.Reading {
			label = "reading"
		}
		right = span("acts", span("dim", text(l.Right)),
			button("act", label, "contents", n, attr("aria-label", "Read the contents in "+l.Tag.Said), attr("aria-pressed", truth(l.Reading))),
			button("act", "⤓", "download", n, attr("aria-label", "Download the version of "+l.Tag.Said), attr("title", "Download")))
	}
	return div("xlayer",
		first,
		span("bar "+l.Kind, style("--h", strconv.Itoa(l.Tag.Hue)), style("width", strconv.Itoa(l.Width)+"%"), attr("title", l.Said), text(l.What)),
		right)
}
