package ui

import (
	"reflect"
	"strconv"

	"github.com/hexops/vecty"

	"github.com/layerlab/layerlab/web/action"
	"github.com/layerlab/layerlab/web/state"
	"github.com/layerlab/layerlab/web/view"
)

// editorPane is the Dockerfile with its buttons.
type editorPane struct {
	vecty.Core
	V   view.Editor `vecty:"prop"`
	app *App
}

// SkipRender says whether nothing of it changed.
func (p *editorPane) SkipRender(prev vecty.Component) bool {
	return reflect.DeepEqual(prev.(*editorPane).V, p.V)
}

// Render paints it.
func (p *editorPane) Render() vecty.ComponentOrHTML {
	v := p.V
	return div("editor",
		div("head",
			tag("h2", "", text("Dockerfile")),
			tag("input", "tag", attr("type", "text"), attr("aria-label", "Name of the image"), attr("title", "Name of the image that the next build makes"),
				attr("spellcheck", "false"), attr("autocomplete", "off"), attr("size", strconv.Itoa(max(4, min(18, len(v.Tag))))),
				vecty.Markup(vecty.Data("input", "tag"), vecty.Property("value", v.Tag))),
			div("right",
				button("btn", "+ Step", "steps", "", attr("aria-expanded", truth(v.Palette)), attr("aria-controls", "palette")),
				button("btn", "Next ▸", "build-step", "", disabled(v.Running || !v.Ready), attr("aria-label", nextTitle(v)), attr("title", nextTitle(v))),
				buildButton(v),
			),
		),
		asking(v),
		palette(v),
		div("code-scroll", &surface{V: v, app: p.app}, said2(v.Heading, v.Said)),
		tag("p", "sr", attr("id", "mistake"), attr("role", "alert"), text(v.Alert)),
		keyPanel(v.Key),
	)
}

func nextTitle(v view.Editor) string {
	if v.Next == "" {
		return "Build the next step only"
	}
	return v.Next + " only, and what it needs"
}

// buildButton builds, and while a build is at work stops it.
func buildButton(v view.Editor) *vecty.HTML {
	label, what, title := "Build ▸", "build", "docker build (Ctrl+Enter)"
	if v.Running {
		label, what, title = "Stop ■", "stop-build", "Stops the build; what it has finished stays in the cache"
	}
	return button("btn primary", label, what, "", disabled(!v.Ready), attr("title", title))
}

// said2 is the statuses of the lines as a list, for those who do not see them.
func said2(heading string, lines []string) *vecty.HTML {
	var list vecty.List
	for _, l := range lines {
		list = append(list, tag("li", "", text(l)))
	}
	return tag("ol", "sr", attr("aria-label", heading), list)
}

func palette(v view.Editor) *vecty.HTML {
	var list vecty.List
	if v.Palette {
		for _, s := range v.Steps {
			list = append(list, tag("li", "", paletteStep(s)))
		}
	}
	return div("palette", attr("id", "palette"), attrIf(!v.Palette, "hidden", ""),
		tag("ul", "", attr("aria-label", "Steps to add"), list))
}

func paletteStep(s state.PaletteStep) *vecty.HTML {
	kind := chip("quiet", "◇ config only")
	if s.Layer {
		kind = chip("new", "layer")
	}
	if s.ID == "from" || s.ID == "stage" {
		kind = chip("quiet", "base")
	}
	return button("step", "", "add-step", s.ID, tag("code", "", text(s.Text)), kind, span("about", text(s.About)))
}

var editorHandlers = handlers{
	clicks: table{
		"steps": func(o occasion) action.Action {
			if !o.app.State().Editor.Palette {
				o.app.focus("#palette .step")
			}
			return action.ToggleSteps{}
		},
		"add-step": func(o occasion) action.Action {
			o.app.focus("#dockerfile")
			return action.AddStep{ID: o.arg}
		},
		"build":      give(action.Build{}),
		"build-step": give(action.BuildStep{}),
		"caret":      moveCaret,
	},
	inputs: table{
		"tag":        func(o occasion) action.Action { return action.SetTag{Name: o.text} },
		"dockerfile": typed,
	},
	keys: table{
		"dockerfile": func(o occasion) action.Action {
			if o.key == "Ctrl+Enter" {
				o.stop()
				return action.Build{}
			}
			return nil
		},
	},
}
