//go:build browser

package browser_test

import (
	"strings"
	"testing"

	"github.com/layerlab/layerlab/scripts/internal/chrome"
)

// recorder keeps what the page said of a build while it went on: the panel's text
// and the names of the plates, each as often as it changed.
const recorder = `
	globalThis.seen = [];
	new MutationObserver(() => {
		for (const e of document.querySelectorAll('section[aria-label^="Building"], button[aria-label^="Layer "]')) {
			const text = e.tagName === "SECTION" ? e.innerText.replaceAll(/\s+/g, " ") : e.getAttribute("aria-label");
			if (!seen.includes(text)) seen.push(text);
		}
	}).observe(document, {subtree: true, childList: true, attributes: true, characterData: true});`

// openMoving opens the page for a person who likes to see things move.
func openMoving(t *testing.T) *chrome.Page {
	t.Helper()
	page := chrome.OpenWith(t, base+"/", chrome.Options{Script: recorder})
	page.Find("button", "Container web…deleted /app/deps.txt…")
	return page
}

func TestABuildIsSeenWhileItGoesOn(t *testing.T) {
	page := openMoving(t)
	command(page, "for i in 1 2 3 4 5 6; do echo $i > file$i.txt; done; docker build -q -t first -f- . <<< $'FROM busybox:1.36\\nCOPY deps.txt /\\nCOPY *.txt /' >/dev/null; echo again > app.txt; echo ready", "ready")
	page.Find("textbox", "Dockerfile").Fill("FROM busybox:1.36\nCOPY deps.txt /\nCOPY *.txt /")
	page.Find("button", "Build ▸").Click()
	page.Find("button", "Layer 3 of 3, COPY *.txt /…new")
	seen := strings.Join(chrome.Eval[[]string](page, "seen"), "\n")
	for _, want := range []string{
		"Layer 3 of 3, COPY *.txt /, waits for its turn",
		"Layer 2 of 3, COPY deps.txt /, reused, ", ", digest ",
		"Layer 3 of 3, COPY *.txt /, its key is compared",
		"Layer 3 of 3, COPY *.txt /, filling, ",
		"Layer 3 of 3, COPY *.txt /, frozen, ",
		"step 2 of 2 · line 3", "app.txt", "deps.txt", "and 4 more", "8 files, ", "from the build context",
	} {
		if !strings.Contains(seen, want) {
			t.Errorf("%q was not to be seen; what was:\n%s", want, seen)
		}
	}
}

func TestAKeyIsComparedBeforeTheStepRuns(t *testing.T) {
	page := openMoving(t)
	command(page, "echo changed > app.txt")
	page.Find("button", "Build ▸").Click()
	page.Find("list", "What the last build did").Says("COPY app.txt .: built")
	seen := strings.Join(chrome.Eval[[]string](page, "seen"), "\n")
	for _, want := range []string{"same key: reused", "✓ same: starts from, instruction", "≠ another key: runs", "≠ app.txt changed (sha256 ", "starts from ≠ another", "❄ frozen"} {
		if !strings.Contains(seen, want) {
			t.Errorf("%q was not to be seen; what was:\n%s", want, seen)
		}
	}
}

// endless is a step that writes a file and then runs until it is stopped.
const endless = "FROM busybox:1.36\nCOPY app.txt /\nRUN echo half > /half.txt; while true; do sha256sum /bin/busybox; done > /dev/null"

func TestALongStepIsSeenAndStopped(t *testing.T) {
	page := openBench(t)
	page.Find("textbox", "Dockerfile").Fill(endless)
	page.Find("button", "Build ▸").Click()
	panel := page.Find("region", "Building app:2")
	panel.Says("step 2 of 2 · line 3", "takes", "no files", "≠ ", "/half.txt", "1 file, 5 B")
	page.Find("button", "Layer 3 of 3, RUN echo half > /half.txt; while true; do sha256sum /bin/busybox; done > /dev/null, filling, 1 file, 5 B")
	page.Find("button", "Layer 2 of 3, COPY app.txt /, frozen, 8.19 kB, digest…")
	page.Find("list", "What the build is doing").Says("COPY app.txt /: built", "runs")
	page.Screenshot("a step that runs")
	panel.Find("button", "Stop the build").Click()
	page.Gone("region", "Building…")
	page.Text("status", "What happened", "The build was stopped")
	page.Find("button", "Build ▸")
	page.Find("button", "Layer 6 of 6, RUN cat app.txt installed.txt > bundle.txt…") // as before
	page.Find("button", "Container web on app:2, running…")
	page.Find("list", "What the last build did").Says("COPY app.txt /: built")
}

func TestTheBuildButtonAndTheKeyboardStopABuild(t *testing.T) {
	page := openBench(t)
	page.Find("textbox", "Dockerfile").Fill(endless)
	page.TabTo("button", "Build ▸")
	page.Press("Enter")
	page.Find("button", "Layer 3 of 3…filling, 1 file, 5 B")
	page.Until("the button stops", func() bool { return page.Focused().Name == "Stop ■" })
	page.Press("Enter")
	page.Gone("region", "Building…")
	page.Find("button", "Build ▸")
}

func TestWhatFailsBreaksOff(t *testing.T) {
	page := openBench(t)
	page.Find("textbox", "Dockerfile").Fill("FROM busybox:1.36\nCOPY app.txt /\nRUN echo half > /half; cat /nothere\nRUN echo never")
	page.Find("button", "Build ▸").Click()
	page.Find("button", "Layer 3 of 4, RUN echo half > /half; cat /nothere, broke off, nothing of it is kept")
	page.Find("button", "Layer 2 of 4, COPY app.txt /, frozen…")
	page.Find("button", "Layer 4 of 4, RUN echo never, waits for its turn")
	page.Find("alert", "").Says("Line 3, ", "exit code: 1")
	page.Screenshot("broke off")
	page.Find("region", "Not finished: app:2").Find("button", "Close what is left of the build").Click()
	page.Find("button", "Layer 6 of 6, RUN cat app.txt installed.txt > bundle.txt…")
	page.Gone("region", "Not finished…")
}
