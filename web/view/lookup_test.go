package view

import (
	"fmt"
	"strings"
	"testing"

	"github.com/layerlab/layerlab/sim/container"
	"github.com/layerlab/layerlab/sim/content"
	"github.com/layerlab/layerlab/sim/event"
	"github.com/layerlab/layerlab/sim/layer"
	"github.com/layerlab/layerlab/sim/overlay"
	"github.com/layerlab/layerlab/sim/tree"
	"github.com/layerlab/layerlab/web/action"
	"github.com/layerlab/layerlab/web/state"
)

// written is a page that shows a container on an image of three layers, after some
// writes: /app/a is changed, /app/b deleted, /app/d made anew, /home moved away.
func written(t *testing.T) state.State {
	t.Helper()
	file := func(s string) tree.Inode {
		return tree.Inode{Mode: tree.Regular | 0o644, Body: content.String(s)}
	}
	dir := tree.Inode{Mode: tree.Directory | 0o755}
	var lowers []*tree.Tree
	im := &state.Image{ID: "sha256:im", Names: []string{"im:1"}}
	for i := range 3 {
		x := tree.New(tree.Time{})
		app := x.MkdirAll("/app", dir)
		switch i {
		case 0:
			x.Add(app, "a", file("first"))
			x.Add(app, "b", file("second"))
			x.Add(x.MkdirAll("/app/d", dir), "old", file("third"))
		case 1:
			x.Add(tree.Root, "l", tree.Inode{Mode: tree.Symlink | 0o777, Target: "app"})
			x.Add(tree.Root, "loop", tree.Inode{Mode: tree.Symlink | 0o777, Target: "loop"})
		case 2:
			x.Remove(tree.Root, "app")
			x.Add(tree.Root, "etc", dir)
		}
		lowers = append(lowers, x)
		im.Layers = append(im.Layers, &state.Layer{Number: i + 1, Layer: &layer.Layer{Tree: x}})
	}
	now := tree.Time{Sec: 1_767_603_600}
	upper := tree.New(now)
	ledger := &state.Ledger{}
	m := overlay.New(lowers, upper, overlay.Options{Now: func() tree.Time { return now }, Trace: func(e overlay.Event) {
		if ev := container.FileEvent(e, event.Place{Container: "c"}); ev != nil {
			ledger.Take(ev)
		}
	}})
	v := m.Root()
	for _, err := range []error{
		v.Truncate("/app/a", 1), v.Unlink("/app/b"), v.RemoveAll("/app/d"), v.Mkdir("/app/d", 0o700), v.WriteFile("/app/d/new", []byte("n"), 0o600),
		v.Link("/app/d/new", "/app/z"), v.Mknod("/sock", 0o140755, 0, 0), v.Mkdir("/made", 0o755), v.Rename("/made", "/moved", 0),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	c := &state.Container{ID: "c", Name: "web", ImageID: im.ID, Mount: m, Upper: m.Upper().Snapshot(), Changes: m.Changes(), Size: 4096, Ledger: ledger}
	return reduce(state.New(state.Start{}),
		state.WorldRead{World: &state.World{Images: []*state.Image{im}, Containers: []*state.Container{c}}}, action.SelectContainer{ID: "c"})
}

func lookupText(s state.State) string {
	v := NewLookup(&s)
	var out []string
	line := func(st LookupStep) {
		tag := "-"
		if st.Tag != nil {
			tag = st.Tag.Text
		}
		out = append(out, fmt.Sprintf("%s | %s | %s", tag, st.Text, st.Kind))
	}
	for _, n := range v.Names {
		out = append(out, n.Title+":")
		for _, st := range n.Steps {
			line(st)
		}
		if n.Rest != "" {
			out = append(out, "("+n.Rest+")")
		}
	}
	line(v.End)
	return strings.Join(out, "\n")
}

func TestALookupIsToldLayerByLayer(t *testing.T) {
	s := written(t)
	for p, want := range map[string]string{
		"/app/b": `app in /:
rw | here, in upper: a directory; layers below may add to it | yes
3 | not in layer 3 | no
2 | in layer 2, too: a directory, its names are added | yes
1 | in layer 1, too: a directory, its names are added | yes
b in /app:
rw | whiteout in upper: it was deleted, the search ends | white
(not asked: 3, which adds nothing to /app; no longer asked: 2 and 1)
- | ENOENT, No such file or directory: the whiteout in upper hides /app/b | bad`,
		"/l/d/old": `l in /:
rw | not in upper; whiteout? no | no
3 | not in layer 3 | no
2 | here, in layer 2: a symbolic link, the search ends | yes
- | l is a symbolic link: go on with app | link
(no longer asked: 1)
app in /:
rw | here, in upper: a directory; layers below may add to it | yes
3 | not in layer 3 | no
2 | in layer 2, too: a directory, its names are added | yes
1 | in layer 1, too: a directory, its names are added | yes
d in /app:
rw | here, in upper: an opaque directory, nothing below it counts | yes
(not asked: 3, which adds nothing to /app; no longer asked: 2 and 1)
old in /app/d:
rw | not in upper; whiteout? no | no
(not asked: 3, 2 and 1, which add nothing to /app/d)
- | ENOENT, No such file or directory: no layer that was asked has /app/d/old | bad`,
		"/etc/": `etc in /:
rw | not in upper; whiteout? no | no
3 | here, in layer 3: a directory; layers below may add to it | yes
2 | not in layer 2 | no
1 | not in layer 1 | no
3 | found: a process sees what layer 3 has | good`,
	} {
		if got := lookupText(reduce(s, action.LookUp{Path: p})); got != want {
			t.Errorf("%s:\n%s\nwant:\n%s", p, got, want)
		}
	}
	for p, want := range map[string]string{
		"/loop":    "ELOOP, Too many levels of symbolic links: after 40 symbolic links the kernel gives up",
		"/app/a/x": "ENOTDIR, Not a directory: /app/a is no directory, nothing can be below it",
		"/app":     "found: a directory, merged from rw, 2 and 1; the topmost gives owner, mode and time",
		"/":        "found: the root, to which all layers add",
	} {
		s := reduce(s, action.LookUp{Path: p})
		if got := NewLookup(&s).End.Text; got != want {
			t.Errorf("%s ends with %q, want %q", p, got, want)
		}
	}
}

func TestThePlatesLightUpWithTheLookup(t *testing.T) {
	s := reduce(written(t), action.LookUp{Path: "/app/a"}, action.GoToLookup{Step: 2})
	var got []string
	v := NewStack(&s)
	for _, p := range append(v.Containers, v.Items...) {
		got = append(got, fmt.Sprintf("%s %s %s %v", p.Badge, p.Ask, p.AskText, p.AskNow))
	}
	want := "rw yes here: app false, 3 no no app false, 2 yes here: app true, 1   false"
	if g := strings.Join(got, ", "); g != want {
		t.Errorf("got  %s\nwant %s", g, want)
	}
}
