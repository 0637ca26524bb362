package fsops

import (
	"archive/tar"
	"context"
	"errors"
	"io"
	"maps"
	"os"
	"slices"
	"syscall"

	"github.com/layerlab/layerlab/sim/layer"
	"github.com/layerlab/layerlab/sim/overlay"
	"github.com/layerlab/layerlab/sim/tree"
)

// model is the system as a Model, which alone can be looked into.
func (c *call) model() (*Model, error) {
	if m, ok := c.sys.(*Model); ok {
		return m, nil
	}
	return nil, bad("op", "%s: the kernel does not tell; only the model does", c.op.Name)
}

func sortedKeys(m map[string]string) []string { return slices.Sorted(maps.Keys(m)) }

func opClock(c *call) error {
	m, err := c.model()
	if err != nil {
		return err
	}
	c.out.set("sec", m.now.Sec)
	c.out.set("nsec", m.now.Nsec)
	return nil
}

func opEvents(c *call) error {
	m, err := c.model()
	if err != nil {
		return err
	}
	c.out.set("events", eventObjs(m.events, len(m.lowers)))
	return nil
}

func opLayers(c *call) error {
	m, err := c.model()
	if err != nil {
		return err
	}
	var list []*obj
	add := func(name string, upper bool, t *tree.Tree, notes []string) {
		o := &obj{}
		o.set("layer", len(list))
		o.set("name", name)
		o.set("upper", upper)
		o.set("names", t.Names())
		if notes == nil {
			notes = []string{}
		}
		o.set("notes", notes)
		list = append(list, o)
	}
	for _, l := range m.lowers {
		add(l.Name, false, l.Tree, l.Notes)
	}
	if up := m.m.Upper(); up != nil {
		add(upperName, true, up, nil)
	}
	c.out.set("layers", list)
	return nil
}

const upperName = "the upper directory"

func opProvenance(c *call) error {
	m, err := c.model()
	if err != nil {
		return err
	}
	if _, err := m.m.Root().Lstat(c.str("path")); err != nil {
		return err
	}
	versions := m.m.XRay(c.str("path"))
	_, at, ok := m.m.Lookup(c.str("path"))
	if !ok {
		return syscall.ENOENT // there, but only through a symbolic link
	}
	merged := slices.ContainsFunc(versions, func(v overlay.Version) bool { return v.State == overlay.Merged })
	c.out.set("layer", at)
	c.out.set("name", m.layerName(at))
	c.out.set("upper", at == len(m.m.Lowers()))
	c.out.set("merged", merged)
	return nil
}

func (s *Model) layerName(n int) string {
	if n < len(s.lowers) {
		return s.lowers[n].Name
	}
	return upperName
}

func opXRay(c *call) error {
	m, err := c.model()
	if err != nil {
		return err
	}
	list := []*obj{}
	for _, v := range m.m.XRay(c.str("path")) {
		o := &obj{}
		o.set("layer", v.Layer)
		o.set("name", m.layerName(v.Layer))
		o.set("state", v.State)
		if v.By >= 0 {
			o.set("by", v.By)
		}
		if v.Cause != overlay.None {
			o.set("cause", v.Cause)
		}
		if v.Node != nil {
			o.set("type", typeName(v.Node.Mode))
			o.set("size", v.Node.Size())
			o.set("opaque", v.Node.Opaque)
		}
		o.set("dead", v.Dead)
		list = append(list, o)
	}
	c.out.set("versions", list)
	return nil
}

func opChanges(c *call) error {
	m, err := c.model()
	if err != nil {
		return err
	}
	list := []*obj{}
	for _, ch := range m.m.Changes() {
		o := &obj{}
		o.set("kind", string(ch.Kind))
		o.text("path", ch.Path)
		list = append(list, o)
	}
	c.out.set("changes", list)
	return nil
}

func opTar(c *call) error {
	m, err := c.model()
	if err != nil {
		return err
	}
	l, err := layer.New(context.Background(), m.m.Changeset(), layer.WriteOptions{})
	if err != nil {
		return err
	}
	list := []*obj{}
	err = l.Each(context.Background(), func(e layer.Entry) error {
		o := &obj{}
		o.text("name", e.Header.Name)
		o.set("type", tarType(e.Header.Typeflag))
		o.set("perm", octal(uint32(e.Header.Mode)&tree.PermMask))
		o.set("size", e.Header.Size)
		if e.Header.Linkname != "" {
			o.text("linkname", e.Header.Linkname)
		}
		list = append(list, o)
		return nil
	})
	if err != nil {
		return err
	}
	c.out.set("diff_id", l.DiffID.String())
	c.out.set("size", l.Size)
	c.out.set("entries", list)
	if c.has("file") {
		if err := writeTar(c.str("file"), l); err != nil {
			return bad("file", "writing it: %w", err)
		}
		c.out.text("file", c.str("file"))
	}
	return nil
}

func tarType(flag byte) string {
	switch flag {
	case tar.TypeReg:
		return "file"
	case tar.TypeDir:
		return "dir"
	case tar.TypeSymlink:
		return "symlink"
	case tar.TypeLink:
		return "hardlink"
	case tar.TypeChar:
		return "char"
	case tar.TypeBlock:
		return "block"
	case tar.TypeFifo:
		return "fifo"
	}
	return string(flag)
}

func writeTar(name string, l *layer.Layer) error {
	r, err := l.Tar().Open()
	if err != nil {
		return err
	}
	defer r.Close()
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	_, err = io.Copy(f, r)
	return errors.Join(err, f.Close())
}

// eventObjs is events as answers tell them; upper is the upper directory's number.
func eventObjs(events []overlay.Event, upper int) []*obj {
	out := []*obj{}
	for _, e := range events {
		out = append(out, eventObj(e, upper))
	}
	return out
}

func eventObj(e overlay.Event, upper int) *obj {
	o := &obj{}
	begin := func(kind, path string) {
		o.set("event", kind)
		o.text("path", path)
	}
	switch e := e.(type) {
	case overlay.Lookup:
		begin("lookup", e.Path)
		steps := []*obj{}
		for _, s := range e.Steps {
			step := &obj{}
			step.set("layer", s.Layer)
			step.set("found", s.Found)
			steps = append(steps, step)
		}
		o.set("steps", steps)
	case overlay.Read:
		begin("read", e.Path)
		o.set("layer", e.Layer)
	case overlay.CopiedUp:
		begin("copy-up", e.Path)
		o.set("type", typeName(e.Kind))
		o.set("from", e.From)
		o.set("to", upper)
		o.set("bytes", e.Bytes)
		o.set("why", e.Why)
		o.set("parents", append([]string{}, e.Parents...))
	case overlay.Whiteout:
		begin("whiteout", e.Path)
		o.set("from", e.Hides)
		o.set("to", upper)
		o.set("bytes", e.Bytes)
	case overlay.OpaqueMade:
		begin("opaque", e.Path)
		o.set("to", upper)
	case overlay.Created:
		begin("create", e.Path)
		o.set("type", typeName(e.Kind))
		o.set("to", upper)
	case overlay.Changed:
		begin("change", e.Path)
		o.set("bytes", e.Bytes)
	case overlay.Removed:
		begin("remove", e.Path)
	case overlay.Renamed:
		begin("rename", e.Old)
		o.text("new", e.New)
		o.set("upper_only", e.Upper)
	case overlay.CrossDevice:
		begin("cross-device", e.Path)
		o.text("new", e.To)
	}
	return o
}
