package state

import (
	"fmt"
	"strings"
	"testing"

	"github.com/layerlab/layerlab/sim/content"
	"github.com/layerlab/layerlab/sim/layer"
	"github.com/layerlab/layerlab/sim/overlay"
	"github.com/layerlab/layerlab/sim/tree"
	"github.com/layerlab/layerlab/web/action"
)

// plant makes a layer of lines: "d 755 /a", "f 644 /a/b 12", "w /a/c" (a whiteout),
// "o /a" (opaque).
func plant(lines ...string) *layer.Layer {
	t := tree.New(tree.Time{})
	for _, l := range lines {
		f := strings.Fields(l)
		p := f[len(f)-1]
		if f[0] == "f" {
			p = f[2]
		}
		i := strings.LastIndexByte(p, '/')
		dir := t.MkdirAll("/"+strings.Trim(p[:i], "/"), tree.Inode{Mode: tree.Directory | 0o755, Implied: true})
		switch f[0] {
		case "d":
			t.Add(dir, p[i+1:], tree.Inode{Mode: tree.Directory | 0o755})
		case "o":
			t.Add(dir, p[i+1:], tree.Inode{Mode: tree.Directory | 0o755, Opaque: true})
		case "w":
			t.Add(dir, p[i+1:], tree.Whiteout(tree.Time{}))
		case "f":
			n := 0
			fmt.Sscan(f[3], &n)
			t.Add(dir, p[i+1:], tree.Inode{Mode: tree.Regular | 0o644, Body: zeros(n)})
		}
	}
	return &layer.Layer{Tree: t}
}

// planted is a page that shows an image of the layers.
func planted(layers ...*layer.Layer) State {
	im := &Image{ID: "sha256:im", Names: []string{"im:1"}}
	for i, l := range layers {
		im.Layers = append(im.Layers, &Layer{Number: i + 1, Layer: l})
	}
	s, _ := Reduce(New(Start{}), WorldRead{World: &World{Images: []*Image{im}}})
	return s
}

// rows is the rows as text: mark, depth, name, size, layer.
func rows(s State) string {
	var b strings.Builder
	for i, r := range s.Files.Rows {
		mark, sel, open := " ", " ", " "
		if r.Mark != 0 {
			mark = string(r.Mark)
		}
		if i == s.Files.At {
			sel = ">"
		}
		if r.Expands() {
			open = "+"
			if r.Open {
				open = "-"
			}
		}
		fmt.Fprintf(&b, "%s%s%s%s%s %d #%d\n", sel, mark, strings.Repeat("  ", r.Level), open, r.Name, r.Node.Size(), r.Layer)
	}
	return b.String()
}

func do(s State, actions ...any) State {
	for _, a := range actions {
		s, _ = Reduce(s, a)
	}
	return s
}

func same(t *testing.T, what, got, want string) {
	t.Helper()
	want = strings.TrimPrefix(want, "\n")
	if got != want {
		t.Errorf("%s:\n%s\nwant:\n%s", what, got, want)
	}
}

// three layers: the second deletes and overwrites, the third makes a directory anew.
func three() State {
	return planted(
		plant("f 644 /a/one 10", "f 644 /a/two 20", "f 644 /old/x 5", "f 644 /old/sub/y 6", "f 644 /z 1"),
		plant("w /a/two", "f 644 /z 3"),
		plant("o /old", "f 644 /old/new 7", "w /nothing"))
}

func TestTheMergedTreeShowsWhatAProcessSees(t *testing.T) {
	s := do(three(), action.TogglePath{Path: "/a"}, action.TogglePath{Path: "/old"})
	same(t, "merged", rows(s), `
    -a 0 #2
       one 10 #1
>   -old 0 #3
       new 7 #3
     z 3 #2
`)
	same(t, "with what is deleted", rows(do(s, action.ToggleDeleted{})), `
    -a 0 #2
       one 10 #1
 D     two 20 #1
>   -old 0 #3
       new 7 #3
 D    +sub 0 #1
 D     x 5 #1
     z 3 #2
`)
	same(t, "by size", rows(do(s, action.SortFiles{By: "size"})), `
    -a 0 #2
       one 10 #1
>   -old 0 #3
       new 7 #3
     z 3 #2
`)
}

func TestALayerShowsItsOwnChanges(t *testing.T) {
	s := do(three(), action.SelectLayer{Number: 2})
	same(t, "layer 2", rows(s), `
    -a 0 #2
 D     two 20 #2
 M   z 3 #2
`)
	s = do(s, action.SelectLayer{Number: 3}, action.SelectPath{Path: "/old/sub"}, action.TogglePath{Path: "/old/sub"})
	same(t, "layer 3", rows(s), `
 D   nothing 0 #3
 M  -old 0 #3
 A     new 7 #3
>D    -sub 0 #3
 D       y 6 #3
 D     x 5 #3
`)
	if s.Stack.Layer != 3 || s.Files.Source.Layer != 3 {
		t.Error("the tree and the stack show different layers")
	}
	if s = do(s, action.ShowFiles{Mode: "merged"}); s.Stack.Layer != 0 {
		t.Error("the stack still has a layer selected")
	}
}

