package ui

import (
	"reflect"
	"strconv"

	"github.com/hexops/vecty"

	"github.com/layerlab/layerlab/web/action"
	"github.com/layerlab/layerlab/web/state"
	"github.com/layerlab/layerlab/web/view"
)

// contextPane is the files of the build context, and the one that is open.
type contextPane struct {
	vecty.Core
	V view.Context `vecty:"prop"`
}

// SkipRender says whether nothing of it changed.
func (p *contextPane) SkipRender(prev vecty.Component) bool {
	return reflect.DeepEqual(prev.(*contextPane).V, p.V)
}

// Render paints it.
func (p *contextPane) Render() vecty.ComponentOrHTML {
	var list vecty.List
	for _, f := range p.V.Files {
		list = append(list, contextFile(f))
	}
	return div("context", vecty.Markup(vecty.Data("drop", "context")),
		div("subhead",
			tag("h3", "", text("Build context")), span("dim only-wide", text(p.V.Sum)),
			div("right",
				button("btn small", "+ File", "new-file", "", attr("title", "A new file in the build context")),
				button("btn small", "Upload…", "upload", "", attr("title", "Files from your disk; they stay in this page")),
			),
		),
		tag("ul", "context-files", attr("aria-label", "Files of the build context"), attrIf(p.V.Open != nil, "hidden", ""), list),
		openFile(p.V.Open),
	)
}

func contextFile(f view.ContextFile) *vecty.HTML {
	if f.Dir {
		return tag("li", "", div("file dir", span("name", text(f.Path)), span("mode", text(f.Mode)), span("size", text(""))))
	}
	return tag("li", "", button("file", "", "open-file", f.Path, attr("aria-label", "Edit "+f.Label),
		span("name", text(f.Path), mark(f.Mark)), span("mode", text(f.Mode)), span("size", text(f.Size))))
}

func mark(s string) *vecty.HTML {
	if s == "" {
		return span("mark")
	}
	return span("mark", text("● "+s))
}

// openFile is the editor of one file, over the context's list.
func openFile(f *state.OpenFile) *vecty.HTML {
	if f == nil {
		return div("open-file", attr("hidden", ""))
	}
	title := "New file"
	if f.Old != "" {
		title = "Edit " + f.Old
	}
	var body *vecty.HTML
	if f.Binary {
		body = tag("p", "dim", text("This file is no text, or a large one: its name and mode can be changed here."))
	} else {
		body = tag("textarea", "", attr("aria-label", "Contents"), attr("spellcheck", "false"), attr("wrap", "off"),
			vecty.Markup(vecty.Data("input", "file-text"), vecty.Data("keys", "open-file"), vecty.Property("value", f.Text)))
	}
	return tag("div", "open-file", attr("role", "group"), attr("aria-label", title),
		vecty.Markup(vecty.Data("keys", "open-file")),
		div("fields",
			tag("label", "grow", span("", text("Name")), tag("input", "", attr("id", "file-name"), attr("type", "text"), attr("spellcheck", "false"), attr("autocomplete", "off"), attr("placeholder", "app.txt"),
				vecty.Markup(vecty.Data("input", "file-name"), vecty.Property("value", f.Path)))),
			tag("label", "", span("", text("Mode")), tag("input", "short", attr("type", "text"), attr("inputmode", "numeric"), attr("autocomplete", "off"),
				vecty.Markup(vecty.Data("input", "file-mode"), vecty.Property("value", f.Mode)))),
		),
		body,
		tag("p", "bad", attr("role", "alert"), text(f.Err)),
		div("buttons",
			deleteButton(f),
			div("right", button("btn", "Cancel", "close-file", ""), button("btn primary", "Save", "save-file", "", attr("title", "Ctrl+Enter"))),
		),
		vecty.Markup(vecty.Data("rev", strconv.Itoa(f.Rev))),
	)
}

func deleteButton(f *state.OpenFile) *vecty.HTML {
	if f.Old == "" {
		return span("")
	}
	return button("btn danger", "Delete", "delete-file", f.Old, attr("aria-label", "Delete "+f.Old))
}

var contextHandlers = handlers{
	clicks: table{
		"new-file": func(o occasion) action.Action {
			o.app.focus("#file-name")
			return action.NewFile{}
		},
		"open-file": func(o occasion) action.Action {
			o.app.focus(".open-file textarea")
			return action.OpenFile{Path: o.arg}
		},
		"save-file": func(o occasion) action.Action {
			o.app.soon(func(root node) {
				if o.app.State().Context.Open == nil {
					root.find("[data-do=new-file]").call("focus")
				}
			})
			return action.SaveFile{}
		},
		"close-file": func(o occasion) action.Action {
			o.app.focus("[data-do=new-file]")
			return action.CloseFile{}
		},
		"delete-file": func(o occasion) action.Action { return action.DeleteFile{Path: o.arg} },
		"upload":      give(action.UploadFiles{}),
	},
	inputs: table{
		"file-text": func(o occasion) action.Action { return action.EditFile{Text: o.text} },
		"file-name": func(o occasion) action.Action { return action.NameFile{Path: o.text} },
		"file-mode": func(o occasion) action.Action { return action.ModeFile{Mode: o.text} },
	},
	keys: table{
		"open-file": func(o occasion) action.Action {
			if o.key == "Ctrl+Enter" {
				o.stop()
				return action.SaveFile{}
			}
			return nil
		},
	},
}
