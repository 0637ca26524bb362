package layer

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/layerlab/layerlab/sim/content"
	"github.com/layerlab/layerlab/sim/overlay"
	"github.com/layerlab/layerlab/sim/tree"
)

// These properties hold layers against the union mount that makes and uses them.

// frozen is a changeset as a layer that was shipped: written and read again.
func frozen(t *rapid.T, c *tree.Tree) *Layer { return frozenIn(t, nil, c) }

// frozenIn is frozen with the entries in another order.
func frozenIn(t *rapid.T, order []string, c *tree.Tree) *Layer {
	l, err := New(ctx, c, WriteOptions{Order: order})
	if err != nil {
		t.Fatal(err)
	}
	read, err := Index(ctx, l.Tar(), IndexOptions{Digest: true})
	if err != nil || read.DiffID != l.DiffID {
		t.Fatalf("read as %s, %v; written as %s", read.DiffID, err, l.DiffID)
	}
	return read
}

func trees(layers []*Layer) []*tree.Tree {
	var out []*tree.Tree
	for _, l := range layers {
		out = append(out, l.Tree)
	}
	return out
}

// seen is what a process sees in a mount, as text; links are not counted, since a
// union counts those of the layer that a file is in.
func seen(t *rapid.T, m *overlay.Mount) []string {
	var out []string
	var dir func(string)
	dir = func(p string) {
		for _, e := range m.List("/" + p) {
			out = append(out, row1(t, p+e.Name, e.Node))
			if e.Node.IsDir() {
				dir(p + e.Name + "/")
			}
		}
	}
	dir("")
	return out
}

// timeless is a tree without the times of its directories: a directory of which
// nothing but the time differs is no change to BuildKit (containerd continuity
// fs/diff.go), and not in the layer.
func timeless(of *tree.Tree) *tree.Tree {
	out := of.Snapshot()
	of.Walk(func(_ string, i tree.Ino, n *tree.Inode) bool {
		if n.IsDir() {
			out.Update(i, func(d *tree.Inode) { d.MTime = tree.Time{} })
		}
		return true
	})
	return out
}

func shown(t *rapid.T, tr *tree.Tree) []string {
	var out []string
	tr.Walk(func(p string, _ tree.Ino, n *tree.Inode) bool {
		out = append(out, row1(t, p, n))
		return true
	})
	return out
}

func row1(t *rapid.T, p string, n *tree.Inode) string {
	b, err := content.ReadAll(n.Content(), 1<<20)
	if err != nil {
		t.Fatalf("%s: %v", p, err)
	}
	return fmt.Sprintf("%s %o %d:%d %d %d,%d %q %q %q", p, n.Mode, n.UID, n.GID, n.MTime.Sec, n.Major, n.Minor, n.Target, n.Xattrs["security.capability"], b)
}

// TestFlattenIsTheUnionMount says that what is flattened is what a container over
// the same layers sees.
func TestFlattenIsTheUnionMount(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var layers []*Layer
		for range rapid.IntRange(1, 5).Draw(t, "layers") {
			layers = append(layers, frozen(t, drawTree(t, true)))
		}
		m := overlay.New(trees(layers), nil, overlay.Options{})
		if diff := cmp.Diff(shown(t, Flatten(layers)), seen(t, m)); diff != "" {
			t.Fatalf("flattened (-), mounted (+):\n%s", diff)
		}
	})
}

