package cli

import (
	"archive/tar"
	"io"
	"path"
	"time"

	"github.com/layerlab/layerlab/sim/content"
	"github.com/layerlab/layerlab/sim/overlay"
	"github.com/layerlab/layerlab/sim/tree"
)

// An unpacker puts files somewhere as unpacking a tar of them does: what is in
// the way is replaced, except a directory by something else or the other way
// round; names of one file stay names of one file. Bodies are shared, not read.
type unpacker struct {
	c     *call
	to    *overlay.View
	dir   string            // where, without symbolic links
	owner *[2]uint32        // of all that is made; nil keeps the owners
	busy  func(string) bool // paths that are mounted over, or nil
	fail  func(error) error // whose error it is

	links map[uint64]string // first path of a file with several names
	dirs  []dirTime
	bytes int64 // of files
	sent  int64 // as a tar, without its end
}

type dirTime struct {
	path string
	time tree.Time
}

// copy unpacks what is at the path p, which the source src stands for, under
// another name if base is not "".
func (u *unpacker) copy(from *overlay.View, p string, src copyEnd, base string) error {
	_, name := splitEntry(src.path)
	if src.rebase != "" {
		name = src.rebase
	}
	switch {
	case base != "":
		name = base
	case name == "/":
		name = "."
	}
	if err := u.entry(from, p, name); err != nil {
		return err
	}
	return u.settle()
}

// settle sets the times of directories, which filling them changed.
func (u *unpacker) settle() error {
	for _, d := range u.dirs {
		if err := u.to.Utimes(d.path, d.time); err != nil {
			return u.fail(err)
		}
	}
	return nil
}

// entry unpacks src and what is below it as name.
func (u *unpacker) entry(from *overlay.View, src, name string) error {
	if err := u.c.s.pause(u.c.ctx); err != nil {
		return err
	}
	st, err := from.Lstat(src)
	if err != nil {
		return plain("lstat %s: %s", src, errno(err))
	}
	dst := path.Join(u.dir, name)
	u.sent += 512 + (st.Size+511)/512*512
	if st.IsDir() {
		u.sent -= st.Size
	}
	if err := u.clear(st, name, dst); err != nil {
		return u.fail(err)
	}
	if err := u.make(from, src, st, name, dst); err != nil {
		return u.fail(plain("%s: %s", dst, errno(err)))
	}
	if !st.IsDir() {
		return nil
	}
	list, err := from.ReadDir(src)
	if err != nil {
		return plain("open %s: %s", src, errno(err))
	}
	for _, e := range list {
		if err := u.entry(from, path.Join(src, e.Name), path.Join(name, e.Name)); err != nil {
			return err
		}
	}
	return nil
}

// clear takes away what is in the way of an entry.
func (u *unpacker) clear(st overlay.Stat, name, dst string) error {
	old, err := u.to.Lstat(dst)
	switch {
	case err != nil:
		return nil
	case old.IsDir() && !st.IsDir():
		return plain("cannot overwrite directory %q with non-directory %q", name, u.dir)
	case !old.IsDir() && st.IsDir():
		return plain("cannot overwrite non-directory %q with directory %q", name, u.dir)
	case old.IsDir():
		return nil
	case u.busy != nil && u.busy(dst):
		return plain("RemoveAll %s: device or resource busy", name)
	}
	return u.to.Unlink(dst)
}

