package state

import (
	"bytes"
	"path"
	"strings"
	"testing"

	"github.com/layerlab/layerlab/sim/content"
	"github.com/layerlab/layerlab/sim/engine"
	"github.com/layerlab/layerlab/web/action"
	"github.com/layerlab/layerlab/web/browser"
)

// saved is a page whose engine has no image any more, and what docker save wrote
// of the first screen's.
func saved(t *testing.T) (*page, []byte) {
	t.Helper()
	p := open(t, &browser.Stub{})
	p.do(action.RunLine{Line: "docker save -o all.tar app:2 && docker rm -f web && docker rmi app:1 app:2 busybox:1.36"})
	b, err := p.r.engine.ReadFile(path.Join(engine.Project, "all.tar"))
	if err != nil {
		t.Fatal(err)
	}
	if n := len(p.s.World.Images); n != 0 {
		t.Fatalf("%d images are left", n)
	}
	return p, b
}

func give(name string, b []byte) FilesGiven {
	return FilesGiven{Files: []browser.File{browser.StubFile{Random: content.Bytes(b).(content.Random), FilePath: name}}}
}

func TestAnArchiveThatIsDroppedComesIntoTheEngine(t *testing.T) {
	p, b := saved(t)
	p.take(give("app.tar", b))
	if got := len(p.s.Opening.Archives); got != 1 {
		t.Fatalf("%d archives are being opened", got)
	}
	p.until("its layers are on the screen", func() bool { return p.s.Shown() != nil })
	if im := p.s.Shown(); im.Name() != "app:2" || len(im.Layers) != 6 || len(im.Rows) < 7 {
		t.Errorf("shown is %q with %d layers and %d rows", im.Name(), len(im.Layers), len(im.Rows))
	}
	p.until("the engine has it", func() bool { return len(p.s.World.Images) == 1 && len(p.s.Opening.Archives) == 0 })
	for _, l := range p.s.Shown().Layers {
		if l.Progress == nil || l.Progress.State != Verified {
			t.Errorf("layer %d is not verified: %+v", l.Number, l.Progress)
		}
	}
	if p.s.Shown().ID != p.s.World.Images[0].ID {
		t.Errorf("shown is %s", p.s.Shown().ID)
	}
	if !strings.Contains(p.s.Said.Text, "all digests verified") {
		t.Errorf("said %q", p.s.Said.Text)
	}
	p.do(action.Undo{})
	if n := len(p.s.World.Images); n != 0 {
		t.Errorf("after undo there are %d images", n)
	}
	p.do(action.RunLine{Line: "docker load -i app.tar"})
	if e := p.s.Term.Entries[len(p.s.Term.Entries)-1]; !strings.Contains(e.Output, "Loaded image: app:2") {
		t.Errorf("docker load said %q", e.Output)
	}
}

func TestALayerWithAFlippedByteIsShownAndRefused(t *testing.T) {
	for name, find := range map[string]func([]byte) int{
		"in the middle":               func(b []byte) int { return len(b) / 2 },
		"where it says that it is gz": func(b []byte) int { return bytes.Index(b, []byte("\x1f\x8b\x08")) },
	} {
		t.Run(name, func(t *testing.T) { flipped(t, find) })
	}
}

func flipped(t *testing.T, find func([]byte) int) {
	p, b := saved(t)
	b = bytes.Clone(b)
	b[find(b)] ^= 0xff
	p.take(give("bad.tar", b))
	p.until("it is refused", func() bool {
		return len(p.s.Opening.Archives) == 1 && p.s.Opening.Archives[0].Stage == Refused
	})
	a := p.s.Opening.Archives[0]
	if !strings.Contains(a.Err, "does not match: expected sha256:") || !strings.Contains(a.Err, ", got sha256:") {
		t.Errorf("it says %q", a.Err)
	}
	bad := 0
	for _, l := range a.Images[0].Layers {
		if l.Progress.State == Mismatch {
			bad++
		} else if l.Progress.State != Verified {
			t.Errorf("layer %d: %+v", l.Number, l.Progress)
		}
	}
	if bad != 1 {
		t.Errorf("%d layers do not match", bad)
	}
	if len(p.s.World.Images) != 0 {
		t.Error("the engine took it")
	}
	p.do(action.CancelOpening{ID: a.ID})
	if p.s.Shown() != nil {
		t.Errorf("still shown: %s", p.s.Shown().ID)
	}
}

func TestAFileThatIsNoImageSaysWhatItIs(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"photo.png": {"\x89PNG\r\n\x1a\n" + strings.Repeat("\x00", 600), "is a PNG picture"},
		"empty.tar": {"", "is empty"},
		"page.html": {"<!doctype html><html>" + strings.Repeat(" ", 600), "HTML"},
	} {
		p := open(t, &browser.Stub{})
		shown := p.s.Shown().ID
		p.take(give(name, []byte(c.text)))
		p.until("it is told", func() bool { return len(p.s.Opening.Archives) == 1 && p.s.Opening.Archives[0].Stage == NoImage })
		if got := p.s.Opening.Archives[0].Err; !strings.Contains(got, name) || !strings.Contains(got, c.want) {
			t.Errorf("%s: %q", name, got)
		}
		if p.s.Shown().ID != shown || len(p.s.World.Images) != 3 {
			t.Errorf("%s: what was there is gone", name)
		}
	}
}

func TestWhatWasDeletedIsFoundAndRead(t *testing.T) {
	p := open(t, &browser.Stub{})
	p.do(action.RunLine{Line: "docker commit web gone:1"})
	p.do(action.SelectImage{ID: p.s.World.Images[0].ID}, action.ShowFiles{Mode: "merged"}, action.FilterFiles{Text: "DEPS"})
	p.until("nothing is found", func() bool { return p.s.Files.Found.Done })
	if n := len(p.s.Files.Rows); n != 0 {
		t.Errorf("a filter with capitals found %d paths", n)
	}
	p.do(action.FilterFiles{Text: "*eps.txt"})
	p.until("it is found", func() bool { return p.s.Files.Found.Done })
	if len(p.s.Files.Rows) != 1 || p.s.Files.Rows[0].Path != "/app/deps.txt" || p.s.Files.Rows[0].Mark != 'D' {
		t.Fatalf("found %+v", p.s.Files.Rows)
	}
	p.do(action.MoveInFiles{Key: "down"}, action.MoveInFiles{Key: "enter"})
	p.until("it is read", func() bool { return p.s.Files.Contents != nil && !p.s.Files.Contents.Reading })
	if c := p.s.Files.Contents; c.Shown != "left-pad\n" || c.Form != "text" || c.Layer != 2 {
		t.Errorf("contents %+v", c)
	}
	p.do(action.ContentsAs{Form: "hex"})
	p.until("it is shown in hex", func() bool { return p.s.Files.Contents.Form == "hex" })
	if c := p.s.Files.Contents; !strings.HasPrefix(c.Shown, "00000000  6c 65 66 74 2d 70 61 64  0a") {
		t.Errorf("hex %q", c.Shown)
	}
	p.do(action.DownloadVersion{Layer: 2})
	p.until("it is downloaded", func() bool { return string(p.b.Downloads["deps.txt"]) == "left-pad\n" })
}