func TestTheKeysOfTheTree(t *testing.T) {
	s := three()
	at := func(want string, keys ...string) {
		t.Helper()
		for _, k := range keys {
			s = do(s, action.MoveInFiles{Key: k})
		}
		if s.Files.Selected != want {
			t.Errorf("after %v: %q, want %q", keys, s.Files.Selected, want)
		}
	}
	at("/a", "down")
	at("/a", "right")
	at("/a/one", "right")
	at("/a/one", "right")
	at("/a", "left")
	at("/a", "left")
	at("/old", "down")
	at("/z", "end", "down")
	at("/a", "home", "up")
	at("/old", "to:o")
	at("/old", "enter")
	at("/old/new", "down")
	at("/a", "pageup")
	at("/z", "pagedown")
	at("/z", "to:zzz")
}

func TestTheSelectedRowStaysInSight(t *testing.T) {
	var lines []string
	for i := range 20000 {
		lines = append(lines, fmt.Sprintf("f 644 /d/%05d 1", i))
	}
	s := do(planted(plant(lines...)), action.ScrollFiles{First: 0, Fit: 20}, action.TogglePath{Path: "/d"})
	for _, key := range []string{"end", "pageup", "up", "pagedown", "home", "to:15", "to:150", "to:1500", "to:15005"} {
		s = do(s, action.MoveInFiles{Key: key})
		if f := s.Files; f.At < f.First || f.At >= f.First+f.Fit {
			t.Errorf("%s: row %d is not among those from %d", key, f.At, f.First)
		}
	}
	if s.Files.Selected != "/d/15005" || s.Files.Rows[s.Files.At].Size != 20000 {
		t.Errorf("at %q", s.Files.Selected)
	}
}

// wayText is the answers of a look-up, "a 3:not there 2:directory", and its end.
func wayText(w *Way) string {
	var out []string
	for _, n := range w.Names {
		s := n.Path
		for _, a := range n.Asked {
			s += fmt.Sprintf(" %d:%s", a.Layer+1, a.Found)
		}
		if n.Target != "" {
			s += " -> " + n.Target
		}
		out = append(out, s)
	}
	if w.Err != 0 {
		return strings.Join(out, "; ") + "; " + overlay.Message(w.Err)
	}
	return strings.Join(out, "; ") + fmt.Sprintf("; seen in %d", w.Layer+1)
}

func TestALookupEndsWhereAProcessStops(t *testing.T) {
	s := three()
	for p, want := range map[string]string{
		"/a/one":  "/a 3:not there 2:directory 1:directory; /a/one 2:not there 1:file; seen in 1",
		"/a/two":  "/a 3:not there 2:directory 1:directory; /a/two 2:whiteout; No such file or directory",
		"/old":    "/old 3:opaque directory; seen in 3",
		"/old/x":  "/old 3:opaque directory; /old/x 3:not there; No such file or directory",
		"/z":      "/z 3:not there 2:file; seen in 2",
		"/z/y":    "/z 3:not there 2:file; Not a directory",
		"/no/way": "/no 3:not there 2:not there 1:not there; No such file or directory",
		"/":       "; seen in 0",
	} {
		if s = do(s, action.LookUp{Path: p}); wayText(s.Files.Way) != want {
			t.Errorf("%s: %s, want %s", p, wayText(s.Files.Way), want)
		}
	}
	if w := s.Files.Way; w.Path != "/no/way" && len(w.Steps) == 0 {
		t.Error("a look-up has no end")
	}
}

func TestALookupIsPlayedStepByStep(t *testing.T) {
	s := do(three(), action.SelectPath{Path: "/z"})
	s, effects := Reduce(s, action.LookUp{})
	at := func(step int, playing bool) {
		t.Helper()
		if w := s.Files.Way; w.Path != "/z" || len(w.Steps) != 3 || w.At != step || w.Playing != playing {
			t.Fatalf("%+v, want step %d, playing %v", *w, step, playing)
		}
	}
	at(0, true)
	first := effects[0].(PlayStep).N
	s, effects = Reduce(s, LookupPlayed{N: first})
	at(1, true)
	s = do(s, LookupPlayed{N: effects[0].(PlayStep).N})
	at(2, false) // the end
	s = do(s, action.StepLookup{By: -1}, LookupPlayed{N: first})
	at(1, false) // who steps back is not carried on
	s, effects = Reduce(do(s, action.GoToLookup{Step: 99}), action.PlayLookup{})
	at(0, true) // from the start again
	s = do(s, LookupPlayed{N: effects[0].(PlayStep).N, Still: true})
	at(2, false) // without motion the end comes at once
	if s = do(s, action.Escape{}); s.Files.Way != nil {
		t.Error("it is not put away")
	}
}

func TestWhatAContainerDidIsMarked(t *testing.T) {
	s := three()
	im := s.World.Images[0]
	m := overlay.New(trees([]*layer.Layer{im.Layers[0].Layer, im.Layers[1].Layer, im.Layers[2].Layer}), tree.New(tree.Time{}), overlay.Options{})
	v := m.Root()
	for _, err := range []error{v.WriteFile("/a/one", []byte("changed"), 0o644), v.RemoveAll("/old"), v.Mkdir("/made", 0o755)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	c := &Container{ID: "c", Name: "web", ImageID: im.ID, Mount: m, Changes: m.Changes()}
	s = do(s, WorldRead{World: &World{Images: s.World.Images, Containers: []*Container{c}}}, action.SelectContainer{ID: "c"})
	s = do(s, action.TogglePath{Path: "/old"})
	same(t, "the container", rows(s), `
 M  -a 0 #0
 M     one 7 #0
 A  +made 0 #0
>D  -old 0 #0
 D     new 7 #0
     z 3 #2
`)
}

func zeros(n int) content.Body { return content.Zero(int64(n)) }
