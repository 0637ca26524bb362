package view

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/opencontainers/go-digest"

	"github.com/layerlab/layerlab/sim/archive"
	"github.com/layerlab/layerlab/sim/content"
	"github.com/layerlab/layerlab/sim/image"
	"github.com/layerlab/layerlab/sim/inspect"
	"github.com/layerlab/layerlab/sim/layer"
	"github.com/layerlab/layerlab/sim/tree"
	"github.com/layerlab/layerlab/web/action"
	"github.com/layerlab/layerlab/web/state"
)

// looked is a page that shows an image of four layers: a file and a directory,
// nothing, the file overwritten and the directory deleted, nothing.
func looked() state.State {
	file := func(n int64) tree.Inode { return tree.Inode{Mode: tree.Regular | 0o4755, Body: content.Zero(n)} }
	dir := tree.Inode{Mode: tree.Directory | 0o755}
	var t [4]*tree.Tree
	for i := range t {
		t[i] = tree.New(tree.Time{})
	}
	t[0].Add(tree.Root, "f", file(100))
	t[0].Add(t[0].MkdirAll("/d", dir), `<img src=x onerror="alert(1)">`, file(5000))
	t[2].Add(tree.Root, "f", file(30))
	t[2].Add(tree.Root, "d", tree.Whiteout(tree.Time{}))
	im := &state.Image{ID: "sha256:im", Names: []string{"im:1"}}
	for i, x := range t {
		im.Layers = append(im.Layers, &state.Layer{Number: i + 1, Layer: &layer.Layer{Tree: x}})
	}
	return reduce(state.New(state.Start{}), state.WorldRead{World: &state.World{Images: []*state.Image{im}}})
}

func xrayText(s state.State) string {
	x := NewFiles(&s).XRay
	out := x.Path + ": " + x.Verdict + "; " + x.Dead + "\n"
	for _, l := range x.Layers {
		out += fmt.Sprintf("%s %s | %s | read %v\n", l.Tag.Text, l.What, l.Right, l.Readable)
	}
	return out
}

func TestAnXRayNamesEveryLayer(t *testing.T) {
	s := reduce(looked(), action.SelectPath{Path: "/f"})
	want := `/f: seen as in layer 3; 100 B dead
4 not in 4 | ` + ` | read false
3 seen: 30 B | wins | read true
2 not in 2 |  | read false
1 100 B, overwritten by 3 | hidden | read true
`
	if got := xrayText(s); got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
	want = `/d: deleted by layer 3; 5 kB dead
4 not in 4 |  | read false
3 whiteout: deleted here | deletes | read false
2 not in 2 |  | read false
1 directory, deleted (whiteout) by 3, 5 kB dead below | hidden | read false
`
	if got := xrayText(reduce(s, action.SelectPath{Path: "/d"})); got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
}

