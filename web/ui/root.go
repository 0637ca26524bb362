package ui

import (
	"strconv"

	"github.com/hexops/vecty"
	"github.com/hexops/vecty/event"

	"github.com/layerlab/layerlab/web/action"
	"github.com/layerlab/layerlab/web/state"
	"github.com/layerlab/layerlab/web/view"
)

// panes are the tables of all panes.
var panes = []handlers{
	frameHandlers, editorHandlers, liveHandlers, clockHandlers, keyHandlers, compareHandlers, contextHandlers, stackHandlers, termHandlers, timelineHandlers,
	filesHandlers, lookupHandlers, ledgerHandlers, upperHandlers, imagesHandlers, openingHandlers,
}

// Root is the whole page.
type Root struct {
	vecty.Core
	app  *App
	html *vecty.HTML
}

// Render paints the page.
func (r *Root) Render() vecty.ComponentOrHTML {
	s := r.app.State()
	v := view.NewPage(&s)
	a := r.app
	r.html = div("app",
		vecty.Markup(
			vecty.Attribute("id", "app"),
			vecty.Data("view", v.View), vecty.Data("tab", v.Tab), vecty.Data("pane", v.Pane),
			vecty.ClassMap{"embed": v.Embed, "dropping": v.Dropping, "upper-open": s.Upper.Open},
			event.Click(a.on(a.click)), event.Input(a.on(a.input)), event.KeyDown(a.on(a.keydown)),
			event.Submit(a.on(a.submit)).PreventDefault(),
		),
		&header{V: v},
		tag("main", "main",
			tag("h1", "sr", text("Layer Lab")),
			r.bench(&s),
			div("images-view", attrIf(v.View != "images", "hidden", ""), &imagesPane{V: view.NewImages(&s)}),
		),
		&tabs{V: v},
		&messages{V: v.Messages},
		div("drop-veil", attr("aria-hidden", "true"), div("drop-note", text("Drop an image archive anywhere to open it, or files on the build context to add them"))),
		said(v.Said),
	)
	return r.html
}

func (r *Root) bench(s *state.State) *vecty.HTML {
	return div("bench", attrIf(s.Page.View != "build", "hidden", ""),
		tag("section", "pane steps-pane", attr("aria-label", "Dockerfile"),
			&editorPane{V: view.NewEditor(s), app: r.app}, &contextPane{V: view.NewContext(s)}),
		tag("nav", "switch", attr("aria-label", "Layers or files"),
			button("", "Layers", "tab", "layers", attrIf(s.Page.Tab != "files", "aria-current", "true")),
			button("", "Files", "tab", "files", attrIf(s.Page.Tab == "files", "aria-current", "true"))),
		tag("section", "pane layers-pane", attr("aria-label", "Layers"), &stackPane{V: view.NewStack(s), app: r.app}, &openingPane{V: view.NewOpening(s)}),
		tag("section", "pane files-pane", attr("aria-label", "Files"), &filesPane{V: view.NewFiles(s), app: r.app}),
		tag("section", "pane upper-pane", attr("aria-label", "Upper directory"), attrIf(!s.Upper.Open, "hidden", ""), &upperPane{V: view.NewUpper(s), app: r.app}),
		tag("section", "pane term-pane", attr("aria-label", "Terminal"), &termPane{V: view.NewTerm(s), app: r.app}),
		tag("section", "pane time-pane", attr("aria-label", "Timeline"), &timePane{V: view.NewTimeline(s), app: r.app}),
	)
}

// said is what the page says aloud. Two lines take turns, so that the same words
// are heard a second time.
func said(s state.Said) *vecty.HTML {
	lines := [2]string{}
	lines[s.N%2] = s.Text
	return div("sr", attr("role", "status"), attr("aria-live", "polite"), attr("aria-label", "What happened"),
		div("", text(lines[0])), div("", text(lines[1])))
}

var frameHandlers = handlers{
	clicks: table{
		"view":    func(o occasion) action.Action { return action.ShowView{Name: o.arg} },
		"tab":     func(o occasion) action.Action { return action.ShowTab{Name: o.arg} },
		"theme":   give(action.SwitchTheme{}),
		"dismiss": func(o occasion) action.Action { n, _ := strconv.Atoi(o.arg); return action.Dismiss{ID: n} },
	},
}
