package layer

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/layerlab/layerlab/internal/hazard"
	"github.com/layerlab/layerlab/sim/content"
	"github.com/layerlab/layerlab/sim/tree"
)

// drawTree is a random changeset; marks says whether it may hold whiteouts and
// opaque directories.
func drawTree(t *rapid.T, marks bool) *tree.Tree {
	tr := tree.New(tree.Time{})
	name := rapid.SampledFrom([]string{"a", "b", "c", "é", "a.b", "d-1", strings.Repeat("long", 40)})
	var dirs = []tree.Ino{tree.Root}
	var files []tree.Ino
	for range rapid.IntRange(0, 25).Draw(t, "entries") {
		dir := rapid.SampledFrom(dirs).Draw(t, "dir")
		if tr.Inode(dir) == nil {
			continue
		}
		n := tree.Inode{
			Mode: uint32(rapid.IntRange(0, 0o7777).Draw(t, "mode")), UID: rapid.SampledFrom([]uint32{0, 5, 1 << 22, 1<<32 - 2}).Draw(t, "uid"),
			MTime: tree.Time{Sec: rapid.SampledFrom([]int64{0, 1, 1_700_000_000, 1 << 34, -5}).Draw(t, "mtime")},
		}
		at := name.Draw(t, "name")
		if c := tr.Child(dir, at); c != 0 && tr.Inode(c).IsDir() {
			continue
		}
		kinds := 7
		if marks {
			kinds = 9
		}
		switch rapid.IntRange(0, kinds-1).Draw(t, "kind") {
		case 0, 1:
			n.Mode |= tree.Directory
			dirs = append(dirs, tr.Add(dir, at, n))
			continue
		case 2:
			n.Mode = tree.Symlink | 0o777
			n.Target = rapid.SampledFrom([]string{"a", "/b", "..", strings.Repeat("t/", 100)}).Draw(t, "target")
		case 3:
			n.Mode |= tree.FIFO
		case 4:
			n.Mode |= tree.CharDevice
			n.Major, n.Minor = 1, 3
		case 5:
			if len(files) > 0 {
				if i := rapid.SampledFrom(files).Draw(t, "link"); tr.Inode(i) != nil {
					tr.Link(dir, at, i)
				}
				continue
			}
			fallthrough
		case 6:
			n.Mode |= tree.Regular
			n.Body = content.Bytes(rapid.SliceOfN(rapid.Byte(), 0, 600).Draw(t, "body"))
			if rapid.Bool().Draw(t, "capability") {
				n.Xattrs = map[string]string{"security.capability": "\x01\x00\x00\x02"}
			}
			files = append(files, tr.Add(dir, at, n))
			continue
		case 7:
			n = tree.Whiteout(tree.Time{})
		case 8:
			n.Mode, n.Opaque = n.Mode|tree.Directory, true
			dirs = append(dirs, tr.Add(dir, at, n))
			continue
		}
		tr.Add(dir, at, n)
	}
	return tr
}

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
