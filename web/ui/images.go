package ui

import (
	"reflect"
	"strconv"
	"strings"

	"github.com/hexops/vecty"

	"github.com/layerlab/layerlab/web/action"
	"github.com/layerlab/layerlab/web/view"
)

// imagesPane is the view of all images.
type imagesPane struct {
	vecty.Core
	V view.Images `vecty:"prop"`
}

// SkipRender says whether nothing of it changed.
func (p *imagesPane) SkipRender(prev vecty.Component) bool {
	return reflect.DeepEqual(prev.(*imagesPane).V, p.V)
}

// Render paints it.
func (p *imagesPane) Render() vecty.ComponentOrHTML {
	v := p.V
	if !v.Shown {
		return div("images-in")
	}
	return div("images-in", p.list(), p.about())
}

// list is all images.
func (p *imagesPane) list() *vecty.HTML {
	var rows vecty.List
	for _, im := range p.V.List {
		rows = append(rows, keyed("li", "", im.ID, imageCard(im)))
	}
	return tag("section", "pane image-list", attr("aria-label", "Images"),
		div("head", tag("h2", "", text("Images"))),
		tag("ul", "image-cards", rows),
		factList("sum", p.V.Sum))
}

func imageCard(im view.ImageRow) *vecty.HTML {
	return button("image-card", "", "choose-image", im.ID, attr("aria-pressed", truth(im.Now)), when(map[string]bool{"sel": im.Now}),
		span("name mono clip", attr("title", im.Name), text(im.Name)), span("size mono", text(im.Size)),
		span("meta", span("mono", text(im.Short)), span("", text(im.Layers)), span("", text(im.Age)), own(im), modelChip(im)))
}

// modelChip says that an image is one of the catalogue.
func modelChip(im view.ImageRow) *vecty.HTML {
	if im.Model {
		return chip("", "model")
	}
	return span("")
}

func own(im view.ImageRow) *vecty.HTML {
	if im.State != "" {
		return chip("warn", im.State)
	}
	return span("", text(im.Unique+" its own"))
}

func factList(class string, facts []view.Fact) *vecty.HTML {
	var list vecty.List
	for _, f := range facts {
		list = append(list, div("fact", attr("title", f.Title), tag("dt", "", text(f.Name)), tag("dd", "", text(f.Value))))
	}
	return tag("dl", class, list)
}

// about is what is said of one image.
func (p *imagesPane) about() *vecty.HTML {
	v := p.V
	if v.Empty != "" {
		return tag("section", "pane image-about", attr("aria-label", "Image"), div("empty", text(v.Empty)))
	}
	var tabs, notes vecty.List
	for _, t := range v.Tabs {
		tabs = append(tabs, button("", t.Name, "image-tab", t.ID, attr("role", "tab"), attr("id", "image-tab-"+t.ID), attr("aria-selected", truth(t.Now)),
			attr("aria-controls", "image-panel"), attr("tabindex", map[bool]string{true: "0", false: "-1"}[t.Now])))
	}
	for _, n := range v.Notes {
		notes = append(notes, tag("li", "", text(n)))
	}
	return tag("section", "pane image-about", attr("aria-label", "Image "+v.Name),
		div("head", tag("h2", "mono clip", attr("title", v.Name), text(v.Name)),
			div("right", button("btn small", "Show its layers", "show-image", v.ID))),
		div("image-scroll", attr("tabindex", "-1"),
			factList("image-facts", v.Facts),
			tag("ul", "image-notes", attrIf(len(notes) == 0, "hidden", ""), notes),
			div("image-tabs", attr("role", "tablist"), attr("aria-label", "What to say of the image"), vecty.Markup(vecty.Data("keys", "image-tabs")), tabs),
			div("image-panel", attr("id", "image-panel"), attr("role", "tabpanel"), attr("aria-labelledby", "image-tab-"+v.Tab), p.panel())))
}

func (p *imagesPane) panel() *vecty.HTML {
	switch p.V.Tab {
	case "history":
		return p.history()
	case "inspect":
		return div("inspect",
			div("subhead", span("dim mono clip", text("docker image inspect "+p.V.Name)), div("right", button("btn small", "Copy", "copy-inspect", ""))),
			tag("pre", "json", attr("tabindex", "0"), attr("role", "region"), attr("aria-label", "What docker image inspect says"), text(p.V.Inspect)))
	case "compare":
		return compare(p.V.Compare)
	case "containers":
		return p.containers()
	}
	return p.waste()
}

