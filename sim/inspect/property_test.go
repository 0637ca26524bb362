package inspect_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/layerlab/layerlab/sim/inspect"
	"github.com/layerlab/layerlab/sim/layer"
	"github.com/layerlab/layerlab/sim/tree"
)

// entries is what a random layer is made of: few names, so that they meet.
var entries = []string{
	"a/", "a/b/", "a/b/c=7", "a/b=5", "a=3", "a/d=11", "a/b/e/", "a/b/e/f=13", "e=17", "e/", "e/f=19", "l->a", "a/l->b",
	".wh.a", "a/.wh.b", "a/b/.wh.c", ".wh.e", "a/.wh..wh..opq", "a/b/.wh..wh..opq", ".wh.none", "a/d=23:y", "e=17:z",
}

// For any stack of layers: the bytes that are not dead are those of the files
// that the flattened tree has, and the topmost live version of a path is what
// the flattened tree has there.
func TestWasteAndFlattenAgree(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		var stacked []string
		for range rapid.IntRange(1, 5).Draw(r, "layers") {
			stacked = append(stacked, strings.Join(rapid.SliceOfNDistinct(rapid.SampledFrom(entries), 0, 6, rapid.ID).Draw(r, "entries"), " "))
		}
		layers := stack(t, stacked...)
		report, err := inspect.Waste(t.Context(), layers, inspect.Options{})
		if err != nil {
			r.Fatal(err)
		}
		flat := layer.Flatten(layers)
		var live int64
		flat.Walk(func(p string, _ tree.Ino, n *tree.Inode) bool {
			live += n.Size() * int64(map[bool]int{true: 1}[n.IsRegular()])
			shown := shown(layers, p)
			if shown == nil || shown.Type() != n.Type() || shown.Size() != n.Size() {
				r.Fatalf("%q: /%s is not what the flattened tree has", stacked, p)
			}
			return true
		})
		if report.Bytes-report.Wasted != live {
			r.Fatalf("%q: %d bytes, %d wasted, but the flattened tree has %d", stacked, report.Bytes, report.Wasted, live)
		}
		for _, d := range report.Dead {
			if d.By < d.Layer || (d.By == d.Layer) != (d.Cause == inspect.Duplicate) {
				r.Fatalf("%q: %+v", stacked, d)
			}
		}
		for _, e := range entries {
			p := strings.TrimSuffix(strings.SplitN(strings.SplitN(e, "=", 2)[0], "->", 2)[0], "/")
			if !strings.Contains(p, ".wh.") && flat.Get(p) == nil && shown(layers, p) != nil {
				r.Fatalf("%q: /%s is shown, the flattened tree does not have it", stacked, p)
			}
		}
	})
}

// shown is the topmost live version of a path, nil if that is a whiteout.
func shown(layers []*layer.Layer, p string) *tree.Inode {
	for _, v := range inspect.Versions(layers, p) {
		if v.Cause == inspect.Live && !v.Node.IsWhiteout() {
			return v.Node
		}
		if v.Cause == inspect.Live {
			return nil
		}
	}
	return nil
}
