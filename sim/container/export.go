package container

import (
	"context"
	"io"
	"path"

	"github.com/layerlab/layerlab/sim/layer"
	"github.com/layerlab/layerlab/sim/overlay"
	"github.com/layerlab/layerlab/sim/tree"
)

// Merged is a tree of what a mount shows, bodies shared, hard links kept where
// both names come from one layer.
func Merged(m *overlay.Mount, leaveOut func(p string) bool) *tree.Tree {
	t := tree.New(tree.Time{})
	if n, _, ok := m.Lookup("/"); ok {
		t.Update(tree.Root, func(to *tree.Inode) {
			to.Mode, to.UID, to.GID, to.MTime, to.Xattrs = n.Mode, n.UID, n.GID, n.MTime, n.Xattrs
		})
	}
	mergeInto(t, tree.Root, m, "/", map[*tree.Inode]tree.Ino{}, leaveOut)
	return t
}

func mergeInto(t *tree.Tree, at tree.Ino, m *overlay.Mount, dir string, seen map[*tree.Inode]tree.Ino, leaveOut func(string) bool) {
	for _, e := range m.List(dir) {
		p := path.Join(dir, e.Name)
		if leaveOut != nil && leaveOut(p) {
			continue
		}
		if i, ok := seen[e.Node]; ok {
			t.Link(at, e.Name, i)
			continue
		}
		n := *e.Node
		n.Opaque, n.Implied = false, false
		i := t.Add(at, e.Name, n)
		if n.IsDir() {
			mergeInto(t, i, m, p, seen, leaveOut)
		} else if n.Nlink > 1 {
			seen[e.Node] = i
		}
	}
}

// Export writes the container's files as one tar, as `docker export` does: the
// merged view, with empty files and directories where Docker mounts something.
func (c *Container) Export(ctx context.Context, w io.Writer, pause func(context.Context) error) error {
	t := Merged(c.Mount(), func(p string) bool {
		switch p {
		case "/dev/console", "/dev/pts", "/dev/shm", "/etc/hosts", "/etc/hostname", "/etc/resolv.conf":
			return false
		}
		return c.mounted(p)
	})
	for _, p := range []string{"etc/hosts", "etc/hostname", "etc/resolv.conf"} {
		if i := t.Lookup(p); i != 0 {
			t.Update(i, func(n *tree.Inode) { n.Body, n.Mode = nil, tree.Regular|0o755 })
		}
	}
	if i := t.Lookup("dev/shm"); i != 0 {
		t.Update(i, func(n *tree.Inode) { n.Mode = tree.Directory | 0o755 })
	}
	return layer.WriteTar(ctx, w, t, layer.WriteOptions{Pause: pause})
}
