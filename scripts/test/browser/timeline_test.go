//go:build browser

package browser_test

import (
	"fmt"
	"testing"

	"github.com/layerlab/layerlab/scripts/internal/chrome"
)

// TestTheSliderStandsWhereTheTimelineIs: a slider takes no value beyond its maximum,
// which grows with each command.
func TestTheSliderStandsWhereTheTimelineIs(t *testing.T) {
	page := openBench(t)
	const slider = `document.querySelector('input[aria-label="Timeline"]')`
	page.Until("the first commands have run", func() bool { return chrome.Eval[bool](page, `!`+slider+`.disabled`) })
	stands := func(at, of int) {
		t.Helper()
		want := fmt.Sprintf("%d of %d", at, of)
		page.Until("the page says "+want, func() bool {
			return chrome.Eval[bool](page, fmt.Sprintf(`document.querySelector(".time .where").textContent.startsWith("%s ")`, want))
		})
		page.Until("the slider is at "+want, func() bool {
			return chrome.Eval[string](page, slider+`.value + " of " + `+slider+`.max`) == want
		})
	}
	n := chrome.Eval[int](page, `Number(`+slider+`.max)`)
	stands(n, n)
	for i := 1; i <= 3; i++ {
		command(page, fmt.Sprintf("echo %d", i), fmt.Sprint(i))
		stands(n+i, n+i)
	}
	page.Find("button", "Undo: one command back").Click()
	stands(n+2, n+3)
}