func (p *imagesPane) history() *vecty.HTML {
	var rows vecty.List
	for _, h := range p.V.History {
		t := span("none", text("◇"))
		if h.Tag != nil {
			t = tagOf(*h.Tag)
		}
		rows = append(rows, tag("li", "hrow", t, div("what mono", text(h.What), note(h.Note)), span("mono size", text(h.Size))))
	}
	return tag("ol", "history", attr("aria-label", "History, newest first"), rows)
}

func note(s string) *vecty.HTML {
	if s == "" {
		return span("")
	}
	return tag("p", "warn", text(s))
}

func (p *imagesPane) containers() *vecty.HTML {
	var rows vecty.List
	for _, c := range p.V.Containers {
		rows = append(rows, tag("li", "", button("crow", "", "go-container", c.ID, span("mono", text(c.Name)), chip("", c.Status),
			span("dim mono clip", text(c.Command)), span("mono size", text(c.Size)))))
	}
	if len(rows) == 0 {
		return div("empty", text("No container runs on this image."))
	}
	return tag("ul", "containers-list", attr("aria-label", "Containers"), rows)
}

// waste is what is stored and not seen.
func (p *imagesPane) waste() *vecty.HTML {
	w := p.V.Waste
	var layers, dead vecty.List
	for _, l := range w.Layers {
		layers = append(layers, tag("li", "wlayer", tagOf(l.Tag),
			span("wbar", style("--h", strconv.Itoa(l.Tag.Hue)), style("width", strconv.Itoa(l.Width)+"%"), attr("aria-hidden", "true"), span("wdead", style("width", strconv.Itoa(l.Share)+"%"))),
			span("wsay", span("mono", text(l.Bytes)), chips(l.Dead), span("dim", text(strings.TrimSpace(l.Causes))), span("dim", text(l.Killed)))))
	}
	for _, d := range w.Dead {
		dead = append(dead, tag("li", "", button("drow", "", "show-path", d.Path, attr("title", "X-ray of "+d.Shown), when(map[string]bool{"gone": d.Gone}),
			span("mono size", text(d.Bytes)), span("mono clip path", text(d.Shown)), span("dim", text(d.Cause)),
			span("tags", tagOf(d.Tag), span("", attr("aria-hidden", "true"), text("←")), span("sr", text(" by ")), tagOf(d.By)))))
	}
	return div("waste",
		tag("p", "words", attr("role", "status"), text(w.Words)),
		tag("p", "bad", attrIf(w.Err == "", "hidden", ""), text(w.Err)),
		div("meter", attrIf(w.Busy || w.Err != "", "hidden", ""), attr("role", "img"), attr("aria-label", strconv.Itoa(w.Percent)+" % of the bytes can be seen"),
			span("seen", style("width", strconv.Itoa(w.Percent)+"%"))),
		tag("h3", "", attrIf(len(layers) == 0, "hidden", ""), text("By layer")),
		tag("ol", "wlayers", attr("aria-label", "Dead bytes by layer, topmost first"), layers),
		tag("h3", "", attrIf(len(dead) == 0, "hidden", ""), text("Dead bytes, the largest first")),
		tag("ol", "dead", attr("aria-label", "Dead files, the largest first"), dead),
		tag("p", "dim", text(w.More)))
}

var imagesHandlers = handlers{
	clicks: table{
		"image-tab":    func(o occasion) action.Action { return action.ShowImageTab{Name: o.arg} },
		"choose-image": func(o occasion) action.Action { return action.ChooseImage{ID: o.arg} },
		"show-image":   func(o occasion) action.Action { return action.SelectImage{ID: o.arg} },
		"copy-inspect": give(action.CopyInspect{}),
		"show-path": func(o occasion) action.Action {
			s := o.app.State()
			im := s.Studied()
			if im == nil {
				return nil
			}
			o.app.focus("#files")
			return action.ShowPath{Image: im.ID, Path: o.arg}
		},
		"go-container": func(o occasion) action.Action {
			o.app.Dispatch(action.SelectContainer{ID: o.arg})
			o.app.Dispatch(action.ShowTab{Name: "files"})
			return action.ShowView{Name: "build"}
		},
	},
	keys: table{"image-tabs": imageTabKey},
}

// imageTabKey goes from tab to tab.
func imageTabKey(o occasion) action.Action {
	list := []string{"waste", "history", "inspect", "containers", "compare"}
	now := 0
	for i, t := range list {
		if t == o.app.State().Images.Tab {
			now = i
		}
	}
	switch o.key {
	case "ArrowRight":
		now++
	case "ArrowLeft":
		now += len(list) - 1
	case "Home":
		now = 0
	case "End":
		now = len(list) - 1
	default:
		return nil
	}
	o.stop()
	next := list[now%len(list)]
	o.app.focus("#image-tab-" + next)
	return action.ShowImageTab{Name: next}
}
