package state

import (
	"cmp"
	"path"
	"slices"

	"github.com/layerlab/layerlab/sim/tree"
)

// A FileRow is one row of the tree, or of what a filter found.
type FileRow struct {
	FileEntry
	Path  string
	Level int // from 1
	Size  int // rows of the same directory
	Pos   int // place among them, from 1
	Open  bool
}

// A listing is what was listed of a source already. It only saves listing again.
type listing struct {
	src     *FileSource
	deleted bool
	dirs    map[string][]FileEntry
	counts  map[string]int
}

func newListing(src *FileSource, deleted bool) *listing {
	return &listing{src: src, deleted: deleted, dirs: map[string][]FileEntry{}, counts: map[string]int{}}
}

func (l *listing) list(dir string) []FileEntry {
	out, ok := l.dirs[dir]
	if !ok {
		out = l.src.List(dir, l.deleted)
		l.dirs[dir] = out
	}
	return out
}

// count is the number of names in a directory, as they are listed.
func (l *listing) count(dir string) int {
	if d, ok := l.dirs[dir]; ok {
		return len(d)
	}
	n, ok := l.counts[dir]
	if !ok {
		n = len(l.src.List(dir, l.deleted))
		l.counts[dir] = n
	}
	return n
}

// rows flattens the directories that are open.
func (l *listing) rows(open map[string]bool, bySize bool) []FileRow {
	var out []FileRow
	var walk func(dir string, level int)
	walk = func(dir string, level int) {
		entries := l.list(dir)
		if bySize {
			entries = largestFirst(entries)
		}
		out = slices.Grow(out, len(entries))
		for i, e := range entries {
			r := FileRow{FileEntry: e, Path: join(dir, e.Name), Level: level, Size: len(entries), Pos: i + 1}
			r.Open = e.Expands() && open[r.Path]
			out = append(out, r)
			if r.Open && level < maxLevel {
				walk(r.Path, level+1)
			}
		}
	}
	walk("/", 1)
	return out
}

// join is the path of a name in a directory.
func join(dir, name string) string {
	if dir == "/" {
		return "/" + name
	}
	return dir + "/" + name
}

// maxLevel bounds how deep rows go: a path of some thousand parts is no tree that
// a person opens.
const maxLevel = 200

// largestFirst is the directories, then the files by their size.
func largestFirst(list []FileEntry) []FileEntry {
	list = slices.Clone(list)
	slices.SortStableFunc(list, func(a, b FileEntry) int {
		if a.Expands() != b.Expands() {
			if a.Expands() {
				return -1
			}
			return 1
		}
		return cmp.Compare(sizeOf(b.Node), sizeOf(a.Node))
	})
	return list
}

func sizeOf(n *tree.Inode) int64 {
	if n == nil {
		return 0
	}
	return n.Size()
}

// rowAt is the index of the row of a path, -1 if there is none.
func rowAt(rows []FileRow, p string) int {
	return slices.IndexFunc(rows, func(r FileRow) bool { return r.Path == p })
}

// parents is the directories above a path, without the root.
func parents(p string) []string {
	var out []string
	for p = path.Dir(p); p != "/" && p != "."; p = path.Dir(p) {
		out = append(out, p)
	}
	return out
}
