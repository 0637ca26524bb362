package state

import (
	"cmp"
	"path"
	"slices"
	"strings"

	"github.com/layerlab/layerlab/sim/layer"
	"github.com/layerlab/layerlab/sim/overlay"
	"github.com/layerlab/layerlab/sim/tree"
)

// A FileEntry is one name of a directory as the files pane shows it.
type FileEntry struct {
	Name   string
	Node   *tree.Inode
	Layer  int  // number of the layer it comes from, from 1; see FileSource.Number
	Mark   byte // 'A' added, 'M' modified, 'D' deleted, 0 for none
	Opaque bool // a directory of this very layer that hides all below it
	Merged bool // a directory to which layers below that one add
}

// A FileSource is the tree that the files pane shows. It is never changed: what
// it lists depends on nothing else.
type FileSource struct {
	Mode    string // "merged", "layer" or "container"
	ImageID string
	Layer   int    // number of the layer, with "layer"
	Holder  string // ID of the container, with "container"

	layers  []*layer.Layer  // of the image; nil for one that is not read yet
	mount   *overlay.Mount  // all of them, with "container" its own layer on top
	below   *overlay.Mount  // with "layer" and "container": what lies under it
	changes map[string]byte // with "container": path -> kind
	ledger  *Ledger         // with "container": what its writes cost
	from    *overlay.Mount  // the container's mount that this one was made of
}

var noTree = tree.New(tree.Time{})

func trees(layers []*layer.Layer) []*tree.Tree {
	out := make([]*tree.Tree, len(layers))
	for i, l := range layers {
		if out[i] = noTree; l != nil && l.Tree != nil {
			out[i] = l.Tree
		}
	}
	return out
}

// newSource is the tree of a mode of an image. c may be nil.
func newSource(mode string, im *Image, number int, c *Container) *FileSource {
	src := &FileSource{Mode: mode, ImageID: im.ID}
	for _, l := range im.Layers {
		src.layers = append(src.layers, l.Layer)
	}
	lowers := trees(src.layers)
	switch mode {
	case "layer":
		src.Layer = number
		src.below = overlay.New(lowers[:number-1], nil, overlay.Options{})
	case "container":
		src.Holder, src.from, src.mount, src.ledger = c.ID, c.Mount, c.Mount, c.Ledger
		src.below = overlay.New(lowers, nil, overlay.Options{})
		src.changes = map[string]byte{}
		for _, ch := range c.Changes {
			kind := ch.Kind
			if kind == 'C' {
				kind = 'M'
			}
			src.changes[ch.Path] = kind
		}
		return src
	}
	src.mount = overlay.New(lowers, nil, overlay.Options{})
	return src
}

// Mount is the layers that are looked at as one tree, those that are not read yet
// empty; with "container" its own layer on top.
func (src *FileSource) Mount() *overlay.Mount { return src.mount }

// Origin is where a path of the container's own layer was copied up from.
func (src *FileSource) Origin(p string) (Origin, bool) { return src.ledger.Origin(p) }

// same reports whether two sources show the same.
func (src *FileSource) same(o *FileSource) bool {
	return src != nil && o != nil && src.view(o) && src.from == o.from && slices.Equal(src.layers, o.layers)
}

// view reports whether two sources are the same choice of the person's, at
// different moments.
func (src *FileSource) view(o *FileSource) bool {
	return src.Mode == o.Mode && src.ImageID == o.ImageID && src.Layer == o.Layer && src.Holder == o.Holder
}

// InitLayer is the number of the layer that Docker puts between an image and a
// container, with the files that it makes itself: /.dockerenv, /etc/hosts.
const InitLayer = -1

// Number is the number that a person sees of a layer of the mount, which are
// numbered from 0 there: from 1 for those of the image, 0 for the container's.
func (src *FileSource) Number(mounted int) int {
	switch {
	case mounted < len(src.layers):
		return mounted + 1
	case mounted < len(src.mount.Lowers()):
		return InitLayer
	}
	return 0
}

