package ui

import (
	"strings"

	"github.com/hexops/vecty"
)

type part = vecty.MarkupOrChild

// tag is an element with the given classes, separated by spaces.
func tag(name, class string, parts ...part) *vecty.HTML {
	if class != "" {
		parts = append([]part{vecty.Markup(vecty.Class(strings.Fields(class)...))}, parts...)
	}
	return vecty.Tag(name, parts...)
}

func div(class string, parts ...part) *vecty.HTML  { return tag("div", class, parts...) }
func span(class string, parts ...part) *vecty.HTML { return tag("span", class, parts...) }

// text is a text node.
func text(s string) *vecty.HTML { return vecty.Text(s) }

// attr is an attribute: role, aria-…, type and whatever else may come and go
// (properties cannot be taken away again).
func attr(name, value string) vecty.MarkupList {
	return vecty.Markup(vecty.Attribute(name, value))
}

// attrIf is an attribute that is there when on.
func attrIf(on bool, name, value string) vecty.MarkupList {
	return vecty.Markup(vecty.MarkupIf(on, vecty.Attribute(name, value)))
}

// truth is the value of an aria attribute.
func truth(on bool) string {
	if on {
		return "true"
	}
	return "false"
}

// do names what a click on the element means (see the click tables of the
// panes), and to what.
func do(name, arg string) vecty.MarkupList {
	return vecty.Markup(vecty.Data("do", name), vecty.Data("arg", arg))
}

// style is a custom property or style of the element.
func style(name, value string) vecty.MarkupList {
	return vecty.Markup(vecty.Style(name, value))
}

// when is the classes whose condition holds.
func when(classes map[string]bool) vecty.MarkupList {
	return vecty.Markup(vecty.ClassMap(classes))
}

// button is a button that does something when it is clicked.
func button(class, label, what, arg string, parts ...part) *vecty.HTML {
	all := []part{attr("type", "button"), do(what, arg)}
	all = append(all, parts...)
	if label != "" {
		all = append(all, text(label))
	}
	return tag("button", class, all...)
}

// disabled is the attribute, there or not there.
func disabled(off bool) vecty.MarkupList { return attrIf(off, "disabled", "") }

// keyed is a plain wrapper with a key: components that skip rendering must
// not be keyed themselves.
func keyed(name, class, key string, parts ...part) *vecty.HTML {
	parts = append([]part{vecty.Markup(vecty.Key(key))}, parts...)
	return tag(name, class, parts...)
}

// chip is a short remark.
func chip(kind, s string) *vecty.HTML {
	return span(strings.TrimSpace("chip "+kind), text(s))
}
