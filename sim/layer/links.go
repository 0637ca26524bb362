package layer

import (
	"slices"

	"github.com/layerlab/layerlab/sim/tree"
)

// addLink places a hard link. Its own metadata says nothing: it is another name
// of its target's inode. A target that this tar does not hold yet is looked for
// again at the end.
func (b *builder) addLink(e entry, p string, dir tree.Ino, name string) error {
	target, escaped := clean(e.h.Linkname)
	if escaped {
		b.note(e.h.Name, "links to %q, above the root; read as %q", shorten(e.h.Linkname), shorten(target))
	}
	if err := checkName(target); err != nil {
		return err
	}
	i := b.find(target)
	switch old := b.t.Child(dir, name); {
	case i != 0 && i == old:
		b.note(e.h.Name, "is a hard link to itself; ignored")
		return nil
	case i != 0 && !b.t.Inode(i).IsDir():
		// Hold the inode while what has the name goes, which may be above it.
		b.replace(p, dir, name)
		if b.t.Inode(i) == nil {
			break
		}
		b.t.Link(dir, clone(name), i)
		return nil
	}
	b.replace(p, dir, name)
	b.t.Add(dir, clone(name), tree.Inode{
		Mode: tree.Regular | uint32(e.h.Mode)&tree.PermMask, UID: b.id(e.h, e.h.Uid), GID: b.id(e.h, e.h.Gid),
		MTime: tree.TimeOf(e.h.ModTime), Target: target, LinkBroken: true,
	})
	b.late = append(b.late, lateLink{dir, clone(name), target, clone(e.h.Name)})
	return nil
}

// resolveLate links what came before its target, and notes what has none: it
// may be in a layer below, which Flatten and the union look for. A target may be
// such a link itself, which is then linked first; a link that is seen again on
// the way to its own target is one of a circle.
func (b *builder) resolveLate() {
	waiting := map[tree.Ino]lateLink{}
	for _, l := range b.late {
		// Others were replaced or removed by a later entry.
		if own := b.t.Child(l.dir, l.name); own != 0 && b.t.Inode(own).LinkBroken && b.t.Inode(own).Target == l.target {
			waiting[own] = l
		}
	}
	// A link to a symbolic link may open the way to the target of another; real
	// tars have no such thing, and few rounds are enough for what is not made to
	// hurt.
	for range 4 {
		before, seen := len(waiting), map[tree.Ino]bool{}
		for _, l := range b.late {
			b.resolveChain(b.t.Child(l.dir, l.name), waiting, seen)
		}
		if len(waiting) == before || len(waiting) == 0 {
			break
		}
	}
	for _, l := range b.late {
		own := b.t.Child(l.dir, l.name)
		if _, ok := waiting[own]; !ok {
			continue
		}
		switch i := b.find(l.target); {
		case i != 0 && b.t.Inode(i).IsDir():
			b.note(l.entry, "is a hard link to the directory %q, which no file system allows", shorten(l.target))
		case i != 0 && i == own:
			b.note(l.entry, "is a hard link to itself, and there is no such file")
		default:
			b.note(l.entry, "is a hard link to %q, which this layer does not hold; Docker refuses such a layer", shorten(l.target))
		}
	}
}

// resolveChain links the waiting link own and all that it waits for, unless it
// leads to one that was seen before without success.
func (b *builder) resolveChain(own tree.Ino, waiting map[tree.Ino]lateLink, seen map[tree.Ino]bool) {
	var chain []lateLink
	target := tree.Ino(0)
	for at := own; ; {
		l, ok := waiting[at]
		if !ok || seen[at] {
			break
		}
		seen[at] = true
		chain = append(chain, l)
		if at = b.find(l.target); at == 0 || b.t.Inode(at).IsDir() {
			break
		}
		if target = at; !b.t.Inode(at).LinkBroken {
			break
		}
	}
	if target == 0 || b.t.Inode(target).LinkBroken || b.t.Inode(target).IsDir() {
		return
	}
	for _, l := range slices.Backward(chain) {
		b.note(l.entry, "is a hard link that comes before its target %q", shorten(l.target))
		delete(waiting, b.t.Child(l.dir, l.name))
		b.t.Remove(l.dir, l.name)
		b.t.Link(l.dir, l.name, target)
	}
}
