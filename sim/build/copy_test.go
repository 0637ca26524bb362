package build

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// chmod changes modes of the context: path and octal mode in turn.
func (l *lab) chmod(p string, mode uint32) *lab {
	if err := l.host.Root().Chmod("/ctx/"+p, mode); err != nil {
		l.t.Fatal(err)
	}
	return l
}

// What COPY makes of files, directories, wildcards, links, owners and modes. The
// expectations were recorded from Docker Engine 29 (transcript copy_semantics and
// the cases of BuildKit's own tests).
func TestCopyLayers(t *testing.T) {
	files := func(l *lab) {
		l.write("d/a.txt", "1\n", "d/sub/b.txt", "2\n", "d/link -> a.txt", "", "one.cfg", "x\n", "two.cfg", "y\n", "a[0].txt", "b", "e/n", "n", "d/.dot", ".")
		l.chmod("d/sub", 0o700).chmod("two.cfg", 0o4755)
	}
	for _, c := range []struct {
		name, steps string
		want        []string // of the last layer
	}{
		{"a directory's contents", "COPY d /d1", []string{"d 0755 0:0 /d1", "0644 0:0 1 /d1/.dot", "0644 0:0 2 /d1/a.txt", "l 0:0 /d1/link -> a.txt", "d 0700 0:0 /d1/sub", "0644 0:0 2 /d1/sub/b.txt"}},
		{"wildcard", "COPY *.cfg /etc2/", []string{"d 0755 0:0 /etc2", "0644 0:0 2 /etc2/one.cfg", "4755 0:0 2 /etc2/two.cfg"}},
		{"wildcard that matches nothing", "COPY zz* /x/", nil},
		{"wildcard into a directory's dot files", "COPY d/* /w/", []string{"d 0755 0:0 /w", "0644 0:0 1 /w/.dot", "0644 0:0 2 /w/a.txt", "0644 0:0 2 /w/b.txt", "0644 0:0 2 /w/link"}},
		{"escaped wildcard", "COPY a[[]0].txt /", []string{"0644 0:0 1 /a[0].txt"}},
		{"owner, with the directories made for it", "COPY --chown=5:6 one.cfg /p/q/f", []string{"d 0755 5:6 /p", "d 0755 5:6 /p/q", "0644 5:6 2 /p/q/f"}},
		{"owner by number alone", "COPY --chown=7 one.cfg /f", []string{"0644 7:7 2 /f"}},
		{"owner of a link", "COPY --chown=33:33 d /owned", []string{"d 0755 33:33 /owned", "0644 33:33 1 /owned/.dot", "0644 33:33 2 /owned/a.txt", "l 33:33 /owned/link -> a.txt", "d 0700 33:33 /owned/sub", "0644 33:33 2 /owned/sub/b.txt"}},
		{"mode, also of directories", "COPY --chmod=640 one.cfg two.cfg /modes/", []string{"d 0640 0:0 /modes", "0640 0:0 2 /modes/one.cfg", "0640 0:0 2 /modes/two.cfg"}},
		{"mode in letters", "COPY --chmod=u=rwX,go=rX d /m", []string{"d 0755 0:0 /m", "0644 0:0 1 /m/.dot", "0644 0:0 2 /m/a.txt", "l 0:0 /m/link -> a.txt", "d 0755 0:0 /m/sub", "0644 0:0 2 /m/sub/b.txt"}},
		{"another name", "COPY one.cfg /renamed.cfg", []string{"0644 0:0 2 /renamed.cfg"}},
		{"a link as the source is followed", "COPY d/link /followed", []string{"0644 0:0 2 /followed"}},
		{"out of the context", "COPY ../one.cfg /x", []string{"0644 0:0 2 /x"}},
		{"out of the image", "WORKDIR /a/b\nCOPY one.cfg ../../../../x", []string{"0644 0:0 2 /x"}},
		{"two files to one name", "COPY one.cfg two.cfg /x", []string{"4755 0:0 2 /x"}},
		{"two directories into one", "COPY d/sub e /x/", []string{"d 0755 0:0 /x", "0644 0:0 2 /x/b.txt", "0644 0:0 1 /x/n"}},
		{"relative to the workdir", "WORKDIR /w\nCOPY one.cfg rel/", []string{"d 0755 0:0 /w", "d 0755 0:0 /w/rel", "0644 0:0 2 /w/rel/one.cfg"}},
		{"into a directory that is there", "COPY d /x\nCOPY one.cfg /x", []string{"d 0755 0:0 /x", "0644 0:0 2 /x/one.cfg"}},
		{"the same once more", "COPY one.cfg /x\nCOPY one.cfg /x", nil},
		{"through a link in the image", "COPY d/sub /real\nCOPY e2 /\nCOPY one.cfg /lnk/f", []string{"d 0755 0:0 /real", "0644 0:0 2 /real/f"}},
		{"here-document", "ARG N=lab\nCOPY <<EOF /etc/motd\nwelcome to $N\nEOF", []string{"d 0755 0:0 /etc", "0644 0:0 15 /etc/motd"}},
		{"two here-documents", "COPY <<X <<Y /d/\nx\nX\nyy\nY", []string{"d 0755 0:0 /d", "0644 0:0 2 /d/X", "0644 0:0 3 /d/Y"}},
		{"exclude", "COPY --exclude=*.txt d /x", []string{"d 0755 0:0 /x", "0644 0:0 1 /x/.dot", "l 0:0 /x/link -> a.txt", "d 0700 0:0 /x/sub", "0644 0:0 2 /x/sub/b.txt"}},
		{"parents", "COPY --parents d/sub/b.txt e/n /p/", []string{"d 0755 0:0 /p", "d 0755 0:0 /p/d", "d 0700 0:0 /p/d/sub", "0644 0:0 2 /p/d/sub/b.txt", "d 0755 0:0 /p/e", "0644 0:0 1 /p/e/n"}},
		{"parents from a pivot", "COPY --parents d/./sub/*.txt /p/", []string{"d 0755 0:0 /p", "d 0700 0:0 /p/sub", "0644 0:0 2 /p/sub/b.txt"}},
		{"workdir that is there", "COPY d /x\nWORKDIR /x", nil},
		{"workdir of a user", "USER 5:6\nWORKDIR /h/w", []string{"d 0755 5:6 /h", "d 0755 5:6 /h/w"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := newLab(t)
			files(l)
			l.write("e2/lnk -> real", "")
			res := l.dockerfile("FROM scratch", c.steps)
			got := entries(res.Layers[len(res.Layers)-1])
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("layer (-Docker +ours):\n%s", diff)
			}
		})
	}
}

