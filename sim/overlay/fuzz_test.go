package overlay_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/layerlab/layerlab/sim/overlay"
	"github.com/layerlab/layerlab/sim/tree"
)

// Whatever the paths are, every call answers, and no lower layer changes.
func FuzzPaths(f *testing.F) {
	for _, p := range []string{"/", "", ".", "..", "/d/../d/x", "s/x", "/loop/x", "//f//", "f/", "/d/\x00", "\xff", strings.Repeat("a/", 200), strings.Repeat("n", 300)} {
		f.Add(p, "/d/new")
		f.Add("/f", p)
	}
	f.Fuzz(func(t *testing.T, p, q string) {
		s := played(t, "mkdir /d 755; write /d/x x; symlink d /s; symlink loop /loop; write /f one; rotate; write /g g; mkdir /e 755")
		before := lines(s.m.Lowers())
		v := s.v
		v.Stat(p)
		v.ReadDir(p)
		v.ReadFile(p)
		v.Readlink(p)
		v.Rename(p, q, overlay.RenameExchange)
		v.Link(p, q)
		v.WriteFile(q, []byte("x"), 0o644)
		v.Chmod(p, 0o777)
		v.Rename(q, p, 0)
		v.Symlink(p, q)
		v.MkdirAll(p, 0o755)
		if h, err := v.Open(q, os.O_RDWR|os.O_CREATE, 0o600); err == nil {
			h.Write([]byte(p))
			h.Close()
		}
		v.Unlink(q)
		v.Rmdir(p)
		v.RemoveAll(q)
		s.m.XRay(p)
		s.m.Lookup(q)
		s.m.List(p)
		s.m.Changes()
		s.m.Changeset()
		v.RemoveAll(p)
		newRunner(s).dump()
		if !slices.Equal(before, lines(s.m.Lowers())) {
			t.Error("a lower layer has changed")
		}
	})
}

// lines is what trees hold, one line a name.
func lines(trees []*tree.Tree) []string {
	var out []string
	for l, tr := range trees {
		tr.Walk(func(p string, i tree.Ino, n *tree.Inode) bool {
			out = append(out, fmt.Sprintf("%d %s %d %o %d:%d %d %v %s %v", l, p, i, n.Mode, n.UID, n.GID, n.Nlink, n.MTime, n.Target, n.Opaque))
			return true
		})
	}
	return out
}

// Nor does one when thousands of operations run above it.
func TestLowersNeverChange(t *testing.T) {
	for seed := range uint64(100) {
		s := newSimulated()
		r := newRunner(s)
		var before []string
		for _, line := range randomScript(seed) {
			r.do(line)
			if line == "rotate" {
				before = lines(s.m.Lowers())
			}
		}
		r.finish()
		if before != nil && !slices.Equal(before, lines(s.m.Lowers())) {
			t.Fatalf("seed %d: a lower layer has changed", seed)
		}
	}
}
