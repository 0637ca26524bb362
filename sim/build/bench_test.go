package build

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/layerlab/layerlab/sim/overlay"
	"github.com/layerlab/layerlab/sim/tree"
)

// bigContext is a machine with a context of n small files in directories of 100.
func bigContext(n int) *overlay.Mount {
	m := overlay.New(nil, tree.New(tree.Time{}), overlay.Options{})
	v := m.Root()
	for i := range n {
		dir := fmt.Sprintf("/ctx/d%d", i/100)
		if i%100 == 0 {
			v.MkdirAll(dir, 0o755)
		}
		v.WriteFile(fmt.Sprintf("%s/f%d", dir, i), fmt.Appendf(nil, "file %d\n", i), 0o644)
	}
	v.WriteFile("/ctx/Dockerfile", []byte("FROM scratch\nCOPY . /app\nCOPY d1 /again\n"), 0o644)
	return m
}

func benchmarkBuild(b *testing.B, m *overlay.Mount, fresh bool) {
	now := time.Unix(1e9, 0)
	bl := &Builder{Cache: NewCache(), Now: func() time.Time { return now }}
	for b.Loop() {
		if fresh {
			bl.Cache = NewCache()
		}
		if _, err := bl.Build(context.Background(), m.Root(), "/ctx", Options{}, nil); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkBuild5000Files(b *testing.B)   { benchmarkBuild(b, bigContext(5000), true) }
func BenchmarkCached5000Files(b *testing.B)  { benchmarkBuild(b, bigContext(5000), false) }
func BenchmarkBuild20000Files(b *testing.B)  { benchmarkBuild(b, bigContext(20000), true) }
func BenchmarkCached20000Files(b *testing.B) { benchmarkBuild(b, bigContext(20000), false) }

// sixtySteps is a machine with a Dockerfile of 60 steps that make layers.
func sixtySteps() *overlay.Mount {
	m := bigContext(200)
	text := "FROM scratch\n"
	for i := range 20 {
		text += fmt.Sprintf("WORKDIR /w%d\nCOPY d0 .\nCOPY d1/f10* /x%[1]d/\n", i)
	}
	m.Root().WriteFile("/ctx/Dockerfile", []byte(text), 0o644)
	return m
}

func BenchmarkBuild60Steps(b *testing.B)  { benchmarkBuild(b, sixtySteps(), true) }
func BenchmarkCached60Steps(b *testing.B) { benchmarkBuild(b, sixtySteps(), false) }

// hundredMegabytes is a machine with a tree of 100 files of 1 MB, and what copies it.
func hundredMegabytes() *overlay.Mount {
	m := overlay.New(nil, tree.New(tree.Time{}), overlay.Options{})
	v := m.Root()
	v.MkdirAll("/ctx/big", 0o755)
	body := make([]byte, 1<<20)
	for i := range 100 {
		body[i] = 1
		v.WriteFile(fmt.Sprintf("/ctx/big/f%d", i), body, 0o644)
	}
	v.WriteFile("/ctx/Dockerfile", []byte("FROM scratch\nCOPY big /big\n"), 0o644)
	return m
}

func BenchmarkBuild100MB(b *testing.B)  { benchmarkBuild(b, hundredMegabytes(), true) }
func BenchmarkCached100MB(b *testing.B) { benchmarkBuild(b, hundredMegabytes(), false) }