func TestCopyErrors(t *testing.T) {
	for _, c := range []struct {
		steps, msg string
		line       int
	}{
		{"COPY f /x\nCOPY d /x", "cannot copy to non-directory: /x", 3},
		{"COPY d /x/f\nCOPY f /x/f/", "", 0},
		{"COPY d/sub /x/y\nCOPY --parents y /x", `failed to compute cache key: failed to calculate checksum of ref R: "/y": not found`, 3},
		{"COPY nosuch /", `failed to compute cache key: failed to calculate checksum of ref R: "/nosuch": not found`, 2},
		{"COPY --chmod=99 f /", "invalid chmod parameter: '99'. it should be octal string and between 0 and 07777", 2},
		{"COPY --chmod=u=rwx,go f /", "invalid syntax", 2},
		{"COPY --chmod=10000 f /", "invalid chmod parameter: '10000'. it should be octal string and between 0 and 07777", 2},
		{"COPY --from=7 /a /b", "invalid stage index 7", 0},
		{"COPY --from=$X /a /b", "variable expansion is not supported for --from, define a new stage with FROM using ARG from global scope as a workaround", 0},
		{"ADD http://example.com/x /b", `failed to load cache key: Get "http://example.com/x": the lab has no network`, 2},
		{"COPY https://example.com/x /b", "source can't be a URL for COPY", 2},
		{"COPY --from=nosuch /a /b", "nosuch: failed to resolve source metadata for docker.io/library/nosuch:latest: docker.io/library/nosuch:latest: not found", 2},
	} {
		l := newLab(t).write("f", "f", "d/sub/s", "s", "Dockerfile", "FROM scratch\n"+c.steps+"\n")
		l.b.NewRef = func() string { return "R" }
		_, err := l.try(Options{})
		if c.msg == "" {
			if err != nil {
				t.Errorf("%s: %v", c.steps, err)
			}
			continue
		}
		e, ok := err.(*Error)
		if !ok {
			t.Errorf("%s: error %#v", c.steps, err)
			continue
		}
		if strings.ReplaceAll(e.Msg, "R::R", "R") != c.msg || e.Line != c.line {
			t.Errorf("%s:\n got line %d %q\nwant line %d %q", c.steps, e.Line, e.Msg, c.line, c.msg)
		}
	}
}

