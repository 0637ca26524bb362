package ui

import "github.com/hexops/vecty"

// svg is an element of an SVG: vecty wants the namespace on each of them, and
// attributes only.
func svg(name string, attributes map[string]string, parts ...part) *vecty.HTML {
	all := []part{vecty.Markup(vecty.Namespace("http://www.w3.org/2000/svg"))}
	for k, v := range attributes {
		all = append(all, attr(k, v))
	}
	return vecty.Tag(name, append(all, parts...)...)
}

// logo is three layers, seen from above.
func logo() *vecty.HTML {
	return svg("svg", map[string]string{"class": "mark", "width": "22", "height": "22", "viewBox": "0 0 22 22", "fill": "none",
		"stroke": "currentColor", "stroke-width": "1.6", "stroke-linejoin": "round", "aria-hidden": "true"},
		svg("path", map[string]string{"class": "lid", "d": "M11 2 20 6.5 11 11 2 6.5z"}),
		svg("path", map[string]string{"d": "m2 11 9 4.5 9-4.5M2 15.5 11 20l9-4.5"}))
}
