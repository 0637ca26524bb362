//go:build browser

package browser_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/layerlab/layerlab/scripts/internal/chrome"
)

// course is a page of another origin with the lab in the middle of it.
const course = `<!DOCTYPE html><html lang="en"><title>Course</title>
<p style="height: 600px"><label>Name <input autofocus></label></p>
<iframe title="Layer Lab" src="%s/?embed=1" sandbox="%s" style="width: 100%%; height: 500px"></iframe>
<p style="height: 600px">The end</p>
<script>
globalThis.heard = [];
addEventListener("message", (e) => { heard.push(e.data); document.body.dataset.heard = heard.length; });
</script></html>`

func TestEmbeddedInAPageOfAnotherOrigin(t *testing.T) {
	for name, sandbox := range map[string]string{
		"storage blocked": "allow-scripts",
		"same origin":     "allow-scripts allow-same-origin",
	} {
		t.Run(name, func(t *testing.T) {
			host := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Content-Type", "text/html; charset=utf-8")
				fmt.Fprintf(w, course, base, sandbox)
			}))
			defer host.Close()
			page := chrome.OpenWith(t, host.URL, chrome.Options{Raw: true})
			page.Expect("favicon")
			page.Until("the embedded program runs", func() bool {
				return chrome.Eval[bool](page, `heard.some(m => m.type === "layerlab:ready")`)
			})
			page.Until("the embedded page tells its height", func() bool {
				return chrome.Eval[float64](page, `heard.filter(m => m.type === "layerlab:height").at(-1)?.height ?? 0`) > 100
			})
			if got := chrome.Eval[string](page, `document.activeElement.tagName`); got != "INPUT" {
				t.Errorf("the focus went to %s", got)
			}
			if y := chrome.Eval[float64](page, `scrollY`); y != 0 {
				t.Errorf("the page around scrolled to %v", y)
			}
			page.Screenshot("embed " + name)
		})
	}
}
