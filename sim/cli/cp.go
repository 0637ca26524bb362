package cli

import (
	"path"
	"strings"

	units "github.com/docker/go-units"

	"github.com/layerlab/layerlab/sim/container"
	"github.com/layerlab/layerlab/sim/content"
	"github.com/layerlab/layerlab/sim/layer"
	"github.com/layerlab/layerlab/sim/overlay"
	"github.com/layerlab/layerlab/sim/tree"
)

// cp is `docker cp`, in either direction. The client packs the source into a tar
// and somebody else unpacks it at the destination: the daemon in the container,
// or the client on its own machine (docker/cli container/cp.go).
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

// copyIn copies from the learner's machine, or a tar from the standard input,
// into a container.
func (c *call) copyIn(src, name, dst string) error {
	ct, noContainer := c.e.Container(name)
	end := copyEnd{path: dst}
	if noContainer == nil {
		ct.Peek()
	}
	if noContainer == nil && dst != "" {
		end = destinationIn(ct.View(), dst)
	}
	if src == "-" {
		if !end.isDir {
			return plain("destination \"%s:%s\" must be a directory", name, dst)
		}
		return c.unpackIn(ct, end.path, name)
	}
	from, err := c.copySource(src)
	if err != nil {
		return err
	}
	dir, base, err := placeCopy(from, end)
	if err != nil {
		return err
	}
	if noContainer != nil {
		return daemon(noContainer)
	}
	u, err := c.unpackerIn(ct, dir, name)
	if err != nil {
		return err
	}
	if err := u.copy(c.fs, path.Clean(from.path), from, base); err != nil {
		return err
	}
	c.copied(u, name+":"+end.path)
	return nil
}

// unpackerIn unpacks in a directory of a container, as the daemon does.
func (c *call) unpackerIn(ct *container.Container, dir, name string) (*unpacker, error) {
	view := ct.View()
	real, err := view.Realpath(path.Join("/", dir))
	if err != nil {
		if errno(err) != "no such file or directory" {
			return nil, daemon(plain("lstat %s: %s", path.Join("/", dir), errno(err)))
		}
		return nil, daemon(&missingFile{dir, name})
	}
	st, err := view.Lstat(real)
	if err != nil || !st.IsDir() {
		return nil, daemon(plain("extraction point is not a directory"))
	}
	if ct.Config.ReadOnly && !ct.Mounted(real+"/") {
		return nil, daemon(plain("container rootfs is marked read-only"))
	}
	u := &unpacker{c: c, to: view, dir: real, busy: ct.Mounted, fail: daemon}
	if user := ct.Run.Config.User; c.on("archive") && user != "" {
		uid, gid, err := ct.Owner(user)
		if err != nil {
			return nil, daemon(err)
		}
		u.owner = &[2]uint32{uid, gid}
	}
	return u, nil
}

// copyOut copies from a container to the learner's machine, or as a tar to the
// standard output.
func (c *call) copyOut(name, src, dst string) error {
	to := dst
	if dst != "-" {
		to = keepSlash(c.abs(dst), dst)
		if parent := path.Dir(path.Clean(to)); !c.there(parent) {
			return plain("invalid output path: directory %q does not exist", parent)
		}
	}
	ct, err := c.e.Container(name)
	if err != nil {
		return daemon(err)
	}
	if src == "" {
		return daemon(plain("bad parameter: path cannot be empty"))
	}
	ct.Peek()
	view := ct.View()
	from := copyEnd{path: src}
	if c.on("follow-link") {
		if st, err := view.Lstat(path.Join("/", src)); err == nil && st.IsSymlink() {
			from.path, from.rebase = rebaseName(src, followLink(view, path.Join("/", src)))
		}
	}
	abs := keepSlash(path.Join("/", from.path), from.path)
	st, err := view.Lstat(path.Clean(abs))
	if err == nil && assertsDir(abs) {
		st, err = view.Stat(abs)
	}
	switch {
	case err == nil && !st.IsDir() && abs != path.Clean(abs):
		return daemon(plain("lstat %s: not a directory", abs))
	case err == nil && !ct.Running() && (st.Type() == tree.CharDevice || st.Type() == tree.BlockDevice):
		return daemon(&missingFile{from.path, name}) // devices come with the mounts
	case err != nil && errno(err) != "no such file or directory":
		return daemon(plain("lstat %s: %s", abs, errno(err)))
	case err != nil:
		return daemon(&missingFile{from.path, name})
	}
	from.exists, from.isDir = true, st.IsDir()
	if dst == "-" {
		return c.packOut(view, path.Base(abs), st)
	}
	dir, base, err := placeCopy(from, destination(c.fs, to))
	if err != nil {
		return err
	}
	u := &unpacker{c: c, to: c.fs, dir: dir, owner: &[2]uint32{}, fail: func(err error) error { return err }}
	if err := u.copy(view, st.Path, from, base); err != nil {
		return err
	}
	c.copied(u, to)
	return nil
}

// copied says what was copied, where somebody is at the terminal to read it.
func (c *call) copied(u *unpacker, where string) {
	if !c.tty || c.on("quiet") {
		return
	}
	size, sent := units.HumanSizeWithPrecision(float64(u.bytes), 3), units.HumanSizeWithPrecision(float64(u.sent+1024), 3)
	c.eprintf("Successfully copied %s (transferred %s) to %s\n", size, sent, where)
}

// unpackIn unpacks a tar from the standard input into a directory of a container.
func (c *call) unpackIn(ct *container.Container, dst, name string) error {
	in, err := c.readIn()
	if err != nil {
		return err
	}
	if n := in.Size(); n > 0 && n < 512 {
		return daemon(plain("unexpected EOF"))
	}
	if in, err = plainBody(in); err != nil {
		return daemon(err)
	}
	l, err := layer.Index(c.ctx, in, layer.IndexOptions{Pause: c.s.pause})
	if err != nil {
		return daemon(err)
	}
	u, err := c.unpackerIn(ct, dst, name)
	if err != nil {
		return err
	}
	src := overlay.New([]*tree.Tree{l.Tree}, nil, overlay.Options{}).Root()
	list, err := src.ReadDir("/")
	if err != nil {
		return plain("%v", err)
	}
	for _, e := range list {
		if err := u.entry(src, "/"+e.Name, e.Name); err != nil {
			return err
		}
	}
	return u.settle()
}

// plainBody is the tar in a body that may be compressed.
func plainBody(b content.Body) (content.Body, error) {
	head := make([]byte, 512)
	n, err := content.ReadAt(b, head, 0)
	if err != nil && n == 0 && b.Size() > 0 {
		return nil, err
	}
	if codec := layer.Detect(head[:n]); codec != layer.Plain {
		return layer.InflatedBody(b, codec, -1), nil
	}
	return b, nil
}

// A missingFile is a path that a container does not have, in Docker's words.
type missingFile struct{ path, container string }

func (e *missingFile) Error() string {
	return "Could not find the file " + e.path + " in container " + e.container
}

// there reports whether the learner's machine has a path.
func (c *call) there(p string) bool {
	_, err := c.fs.Stat(p)
	return err == nil
}
