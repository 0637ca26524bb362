package ui

import (
	"github.com/hexops/vecty"

	"github.com/layerlab/layerlab/web/action"
	"github.com/layerlab/layerlab/web/view"
)

// clock is the date that the engine and the package repositories have, and the
// button that moves both on.
func clock(v view.Timeline) *vecty.HTML {
	return div("clock", attrIf(v.Date == "", "hidden", ""), attr("title", "The lab's clock: the date of images, and of what apt-get update and apk update find"),
		span("sr", text("Date of the lab and of the package repositories: ")), tag("time", "mono dim", text(v.Date)),
		button("btn small", "+30 days", "pass-days", "", disabled(!v.CanPass), attr("title", "lab date +30d: package lists that were fetched before are old then")))
}

var clockHandlers = handlers{clicks: table{"pass-days": give(action.PassDays{Days: 30})}}
