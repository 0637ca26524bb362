package shell

import (
	"context"
	"errors"
	"path"
	"syscall"

	"github.com/layerlab/layerlab/sim/catalog"
	"github.com/layerlab/layerlab/sim/content"
	"github.com/layerlab/layerlab/sim/overlay"
	"github.com/layerlab/layerlab/sim/tree"
)

// unpack puts one entry of a package's archive onto the disk: a directory that is
// there stays as it is, anything else gives way.
func (p *Process) unpack(ctx context.Context, e *catalog.Entry) error {
	p.k.turn(ctx)
	if e.Mode&tree.TypeMask == tree.Directory {
		return p.unpackDir(e)
	}
	err := p.unpackFile(e)
	if err != nil && isNotFound(err) {
		if err := p.mkdirAll(path.Dir(e.Path), false); err != nil {
			return err
		}
		err = p.unpackFile(e)
	}
	return err
}

func (p *Process) unpackDir(e *catalog.Entry) error {
	if st, err := p.stat(e.Path); err == nil && st.IsDir() {
		return nil
	}
	if err := p.mkdirAll(path.Dir(e.Path), false); err != nil {
		return err
	}
	if err := p.mkdir(e.Path, 0o755); err != nil {
		return err
	}
	if e.UID != 0 || e.GID != 0 {
		p.chown(e.Path, int(e.UID), int(e.GID), true)
	}
	if perm := e.Mode & tree.PermMask; perm != 0o755 {
		p.chmod(e.Path, perm)
	}
	return p.utimes(e.Path, tree.Time{Sec: e.MTime}, true)
}

func (p *Process) unpackFile(e *catalog.Entry) error {
	if st, err := p.lstat(e.Path); err == nil && (st.IsSymlink() || e.Target != "") && !st.IsDir() {
		if err := p.unlink(e.Path); err != nil {
			return err
		}
	}
	switch {
	case e.Hard:
		return p.link(e.Target, e.Path)
	case e.Target != "":
		if err := p.symlink(e.Target, e.Path); err != nil {
			return err
		}
		return p.utimes(e.Path, tree.Time{Sec: e.MTime}, false)
	}
	body := e.Body()
	if body == nil {
		body = content.Empty
	}
	return p.setBody(e.Path, body, &overlay.Meta{Perm: e.Mode & tree.PermMask, UID: e.UID, GID: e.GID, MTime: tree.Time{Sec: e.MTime}})
}

// sweep removes files of a package, then those of its directories that are empty
// and not kept, deepest first.
func (p *Process) sweep(ctx context.Context, files, dirs []string, kept map[string]bool) {
	for _, f := range files {
		p.k.turn(ctx)
		if err := p.unlink(f); errors.Is(err, syscall.EISDIR) {
			p.rmdir(f)
		}
	}
	for i := len(dirs) - 1; i >= 0; i-- {
		for d := dirs[i]; d != "/" && !kept[d]; d = path.Dir(d) {
			if list, err := p.readDir(d); err != nil || len(list) > 0 || p.rmdir(d) != nil {
				break
			}
		}
	}
}
