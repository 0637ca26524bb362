package ui

import (
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/hexops/vecty"
	"github.com/hexops/vecty/event"

	"github.com/layerlab/layerlab/web/action"
	"github.com/layerlab/layerlab/web/view"
)

// rowHeight is the height of a row of the tree in pixels, as the style sheet has
// it.
const rowHeight = 26

// filesPane is the file tree with the way of one path through the layers below.
type filesPane struct {
	vecty.Core
	V      view.Files `vecty:"prop"`
	app    *App
	grid   *vecty.HTML
	reveal int
}

// SkipRender says whether nothing of it changed.
func (p *filesPane) SkipRender(prev vecty.Component) bool {
	return reflect.DeepEqual(prev.(*filesPane).V, p.V)
}

// Render paints it.
func (p *filesPane) Render() vecty.ComponentOrHTML {
	v := p.V
	p.app.browser.Frame(p.settle)
	reading := v.Contents != nil
	return div("files-in",
		div("head", tag("h2", "", text("Files")), div("right modes", attr("role", "group"), attr("aria-label", "What the tree shows"), modes(v.Modes))),
		div("filter", attrIf(reading, "hidden", ""),
			tag("input", "", attr("type", "search"), attr("aria-label", "Filter paths"), attr("placeholder", "Filter: a part of the path, or *.so"),
				attr("spellcheck", "false"), attr("autocomplete", "off"), attr("autocapitalize", "off"),
				vecty.Markup(vecty.Data("input", "filter"), vecty.Data("keys", "filter"), vecty.Property("value", v.Filter))),
			button("btn small", "Deleted", "show-deleted", "", attr("aria-pressed", truth(v.Deleted)), attrIf(!v.CanShow, "hidden", ""),
				attr("aria-label", "Show deleted files"), attr("title", "Show what lower layers have and higher ones deleted")),
			span("note-found", attr("role", "status"), text(v.Note))),
		p.tree(reading),
		&contentsPane{V: v.Contents, app: p.app},
		ledger(v.Ledger, reading || v.Lookup.Open),
		&lookupPane{V: v.Lookup, app: p.app},
		&xrayPane{V: v.XRay, Off: v.Lookup.Open})
}

func modes(list []view.FileMode) vecty.List {
	var out vecty.List
	for _, m := range list {
		out = append(out, button("btn small", m.Label, "files-mode", m.ID, attr("aria-pressed", truth(m.Now)), disabled(m.Off)))
	}
	return out
}

// tree is the rows in sight, on a sheet as high as all of them.
func (p *filesPane) tree(hidden bool) *vecty.HTML {
	v := p.V
	empty := span("")
	if v.Empty != "" {
		empty = div("empty", text(v.Empty))
	}
	p.grid = div("grid", attr("role", "treegrid"), attr("id", "files"), attr("tabindex", "0"), attr("aria-label", v.Title), attrIf(hidden, "hidden", ""),
		attr("aria-rowcount", strconv.Itoa(v.Count+1)), attr("aria-colcount", "5"), attrIf(v.Active != "", "aria-activedescendant", v.Active),
		vecty.Markup(vecty.Data("keys", "files"), event.Scroll(p.app.on(p.scrolled))),
		div("frow fhead", attr("role", "row"), attr("aria-rowindex", "1"),
			sortHead("Name", "name", !v.BySize), sortHead("Size", "size", v.BySize),
			span("", attr("role", "columnheader"), text("Mode")), span("own", attr("role", "columnheader"), text("Owner")), span("", attr("role", "columnheader"), text("From"))),
		div("sheet", attr("role", "rowgroup"), style("height", strconv.Itoa(v.Count*rowHeight)+"px"),
			div("window", attr("role", "presentation"), style("transform", "translateY("+strconv.Itoa(v.First*rowHeight)+"px)"),
				vecty.Markup(vecty.UnsafeHTML(view.RowsHTML(v.Rows, v.First))))),
		empty)
	return p.grid
}

func sortHead(label, by string, now bool) *vecty.HTML {
	order := "none"
	if now {
		order = map[string]string{"name": "ascending", "size": "descending"}[by]
	}
	return span("", attr("role", "columnheader"), attr("aria-sort", order),
		button("", label, "sort-files", by, attr("tabindex", "-1"), attr("title", "Order by "+strings.ToLower(label))))
}

// tagOf is the number of a layer in its colour.
func tagOf(t view.Tag) *vecty.HTML {
	return span("ltag", style("--h", strconv.Itoa(t.Hue)), attr("title", t.Said), span("", attr("aria-hidden", "true"), text(t.Text)), span("sr", text(t.Said)))
}

// headHeight is the height of the head of the columns, which stays on top.
const headHeight = 28