// Names is a bound of how many names there are to look at.
func (src *FileSource) Names() int {
	if src.Mode == "layer" {
		if l := src.layers[src.Layer-1]; l != nil {
			return l.Tree.Names()
		}
		return 0
	}
	n := 0
	for _, t := range src.mount.Lowers() {
		n += t.Names()
	}
	if up := src.mount.Upper(); up != nil {
		n += up.Names()
	}
	return n
}

// List is the names of the directory at a path, in bytewise order; with deleted,
// those too that some layer has and the tree does not show.
func (src *FileSource) List(dir string, deleted bool) []FileEntry {
	switch src.Mode {
	case "layer":
		return src.listLayer(dir)
	case "container":
		return src.listMerged(dir, deleted, len(src.mount.Lowers()))
	}
	return src.listMerged(dir, deleted, -1)
}

// listMerged is a directory as a process sees it. upper is the number of the
// container's layer in the mount, -1 without one.
func (src *FileSource) listMerged(dir string, deleted bool, upper int) []FileEntry {
	if layer, at, ok := src.alone(dir); ok {
		out := make([]FileEntry, 0, src.mount.Lowers()[layer].Len(at))
		_ = src.Each(dir, deleted, func(e FileEntry) error { out = append(out, e); return nil }) // fails only when told to
		return out
	}
	list := src.mount.List(dir)
	out := make([]FileEntry, 0, len(list))
	for _, l := range list {
		e := FileEntry{Name: l.Name, Node: l.Node, Layer: src.Number(l.Layer), Merged: l.Merged}
		if upper >= 0 {
			e.Mark = src.changes[path.Join(dir, l.Name)]
		}
		out = append(out, e)
	}
	if deleted || upper >= 0 {
		out = src.addDeleted(out, dir, deleted, upper)
	}
	return out
}

// alone is the one layer of the mount that has a directory, in which nothing can
// have been deleted then, and the directory's place in its tree. Most of the large
// ones are such, and they can be listed without merging anything.
func (src *FileSource) alone(dir string) (layer int, at tree.Ino, ok bool) {
	if src.Mode == "layer" {
		return 0, 0, false
	}
	if up := src.mount.Upper(); up != nil && up.Lookup(dir) != 0 {
		return 0, 0, false
	}
	layer = -1
	for i, t := range src.mount.Lowers() {
		if ino := t.Lookup(dir); ino != 0 {
			if layer >= 0 || !t.Inode(ino).IsDir() {
				return 0, 0, false
			}
			layer, at = i, ino
		}
	}
	if layer < 0 {
		return 0, 0, false
	}
	_, top, there := src.mount.Lookup(dir)
	return layer, at, there && top == layer
}

// Each gives the names of a directory as List does, one after the other: a large
// directory need not be listed as a whole. It ends with the first error of visit.
func (src *FileSource) Each(dir string, deleted bool, visit func(FileEntry) error) error {
	layer, at, ok := src.alone(dir)
	if !ok {
		for _, e := range src.List(dir, deleted) {
			if err := visit(e); err != nil {
				return err
			}
		}
		return nil
	}
	t := src.mount.Lowers()[layer]
	for name, ino := range t.Children(at) {
		n := t.Inode(ino)
		if n.LinkBroken {
			if n, _, ok = src.mount.Lookup(join(dir, name)); !ok {
				continue
			}
		}
		if n.IsWhiteout() {
			continue
		}
		if err := visit(FileEntry{Name: name, Node: n, Layer: src.Number(layer)}); err != nil {
			return err
		}
	}
	return nil
}

