package layer

import (
	"strings"

	"pgregory.net/rapid"

	"github.com/layerlab/layerlab/sim/content"
	"github.com/layerlab/layerlab/sim/tree"
)

// drawnNames are few, so that layers have many in common, and odd: as long as
// Linux allows, no UTF-8, with a newline, and such as sort otherwise than they look.
var drawnNames = []string{"a", "b", "c", "é", "a.b", "d-1", "caf\xe9", "new\nline", "-", "=", strings.Repeat("long", 40), strings.Repeat("n", 255)}

// maxDrawn keeps paths within Linux's limit with the longest name and a
// whiteout's prefix.
const maxDrawn = maxPath - 300

// drawTree is a random changeset of every type of file; marks says whether it may
// hold whiteouts, of names that are anywhere or nowhere, and opaque directories,
// one in the other too.
func drawTree(t *rapid.T, marks bool) *tree.Tree {
	g := &drawer{t: t, out: tree.New(tree.Time{}), dirs: []tree.Ino{tree.Root}, length: map[tree.Ino]int{}}
	for range rapid.IntRange(0, 25).Draw(t, "entries") {
		g.draw(marks)
	}
	return g.out
}

type drawer struct {
	t           *rapid.T
	out         *tree.Tree
	dirs, files []tree.Ino
	length      map[tree.Ino]int // of a directory's path
}

func (g *drawer) draw(marks bool) {
	dir := rapid.SampledFrom(g.dirs).Draw(g.t, "dir")
	name := rapid.SampledFrom(drawnNames).Draw(g.t, "name")
	if g.out.Inode(dir) == nil || g.length[dir]+len(name) > maxDrawn {
		return
	}
	if c := g.out.Child(dir, name); c != 0 && g.out.Inode(c).IsDir() {
		return
	}
	kinds := 8
	if marks {
		kinds = 10
	}
	n := g.inode()
	switch rapid.IntRange(0, kinds-1).Draw(g.t, "kind") {
	case 0, 1:
		g.dir(dir, name, n)
		return
	case 2:
		n.Mode = tree.Symlink | 0o777
		n.Target = rapid.SampledFrom([]string{"a", "/b", "..", "caf\xe9", strings.Repeat("t/", 100), strings.Repeat("u/", 400)}).Draw(g.t, "target")
	case 3:
		n.Mode |= tree.FIFO
	case 4:
		n.Mode |= tree.CharDevice
		n.Major, n.Minor = 1, rapid.SampledFrom([]uint32{3, 1<<20 - 1}).Draw(g.t, "minor")
	case 5:
		n.Mode |= tree.BlockDevice
		n.Major = 8
	case 6:
		if len(g.files) > 0 {
			if i := rapid.SampledFrom(g.files).Draw(g.t, "link"); g.out.Inode(i) != nil {
				g.out.Link(dir, name, i)
			}
			return
		}
		fallthrough
	case 7:
		g.file(&n)
	case 8:
		n = tree.Whiteout(tree.Time{})
	case 9:
		n.Opaque = true
		g.dir(dir, name, n)
		return
	}
	i := g.out.Add(dir, name, n)
	if !n.IsWhiteout() { // of any file there can be a hard link
		g.files = append(g.files, i)
	}
}

func (g *drawer) inode() tree.Inode {
	return tree.Inode{
		Mode: uint32(rapid.IntRange(0, 0o7777).Draw(g.t, "mode")), UID: rapid.SampledFrom([]uint32{0, 5, 1<<21 - 1, 1 << 22, 1<<32 - 2}).Draw(g.t, "uid"),
		GID:   rapid.SampledFrom([]uint32{0, 7, 1 << 21}).Draw(g.t, "gid"),
		MTime: tree.Time{Sec: rapid.SampledFrom([]int64{0, 1, 1_700_000_000, 1<<33 - 1, 1 << 33, 1 << 34, -5}).Draw(g.t, "mtime")},
	}
}

func (g *drawer) dir(up tree.Ino, name string, n tree.Inode) {
	n.Mode |= tree.Directory
	i := g.out.Add(up, name, n)
	g.length[i] = g.length[up] + len(name) + 1
	g.dirs = append(g.dirs, i)
}

func (g *drawer) file(n *tree.Inode) {
	n.Mode |= tree.Regular
	n.Body = content.Bytes(rapid.SliceOfN(rapid.Byte(), 0, 600).Draw(g.t, "body"))
	if rapid.IntRange(0, 9).Draw(g.t, "hole") == 0 {
		n.Body = content.Concat(n.Body, content.Zero(700), content.Bytes([]byte("end")))
	}
	if rapid.Bool().Draw(g.t, "capability") {
		n.Xattrs = map[string]string{"security.capability": "\x01\x00\x00\x02"}
	}
}
