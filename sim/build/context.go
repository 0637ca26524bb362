package build

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"
	"syscall"

	"github.com/moby/patternmatcher"
	"github.com/moby/patternmatcher/ignorefile"

	"github.com/layerlab/layerlab/sim/overlay"
	"github.com/layerlab/layerlab/sim/tree"
)

// contextSource is the directory that a build may take files from.
type contextSource struct {
	view    *overlay.View
	dir     string
	matcher *patternmatcher.PatternMatcher // of .dockerignore, nil for none
	host    *overlay.View                  // the machine, if view is not it
	named   map[string]*tree.Tree          // the files of other contexts, by their names
	files   *overlay.Mount                 // after load: the context as the builder gets it
	names   int
}

// machine is the view of the machine on which the build was asked for.
func (c *contextSource) machine() *overlay.View {
	if c.host != nil {
		return c.host
	}
	return c.view
}

// readDockerfile is the text of the Dockerfile.
func (c *contextSource) readDockerfile(name string) ([]byte, error) {
	src, err := c.view.ReadFile(c.pathOf(name))
	switch {
	case errors.Is(err, syscall.EISDIR):
		return nil, fmt.Errorf("failed to read dockerfile: %s is not a regular file", path.Base(name))
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("failed to read dockerfile: open %s: no such file or directory", path.Base(name))
	case err != nil:
		return nil, fmt.Errorf("failed to read dockerfile: %w", err)
	}
	return src, nil
}

// pathOf is a Dockerfile's path on the machine: a relative one starts at the
// context.
func (c *contextSource) pathOf(name string) string {
	if path.IsAbs(name) {
		return name
	}
	return path.Join(c.dir, name)
}

// readOwnIgnore reads <Dockerfile>.dockerignore, which lies beside the Dockerfile
// and stands in for .dockerignore. It reports whether there is one.
func (c *contextSource) readOwnIgnore(dockerfile string) (text []byte, err error) {
	text, err = c.view.ReadFile(c.pathOf(dockerfile) + ".dockerignore")
	if notThere(err) {
		return nil, nil
	}
	return text, err
}

// readIgnore reads the context's .dockerignore, nil if there is none.
func (c *contextSource) readIgnore() (text []byte, err error) {
	text, err = c.view.ReadFile(path.Join(c.dir, ".dockerignore"))
	if notThere(err) {
		return nil, nil
	}
	return text, err
}

// ignore keeps out of the context what the patterns of text say.
func (c *contextSource) ignore(text []byte) error {
	patterns, err := ignorefile.ReadAll(bytes.NewReader(text))
	if err != nil || len(patterns) == 0 {
		return err
	}
	c.matcher, err = patternmatcher.New(patterns)
	return err
}

// load takes the context as the builder gets it: without what .dockerignore
// excludes, every file root's, with its mode and time.
func (c *contextSource) load(now tree.Time, pause func() error) error {
	w := &contextWalk{c: c, out: tree.New(now), links: map[uint64]tree.Ino{}, pause: pause}
	err := w.dir(c.dir, "", patternmatcher.MatchInfo{}, func() tree.Ino { return tree.Root })
	if err != nil {
		return fmt.Errorf("loading the build context: %w", err)
	}
	c.names = w.out.Names()
	c.files = overlay.New([]*tree.Tree{w.out}, nil, overlay.Options{})
	return nil
}

// contextWalk copies names, metadata and bodies (not bytes) out of the machine.
type contextWalk struct {
	c     *contextSource
	out   *tree.Tree
	links map[uint64]tree.Ino // inodes with several names, by number
	pause func() error
	seen  int
}

// dir walks one directory. made gives the directory in the copy, and makes it if
// need be: an excluded directory is only there if something below it is not.
func (w *contextWalk) dir(p, rel string, parent patternmatcher.MatchInfo, made func() tree.Ino) error {
	entries, err := w.c.view.ReadDir(p)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if w.seen++; w.seen%256 == 0 {
			if err := w.pause(); err != nil {
				return err
			}
		}
		if err := w.entry(path.Join(p, e.Name), path.Join(rel, e.Name), e, parent, made); err != nil {
			return err
		}
	}
	return nil
}

func (w *contextWalk) entry(p, rel string, e overlay.DirEntry, parent patternmatcher.MatchInfo, made func() tree.Ino) error {
	var info patternmatcher.MatchInfo
	excluded := false
	if m := w.c.matcher; m != nil {
		var err error
		if excluded, info, err = m.MatchesUsingParentResults(rel, parent); err != nil {
			return err
		}
		if excluded && !(e.Stat.IsDir() && m.Exclusions()) {
			return nil
		}
	}
	if e.Stat.IsDir() {
		var dir tree.Ino
		make := func() tree.Ino {
			if dir == 0 {
				dir = w.out.Add(made(), e.Name, inodeOf(e.Stat))
			}
			return dir
		}
		if !excluded {
			make()
		}
		return w.dir(p, rel, info, make)
	}
	if e.Stat.IsRegular() && e.Stat.Nlink > 1 {
		if first := w.links[e.Stat.Ino]; first != 0 {
			w.out.Link(made(), e.Name, first)
			return nil
		}
	}
	n := inodeOf(e.Stat)
	if e.Stat.IsRegular() {
		body, err := w.c.view.Body(p)
		if err != nil {
			return err
		}
		n.Body = body
		n.Xattrs = xattrs(w.c.view, p)
	}
	w.links[e.Stat.Ino] = w.out.Add(made(), e.Name, n)
	return nil
}

// inodeOf is a file of the machine as the builder gets it: root's.
func inodeOf(s overlay.Stat) tree.Inode {
	return tree.Inode{Mode: s.Mode, MTime: s.MTime, Target: s.Target, Major: s.Major, Minor: s.Minor}
}

// xattrs is the extended attributes of a file, nil for none.
func xattrs(v *overlay.View, p string) map[string]string {
	names, err := v.Listxattr(p)
	if err != nil || len(names) == 0 {
		return nil
	}
	out := map[string]string{}
	for _, name := range names {
		if value, err := v.Getxattr(p, name); err == nil {
			out[name] = value
		}
	}
	return out
}

// sentSize is the bytes that BuildKit's client says it transferred for one file:
// its bytes and what is told about it.
func sentSize(name string, size int) int {
	n := 27 + len(name) + size
	switch {
	case size == 0:
		n -= 6
	case size >= 128:
		n += 2
	}
	return n
}

// byteSize is a number of bytes as the progress shows it.
func byteSize(n int64) string {
	f, unit := float64(n), "B"
	for _, u := range []string{"kB", "MB", "GB", "TB"} {
		if f < 1000 {
			break
		}
		f, unit = f/1000, u
	}
	if unit == "B" {
		return fmt.Sprintf("%d%s", n, unit)
	}
	return fmt.Sprintf("%.2f%s", f, unit)
}

// trimRoot is a path of a context or an image as a person writes it.
func trimRoot(p string) string { return strings.TrimPrefix(p, "/") }
