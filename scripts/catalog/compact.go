package main

import (
	"archive/tar"
	"fmt"
	"path"
	"slices"
	"strings"
)

// Of packages with very many files, the model has the totals of their directories.
const (
	manyFiles = 120  // of a package, from which on it is compacted
	hugeFiles = 3000 // ... and more so
	deepest   = 5    // directories below this depth are counted to the one above; one less in huge packages
	keptFiles = 4    // of a directory, the largest; of programs and settings all
)

// compact replaces most files of a package that has very many by one file for
// each directory, as large as they are together, that says so by its name.
func compact(heads []*tar.Header) []*tar.Header {
	if len(heads) <= manyFiles {
		return heads
	}
	depth := deepest
	if len(heads) > hugeFiles {
		depth--
	}
	within := map[string][]*tar.Header{}
	keep := map[*tar.Header]bool{}
	clean := func(h *tar.Header) string { return path.Clean("/" + h.Name) }
	linked := map[string]bool{}
	for _, h := range heads {
		if h.Typeflag == tar.TypeLink {
			linked[path.Clean("/"+h.Linkname)] = true
		}
	}
	for _, h := range heads {
		p := clean(h)
		dir := path.Dir(p)
		for strings.Count(dir, "/") > depth {
			dir = path.Dir(dir)
		}
		switch {
		case h.Typeflag == tar.TypeDir:
			keep[h] = strings.Count(p, "/") <= depth && !strings.HasPrefix(p, "/usr/share/locale/")
		case strings.Contains(dir, "/bin") || strings.Contains(dir, "/sbin") || strings.HasPrefix(dir, "/etc") || linked[p] || strings.HasSuffix(p, "/copyright"):
			keep[h] = true
		default:
			if strings.HasPrefix(p, "/usr/share/locale/") {
				dir = "/usr/share/locale"
			}
			within[dir] = append(within[dir], h)
		}
	}
	more := map[string]*tar.Header{}
	for dir, list := range within {
		slices.SortStableFunc(list, func(a, b *tar.Header) int { return int(b.Size - a.Size) })
		merged := &tar.Header{Typeflag: tar.TypeReg, Mode: 0o644, ModTime: list[0].ModTime}
		n := 0
		for i, h := range list {
			if (i < keptFiles || len(list) <= keptFiles+2) && path.Dir(clean(h)) == dir {
				keep[h] = true
				continue
			}
			merged.Size += h.Size
			n++
		}
		merged.Name = fmt.Sprintf("%s/.%d-more-files-of-the-real-package", dir, n)
		if n > 0 {
			more[dir] = merged
		}
	}
	var out []*tar.Header
	for _, h := range heads {
		if keep[h] {
			out = append(out, h)
		}
		if m := more[clean(h)]; m != nil && h.Typeflag == tar.TypeDir {
			out = append(out, m)
		}
	}
	return out
}
