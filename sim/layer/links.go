package layer

import (
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
// may be in a layer below, which Flatten and the union look for.
func (b *builder) resolveLate() {
	for again := true; again; {
		again = false
		rest := b.late[:0]
		for _, l := range b.late {
			own := b.t.Child(l.dir, l.name)
			if own == 0 || !b.t.Inode(own).LinkBroken || b.t.Inode(own).Target != l.target {
				continue // replaced or removed by a later entry
			}
			i := b.find(l.target)
			if i == 0 || i == own || b.t.Inode(i).IsDir() || b.t.Inode(i).LinkBroken {
				rest = append(rest, l)
				continue
			}
			b.note(l.entry, "is a hard link that comes before its target %q", shorten(l.target))
			b.t.Remove(l.dir, l.name)
			b.t.Link(l.dir, l.name, i)
			again = true
		}
		b.late = rest
	}
	for _, l := range b.late {
		switch i := b.find(l.target); {
		case i != 0 && b.t.Inode(i).IsDir():
			b.note(l.entry, "is a hard link to the directory %q, which no file system allows", shorten(l.target))
		case i != 0 && i == b.t.Child(l.dir, l.name):
			b.note(l.entry, "is a hard link to itself, and there is no such file")
		default:
			b.note(l.entry, "is a hard link to %q, which this layer does not hold; Docker refuses such a layer", shorten(l.target))
		}
	}
}
