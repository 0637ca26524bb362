package engine_test

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/opencontainers/go-digest"

	"github.com/layerlab/layerlab/sim/cli"
	"github.com/layerlab/layerlab/sim/engine"
	"github.com/layerlab/layerlab/sim/overlay"
	"github.com/layerlab/layerlab/sim/tree"
)

// A dumper writes down everything that can be seen of an engine and its terminal.
type dumper struct {
	strings.Builder
}

func (d *dumper) line(v ...any) { fmt.Fprintln(d, v...) }

func (d *dumper) json(what string, v any) {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	d.line(what, string(b))
}

// dump is all of it as text, a line a thing.
func dump(s *cli.Session) string {
	d := &dumper{}
	e := s.Engine()
	d.line("clock", e.Now().UnixNano(), "private", e.Private())
	d.line("shell", s.Prompt(), s.Dir())
	d.images(e)
	for _, c := range e.Containers() {
		d.json("container", c)
		d.line("size", c.SizeRw(), c.SizeRootFs(), "diff", c.Diff())
		d.mount(c.Mount())
	}
	d.line("host")
	d.mount(e.Host())
	for _, c := range e.CacheEntries() {
		d.line("cache", c.ID, c.Step, c.Size, c.Created.UnixNano(), c.Held.DiffID)
	}
	d.line("cache", e.CacheUsage())
	return d.String()
}

func (d *dumper) images(e *engine.Engine) {
	st := e.Store()
	for _, im := range st.Images() {
		d.line("image", im.ID, im.Digest, im.ConfigDigest, im.Parent, im.Annotations, im.Added.UnixNano(), im.Index)
		d.line(string(im.ManifestRaw), string(im.ConfigRaw))
		r, ok := e.Built(im.ID)
		d.line(st.Usage(im.ID), st.HistorySizes(im), st.Children(im.ID), st.Intermediate(im.ID), r, ok)
		for _, h := range im.Layers {
			d.line("layer", h.ChainID, h.DiffID, h.Digest, h.Size, h.MediaType, h.Below, h.DiskUsage(), st.SharedBy(h.ChainID), st.Packed(h.ChainID), h.Layer.Entries, h.Layer.Tree.Names())
		}
	}
	for _, r := range st.Refs() {
		d.line("name", r.Name, r.ID)
	}
	blobs := st.Blobs()
	for _, b := range slices.Sorted(maps.Keys(blobs)) {
		d.line("blob", b, blobs[b])
	}
	d.line("store", st.Kept(), st.Total(), e.Usages())
}

// mount is the merged view as root sees it, and the upper directory as it is.
func (d *dumper) mount(m *overlay.Mount) {
	d.dir(m.Root(), m, "/")
	up := m.Upper().Snapshot()
	inode := func(p string, i tree.Ino, n *tree.Inode) bool {
		d.line(p, i, n.Mode, n.UID, n.GID, n.Nlink, n.MTime, n.Major, n.Minor, n.Target, n.Xattrs, n.Opaque, n.Implied, n.Size(), d.sum(n))
		return true
	}
	inode("upper", tree.Root, up.Inode(tree.Root))
	up.Walk(inode)
}

func (d *dumper) dir(v *overlay.View, m *overlay.Mount, dir string) {
	list, err := v.ReadDir(dir)
	d.line(dir, len(list), err)
	for _, e := range list {
		p := path.Join(dir, e.Name)
		st, err := v.Lstat(p)
		d.line(fmt.Sprintf("%s %+v %v", p, st, err))
		if n, at, ok := m.Lookup(p); ok && n.IsRegular() && at == len(m.Lowers()) {
			d.line(d.sum(n))
		} else if ok && n.IsDir() {
			d.dir(v, m, p)
		}
	}
}

// sum is the digest of a file's bytes.
func (d *dumper) sum(n *tree.Inode) digest.Digest {
	if !n.IsRegular() || n.Size() > 1<<20 {
		return ""
	}
	rc, err := n.Content().Open()
	if err != nil {
		return digest.Digest(err.Error())
	}
	defer rc.Close()
	h := digest.SHA256.Digester()
	if _, err := io.Copy(h.Hash(), rc); err != nil {
		return digest.Digest(err.Error())
	}
	return h.Digest()
}
