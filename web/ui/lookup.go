package ui

import (
	"reflect"
	"strconv"
	"time"

	"github.com/hexops/vecty"

	"github.com/layerlab/layerlab/web/action"
	"github.com/layerlab/layerlab/web/view"
)

// lookupPane plays back how a path is looked up.
type lookupPane struct {
	vecty.Core
	V    view.Lookup `vecty:"prop"`
	app  *App
	list *vecty.HTML
}

// SkipRender says whether nothing of it changed.
func (p *lookupPane) SkipRender(prev vecty.Component) bool {
	return reflect.DeepEqual(prev.(*lookupPane).V, p.V)
}

// Render paints it.
func (p *lookupPane) Render() vecty.ComponentOrHTML {
	v := p.V
	if !v.Open {
		return tag("section", "lookup none", attr("hidden", ""))
	}
	play, sign := "Play", "▶"
	if v.Playing {
		play, sign = "Pause", "❚❚"
	}
	aloud := ""
	if !v.Playing {
		aloud = v.Now
	}
	p.app.browser.Frame(p.settle)
	return tag("section", "lookup", attr("aria-label", "Look-up of "+v.Path),
		div("xhead", tag("h2", "", text("Look-up")), span("dim mono", text(v.At)),
			div("right",
				button("btn icon small", "◀", "lookup-back", "", attr("aria-label", "Previous step"), disabled(v.First)),
				button("btn icon small", sign, "play-lookup", "", attr("aria-label", play)),
				button("btn icon small", "▶|", "lookup-on", "", attr("aria-label", "Next step"), disabled(v.Last)),
				button("btn icon small", "✕", "close-lookup", "", attr("aria-label", "Close the look-up")))),
		tag("form", "ask", vecty.Markup(vecty.Data("submit", "look-up")),
			tag("input", "", attr("type", "text"), attr("aria-label", "Path to look up"), attr("spellcheck", "false"), attr("autocomplete", "off"), attr("autocapitalize", "off"),
				vecty.Markup(vecty.Data("input", "look-up"), vecty.Property("value", v.Field))),
			tag("button", "btn small", attr("type", "submit"), text("Look up"))),
		tag("p", "sr", attr("role", "status"), attr("aria-label", "Step of the look-up"), text(aloud)),
		div("lamps", attr("aria-hidden", "true"), lamps(v.Lamps)),
		p.steps())
}

func lamps(list []view.Lamp) vecty.List {
	var out vecty.List
	for _, l := range list {
		out = append(out, span("lamp "+l.Kind, when(map[string]bool{"now": l.Now}), style("--h", strconv.Itoa(l.Tag.Hue)), text(l.Tag.Text)))
	}
	return out
}

// steps is the whole look-up as a list, which is all that some will want.
func (p *lookupPane) steps() *vecty.HTML {
	var names vecty.List
	for i, n := range p.V.Names {
		var steps vecty.List
		for _, st := range n.Steps {
			steps = append(steps, step(st))
		}
		names = append(names, keyed("li", "lname", strconv.Itoa(i), span("mono ltitle", text(n.Title)), tag("ol", "", steps), tag("p", "dim", attrIf(n.Rest == "", "hidden", ""), text(n.Rest))))
	}
	names = append(names, keyed("li", "lname", "end", tag("ol", "", step(p.V.End))))
	p.list = tag("ol", "way", attr("tabindex", "0"), attr("aria-label", "Steps of the look-up of "+p.V.Path), vecty.Markup(vecty.Data("keys", "lookup")), names)
	return p.list
}

func step(st view.LookupStep) *vecty.HTML {
	mark := span("ltag none")
	if st.Tag != nil {
		mark = span("ltag", attr("aria-hidden", "true"), style("--h", strconv.Itoa(st.Tag.Hue)), text(st.Tag.Text))
	}
	return tag("li", "lstep "+st.Kind, when(map[string]bool{"now": st.Now, "ahead": st.Ahead}), attrIf(st.Now, "aria-current", "step"), do("lookup-to", strconv.Itoa(st.Index)),
		mark, span("", text(st.Text)))
}

// settle keeps the step that is shown in sight.
func (p *lookupPane) settle(time.Duration) {
	if !p.V.Open {
		return
	}
	intoSight(nodeOf(p.list).find(".now"), ".way", 24)
}

var lookupHandlers = handlers{
	clicks: table{
		"look-up": func(o occasion) action.Action {
			o.app.focus(".way")
			return action.LookUp{}
		},
		"lookup-back":  give(action.StepLookup{By: -1}),
		"lookup-on":    give(action.StepLookup{By: 1}),
		"lookup-to":    func(o occasion) action.Action { n, _ := strconv.Atoi(o.arg); return action.GoToLookup{Step: n} },
		"play-lookup":  give(action.PlayLookup{}),
		"close-lookup": func(o occasion) action.Action { o.app.focus("[data-do=look-up]"); return action.CloseLookup{} },
	},
	inputs:  table{"look-up": func(o occasion) action.Action { return action.TypeLookup{Text: o.text} }},
	submits: table{"look-up": func(o occasion) action.Action { return action.LookUp{Path: o.app.State().Files.Asked} }},
	keys: table{"lookup": func(o occasion) action.Action {
		at := o.app.State().Files.Way
		if at == nil {
			return nil
		}
		var act action.Action
		switch o.key {
		case "ArrowDown", "ArrowRight":
			act = action.StepLookup{By: 1}
		case "ArrowUp", "ArrowLeft":
			act = action.StepLookup{By: -1}
		case "Home":
			act = action.GoToLookup{}
		case "End":
			act = action.GoToLookup{Step: len(at.Steps) - 1}
		case " ":
			act = action.PlayLookup{}
		default:
			return nil
		}
		o.stop()
		return act
	}},
}
