package layer

import (
	"archive/tar"
	"bytes"
	"fmt"
	"io"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/layerlab/layerlab/internal/hazard"
	"github.com/layerlab/layerlab/sim/content"
	"github.com/layerlab/layerlab/sim/tree"
)

// dump is everything about a tree as text.
func dump(t *rapid.T, tr *tree.Tree) []string {
	var out []string
	first := map[tree.Ino]string{}
	tr.Walk(func(p string, i tree.Ino, n *tree.Inode) bool {
		b, err := content.ReadAll(n.Content(), 1<<20)
		if err != nil {
			t.Fatalf("%s: %v", p, err)
		}
		if first[i] == "" {
			first[i] = p
		}
		out = append(out, fmt.Sprintf("%s %o %d:%d %v %d %d,%d %q opaque=%v implied=%v %v same as %s %q", p, n.Mode, n.UID, n.GID, n.MTime, n.Nlink, n.Major, n.Minor, n.Target, n.Opaque, n.Implied, n.Xattrs, first[i], b))
		return true
	})
	return out
}

// TestWriteReadWrite says that a layer is the same after a journey through its
// tar, and that the tar written again is the same bytes.
func TestWriteReadWrite(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l, err := New(ctx, drawTree(t, true), WriteOptions{})
		if err != nil {
			t.Fatal(err)
		}
		rc, err := l.Tar().Open()
		if err != nil {
			t.Fatal(err)
		}
		raw, err := io.ReadAll(rc)
		if err != nil || int64(len(raw)) != l.Size {
			t.Fatalf("%d bytes, %v; want %d", len(raw), err, l.Size)
		}
		again, err := Index(ctx, content.Bytes(raw), IndexOptions{Digest: true})
		if err != nil {
			t.Fatal(err)
		}
		if again.DiffID != l.DiffID || again.Entries != l.Entries || again.Bytes != l.Bytes || again.Size != l.Size || again.DiskUsage() != l.DiskUsage() {
			t.Fatalf("read back as %+v, want %+v", again, l)
		}
		if diff := cmp.Diff(dump(t, l.Tree), dump(t, again.Tree)); diff != "" {
			t.Fatal(diff)
		}
		indexAll(t, raw) // the same by seeking, as a stream, decoded
		var twice bytes.Buffer
		if err := WriteTar(ctx, &twice, again.Tree, WriteOptions{}); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(twice.Bytes(), raw) {
			t.Fatal("written again the tar is another")
		}
	})
}

// TestOrderDoesNotMatterToMarkers shuffles markers among the entries of a tar.
func TestOrderDoesNotMatterToMarkers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		entries := []hazard.Entry{{Name: "a/"}, {Name: "a/f", Body: "x"}, {Name: "a/d/"}, {Name: "a/d/g", Body: "y"}, {Name: "k", Body: "z"}}
		marks := []hazard.Entry{{Name: "a/.wh.f"}, {Name: "a/.wh.d"}, {Name: "a/.wh.gone"}, {Name: "a/d/.wh..wh..opq"}, {Name: ".wh.k"}, {Name: "b/.wh.c"}}
		some := rapid.SliceOfDistinct(rapid.SampledFrom(marks), func(e hazard.Entry) string { return e.Name }).Draw(t, "marks")
		first, err := Index(ctx, content.Bytes(hazard.Build(append(slices.Clone(some), entries...)...)), IndexOptions{})
		if err != nil {
			t.Fatal(err)
		}
		mixed := slices.Clone(entries)
		for _, m := range some {
			mixed = slices.Insert(mixed, rapid.IntRange(0, len(mixed)).Draw(t, "at"), m)
		}
		second, err := Index(ctx, content.Bytes(hazard.Build(mixed...)), IndexOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(dump(t, first.Tree), dump(t, second.Tree)); diff != "" {
			t.Fatal(diff)
		}
	})
}

// TestOrderDoesNotMatterToEntries shuffles the whole tar of a random layer: files
// before their directories, whiteouts after what they hide, links before their
// targets. It is the same tree.
func TestOrderDoesNotMatterToEntries(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l, err := New(ctx, drawTree(t, true), WriteOptions{})
		if err != nil {
			t.Fatal(err)
		}
		// An entry is the bytes from the end of the one before, headers included.
		raw, err := content.ReadAll(l.Tar(), 1<<20)
		if err != nil {
			t.Fatal(err)
		}
		r := bytes.NewReader(raw)
		tr := tar.NewReader(r)
		var parts [][]byte
		for from := 0; ; {
			if _, err := tr.Next(); err == io.EOF {
				break
			} else if err != nil {
				t.Fatal(err)
			}
			if _, err := io.Copy(io.Discard, tr); err != nil {
				t.Fatal(err)
			}
			to := int(roundUp(int64(len(raw) - r.Len())))
			parts = append(parts, raw[from:to])
			from = to
		}
		mixed := append(bytes.Join(rapid.Permutation(parts).Draw(t, "order"), nil), make([]byte, 2*block)...)
		again, err := Index(ctx, content.Bytes(mixed), IndexOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(dump(t, l.Tree), dump(t, again.Tree)); diff != "" {
			t.Fatal(diff)
		}
	})
}

// difference is the changeset that turns the tree from into the tree to, found by
// walking both: what package overlay does for a container, in its simplest form.
func difference(from, to *tree.Tree) *tree.Tree {
	out := tree.New(tree.Time{})
	inos := map[tree.Ino]tree.Ino{}
	put := func(dir tree.Ino, name string, i tree.Ino, n *tree.Inode) tree.Ino {
		if o := inos[i]; o != 0 && !n.IsDir() {
			out.Link(dir, name, o)
			return o
		}
		inos[i] = out.Add(dir, name, *n)
		return inos[i]
	}
	var walk func(f, t, o tree.Ino)
	walk = func(f, t, o tree.Ino) {
		if f != 0 {
			for name := range from.Children(f) {
				if to.Child(t, name) == 0 {
					out.Add(o, name, tree.Whiteout(tree.Time{}))
				}
			}
		}
		for name, i := range to.Children(t) {
			n := to.Inode(i)
			at := put(o, name, i, n)
			if !n.IsDir() {
				continue
			}
			below := tree.Ino(0)
			if f != 0 {
				if c := from.Child(f, name); c != 0 && from.Inode(c).IsDir() {
					below = c
				}
			}
			walk(below, i, at)
		}
	}
	walk(tree.Root, tree.Root, tree.Root)
	return out
}

// TestFlattenUndoesSplit splits the way between trees into layers, through their
// tars, and flattens them again.
func TestFlattenUndoesSplit(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var layers []*Layer
		last := tree.New(tree.Time{})
		for range rapid.IntRange(1, 4).Draw(t, "layers") {
			next := drawTree(t, false)
			l, err := New(ctx, difference(last, next), WriteOptions{})
			if err != nil {
				t.Fatal(err)
			}
			if l, err = Index(ctx, l.Tar(), IndexOptions{}); err != nil {
				t.Fatal(err)
			}
			layers, last = append(layers, l), next
		}
		if diff := cmp.Diff(dump(t, last), dump(t, Flatten(layers))); diff != "" {
			t.Fatal(diff)
		}
	})
}
