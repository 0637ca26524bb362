package overlay_test

import (
	"fmt"
	"os"
	"testing"

	"github.com/layerlab/layerlab/sim/content"
	"github.com/layerlab/layerlab/sim/overlay"
	"github.com/layerlab/layerlab/sim/tree"
)

// deep is 60 layers with 5,000 names each, all of which add to the same
// directories.
func deep() []*tree.Tree {
	var out []*tree.Tree
	for l := range 60 {
		t := tree.New(tree.Time{})
		for d := range 50 {
			dir := t.MkdirAll(fmt.Sprintf("usr/lib/d%d", d), tree.Inode{Mode: tree.Directory | 0o755})
			for f := range 100 {
				t.Add(dir, fmt.Sprintf("f%d-%d", l, f), tree.Inode{Mode: tree.Regular | 0o644, Body: content.String("x")})
			}
		}
		out = append(out, t)
	}
	return out
}

func BenchmarkOpenMount(b *testing.B) {
	lowers := deep()
	for b.Loop() {
		m := overlay.New(lowers, tree.New(tree.Time{}), overlay.Options{})
		if _, err := m.Root().ReadDir("/"); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkStat(b *testing.B) {
	for _, layers := range []int{1, 10, 60} {
		b.Run(fmt.Sprint(layers, " layers"), func(b *testing.B) {
			v := overlay.New(deep()[:layers], tree.New(tree.Time{}), overlay.Options{}).Root()
			for b.Loop() {
				if _, err := v.Stat("/usr/lib/d7/f0-50"); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkReadDir(b *testing.B) {
	v := overlay.New(deep(), tree.New(tree.Time{}), overlay.Options{}).Root()
	for b.Loop() {
		if list, err := v.ReadDir("/usr/lib/d7"); err != nil || len(list) != 6000 {
			b.Fatal(len(list), err)
		}
	}
}

func BenchmarkCopyUp(b *testing.B) {
	m := overlay.New(deep(), tree.New(tree.Time{}), overlay.Options{})
	for b.Loop() {
		if err := m.Snapshot(overlay.Options{}).Root().Chmod("/usr/lib/d7/f0-50", 0o600); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkWriteByByte(b *testing.B) {
	f, err := overlay.New(nil, tree.New(tree.Time{}), overlay.Options{}).Root().Open("/f", os.O_WRONLY|os.O_CREATE, 0o644)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		f.Write([]byte("x"))
	}
}

// A loop of echo x >> f.
func BenchmarkAppendAndClose(b *testing.B) {
	v := overlay.New(nil, tree.New(tree.Time{}), overlay.Options{}).Root()
	for b.Loop() {
		f, err := v.Open("/f", os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o644)
		if err != nil {
			b.Fatal(err)
		}
		f.Write([]byte("hello, world\n"))
		f.Close()
	}
}
