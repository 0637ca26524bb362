package main

import (
	"archive/tar"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/layerlab/layerlab/sim/catalog"
)

// rootDir is a system with apt's lists where the packages are installed.
var rootDir = flag.String("system", "", "for images: a Debian system with apt's lists in which the packages of recipes/image-packages.txt are installed; what their scripts made is read from it")

// debianNow is the repository as apt's lists under rootDir tell it, and what
// installing made there.
var debianNow = sync.OnceValues(func() (*debianSystem, error) {
	lists, err := readLists(*rootDir)
	if err != nil {
		return nil, err
	}
	effects, err := readEffects(*rootDir)
	return &debianSystem{newUniverse(lists), effects}, err
})

type debianSystem struct {
	*universe
	effects map[string][]*node
}

// imagePackages is a line of recipes/image-packages.txt: names, and which of them
// nobody asked for.
func imagePackages(layer string) (names []string, auto map[string]bool, err error) {
	b, err := os.ReadFile("scripts/catalog/recipes/image-packages.txt")
	if err != nil {
		return nil, nil, err
	}
	auto = map[string]bool{}
	for line := range strings.Lines(string(b)) {
		f := strings.Fields(line)
		if len(f) == 0 || f[0] != layer {
			continue
		}
		for _, n := range f[1:] {
			name, dep := strings.CutPrefix(n, "-")
			names, auto[name] = append(names, name), dep
		}
		slices.Sort(names)
		return names, auto, nil
	}
	return nil, nil, fmt.Errorf("image-packages.txt has no line %q", layer)
}

// aptLayer is what apt-get install of a line of recipes/image-packages.txt changes:
// the packages' files, dpkg's and apt's databases and the logs. slimmed leaves out
// what dpkg leaves out in Debian's slim images.
func aptLayer(debs, layer string, slimmed bool) (string, error) {
	d, err := debianNow()
	if err != nil {
		return "", err
	}
	names, auto, err := imagePackages(layer)
	if err != nil {
		return "", err
	}
	w := &unpacker{slim: slimmed, have: map[string]bool{}}
	var status, marks strings.Builder
	for _, n := range names {
		s := d.newest[n]
		if s == nil {
			return "", fmt.Errorf("the recipe wants %q, which Debian does not have", n)
		}
		file, err := archive(s, debs)
		if err != nil {
			return "", err
		}
		if err := w.unpack(s, file, d.effects[n]); err != nil {
			return "", fmt.Errorf("%s: %w", n, err)
		}
		status.WriteString(statusOf(s))
		if auto[n] {
			fmt.Fprintf(&marks, "Package: %s\nArchitecture: %s\nAuto-Installed: 1\n\n", n, s["Architecture"])
		}
	}
	l := &w.l
	l.pkg("", epoch)
	w.parents("/var/lib/dpkg/info")
	l.added("/var/lib/dpkg/status", status.String(), 0o644, 0)
	l.file("/var/lib/dpkg/status-old", int64(100_000+status.Len()*9/10), 0o644, 0, 0)
	w.parents("/var/lib/apt")
	l.added("/var/lib/apt/extended_states", marks.String(), 0o644, 0)
	for _, f := range []struct {
		name      string
		size, per int64
	}{{"/etc/ld.so.cache", 5000, 90}, {"/var/cache/ldconfig/aux-cache", 5000, 110}, {"/var/log/dpkg.log", 0, 560}, {"/var/log/apt/history.log", 200, 60}, {"/var/log/apt/term.log", 300, 130}, {"/var/log/apt/eipp.log.xz", 6000, 60}} {
		w.parents(path.Dir(f.name))
		l.file(f.name, f.size+f.per*int64(len(names)), 0o644, 0, 0)
	}
	if slices.Contains(names, "openssh-client") {
		l.added("/etc/group", "_ssh:x:101:\n", 0o644, 0)
	}
	return l.b.String(), nil
}

// unpacker writes packages' files into one layer.
type unpacker struct {
	l    listing
	slim bool
	have map[string]bool // directories
}

