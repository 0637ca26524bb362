package ui

import (
	"strconv"

	"github.com/hexops/vecty"
)

// A node is a value of the browser. It is kept inside a vecty.Event because
// that type has the same name in a browser and natively.
type node struct{ e vecty.Event }

// nodeOf is the element that was rendered for h. It must be mounted.
func nodeOf(h *vecty.HTML) node { return node{vecty.Event{Target: h.Node()}} }

// target is the element that an event happened on.
func target(e *vecty.Event) node { return node{vecty.Event{Target: e.Target}} }

func (n node) ok() bool               { return n.e.Target.Truthy() }
func (n node) get(name string) node   { return node{vecty.Event{Target: n.e.Target.Get(name)}} }
func (n node) str(name string) string { return n.e.Target.Get(name).String() }
func (n node) int(name string) int    { return n.e.Target.Get(name).Int() }
func (n node) bool(name string) bool  { return n.e.Target.Get(name).Truthy() }
func (n node) set(name string, v any) {
	n.e.Target.Set(name, v)
}

// call calls a method; arguments may be nodes.
func (n node) call(name string, args ...any) node {
	for i, a := range args {
		if a, ok := a.(node); ok {
			args[i] = a.e.Target
		}
	}
	return node{vecty.Event{Target: n.e.Target.Call(name, args...)}}
}

// same reports whether two nodes are one.
func (n node) same(m node) bool {
	return n.ok() && m.ok() && n.call("isSameNode", m).e.Target.Truthy()
}

// closest is the nearest element around n, itself included, that a selector
// matches; n may be a text node.
func (n node) closest(selector string) node {
	if n.int("nodeType") != 1 {
		n = n.get("parentElement")
	}
	if !n.ok() {
		return n
	}
	return n.call("closest", selector)
}

// find is the first element below n that a selector matches.
func (n node) find(selector string) node { return n.call("querySelector", selector) }

// data is a data attribute, "" if there is none.
func (n node) data(name string) string {
	if v := n.call("getAttribute", "data-"+name); v.ok() {
		return v.e.Target.String()
	}
	return ""
}

// A rect is where an element is in the window, in CSS pixels.
type rect struct{ top, bottom float64 }

func (n node) rect() rect {
	r := n.call("getBoundingClientRect").e.Target
	return rect{r.Get("top").Float(), r.Get("bottom").Float()}
}

// px is a length for a style.
func px(n float64) string { return strconv.FormatFloat(n, 'f', 0, 64) + "px" }

// document and window are those that n is in.
func (n node) document() node { return n.get("ownerDocument") }
func (n node) window() node   { return n.document().get("defaultView") }