// tarball is a tar with a file, a directory and a link, owned by 9:9.
func tarball(t *testing.T, zip bool) string {
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	at := time.Unix(1e9, 0)
	for _, h := range []tar.Header{
		{Name: "t/", Typeflag: tar.TypeDir, Mode: 0o750, Uid: 9, Gid: 9, ModTime: at},
		{Name: "t/a", Typeflag: tar.TypeReg, Mode: 0o600, Uid: 9, Gid: 9, Size: 2, ModTime: at},
		{Name: "t/h", Typeflag: tar.TypeLink, Linkname: "t/a", Mode: 0o600, Uid: 9, Gid: 9, ModTime: at},
		{Name: "t/l", Typeflag: tar.TypeSymlink, Linkname: "a", Uid: 9, Gid: 9, ModTime: at},
		{Name: "n/m", Typeflag: tar.TypeReg, Mode: 0o644, ModTime: at},
	} {
		if err := w.WriteHeader(&h); err != nil {
			t.Fatal(err)
		}
		if h.Size > 0 {
			w.Write([]byte("hi"))
		}
	}
	w.Close()
	if !zip {
		return b.String()
	}
	var z bytes.Buffer
	g := gzip.NewWriter(&z)
	g.Write(b.Bytes())
	g.Close()
	return z.String()
}

func TestAddUnpacks(t *testing.T) {
	plain := []string{"d 0755 0:0 /un", "d 0755 0:0 /un/n", "0644 0:0 0 /un/n/m", "d 0750 9:9 /un/t", "0600 9:9 2 /un/t/a", "h /un/t/h => /un/t/a", "l 9:9 /un/t/l -> a"}
	for _, c := range []struct {
		name, steps string
		want        []string
	}{
		{"plain", "ADD t.tar /un", plain},
		{"gzip by content, not by name", "ADD nosuffix /un", plain},
		{"with an owner", "ADD --chown=5:5 t.tar /un", []string{"d 0755 5:5 /un", "d 0755 0:0 /un/n", "0644 5:5 0 /un/n/m", "d 0750 5:5 /un/t", "0600 5:5 2 /un/t/a", "h /un/t/h => /un/t/a", "l 5:5 /un/t/l -> a"}},
		{"not an archive", "ADD text.tar /un/", []string{"d 0755 0:0 /un", "0644 0:0 4 /un/text.tar"}},
		{"empty", "ADD empty /un/", []string{"d 0755 0:0 /un", "0644 0:0 0 /un/empty"}},
		{"COPY does not", "COPY t.tar /un/", nil},
		{"not asked to", "ADD --unpack=false t.tar /un/", nil},
		{"over a file of the image", "COPY text.tar /un/t/a/x\nADD t.tar /un", []string{"d 0755 0:0 /un", "d 0755 0:0 /un/n", "0644 0:0 0 /un/n/m", "d 0750 9:9 /un/t", "0600 9:9 2 /un/t/a", "h /un/t/h => /un/t/a", "l 9:9 /un/t/l -> a"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := newLab(t).write("t.tar", tarball(t, false), "nosuffix", tarball(t, true), "text.tar", "text", "empty", "")
			res := l.dockerfile("FROM scratch", c.steps)
			got := entries(res.Layers[len(res.Layers)-1])
			if c.want == nil {
				if len(got) != 2 || !strings.HasSuffix(got[1], "/un/t.tar") {
					t.Errorf("got %q", got)
				}
				return
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("layer:\n%s", diff)
			}
		})
	}
}

// Corners of sources that are not there, as a real engine answers them.
func TestMissingCorners(t *testing.T) {
	for steps, want := range map[string]string{
		"COPY --exclude=x . /a": `"/dangling": not found`,
		"COPY . /a":             "",
		"COPY d* /a/":           `"/dangling": not found`,
		"COPY --parents . /a":   `"/": not found`,
		"COPY d/nosuch* /a/":    "lstat /d: no such file or directory",
	} {
		l := newLab(t).write("dangling -> /nowhere", "", "d/f", "f", "Dockerfile", "FROM scratch\n"+steps+"\n")
		_, err := l.try(Options{})
		if want == "" && err != nil || want != "" && (err == nil || !strings.HasSuffix(err.Error(), want)) {
			t.Errorf("%s: %v", steps, err)
		}
	}
}
