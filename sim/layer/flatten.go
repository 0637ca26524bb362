package layer

import (
	"github.com/layerlab/layerlab/sim/tree"
)

// Flatten is the union of layers, the lowest first, as one tree without markers.
// For each layer first what it hides is taken away and then what it adds is put
// in place (image-spec layer.md, "Changeset over existing files"): a directory
// over a directory keeps its children and takes the new attributes, all else
// replaces what is there. Symbolic links are never followed. Hard links stay
// links within their layer; one whose target only a lower layer holds is resolved
// here, and left out if nothing holds it.
func Flatten(layers []*Layer) *tree.Tree {
	out := tree.New(tree.Time{})
	for _, l := range layers {
		f := flattener{out: out, from: l.Tree, inos: map[tree.Ino]tree.Ino{}}
		f.dir(tree.Root, tree.Root)
		f.resolve()
	}
	return out
}

type flattener struct {
	out, from *tree.Tree
	inos      map[tree.Ino]tree.Ino // of files with several names in from
	broken    []brokenLink
}

type brokenLink struct {
	dir    tree.Ino
	name   string
	target string
}

// dir puts the directory from over the directory to, which is there.
func (f *flattener) dir(from, to tree.Ino) {
	n := f.from.Inode(from)
	if n.Opaque {
		f.clear(to)
	}
	if !n.Implied {
		f.out.Update(to, func(d *tree.Inode) {
			d.Mode, d.UID, d.GID, d.MTime, d.Xattrs = n.Mode, n.UID, n.GID, n.MTime, n.Xattrs
		})
	}
	for name, i := range f.from.Children(from) {
		f.name(to, name, i)
	}
}

func (f *flattener) clear(dir tree.Ino) {
	var names []string
	for name := range f.out.Children(dir) {
		names = append(names, name)
	}
	for _, name := range names {
		f.out.Remove(dir, name)
	}
}

func (f *flattener) name(to tree.Ino, name string, i tree.Ino) {
	n := f.from.Inode(i)
	switch {
	case n.IsWhiteout():
		f.out.Remove(to, name)
	case n.LinkBroken:
		f.broken = append(f.broken, brokenLink{to, name, n.Target})
	case n.IsDir():
		d := f.out.Child(to, name)
		if d == 0 || !f.out.Inode(d).IsDir() {
			d = f.out.Add(to, name, plain(n))
		}
		f.dir(i, d)
	case f.inos[i] != 0:
		f.out.Link(to, name, f.inos[i])
	default:
		o := f.out.Add(to, name, plain(n))
		if n.Nlink > 1 {
			f.inos[i] = o
		}
	}
}

// plain is n without the marks that only a layer has.
func plain(n *tree.Inode) tree.Inode {
	c := *n
	c.Opaque, c.Implied = false, false
	return c
}

// resolve links what points to files of the layers below.
func (f *flattener) resolve() {
	for _, b := range f.broken {
		i := f.out.Lookup(b.target)
		if i == 0 || f.out.Inode(i).IsDir() {
			f.out.Remove(b.dir, b.name)
			continue
		}
		f.out.Link(b.dir, b.name, i)
	}
}
