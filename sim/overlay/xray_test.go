package overlay_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/layerlab/layerlab/sim/layer"
	"github.com/layerlab/layerlab/sim/overlay"
	"github.com/layerlab/layerlab/sim/tree"
)

// played is a system after a script whose lines are separated by "; ".
func played(t *testing.T, script string) *simulated {
	t.Helper()
	s := newSimulated()
	r := newRunner(s)
	for line := range strings.SplitSeq(script, "; ") {
		r.mustDo(t, line)
	}
	r.finish()
	return s
}

func xrayText(versions []overlay.Version) string {
	var out []string
	for _, v := range versions {
		line := fmt.Sprintf("%d %s", v.Layer, v.State)
		if v.Cause != overlay.None {
			line += ": " + string(v.Cause)
		}
		if v.By >= 0 {
			line += fmt.Sprintf(" in %d", v.By)
		}
		if v.Dead > 0 {
			line += fmt.Sprintf(", %d bytes dead", v.Dead)
		}
		out = append(out, line)
	}
	return strings.Join(out, "\n")
}

// In these the lowest layer, 0, is empty.
func TestXRay(t *testing.T) {
	for _, tt := range []struct{ title, script, path, want string }{
		{
			"overwritten twice",
			"write /f one; rotate; write /f three; rotate; append /f more", "/f",
			"3 wins\n2 hidden: overwritten in 3, 5 bytes dead\n1 hidden: overwritten in 3, 3 bytes dead\n0 absent",
		}, {
			"deleted",
			"write /f one; rotate; unlink /f; rotate; mkdir /d 755", "/f",
			"3 absent\n2 marker: whiteout\n1 hidden: whiteout in 2, 3 bytes dead\n0 absent",
		}, {
			"deleted and made again",
			"write /f one; rotate; unlink /f; rotate; write /f x", "/f",
			"3 wins\n2 marker: whiteout\n1 hidden: overwritten in 3, 3 bytes dead\n0 absent",
		}, {
			"a directory above it was deleted",
			"mkdir /d 755; mkdir /d/e 755; write /d/e/f one; rotate; rmtree /d", "/d/e/f",
			"2 marker: parent whited out\n1 hidden: parent whited out in 2, 3 bytes dead\n0 absent",
		}, {
			"a directory above it was made anew",
			"mkdir /d 755; write /d/f one; rotate; rmtree /d; mkdir /d 755", "/d/f",
			"2 absent\n1 hidden: opaque directory in 2, 3 bytes dead\n0 absent",
		}, {
			"the same name in an opaque directory",
			"mkdir /d 755; write /d/f one; rotate; rmtree /d; mkdir /d 755; write /d/f x", "/d/f",
			"2 wins\n1 hidden: opaque directory in 2, 3 bytes dead\n0 absent",
		}, {
			"a directory above it became a file",
			"mkdir /d 755; write /d/f one; rotate; rmtree /d; write /d x", "/d/f",
			"2 absent\n1 hidden: parent replaced in 2, 3 bytes dead\n0 absent",
		}, {
			"a merged directory",
			"mkdir /d 755; write /d/f one; rotate; write /d/g two; rotate; write /d/h three", "/d",
			"3 wins\n2 merged\n1 merged\n0 absent",
		}, {
			"a directory in place of a file in place of a directory",
			"mkdir /d 755; write /d/f one; rotate; rmtree /d; write /d file; rotate; unlink /d; mkdir /d 755", "/d",
			"3 wins\n2 hidden: opaque directory in 3, 4 bytes dead\n1 hidden: opaque directory in 3, 3 bytes dead\n0 absent",
		}, {
			"nowhere", "write /f one", "/g/h", "1 absent\n0 absent",
		}, {
			"the root", "write /f one", "/", "1 wins\n0 merged",
		}, {
			"below a file", "write /f one", "/f/g", "1 absent\n0 absent",
		},
	} {
		t.Run(tt.title, func(t *testing.T) {
			got := xrayText(played(t, tt.script).m.XRay(tt.path))
			if d := cmp.Diff(tt.want, got); d != "" {
				t.Errorf("%s: expected (-), got (+):\n%s", tt.path, d)
			}
		})
	}
}

// A file that is under a directory of a layer above can only come from a tar.
func TestXRayFileUnderDirectory(t *testing.T) {
	low, mid, high := tree.New(tree.Time{}), tree.New(tree.Time{}), tree.New(tree.Time{})
	low.Add(low.MkdirAll("x", tree.Inode{Mode: tree.Directory | 0o700}), "deep", tree.Inode{Mode: tree.Regular | 0o644})
	mid.Add(tree.Root, "x", tree.Inode{Mode: tree.Regular | 0o644, Target: ""})
	high.Add(high.MkdirAll("x", tree.Inode{Mode: tree.Directory | 0o755, Implied: true}), "n", tree.Inode{Mode: tree.Regular | 0o644})
	m := overlay.New([]*tree.Tree{low, mid, high}, nil, overlay.Options{})
	want := "2 wins\n1 hidden: overwritten in 2\n0 hidden: overwritten in 2"
	if got := xrayText(m.XRay("/x")); got != want {
		t.Errorf("x is\n%s\nexpected\n%s", got, want)
	}
	if got := len(m.List("/x")); got != 1 {
		t.Errorf("x shows %d names, expected only that of layer 2", got)
	}
}

// On random trees: at most one version wins, and it is the one that Lookup finds;
// what is merged from layers is what extracting them one after the other gives.
func TestProvenanceAgrees(t *testing.T) {
	for seed := range uint64(300) {
		s := newSimulated()
		r := newRunner(s)
		for _, line := range randomScript(seed) {
			r.do(line)
		}
		r.finish()
		trees := append(s.m.Lowers(), s.m.Upper())
		var layers []*layer.Layer
		paths := map[string]bool{}
		for _, tr := range trees {
			layers = append(layers, &layer.Layer{Tree: tr})
			tr.Walk(func(p string, _ tree.Ino, _ *tree.Inode) bool { paths["/"+p] = true; return true })
		}
		for p := range paths {
			wins := -1
			for _, v := range s.m.XRay(p) {
				if v.State == overlay.Wins {
					if wins >= 0 {
						t.Fatalf("seed %d: %s wins in layers %d and %d", seed, p, wins, v.Layer)
					}
					wins = v.Layer
				}
			}
			if _, l, _ := s.m.Lookup(p); l != wins {
				t.Fatalf("seed %d: %s is in layer %d and wins in %d", seed, p, l, wins)
			}
		}
		flat := overlay.New([]*tree.Tree{layer.Flatten(layers)}, nil, overlay.Options{})
		if d := cmp.Diff(plain(s.m), plain(flat)); d != "" {
			t.Fatalf("seed %d: union (-), flattened (+):\n%s", seed, d)
		}
	}
}
