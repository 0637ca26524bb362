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

func benchmarkBuild(b *testing.B, fresh bool) {
	m := bigContext(5000)
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

func BenchmarkBuild5000Files(b *testing.B)  { benchmarkBuild(b, true) }
func BenchmarkCached5000Files(b *testing.B) { benchmarkBuild(b, false) }
