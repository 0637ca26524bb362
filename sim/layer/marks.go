package layer

import (
	"path"
	"strings"

	"github.com/layerlab/layerlab/sim/tree"
)

func clone(s string) string { return strings.Clone(s) }

// addMarker remembers a whiteout or opaque marker. The directory that it stands
// in comes to be, as it does where containerd unpacks a layer, unless this layer
// has something else there: markers follow no symbolic link and replace nothing.
func (b *builder) addMarker(e entry, p string, m marker, hidden string) error {
	switch m {
	case aufs:
		b.note(e.h.Name, "belongs to AUFS's own bookkeeping; ignored")
		return nil
	case badWhiteout:
		b.note(e.h.Name, "hides no name that a file can have; ignored here, refused by containerd")
		return nil
	}
	dir := path.Dir(p)
	if !b.literalDir(dir) {
		b.note(e.h.Name, "stands below something that is no directory; ignored")
		return nil
	}
	if _, err := b.parent(dir, e.h.Name); err != nil {
		return err
	}
	b.marks = append(b.marks, mark{clone(dir), clone(hidden), clone(e.h.Name), tree.TimeOf(e.h.ModTime)})
	return nil
}

// literalDir reports whether every part of the clean path that exists is a
// directory.
func (b *builder) literalDir(dir string) bool {
	if dir == b.dir {
		return true
	}
	at := tree.Root
	for part := range strings.SplitSeq(dir, "/") {
		if part == "" {
			continue
		}
		if at = b.t.Child(at, part); at == 0 {
			return true
		}
		if !b.t.Inode(at).IsDir() {
			return false
		}
	}
	return true
}

// finish sets the marks, now that all that the layer adds is known, and links
// the hard links that waited for their targets.
func (b *builder) finish() {
	b.resolveLate()
	for _, m := range b.marks {
		dir := b.t.Lookup(m.dir)
		if dir == 0 || !b.t.Inode(dir).IsDir() {
			b.note(m.entry, "stands below something that is no directory; ignored")
			continue
		}
		if m.name == "" {
			b.setOpaque(dir)
			if dir == tree.Root {
				b.note(m.entry, "hides all layers below, as the specification says; Docker's overlay storage ignores it")
			}
			continue
		}
		i := b.t.Child(dir, m.name)
		if i == 0 {
			b.t.Add(dir, m.name, tree.Whiteout(m.mtime))
			continue
		}
		if !b.t.Inode(i).IsDir() {
			b.note(m.entry, "hides a name that the same layer has too: only what the layers below have is hidden")
			continue
		}
		b.setOpaque(i)
		b.note(m.entry, "hides a directory that the same layer makes anew; Docker's overlay storage lets the old files come back")
	}
	b.marks = nil
	b.foreign()
}

// foreign notes what other formats keep in a layer beside its files.
func (b *builder) foreign() {
	for _, name := range []string{"stargz.index.json", ".prefetch.landmark", ".no.prefetch.landmark"} {
		if b.t.Child(tree.Root, name) != 0 {
			b.note(name, "is eStargz's own, by which a layer can be used before all of it is there; containers see it as a file")
		}
	}
	if b.t.Child(tree.Root, "Files") != 0 && (b.t.Child(tree.Root, "Hives") != 0 || b.t.Child(tree.Root, "UtilityVM") != 0) {
		b.note("Files/", "is the root of a Windows layer: its files are below Files, changes to the registry in Hives")
	}
}

func (b *builder) setOpaque(i tree.Ino) {
	if !b.t.Inode(i).Opaque {
		b.t.Update(i, func(n *tree.Inode) { n.Opaque = true })
	}
}
