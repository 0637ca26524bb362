// Package ui paints the page with Vecty, and is the only package that imports it.
//
// It decides nothing: components paint values of package view, and what the
// person does becomes an action for package state. The [App] holds the state,
// hands actions to it and paints anew, once for all that happened since the last
// picture.
//
// Vecty v0.6.0 has habits that this package is written around: every listener is
// on the root (those of elements that go away are never released), keys are only on
// plain wrappers, properties that may go away are attributes, every element of an
// SVG gets its namespace, and nothing but a dispatch asks for a new picture.
package ui

import (
	"sync"
	"time"

	"github.com/hexops/vecty"

	"github.com/layerlab/layerlab/web/action"
	"github.com/layerlab/layerlab/web/browser"
	"github.com/layerlab/layerlab/web/state"
)

// App is the page: its state, and who does what the state asks for.
type App struct {
	browser browser.Browser
	runner  *state.Runner
	root    *Root

	mu    sync.Mutex
	state state.State

	surface   *surface // the Dockerfile's text
	scrolling bool     // the terminal is about to be scrolled to its end
	following string   // the plate of the build that was shown last
	escaped   bool     // the last key in the prompt was Escape

	typed   string    // letters that were typed in the tree
	typedAt time.Time // when the last of them was
}

// Run shows the page and never returns.
func Run(b browser.Browser, ready func()) {
	a := &App{browser: b}
	a.runner = state.NewRunner(b, a.Dispatch)
	a.state = state.New(a.runner.Start())
	a.root = &Root{app: a}
	if err := vecty.RenderInto("#app", a.root); err != nil {
		panic(err)
	}
	if ready != nil {
		ready()
	}
	b.Post("ready", nil)
	a.runner.Boot()
	select {}
}

// Dispatch takes an action or a message into the state, has its effects done and
// paints anew before the next frame. It may be called from everywhere.
func (a *App) Dispatch(act action.Action) {
	a.mu.Lock()
	next, effects := state.Reduce(a.state, act)
	a.state = next
	a.mu.Unlock()
	for _, e := range effects {
		a.runner.Do(e)
	}
	vecty.Rerender(a.root)
}

// State is the state of now.
func (a *App) State() state.State {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.state
}

// oops tells the person of a mistake of this program that it survived.
func (a *App) oops(what string) {
	a.Dispatch(state.Failed{Title: "A mistake in Layer Lab", Text: what + ". What you have made is still here."})
}

// focus gives an element the focus once the next picture is up.
func (a *App) focus(selector string) {
	a.soon(func(root node) {
		if n := root.find(selector); n.ok() {
			n.call("focus")
		}
	})
}

// soon calls f once the next picture is up.
func (a *App) soon(f func(root node)) {
	a.browser.After(40e6, func() {
		defer func() {
			if p := recover(); p != nil {
				println("layerlab: after a picture:", p)
			}
		}()
		f(nodeOf(a.root.html))
	})
}
