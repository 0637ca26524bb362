//go:build browser

package browser_test

import (
	"testing"

	"github.com/layerlab/layerlab/scripts/internal/chrome"
)

const foreseen = "FROM busybox:1.36 AS a\nWORKDIR /app\nCOPY app.txt .\nRUN cat app.txt > out.txt\nFROM busybox:1.36\nCOPY deps.txt /\nCOPY --from=a /app/out.txt /"

func TestWhatWouldChangeIsSaidWhileOneTypes(t *testing.T) {
	page := openBench(t)
	page.Find("textbox", "Dockerfile").Fill(foreseen)
	page.Find("button", "Build ▸").Click()
	page.Find("list", "What the last build did").Says("COPY --from=a /app/out.txt /: built")
	page.TabTo("button", "What would change?")
	page.Press("Enter")
	would := page.Find("list", "What the next build would do")
	would.Says("COPY app.txt .: would hit", "COPY --from=a /app/out.txt /: would hit")
	page.Text("status", "What would change", "5 hits, 0 misses. Nothing was run.")

	// A key is pressed, and the answer is another one.
	page.Find("textbox", "Dockerfile").Press("Control+Home", "ArrowDown", "ArrowDown", "End", "ArrowDown", "End")
	page.Type("x")
	would.Again().Says("RUN cat app.txt > out.txtx: would miss", "the text of the step changed", "known after line 4", "COPY deps.txt /: would hit")
	page.Screenshot("what would change")
	page.Text("status", "What would change", "1 miss, 1 not known yet")
	page.Find("button", "What would change?").Click()
	page.Find("list", "What the last build did")
}

func TestTheFilesOfAKeyAreShown(t *testing.T) {
	page := openBench(t)
	page.Find("textbox", "Dockerfile").Fill("FROM busybox:1.36\nCOPY *.txt /")
	page.Find("button", "Build ▸").Click()
	page.Find("list", "What the last build did").Says("COPY *.txt /: built")
	page.TabTo("button", "Cache key")
	page.Press("Enter")
	key := page.Find("region", "Cache key of line 2")
	files := key.Find("table", "Files in the key")
	files.Says("app.txt", "644", "0:0", "12 B")
	command(page, "echo changed > app.txt; chmod 755 deps.txt; touch new.txt; docker build -q -t app . >/dev/null; echo built", "built")
	key = page.Find("region", "Cache key of line 2")
	key.Says("app.txt", "was 12 B, sha256", "changed", "mode 644", "added")
	page.Screenshot("cache key")
	page.Find("button", "Switch to the dark look").Click()
	page.Resize(1024, 768)
	page.Screenshot("cache key, dark and not wide")
	page.Resize(390, 844)
	page.Find("button", "Steps").Click()
	page.Screenshot("cache key, dark and narrow")
	key.Find("button", "Close the cache key").Click()
	page.Gone("region", "Cache key…")
}

