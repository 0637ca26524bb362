package build

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/layerlab/layerlab/sim/tree"
)

// writeRecordedContext is the context that testdata/recorded.txtar was recorded
// with: links inside and out, a hard link, odd modes, two old times.
func (l *lab) writeRecordedContext() {
	l.now = time.Date(2026, 11, 23, 7, 45, 15, 536438714, time.UTC)
	l.write("d/a.txt", "1\n", "d/sub/b.txt", "2\n", "d/sub/deep/", "", "d/link -> a.txt", "", "d/dang -> /nowhere", "", "d/dlink -> sub", "",
		"topl -> d", "", "esc -> ../../../../etc", "", "one.cfg", "x\n", "two.cfg", "y\n", "e/n", "n\n", "e/z/", "", ".hid/h", "h\n",
		"run.sh", "#!/bin/sh\necho run\n", "empty/", "")
	v := l.host.Root()
	if err := v.Link("/ctx/d/a.txt", "/ctx/d/hard"); err != nil {
		l.t.Fatal(err)
	}
	l.chmod("d/sub", 0o700).chmod("two.cfg", 0o4755).chmod("run.sh", 0o755).chmod("empty", 0o1777)
	old := tree.TimeOf(time.Date(2001, 1, 1, 0, 0, 0, 0, time.UTC))
	for _, p := range []string{"/ctx/one.cfg", "/ctx/d/sub"} {
		if err := v.Utimes(p, old); err != nil {
			l.t.Fatal(err)
		}
	}
}

// What a real engine built of the same files, layer by layer. The model busybox
// of the catalogue has the names, modes and times of the real one, so that layers
// above it are the same; with the real one the whole image is.
func TestRecordedDigests(t *testing.T) {
	a, err := txtar.ParseFile("testdata/recorded.txtar")
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i+1 < len(a.Files); i += 2 {
		name, _ := strings.CutSuffix(a.Files[i].Name, ".Dockerfile")
		want := strings.Fields(string(a.Files[i+1].Data))
		message := strings.TrimSpace(string(a.Files[i+1].Data))
		t.Run(name, func(t *testing.T) {
			l := newLab(t)
			real := os.Getenv(baseEnv) != ""
			if real {
				l.withBusybox()
			} else {
				l.withModel()
			}
			l.writeRecordedContext()
			l.b.NewRef = func() string { return "REF" }
			l.write("Dockerfile", string(a.Files[i].Data))
			res, err := l.try(Options{BuildArgs: map[string]*string{"SOURCE_DATE_EPOCH": ptr("1700000000")}, RewriteTimestamp: true})
			if err != nil {
				if got := "ERROR " + strings.ReplaceAll(err.Error(), "REF::REF", "REF"); got != message {
					t.Errorf("got  %s\nwant %s\n%s", got, message, l.plain(err))
				}
				return
			}
			got := []string{}
			base := 0
			if len(l.images) > 0 && res.Layers[0].DiffID == l.images["docker.io/library/busybox:1.36"].Layers[0].DiffID {
				base = 1
			}
			for _, h := range res.Layers[base:] {
				got = append(got, h.DiffID.String())
			}
			if diff := cmp.Diff(want[1:], got); diff != "" {
				t.Errorf("DiffIDs (-Docker +ours):\n%s\n%q", diff, made(res, base))
			}
			if real && res.Image.Digest.String() != want[0] {
				t.Errorf("manifest %s, want %s", res.Image.Digest, want[0])
			}
		})
	}
}
