package main

import (
	"bytes"
	"context"
	"fmt"
	"runtime"
	"testing"

	"github.com/layerlab/layerlab/scripts/internal/sample"
	"github.com/layerlab/layerlab/sim/content"
	"github.com/layerlab/layerlab/sim/layer"
	"github.com/layerlab/layerlab/sim/overlay"
	"github.com/layerlab/layerlab/sim/tree"
)

// native measures the engine without a browser.
func native(ctx context.Context) error {
	section("the engine, natively")
	var b bytes.Buffer
	if err := sample.Layer(&b, 0, 30<<20); err != nil {
		return err
	}
	body := content.Bytes(b.Bytes())
	l, err := layer.Index(ctx, body, layer.IndexOptions{})
	if err != nil {
		return err
	}
	r := testing.Benchmark(func(t *testing.B) {
		for t.Loop() {
			if _, err := layer.Index(ctx, body, layer.IndexOptions{}); err != nil {
				t.Fatal(err)
			}
		}
	})
	figure(fmt.Sprintf("index of a layer of %d entries", l.Entries), float64(r.NsPerOp())/1e6, "ms", 0)
	figure("entries indexed in a second", float64(l.Entries)/(float64(r.NsPerOp())/1e9), "", 0)
	figure("memory for a path of an index", perPath(ctx, body), "bytes", 0)

	var index bytes.Buffer
	if err := l.Encode(&index); err != nil {
		return err
	}
	figure("a path of an index on its way from a worker", float64(index.Len())/float64(l.Tree.Names()), "bytes", 0)
	if err := lookups(ctx); err != nil {
		return err
	}
	return scale(ctx)
}

// perPath is the memory that an index takes, by its names.
func perPath(ctx context.Context, body content.Body) float64 {
	const copies = 8
	var kept [copies]*layer.Layer
	before := heap()
	for i := range kept {
		kept[i], _ = layer.Index(ctx, body, layer.IndexOptions{})
	}
	n := float64(heap()-before) / float64(copies*kept[0].Tree.Names())
	runtime.KeepAlive(kept)
	return n
}

func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// lookups measures finding paths in a union of all layers.
func lookups(ctx context.Context) error {
	var lowers []*tree.Tree
	var paths []string
	for i := range sample.Layers {
		var b bytes.Buffer
		if err := sample.Layer(&b, i, 3<<20); err != nil {
			return err
		}
		l, err := layer.Index(ctx, content.Bytes(b.Bytes()), layer.IndexOptions{})
		if err != nil {
			return err
		}
		lowers = append(lowers, l.Tree)
		l.Tree.Walk(func(p string, _ tree.Ino, _ *tree.Inode) bool {
			if len(p)%7 == 0 {
				paths = append(paths, "/"+p)
			}
			return true
		})
	}
	m := overlay.New(lowers, nil, overlay.Options{})
	r := testing.Benchmark(func(t *testing.B) {
		i := 0
		for t.Loop() {
			m.Lookup(paths[i%len(paths)])
			i++
		}
	})
	figure(fmt.Sprintf("lookup of a path in a union of %d layers", len(lowers)), float64(r.NsPerOp()), "ns", 0)
	return nil
}
