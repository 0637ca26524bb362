package layer

import (
	"fmt"
	"strings"
	"testing"

	"github.com/layerlab/layerlab/internal/hazard"
	"github.com/layerlab/layerlab/sim/content"
	"github.com/layerlab/layerlab/sim/overlay"
	"github.com/layerlab/layerlab/sim/tree"
)

// brief is a tree in one line: "a/" a directory, "f=1" a file, "s>a" a symbolic
// link, "c:0,3" a device, "p|" a FIFO.
func brief(tr *tree.Tree) string {
	var out []string
	tr.Walk(func(p string, _ tree.Ino, n *tree.Inode) bool {
		switch {
		case n.IsDir():
			p += "/"
		case n.IsRegular():
			b, err := content.ReadAll(n.Content(), 100)
			p += fmt.Sprintf("=%s", b)
			if err != nil {
				p += err.Error()
			}
		case n.IsSymlink():
			p += ">" + n.Target
		case n.Type() == tree.FIFO:
			p += "|"
		default:
			p += fmt.Sprintf(":%d,%d", n.Major, n.Minor)
		}
		out = append(out, p)
		return true
	})
	return strings.Join(out, " ")
}

// TestApply puts one layer over another and says what is to be seen: the rules of
// image-spec layer.md, and where it leaves things open what containerd does.
func TestApply(t *testing.T) {
	dir := func(name string) hazard.Entry { return hazard.Entry{Name: name} }
	file := func(name, body string) hazard.Entry { return hazard.Entry{Name: name, Body: body} }
	sym := func(name, target string) hazard.Entry { return hazard.Entry{Name: name, Symlink: target} }
	hard := func(name, target string) hazard.Entry { return hazard.Entry{Name: name, Hardlink: target} }
	base := []hazard.Entry{dir("a/"), file("a/f", "1"), dir("a/d/"), file("a/d/g", "2"), file("x", "X"), sym("s", "a"), dir("e/")}
	const ae, all = "a/ a/d/ a/d/g=2", "a/ a/d/ a/d/g=2 a/f=1 e/ s>a x=X"
	type entries []hazard.Entry
	for _, tt := range []struct {
		name  string
		layer entries
		want  string
	}{
		{"whiteout of a file", entries{file("a/.wh.f", "")}, ae + " e/ s>a x=X"},
		{"whiteout, then the file", entries{file("a/.wh.f", ""), file("a/f", "new")}, ae + " a/f=new e/ s>a x=X"},
		{"the file, then its whiteout", entries{file("a/f", "new"), file("a/.wh.f", "")}, ae + " a/f=new e/ s>a x=X"},
		{"whiteout of a directory that is made anew", entries{file("a/.wh.d", ""), dir("a/d/"), file("a/d/n", "n")}, "a/ a/d/ a/d/n=n a/f=1 e/ s>a x=X"},
		{"the other way about", entries{dir("a/d/"), file("a/d/n", "n"), file("a/.wh.d", "")}, "a/ a/d/ a/d/n=n a/f=1 e/ s>a x=X"},
		{"opaque first", entries{dir("a/"), file("a/.wh..wh..opq", ""), file("a/n", "n")}, "a/ a/n=n e/ s>a x=X"},
		{"opaque last", entries{dir("a/"), file("a/n", "n"), file("a/.wh..wh..opq", "")}, "a/ a/n=n e/ s>a x=X"},
		{"opaque hides at every depth, and spares the layer's own", entries{file("a/d/n", "n"), file("a/.wh..wh..opq", "")}, "a/ a/d/ a/d/n=n e/ s>a x=X"},
		{"opaque without an entry for its directory", entries{file("a/.wh..wh..opq", "")}, "a/ e/ s>a x=X"},
		{"opaque in a directory that is not there", entries{file("zz/.wh..wh..opq", "")}, all + " zz/"},
		{"opaque root", entries{file(".wh..wh..opq", ""), file("k", "k")}, "k=k"},
		{"opaque in an opaque", entries{file("a/.wh..wh..opq", ""), file("a/d/.wh..wh..opq", ""), file("a/d/n", "n")}, "a/ a/d/ a/d/n=n e/ s>a x=X"},
		{"whiteouts of no name", entries{file("a/.wh.", ""), file("a/.wh..", ""), file("a/.wh...", "")}, all},
		{"whiteout of what is not there", entries{file(".wh.nothing", ""), file("q/.wh.nothing", "")}, "a/ a/d/ a/d/g=2 a/f=1 e/ q/ s>a x=X"},
		{"whiteouts that are directories or have bytes", entries{dir("a/.wh.f/"), file(".wh.x", "bytes")}, ae + " e/ s>a"},
		{"whiteout below a lower symbolic link", entries{file("s/.wh.f", "")}, "a/ a/d/ a/d/g=2 a/f=1 e/ s/ x=X"},
		{"a name below a lower symbolic link", entries{file("s/n", "n")}, "a/ a/d/ a/d/g=2 a/f=1 e/ s/ s/n=n x=X"},
		{"a directory over a symbolic link", entries{dir("s/"), file("s/n", "n")}, "a/ a/d/ a/d/g=2 a/f=1 e/ s/ s/n=n x=X"},
		{"a file over a directory", entries{file("a", "A")}, "a=A e/ s>a x=X"},
		{"a symbolic link over a directory", entries{sym("a", "e")}, "a>e e/ s>a x=X"},
		{"a directory over a file", entries{dir("x/")}, "a/ a/d/ a/d/g=2 a/f=1 e/ s>a x/"},
		{"a name below a file", entries{file("x/n", "n")}, "a/ a/d/ a/d/g=2 a/f=1 e/ s>a x/ x/n=n"},
		{"a name twice", entries{file("x", "one"), file("x", "two")}, "a/ a/d/ a/d/g=2 a/f=1 e/ s>a x=two"},
		{"a hard link to a lower file", entries{hard("h", "a/f")}, "a/ a/d/ a/d/g=2 a/f=1 e/ h=1 s>a x=X"},
		{"a hard link to nothing", entries{hard("h", "nothing")}, all},
		{"a hard link to a name that comes again", entries{file("t", "1"), hard("hl", "t"), file("t", "2")}, "a/ a/d/ a/d/g=2 a/f=1 e/ hl=1 s>a t=2 x=X"},
		{"a hard link to a symbolic link", entries{sym("l", "gone"), hard("h", "l")}, "a/ a/d/ a/d/g=2 a/f=1 e/ h>gone l>gone s>a x=X"},
		{"names without parents", entries{file("m/n/o", "o")}, "a/ a/d/ a/d/g=2 a/f=1 e/ m/ m/n/ m/n/o=o s>a x=X"},
		{"names that are not clean", entries{file("./a/./n", "n"), file("/abs", "b"), file("a/../b", "c"), file("../up", "u")}, "a/ a/d/ a/d/g=2 a/f=1 a/n=n abs=b b=c e/ s>a up=u x=X"},
		{"only the last name is a whiteout", entries{file(".wh.a/child", "c")}, ".wh.a/ .wh.a/child=c " + all},
		{"AUFS's own", entries{dir(".wh..wh.plnk/"), file(".wh..wh.plnk/1", "1"), file(".wh..wh.aufs", ""), file(".wh..wh.foo", "")}, all},
		{"a device 0:0 is a whiteout on an overlay", entries{{Name: "a/f", Type: '3'}}, ae + " e/ s>a x=X"},
		{"links of the layer are followed inside the root", entries{sym("L", "/a"), file("L/n", "n"), sym("M", "../../.."), file("M/esc", "e")}, "L>/a M>../../.. a/ a/d/ a/d/g=2 a/f=1 a/n=n e/ esc=e s>a x=X"},
		{"nothing", nil, all},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var layers []*Layer
			for _, e := range [][]hazard.Entry{base, tt.layer} {
				l, err := Index(ctx, content.Bytes(hazard.Build(e...)), IndexOptions{})
				if err != nil {
					t.Fatal(err)
				}
				layers = append(layers, l)
			}
			if got := brief(Flatten(layers)); got != tt.want {
				t.Errorf("flattened: %s\nwant:      %s", got, tt.want)
			}
			want := tt.want
			if layers[1].Tree.Inode(tree.Root).Opaque {
				want = "a/ a/d/ a/d/g=2 a/f=1 e/ k=k s>a x=X" // an overlay has no mark on its root, and Docker so ignores this one
			}
			// The union shows the same names.
			m := overlay.New(trees(layers), nil, overlay.Options{})
			if got := briefMount(m, "/"); got != want {
				t.Errorf("mounted: %s\nwant:    %s", got, want)
			}
		})
	}
}

