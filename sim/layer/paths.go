package layer

import (
	"fmt"
	"strings"

	"github.com/layerlab/layerlab/sim/tree"
)

// maxFollowed is the number of symbolic links on one path that containerd
// follows before it gives up.
const maxFollowed = 255

// impliedDir is the pattern of a directory that no entry describes.
var impliedDir = tree.Inode{Mode: tree.Directory | 0o755, Implied: true}

// way is what is left of a path that is being walked. Where a symbolic link
// stood, its target comes next.
type way struct {
	rest     []string // the last is walked first
	walked   []string // the directories on the way to where it stands, without links
	followed int      // links so far
	expanded int      // bytes of their targets
}

func newWay(p string) *way { return &way{rest: []string{p}} }

// next takes the next part off the way; ok is false at its end.
func (w *way) next() (part string, ok bool) {
	for n := len(w.rest); n > 0; n = len(w.rest) {
		part, rest, more := strings.Cut(w.rest[n-1], "/")
		if w.rest[n-1] = rest; !more {
			w.rest = w.rest[:n-1]
		}
		if part != "" && part != "." {
			return part, true
		}
	}
	return "", false
}

// last reports whether the part that next gave was the path's own last one.
func (w *way) last() bool { return len(w.rest) == 0 }

// follow goes on at a link's target. It is false when there are more links than
// containerd follows, or when they make a path longer than any that Linux has: a
// few hundred bytes of links can describe a way of millions of steps.
func (w *way) follow(target string) bool {
	w.followed++
	w.expanded += len(target)
	w.rest = append(w.rest, target)
	return w.followed <= maxFollowed && w.expanded <= maxPath
}

// parent is the directory at the clean path dir, made if it is not there. As
// containerd does when it unpacks a layer, symbolic links of this same layer are
// followed, inside the root; the layers below are not looked at.
func (b *builder) parent(dir, entry string) (tree.Ino, error) {
	if dir == b.dir {
		return b.dirIno, nil
	}
	at, w := tree.Root, newWay(dir)
	for {
		part, ok := w.next()
		if !ok {
			break
		}
		if part == ".." {
			at = b.t.Parent(at)
			w.walked = w.walked[:max(0, len(w.walked)-1)]
			continue
		}
		if len(part) > maxName {
			return 0, fmt.Errorf("its path has a name of %d bytes, Linux allows %d", len(part), maxName)
		}
		next := b.t.Child(at, part)
		if next == 0 {
			at = b.t.Add(at, clone(part), impliedDir)
			w.walked = append(w.walked, part)
			continue
		}
		switch n := b.t.Inode(next); {
		case n.IsDir():
			at = next
			w.walked = append(w.walked, part)
		case n.IsSymlink():
			if w.followed == 0 {
				b.note(entry, "lies below the symbolic link %q -> %q of the same layer; the link is followed", part, shorten(n.Target))
			}
			if !w.follow(n.Target) {
				return 0, fmt.Errorf("too many symbolic links on its path")
			}
			if strings.HasPrefix(n.Target, "/") {
				at, w.walked = tree.Root, nil
			}
		default:
			b.note(entry, "lies below %q, which the same layer has as a file; the file is replaced by a directory, Docker refuses such a layer", part)
			hides := n.IsWhiteout()
			w.walked = append(w.walked, part)
			b.replace("/"+strings.Join(w.walked, "/"), at, part)
			at = b.t.Add(at, clone(part), impliedDir)
			if hides {
				b.t.Update(at, func(d *tree.Inode) { d.Opaque = true })
			}
		}
	}
	if w.followed == 0 {
		b.dir, b.dirIno = clone(dir), at
	}
	return at, nil
}

// find is the inode at a clean path: links on the way are followed as parent
// does, the last part is not. It is 0 when there is none.
func (b *builder) find(p string) tree.Ino {
	at, w := tree.Root, newWay(p)
	for {
		part, ok := w.next()
		switch {
		case !ok:
			return at
		case part == "..":
			at = b.t.Parent(at)
			continue
		}
		next := b.t.Child(at, part)
		if next == 0 {
			return 0
		}
		n := b.t.Inode(next)
		switch {
		case w.last() || n.IsDir():
			at = next
		case n.IsSymlink() && w.follow(n.Target):
			if strings.HasPrefix(n.Target, "/") {
				at = tree.Root
			}
		default:
			return 0
		}
	}
}
