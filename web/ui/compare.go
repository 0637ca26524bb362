package ui

import (
	"strconv"

	"github.com/hexops/vecty"

	"github.com/layerlab/layerlab/web/action"
	"github.com/layerlab/layerlab/web/view"
)

// compare is two images side by side, from the lowest layer up.
func compare(v view.Compare) *vecty.HTML {
	if v.Empty != "" {
		return div("compare", div("empty", text(v.Empty)))
	}
	var rows vecty.List
	for i, r := range v.Rows {
		rows = append(rows, keyed("li", "pair "+r.Kind, strconv.Itoa(i), when(map[string]bool{"first": r.First}), pair(r)))
	}
	return div("compare",
		div("sides-pick", sidePick("Former build", "former", v.A), sidePick("Later build", "later", v.B)),
		tag("p", "words", attr("role", "status"), attr("aria-label", "What differs"), text(v.Text)),
		tag("ol", "pairs", attr("aria-label", "Layers of both, the lowest first"), rows))
}

func sidePick(label, name string, list []view.Choice) *vecty.HTML {
	var options vecty.List
	for _, c := range list {
		options = append(options, tag("option", "", attr("value", c.ID), vecty.Markup(vecty.Property("selected", c.Now)), text(c.Name)))
	}
	return tag("label", "side-pick", span("dim", text(label)), tag("select", "", vecty.Markup(vecty.Data("input", name)), options))
}

func pair(r view.CompareRow) vecty.List {
	var out vecty.List
	if r.First {
		out = append(out, tag("p", "parting", text("From here on they differ")))
	}
	switch r.Kind {
	case "shared":
		out = append(out, span("sr", text("In both: ")), side(r.A), span("join", text("one layer, stored once")))
	case "row":
		out = append(out, span("sr", text("In both: ")), side(r.A), span("join", text("no layer")))
	default:
		out = append(out, half("Former: ", r.A), half("Later: ", r.B))
	}
	var parts vecty.List
	for _, p := range r.Parts {
		parts = append(parts, tag("li", "", text(p)))
	}
	return append(out, tag("p", "pair-why", attrIf(r.Why == "", "hidden", ""), text(r.Why)), tag("ul", "pair-parts", attrIf(len(parts) == 0, "hidden", ""), parts))
}

func half(label string, s *view.CompareSide) *vecty.HTML {
	if s == nil {
		return div("half none", span("label", text(label)), span("dim", text("nothing here")))
	}
	return div("half", span("label", text(label)), side(s))
}

func side(s *view.CompareSide) *vecty.HTML {
	if s.Tag == nil {
		return div("cside quiet", span("none", attr("aria-hidden", "true"), text("◇")), span("mono what", text(s.What)))
	}
	return div("cside", style("--h", strconv.Itoa(s.Tag.Hue)), tagOf(*s.Tag), span("mono what", text(s.What)), span("mono size", text(s.Size)), span("mono digest", text(s.Digest)))
}

var compareHandlers = handlers{
	clicks: table{"compare": func(o occasion) action.Action { o.app.focus("#image-tab-compare"); return action.ShowCompare{} }},
	inputs: table{
		"former": func(o occasion) action.Action { return action.CompareWith{ID: o.text} },
		"later":  func(o occasion) action.Action { return action.CompareWith{ID: o.text, Later: true} },
	},
}
