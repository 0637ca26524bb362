package overlay_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/layerlab/layerlab/sim/content"
	"github.com/layerlab/layerlab/sim/overlay"
	"github.com/layerlab/layerlab/sim/tree"
)

// on is a mount of one lower layer that has the given files.
func on(t *testing.T, files map[string]string, o overlay.Options) *overlay.Mount {
	t.Helper()
	base := overlay.New(nil, tree.New(tree.Time{}), overlay.Options{})
	for p, data := range files {
		must(t, base.Root().WriteFile(p, []byte(data), 0o644))
	}
	return overlay.New([]*tree.Tree{base.Upper()}, tree.New(tree.Time{}), o)
}

func wantFile(t *testing.T, v *overlay.View, p, want string) {
	t.Helper()
	if b, err := v.ReadFile(p); err != nil || string(b) != want {
		t.Errorf("%s holds %.60q, %v; expected %.60q", p, b, err, want)
	}
}

// Short writes are gathered, and still every reader sees them at once.
func TestWritesAreSeen(t *testing.T) {
	m := on(t, nil, overlay.Options{})
	v := m.Root()
	f, err := v.Open("/log", os.O_WRONLY|os.O_CREATE, 0o644)
	must(t, err)
	var want strings.Builder
	for i := range 30_000 {
		fmt.Fprintf(f, "line %d\n", i)
		fmt.Fprintf(&want, "line %d\n", i)
		if i%7000 == 0 {
			wantFile(t, v, "/log", want.String())
			if s, err := v.Stat("/log"); err != nil || s.Size != int64(want.Len()) {
				t.Errorf("size is %d, %v; expected %d", s.Size, err, want.Len())
			}
		}
	}
	if n := m.Upper().Get("/log").Size(); n != int64(want.Len()) {
		t.Errorf("the upper has %d bytes of %d", n, want.Len())
	}
	must(t, f.Close())
	wantFile(t, v, "/log", want.String())
	if err := f.Close(); !errors.Is(err, syscall.EBADF) {
		t.Errorf("second Close: %v", err)
	}
}

func TestWritesHereAndThere(t *testing.T) {
	v := on(t, map[string]string{"/f": "0123456789"}, overlay.Options{}).Root()
	f, err := v.Open("/f", os.O_RDWR, 0)
	must(t, err)
	defer f.Close()
	for _, w := range []struct {
		off  int64
		data string
	}{{2, "ab"}, {4, "cd"}, {0, "X"}, {12, "end"}} {
		if _, err := f.WriteAt([]byte(w.data), w.off); err != nil {
			t.Fatal(err)
		}
	}
	wantFile(t, v, "/f", "X1abcd6789\x00\x00end")
	must(t, f.Truncate(3))
	if off, err := f.Seek(-1, io.SeekEnd); off != 2 || err != nil {
		t.Errorf("Seek: %d, %v", off, err)
	}
	f.Write([]byte("!"))
	b := make([]byte, 10)
	if n, err := f.ReadAt(b, 0); string(b[:n]) != "X1!" || err != io.EOF {
		t.Errorf("ReadAt: %q, %v", b[:n], err)
	}
	if _, err := f.Seek(-9, io.SeekCurrent); !errors.Is(err, syscall.EINVAL) {
		t.Errorf("Seek to before the start: %v", err)
	}
}

// Two processes that append to one file do not overwrite each other.
func TestAppendFromTwo(t *testing.T) {
	v := on(t, map[string]string{"/f": ""}, overlay.Options{}).Root()
	var wg sync.WaitGroup
	for _, c := range []string{"a", "b"} {
		wg.Go(func() {
			f, err := v.Open("/f", os.O_WRONLY|os.O_APPEND, 0)
			if err != nil {
				t.Error(err)
				return
			}
			defer f.Close()
			for range 500 {
				f.Write([]byte(c))
			}
		})
	}
	wg.Wait()
	b, err := v.ReadFile("/f")
	if err != nil || bytes.Count(b, []byte("a")) != 500 || bytes.Count(b, []byte("b")) != 500 {
		t.Errorf("%d bytes, %v", len(b), err)
	}
}

