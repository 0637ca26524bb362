package fsops

import (
	"archive/tar"
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// entry is one entry of a test's tar.
type entry struct {
	name     string
	kind     byte // tar.TypeReg if it is 0
	mode     int64
	uid, gid int
	data     string // of a file; of a link where it leads
	major    int64
	minor    int64
	xattrs   map[string]string
}

func layerTar(t testing.TB, entries []entry) []byte {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for i, e := range entries {
		h := &tar.Header{
			Name: e.name, Typeflag: e.kind, Mode: e.mode, Uid: e.uid, Gid: e.gid, ModTime: time.Unix(int64(1000+i), 0),
			Devmajor: e.major, Devminor: e.minor, Format: tar.FormatPAX, PAXRecords: map[string]string{},
		}
		for name, value := range e.xattrs {
			h.PAXRecords["SCHILY.xattr."+name] = value
		}
		switch e.kind {
		case 0:
			h.Typeflag, h.Size = tar.TypeReg, int64(len(e.data))
		case tar.TypeLink, tar.TypeSymlink:
			h.Linkname = e.data
		}
		if err := w.WriteHeader(h); err != nil {
			t.Fatal(err)
		}
		if h.Size > 0 {
			if _, err := w.Write([]byte(e.data)); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// base is the lower layers that the comparisons begin with: everything that a
// union can have to deal with, in two layers.
var base = [][]entry{{
	{name: "./", kind: tar.TypeDir, mode: 0o755},
	{name: "bin/", kind: tar.TypeDir, mode: 0o755},
	{name: "bin/su", mode: 0o4755, data: "su"},
	{name: "bin/wall", mode: 0o2755, gid: 5, data: "wall"},
	{name: "dir/", kind: tar.TypeDir, mode: 0o755},
	{name: "dir/a", mode: 0o644, data: "lower a"},
	{name: "dir/b", mode: 0o600, data: "secret", xattrs: map[string]string{"user.k": "v"}},
	{name: "dir/sub/", kind: tar.TypeDir, mode: 0o755},
	{name: "dir/sub/x", mode: 0o644, data: "x"},
	{name: "empty/", kind: tar.TypeDir, mode: 0o755},
	{name: "gone", mode: 0o644, data: "hidden by the layer above"},
	{name: "hard1", mode: 0o644, data: "one inode"},
	{name: "hard2", kind: tar.TypeLink, data: "hard1"},
	{name: "home/", kind: tar.TypeDir, mode: 0o755, uid: 1000, gid: 1000},
	{name: "home/note", mode: 0o640, uid: 1000, gid: 1000, data: "mine"},
	{name: "home/suid", mode: 0o6755, uid: 1000, gid: 1000, data: "set"},
	{name: "link", kind: tar.TypeSymlink, mode: 0o777, data: "dir/a"},
	{name: "linkdir", kind: tar.TypeSymlink, mode: 0o777, data: "dir"},
	{name: "loop", kind: tar.TypeSymlink, mode: 0o777, data: "loop"},
	{name: "null", kind: tar.TypeChar, mode: 0o666, major: 1, minor: 3},
	{name: "pipe", kind: tar.TypeFifo, mode: 0o666},
	{name: "tmp/", kind: tar.TypeDir, mode: 0o1777},
	{name: "tmp/root", mode: 0o644, data: "root's"},
	{name: "tmp/user", mode: 0o644, uid: 1000, gid: 1000, data: "the user's"},
}, {
	{name: "./", kind: tar.TypeDir, mode: 0o755},
	{name: ".wh.gone", mode: 0},
	{name: "dir/", kind: tar.TypeDir, mode: 0o775, gid: 100},
	{name: "dir/c", mode: 0o644, data: "from the upper of the two"},
	{name: "dir/sub/", kind: tar.TypeDir, mode: 0o755},
	{name: "dir/sub/.wh..wh..opq", mode: 0},
	{name: "dir/sub/y", mode: 0o666, data: "y"},
	{name: "shared/", kind: tar.TypeDir, mode: 0o2777, gid: 100},
}}

// baseLowers is the layers of base, read from files.
func baseLowers(t testing.TB) []Lower {
	t.Helper()
	var lowers []Lower
	for i, entries := range base {
		name := filepath.Join(t.TempDir(), "layer"+decimal(i)+".tar")
		if err := os.WriteFile(name, layerTar(t, entries), 0o600); err != nil {
			t.Fatal(err)
		}
		l, err := ReadLower(name)
		if err != nil {
			t.Fatal(err)
		}
		lowers = append(lowers, l)
	}
	return lowers
}
