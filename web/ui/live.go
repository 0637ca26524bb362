package ui

import (
	"github.com/hexops/vecty"

	"github.com/layerlab/layerlab/web/action"
	"github.com/layerlab/layerlab/web/view"
)

// livePanel says what a build does just now: what the step takes, how its key
// compares, what it writes. Its rows have their places from the start.
func livePanel(v view.Live) *vecty.HTML {
	if !v.On {
		return tag("section", "live", attr("hidden", ""))
	}
	buttons := div("right",
		button("btn small", "Skip ahead", "hurry", "", attr("title", "Do not wait for me to look (Esc)")),
		button("btn small", "Stop", "stop-build", "", attr("aria-label", "Stop the build"), attr("title", "What is finished stays in the cache, all else is as before")))
	if !v.Going {
		buttons = div("right", button("btn small", "Close", "leave-build", "", attr("aria-label", "Close what is left of the build")))
	}
	return tag("section", "live", attr("aria-label", v.Title),
		div("live-head", tag("h3", "", text(v.Title)), span("dim clip where", text(v.Where)), buttons),
		div("live-step", tag("code", "clip", text(v.Step)), chip(v.Kind, v.State)),
		tag("dl", "live-rows",
			liveRow("takes", v.Flying, fallback(takes(v.Takes), "no files"), v.From),
			liveRow("key", false, keyChips(v.Key), v.Same),
			liveRow("writes", false, fallback(names(v.Names), "…"), v.Wrote)))
}

func liveRow(name string, flying bool, what vecty.List, sum string) *vecty.HTML {
	return div("live-row", vecty.Markup(vecty.MarkupIf(flying, vecty.Class("flying"))), vecty.Markup(vecty.Data("row", name)),
		tag("dt", "", text(name)), tag("dd", "", div("live-what", what), div("dim clip", text(sum))))
}

// fallback is a list, or a word where it is empty.
func fallback(list vecty.List, word string) vecty.List {
	if len(list) == 0 {
		return vecty.List{span("dim", text(word))}
	}
	return list
}

func takes(files []string) vecty.List {
	var out vecty.List
	for _, f := range files {
		out = append(out, span("chip take", text(f)))
	}
	return out
}

func keyChips(chips []view.Chip) vecty.List {
	out := vecty.List{}
	for _, c := range chips {
		out = append(out, chip(c.Kind, c.Text))
	}
	return out
}

func names(list []string) vecty.List {
	var out vecty.List
	for _, n := range list {
		out = append(out, tag("code", "clip", text(n)))
	}
	return out
}

// followBuild brings the plate that is being built into sight, and tells the chips
// of its files how far it is to it.
func (a *App) followBuild(v view.Live) {
	if !v.On {
		a.following = ""
		return
	}
	if v.Plate == "" || v.Plate+v.Where == a.following {
		return
	}
	a.following = v.Plate + v.Where
	a.soon(func(root node) {
		plate := root.find(".plate.is-compares, .plate.is-fills, .plate.is-reused:focus")
		row := root.find(".live-row[data-row=takes]")
		if !plate.ok() || !row.ok() {
			return
		}
		stack := root.find(".stack")
		room := stack.rect()
		panel := root.find(".live").rect()
		at := plate.rect()
		switch {
		case at.top < room.top+24:
			stack.set("scrollTop", stack.int("scrollTop")+int(at.top-room.top)-24)
		case at.bottom > panel.top-12:
			stack.set("scrollTop", stack.int("scrollTop")+int(at.bottom-panel.top)+12)
		}
		row.get("style").call("setProperty", "--dy", px(plate.rect().bottom-row.rect().top))
	})
}

var liveHandlers = handlers{
	clicks: table{
		"hurry":       give(action.Hurry{}),
		"leave-build": give(action.LeaveBuild{}),
		"stop-build": func(o occasion) action.Action {
			if o.ev.Value.Get("detail").Int() > 1 {
				return nil // the second click of two that were meant to build
			}
			return action.Interrupt{}
		},
	},
}
