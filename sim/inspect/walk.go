package inspect

import (
	"cmp"
	"slices"
	"strings"

	"github.com/layerlab/layerlab/sim/layer"
	"github.com/layerlab/layerlab/sim/tree"
)

// A version is what one layer has at a path, and the fate of it.
type version struct {
	layer int
	ino   tree.Ino
	node  *tree.Inode
	cause Cause // Live while nothing hides it
	by    int   // the layer that hides it, -1 while live
}

// A walker goes over the union of layers, one pass for each layer, and says of
// each path what each layer has there. It follows no symbolic link.
type walker struct {
	layers []*layer.Layer
	// visit is given the versions of a path, the lowest layer first. They are
	// only valid during the call.
	visit func(p string, vs []version) error
	tick  *ticker
}

// walk visits every path below the root, directories before what is in them,
// siblings in bytewise order.
func (w *walker) walk() error {
	roots := make([]version, 0, len(w.layers))
	for i, l := range w.layers {
		roots = settle(roots, version{layer: i, ino: tree.Root, node: l.Tree.Inode(tree.Root), by: -1})
	}
	return w.dir("", roots)
}

// settle puts the next higher layer's version over those below it and decides
// which of them it hides (image-spec layer.md, "Changeset over existing files").
// A directory over a directory hides nothing, unless it is opaque: their names
// are merged.
func settle(below []version, v version) []version {
	for i := range below {
		b := &below[i]
		if b.cause != Live {
			continue
		}
		switch {
		case v.node.IsWhiteout():
			b.cause = WhitedOut
		case v.node.IsDir() && b.node.IsDir() && !v.node.Opaque:
			continue
		case v.node.IsDir() && b.node.IsDir():
			b.cause = OpaqueDir
		default:
			b.cause = Overwritten
		}
		b.by = v.layer
	}
	return append(below, v)
}

// dir visits the children of a directory, of which dirs are the versions that
// are directories or not, the lowest first.
func (w *walker) dir(p string, dirs []version) error {
	dirs = slices.DeleteFunc(dirs, func(v version) bool { return !v.node.IsDir() })
	if len(dirs) == 0 {
		return nil
	}
	if len(dirs) == 1 { // by far the most
		for name, i := range w.layers[dirs[0].layer].Tree.Children(dirs[0].ino) {
			if err := w.name(p+"/"+name, dirs, []entry{{name, 0, i}}); err != nil {
				return err
			}
		}
		return nil
	}
	all := w.entries(dirs)
	for len(all) > 0 {
		n := 1
		for n < len(all) && all[n].name == all[0].name {
			n++
		}
		if err := w.name(p+"/"+all[0].name, dirs, all[:n]); err != nil {
			return err
		}
		all = all[n:]
	}
	return nil
}

// An entry is a name in one of several directories.
type entry struct {
	name string
	dir  int // which, the lowest 0
	ino  tree.Ino
}

// entries is all that is in the directories, in bytewise order of the names, of
// one name the lowest first.
func (w *walker) entries(dirs []version) []entry {
	n := 0
	for _, d := range dirs {
		n += w.layers[d.layer].Tree.Len(d.ino)
	}
	out := make([]entry, 0, n)
	for i, d := range dirs {
		for name, c := range w.layers[d.layer].Tree.Children(d.ino) {
			out = append(out, entry{name, i, c})
		}
	}
	slices.SortFunc(out, func(a, b entry) int { return cmp.Or(strings.Compare(a.name, b.name), a.dir-b.dir) })
	return out
}

// name visits one name of the directories dirs; found is where they have it.
func (w *walker) name(p string, dirs []version, found []entry) error {
	if err := w.tick.tick(1); err != nil {
		return err
	}
	vs := w.children(dirs, found)
	if err := w.visit(p, vs); err != nil {
		return err
	}
	if slices.ContainsFunc(vs, func(v version) bool { return v.node.IsDir() }) {
		return w.dir(p, vs)
	}
	return nil
}

// children is the versions of one name of a directory. What a layer does to the
// directory itself, it does to what the layers below have in it.
func (w *walker) children(dirs []version, found []entry) []version {
	vs := make([]version, 0, len(found))
	from := make([]version, 0, len(found)) // the directory that each of vs is in
	for _, e := range found {
		d := dirs[e.dir]
		bury(vs, from, d.layer)
		n := w.layers[d.layer].Tree.Inode(e.ino)
		vs = settle(vs, version{layer: d.layer, ino: e.ino, node: n, by: -1})
		from = append(from, d)
	}
	bury(vs, from, len(w.layers))
	return vs
}

// bury lets those versions die whose directory was hidden by a layer up to the
// given one.
func bury(vs, from []version, upTo int) {
	for i := range vs {
		d := from[i]
		if vs[i].cause != Live || d.cause == Live || d.by > upTo {
			continue
		}
		vs[i].cause, vs[i].by = d.cause, d.by
		if d.cause == Overwritten {
			vs[i].cause = ParentReplaced
		}
	}
}

// top is the version that the merged view shows, or nil.
func top(vs []version) *version {
	for i := len(vs) - 1; i >= 0; i-- {
		if v := &vs[i]; v.cause == Live {
			if v.node.IsWhiteout() {
				return nil
			}
			return v
		}
	}
	return nil
}
