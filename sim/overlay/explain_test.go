package overlay_test

import (
	"errors"
	"fmt"
	"strings"
	"syscall"
	"testing"

	"github.com/layerlab/layerlab/sim/content"
	"github.com/layerlab/layerlab/sim/overlay"
	"github.com/layerlab/layerlab/sim/tree"
)

// explained is a way as text: "/a/b 2 no 1 directory".
func explained(v *overlay.View, p string, follow bool) (string, error) {
	way, err := v.Explain(p, follow)
	var out []string
	for _, e := range way {
		switch e := e.(type) {
		case overlay.Lookup:
			s := e.Path
			for _, st := range e.Steps {
				s += fmt.Sprintf(" %d %s", st.Layer, st.Found)
			}
			out = append(out, s)
		case overlay.Followed:
			out = append(out, e.Path+" -> "+e.Target)
		}
	}
	return strings.Join(out, "; "), err
}

func TestExplainTellsEveryComponentAndLink(t *testing.T) {
	dir := tree.Inode{Mode: tree.Directory | 0o755}
	file := tree.Inode{Mode: tree.Regular | 0o644, Body: content.String("x")}
	one, two := tree.New(tree.Time{}), tree.New(tree.Time{})
	d := one.MkdirAll("/a/d", dir)
	one.Add(d, "f", file)
	one.Add(tree.Root, "loop", tree.Inode{Mode: tree.Symlink | 0o777, Target: "loop"})
	one.Add(tree.Root, "gone", file)
	two.MkdirAll("/a", dir)
	two.Add(tree.Root, "link", tree.Inode{Mode: tree.Symlink | 0o777, Target: "a/./d"})
	two.Add(tree.Root, "gone", tree.Whiteout(tree.Time{}))
	v := overlay.New([]*tree.Tree{one, two}, tree.New(tree.Time{}), overlay.Options{}).Root()
	if err := v.RemoveAll("/a/d"); err != nil {
		t.Fatal(err)
	}
	if err := v.Mkdir("/a/d", 0o755); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		path   string
		follow bool
		want   string
		err    error
	}{
		{"/a", true, "/a 2 directory 1 directory 0 directory", nil},
		{"/a/d", true, "/a 2 directory 1 directory 0 directory; /a/d 2 opaque directory", nil},
		{"/link", false, "/link 2 not there 1 file", nil},
		{"/link/f", true, "/link 2 not there 1 file; /link -> a/./d; /a 2 directory 1 directory 0 directory; /a/d 2 opaque directory; /a/d/f 2 not there", syscall.ENOENT},
		{"/gone/x", true, "/gone 2 not there 1 whiteout", syscall.ENOENT},
		{"/link/..", true, "/link 2 not there 1 file; /link -> a/./d; /a 2 directory 1 directory 0 directory; /a/d 2 opaque directory", nil},
		{"/", true, "", nil},
	} {
		got, err := explained(v, c.path, c.follow)
		if got != c.want || !errors.Is(err, c.err) {
			t.Errorf("%s:\n got %s, %v\nwant %s, %v", c.path, got, err, c.want, c.err)
		}
	}
	got, err := explained(v, "/loop", true)
	if n := strings.Count(got, "->"); n != 40 || !errors.Is(err, syscall.ELOOP) {
		t.Errorf("a loop is followed %d times and ends with %v", n, err)
	}
}
