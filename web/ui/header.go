package ui

import (
	"reflect"
	"strconv"

	"github.com/hexops/vecty"

	"github.com/layerlab/layerlab/web/state"
	"github.com/layerlab/layerlab/web/view"
)

// header is the bar on top.
type header struct {
	vecty.Core
	V view.Page `vecty:"prop"`
}

// SkipRender says whether nothing of it changed.
func (h *header) SkipRender(prev vecty.Component) bool {
	p := prev.(*header).V
	return p.View == h.V.View && p.Dark == h.V.Dark && p.Embed == h.V.Embed && p.Images == h.V.Images
}

// Render paints it.
func (h *header) Render() vecty.ComponentOrHTML {
	look, sign := "Switch to the dark look", "◐"
	if h.V.Dark {
		look, sign = "Switch to the light look", "◑"
	}
	return tag("header", "top",
		div("logo", logo(), span("", text("Layer Lab"))),
		tag("nav", "views", attr("aria-label", "Views"),
			viewLink(h.V, "build", "Build"),
			viewLink(h.V, "images", "Images"),
		),
		div("right",
			chip("only-wide", "Docker 29 · containerd store"),
			button("btn icon", sign, "theme", "", attr("aria-label", look), attr("title", look)),
			button("btn primary", "Open an image…", "open-image", ""),
		),
	)
}

func viewLink(v view.Page, name, label string) *vecty.HTML {
	parts := []part{attrIf(v.View == name, "aria-current", "page")}
	if name == "images" && v.Images > 0 {
		return button("", "", "view", name, append(parts, text(label), span("count", text(strconv.Itoa(v.Images))))...)
	}
	return button("", label, "view", name, parts...)
}

// tabs is the bar below a narrow page.
type tabs struct {
	vecty.Core
	V view.Page `vecty:"prop"`
}

// SkipRender says whether nothing of it changed.
func (t *tabs) SkipRender(prev vecty.Component) bool {
	p := prev.(*tabs).V
	return p.Tab == t.V.Tab && p.View == t.V.View
}

// Render paints it.
func (t *tabs) Render() vecty.ComponentOrHTML {
	var list vecty.List
	for _, x := range [][2]string{{"steps", "Steps"}, {"layers", "Layers"}, {"files", "Files"}, {"terminal", "Terminal"}} {
		list = append(list, button("", x[1], "tab", x[0], attrIf(t.V.Tab == x[0] && t.V.View == "build", "aria-current", "true")))
	}
	return tag("nav", "tabs", attr("aria-label", "Panes"), list)
}

// messages is what went wrong, until it is put away.
type messages struct {
	vecty.Core
	V []state.Message `vecty:"prop"`
}

// SkipRender says whether nothing of it changed.
func (m *messages) SkipRender(prev vecty.Component) bool {
	return reflect.DeepEqual(prev.(*messages).V, m.V)
}

// Render paints them.
func (m *messages) Render() vecty.ComponentOrHTML {
	var list vecty.List
	for _, x := range m.V {
		list = append(list, keyed("div", "message", strconv.Itoa(x.ID), attr("role", "alert"),
			div("", tag("strong", "", text("✗ "+x.Title)), tag("p", "", text(x.Text))),
			button("btn icon", "✕", "dismiss", strconv.Itoa(x.ID), attr("aria-label", "Dismiss: "+x.Title))))
	}
	return div("messages", list)
}
