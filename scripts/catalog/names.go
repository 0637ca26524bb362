package main

import (
	"archive/tar"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"sort"
	"strings"
)

// item is a file of a package whose size may not be known yet (-1).
type item struct {
	path, target string
	size         int64
	exec         bool
	dir          bool
}

// unwanted is what other distributions put into packages of documents, or not
// at all.
var unwanted = regexp.MustCompile(`^/usr/share/(doc|man|info|locale|lintian|bug|doc-base|bash-completion|apport|menu|pixmaps|icons|applications|gcc|gdb)(/|$)|^/etc/(init\.d|default|logrotate\.d|bash_completion\.d|sudoers\.d|apport)(/|$)|^/(usr/)?lib/systemd(/|$)|^/var/`)

// renamed turns Debian's directories into those of another distribution.
var renamed = strings.NewReplacer(
	"/usr/lib/gcc/x86_64-linux-gnu/12", "/usr/lib/gcc/x86_64-alpine-linux-musl/13.2.1", "/usr/libexec/gcc/x86_64-linux-gnu/12", "/usr/libexec/gcc/x86_64-alpine-linux-musl/13.2.1",
	"/usr/include/x86_64-linux-gnu", "/usr/include", "/usr/lib/x86_64-linux-gnu", "/usr/lib", "/lib/x86_64-linux-gnu", "/lib", "x86_64-linux-gnu-", "", "x86_64-linux-gnu", "x86_64-alpine-linux-musl",
	"/usr/share/cmake-3.25", "/usr/share/cmake", "/usr/lib/jvm/java-17-openjdk-amd64", "/usr/lib/jvm/java-17-openjdk", "/usr/share/perl/5.36.0", "/usr/share/perl5/core_perl",
	"/usr/lib/ruby/3.1.0", "/usr/lib/ruby/3.3.0", "/usr/include/c++/12", "/usr/include/c++/13.2.1", "/usr/lib/postgresql/15", "/usr/libexec/postgresql16", "/usr/share/postgresql/15", "/usr/share/postgresql16",
)

// debItems is the files of a Debian package, whose archive lies in debs.
func debItems(debs, name string) ([]item, error) {
	found, err := filepath.Glob(filepath.Join(debs, name+"_*.deb"))
	if err != nil || len(found) == 0 {
		return nil, fmt.Errorf("no archive of %q in %q: fetch it with apt-get download", name, debs)
	}
	return debArchive(found[0], renamed)
}

// debArchive is the files of an archive, under new names.
func debArchive(archive string, renamed *strings.Replacer) ([]item, error) {
	c := exec.Command("dpkg-deb", "--fsys-tarfile", archive)
	pipe, err := c.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := c.Start(); err != nil {
		return nil, err
	}
	var out []item
	r := tar.NewReader(pipe)
	for {
		h, err := r.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, err
		}
		p := path.Clean("/" + h.Name)
		if unwanted.MatchString(p) && !strings.HasSuffix(p, "/copyright") || h.Typeflag == tar.TypeDir || strings.HasPrefix(p, "/usr/share/doc") {
			continue
		}
		it := item{path: renamed.Replace(p), size: h.Size, exec: h.Mode&0o111 != 0}
		if h.Typeflag == tar.TypeSymlink {
			it.target = renamed.Replace(h.Linkname)
		}
		if h.Typeflag == tar.TypeLink {
			it.target = renamed.Replace(path.Clean("/" + h.Linkname))
		}
		out = append(out, it)
	}
	io.Copy(io.Discard, pipe)
	return out, c.Wait()
}

// hostItems is the files under dir of this machine that want takes, as if they
// lay under to.
func hostItems(dir, to string, want func(string) bool) ([]item, error) {
	var out []item
	err := filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel := strings.TrimPrefix(p, dir)
		if rel == "" || !want(rel) {
			return nil
		}
		i, err := d.Info()
		if err != nil {
			return err
		}
		it := item{path: to + rel, size: i.Size(), exec: i.Mode()&0o111 != 0, dir: d.IsDir()}
		if i.Mode().Type() == fs.ModeSymlink {
			if it.target, err = os.Readlink(p); err != nil {
				return err
			}
		}
		if !d.IsDir() {
			out = append(out, it)
		}
		return nil
	})
	return out, err
}

// scale makes the sizes add up to total: what has none (-1) shares the rest by a
// rule of its own that depends on the name alone, or all sizes are stretched.
func scale(items []item, total int64) {
	var known, open int64
	weights := make([]int64, len(items))
	for i, it := range items {
		if it.target != "" {
			continue
		}
		if it.size >= 0 {
			known += it.size
			continue
		}
		w := int64(60)
		for _, c := range path.Base(it.path) {
			w = (w*31 + int64(c)) % 97
		}
		weights[i] = w + 20
		open += weights[i]
	}
	for i := range items {
		it := &items[i]
		switch {
		case it.target != "":
			it.size = 0
		case it.size < 0:
			it.size = max(64, (total-known)*weights[i]/max(open, 1))
		case open == 0 && known > 0 && (known > total || known < total*9/10):
			it.size = max(min(it.size, 1), it.size*total/known)
		}
	}
}

// putItems writes items in the order of their paths, with the directories above
// them.
func putItems(l *listing, items []item, have map[string]bool) {
	sort.SliceStable(items, func(a, b int) bool {
		if x, y := path.Dir(items[a].path), path.Dir(items[b].path); x != y {
			return x < y
		}
		return items[a].path < items[b].path
	})
	seen := map[string]bool{}
	for _, it := range items {
		if seen[it.path] {
			continue
		}
		seen[it.path] = true
		putParents(l, path.Dir(it.path), have)
		switch {
		case strings.HasPrefix(it.target, "/") && seen[it.target]:
			l.link(it.path, it.target)
		case it.target != "":
			l.symlink(it.path, it.target)
		case it.exec:
			l.file(it.path, it.size, 0o755, 0, 0)
		default:
			l.file(it.path, it.size, 0o644, 0, 0)
		}
	}
}

func putParents(l *listing, dir string, have map[string]bool) {
	if dir == "/" || have[dir] {
		return
	}
	putParents(l, path.Dir(dir), have)
	have[dir] = true
	l.mkdir(dir, 0o755, 0, 0)
}
