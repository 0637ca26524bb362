package build

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"path"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"

	"github.com/layerlab/layerlab/sim/tree"
)

// A contextFile is a file of a random context. Every time is given, so that the
// same files can be made twice.
type contextFile struct {
	path string
	kind byte // f file, d directory, l symbolic link, h hard link, p FIFO
	mode uint32
	sec  int64
	data string // of a file its content, of a link its target
}

// Two archives whose compression this repository cannot make: p/one, p/q/two and
// the link p/ln, of 9:8.
const (
	bz2Archive = "QlpoOTFBWSZTWemZsf4AAT17kOmQBEBAAP+AAC9iJ/6ABAAAKDAA2NDGTTIGTQyDI0wIwZSZMmmgAAAABFKamjTJPQj9SeoPIJ+lNP1SuaUTvpj3ss5dCME3mMCMYKKzyy6LdlfK29LUokJM3EWJeikIOPKQBSiR8l3BLhQPRIFc89O0YK6JAm6EnCXJKN4/Yk5ISRoiSRL5CHsxapDSHEMDyyIIFkMa4LIapKiGWShSiapoBRNU7eqePp4J5Lef9rBWNhgm1Kp5TZbUrBzKJNQP8XckU4UJDpmbH+A="
	xzArchive  = "/Td6WFoAAATm1rRGAgAhARYAAAB0L+Wj4Cf/AL5dADgLvBunjDRE4cIHddN4Ygyd03J9wJmqB7atShQlZfmycj4mT4JrSblQxoMf9BRBCma1lLqnougrFNL8Fnagw+GimGUvxXsTjHjMlqh3juyvdGHlpgRVxQ1rC1cBTWcSvcZLgIT4URb1EU2asaiXcPkWL8uxPif/BMtKZqTJ5BOUkkkpYhG6jjnPb9ni4FXLudv3e/tbZMfKQLlhNkRKOUxjs3Yqd60aPWo45j1SoJWf051r14E7teIM7xYpOs0AAACIu3HDunafHgAB2gGAUAAAr1p1zLHEZ/sCAAAAAARZWg=="
)

func fromBase64(s string) string {
	b, err := base64.StdEncoding.DecodeString(s)
	if err != nil {
		panic(err)
	}
	return string(b)
}

// startContext is the files that random contexts grow from.
func startContext() []contextFile {
	const old = 1_000_000_000
	dir := func(p string, mode uint32) contextFile { return contextFile{p, 'd', mode, old, ""} }
	file := func(p string, mode uint32, data string) contextFile { return contextFile{p, 'f', mode, old, data} }
	link := func(p, to string) contextFile { return contextFile{p, 'l', 0o777, old, to} }
	return []contextFile{
		file("a", 0o644, "a\n"), file("b.txt", 0o600, "b\n"), file("c.txt", 0o644, "c\n"), file(".dot", 0o644, "dot\n"),
		file("sp ace", 0o644, "space\n"), file("run.sh", 0o755, "#!/bin/sh\necho run\n"), file("suid", 0o4755, "s\n"), file("[x]", 0o644, "x\n"),
		dir("d", 0o750), file("d/a", 0o644, "da\n"), file("d/x.txt", 0o640, "dx\n"), file("d/.h", 0o644, "h\n"), dir("d/s", 0o700), file("d/s/y.txt", 0o644, "y\n"), link("d/l", "x.txt"),
		dir("e", 0o755), file("e/x.txt", 0o644, "ex\n"), file("e/z", 0o644, "z\n"), dir("e/s", 0o755), file("e/s/y.txt", 0o600, "ey\n"), dir("e/s/t", 0o1777), file("e/s/t/deep.txt", 0o644, "deep\n"),
		link("la", "a"), link("ld", "d"), link("e/s/t/dang", "/nowhere"), link("e/s/up", "../../etc"), {"d/hard", 'h', 0o640, old, "d/x.txt"},
		dir("empty", 0o755), file("zero", 0o644, ""),
	}
}

// archives is files that ADD unpacks, and some that only look so.
func archives(t *testing.T) []contextFile {
	const list = "d 0711 9:8 1000000000 t/\nf 0640 9:8 1000000000 t/a of the archive\nf 4755 0:0 1000000000 t/suid s\nl 0777 9:8 1000000000 t/link a\nh 0644 9:8 1000000000 t/hard t/a\nf 0600 7:7 1600000000 implied/dir/file deep\n"
	const over = "f 0644 2:2 1000000000 d now a file\nd 0700 2:2 1000000000 x/\nf 0644 2:2 2000000000 x/in in\nl 0777 1:1 1000000000 lnk x\n"
	var z bytes.Buffer
	w, err := zstd.NewWriter(&z)
	if err != nil {
		t.Fatal(err)
	}
	w.Write(makeArchive(t, "plain", over))
	w.Close()
	file := func(p, data string) contextFile { return contextFile{p, 'f', 0o644, 1_000_000_000, data} }
	return []contextFile{
		file("t.tar", string(makeArchive(t, "t.tar", list))), file("t.tgz", string(makeArchive(t, "t.tgz", over))), file("t.tar.bz2", fromBase64(bz2Archive)),
		file("t.tar.xz", fromBase64(xzArchive)), file("t.tar.zst", z.String()), file("bad.tar", "no archive\n"), file("cut.tar", string(makeArchive(t, "t.tar", list))[:700]),
	}
}