// merged is a path in a system whose /bin, /lib and /sbin are links into /usr.
func merged(p string) string {
	for _, top := range []string{"/bin", "/sbin", "/lib", "/lib64"} {
		if p == top || strings.HasPrefix(p, top+"/") {
			return "/usr" + p
		}
	}
	return p
}

func (w *unpacker) parents(dir string) { putParents(&w.l, dir, w.have) }

func (w *unpacker) drops(p string) bool {
	out := false
	for _, pat := range slim {
		name, keep := strings.CutPrefix(pat, "!")
		if w.slim && catalog.Match(name, p) {
			out = !keep
		}
	}
	return out
}

func (w *unpacker) unpack(s stanza, file string, made []*node) error {
	name := s["Package"]
	if s["Multi-Arch"] == "same" {
		name += ":" + s["Architecture"]
	}
	heads, at, err := headsOf(file)
	if err != nil {
		return err
	}
	w.l.pkg(name, at)
	for _, h := range heads {
		p := merged(path.Clean("/" + h.Name))
		if p == "/" || p == "/usr/bin" && h.Name == "./bin/" || w.drops(p) {
			continue
		}
		w.parents(path.Dir(p))
		mode := uint32(h.Mode) & 0o7777
		switch h.Typeflag {
		case tar.TypeDir:
			w.have[p] = true
			w.l.mkdir(p, mode, h.Uid, h.Gid)
		case tar.TypeSymlink:
			w.l.symlink(p, h.Linkname)
		case tar.TypeLink:
			w.l.link(p, merged(path.Clean("/"+h.Linkname)))
		case tar.TypeReg:
			w.l.file(p, h.Size, mode, h.Uid, h.Gid)
		}
	}
	return w.control(name, file, at, made)
}

// headsOf is the entries of a package's archive, and the time of its newest file.
func headsOf(file string) (heads []*tar.Header, at int64, err error) {
	r, err := tarOf(file, "fsys")
	if err != nil {
		return nil, 0, err
	}
	for {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return heads, min(at, epoch), nil
		} else if err != nil {
			return nil, 0, err
		}
		heads = append(heads, h)
		if h.Typeflag == tar.TypeReg {
			at = max(at, h.ModTime.Unix())
		}
	}
}

// control writes the scripts that dpkg keeps and what they made.
func (w *unpacker) control(name, file string, at int64, made []*node) error {
	w.l.pkg("", at)
	w.parents("/var/lib/dpkg/info")
	r, err := tarOf(file, "ctrl")
	if err != nil {
		return err
	}
	for {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return err
		}
		if base := path.Base(h.Name); h.Typeflag == tar.TypeReg && base != "control" && base != "md5sums" {
			w.l.file("/var/lib/dpkg/info/"+name+"."+base, h.Size, uint32(h.Mode)&0o7777, 0, 0)
		}
	}
	from := &system{root: *rootDir}
	seen := map[uint64]string{}
	for _, n := range made {
		if w.drops(n.path) {
			continue
		}
		w.parents(path.Dir(n.path))
		if n.kind.IsDir() {
			w.have[n.path] = true
		}
		if err := from.put(&w.l, n, n.path, seen); err != nil {
			return err
		}
	}
	return nil
}

// statusOf is the package's part of dpkg's database.
func statusOf(s stanza) string {
	var b strings.Builder
	for _, key := range []string{"Package", "Essential", "Status", "Priority", "Section", "Installed-Size", "Maintainer", "Architecture", "Multi-Arch", "Source", "Version", "Provides", "Depends", "Pre-Depends", "Recommends", "Suggests", "Description"} {
		v := s[key]
		switch key {
		case "Status":
			v = "install ok installed"
		case "Section":
			v = strings.TrimPrefix(v, "main/")
		}
		if v != "" {
			fmt.Fprintf(&b, "%s: %s\n", key, v)
		}
	}
	return b.String() + "\n"
}

// added is text that is added to what the layers below have in the file.
func (l *listing) added(p, text string, mode uint32, gid int) {
	fmt.Fprintf(&l.b, "%s\t+%d%s\n%s", l.in(p), strings.Count(text, "\n"), attrs(mode, 0o644, 0, gid), text)
}