func TestNoSpace(t *testing.T) {
	m := on(t, map[string]string{"/big": strings.Repeat("x", 2000)}, overlay.Options{MaxBytes: 1000})
	v := m.Root()
	must(t, v.WriteFile("/a", make([]byte, 100_000), 0o644)) // zeros are a hole
	must(t, v.WriteFile("/b", bytes.Repeat([]byte("b"), 900), 0o644))
	for what, err := range map[string]error{
		"write":   v.WriteFile("/c", bytes.Repeat([]byte("c"), 101), 0o644),
		"copy-up": v.Chmod("/big", 0o600),
		"SetBody": v.SetBody("/d", content.Bytes(bytes.Repeat([]byte("d"), 101)), nil),
	} {
		if !errors.Is(err, syscall.ENOSPC) {
			t.Errorf("%s over the limit: %v, expected ENOSPC", what, err)
		}
	}
	must(t, v.Unlink("/b"))
	must(t, v.WriteFile("/c", bytes.Repeat([]byte("c"), 900), 0o644))
	if s := v.Statfs(); s.Used != 900 || s.Total != 1000 {
		t.Errorf("statfs: %+v", s)
	}
	if s, err := v.Lstat("/big"); err != nil || s.Layer != 0 {
		t.Errorf("/big is in layer %d, %v: a copy-up that failed must leave it where it is", s.Layer, err)
	}
}

func TestReadOnly(t *testing.T) {
	m := on(t, map[string]string{"/d": "", "/f": "x"}, overlay.Options{})
	v := overlay.New(m.Lowers(), nil, overlay.Options{}).Root()
	_, opened := v.Open("/f", os.O_RDWR, 0)
	_, created := v.Open("/g", os.O_WRONLY|os.O_CREATE, 0)
	for what, err := range map[string]error{
		"open": opened, "create": created, "mkdir": v.Mkdir("/x", 0o755), "unlink": v.Unlink("/f"), "rmdir": v.Rmdir("/d"),
		"rename": v.Rename("/f", "/g", 0), "chmod": v.Chmod("/f", 0), "link": v.Link("/f", "/g"), "symlink": v.Symlink("f", "/g"),
		"truncate": v.Truncate("/f", 0), "setxattr": v.Setxattr("/f", "user.a", "b"), "access": v.Access("/f", 2),
		"RemoveAll": v.RemoveAll("/f"), "SetBody": v.SetBody("/f", content.Empty, nil), "utimes": v.Touch("/f"),
	} {
		if !errors.Is(err, syscall.EROFS) {
			t.Errorf("%s: %v, expected EROFS", what, err)
		}
	}
	wantFile(t, v, "/f", "x")
}

// A body is taken over without being read, and not before it is needed.
func TestSetBody(t *testing.T) {
	v := on(t, map[string]string{"/old": "old"}, overlay.Options{}).Root()
	never := content.Recipe(1<<40, func() (io.ReadCloser, error) { return nil, errors.New("this body is not to be read") })
	must(t, v.SetBody("/new", never, nil))
	must(t, v.SetBody("/old", never, &overlay.Meta{Perm: 0o4750, UID: 3, GID: 4, MTime: tree.Time{Sec: 9}, Xattrs: map[string]string{"user.a": "b"}}))
	s, err := v.Stat("/old")
	if err != nil || s.Mode != tree.Regular|0o4750 || s.UID != 3 || s.GID != 4 || s.MTime.Sec != 9 || s.Size != 1<<40 {
		t.Errorf("%+v, %v", s, err)
	}
	must(t, v.Rename("/new", "/moved", 0))
	must(t, v.Truncate("/moved", 1<<39))
	if _, err := v.ReadFile("/moved"); !errors.Is(err, syscall.EFBIG) {
		t.Errorf("reading half a terabyte at once: %v", err)
	}
	f, err := v.Open("/old", os.O_RDONLY, 0)
	must(t, err)
	if _, err := f.Read(make([]byte, 1)); err == nil || !strings.Contains(err.Error(), "read /old: this body") {
		t.Errorf("a body that can not be read says %v", err)
	}
}

func TestDevices(t *testing.T) {
	v := on(t, nil, overlay.Options{}).Root()
	must(t, v.Mknod("/null", tree.CharDevice|0o666, 1, 3))
	must(t, v.Mknod("/zero", tree.CharDevice|0o666, 1, 5))
	must(t, v.Mknod("/full", tree.CharDevice|0o666, 1, 7))
	must(t, v.Mknod("/tty", tree.CharDevice|0o666, 5, 0))
	must(t, v.WriteFile("/null", []byte("gone"), 0o644))
	wantFile(t, v, "/null", "")
	f, err := v.Open("/zero", os.O_RDONLY, 0)
	must(t, err)
	b := []byte("xxxx")
	if _, err := io.ReadFull(f, b); err != nil || string(b) != "\x00\x00\x00\x00" {
		t.Errorf("/zero gives %q, %v", b, err)
	}
	if err := v.WriteFile("/full", []byte("x"), 0o644); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("writing /full: %v", err)
	}
	if _, err := v.Open("/tty", os.O_RDWR, 0); !errors.Is(err, syscall.ENXIO) {
		t.Errorf("opening /tty: %v", err)
	}
}