// randomContext is some of the files, and sometimes a .dockerignore.
func randomContext(t *testing.T, r *rand.Rand) []contextFile {
	files := startContext()
	if r.IntN(3) == 0 {
		files = append(files, archives(t)...)
	}
	if r.IntN(4) == 0 {
		pool := []string{"d", "!d/a", "*.txt", "**/*.txt", "!d/x.txt", "e/s", "!e/s/t", ".dot", "Dockerfile", "/a", "# comment", "", "d/*", "!d/s", "e/**/deep*", "l?", "[a-c]*", "!b.txt", "nosuch", "sp ace", "./e/", "*/s", "!e"}
		var lines []string
		for range 1 + r.IntN(4) {
			lines = append(lines, pick(r, pool))
		}
		files = append(files, contextFile{".dockerignore", 'f', 0o644, 1_000_000_000, strings.Join(lines, "\n") + "\n"})
	}
	return files
}

func pick[T any](r *rand.Rand, pool []T) T { return pool[r.IntN(len(pool))] }

// changeContext does one thing to the files. Content never changes without the
// time: what is sent to the builder is chosen by size and time.
func changeContext(r *rand.Rand, files []contextFile, now int64) []contextFile {
	files = slices.Clone(files)
	// A directory's time changes with its files: the builder writes those that are
	// sent again anew, and keeps the time that its copy of the directory has then.
	named := func(p string) {
		for i := range files {
			if files[i].kind == 'd' && files[i].path == path.Dir(p) {
				files[i].sec = now
			}
		}
	}
	i := r.IntN(len(files))
	f := &files[i]
	if f.path == ".dockerignore" || strings.Contains(f.path, "tar") {
		f = &files[0]
		i = 0
	}
	switch r.IntN(7) {
	case 0:
		f.sec = now
		named(f.path)
	case 1, 2:
		if f.kind == 'f' {
			f.data += "more\n"
			f.sec = now
			named(f.path)
		}
	case 3:
		if f.kind != 'l' && f.kind != 'h' {
			f.mode = pick(r, []uint32{0o600, 0o644, 0o755, 0o711, 0o4711})
			named(f.path)
		}
	case 4:
		if f.kind == 'f' || f.kind == 'l' {
			f.path += "2"
			named(f.path)
		}
	case 5:
		if f.kind == 'l' || f.kind == 'f' {
			named(f.path)
			files = slices.Delete(files, i, i+1)
		}
	default:
		p := path.Join(pick(r, []string{"", "d", "e/s", "new"}), pick(r, []string{"n1", "n.txt", ".n"}))
		if !slices.ContainsFunc(files, func(f contextFile) bool { return f.path == p }) {
			files = append(files, contextFile{p, 'f', 0o644, now, "new\n"})
			named(p)
		}
	}
	return files
}

// lay writes the files into the lab's context, in the place of what was there.
func (l *lab) lay(files []contextFile) {
	v := l.host.Root()
	if err := v.RemoveAll("/ctx"); err != nil {
		l.t.Fatal(err)
	}
	try := func(f contextFile, err error) {
		if err != nil {
			l.t.Fatalf("%s: %v", f.path, err)
		}
	}
	for _, links := range []bool{false, true} {
		for _, f := range files {
			p := path.Join("/ctx", f.path)
			if (f.kind == 'h') != links {
				continue
			}
			try(f, v.MkdirAll(path.Dir(p), 0o755))
			switch f.kind {
			case 'd':
				try(f, v.MkdirAll(p, 0o755))
			case 'l':
				try(f, v.Symlink(f.data, p))
			case 'h':
				if v.Link(path.Join("/ctx", f.data), p) != nil { // what it linked to is gone
					try(f, v.WriteFile(p, []byte("alone\n"), f.mode))
				}
			case 'p':
				try(f, v.Mknod(p, tree.FIFO|f.mode, 0, 0))
			default:
				try(f, v.WriteFile(p, []byte(f.data), f.mode))
			}
		}
	}
	l.times(files)
}

// times sets modes and times, those of directories last: the deeper ones first.
func (l *lab) times(files []contextFile) {
	v := l.host.Root()
	dirs := map[string]bool{"": true}
	known := map[string]bool{}
	for _, f := range files {
		p := path.Join("/ctx", f.path)
		known[f.path] = true
		for d := path.Dir(f.path); d != "."; d = path.Dir(d) {
			dirs[d] = true
		}
		if f.kind == 'h' {
			continue
		}
		if f.kind != 'l' {
			if err := v.Chmod(p, f.mode); err != nil {
				l.t.Fatal(err)
			}
		}
		if err := v.Lutimes(p, tree.TimeOf(time.Unix(f.sec, 0))); err != nil {
			l.t.Fatal(err)
		}
	}
	sorted := sortedKeys(dirs)
	slices.Reverse(sorted)
	for _, d := range sorted {
		if d == "" || !known[d] {
			if err := v.Utimes(path.Join("/ctx", d), tree.TimeOf(time.Unix(1_000_000_000, 0))); err != nil {
				l.t.Fatal(err)
			}
		}
	}
}

// String is the file in a line, for reports.
func (f contextFile) String() string {
	return fmt.Sprintf("%c %04o %d %s %.20q", f.kind, f.mode, f.sec, f.path, f.data)
}
