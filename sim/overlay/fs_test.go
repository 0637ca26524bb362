package overlay_test

import (
	"testing"
	"testing/fstest"

	"github.com/layerlab/layerlab/sim/overlay"
	"github.com/layerlab/layerlab/sim/tree"
)

func TestFS(t *testing.T) {
	base := overlay.New(nil, tree.New(tree.Time{Sec: 1}), overlay.Options{})
	r := base.Root()
	must(t, r.MkdirAll("/etc/init.d", 0o755))
	must(t, r.WriteFile("/etc/passwd", []byte("root:x:0:0\n"), 0o644))
	must(t, r.WriteFile("/etc/hidden", []byte("x"), 0o644))
	must(t, r.Symlink("etc/passwd", "/users"))
	must(t, r.Symlink("/etc", "/conf"))
	m := overlay.New([]*tree.Tree{base.Upper()}, tree.New(tree.Time{Sec: 2}), overlay.Options{})
	u := m.Root()
	must(t, u.Unlink("/etc/hidden"))
	must(t, u.WriteFile("/etc/new", []byte("new\n"), 0o600))
	must(t, u.Chmod("/etc/passwd", 0o600))
	if err := fstest.TestFS(m.FS(), "etc/passwd", "etc/new", "etc/init.d", "users", "conf"); err != nil {
		t.Error(err)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
