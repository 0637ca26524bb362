package catalog

import (
	"crypto/md5"
	"encoding/hex"
	"io"
	"path"
	"slices"
	"strings"

	"github.com/layerlab/layerlab/sim/content"
	"github.com/layerlab/layerlab/sim/tree"
)

// PackageList is the text of /var/lib/dpkg/info/NAME.list for the paths of a
// package: "/." and each path in the order in which its archive holds them.
func PackageList(paths []string) string {
	var b strings.Builder
	b.WriteString("/.\n")
	for _, p := range paths {
		if p != "/" {
			b.WriteString(p + "\n")
		}
	}
	return b.String()
}

// Md5sums is /var/lib/dpkg/info/NAME.md5sums for the regular files of a package,
// sorted. The sums are made up, from the path; the size is the real one.
func Md5sums(files []string) content.Body {
	files = slices.Clone(files)
	slices.Sort(files)
	var size int64
	for _, f := range files {
		size += int64(32 + 2 + len(strings.TrimPrefix(f, "/")) + 1)
	}
	return content.Recipe(size, func() (io.ReadCloser, error) {
		var b strings.Builder
		for _, f := range files {
			sum := md5.Sum([]byte("a model of " + f))
			b.WriteString(hex.EncodeToString(sum[:]) + "  " + strings.TrimPrefix(f, "/") + "\n")
		}
		return io.NopCloser(strings.NewReader(b.String())), nil
	})
}

// InfoDir is where dpkg keeps what it knows of the installed packages.
const InfoDir = "/var/lib/dpkg/info"

// info collects the paths of each package of a list.
type info struct {
	order []string
	paths map[string][]string
	files map[string][]string
	times map[string]int64
}

func (i *info) add(e *Entry) {
	if e.Package == "" || strings.HasPrefix(e.Path, InfoDir+"/") {
		return
	}
	if i.paths == nil {
		i.paths, i.files, i.times = map[string][]string{}, map[string][]string{}, map[string]int64{}
	}
	if _, ok := i.paths[e.Package]; !ok {
		i.order = append(i.order, e.Package)
		i.times[e.Package] = e.MTime
	}
	i.paths[e.Package] = append(i.paths[e.Package], e.Path)
	if e.Mode&tree.TypeMask == tree.Regular && !strings.HasPrefix(e.Path, "/etc/") {
		i.files[e.Package] = append(i.files[e.Package], e.Path)
	}
}

// write puts the .list and .md5sums files of all packages into t.
func (i *info) write(t *tree.Tree, at int64) {
	dir := t.Lookup(InfoDir)
	if dir == 0 || len(i.order) == 0 {
		return
	}
	for _, name := range i.order {
		at := at
		if at == 0 { // not the lowest layer: nothing says when the root was made
			at = i.times[name]
		}
		t.Add(dir, name+".list", tree.Inode{Mode: tree.Regular | 0o644, MTime: tree.Time{Sec: at}, Body: content.String(PackageList(i.paths[name]))})
		if files := i.files[name]; len(files) > 0 {
			t.Add(dir, name+".md5sums", tree.Inode{Mode: tree.Regular | 0o644, MTime: tree.Time{Sec: i.times[name]}, Body: Md5sums(files)})
		}
	}
}

// Place is where a path lies in t once the links of a merged /usr are followed:
// "/bin/sh" is "/usr/bin/sh" where /bin leads to usr/bin.
func Place(t *tree.Tree, p string) string {
	first, rest, more := strings.Cut(strings.TrimPrefix(p, "/"), "/")
	if !more {
		return p
	}
	if n := t.Get("/" + first); n != nil && n.IsSymlink() {
		return path.Join("/", n.Target, rest)
	}
	return p
}