// scrolled tells which rows are in sight once that makes a difference.
func (p *filesPane) scrolled(*vecty.Event) {
	grid := nodeOf(p.grid)
	height := grid.int("clientHeight")
	if height == 0 {
		return // it is not on the screen
	}
	first, fit := grid.int("scrollTop")/rowHeight, (height-headHeight)/rowHeight
	f := p.app.State().Files
	by := first - f.First
	if fit == f.Fit && (by == 0 || by > -4 && by < 4 && first > 0) {
		return
	}
	p.app.Dispatch(action.ScrollFiles{First: first, Fit: fit})
}

// settle brings the selected row into sight if that is due, as soon as the tree
// is on the screen, and tells how many rows fit.
func (p *filesPane) settle(time.Duration) {
	grid := nodeOf(p.grid)
	height := grid.int("clientHeight") - headHeight
	if height <= 0 {
		return
	}
	if f := p.app.State().Files; f.Reveal != p.reveal {
		p.reveal = f.Reveal
		was := grid.int("scrollTop")
		top := was
		if by := top/rowHeight - f.First; by > 4 || by < -4 || f.First == 0 {
			top = f.First * rowHeight
		}
		if f.At >= 0 {
			top = min(max(top, (f.At+1)*rowHeight-height), f.At*rowHeight)
		}
		if top != was {
			grid.set("scrollTop", top)
		}
	}
	p.scrolled(nil)
}

var filesHandlers = handlers{
	clicks: table{
		"files-mode":   func(o occasion) action.Action { return action.ShowFiles{Mode: o.arg} },
		"show-deleted": give(action.ToggleDeleted{}),
		"sort-files":   func(o occasion) action.Action { return action.SortFiles{By: o.arg} },
		"file": func(o occasion) action.Action {
			if o.at.call("hasAttribute", "aria-expanded").ok() {
				return action.TogglePath{Path: o.arg}
			}
			if s := o.app.State(); s.Files.Selected == o.arg && o.ev.Value.Get("detail").Int() > 1 {
				return action.MoveInFiles{Key: "enter"}
			}
			return action.SelectPath{Path: o.arg}
		},
		"contents":       func(o occasion) action.Action { return o.app.read(o.arg) },
		"close-contents": func(o occasion) action.Action { o.app.focus("#files"); return action.CloseContents{} },
		"contents-as":    func(o occasion) action.Action { return action.ContentsAs{Form: o.arg} },
		"contents-move": func(o occasion) action.Action {
			n, _ := strconv.Atoi(o.arg)
			return action.MoveContents{By: n}
		},
		"download": func(o occasion) action.Action { n, _ := strconv.Atoi(o.arg); return action.DownloadVersion{Layer: n} },
	},
	inputs: table{"filter": func(o occasion) action.Action { return action.FilterFiles{Text: o.text} }},
	keys:   table{"files": treeKey, "filter": filterKey, "contents": contentsKey},
}

// read shows contents and goes there.
func (a *App) read(arg string) action.Action {
	n, _ := strconv.Atoi(arg)
	a.focus(".contents .bytes")
	return action.ShowContents{Layer: n}
}

// treeKeys is what keys mean in the tree.
var treeKeys = map[string]string{
	"ArrowUp": "up", "ArrowDown": "down", "ArrowLeft": "left", "ArrowRight": "right", "Home": "home", "End": "end",
	"Ctrl+Home": "home", "Ctrl+End": "end", "PageUp": "pageup", "PageDown": "pagedown", "Enter": "enter",
}

// treeKey is the keys of a treegrid; letters go to a name.
func treeKey(o occasion) action.Action {
	if target(o.ev).closest("button").ok() {
		return nil
	}
	if k := treeKeys[o.key]; k != "" {
		o.stop()
		if k == "enter" {
			f := o.app.State().Files
			if f.At >= 0 && !f.Rows[f.At].Expands() {
				o.app.focus(".contents .bytes")
			}
		}
		return action.MoveInFiles{Key: k}
	}
	if len([]rune(o.key)) == 1 && o.key != " " {
		a := o.app
		if now := time.Now(); now.Sub(a.typedAt) > time.Second {
			a.typed = ""
		}
		a.typed, a.typedAt = a.typed+o.key, time.Now()
		return action.MoveInFiles{Key: "to:" + a.typed}
	}
	return nil
}

// filterKey goes from the filter to what it found, or empties it.
func filterKey(o occasion) action.Action {
	switch o.key {
	case "ArrowDown", "Enter":
		o.stop()
		nodeOf(o.app.root.html).find("#files").call("focus")
		if o.app.State().Files.At < 0 {
			return action.MoveInFiles{Key: "home"}
		}
	case "Escape":
		if o.app.State().Files.Filter != "" {
			return action.FilterFiles{}
		}
	}
	return nil
}

// contentsKey closes the contents and goes back to the tree.
func contentsKey(o occasion) action.Action {
	if o.key == "Escape" {
		o.app.focus("#files")
		return action.CloseContents{}
	}
	return nil
}