func TestRowsAreEscapedAndSaid(t *testing.T) {
	s := reduce(looked(), action.ToggleDeleted{}, action.TogglePath{Path: "/d"})
	v := NewFiles(&s)
	var got []string
	for _, r := range v.Rows {
		got = append(got, fmt.Sprintf("%d/%d level %d: %s | %s | %s | %s | %s | %s", r.Pos, r.Size, r.Level, r.Spoken(), r.Bytes, r.Mode, r.ModeLong, r.Owner, r.Tag.Said))
	}
	want := []string{
		`1/2 level 1: d/, deleted | 1 name | 755 | drwxr-xr-x | 0:0 | layer 1`,
		`1/1 level 2: <img src=x onerror="alert(1)">, deleted | 5 kB | 4755 | -rwsr-xr-x | 0:0 | layer 1`,
		`2/2 level 1: f | 30 B | 4755 | -rwsr-xr-x | 0:0 | layer 3`,
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	h := RowsHTML(v.Rows, v.First)
	if strings.Contains(h, "<img") || strings.Contains(h, `onerror="`) || !strings.Contains(h, "&lt;img src=x onerror=&#34;alert(1)&#34;&gt;") {
		t.Errorf("a name is not escaped: %s", h)
	}
	for _, part := range []string{`id="file-0" role="row" aria-rowindex="2" aria-level="1" aria-setsize="2" aria-posinset="1" aria-selected="true" aria-expanded="true"`, `class="frow d2 gone"`, `class="ltag h85" aria-label="layer 1"`} {
		if !strings.Contains(h, part) {
			t.Errorf("%s is not in %s", part, h)
		}
	}
	if v.Active != "file-0" {
		t.Errorf("active is %q", v.Active)
	}
}

func TestEveryColourAndIndentHasItsClass(t *testing.T) {
	css, err := os.ReadFile("../../assets/files.css")
	if err != nil {
		t.Fatal(err)
	}
	for n := 0; n <= len(hues); n++ {
		if want := fmt.Sprintf(".h%d { --h: %d; }", Hue(n), Hue(n)); !strings.Contains(string(css), want) {
			t.Errorf("no %s", want)
		}
	}
	for n := 2; n <= MaxIndent; n++ {
		if !strings.Contains(string(css), fmt.Sprintf(".d%d { --indent: ", n)) {
			t.Errorf("no class for level %d", n)
		}
	}
}

func TestOnlyRowsInSightAreLaidOut(t *testing.T) {
	big := tree.New(tree.Time{})
	for i := range 20000 {
		big.Add(tree.Root, fmt.Sprintf("%05d", i), tree.Inode{Mode: tree.Regular})
	}
	im := &state.Image{ID: "sha256:im", Layers: []*state.Layer{{Number: 1, Layer: &layer.Layer{Tree: big}}}}
	s := reduce(state.New(state.Start{}), state.WorldRead{World: &state.World{Images: []*state.Image{im}}})
	for _, first := range []int{0, 7, 10000, 19990} {
		s = reduce(s, action.ScrollFiles{First: first, Fit: 30})
		v := NewFiles(&s)
		if len(v.Rows) > MaxRows || v.Count != 20000 || v.First > first || v.First+len(v.Rows) < min(first+30, 20000) {
			t.Errorf("at %d: %d rows from %d of %d", first, len(v.Rows), v.First, v.Count)
		}
	}
}

func TestHowFarAFilterIs(t *testing.T) {
	s := reduce(looked(), action.FilterFiles{Text: "f"})
	if v := NewFiles(&s); v.Note != "looking…" || v.CanShow {
		t.Errorf("note %q", v.Note)
	}
	n := s.Files.Found.N
	s = reduce(s, state.FilesFound{N: n, Looked: 1234})
	if v := NewFiles(&s); v.Note != "0 paths so far, 1,234 looked at" {
		t.Errorf("note %q", v.Note)
	}
	s = reduce(s, state.FilesFound{N: n, Looked: 2000, Done: true})
	if v := NewFiles(&s); v.Note != "0 paths" || v.Empty != "No path matches “f”, deleted ones included." {
		t.Errorf("note %q, empty %q", v.Note, v.Empty)
	}
}

func TestTheOpeningOfAnArchiveInWords(t *testing.T) {
	s := reduce(bench(), state.FilesGiven{Files: nil, Zone: "context"})
	a := &state.Archive{ID: 1, Name: "x.tar", Size: 400, Total: 400e6}
	s.Opening.Archives = []*state.Archive{a}
	for _, c := range []struct {
		stage state.Stage
		done  int64
		want  string
	}{
		{state.Inflating, 40e6, "inflating it, 40 MB of 400 MB 10 Cancel"},
		{state.Finding, 0, "reading its index -1 Cancel"},
		{state.Checking, 100e6, "reading and checking its layers, 100 MB of 400 MB 25 Cancel"},
		{state.Loading, 400e6, "all digests verified, the engine takes it 100 Cancel"},
		{state.Refused, 0, "not in the engine, but open to be looked at -1 Close"},
		{state.NoImage, 0, "This is not an image that can be opened -1 Dismiss"},
	} {
		a.Stage, a.Done = c.stage, c.done
		x := NewOpening(&s).Archives[0]
		if got := fmt.Sprintf("%s %d %s", x.What, x.Percent, x.Close); got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
}

func TestImagesOfAnArchiveAreShownBeforeTheyAreRead(t *testing.T) {
	cfg := image.Config{}
	cfg.RootFS.Type = "layers"
	cfg.RootFS.DiffIDs = []digest.Digest{digest.FromString("a"), digest.FromString("b")}
	im, err := image.New(cfg, nil)
	if err != nil {
		im = &image.Image{Config: cfg}
	}
	found := archive.Image{Names: []string{"two:1"}, Image: im, Layers: []archive.Blob{{DiffID: cfg.RootFS.DiffIDs[0], StoredSize: 1000}, {DiffID: cfg.RootFS.DiffIDs[1], Missing: "blobs/sha256/b is not in the archive"}}}
	s := reduce(bench(), state.FilesGiven{Zone: "context"})
	s.Opening.Archives = []*state.Archive{{ID: 7, Name: "two.tar", Stage: state.Finding}}
	s = reduce(s, state.ArchiveFound{ID: 7, Archive: &archive.Archive{Images: []archive.Image{found}}})
	v := NewStack(&s)
	var got []string
	for _, p := range v.Items {
		got = append(got, p.Label)
	}
	want := "Layer 2 of 2, no history for this layer, it is not there: blobs/sha256/b is not in the archive\nLayer 1 of 2, no history for this layer, waits to be read"
	if strings.Join(got, "\n") != want {
		t.Errorf("got:\n%s\nwant:\n%s", strings.Join(got, "\n"), want)
	}
	if f := NewFiles(&s); f.Empty != "The layers are being read…" {
		t.Errorf("files: %q", f.Empty)
	}
	if len(v.Choices) != 2 || v.Choices[0].Name != "two:1" || !v.Choices[0].Now {
		t.Errorf("choices %v", v.Choices)
	}
}

func TestWasteIsSaidInWords(t *testing.T) {
	s := reduce(looked(), action.ShowView{Name: "images"})
	if v := NewImages(&s); !v.Waste.Busy || v.Name != "im:1" {
		t.Errorf("%+v", v.Waste)
	}
	s = reduce(s, state.WasteFound{ID: "sha256:im", Report: &inspect.Report{Bytes: 10000, Wasted: 5100,
		Layers: []inspect.Sum{{Layer: 0, Bytes: 9970, Dead: 5100, Causes: map[inspect.Cause]int64{inspect.WhitedOut: 5000, inspect.Overwritten: 100}}, {Layer: 2, Bytes: 30, Killed: 5100}},
		Dead:   []inspect.Dead{{Path: "/d/x", Layer: 0, Bytes: 5000, Cause: inspect.WhitedOut, By: 2}, {Path: "/f", Layer: 0, Bytes: 100, Cause: inspect.Overwritten, By: 2}}}})
	w := NewImages(&s).Waste
	if want := "49 % efficient: of 10 kB in its layers 5.1 kB are dead. They are stored and sent with every pull, and no process can see them."; w.Words != want {
		t.Errorf("%q", w.Words)
	}
	if l := w.Layers[1]; l.Tag.Text != "1" || l.Causes != "100 B overwritten and 5 kB deleted" || l.Share != 51 {
		t.Errorf("%+v", l)
	}
	if w.Layers[0].Killed != "hides 5.1 kB" {
		t.Errorf("%+v", w.Layers[0])
	}
	if d := w.Dead[0]; d.Path != "/d/x" || d.Cause != "deleted" || !d.Gone || d.By.Text != "3" || w.Dead[1].Gone {
		t.Errorf("%+v", w.Dead)
	}
}
