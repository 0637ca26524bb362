package ui

import (
	"strconv"

	"github.com/hexops/vecty"

	"github.com/layerlab/layerlab/web/action"
	"github.com/layerlab/layerlab/web/view"
)

// asking is the row of buttons that ask about builds, with the answer beside them.
func asking(v view.Editor) *vecty.HTML {
	return div("asking",
		button("btn small", "What would change?", "foresight", "", attr("aria-pressed", truth(v.Forecast.On)), disabled(!v.Ready), attr("title", "What the next build would reuse, while you type. Nothing is run.")),
		button("btn small", "Cache key", "key", "", attr("aria-expanded", truth(v.Key.Open)), attr("aria-controls", "key"), disabled(!v.Ready), attr("title", "What the cache key of the step at the caret is made of")),
		button("btn small", "Side by side", "compare", "", disabled(!v.Ready), attr("title", "Two builds side by side: which layers are the same, from where they differ, and why")),
		tag("p", "foretold", attr("role", "status"), attr("aria-label", "What would change"), when(map[string]bool{"bad": v.Forecast.Bad}), text(v.Forecast.Text)))
}

// keyPanel takes the cache key of a step apart.
func keyPanel(k view.Key) *vecty.HTML {
	if !k.Open {
		return tag("section", "key-panel", attr("id", "key"), attr("hidden", ""))
	}
	kind := "warn"
	if k.Good {
		kind = "good"
	}
	return tag("section", "key-panel", attr("id", "key"), attr("aria-label", k.Title), attr("tabindex", "0"),
		div("xhead", tag("h2", "", text(k.Title)), span("mono dim clip", text(k.Step)),
			div("right", button("btn icon small", "✕", "key", "", attr("aria-label", "Close the cache key")))),
		tag("p", "dim", attrIf(k.Empty == "", "hidden", ""), text(k.Empty)),
		tag("p", kind, attrIf(k.Reason == "", "hidden", ""), text(k.Reason)),
		keyFiles(k), keyRest(k),
		tag("p", "mono dim digest", attrIf(k.Digest == "", "hidden", ""), text("key "+k.Digest)))
}

func keyFiles(k view.Key) *vecty.HTML {
	if len(k.Files) == 0 {
		return div("")
	}
	var rows vecty.List
	for i, f := range k.Files {
		rows = append(rows, keyed("tr", "", strconv.Itoa(i), when(map[string]bool{"more": f.Was != ""}),
			tag("th", "mono", attr("scope", "row"), text(f.Name)), cell("mono", f.Mode), cell("mono", f.Owner), cell("mono num", f.Size), cell("mono num", f.Digest),
			tag("td", f.Kind, text(f.Mark))))
		if f.Was != "" {
			rows = append(rows, keyed("tr", "", "was"+strconv.Itoa(i), tag("td", "was", attr("colspan", "6"), text(f.Was))))
		}
	}
	var heads vecty.List
	for _, h := range []string{"File", "Mode", "Owner", "Size", "sha256", "Against before"} {
		heads = append(heads, tag("th", "", attr("scope", "col"), text(h)))
	}
	return div("key-files",
		tag("h3", "", text("Files: "+k.Sum)),
		tag("table", "keys", attr("aria-label", "Files in the key"), tag("thead", "", tag("tr", "", heads)), tag("tbody", "", rows)),
		tag("p", "dim", attrIf(k.More == "", "hidden", ""), text(k.More)),
		tag("p", "dim", text("Not in the key: the time of a file, its place on your disk, what .dockerignore leaves out.")))
}

func cell(class, s string) *vecty.HTML { return tag("td", class, text(s)) }

func keyRest(k view.Key) *vecty.HTML {
	if len(k.Rest) == 0 {
		return div("")
	}
	var rows vecty.List
	for i, p := range k.Rest {
		was := span("")
		if p.Was != "" {
			was = span("was", text("was "+p.Was))
		}
		rows = append(rows, keyed("tr", "", "p"+strconv.Itoa(i), tag("th", "", attr("scope", "row"), text(p.Name)), tag("td", "mono", text(p.Value), was), tag("td", p.Kind, text(p.Mark))))
	}
	return div("key-rest", tag("h3", "", text("And")), tag("table", "keys", attr("aria-label", "Other parts of the key"), tag("tbody", "", rows)))
}

var keyHandlers = handlers{clicks: table{
	"foresight": give(action.ToggleForesight{}),
	"key": func(o occasion) action.Action {
		if o.app.State().Editor.Key.Open {
			o.app.focus(".asking [data-do=key]")
		}
		return action.ToggleKey{}
	},
}}
