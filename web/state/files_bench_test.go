package state

import (
	"context"
	"fmt"
	"testing"

	"github.com/layerlab/layerlab/sim/layer"
	"github.com/layerlab/layerlab/sim/tree"
	"github.com/layerlab/layerlab/web/action"
	"github.com/layerlab/layerlab/web/browser"
)

// crowded is a page that shows an image of ten layers and some 200,000 paths,
// with a directory of 20,000.
func crowded() State {
	im := &Image{ID: "sha256:crowd", Names: []string{"crowd:1"}}
	for i := range 10 {
		t := tree.New(tree.Time{})
		file := tree.Inode{Mode: tree.Regular | 0o644}
		dir := tree.Inode{Mode: tree.Directory | 0o755}
		if i == 0 {
			at := t.MkdirAll("/var/crowd", dir)
			for k := range 20000 {
				t.Add(at, fmt.Sprintf("entry-%05d", k), file)
			}
		}
		for p := range 100 {
			at := t.MkdirAll(fmt.Sprintf("/usr/lib/package-%02d/part-%d", p, i), dir)
			for k := range 180 {
				t.Add(at, fmt.Sprintf("%06x", k*7919), file)
			}
		}
		im.Layers = append(im.Layers, &Layer{Number: i + 1, Layer: &layer.Layer{Tree: t}})
	}
	s := New(Start{})
	s, _ = Reduce(s, WorldRead{World: &World{Images: []*Image{im}}})
	return s
}

func BenchmarkOpenCrowd(b *testing.B) {
	s := crowded()
	s, _ = Reduce(s, action.SelectPath{Path: "/var"})
	s, _ = Reduce(s, action.TogglePath{Path: "/var"})
	for b.Loop() {
		s.relist()
		Reduce(s, action.TogglePath{Path: "/var/crowd"})
	}
}

func BenchmarkScrollAndMove(b *testing.B) {
	s := crowded()
	for _, p := range []string{"/var", "/var/crowd"} {
		s, _ = Reduce(s, action.TogglePath{Path: p})
	}
	for i := 0; b.Loop(); i++ {
		s, _ = Reduce(s, action.ScrollFiles{First: i * 37 % 19000, Fit: 20})
		s, _ = Reduce(s, action.MoveInFiles{Key: "pagedown"})
	}
}

func BenchmarkFind(b *testing.B) {
	s := crowded()
	for b.Loop() {
		w := &finder{ctx: context.Background(), pause: (&browser.Stub{}).Pause, src: s.Files.Source, match: matcher("entry-1"), tell: func(FilesFound) {}}
		if err := w.walk("/", 0); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkListCrowd(b *testing.B) {
	s := crowded()
	for b.Loop() {
		s.Files.Source.List("/var/crowd", true)
	}
}
