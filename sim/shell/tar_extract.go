package shell

import (
	"archive/tar"
	"context"
	"io"
	"os"
	"path"
	"strings"

	"github.com/layerlab/layerlab/sim/content"
	"github.com/layerlab/layerlab/sim/tree"
)

func typeOfFlag(f byte) uint32 {
	switch f {
	case tar.TypeDir:
		return tree.Directory
	case tar.TypeSymlink:
		return tree.Symlink
	case tar.TypeChar:
		return tree.CharDevice
	case tar.TypeBlock:
		return tree.BlockDevice
	case tar.TypeFifo:
		return tree.FIFO
	}
	return tree.Regular
}

// target is the name that an entry is extracted to, "" for none.
func (a *archiver) target(name string) string {
	name = strings.TrimLeft(name, "/")
	for part := range strings.SplitSeq(name, "/") {
		if part == ".." {
			a.out.errf("tar: name with '..' skipped: '%s'\n", name)
			return ""
		}
	}
	name = path.Clean(name)
	for range a.strip {
		_, rest, ok := strings.Cut(name, "/")
		if !ok {
			return ""
		}
		name = rest
	}
	return name
}

func (a *archiver) extract(h *tar.Header, r io.Reader, data content.Body) {
	if a.o.has("O") {
		if h.Typeflag == tar.TypeReg {
			io.Copy(struct{ io.Writer }{a.out.Writer}, r)
		}
		return
	}
	name := a.target(h.Name)
	if name == "" || name == "." {
		return
	}
	p := a.p
	if dir := path.Dir(name); dir != "." {
		if err := p.mkdirAll(dir, false); err != nil {
			a.fail(h.Name, "open", err)
			return
		}
	}
	mode := uint32(h.Mode) & tree.PermMask
	if cred := p.FS.Cred(); cred.UID != 0 && !a.o.has("p") {
		mode &^= cred.Umask
	}
	old, oldErr := p.lstat(name)
	if oldErr == nil && !(old.IsDir() && h.Typeflag == tar.TypeDir) {
		if a.o.has("k") {
			a.fail(h.Name, "open", os.ErrExist)
			return
		}
		if !old.IsDir() {
			p.unlink(name)
		}
	}
	var err error
	switch h.Typeflag {
	case tar.TypeDir:
		if oldErr != nil {
			err = p.mkdir(name, mode)
		}
	case tar.TypeSymlink:
		err = p.symlink(h.Linkname, name)
	case tar.TypeLink:
		to := a.target(h.Linkname)
		if err = p.link(to, name); err != nil {
			a.status = p.tarStatus(1)
			if p.busybox {
				a.out.errf("tar: can't create hardlink '%s' to '%s': %s\n", name, to, why(err))
			} else {
				a.out.errf("tar: %s: Cannot hard link to '%s': %s\n", name, to, why(err))
			}
		}
		return
	case tar.TypeChar, tar.TypeBlock, tar.TypeFifo:
		err = p.mknod(name, typeOfFlag(h.Typeflag)|mode, uint32(h.Devmajor), uint32(h.Devminor))
	case tar.TypeReg:
		err = a.writeFile(name, r, data)
	default:
		return
	}
	if err != nil {
		a.fail(h.Name, "open", err)
		return
	}
	a.dress(name, h, mode)
}

func (a *archiver) writeFile(name string, r io.Reader, data content.Body) error {
	if data != nil {
		return a.p.setBody(name, data, nil)
	}
	d, err := a.p.open(a.ctx, name, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	defer d.release()
	_, err = io.Copy(struct{ io.Writer }{d}, &turning{a.p, a.ctx, r})
	return err
}

// turning counts a turn at each read.
type turning struct {
	p   *Process
	ctx context.Context
	r   io.Reader
}

func (t *turning) Read(b []byte) (int, error) {
	t.p.k.turn(t.ctx)
	return t.r.Read(b)
}

// dress gives an extracted name its owner, mode and time.
func (a *archiver) dress(name string, h *tar.Header, mode uint32) {
	p := a.p
	link := h.Typeflag == tar.TypeSymlink
	if p.FS.Cred().UID == 0 && !a.o.has("o", "no-same-owner") {
		uid, gid := h.Uid, h.Gid
		if !a.o.has("numeric-owner") {
			if id, ok := p.userByName(h.Uname); ok {
				uid = id.uid
			}
			for _, g := range p.groups() {
				if g.name == h.Gname {
					gid = g.gid
				}
			}
		}
		p.chown(name, uid, gid, false)
	}
	if !link {
		p.chmod(name, mode)
	}
	if !a.o.has("m") {
		p.utimes(name, tree.TimeOf(h.ModTime), false)
	}
}
