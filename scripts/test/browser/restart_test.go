//go:build browser

package browser_test

import (
	"testing"

	"github.com/layerlab/layerlab/scripts/internal/chrome"
)

// mortal gives a test a way to end the page's program, as a fatal error in it
// would: globalThis.die().
const mortal = `{
	let made;
	Object.defineProperty(globalThis, "Go", {
		get: () => made,
		set: (Go) => {
			made = class extends Go {
				run(instance) {
					globalThis.die = () => { this.exited = true; this._resolveExitPromise(); };
					return super.run(instance);
				}
			};
		},
	});
}`

func TestWhenTheProgramDiesThePageOffersToStartAgain(t *testing.T) {
	page := chrome.OpenWith(t, base, chrome.Options{Script: mortal})
	chrome.Eval[any](page, `layerlab.kept.delete("layerlab.session"), sessionStorage.removeItem("layerlab.session"), die()`)
	dialog := page.Find("alertdialog", "Layer Lab has stopped")
	dialog.Says("ended unexpectedly")
	page.Screenshot("stopped")
	dialog.Find("button", "Start afresh").Click()
	page.Gone("alertdialog", "")
	page.Until("the program runs", func() bool { return page.State() == "ready" })
	if got := chrome.Eval[string](page, `layerlab.restart`); got != "" {
		t.Errorf("the program was started as %q", got)
	}
}

func TestWhenTheProgramDiesTheWorkIsKept(t *testing.T) {
	for label, restart := range map[string]string{
		"Start again with my work":             "resume",
		"Start again without the last command": "careful",
		"Start afresh":                         "",
	} {
		t.Run(label, func(t *testing.T) {
			page := chrome.OpenWith(t, base, chrome.Options{Script: mortal})
			chrome.Eval[any](page, `layerlab.kept.set("layerlab.session", "{}"), die()`)
			dialog := page.Find("alertdialog", "Layer Lab has stopped")
			dialog.Says("commands typed so far are kept")
			dialog.Find("button", label).Click()
			page.Until("the program runs", func() bool { return page.State() == "ready" })
			if got := chrome.Eval[string](page, `layerlab.restart`); got != restart {
				t.Errorf("the program was started as %q, want %q", got, restart)
			}
			if label == "Start afresh" {
				page.Until("the former session is forgotten", func() bool {
					return chrome.Eval[bool](page, `layerlab.kept.get("layerlab.session") !== "{}"`)
				})
			}
		})
	}
}
