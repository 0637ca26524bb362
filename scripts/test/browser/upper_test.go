//go:build browser

package browser_test

import (
	"strings"
	"testing"

	"github.com/layerlab/layerlab/scripts/internal/chrome"
)

func TestAnUpperDirectoryIsSeenStoredAndShipped(t *testing.T) {
	page := openBench(t)
	page.Find("button", "Upper directory of web").Click()
	upper := page.Find("region", "Upper directory")
	kernel := upper.Find("grid", "As the kernel stores it")
	kernel.Find("row", "c--------- 2 0:0 0, 0…app/deps.txt…")
	kernel.Find("row", "…app/app.txt…copied up, open for writing, from…")
	tar := upper.Find("grid", "As the tar that would ship it")
	tar.Find("row", "…app/.wh.deps.txt…").Click()
	if row := kernel.Find("row", "…app/deps.txt…"); !chrome.Call[bool](row, `function() { return this.getAttribute("aria-selected") == "true" }`) {
		t.Error("the whiteout of the other side is not selected")
	}
	page.Text("status", "Why the sides differ", "an empty file .wh.NAME")
	page.Screenshot("upper directory")

	// It follows the terminal, and the digest is that of a commit.
	command(page, "docker exec web sh -c 'rm -rf /etc/network; mkdir -p /etc/network; touch made'; echo ready", "ready")
	tar.Again().Find("row", "…app/made")
	digest := ""
	page.Until("the digest is there", func() bool {
		_, after, found := strings.Cut(upper.Again().Text(), "sha256:")
		if found && len(after) >= 64 {
			digest = after[:64]
		}
		return found
	})
	command(page, "docker commit web kept:1 >/dev/null; docker image inspect -f '{{json .RootFS.Layers}}' kept:1", digest)
}

func TestAnUpperDirectoryByKeyboardAlone(t *testing.T) {
	page := openBench(t)
	page.TabTo("button", "Upper directory of web")
	page.Press("Enter")
	page.Until("the kernel's side has the focus", func() bool { return page.Focused().Name == "As the kernel stores it" })
	page.Press("ArrowDown", "ArrowDown", "ArrowDown", "ArrowDown")
	page.Text("status", "Why the sides differ", "Whiteout")
	page.Press("ArrowRight")
	page.Until("the tar's side has the focus", func() bool { return page.Focused().Name == "As the tar that would ship it" })
	page.Press("Escape")
	page.Find("treegrid", "Files of the container web")
}

func TestANewContainerHasAnEmptyUpperDirectory(t *testing.T) {
	page := openBench(t)
	page.Find("button", "Run ▸").Click()
	page.Find("button", "Upper directory of web2").Click()
	page.Find("region", "Upper directory").Says("Nothing written yet: the upper directory is empty.", "docker exec web2")
}

func TestALookupIsPlayedBackLayerByLayer(t *testing.T) {
	page := openBench(t)
	page.Find("button", "Look it up").Click()
	page.Find("textbox", "Path to look up").Fill("/app/deps.txt")
	page.Press("Enter")
	look := page.Find("region", "Look-up of /app/deps.txt")
	look.Says("whiteout in upper: it was deleted, the search ends", "ENOENT, No such file or directory")
	look.Find("textbox", "Path to look up").Fill("/app/bundle.txt")
	page.Press("Enter")
	look = page.Find("region", "Look-up of /app/bundle.txt")
	look.Says("not in upper; whiteout? no", "here, in layer 6: a file of 21 B, the search ends")
	page.Until("it is played to the end", func() bool { return page.Has("button", "Play") })
	page.Text("status", "Step of the look-up", "process sees what layer 6 has")
	look.Find("button", "Previous step").Click()
	page.Text("status", "Step of the look-up", "in layer 6: a file of 21 B")
	page.Find("list", "Steps of the look-up of /app/bundle.txt").Press("Home")
	page.Text("status", "Step of the look-up", "in upper: a directory")
	page.Screenshot("look-up")
	look.Find("button", "Close the look-up").Click()
	page.Gone("region", "Look-up of …")
}

func TestALookupWithoutMotionIsAList(t *testing.T) {
	page := chrome.OpenWith(t, base+"/", chrome.Options{Reduced: true})
	page.Find("button", "Container web…deleted /app/deps.txt…")
	page.Find("button", "Look it up").Click()
	page.Find("region", "Look-up of /app/app.txt").Says("here, in upper: a file of 17 B")
	page.Text("status", "Step of the look-up", "process sees what upper has")
}

func TestWhatWritesCostIsAddedUp(t *testing.T) {
	page := openBench(t)
	cost := page.Find("region", "What the writes of web cost")
	cost.Says("You changed 5 bytes of the image’s files; 12 bytes were copied up", "1 whiteout hides 9 bytes and frees none")
	command(page, "docker exec web sh -c 'printf x >> /bin/busybox'")
	cost.Again().Says("You changed 6 bytes", "1,982,268 bytes were copied up")
	cost.Find("button", "Show each").Click()
	page.Find("list", "What was copied up and hidden, oldest first").Says("/bin/busybox", "1,982,256 bytes", "open for writing, 1 byte written")
	page.Screenshot("what writes cost")
}
