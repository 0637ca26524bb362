package ui

import (
	"strconv"

	"github.com/hexops/vecty"

	"github.com/layerlab/layerlab/web/action"
	"github.com/layerlab/layerlab/web/view"
)

// ledger is what the writes of the container that is shown cost.
func ledger(l *view.Ledger, hidden bool) *vecty.HTML {
	if l == nil {
		return tag("section", "ledger", attr("hidden", ""))
	}
	var rows vecty.List
	for i, r := range l.Rows {
		rows = append(rows, keyed("li", "deed "+r.Kind, strconv.Itoa(i), deed(r)))
	}
	if l.More != "" {
		rows = append(rows, keyed("li", "dim", "more", text(l.More)))
	}
	label := "Show each"
	if l.Open {
		label = "Hide"
	}
	return tag("section", "ledger", attrIf(hidden, "hidden", ""), attr("aria-label", "What the writes of "+l.Name+" cost"),
		div("ledger-sum", tag("p", "", text(l.Sum)),
			button("btn small", label, "ledger", "", attr("aria-expanded", truth(l.Open)), attrIf(len(l.Rows) == 0, "hidden", "")),
			button("btn small", "Upper ▸", "show-upper", "", attr("aria-label", "Upper directory of "+l.Name), attr("title", "The upper directory as the kernel stores it, and as the tar that would ship it"))),
		tag("ol", "deeds", attr("aria-label", "What was copied up and hidden, oldest first"), attrIf(!l.Open || len(rows) == 0, "hidden", ""), attr("tabindex", "0"), rows))
}

func deed(r view.LedgerRow) vecty.List {
	sign, said := "·", ""
	switch r.Kind {
	case "up":
		sign, said = "⇡", "copied up"
	case "hide":
		sign, said = "⌫", "hidden"
	case "exdev":
		sign = "⇢"
	}
	from := span("")
	if r.From != nil {
		from = span("tags", span("sr", text(said+" from ")), tagOf(*r.From), span("", attr("aria-hidden", "true"), text("→")), span("sr", text(" to ")), span("ltag h20", text("rw")))
		if r.Kind == "hide" {
			from = span("tags", span("sr", text(said+" in ")), tagOf(*r.From))
		}
	}
	return vecty.List{span("", attr("aria-hidden", "true"), text(sign)), button("mono clip path", r.Shown, "file", r.Path, attr("title", r.Path)),
		from, span("mono", text(r.Bytes)), span("dim", attrIf(r.Why == "", "hidden", ""), text(r.Why))}
}

var ledgerHandlers = handlers{clicks: table{"ledger": give(action.ToggleLedger{})}}
