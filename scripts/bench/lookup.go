package main

import (
	"fmt"
	"slices"
	"time"

	"github.com/layerlab/layerlab/scripts/internal/sample"
	"github.com/layerlab/layerlab/sim/overlay"
	"github.com/layerlab/layerlab/sim/tree"
)

// looked is the paths that are looked up: files of all layers, in directories
// that all add to and in directories of one layer.
func looked() []string {
	var out []string
	for l := range sample.WideLayers {
		for d := range sample.WideShared {
			out = append(out, "/"+sample.SharedFile(l, d, 2+(l+d)%(sample.WideFiles-2)))
			out = append(out, fmt.Sprintf("/%s/part-%03d.o", sample.OwnDir(l, d), (l+d)%(sample.WideFiles-1)))
		}
	}
	slices.SortFunc(out, func(a, b string) int { return int(mix(a)) - int(mix(b)) }) // in no order that helps
	return out
}

func mix(s string) uint16 {
	h := uint32(2166136261)
	for i := range len(s) {
		h = (h ^ uint32(s[i])) * 16777619
	}
	return uint16(h ^ h>>16)
}

// A times is what one side takes, in nanoseconds.
type times struct {
	first, again float64 // stat of a path on a mount just made, and when all was looked up before
	small, big   float64 // chmod of a file that is copied up by it
}

// lookups measures lookup and copy-up beside the kernel's.
func (w *wide) lookups() error {
	paths := looked()
	ours := w.ours(paths)
	kernel, why := onKernel(paths)
	both := func(name string, ours, kernel float64, per float64, unit string) {
		figure(name, ours/per, unit, 0)
		if why == nil {
			figure("  overlayfs of this kernel", kernel/per, unit, 0)
		}
	}
	if why != nil {
		fmt.Println("  the kernel's overlayfs is not measured:", why)
	}
	both("stat of a path for the first time", ours.first, kernel.first, 1, "ns")
	both("stat of a path again", ours.again, kernel.again, 1, "ns")
	both(fmt.Sprintf("chmod that copies up %d bytes", sample.WideCopy), ours.small, kernel.small, 1e3, "µs")
	both(fmt.Sprintf("chmod that copies up %d bytes", sample.WideBig), ours.big, kernel.big, 1e3, "µs")
	m := overlay.New(w.lowers, nil, overlay.Options{})
	i := 0
	figure("lookup alone, no rights checked", each(func() { m.Lookup(paths[i%len(paths)]); i++ }), "ns", 0)
	return nil
}

// ours measures the model.
func (w *wide) ours(paths []string) times {
	var t times
	var first, again, small, big []float64
	for range 5 {
		m := overlay.New(w.lowers, tree.New(tree.Time{}), overlay.Options{})
		v := m.Root()
		first = append(first, eachOf(paths, func(p string) error { _, err := v.Lstat(p); return err }))
		again = append(again, eachOf(paths, func(p string) error { _, err := v.Lstat(p); return err }))
		small = append(small, eachOf(copies(), func(p string) error { return v.Chmod(p, 0o600) }))
		big = append(big, eachOf(bigs(), func(p string) error { return v.Chmod(p, 0o600) }))
	}
	t.first, t.again, t.small, t.big = slices.Min(first), slices.Min(again), slices.Min(small), slices.Min(big)
	return t
}

func copies() []string {
	var out []string
	for i := range sample.WideCopies {
		out = append(out, fmt.Sprintf("/srv/copy/%04d.conf", i))
	}
	return out
}

func bigs() []string {
	var out []string
	for i := range sample.WideBigs {
		out = append(out, fmt.Sprintf("/srv/big/%02d.bin", i))
	}
	return out
}

// eachOf is the nanoseconds that f takes for one of paths. What fails is a mistake
// of the measurement.
func eachOf(paths []string, f func(string) error) float64 {
	start := time.Now()
	for _, p := range paths {
		if err := f(p); err != nil {
			panic(err)
		}
	}
	return float64(time.Since(start)) / float64(len(paths))
}