// Each of these is wrong in one line. The terminal has it as Docker prints it.
func TestAMistakeIsShownAtItsLine(t *testing.T) {
	page := openBench(t)
	for _, tc := range []struct {
		name, file string
		line       string
		says       string // at the line
		prints     string // in the terminal
	}{
		{"unknown instruction", "FROM busybox:1.36\nRUNN echo hi", "2", "unknown instruction: RUNN (did you mean RUN?)", "Dockerfile:2"},
		{"no FROM", "RUN echo hi", "1", "no build stage in current context", "Dockerfile:1"},
		{"unknown flag", "FROM busybox:1.36\nCOPY --chowm=1 app.txt /", "2", "unknown flag: --chowm (did you mean chown?)", "Dockerfile:2"},
		{"missing file", "FROM busybox:1.36\nWORKDIR /app\nCOPY nothere.txt .", "3", `"/nothere.txt": not found`, ">>> COPY nothere.txt ."},
		{"unknown stage", "FROM busybox:1.36\nCOPY --from=builder /a /b", "2", "builder", "Dockerfile:2"},
		{"circle of stages", "FROM busybox:1.36 AS a\nCOPY --from=b /x /\nFROM busybox:1.36 AS b\nCOPY --from=a /y /", "2", "circular dependency detected on stage", "failed to solve"},
		{"variable modifier", "FROM busybox:1.36\nENV A=${B:x}", "2", "unsupported modifier", "Dockerfile:2"},
		{"open here-document", "FROM busybox:1.36\nRUN <<EOF\necho hi", "2", "unterminated heredoc", "Dockerfile:2"},
		{"ARG without a name", "FROM busybox:1.36\nARG =x", "2", "ARG names can not be blank", "Dockerfile:2"},
		{"WORKDIR of two", "FROM busybox:1.36\nWORKDIR", "2", "WORKDIR requires exactly one argument", "Dockerfile:2"},
		{"bad mode", "FROM busybox:1.36\nCOPY --chmod=rwx app.txt /", "2", "invalid syntax", "Dockerfile:2"},
		{"bad port", "FROM busybox:1.36\nEXPOSE eighty", "2", "invalid containerPort: eighty", ">>> EXPOSE eighty"},
		{"two of one name", "FROM busybox:1.36 AS a\nFROM busybox:1.36 AS a\nCOPY --from=b /x /", "3", "did you mean a?", "Dockerfile:3"},
		{"a program that fails", "FROM busybox:1.36\nRUN echo before\nRUN cat /nothere", "3", `process "/bin/sh -c cat /nothere" did not complete successfully: exit code: 1`, ">>> RUN cat /nothere"},
		{"ONBUILD of FROM", "FROM busybox:1.36\nONBUILD FROM alpine", "2", "FROM isn't allowed as an ONBUILD trigger", "Dockerfile:2"},
		{"exec form that is no JSON", "FROM busybox:1.36\nRUN [\"echo\", 'hi']", "2", "exit code: 127", "Dockerfile:2"},
		{"unknown image", "FROM nosuchimage:9", "1", "nosuchimage:9", "Dockerfile:1"},
		{"empty continuation, then nonsense", "FROM busybox:1.36\nRUN echo a \\\n\n  b\nNOPE", "5", "unknown instruction: NOPE (did you mean COPY?)", ">>> NOPE"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			page.Find("textbox", "Dockerfile").Fill(tc.file)
			page.Find("textbox", "Command").Type("clear\n")
			page.Find("button", "Build ▸").Click()
			alert := page.Find("alert", "")
			alert.Says("Line "+tc.line+", ", tc.says)
			if got := chrome.Eval[[]string](page, `[...document.querySelectorAll(".code > div[data-kind=bad]")].map(e => [...e.parentNode.children].indexOf(e) + 1 + " " + e.dataset.chip + " " + e.dataset.why)`); len(got) != 1 || got[0][:len(tc.line)+1] != tc.line+" " {
				t.Errorf("marked are %q, not line %s", got, tc.line)
			}
			if got := chrome.Eval[string](page, `(e => e.getAttribute("aria-invalid") + " " + document.getElementById(e.getAttribute("aria-describedby")).textContent)(document.getElementById("dockerfile"))`); got == "" || got[:5] != "true " {
				t.Errorf("the textbox says of itself: %q", got)
			}
			page.Find("log", "Terminal output").Says("ERROR: failed to build: failed to solve", tc.prints)
			t.Log(alert.Text())
		})
	}
	page.Screenshot("mistake")
}

func TestTwoBuildsSideBySide(t *testing.T) {
	page := openBench(t)
	page.TabTo("button", "Side by side")
	page.Press("Enter")
	page.Text("status", "What differs", "They share 4 layers.", "app.txt changed")
	page.Find("list", "Layers of both, the lowest first").Says("one layer, stored once", "From here on they differ", "RUN cat app.txt installed.txt > bundle.txt")
	page.Screenshot("side by side")
	page.Resize(390, 844)
	page.Screenshot("side by side, narrow")
	page.Find("combobox", "Former build")
}
