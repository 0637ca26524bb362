package ui

import (
	"fmt"

	"github.com/hexops/vecty"

	"github.com/layerlab/layerlab/web/action"
)

// Listeners are all on the page's root: vecty does not release those of elements
// that go away. A pane says in a table what a name in data-do (a click),
// data-input (a text that changes) or data-keys (a key) means.

// An occasion is what a table's function gets to see.
type occasion struct {
	app  *App
	at   node   // the element with the name
	arg  string // its data-arg
	key  string // of a key: "Enter", with "Ctrl+" before it
	ev   *vecty.Event
	text string // of an input: its value
}

// stop keeps the browser from doing what it does by itself.
func (o occasion) stop() { o.ev.Value.Call("preventDefault") }

// A table is what names mean. A nil action means that all is done.
type table map[string]func(o occasion) action.Action

// handlers are the tables of one pane.
type handlers struct {
	clicks, inputs, keys, submits table
}

// look finds a name in the tables of all panes.
func look(name string, pick func(handlers) table) func(occasion) action.Action {
	for _, h := range panes {
		if f, ok := pick(h)[name]; ok {
			return f
		}
	}
	return nil
}

// on is a listener that survives a panic in what it calls: the program goes on,
// and the person is told.
func (a *App) on(f func(*vecty.Event)) func(*vecty.Event) {
	return func(e *vecty.Event) {
		defer func() {
			if p := recover(); p != nil {
				a.oops(fmt.Sprint(p))
			}
		}()
		f(e)
	}
}

// occur finds the element around the target that carries the attribute and
// does what its name means.
func (a *App) occur(e *vecty.Event, attribute string, pick func(handlers) table, fill func(*occasion)) {
	at := target(e)
	if !at.ok() {
		return
	}
	if at = at.closest("[data-" + attribute + "]"); !at.ok() {
		return
	}
	f := look(at.data(attribute), pick)
	if f == nil {
		return
	}
	o := occasion{app: a, at: at, arg: at.data("arg"), ev: e}
	if fill != nil {
		fill(&o)
	}
	if act := f(o); act != nil {
		a.Dispatch(act)
	}
}

func (a *App) click(e *vecty.Event) {
	a.occur(e, "do", func(h handlers) table { return h.clicks }, nil)
}

func (a *App) submit(e *vecty.Event) {
	a.occur(e, "submit", func(h handlers) table { return h.submits }, nil)
}

func (a *App) input(e *vecty.Event) {
	a.occur(e, "input", func(h handlers) table { return h.inputs }, func(o *occasion) {
		if v := o.at.get("value"); v.ok() {
			o.text = v.e.Target.String()
		}
	})
}

func (a *App) keydown(e *vecty.Event) {
	if e.Value.Get("isComposing").Truthy() {
		return
	}
	key := e.Value.Get("key").String()
	if len(key) == 1 && e.Value.Get("shiftKey").Truthy() && (e.Value.Get("ctrlKey").Truthy() || e.Value.Get("metaKey").Truthy()) {
		key = "Shift+" + key
	}
	if e.Value.Get("ctrlKey").Truthy() || e.Value.Get("metaKey").Truthy() {
		key = "Ctrl+" + key
	}
	if e.Value.Get("altKey").Truthy() {
		key = "Alt+" + key
	}
	a.occur(e, "keys", func(h handlers) table { return h.keys }, func(o *occasion) { o.key = key })
	if key == "Escape" {
		a.escape()
	}
}

// escape closes what is open, and gives the focus back to what opened it.
func (a *App) escape() {
	switch s := a.State(); {
	case s.Editor.Palette:
		a.focus("[data-do=steps]")
	case s.Context.Open != nil && s.Context.Open.Old != "":
		a.focus("[data-do=open-file][data-arg=\"" + s.Context.Open.Old + "\"]")
	case s.Context.Open != nil:
		a.focus("[data-do=new-file]")
	}
	a.Dispatch(action.Escape{})
}

// give is a table entry that always means the same action.
func give(act action.Action) func(occasion) action.Action {
	return func(occasion) action.Action { return act }
}