// TestDifferenceIsApplied makes a container over any layers hold any other tree by
// the calls that a program would make, and ships what changed: on top of the
// layers it gives that tree, hard links included.
func TestDifferenceIsApplied(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var layers []*Layer
		for range rapid.IntRange(1, 3).Draw(t, "layers") {
			layers = append(layers, frozen(t, drawTree(t, true)))
		}
		want := drawTree(t, false)
		m := overlay.New(trees(layers), tree.New(tree.Time{}), overlay.Options{})
		c := copier{t: t, v: m.Root(), from: want, first: map[tree.Ino]string{}}
		c.dir(tree.Root, "/")
		c.times(tree.Root, "/")
		if diff := cmp.Diff(shown(t, want), seen(t, m)); diff != "" {
			t.Fatalf("wanted (-), made in the mount (+):\n%s", diff)
		}
		commit, order := m.CommitChangeset()
		for how, l := range map[string]*Layer{"Changeset": frozen(t, m.Changeset()), "CommitChangeset": frozenIn(t, order, commit)} {
			all := append(slices.Clone(layers), l)
			if diff := cmp.Diff(dump(t, timeless(want)), dump(t, timeless(Flatten(all)))); diff != "" {
				t.Fatalf("%s: wanted (-), layers and difference (+):\n%s", how, diff)
			}
		}
	})
}

// copier makes what a tree has in a mount, and takes away what it has not.
type copier struct {
	t     *rapid.T
	v     *overlay.View
	from  *tree.Tree
	first map[tree.Ino]string
}

func (c *copier) must(err error) {
	c.t.Helper()
	if err != nil {
		c.t.Fatal(err)
	}
}

func (c *copier) dir(d tree.Ino, p string) {
	there, err := c.v.ReadDir(p)
	c.must(err)
	for _, e := range there {
		old, err := c.v.Lstat(p + e.Name)
		c.must(err)
		n := c.from.Inode(c.from.Child(d, e.Name))
		if n == nil || !n.IsDir() || old.Mode&tree.TypeMask != tree.Directory {
			c.must(c.v.RemoveAll(p + e.Name))
		}
	}
	for name, i := range c.from.Children(d) {
		n, at := c.from.Inode(i), p+name
		switch first := c.first[i]; {
		case n.IsDir():
			if err := c.v.Mkdir(at, 0o755); err != nil && !errors.Is(err, syscall.EEXIST) {
				c.t.Fatal(err)
			}
			c.attributes(at, n)
			c.dir(i, at+"/")
			continue
		case first != "":
			c.must(c.v.Link(first, at))
			continue
		}
		c.first[i] = at
		switch n.Type() {
		case tree.Symlink:
			c.must(c.v.Symlink(n.Target, at))
		case tree.Regular:
			b, err := content.ReadAll(n.Content(), 1<<20)
			c.must(err)
			c.must(c.v.WriteFile(at, b, 0o644))
		default:
			c.must(c.v.Mknod(at, n.Mode, n.Major, n.Minor))
		}
		c.attributes(at, n)
	}
}

func (c *copier) attributes(p string, n *tree.Inode) {
	c.must(c.v.Lchown(p, int(n.UID), int(n.GID)))
	if n.IsSymlink() {
		return
	}
	c.must(c.v.Chmod(p, n.Perm()))
	if v, ok := n.Xattrs["security.capability"]; ok {
		c.must(c.v.Setxattr(p, "security.capability", v))
	} else if v, err := c.v.Getxattr(p, "security.capability"); err == nil && v != "" {
		c.must(c.v.Removexattr(p, "security.capability"))
	}
}

// times come last: making and removing names changes those of directories.
func (c *copier) times(d tree.Ino, p string) {
	for name, i := range c.from.Children(d) {
		n := c.from.Inode(i)
		if n.IsDir() {
			c.times(i, p+name+"/")
		}
		c.must(c.v.Lutimes(p+name, n.MTime))
	}
}

// A call is one of a history of calls in a container.
type call struct {
	kind, path, other string
	number            int
}

func drawCalls(t *rapid.T) []call {
	name := rapid.SampledFrom([]string{"a", "b", "c"})
	p := rapid.Custom(func(t *rapid.T) string {
		return "/" + strings.Join(rapid.SliceOfN(name, 1, 3).Draw(t, "parts"), "/")
	})
	kinds := rapid.SampledFrom([]string{"write", "write", "mkdir", "mkdir", "remove", "removeall", "removeall", "symlink", "rename", "link", "chmod", "chown", "truncate", "setcap", "mknod", "replace"})
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) call {
		return call{kinds.Draw(t, "kind"), p.Draw(t, "path"), p.Draw(t, "other"), rapid.IntRange(0, 500).Draw(t, "number")}
	}), 1, 40).Draw(t, "calls")
}

