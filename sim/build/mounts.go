package build

import (
	"errors"
	"fmt"
	"path"

	"github.com/layerlab/layerlab/sim/content"
	"github.com/layerlab/layerlab/sim/overlay"
	"github.com/layerlab/layerlab/sim/tree"
)

// mounted is the --mount flags of a RUN that is running. They are played by
// files that are put into the upper directory before the command and taken out of
// the changeset after it: what is written to a mount is in no layer.
type mounted struct {
	r      *run
	view   *overlay.View
	mounts []*runMount
	before *overlay.View // the root file system without the mounts
	env    []string      // of secrets given as variables
}

// mount puts the mounts of op in their places.
func (r *run) mount(m *overlay.Mount, op *runOp) (*mounted, error) {
	out := &mounted{r: r, view: m.Root(), before: overlay.New(m.Lowers(), nil, overlay.Options{}).Root()}
	if op.Script != "" {
		if err := out.place(path.Join(pipes, op.File)); err != nil {
			return nil, err
		}
		err := out.view.SetBody(path.Join(pipes, op.File), content.String(op.Script), &overlay.Meta{Perm: 0o755, MTime: r.clock()})
		if err != nil {
			return nil, err
		}
		out.mounts = append(out.mounts, &runMount{Type: "script", Target: pipes})
	}
	for _, rm := range op.Mounts {
		if err := out.add(rm); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// place makes the parents of a mount's target and takes away what is there.
func (d *mounted) place(target string) error {
	if err := mkdirAll(d.view, path.Dir(target), 0o755, nil, nil); err != nil {
		return err
	}
	if _, err := d.view.Lstat(target); err == nil {
		return d.view.RemoveAll(target)
	}
	return nil
}

func (d *mounted) add(rm *runMount) error {
	switch rm.Type {
	case "secret", "ssh":
		if rm.Required {
			return fmt.Errorf("failed to solve: secret %s: not found", rm.ID)
		}
		return nil // the lab has no secrets: an optional one is not there
	case "cache", "tmpfs", "bind":
	default:
		return fmt.Errorf("mount type %q is not known", rm.Type)
	}
	if err := d.place(rm.Target); err != nil {
		return err
	}
	src, from, err := d.source(rm)
	if err != nil {
		return err
	}
	d.mounts = append(d.mounts, rm)
	if src == nil {
		if err := d.view.Mkdir(rm.Target, 0o755); err != nil {
			return err
		}
		return d.dress(rm)
	}
	c := &copier{src: src, dst: d.view, action: &copyAction{}, pause: d.r.pause}
	st, err := src.Stat(from)
	if err != nil {
		return missing{from}
	}
	c.links = map[uint64]string{}
	if st.IsDir() {
		if err := d.view.Mkdir(rm.Target, st.Perm()); err != nil {
			return err
		}
	}
	return c.copy(from, "", rm.Target, true, noMatch, noMatch)
}

// dress gives an empty mount the owner and mode that its flags ask for.
func (d *mounted) dress(rm *runMount) error {
	var uid, gid uint64
	mode := uint64(0o755)
	if rm.Type == "tmpfs" {
		mode = 0o1777
	}
	for to, from := range map[*uint64]*uint64{&uid: rm.UID, &gid: rm.GID, &mode: rm.Mode} {
		if from != nil {
			*to = *from
		}
	}
	if err := d.view.Chown(rm.Target, int(uid), int(gid)); err != nil {
		return err
	}
	return d.view.Chmod(rm.Target, uint32(mode))
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
func (d *mounted) keep() {
	for _, rm := range d.mounts {
		if rm.Type != "cache" {
			continue
		}
		out := tree.New(d.r.clock())
		c := &copier{src: d.view, dst: overlay.New(nil, out, overlay.Options{}).Root(), action: &copyAction{}, links: map[uint64]string{}, pause: func() error { return nil }}
		if err := c.copy(rm.Target, "", "/", true, noMatch, noMatch); err == nil {
			d.r.b.Cache.mounts.Set(rm.ID, c.dst.Mount().Upper().Snapshot())
		}
	}
}

// without is a changeset without the mounts and without the directories that
// were made only to mount on.
func (d *mounted) without(changes *tree.Tree) *tree.Tree {
	for _, rm := range d.mounts {
		d.prune(changes, rm.Target)
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
		st, err := d.before.Lstat(at)
		if err != nil && at == "/dev" || err == nil && (st.Perm() != n.Perm() || st.UID != n.UID || st.GID != n.GID) {
			return // a stub that stays, or a directory that the command itself changed
		}
		t.Remove(t.Lookup(path.Dir(at)), path.Base(at))
	}
}