func briefMount(m *overlay.Mount, p string) string {
	tr := tree.New(tree.Time{})
	var dir func(p string, at tree.Ino)
	dir = func(p string, at tree.Ino) {
		for _, e := range m.List(p) {
			if i := tr.Add(at, e.Name, *e.Node); e.Node.IsDir() {
				dir(p+e.Name+"/", i)
			}
		}
	}
	dir(p, tree.Root)
	return brief(tr)
}

// TestApplyKeepsWhatIsThere says which metadata a directory has when two layers
// have it.
func TestApplyKeepsWhatIsThere(t *testing.T) {
	lower := []hazard.Entry{{Name: "p/", Mode: 0o1777}, {Name: "q/", Mode: 0o700}, {Name: "q/f", Body: "x"}}
	upper := []hazard.Entry{{Name: "p/n", Body: "n"}, {Name: "q/", Mode: 0o750}}
	var layers []*Layer
	for _, e := range [][]hazard.Entry{lower, upper} {
		l, err := Index(ctx, content.Bytes(hazard.Build(e...)), IndexOptions{})
		if err != nil {
			t.Fatal(err)
		}
		layers = append(layers, l)
	}
	flat := Flatten(layers)
	for p, want := range map[string]uint32{"p": 0o1777, "q": 0o750} {
		if got := flat.Get(p).Perm(); got != want {
			t.Errorf("%s has mode %o, want %o", p, got, want)
		}
		if st, err := overlay.New(trees(layers), nil, overlay.Options{}).Root().Lstat("/" + p); err != nil || st.Mode&tree.PermMask != want {
			t.Errorf("%s has mode %o in the mount, %v, want %o", p, st.Mode, err, want)
		}
	}
	if flat.Get("q/f") == nil {
		t.Error("a directory over a directory lost what the lower one has")
	}
}