// run makes the calls in containers over each other: one ends after the calls
// that ends has, and what it changed becomes a layer below the next. The answer
// is what is seen at the end and what each call said.
func run(t *rapid.T, calls []call, ends map[int]bool) (merged, said []string) {
	var layers []*Layer
	now := int64(0)
	open := func() *overlay.Mount {
		return overlay.New(trees(layers), tree.New(tree.Time{}), overlay.Options{Now: clock(&now)})
	}
	m := open()
	linked := map[string]bool{}
	for i, c := range calls {
		now = int64(i) + 1
		said = append(said, fmt.Sprintf("%d %v: %v", i, c, errno(c.do(m.Root(), linked))))
		if ends[i] {
			layers = append(layers, frozen(t, m.Changeset()))
			m = open()
		}
	}
	layers = append(layers, frozen(t, m.Changeset()))
	return shown(t, timeless(Flatten(layers))), said
}

func clock(now *int64) func() tree.Time { return func() tree.Time { return tree.Time{Sec: *now} } }

func errno(err error) string {
	if e := syscall.Errno(0); errors.As(err, &e) {
		return e.Error()
	}
	return fmt.Sprint(err)
}

var errSkipped = errors.New("left out")

// do makes the call. Where layers differ from one file system, and must, it is left
// out: a directory of a lower layer cannot be renamed, and changing a file
// under one of its names breaks a link that spans layers.
func (c call) do(v *overlay.View, linked map[string]bool) error {
	st, err := v.Lstat(c.path)
	isDir := err == nil && st.Mode&tree.TypeMask == tree.Directory
	if linked[c.path] && c.kind != "remove" && c.kind != "removeall" || c.kind == "rename" && (isDir || linked[c.other]) {
		return errSkipped
	}
	isLink := err == nil && st.Mode&tree.TypeMask == tree.Symlink
	if isLink && !slices.Contains([]string{"remove", "removeall", "rename", "replace", "link"}, c.kind) {
		return errSkipped // what it leads to may be linked
	}
	switch c.kind {
	case "write":
		return v.WriteFile(c.path, []byte(strings.Repeat("x", c.number)), 0o644)
	case "mkdir":
		return v.Mkdir(c.path, 0o755)
	case "remove":
		if isDir {
			return v.Rmdir(c.path)
		}
		return v.Unlink(c.path)
	case "removeall":
		return v.RemoveAll(c.path)
	case "replace":
		return errors.Join(v.RemoveAll(c.path), v.Mkdir(c.path, 0o700))
	case "symlink":
		return v.Symlink("nowhere", c.path)
	case "rename":
		return v.Rename(c.path, c.other, 0)
	case "link":
		if err := v.Link(c.path, c.other); err != nil {
			return err
		}
		linked[c.path], linked[c.other] = true, true
		return nil
	case "chmod":
		return v.Chmod(c.path, uint32(c.number))
	case "chown":
		return v.Chown(c.path, c.number, c.number+1)
	case "truncate":
		return v.Truncate(c.path, int64(c.number))
	case "setcap":
		return v.Setxattr(c.path, "security.capability", fmt.Sprint(c.number))
	}
	return v.Mknod(c.path, tree.FIFO|0o600, 0, 0)
}

// TestAnySplitMergesToTheSameTree runs a history of calls in one container, and in
// several over each other: however it is split into layers, they merge to the
// same tree, and no call notices.
func TestAnySplitMergesToTheSameTree(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		calls := drawCalls(t)
		want, told := run(t, calls, nil)
		for range 3 {
			ends := map[int]bool{}
			for i := range calls {
				ends[i] = rapid.IntRange(0, 3).Draw(t, "ends") == 0
			}
			got, said := run(t, calls, ends)
			if diff := cmp.Diff(told, said) + cmp.Diff(want, got); diff != "" {
				t.Fatalf("one layer (-), %v (+):\n%s", ends, diff)
			}
		}
	})
}
