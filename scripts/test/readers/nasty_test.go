//go:build readers

package readers_test

import (
	"archive/tar"
	"bytes"
	"fmt"
	"strings"
	"time"
)

// netBindService is the value of security.capability of a file that may bind low
// ports: version 2, effective, CAP_NET_BIND_SERVICE (linux/capability.h).
const netBindService = "\x01\x00\x00\x02\x00\x04\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"

// A tarOf is a tar that a test puts together.
type tarOf struct {
	b bytes.Buffer
	w *tar.Writer
}

func newTar() *tarOf {
	t := &tarOf{}
	t.w = tar.NewWriter(&t.b)
	return t
}

// add adds an entry; what h leaves out is the usual.
func (t *tarOf) add(h tar.Header, body string) *tarOf {
	if h.Typeflag == 0 {
		h.Typeflag = tar.TypeReg
	}
	if h.Typeflag == tar.TypeReg {
		h.Size = int64(len(body))
	}
	if h.ModTime.IsZero() {
		h.ModTime = time.Unix(1700000000, 0)
	}
	h.Format = tar.FormatPAX
	if err := t.w.WriteHeader(&h); err != nil {
		panic(fmt.Errorf("writing the entry %q: %w", h.Name, err))
	}
	if _, err := t.w.Write([]byte(body)); err != nil {
		panic(err)
	}
	return t
}

func (t *tarOf) file(name string, mode int64, body string) *tarOf {
	return t.add(tar.Header{Name: name, Mode: mode}, body)
}

func (t *tarOf) dir(name string, mode int64) *tarOf {
	return t.add(tar.Header{Typeflag: tar.TypeDir, Name: name + "/", Mode: mode}, "")
}

func (t *tarOf) symlink(name, to string) *tarOf {
	return t.add(tar.Header{Typeflag: tar.TypeSymlink, Name: name, Linkname: to, Mode: 0o777}, "")
}

func (t *tarOf) hard(name, to string) *tarOf {
	return t.add(tar.Header{Typeflag: tar.TypeLink, Name: name, Linkname: to, Mode: 0o644}, "")
}

func (t *tarOf) bytes() []byte {
	if err := t.w.Close(); err != nil {
		panic(err)
	}
	return t.b.Bytes()
}

// links has every kind of link.
func links() []byte {
	t := newTar().dir("d", 0o755).file("d/file", 0o640, "one file\n").hard("d/hard", "d/file").hard("a-hard", "d/file").hard("z-hard", "a-hard")
	t.symlink("abs", "/d/file").symlink("rel", "d/file").symlink("dangling", "/no/where").symlink("loop", "loop").symlink("dirlink", "d").symlink("d/up", "../d/./file")
	t.symlink("long", strings.Repeat("target/", 40)).symlink("d/here", ".")
	return t.hard("hard-to-symlink", "abs").bytes()
}

// modes has special bits, special files and owners.
func modes() []byte {
	t := newTar().file("setuid", 0o4755, "u").file("setgid", 0o2755, "g").file("none", 0, "0").file("all", 0o7777, "7")
	t.dir("sticky", 0o1777).dir("setgid-dir", 0o2775).dir("closed", 0).file("closed/in", 0o400, "in")
	t.add(tar.Header{Typeflag: tar.TypeFifo, Name: "fifo", Mode: 0o622}, "")
	t.add(tar.Header{Typeflag: tar.TypeChar, Name: "null", Mode: 0o666, Devmajor: 1, Devminor: 3}, "")
	t.add(tar.Header{Typeflag: tar.TypeChar, Name: "far", Mode: 0o600, Devmajor: 300, Devminor: 70000}, "")
	t.add(tar.Header{Typeflag: tar.TypeBlock, Name: "loop0", Mode: 0o660, Devminor: 0, Devmajor: 7, Gid: 6}, "")
	t.add(tar.Header{Name: "owned", Mode: 0o644, Uid: 1000, Gid: 1001, Uname: "learner", Gname: "learners"}, "mine")
	t.add(tar.Header{Name: "far-owned", Mode: 0o644, Uid: 3_000_000_000, Gid: 2_097_152}, "far")
	t.add(tar.Header{Name: "capable", Mode: 0o755, PAXRecords: map[string]string{
		"SCHILY.xattr.security.capability": netBindService, "SCHILY.xattr.user.note": "of no consequence",
	}}, "#!")
	return t.bytes()
}

// names has paths that are long, not ASCII, not UTF-8, or look like markers.
func names() []byte {
	t := newTar()
	deep := strings.Repeat("a-directory-with-a-long-name/", 12)
	t.dir(strings.TrimSuffix(deep, "/"), 0o755).file(deep+"file", 0o644, "deep").symlink(deep+"link", deep).hard("hard", deep+"file")
	t.file(strings.Repeat("n", 255), 0o644, "as long as a name may be").file(strings.Repeat("é", 127), 0o644, "two bytes each")
	for i, name := range []string{
		"naïve", "nai\u0308ve", "日本語/🐳", "a b", " lead", "trail ", "new\nline", "tab\there", `quo"te'`, "-dash", "...", "..x", "~", "*", "$HOME", "%s", "a=b", "\xff\xfe",
		".wh", ".whatever", "a.wh.b", "x.wh.", ".hidden", "wh.file", ".w/.h",
	} {
		if dir, _, ok := strings.Cut(name, "/"); ok {
			t.dir(dir, 0o755)
		}
		t.file(name, 0o644, fmt.Sprint(i))
	}
	return t.bytes()
}

// drives has names that go-containerregistry takes for another system's.
func drives() []byte {
	return newTar().file("c:x", 0o644, "c").file(`back\slash`, 0o644, "b").bytes()
}

// times has files of every age that a file system can hold.
func times() []byte {
	t := newTar()
	for name, at := range map[string]time.Time{
		"1970": time.Unix(0, 0), "before": time.Unix(-86400, 0), "2106": time.Unix(1<<32, 0), "2242": time.Unix(1<<33+1, 0), "1902": time.Unix(-1<<31, 0),
	} {
		t.add(tar.Header{Name: name, Mode: 0o644, ModTime: at}, name)
	}
	t.add(tar.Header{Name: "fraction", Mode: 0o644, ModTime: time.Unix(1700000000, 123456789)}, "f")
	t.add(tar.Header{Typeflag: tar.TypeSymlink, Name: "link", Linkname: "fraction", ModTime: time.Unix(1600000000, 0)}, "")
	return t.add(tar.Header{Typeflag: tar.TypeDir, Name: "dir", Mode: 0o755, ModTime: time.Unix(1500000000, 0)}, "").bytes()
}
