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
	V view.XRay `vecty:"prop"`
}

// SkipRender says whether nothing of it changed.
func (p *xrayPane) SkipRender(prev vecty.Component) bool {
	return reflect.DeepEqual(prev.(*xrayPane).V, p.V)
}

// Render paints it.
func (p *xrayPane) Render() vecty.ComponentOrHTML {
	v := p.V
	if v.Path == "" {
		return tag("section", "xray none", attr("aria-label", "X-ray"), tag("p", "dim", text("Choose a path to see every layer that has it.")))
	}
	var layers, steps vecty.List
	for i, l := range v.Layers {
		layers = append(layers, keyed("li", "", strconv.Itoa(i)+l.Tag.Text, xlayer(l)))
	}
	for i, s := range v.Lookup {
		steps = append(steps, keyed("li", "", strconv.Itoa(i), tagOf(s.Tag), span("", text(s.Text))))
	}
	label := "Look it up"
	if v.Playing {
		label = "Hide the look-up"
	}
	return tag("section", "xray", attr("aria-label", "X-ray of "+v.Path), attr("tabindex", "0"),
		div("xhead", tag("h2", "clip mono", attr("title", v.Path), text(v.Path)), span("dim clip", text(v.Verdict)),
			div("right", chips(v.Dead), button("btn small", label, "play-lookup", "", attr("aria-expanded", truth(v.Playing)), attrIf(!v.Steps, "hidden", ""),
				attr("title", "How a process looks the path up, layer by layer")))),
		tag("p", "xmeta", text(v.Meta)),
		tag("ol", "lookup", attr("aria-label", "The look-up, topmost layer first"), attr("aria-live", "polite"), attrIf(!v.Playing, "hidden", ""), steps),
		tag("ol", "xlayers", attr("aria-label", "Layers, topmost first"), layers))
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
