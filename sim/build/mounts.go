package build

import (
	"errors"
	"fmt"
	"io/fs"
	"path"

	"github.com/layerlab/layerlab/sim/content"
	"github.com/layerlab/layerlab/sim/layer"
	"github.com/layerlab/layerlab/sim/overlay"
	"github.com/layerlab/layerlab/sim/shell"
	"github.com/layerlab/layerlab/sim/tree"
)

// mounted is the --mount flags of a RUN that is running: file systems of their
// own, so that what is written to them is in no layer. The directories that they
// are mounted on are made if need be, and taken out of the changeset after it.
type mounted struct {
	r      *run
	view   *overlay.View
	before *overlay.View // the root file system as it was
	list   []shell.Mounted
	stubs  []string // paths that are there only for the mounts
	env    []string // of secrets that are given as variables
	caches map[string]*overlay.Mount
}

// mount puts the mounts of op in their places.
func (r *run) mount(m *overlay.Mount, op *runOp) (*mounted, error) {
	d := &mounted{r: r, view: m.Root(), before: readOnly(m.Lowers()).Root(), caches: map[string]*overlay.Mount{}}
	d.list = r.etc()
	if op.Script != "" {
		t := tree.New(r.clock())
		t.Add(tree.Root, op.File, tree.Inode{Mode: tree.Regular | 0o755, MTime: r.clock(), Body: content.String(op.Script)})
		d.list = append(d.list, shell.Mounted{Path: pipes, View: r.mountOf(nil, t).Root(), ReadOnly: true})
	}
	for _, rm := range op.Mounts {
		if err := d.add(rm); err != nil {
			return nil, err
		}
	}
	return d, nil
}

// mountOf is a file system that is written to.
func (r *run) mountOf(lowers []*tree.Tree, upper *tree.Tree) *overlay.Mount {
	return overlay.New(lowers, upper, overlay.Options{Now: r.clock})
}

func (d *mounted) add(rm *runMount) error {
	switch rm.Type {
	case "secret":
		return d.secret(rm)
	case "ssh":
		if rm.Required {
			return fmt.Errorf("unset ssh forward key %s", rm.ID)
		}
		return nil // the lab has no agent: an optional one is not there
	case "cache", "tmpfs", "bind":
	default:
		return fmt.Errorf("mount type %q is not known", rm.Type)
	}
	src, from, err := d.source(rm)
	if err != nil {
		return err
	}
	upper := tree.New(d.r.clock())
	if src == nil {
		upper.Update(tree.Root, rm.dress)
		m := d.r.mountOf(nil, upper)
		d.caches[rm.ID] = m
		return d.place(rm, m, "")
	}
	st, err := src.Stat(from)
	if err != nil {
		return missing{from}
	}
	if !st.IsDir() {
		return d.placeFile(rm, src, from)
	}
	m := d.r.mountOf(src.Mount().Lowers(), upper)
	if rm.Type == "cache" {
		d.caches[rm.ID] = m
	}
	return d.place(rm, m, from)
}

// secret gives a secret to the command: as a file, a variable, or both. One that
// was not given and is not required is not there.
func (d *mounted) secret(rm *runMount) error {
	value, ok := d.r.o.Secrets[rm.ID]
	switch {
	case !ok && rm.Required:
		return fmt.Errorf("secret %s: not found", rm.ID)
	case !ok:
		return nil
	}
	if rm.Env != "" {
		d.env = append(d.env, rm.Env+"="+string(value))
	}
	if rm.Target == "" {
		return nil
	}
	n := tree.Inode{Mode: tree.Regular | 0o400, MTime: d.r.clock(), Body: content.Bytes(value)}
	if rm.Mode != nil {
		n.Mode = tree.Regular | uint32(*rm.Mode)&tree.PermMask
	}
	if rm.UID != nil {
		n.UID = uint32(*rm.UID)
	}
	if rm.GID != nil {
		n.GID = uint32(*rm.GID)
	}
	t := tree.New(d.r.clock())
	name := path.Base(rm.Target)
	t.Add(tree.Root, name, n)
	return d.placeFile(rm, readOnly([]*tree.Tree{t}).Root(), "/"+name)
}

// place mounts a file system.
func (d *mounted) place(rm *runMount, m *overlay.Mount, root string) error {
	if _, err := d.before.Lstat(rm.Target); err != nil {
		if err := mkdirAll(d.view, rm.Target, 0o755, nil, nil); err != nil {
			return notMounted{rm.Target, err}
		}
		d.stubs = append(d.stubs, rm.Target)
	}
	d.list = append(d.list, shell.Mounted{Path: rm.Target, View: m.Root(), Root: root, ReadOnly: rm.ReadOnly, Type: rm.Type})
	return nil
}

