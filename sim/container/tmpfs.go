package container

import (
	"path"
	"strings"

	"github.com/layerlab/layerlab/sim/overlay"
	"github.com/layerlab/layerlab/sim/shell"
	"github.com/layerlab/layerlab/sim/tree"
)

// tmpfsPaths are where --tmpfs mounts something, absolute.
func (c *Container) tmpfsPaths() []string {
	var out []string
	for _, t := range c.Config.Tmpfs {
		p, _, _ := strings.Cut(t, ":")
		out = append(out, path.Join("/", p))
	}
	return out
}

// mountTmpfs makes the file systems of --tmpfs anew, as each start does, empty. A
// mount point that was there keeps its mode, another has 1777 (runc mountToRootfs).
func (c *Container) mountTmpfs() error {
	c.tmpfs = nil
	root := c.Mount().Root()
	for _, p := range c.tmpfsPaths() {
		mode := uint32(tree.Sticky | 0o777)
		if st, err := root.Stat(p); err == nil {
			mode = st.Perm()
		} else if err := root.MkdirAll(p, 0o755); err != nil {
			return err
		}
		m := overlay.New(nil, tree.New(tree.TimeOf(c.now())), c.options())
		if err := m.Root().Chmod("/", mode); err != nil {
			return err
		}
		c.setTmpfs(p, m)
	}
	return nil
}

func (c *Container) setTmpfs(p string, m *overlay.Mount) {
	if c.tmpfs == nil {
		c.tmpfs = map[string]*overlay.Mount{}
	}
	c.tmpfs[p] = m
}

// tmpfsMounts are the mounts of --tmpfs as a process of that user sees them.
func (c *Container) tmpfsMounts(as overlay.Cred) []shell.Mounted {
	var out []shell.Mounted
	for _, p := range c.tmpfsPaths() {
		if m := c.tmpfs[p]; m != nil {
			out = append(out, shell.Mounted{Path: p, View: m.As(as), Type: "tmpfs"})
		}
	}
	return out
}
