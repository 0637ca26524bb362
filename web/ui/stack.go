package ui

import (
	"reflect"
	"strconv"

	"github.com/hexops/vecty"

	"github.com/layerlab/layerlab/web/action"
	"github.com/layerlab/layerlab/web/view"
)

// stackPane is the layers, the containers on top and the sum below.
type stackPane struct {
	vecty.Core
	V   view.Stack `vecty:"prop"`
	app *App
}

// SkipRender says whether nothing of it changed.
func (p *stackPane) SkipRender(prev vecty.Component) bool {
	return reflect.DeepEqual(prev.(*stackPane).V, p.V)
}

// Render paints it.
func (p *stackPane) Render() vecty.ComponentOrHTML {
	v := p.V
	p.app.followBuild(v.Live)
	var verdict *vecty.HTML
	if v.Verified != nil {
		verdict = chip(v.Verified.Kind, v.Verified.Text)
	} else {
		verdict = span("")
	}
	return div("stack-in",
		div("head",
			tag("h2", "", text(v.Title)), imagePick(v.Choices, v.Busy), span("dim clip only-wide", text(v.Subtitle)),
			div("right", verdict, button("btn", "Run ▸", "run-container", "", disabled(!v.CanRun), attr("title", "docker run: a container with a thin layer of its own"))),
		),
		div("stack-box",
			div("stack", vecty.Markup(vecty.Data("keys", "stack")), when(map[string]bool{"forming": v.Live.On}), p.plates()),
			livePanel(v.Live)),
		p.sum(),
	)
}

// imagePick chooses the image that is shown.
func imagePick(list []view.Choice, busy bool) *vecty.HTML {
	var options vecty.List
	for _, c := range list {
		options = append(options, tag("option", "", attr("value", c.ID), vecty.Markup(vecty.Property("selected", c.Now)), text(c.Name)))
	}
	return tag("select", "image-pick", attr("aria-label", "Image shown"), attrIf(len(list) == 0, "hidden", ""), disabled(busy), vecty.Markup(vecty.Data("input", "image")), options)
}

func (p *stackPane) plates() *vecty.HTML {
	if p.V.Empty != "" {
		return div("empty", text(p.V.Empty))
	}
	var rw, items vecty.List
	for _, c := range p.V.Containers {
		rw = append(rw, keyed("li", "", c.Key, &plate{V: c}))
	}
	for _, l := range p.V.Items {
		class := ""
		if l.Config {
			class = "config"
		}
		items = append(items, keyed("li", class, l.Key, &plate{V: l}))
	}
	many := map[string]bool{"many": len(p.V.Containers) > 1}
	return div("plates",
		tag("ul", "containers", when(many), attr("aria-label", "Containers on this image"), attrIf(len(rw) == 0, "hidden", ""), rw),
		tag("ol", "layers", attr("aria-label", "Layers, topmost first"), items))
}

// plate is one of the stack's list; most of them stay as they are.
type plate struct {
	vecty.Core
	V view.Plate `vecty:"prop"`
}

// SkipRender says whether nothing of it changed.
func (p *plate) SkipRender(prev vecty.Component) bool { return reflect.DeepEqual(prev.(*plate).V, p.V) }

// Render paints it.
func (p *plate) Render() vecty.ComponentOrHTML {
	switch {
	case p.V.ID != "":
		return containerPlate(p.V)
	case p.V.Config:
		return div("clip", attr("title", p.V.What), text(p.V.What), span("sr", text(", configuration only, no layer")))
	}
	return layerPlate(p.V)
}

func layerPlate(l view.Plate) *vecty.HTML {
	return button("plate", "", "layer", strconv.Itoa(l.Number),
		when(map[string]bool{"sel": l.Selected, "drops": l.Drops, "bad": l.Bad != "", "reading": l.Reading}), ask(l), underway(l),
		attr("aria-label", l.Label), attrIf(l.State == "", "aria-pressed", truth(l.Selected)), attrIf(l.State != "", "aria-disabled", "true"), style("--h", strconv.Itoa(l.Hue)), style("--fill", strconv.Itoa(l.Fill)+"%"),
		span("n", text(l.Badge)), span("what", attr("title", l.What), text(l.What)), span("size", text(l.Size)),
		span("meta", attrIf(l.About != "", "title", l.About), plateMeta(l)), bar(l), span("why-bad", text(l.Bad)), span("asked", attr("aria-hidden", "true"), text(l.AskText)))
}

