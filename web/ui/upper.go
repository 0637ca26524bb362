package ui

import (
	"reflect"
	"strconv"
	"time"

	"github.com/hexops/vecty"

	"github.com/layerlab/layerlab/web/action"
	"github.com/layerlab/layerlab/web/view"
)

// upperPane is a container's upper directory, stored and shipped.
type upperPane struct {
	vecty.Core
	V    view.Upper `vecty:"prop"`
	app  *App
	html *vecty.HTML
	last [2]string
}

// SkipRender says whether nothing of it changed.
func (p *upperPane) SkipRender(prev vecty.Component) bool {
	return reflect.DeepEqual(prev.(*upperPane).V, p.V)
}

// Render paints it.
func (p *upperPane) Render() vecty.ComponentOrHTML {
	v := p.V
	if !v.Shown {
		p.last = [2]string{}
		p.html = div("upper-in")
		return p.html
	}
	if v.Active != p.last {
		p.last = v.Active
		p.app.browser.Frame(p.settle)
	}
	p.html = div("upper-in",
		div("head", tag("h2", "", text("Upper directory")), p.pick(),
			div("right", button("btn small", "Back to the files", "close-upper", ""))),
		p.body())
	return p.html
}

// pick chooses the container.
func (p *upperPane) pick() *vecty.HTML {
	if len(p.V.Choices) < 2 {
		return span("dim clip", text("of container "+p.V.Name))
	}
	var options vecty.List
	for _, c := range p.V.Choices {
		options = append(options, tag("option", "", attr("value", c.ID), vecty.Markup(vecty.Property("selected", c.Now)), text(c.Name)))
	}
	return tag("select", "image-pick", attr("aria-label", "Container shown"), vecty.Markup(vecty.Data("input", "upper-of")), options)
}

func (p *upperPane) body() *vecty.HTML {
	v := p.V
	if v.Empty != "" {
		return div("empty", tag("p", "", text(v.Empty)), tag("p", "", text("Type, for example:")), tag("p", "", tag("code", "", text(v.Hint))))
	}
	var reasons vecty.List
	for i, r := range v.Reasons {
		reasons = append(reasons, keyed("li", "", r.Title, when(map[string]bool{"sel": r.Now}),
			tag("strong", "", text(r.Title)), button("spot mono", r.Paths, "upper-row", "k"+strconv.Itoa(r.Row), attr("aria-label", "Show "+r.Paths), disabled(r.Row < 0)),
			tag("p", "", text(v.Reasons[i].Text))))
	}
	ship := span("mono clip", attr("title", v.DiffID), text(v.DiffID))
	if v.DiffID == "" {
		ship = span("dim", text("…"))
	}
	return div("upper-body",
		div("sides",
			p.side(0, "kernel", "As the kernel stores it", []string{"Mode", "Links", "Owner", "Size", "Changed", "Name"}, view.KernelHTML(v.Kernel), len(v.Kernel)),
			p.side(1, "tar", "As the tar that would ship it", []string{"Type", "Mode", "Owner", "Size", "Changed", "Name"}, view.TarHTML(v.Tar), len(v.Tar))),
		div("ship", span("", text("DiffID that a commit would get now")), ship, tag("span", "bad", attrIf(v.Err == "", "hidden", ""), text(v.Err))),
		tag("p", "sr", attr("role", "status"), attr("aria-label", "Why the sides differ"), text(v.Why)),
		tag("section", "reasons", attr("aria-label", "What differs, and why"), tag("h3", "", text("What differs, and why")),
			tag("ul", "", reasons)))
}

func (p *upperPane) side(n int, id, title string, columns []string, rows string, count int) *vecty.HTML {
	v := p.V
	var head vecty.List
	for i, c := range columns {
		head = append(head, span([]string{"um", "ul", "uo", "us", "ut", "un"}[i], attr("role", "columnheader"), text(c)))
	}
	return div("side "+id,
		div("side-head", tag("h3", "", attr("id", "upper-"+id), text(title)), span("dim", text(v.Sum[n]))),
		div("ugrid", attr("role", "grid"), attr("tabindex", "0"), attr("aria-labelledby", "upper-"+id), attr("aria-rowcount", strconv.Itoa(count+1)),
			attrIf(v.Active[n] != "", "aria-activedescendant", v.Active[n]), vecty.Markup(vecty.Data("keys", "upper"), vecty.Data("arg", id)),
			div("urow uhead", attr("role", "row"), attr("aria-rowindex", "1"), head),
			div("urows", attr("role", "rowgroup"), vecty.Markup(vecty.UnsafeHTML(rows))),
			tag("p", "dim umore", text(v.More[n]))))
}

// settle brings the selected rows into sight.
func (p *upperPane) settle(time.Duration) {
	for _, id := range p.V.Active {
		if id != "" {
			intoSight(nodeOf(p.html).find("#"+id), ".ugrid", 28)
		}
	}
	intoSight(nodeOf(p.html).find(".reasons .sel"), ".reasons", 8)
}

// intoSight scrolls the box around n, which n is placed in, no further than it
// must; edge pixels at its top and bottom do not count as in sight.
func intoSight(n node, box string, edge int) {
	if !n.ok() {
		return
	}
	b := n.closest(box)
	top, height := n.int("offsetTop"), n.int("offsetHeight")
	if at := b.int("scrollTop"); top-edge < at {
		b.set("scrollTop", top-edge)
	} else if fit := b.int("clientHeight"); top+height+8 > at+fit {
		b.set("scrollTop", top+height+8-fit)
	}
}

var upperHandlers = handlers{
	clicks: table{
		"show-upper": func(o occasion) action.Action {
			o.app.focus(".upper-pane .ugrid")
			return action.ShowUpper{Container: o.arg}
		},
		"close-upper": func(o occasion) action.Action {
			o.app.focus("[data-do=show-upper]")
			return action.CloseUpper{}
		},
		"upper-row": func(o occasion) action.Action {
			if len(o.arg) < 2 {
				return nil
			}
			n, err := strconv.Atoi(o.arg[1:])
			if err != nil {
				return nil
			}
			return action.SelectUpper{Side: map[byte]string{'k': "kernel", 't': "tar"}[o.arg[0]], Row: n}
		},
	},
	inputs: table{"upper-of": func(o occasion) action.Action { return action.ShowUpper{Container: o.text} }},
	keys:   table{"upper": upperKey},
}

// upperKey is the keys of a side: up and down choose, left and right go to the
// other side.
func upperKey(o occasion) action.Action {
	switch k := treeKeys[o.key]; k {
	case "":
		return nil
	case "left", "right":
		o.stop()
		side := map[string]string{"left": "kernel", "right": "tar"}[k]
		nodeOf(o.app.root.html).find(".side." + side + " .ugrid").call("focus")
		return nil
	case "enter":
		return nil
	default:
		o.stop()
		return action.MoveInUpper{Side: o.arg, Key: k}
	}
}