// addDeleted adds the names that lower layers have in a directory and list, which
// is in order, has not. Without all, only those that the container itself deleted.
func (src *FileSource) addDeleted(list []FileEntry, dir string, all bool, upper int) []FileEntry {
	shown := len(list)
	var found map[string]bool
	lowers := src.mount.Lowers()
	for i := len(lowers) - 1; i >= 0; i-- {
		t := lowers[i]
		at := t.Lookup(dir)
		if at == 0 || !t.Inode(at).IsDir() {
			continue
		}
		for name, ino := range t.Children(at) {
			n := t.Inode(ino)
			if n.IsWhiteout() || found[name] {
				continue
			}
			if _, ok := slices.BinarySearchFunc(list[:shown], name, func(e FileEntry, s string) int { return strings.Compare(e.Name, s) }); ok {
				continue
			}
			e := FileEntry{Name: name, Node: n, Layer: src.Number(i), Mark: 'D'}
			if upper >= 0 && src.gone(path.Join(dir, name)) && src.was(path.Join(dir, name)) {
				e.Layer = 0
			} else if !all {
				continue
			}
			if found == nil {
				found = map[string]bool{}
			}
			found[name] = true
			list = append(list, e)
		}
	}
	if len(list) > shown {
		slices.SortFunc(list, func(a, b FileEntry) int { return strings.Compare(a.Name, b.Name) })
	}
	return list
}

// gone reports whether the container deleted a path, or a directory above it.
func (src *FileSource) gone(p string) bool {
	for ; p != "/"; p = path.Dir(p) {
		switch src.changes[p] {
		case 'D':
			return true
		case 'A', 'M':
			return false
		}
	}
	return false
}

// was reports whether the image of a container shows a path.
func (src *FileSource) was(p string) bool {
	_, _, ok := src.below.Lookup(p)
	return ok
}

// listLayer is what one layer has in a directory, with what it hides there of
// the layers below.
func (src *FileSource) listLayer(dir string) []FileEntry {
	l := src.layers[src.Layer-1]
	if l == nil {
		return nil
	}
	t := l.Tree
	at := t.Lookup(dir)
	if at == 0 || !t.Inode(at).IsDir() {
		return src.listHidden(dir, nil)
	}
	var out []FileEntry
	old := src.below.List(dir)
	for name, ino := range t.Children(at) {
		e := FileEntry{Name: name, Node: t.Inode(ino), Layer: src.Layer}
		var was *tree.Inode
		if i, ok := slices.BinarySearchFunc(old, name, func(o overlay.Listed, s string) int { return strings.Compare(o.Name, s) }); ok {
			was = old[i].Node
		}
		switch {
		case e.Node.IsWhiteout():
			e.Mark = 'D'
			if was != nil {
				e.Node = was
			}
		case was == nil:
			e.Mark = 'A'
		case !e.Node.IsDir() || !was.IsDir() || e.Node.Opaque:
			e.Mark = 'M'
		case !e.Node.Implied && (e.Node.Mode != was.Mode || e.Node.UID != was.UID || e.Node.GID != was.GID):
			e.Mark = 'M'
		}
		e.Opaque = e.Node.IsDir() && e.Node.Opaque && e.Mark != 'D'
		if e.Node.Implied && was != nil {
			e.Node = was
		}
		out = append(out, e)
	}
	if t.Inode(at).Opaque || src.cut(dir) {
		out = src.listHidden(dir, out)
	}
	return out
}

// cut reports whether this layer hides all that the layers below have in a
// directory: by an opaque directory above it.
func (src *FileSource) cut(dir string) bool {
	t := src.layers[src.Layer-1].Tree
	for ; dir != "/"; dir = path.Dir(dir) {
		if n := t.Get(dir); n != nil && n.Opaque {
			return true
		}
	}
	return false
}

// listHidden adds to list what the layers below have in a directory, as deleted.
func (src *FileSource) listHidden(dir string, list []FileEntry) []FileEntry {
	shown := len(list)
	for _, o := range src.below.List(dir) {
		if _, ok := slices.BinarySearchFunc(list[:shown], o.Name, func(e FileEntry, s string) int { return strings.Compare(e.Name, s) }); !ok {
			list = append(list, FileEntry{Name: o.Name, Node: o.Node, Layer: src.Layer, Mark: 'D'})
		}
	}
	slices.SortFunc(list, func(a, b FileEntry) int { return cmp.Compare(a.Name, b.Name) })
	return list
}

// Expands reports whether a name has names below it.
func (e FileEntry) Expands() bool { return e.Node != nil && e.Node.IsDir() }