// ask lights a plate while a look-up is played. The look-up's list says it in words.
func ask(l view.Plate) vecty.MarkupList {
	return vecty.Markup(vecty.MarkupIf(l.Ask != "", vecty.Class("ask-"+l.Ask)), vecty.MarkupIf(l.AskNow, vecty.Class("ask-now")))
}

// underway is how far the layer is while it is built.
func underway(l view.Plate) vecty.MarkupList {
	return vecty.Markup(vecty.MarkupIf(l.State != "", vecty.Class("is-"+l.State)))
}

func plateMeta(l view.Plate) vecty.List {
	list := vecty.List{span("digest", text(l.Digest))}
	for _, c := range l.Chips {
		list = append(list, chip(c.Kind, c.Text))
	}
	return list
}

func bar(l view.Plate) *vecty.HTML {
	if !l.Reading {
		return span("bar-none")
	}
	return span("progress", style("--done", strconv.Itoa(l.Percent)+"%"))
}

func containerPlate(c view.Plate) *vecty.HTML {
	var chips, fly vecty.List
	for _, x := range c.Chips {
		chips = append(chips, chip(x.Kind, x.Text))
	}
	for _, f := range c.Flights {
		fly = append(fly, span("fly", text(f)))
	}
	return div("rw-slot",
		span("flights", attr("aria-hidden", "true"), fly),
		div("rm-at", button("btn icon rm", "✕", "rm-container", c.Name, attr("aria-label", "Remove container "+c.Name), attr("title", "docker rm -f "+c.Name))),
		button("plate rw", "", "container", c.ID, when(map[string]bool{"sel": c.Selected}), ask(c),
			attr("aria-label", c.Label), attr("aria-pressed", truth(c.Selected)), style("--h", strconv.Itoa(c.Hue)),
			span("n", text(c.Badge)), span("what", attr("title", c.What), text(c.What)), span("size", text(c.Size)),
			span("meta", chips), span("asked", attr("aria-hidden", "true"), text(c.AskText))),
	)
}

func (p *stackPane) sum() *vecty.HTML {
	var list vecty.List
	for _, f := range p.V.Facts {
		list = append(list, div("fact", attr("title", f.Title), tag("dt", "", text(f.Name)), tag("dd", "", text(f.Value))))
	}
	return tag("dl", "sum", list)
}

var stackHandlers = handlers{
	clicks: table{
		"layer": func(o occasion) action.Action {
			n, _ := strconv.Atoi(o.arg)
			if s := o.app.State(); s.Stack.Layer == n && s.Stack.Container == "" {
				n = 0
			}
			return action.SelectLayer{Number: n}
		},
		"container":     func(o occasion) action.Action { return action.SelectContainer{ID: o.arg} },
		"run-container": give(action.RunContainer{}),
		"rm-container":  func(o occasion) action.Action { return action.RemoveContainer{Name: o.arg} },
	},
	inputs: table{"image": func(o occasion) action.Action { return action.SelectImage{ID: o.text} }},
	keys:   table{"stack": stackKey},
}

// stackKey moves the focus up and down the plates.
func stackKey(o occasion) action.Action {
	by := map[string]int{"ArrowDown": 1, "ArrowUp": -1}[o.key]
	if by == 0 && o.key != "Home" && o.key != "End" {
		return nil
	}
	all := o.at.call("querySelectorAll", "button.plate")
	n := all.int("length")
	now := target(o.ev).closest("button.plate")
	for i := range n {
		if !all.call("item", i).same(now) {
			continue
		}
		to := i + by
		switch o.key {
		case "Home":
			to = 0
		case "End":
			to = n - 1
		}
		if to >= 0 && to < n {
			o.stop()
			all.call("item", to).call("focus")
		}
		return nil
	}
	return nil
}
