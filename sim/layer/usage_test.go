package layer_test

import (
	"strings"
	"testing"

	"github.com/layerlab/layerlab/sim/content"
	"github.com/layerlab/layerlab/sim/layer"
	"github.com/layerlab/layerlab/sim/tree"
)

// TestDiskUsage counts blocks as ext4 uses them and a real engine's docker history
// shows them.
func TestDiskUsage(t *testing.T) {
	file := func(n int) tree.Inode {
		return tree.Inode{Mode: tree.Regular | 0o644, Body: content.String(strings.Repeat("x", n))}
	}
	link := func(n int) tree.Inode {
		return tree.Inode{Mode: tree.Symlink | 0o777, Target: strings.Repeat("t", n)}
	}
	for _, c := range []struct {
		name  string
		add   func(*tree.Tree)
		bytes int64
	}{
		{"nothing but the root", func(*tree.Tree) {}, 4096},
		{"an empty file", func(tr *tree.Tree) { tr.Add(tree.Root, "f", file(0)) }, 4096},
		{"a file of 4097 bytes", func(tr *tree.Tree) { tr.Add(tree.Root, "f", file(4097)) }, 3 * 4096},
		{"two names of a file", func(tr *tree.Tree) { tr.Link(tree.Root, "g", tr.Add(tree.Root, "f", file(1))) }, 2 * 4096},
		{"a link in its inode", func(tr *tree.Tree) { tr.Add(tree.Root, "l", link(59)) }, 4096},
		{"a link with a block", func(tr *tree.Tree) { tr.Add(tree.Root, "l", link(60)) }, 2 * 4096},
		{"two names of a long link", func(tr *tree.Tree) { tr.Link(tree.Root, "m", tr.Add(tree.Root, "l", link(60))) }, 2 * 4096},
	} {
		tr := tree.New(tree.Time{})
		c.add(tr)
		l, err := layer.New(t.Context(), tr, layer.WriteOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if got := l.DiskUsage(); got != c.bytes {
			t.Errorf("%s: %d bytes, want %d", c.name, got, c.bytes)
		}
	}
}
