package ui

import (
	"reflect"
	"strconv"
	"strings"

	"github.com/hexops/vecty"

	"github.com/layerlab/layerlab/web/action"
	"github.com/layerlab/layerlab/web/view"
)

// termPane is the terminal.
type termPane struct {
	vecty.Core
	V   view.Term `vecty:"prop"`
	app *App
}

// SkipRender says whether nothing of it changed.
func (p *termPane) SkipRender(prev vecty.Component) bool {
	return reflect.DeepEqual(prev.(*termPane).V, p.V)
}

// Render paints it.
func (p *termPane) Render() vecty.ComponentOrHTML {
	v := p.V
	var log vecty.List
	if v.Dropped > 0 {
		log = append(log, keyed("div", "dim", "dropped", text(strconv.Itoa(v.Dropped)+" older commands are not shown; the timeline has them")))
	}
	for _, e := range v.Entries {
		log = append(log, keyed("div", "entry", strconv.Itoa(e.ID), &termEntry{V: e}))
	}
	p.app.scrollTerm()
	return div("term-in",
		div("head", tag("h2", "", text("Terminal")), span("dim mono clip", text(v.Dir)),
			div("right",
				button("btn", "Stop", "interrupt", "", attr("title", "Ctrl+C"), attrIf(!v.Busy, "hidden", "")),
				button("btn", "Clear", "clear-term", ""))),
		div("term", vecty.Markup(vecty.Data("do", "term")),
			div("log", attr("role", "log"), attr("aria-label", "Terminal output"), attr("tabindex", "0"), log),
			div("choices", attrIf(v.Choices == "", "hidden", ""), text(v.Choices)),
			div("pending", attrIf(v.Pending == "", "hidden", ""), text(v.Pending)),
			tag("form", "prompt", attr("autocomplete", "off"), vecty.Markup(vecty.Data("submit", "run")),
				tag("label", "p", attr("for", "prompt"), text(v.Prompt)),
				tag("input", "", attr("id", "prompt"), attr("type", "text"), attr("aria-label", "Command"), attr("spellcheck", "false"),
					attr("autocapitalize", "off"), attr("autocorrect", "off"), attr("autocomplete", "off"), attr("enterkeyhint", "go"),
					attr("aria-description", "Enter runs, up and down go through the history, Tab completes, Escape then Tab leaves"),
					vecty.Markup(vecty.Data("input", "prompt"), vecty.Data("keys", "prompt"), vecty.Property("value", v.Typed))),
			),
		),
	)
}

// termEntry is one command with its output.
type termEntry struct {
	vecty.Core
	V view.Entry `vecty:"prop"`
}

// SkipRender says whether nothing of it changed.
func (p *termEntry) SkipRender(prev vecty.Component) bool { return prev.(*termEntry).V == p.V }

// Render paints it.
func (p *termEntry) Render() vecty.ComponentOrHTML {
	e := p.V
	var out vecty.List
	if e.Left != "" {
		out = append(out, text(e.Left))
	}
	for _, s := range view.Segments(e.Output) {
		if s.Kind == "" {
			out = append(out, text(s.Text))
		} else {
			out = append(out, span("t-"+s.Kind, text(s.Text)))
		}
	}
	return div("",
		div("cmd", span("p", text(e.Prompt+" ")), span("", text(e.Line))),
		div("out", attrIf(e.Left+e.Output == "", "hidden", ""), out),
		div("exit", attrIf(e.Exit == "", "hidden", ""), text(e.Exit)),
		div("note", attrIf(e.Note == "", "hidden", ""), text(e.Note)),
	)
}

// scrollTerm shows the end of the terminal once the next picture is up.
func (a *App) scrollTerm() {
	if a.scrolling {
		return
	}
	a.scrolling = true
	a.soon(func(root node) {
		a.scrolling = false
		if t := root.find(".term"); t.ok() {
			t.set("scrollTop", t.int("scrollHeight"))
		}
	})
}

var termHandlers = handlers{
	clicks: table{
		"interrupt":  give(action.Interrupt{}),
		"clear-term": give(action.ClearTerminal{}),
		"term": func(o occasion) action.Action {
			// A click into the terminal goes to the prompt, unless text is being selected.
			if sel := o.at.document().call("getSelection"); sel.ok() && sel.bool("isCollapsed") && !target(o.ev).closest("input,button").ok() {
				if in := o.at.find("#prompt"); in.ok() {
					in.call("focus")
				}
			}
			return nil
		},
	},
	inputs:  table{"prompt": func(o occasion) action.Action { return action.TypeLine{Text: o.text} }},
	submits: table{"run": func(o occasion) action.Action { return action.RunLine{Line: o.at.find("#prompt").str("value")} }},
	keys:    table{"prompt": promptKey},
}

// promptKey is the keys of a shell. Tab completes a line that has text, unless
// Escape was pressed just before: then, and on an empty line, it leaves.
func promptKey(o occasion) action.Action {
	a := o.app
	escaped := a.escaped
	a.escaped = false
	switch o.key {
	case "ArrowUp":
		o.stop()
		a.caretToEnd()
		return action.HistoryBack{}
	case "ArrowDown":
		o.stop()
		a.caretToEnd()
		return action.HistoryForward{}
	case "Escape":
		a.escaped = true
	case "Tab":
		if line := o.at.str("value"); !escaped && strings.TrimSpace(line) != "" {
			o.stop()
			a.caretToEnd()
			return action.CompleteLine{Text: line}
		}
	case "Ctrl+c":
		if o.at.int("selectionStart") != o.at.int("selectionEnd") {
			return nil // copies
		}
		o.stop()
		return action.Interrupt{}
	case "Ctrl+l":
		o.stop()
		return action.ClearTerminal{}
	}
	return nil
}

// caretToEnd puts the prompt's caret behind a text that was put there.
func (a *App) caretToEnd() {
	a.soon(func(root node) {
		if in := root.find("#prompt"); in.ok() {
			n := len(in.str("value"))
			in.call("setSelectionRange", n, n)
		}
	})
}
