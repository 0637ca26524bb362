package archive

import (
	"archive/tar"
	"fmt"
	"path"
	"slices"
	"strings"
)

// rootDirs are the folders that a Linux root file system has.
var rootDirs = []string{"bin", "boot", "dev", "etc", "home", "lib", "lib64", "mnt", "opt", "proc", "root", "run", "sbin", "srv", "sys", "tmp", "usr", "var"}

// tops is the first parts of all names, in bytewise order.
func (out *outer) tops() []string {
	seen := map[string]bool{}
	for _, e := range out.order {
		top, _, _ := strings.Cut(e.name, "/")
		seen[top] = true
	}
	tops := make([]string, 0, len(seen))
	for t := range seen {
		tops = append(tops, t)
	}
	slices.Sort(tops)
	return tops
}

// sample is some of the top names, for a message.
func (out *outer) sample() string {
	tops := out.tops()
	var s []string
	for _, t := range tops {
		if slices.Contains(rootDirs, t) {
			t += "/"
		}
		s = append(s, shorten(t))
		if len(s) == 5 && len(tops) > 5 {
			s = append(s, "…")
			break
		}
	}
	return strings.Join(s, ", ")
}

// guess says what a tar that is no image archive is.
func (out *outer) guess() string {
	if len(out.order) == 0 {
		return "an empty tar archive"
	}
	roots, whiteouts := 0, 0
	var layers, charts, debs bool
	for _, t := range out.tops() {
		if slices.Contains(rootDirs, t) {
			roots++
		}
		debs = debs || t == "debian-binary"
	}
	for _, e := range out.order {
		base := path.Base(e.name)
		if strings.HasPrefix(base, ".wh.") {
			whiteouts++
		}
		layers = layers || base == "layer.tar" || strings.HasPrefix(e.name, "blobs/sha256/")
		charts = charts || base == "Chart.yaml" && strings.Count(e.name, "/") <= 1
	}
	switch {
	case layers:
		return "a tar with layers in it, but without the manifest that puts them together"
	case charts:
		return "a Helm chart"
	case whiteouts > 0:
		return fmt.Sprintf("a single layer (%s that hide files of layers below), not an image", plural(whiteouts, "whiteout", "whiteouts"))
	case out.has(".dockerenv"), roots >= 4:
		return KindDockerExport
	case debs:
		return "a Debian package's tar"
	case out.has("package/package.json"):
		return "an npm package"
	}
	files := 0
	for _, e := range out.order {
		if e.typ == tar.TypeReg {
			files++
		}
	}
	more := ""
	if out.rootfs {
		more = "more than "
	}
	return fmt.Sprintf("a plain tar of %s%s (%s)", more, plural(files, "file", "files"), out.sample())
}