// placeFile mounts a single file: it is put into its place while the command runs.
func (d *mounted) placeFile(rm *runMount, src *overlay.View, from string) error {
	body, err := src.Body(from)
	if err != nil {
		return err
	}
	st, err := src.Stat(from)
	if err != nil {
		return err
	}
	if err := mkdirAll(d.view, path.Dir(rm.Target), 0o755, nil, nil); err != nil {
		return notMounted{rm.Target, err}
	}
	d.stubs = append(d.stubs, rm.Target)
	return d.view.SetBody(rm.Target, body, &overlay.Meta{Perm: st.Perm(), UID: st.UID, GID: st.GID, MTime: st.MTime})
}

// notMounted is a mount whose place cannot be made.
type notMounted struct {
	target string
	err    error
}

// Error is what the program that starts containers prints.
func (e notMounted) Error() string {
	why := e.err
	var p *fs.PathError
	if errors.As(e.err, &p) {
		why = p.Err
	}
	return fmt.Sprintf("error mounting %q to rootfs at %q: create mountpoint for %[2]s mount: lookup mountpoint target: securejoin.OpenInRoot %[2]s: openat2 %[2]s: %[3]v",
		"/var/lib/docker/tmp/buildkit-mount/file", e.target, why)
}

// dress gives an empty mount the owner and mode that its flags ask for.
func (rm *runMount) dress(n *tree.Inode) {
	mode := uint32(0o755)
	if rm.Type == "tmpfs" {
		mode = 0o1777
	}
	if rm.Mode != nil {
		mode = uint32(*rm.Mode) & tree.PermMask
	}
	n.Mode = tree.Directory | mode
	if rm.UID != nil {
		n.UID = uint32(*rm.UID)
	}
	if rm.GID != nil {
		n.GID = uint32(*rm.GID)
	}
}

// source is where a mount's files come from: nil for an empty one.
func (d *mounted) source(rm *runMount) (*overlay.View, string, error) {
	src := path.Join("/", rm.Source)
	switch {
	case rm.Type == "tmpfs":
		return nil, "", nil
	case rm.Type == "cache":
		if kept, ok := d.r.b.Cache.mounts.Get(rm.ID); ok {
			return overlay.New([]*tree.Tree{kept}, nil, overlay.Options{}).Root(), "/", nil
		}
		if rm.from == nil {
			return nil, "", nil
		}
	case rm.From == "":
		if err := d.r.needContext(); err != nil {
			return nil, "", err
		}
		return d.r.source.files.Root(), src, nil
	}
	if rm.from == nil {
		return nil, "", nil
	}
	res := rm.from.real().res
	if res == nil {
		return nil, "", errors.New("the mount's source was not built")
	}
	v := res.view()
	p, err := resolvePath(v, src, true)
	return v, p, err
}

// keep remembers what the command left in its cache mounts.
func (d *mounted) keep(op *runOp) {
	for _, rm := range op.Mounts {
		m := d.caches[rm.ID]
		if rm.Type != "cache" || m == nil {
			continue
		}
		if len(m.Lowers()) == 0 {
			d.r.b.Cache.mounts.Set(rm.ID, m.Upper().Snapshot())
			continue
		}
		layers := make([]*layer.Layer, 0, len(m.Lowers())+1)
		for _, t := range append(m.Lowers(), m.Upper()) {
			layers = append(layers, &layer.Layer{Tree: t})
		}
		d.r.b.Cache.mounts.Set(rm.ID, layer.Flatten(layers))
	}
}

// without is a changeset without what is there only for the mounts.
func (d *mounted) without(changes *tree.Tree) *tree.Tree {
	for _, p := range d.stubs {
		d.prune(changes, p)
	}
	return changes
}

func (d *mounted) prune(t *tree.Tree, p string) {
	dir := t.Lookup(path.Dir(p))
	if dir == 0 {
		return
	}
	t.Remove(dir, path.Base(p))
	for at := path.Dir(p); at != "/"; at = path.Dir(at) {
		i := t.Lookup(at)
		if i == 0 || t.Len(i) > 0 {
			return
		}
		n := t.Inode(i)
		if st, err := d.before.Lstat(at); err == nil && (st.Perm() != n.Perm() || st.UID != n.UID || st.GID != n.GID) {
			return // the command itself changed it
		}
		t.Remove(t.Lookup(path.Dir(at)), path.Base(at))
	}
}