func (u *unpacker) make(from *overlay.View, src string, st overlay.Stat, name, dst string) error {
	meta := overlay.Meta{Perm: st.Perm(), UID: st.UID, GID: st.GID, MTime: st.MTime}
	if u.owner != nil {
		meta.UID, meta.GID = u.owner[0], u.owner[1]
	}
	if !st.IsDir() && st.Nlink > 1 {
		if first, ok := u.links[st.Ino]; ok {
			return u.to.Link(first, dst)
		}
		if u.links == nil {
			u.links = map[uint64]string{}
		}
		u.links[st.Ino] = dst
	}
	switch st.Type() {
	case tree.Directory:
		if _, err := u.to.Lstat(dst); err != nil {
			if err := u.to.Mkdir(dst, 0o755); err != nil {
				return err
			}
		} else if name == "." {
			return nil
		}
		u.dirs = append(u.dirs, dirTime{dst, st.MTime})
	case tree.Symlink:
		if err := u.to.Symlink(st.Target, dst); err != nil {
			return err
		}
		if err := u.to.Lchown(dst, int(meta.UID), int(meta.GID)); err != nil {
			return err
		}
		return u.to.Lutimes(dst, st.MTime)
	case tree.Regular:
		body, err := from.Body(src)
		if err != nil {
			return err
		}
		u.bytes += body.Size()
		return u.to.SetBody(dst, content.Dense(body), &meta) // a tar has every zero
	default:
		if err := u.to.Mknod(dst, st.Mode, st.Major, st.Minor); err != nil {
			return err
		}
	}
	if err := u.to.Chown(dst, int(meta.UID), int(meta.GID)); err != nil {
		return err
	}
	if err := u.to.Chmod(dst, meta.Perm); err != nil || st.IsDir() {
		return err
	}
	return u.to.Utimes(dst, st.MTime)
}

// packOut writes a file or directory of a container as a tar to the standard
// output. The names in it begin with name, the last one of the path: "." of
// "/d/.", "/" of the root.
func (c *call) packOut(v *overlay.View, name string, st overlay.Stat) error {
	if c.tty {
		return plain("cowardly refusing to copy to a terminal. Use the -o flag or redirect")
	}
	p := &packer{c: c, v: v, tw: tar.NewWriter(c.out), links: map[uint64]string{}}
	if err := p.entry(st.Path, name, st); err != nil {
		return err
	}
	return p.tw.Close()
}

type packer struct {
	c     *call
	v     *overlay.View
	tw    *tar.Writer
	links map[uint64]string
}

func (p *packer) entry(src, name string, st overlay.Stat) error {
	if err := p.c.s.pause(p.c.ctx); err != nil {
		return err
	}
	h := &tar.Header{
		Format: tar.FormatPAX, Name: name, Mode: int64(st.Perm()), Uid: int(st.UID), Gid: int(st.GID),
		ModTime: time.Unix(st.MTime.Sec, 0), Typeflag: tar.TypeReg,
	}
	switch st.Type() {
	case tree.Directory:
		h.Typeflag = tar.TypeDir
		if name != "/" {
			h.Name += "/"
		}
	case tree.Symlink:
		h.Typeflag, h.Linkname = tar.TypeSymlink, st.Target
	case tree.Regular:
		h.Size = st.Size
	case tree.FIFO:
		h.Typeflag = tar.TypeFifo
	case tree.CharDevice:
		h.Typeflag, h.Devmajor, h.Devminor = tar.TypeChar, int64(st.Major), int64(st.Minor)
	case tree.BlockDevice:
		h.Typeflag, h.Devmajor, h.Devminor = tar.TypeBlock, int64(st.Major), int64(st.Minor)
	default:
		return nil // sockets are never packed
	}
	if st.Type() == tree.Regular && st.Nlink > 1 {
		if first, ok := p.links[st.Ino]; ok {
			h.Typeflag, h.Linkname, h.Size = tar.TypeLink, first, 0
		} else {
			p.links[st.Ino] = name
		}
	}
	if err := p.tw.WriteHeader(h); err != nil {
		return err
	}
	if h.Typeflag == tar.TypeReg && h.Size > 0 {
		body, err := p.v.Body(src)
		if err != nil {
			return err
		}
		r, err := body.Open()
		if err != nil {
			return err
		}
		defer r.Close()
		if _, err := io.Copy(p.tw, r); err != nil {
			return err
		}
	}
	if !st.IsDir() {
		return nil
	}
	list, err := p.v.ReadDir(src)
	if err != nil {
		return plain("open %s: %s", src, errno(err))
	}
	for _, e := range list {
		below := name + "/" + e.Name
		if name == "/" {
			below = "/" + e.Name
		}
		if err := p.entry(path.Join(src, e.Name), below, e.Stat); err != nil {
			return err
		}
	}
	return nil
}
