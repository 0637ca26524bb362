package cli

import (
	"path"
	"strings"

	"github.com/layerlab/layerlab/sim/container"
	"github.com/layerlab/layerlab/sim/layer"
	"github.com/layerlab/layerlab/sim/overlay"
	"github.com/layerlab/layerlab/sim/tree"
)

// cp is `docker cp`, in either direction.
func (c *call) cp(args []string) error {
	from, fromPath, out := splitCopy(args[0])
	to, toPath, in := splitCopy(args[1])
	switch {
	case out && in:
		return plain("copying between containers is not supported")
	case !out && !in:
		return plain("must specify at least one container source")
	case in:
		return c.copyIn(fromPath, to, toPath)
	}
	return c.copyOut(from, fromPath, toPath)
}

// splitCopy tells CONTAINER:PATH from a path of the learner's machine.
func splitCopy(s string) (name, p string, ok bool) {
	if strings.HasPrefix(s, "/") || strings.HasPrefix(s, ".") {
		return "", s, false
	}
	if name, p, ok = strings.Cut(s, ":"); ok {
		return name, p, true
	}
	return "", s, false
}

func (c *call) copyIn(src, name, dst string) error {
	ct, err := c.e.Container(name)
	if err != nil {
		return daemon(err)
	}
	if src == "-" {
		return c.unpackIn(ct, path.Join("/", dst), name)
	}
	abs := c.abs(src)
	st, err := c.fs.Lstat(abs)
	if err != nil {
		return plain("lstat %s: %s", abs, errno(err))
	}
	view := ct.View()
	target, err := copyTarget(view, src, st.IsDir(), path.Join("/", dst), dst)
	if err != nil && strings.HasSuffix(dst, "/") && !st.IsDir() {
		return plain("no such directory")
	}
	if err != nil {
		return daemon(&missingFile{path.Dir(path.Join("/", dst)), name})
	}
	// The files become root's unless -a says otherwise.
	return c.copyTree(c.fs, abs, view, target, !c.on("archive"))
}

func (c *call) copyOut(name, src, dst string) error {
	ct, err := c.e.Container(name)
	if err != nil {
		return daemon(err)
	}
	view := ct.View()
	from := path.Join("/", src)
	if c.on("follow-link") {
		if real, err := view.Realpath(from); err == nil {
			from = real
		}
	}
	st, err := view.Lstat(from)
	if err != nil {
		return daemon(&missingFile{from, name})
	}
	if dst == "-" {
		return c.packOut(ct, from)
	}
	target, err := copyTarget(c.fs, src, st.IsDir(), c.abs(dst), dst)
	if err != nil {
		return plain("invalid output path: directory %q does not exist", path.Dir(c.abs(dst)))
	}
	return c.copyTree(view, from, c.fs, target, true)
}

// copyTarget is where a source lands: in the destination under its own name when
// that is a directory, else as the destination. "dir/." means what is in dir.
func copyTarget(to *overlay.View, src string, srcDir bool, dst, typed string) (string, error) {
	st, err := to.Stat(dst)
	if err == nil && st.IsDir() {
		if srcDir && (strings.HasSuffix(src, "/.") || src == ".") {
			return dst, nil
		}
		return path.Join(dst, path.Base(path.Clean(src))), nil
	}
	if err != nil {
		parent, perr := to.Stat(path.Dir(dst))
		if perr != nil || !parent.IsDir() || strings.HasSuffix(typed, "/") && !srcDir {
			return "", err
		}
	}
	return dst, nil
}

// copyTree copies a file or directory with what is below it; bodies are shared,
// not read.
func (c *call) copyTree(from *overlay.View, src string, to *overlay.View, dst string, root bool) error {
	if err := c.s.pause(c.ctx); err != nil {
		return err
	}
	st, err := from.Lstat(src)
	if err != nil {
		return plain("lstat %s: %s", src, errno(err))
	}
	uid, gid := st.UID, st.GID
	if root {
		uid, gid = 0, 0
	}
	switch st.Type() {
	case tree.Directory:
		if err := to.MkdirAll(dst, 0o755); err != nil {
			return plain("mkdir %s: %s", dst, errno(err))
		}
		_ = to.Chmod(dst, st.Perm())
		list, err := from.ReadDir(src)
		if err != nil {
			return plain("open %s: %s", src, errno(err))
		}
		for _, e := range list {
			if err := c.copyTree(from, path.Join(src, e.Name), to, path.Join(dst, e.Name), root); err != nil {
				return err
			}
		}
		_ = to.Chown(dst, int(uid), int(gid))
		return to.Utimes(dst, st.MTime)
	case tree.Symlink:
		_ = to.Unlink(dst)
		return to.Symlink(st.Target, dst)
	case tree.Regular:
		body, err := from.Body(src)
		if err != nil {
			return plain("open %s: %s", src, errno(err))
		}
		if err := to.SetBody(dst, body, &overlay.Meta{Perm: st.Perm(), UID: uid, GID: gid, MTime: st.MTime}); err != nil {
			return plain("open %s: %s", dst, errno(err))
		}
	}
	return nil
}

// packOut writes a file or directory of a container as a tar to the standard output.
func (c *call) packOut(ct *container.Container, from string) error {
	if c.tty {
		return plain("cowardly refusing to copy to a terminal. Use the -o flag or redirect")
	}
	parent := path.Dir(from) + "/"
	t := container.Merged(ct.Mount(), func(p string) bool {
		return p != from && !strings.HasPrefix(p, from+"/") && !strings.HasPrefix(parent, p+"/")
	})
	out := tree.New(tree.Time{})
	graft(out, tree.Root, t, t.Lookup(path.Dir(from)), path.Base(from))
	return layer.WriteTar(c.ctx, c.out, out, layer.WriteOptions{Pause: c.s.pause})
}

// graft adds what from has under name in the directory dir, and all below it, to
// the directory at of to.
func graft(to *tree.Tree, at tree.Ino, from *tree.Tree, dir tree.Ino, name string) {
	i := from.Child(dir, name)
	if i == 0 {
		return
	}
	n := *from.Inode(i)
	made := to.Add(at, name, n)
	for child := range from.Children(i) {
		graft(to, made, from, i, child)
	}
}

// unpackIn unpacks a tar from the standard input into a directory of a container.
func (c *call) unpackIn(ct *container.Container, dst, name string) error {
	view := ct.View()
	if st, err := view.Stat(dst); err != nil || !st.IsDir() {
		return daemon(&missingFile{dst, name})
	}
	in, err := c.readIn()
	if err != nil {
		return err
	}
	l, err := layer.Index(c.ctx, in, layer.IndexOptions{Pause: c.s.pause})
	if err != nil {
		return daemon(err)
	}
	src := overlay.New([]*tree.Tree{l.Tree}, nil, overlay.Options{}).Root()
	list, err := src.ReadDir("/")
	if err != nil {
		return plain("%v", err)
	}
	for _, e := range list {
		if err := c.copyTree(src, "/"+e.Name, view, path.Join(dst, e.Name), false); err != nil {
			return err
		}
	}
	return nil
}

// A missingFile is a path that a container does not have, in Docker's words.
type missingFile struct{ path, container string }

func (e *missingFile) Error() string {
	return "Could not find the file " + e.path + " in container " + e.container
}