// The images of the world have hard links to files that only a lower layer has.
func TestLinkToLowerLayer(t *testing.T) {
	low, high := tree.New(tree.Time{}), tree.New(tree.Time{})
	low.Add(tree.Root, "f", tree.Inode{Mode: tree.Regular | 0o600, UID: 7, Body: content.String("lower")})
	low.Add(tree.Root, "g", tree.Inode{Mode: tree.Regular | 0o600, Body: content.String("hidden")})
	high.Add(tree.Root, "link", tree.Inode{Mode: tree.Regular, Target: "f", LinkBroken: true})
	high.Add(tree.Root, "g", tree.Inode{Mode: tree.Regular, Target: "nothing", LinkBroken: true})
	m := overlay.New([]*tree.Tree{low, high}, tree.New(tree.Time{}), overlay.Options{})
	v := m.Root()
	wantFile(t, v, "/link", "lower")
	if s, err := v.Stat("/link"); err != nil || s.Perm() != 0o600 || s.UID != 7 {
		t.Errorf("%+v, %v", s, err)
	}
	if _, err := v.Stat("/g"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a link to nothing: %v", err)
	}
	if got := xrayText(m.XRay("/g")); got != "2 absent\n1 absent\n0 hidden: overwritten in 1, 6 bytes dead" {
		t.Errorf("x-ray of a link to nothing:\n%s", got)
	}
	if list, _ := v.ReadDir("/"); len(list) != 2 {
		t.Errorf("the root shows %v", list)
	}
	must(t, v.WriteFile("/link", []byte("mine"), 0o644))
	wantFile(t, v, "/link", "mine")
	wantFile(t, v, "/f", "lower")
	must(t, v.Unlink("/link"))
	if _, err := v.Stat("/link"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("after rm: %v", err)
	}
}

// A directory that a layer's tar only implies leaves owner and mode of the lower.
func TestImpliedDirectory(t *testing.T) {
	low, high := tree.New(tree.Time{}), tree.New(tree.Time{})
	low.Add(tree.Root, "d", tree.Inode{Mode: tree.Directory | 0o1777, UID: 5, MTime: tree.Time{Sec: 3}})
	high.Add(high.MkdirAll("d", tree.Inode{Mode: tree.Directory | 0o755, Implied: true}), "f", tree.Inode{Mode: tree.Regular | 0o644})
	m := overlay.New([]*tree.Tree{low, high}, tree.New(tree.Time{}), overlay.Options{})
	must(t, m.Root().Chmod("/d/f", 0o600))
	if n := m.Upper().Get("/d"); n.Perm() != 0o1777 || n.UID != 5 || n.MTime.Sec != 3 || n.Implied {
		t.Errorf("copied up as %+v", n)
	}
}

func TestRemoveAll(t *testing.T) {
	m := on(t, map[string]string{"/keep": "k"}, overlay.Options{})
	v := m.Root()
	must(t, v.MkdirAll("/d/e/f", 0o777))
	must(t, v.WriteFile("/d/e/x", []byte("x"), 0o644))
	other := m.As(overlay.Cred{UID: 4, GID: 4})
	if err := other.RemoveAll("/d"); !errors.Is(err, fs.ErrPermission) {
		t.Errorf("as another user: %v", err)
	}
	must(t, v.RemoveAll("/d"))
	must(t, v.RemoveAll("/d"))
	if list, _ := v.ReadDir("/"); len(list) != 1 {
		t.Errorf("left: %v", list)
	}
	if err := v.MkdirAll("/keep/x", 0o755); !errors.Is(err, syscall.ENOTDIR) {
		t.Errorf("MkdirAll below a file: %v", err)
	}
}

// A snapshot and its origin go their own ways, with files open meanwhile.
func TestSnapshot(t *testing.T) {
	m := on(t, map[string]string{"/f": "one"}, overlay.Options{})
	f, err := m.Root().Open("/f", os.O_RDWR|os.O_APPEND, 0)
	must(t, err)
	defer f.Close()
	f.Write([]byte(" two"))
	s := m.Snapshot(overlay.Options{})
	f.Write([]byte(" three"))
	must(t, s.Root().Unlink("/f"))
	wantFile(t, m.Root(), "/f", "one two three")
	before, _ := m.Root().Stat("/f")
	if _, err := s.Root().Stat("/f"); !errors.Is(err, fs.ErrNotExist) {
		t.Error("the snapshot still has /f")
	}
	if before.Layer != 1 {
		t.Errorf("/f is in layer %d", before.Layer)
	}
}

func TestMessage(t *testing.T) {
	v := on(t, nil, overlay.Options{}).Root()
	_, err := v.Stat("/missing")
	if got := overlay.Message(err); got != "No such file or directory" {
		t.Errorf("Message: %q", got)
	}
	if got := overlay.Message(io.EOF); got != "EOF" {
		t.Errorf("Message of another error: %q", got)
	}
}
