package layer

import (
	"fmt"
	"path"
	"strings"

	"github.com/layerlab/layerlab/sim/tree"
)

// maxFollowed is the number of symbolic links on one path that containerd
// follows before it gives up.
const maxFollowed = 255

// impliedDir is the pattern of a directory that no entry describes.
var impliedDir = tree.Inode{Mode: tree.Directory | 0o755, Implied: true}

// parent is the directory at the clean path dir, made if it is not there. As
// containerd does when it unpacks a layer, symbolic links of this same layer are
// followed, inside the root; the layers below are not looked at.
func (b *builder) parent(dir, entry string) (tree.Ino, error) {
	if dir == b.dir {
		return b.dirIno, nil
	}
	at, parts, followed := tree.Root, strings.Split(dir[1:], "/"), 0
	if dir == "/" {
		parts = nil
	}
	for len(parts) > 0 {
		part := parts[0]
		parts = parts[1:]
		switch part {
		case "", ".":
			continue
		case "..":
			at = b.t.Parent(at)
			continue
		}
		next := b.t.Child(at, part)
		var n *tree.Inode
		if next != 0 {
			n = b.t.Inode(next)
		}
		switch {
		case n == nil:
			at = b.t.Add(at, clone(part), impliedDir)
		case n.IsDir():
			at = next
		case n.IsSymlink():
			if followed++; followed > maxFollowed {
				return 0, fmt.Errorf("too many symbolic links on its path")
			}
			if followed == 1 {
				b.note(entry, "lies below the symbolic link %q -> %q of the same layer; the link is followed", part, shorten(n.Target))
			}
			if strings.HasPrefix(n.Target, "/") {
				at = tree.Root
			}
			parts = append(strings.Split(n.Target, "/"), parts...)
		default:
			b.note(entry, "lies below %q, which the same layer has as a file; the file is replaced by a directory, Docker refuses such a layer", part)
			hides := n.IsWhiteout()
			b.replace(path.Join(b.t.Path(at), part), at, part)
			at = b.t.Add(at, clone(part), impliedDir)
			if hides {
				b.t.Update(at, func(d *tree.Inode) { d.Opaque = true })
			}
		}
		if len(part) > maxName {
			return 0, fmt.Errorf("its path has a name of %d bytes, Linux allows %d", len(part), maxName)
		}
	}
	if followed == 0 {
		b.dir, b.dirIno = clone(dir), at
	}
	return at, nil
}

// find is the inode at a clean path: links on the way are followed as parent
// does, the last part is not. It is 0 when there is none.
func (b *builder) find(p string) tree.Ino {
	at, parts, followed := tree.Root, strings.Split(p, "/"), 0
	for len(parts) > 0 {
		part := parts[0]
		parts = parts[1:]
		switch part {
		case "", ".":
			continue
		case "..":
			at = b.t.Parent(at)
			continue
		}
		next := b.t.Child(at, part)
		if next == 0 {
			return 0
		}
		n := b.t.Inode(next)
		switch {
		case len(parts) == 0 || n.IsDir():
			at = next
		case n.IsSymlink() && followed < maxFollowed:
			followed++
			if strings.HasPrefix(n.Target, "/") {
				at = tree.Root
			}
			parts = append(strings.Split(n.Target, "/"), parts...)
		default:
			return 0
		}
	}
	return at
}
