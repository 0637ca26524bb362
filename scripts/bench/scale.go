package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"time"

	"github.com/layerlab/layerlab/scripts/internal/sample"
	"github.com/layerlab/layerlab/sim/archive"
	"github.com/layerlab/layerlab/sim/content"
	"github.com/layerlab/layerlab/sim/engine"
	"github.com/layerlab/layerlab/sim/inspect"
	"github.com/layerlab/layerlab/sim/layer"
	"github.com/layerlab/layerlab/sim/overlay"
	"github.com/layerlab/layerlab/sim/tree"
)

// scale measures an image of 300,000 paths in 60 layers: what it costs in memory,
// how long it takes to look at it, and what the kernel takes for the same.
func scale(ctx context.Context) error {
	section("an image of many paths and layers")
	dir, err := os.MkdirTemp("", "layerlab-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "wide.tar")
	if err := sample.WideArchive(file); err != nil {
		return fmt.Errorf("generating %s: %w", file, err)
	}
	w, err := loadWide(ctx, file)
	if err != nil {
		return err
	}
	defer w.file.Close()
	if err := w.questions(ctx); err != nil {
		return err
	}
	w.opening()
	if err := w.lookups(); err != nil {
		return err
	}
	if err := w.undo(ctx); err != nil {
		return err
	}
	w.memory("memory for a path after all of this, and 100 moments", 300)
	runtime.KeepAlive(w)
	return nil
}

// wide is an engine that the wide image was loaded into, with all that was made
// on the way, and kept as the page keeps it.
type wide struct {
	file    *os.File
	archive *archive.Archive
	engine  *engine.Engine
	layers  []*layer.Layer
	lowers  []*tree.Tree
	mount   *overlay.Mount
	waste   *inspect.Report
	before  int64 // heap before the archive was opened
	paths   int   // of the merged view
	more    []any // what is to be counted too
}

// loadWide opens and loads the archive.
func loadWide(ctx context.Context, file string) (*wide, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	st, err := f.Stat()
	if err != nil {
		return nil, err
	}
	w := &wide{file: f, engine: engine.New(engine.Options{Bare: true}), before: heap()}
	start := time.Now()
	w.archive, err = archive.Open(ctx, content.FromReaderAt(f, st.Size()), archive.Options{Name: file})
	if err != nil {
		return nil, err
	}
	loaded, err := w.engine.Load(ctx, w.archive, engine.LoadOptions{})
	if err != nil {
		return nil, err
	}
	took := time.Since(start)
	names := 0
	for _, h := range w.engine.Store().Get(loaded[0].ID).Layers {
		w.layers, w.lowers = append(w.layers, h.Layer), append(w.lowers, h.Layer.Tree)
		names += h.Layer.Tree.Names()
	}
	w.mount = overlay.New(w.lowers, nil, overlay.Options{})
	w.paths = countPaths(w.mount, "/")
	fmt.Printf("  %d paths in the merged view, %d names in %d layers, %d MB\n", w.paths, names, len(w.layers), st.Size()/1e6)
	figure("load: index and check all layers", took.Seconds(), "s", 0)
	w.mount = nil
	w.memory("memory for a path: archive, indexes, store and engine", 300)
	return w, nil
}

// memory prints the heap that all took since before the archive was opened, by
// the paths of the merged view.
func (w *wide) memory(name string, goal float64) {
	figure(name, float64(heap()-w.before)/float64(w.paths), "bytes", goal)
}

func countPaths(m *overlay.Mount, dir string) int {
	n := 0
	for _, e := range m.List(dir) {
		n++
		if e.Node.IsDir() {
			n += countPaths(m, dir+"/"+e.Name)
		}
	}
	return n
}

// questions measures what the page and lab ask of the image.
func (w *wide) questions(ctx context.Context) error {
	start := time.Now()
	var err error
	if w.waste, err = inspect.Waste(ctx, w.layers, inspect.Options{}); err != nil {
		return err
	}
	figure(fmt.Sprintf("waste report (%d dead entries)", len(w.waste.Dead)), time.Since(start).Seconds(), "s", 0)
	start = time.Now()
	if err := inspect.WriteTree(ctx, io.Discard, w.layers, inspect.Options{}); err != nil {
		return err
	}
	figure("lab tree: every path, every file hashed", time.Since(start).Seconds(), "s", 0)
	p := "/" + sample.SharedFile(30, 0, 0)
	figure("versions of a path in all layers", each(func() { inspect.Versions(w.layers, p) })/1e3, "µs", 0)
	m := overlay.New(w.lowers, nil, overlay.Options{})
	figure("x-ray of a path", each(func() { m.XRay(p) })/1e3, "µs", 0)
	w.mount = m
	w.memory("memory for a path with these answers", 300)
	return nil
}

// opening measures how soon the union can be used, and that a listing costs its
// directory.
func (w *wide) opening() {
	figure("open the union and list its root", each(func() { overlay.New(w.lowers, nil, overlay.Options{}).List("/") })/1e6, "ms", 5)
	m := overlay.New(w.lowers, tree.New(tree.Time{}), overlay.Options{})
	for _, d := range []string{"/" + sample.SharedDir(7), "/" + sample.OwnDir(30, 7)} {
		n := len(m.List(d))
		t := each(func() { m.List(d) })
		figure(fmt.Sprintf("list a directory of %d names", n), t/1e3, "µs", 0)
		figure("  for each name", t/float64(n), "ns", 0)
	}
}

// each is the nanoseconds that f takes: the least of several rounds of at least some
// milliseconds each, since what else the machine does only makes it more.
func each(f func()) float64 {
	f()
	n := 1
	for {
		start := time.Now()
		for range n {
			f()
		}
		took := time.Since(start)
		if took < 10*time.Millisecond && n < 1<<24 {
			n *= 4
			continue
		}
		rounds := []float64{float64(took) / float64(n)}
		for range 4 {
			start := time.Now()
			for range n {
				f()
			}
			rounds = append(rounds, float64(time.Since(start))/float64(n))
		}
		return slices.Min(rounds)
	}
}
