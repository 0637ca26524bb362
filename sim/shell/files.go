package shell

import (
	"context"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"github.com/layerlab/layerlab/sim/content"
	"github.com/layerlab/layerlab/sim/overlay"
	"github.com/layerlab/layerlab/sim/tree"
)

// abs is the path name as seen from the directory of the process. It is not
// cleaned: "a/.." is not "." when a is a symbolic link.
func (p *Process) abs(name string) string {
	if name == "" || name[0] == '/' {
		return name
	}
	if p.Dir == "/" {
		return "/" + name
	}
	return p.Dir + "/" + name
}

func pathErr(op, name string, err error) error {
	return &fs.PathError{Op: op, Path: name, Err: err}
}

// where is the file system that holds the path name, and the path there.
func (p *Process) where(name string) (v *overlay.View, sub string, m *Mounted) {
	name = p.abs(name)
	clean := path.Clean("/" + name)
	for i := len(p.k.mounts) - 1; i >= 0; i-- {
		m := &p.k.mounts[i]
		rest, ok := strings.CutPrefix(clean, m.Path)
		if !ok || rest != "" && rest[0] != '/' {
			continue
		}
		cred := p.FS.Cred()
		if strings.HasSuffix(name, "/") && rest != "" {
			rest += "/"
		}
		return m.View.Mount().As(cred), path.Clean("/"+m.Root) + rest, m
	}
	return p.FS, name, p.k.root
}

// follow is name, or where it leads when it is a symbolic link into a mounted
// file system, as /var/log/nginx/access.log leads to /dev/stdout.
func (p *Process) follow(name string) string {
	for range 8 {
		if _, n := p.devFd(name); n >= 0 {
			return name
		}
		v, sub, m := p.where(name)
		st, err := v.Lstat(sub)
		if err != nil || !st.IsSymlink() {
			return name
		}
		to := st.Target
		if !path.IsAbs(to) {
			to = path.Join(path.Dir(p.abs(name)), to)
		}
		if _, _, tm := p.where(to); tm == nil && m == nil {
			if t, err := v.Lstat(to); err != nil || !t.IsSymlink() {
				return name
			}
		}
		name = to
	}
	return name
}

func (p *Process) stat(name string) (overlay.Stat, error) {
	if name == "" {
		return overlay.Stat{}, pathErr("stat", name, syscall.ENOENT)
	}
	v, sub, m := p.where(name)
	st, err := v.Stat(sub)
	if err != nil || m != nil {
		if d, n := p.devFd(p.follow(name)); d != nil {
			return p.fdStat(d, n), nil
		}
		if to := p.follow(name); to != name {
			v, sub, _ = p.where(to)
			return v.Stat(sub)
		}
	}
	return m.dress(st), err
}

func (p *Process) lstat(name string) (overlay.Stat, error) {
	if name == "" {
		return overlay.Stat{}, pathErr("lstat", name, syscall.ENOENT)
	}
	v, sub, m := p.where(name)
	st, err := v.Lstat(sub)
	return m.dress(st), err
}

// dress gives what lies in /dev, /proc or /sys the sizes of those file systems:
// no blocks, and for a directory of a tmpfs 20 bytes a name.
func (m *Mounted) dress(st overlay.Stat) overlay.Stat {
	if m == nil || m.Type == "" {
		return st
	}
	st.Blocks = 0
	if st.IsDir() {
		st.Size = 0
		if list, err := m.View.ReadDir(st.Path); err == nil && m.Type == "tmpfs" {
			st.Size = int64(20 * (len(list) + 2))
		}
	}
	return st
}

// fdStat is fstat(2) of a descriptor.
func (p *Process) fdStat(d *desc, n int) overlay.Stat {
	if d.file != nil {
		if st, err := d.file.Stat(); err == nil {
			return st
		}
	}
	st := overlay.Stat{Path: "/proc/self/fd/" + strconv.Itoa(n), Mode: tree.FIFO | 0o600, Nlink: 1}
	if d.name == "/dev/null" {
		st.Mode, st.Major, st.Minor = tree.CharDevice|0o666, 1, 3
	}
	return st
}

// devFd is the descriptor that a name like /dev/stdout or /proc/self/fd/3 means.
func (p *Process) devFd(name string) (*desc, int) {
	clean := path.Clean(p.abs(name))
	n := -1
	switch clean {
	case "/dev/stdin":
		n = 0
	case "/dev/stdout":
		n = 1
	case "/dev/stderr":
		n = 2
	}
	for _, dir := range []string{"/dev/fd/", "/proc/self/fd/"} {
		if rest, ok := strings.CutPrefix(clean, dir); ok {
			if i, err := strconv.Atoi(rest); err == nil {
				n = i
			}
		}
	}
	if n < 0 {
		return nil, n
	}
	return p.fd(n), n
}

// open is open(2): files, devices, FIFOs and the names of descriptors.
func (p *Process) open(ctx context.Context, name string, flags int, perm uint32) (*desc, error) {
	if name == "" {
		return nil, pathErr("open", name, syscall.ENOENT)
	}
	to := p.follow(name)
	if d, n := p.devFd(to); n >= 0 {
		if d == nil {
			return nil, pathErr("open", name, syscall.ENOENT)
		}
		return d.dup(), nil
	}
	if text, ok := p.procSelf(to); ok && flags&3 == 0 {
		return reading(to, text), nil
	}
	v, sub, m := p.where(to)
	if m != nil && m.ReadOnly && flags&(os.O_WRONLY|os.O_RDWR|os.O_CREATE|os.O_TRUNC) != 0 {
		return nil, pathErr("open", name, syscall.EROFS)
	}
	if st, err := v.Stat(sub); err == nil {
		switch st.Type() {
		case tree.CharDevice, tree.BlockDevice:
			return p.openDevice(name, v, sub, st, flags)
		case tree.FIFO:
			return p.openFIFO(v, st, flags)
		case tree.Socket:
			return nil, pathErr("open", name, syscall.ENXIO)
		}
	}
	if flags&os.O_CREATE != 0 {
		p.k.work(costOfFile)
	}
	f, err := v.Open(sub, flags, perm)
	if err != nil {
		return nil, err
	}
	d := &desc{refs: 1, name: p.abs(name), file: f, k: p.k, close: func() { f.Close() }}
	if flags&os.O_WRONLY == 0 {
		d.r = f
	}
	if flags&(os.O_WRONLY|os.O_RDWR) != 0 {
		d.w = f
	}
	return d, nil
}

// readable opens name for reading; "-" is the standard input where dash is set.
// A directory opens, and fails when it is read, as on Linux.
func (p *Process) readable(ctx context.Context, name string, dash bool) (io.ReadCloser, error) {
	if dash && name == "-" {
		return &reader{p, ctx, p.fd(0).dup()}, nil
	}
	d, err := p.open(ctx, name, os.O_RDONLY, 0)
	if err != nil {
		return nil, err
	}
	return &reader{p, ctx, d}, nil
}

// reader closes its descriptor and lets the page run as it is read.
type reader struct {
	p   *Process
	ctx context.Context
	d   *desc
}

func (r *reader) Read(b []byte) (int, error) {
	r.p.k.turn(r.ctx)
	n, err := r.d.Read(b)
	r.p.k.take(n)
	return n, err
}

func (r *reader) Close() error { r.d.release(); return nil }

// in is the standard input; reading it counts as a turn.
func (p *Process) in(ctx context.Context) io.Reader {
	return &reader{p, ctx, p.fd(0)}
}

// readDir is the names of a directory in bytewise order, mount points included.
func (p *Process) readDir(name string) ([]overlay.DirEntry, error) {
	v, sub, m := p.where(p.follow(name))
	list, err := v.ReadDir(sub)
	for i := range list {
		list[i].Stat = m.dress(list[i].Stat)
	}
	if err != nil {
		return nil, err
	}
	at := path.Clean("/" + p.abs(name))
	for _, m := range p.k.mounts {
		if path.Dir(m.Path) != at || m.Path == "/" {
			continue
		}
		base := path.Base(m.Path)
		st, err := p.stat(m.Path)
		if err != nil {
			continue
		}
		if i, ok := slices.BinarySearchFunc(list, base, byName); ok {
			list[i].Stat = st
		} else {
			list = slices.Insert(list, i, overlay.DirEntry{Name: base, Stat: st})
		}
	}
	return list, nil
}

func byName(e overlay.DirEntry, name string) int { return strings.Compare(e.Name, name) }

// costOfFile is how many turns the making or changing of a file counts.
const costOfFile = 20

// change makes a call that changes what name is; it fails on a read-only mount.
func (p *Process) change(op, name string, call func(v *overlay.View, sub string) error) error {
	if name == "" {
		return pathErr(op, name, syscall.ENOENT)
	}
	p.k.work(costOfFile)
	v, sub, m := p.where(name)
	if m != nil {
		if m.ReadOnly {
			return pathErr(op, name, syscall.EROFS)
		}
		if path.Clean(sub) == path.Clean("/"+m.Root) && (op == "unlink" || op == "rmdir") {
			return pathErr(op, name, syscall.EBUSY)
		}
	}
	return call(v, sub)
}

func (p *Process) mkdir(name string, perm uint32) error {
	if _, sub, m := p.where(name); m != nil && path.Clean(sub) == path.Clean("/"+m.Root) {
		return pathErr("mkdir", name, syscall.EEXIST)
	}
	return p.change("mkdir", name, func(v *overlay.View, s string) error { return v.Mkdir(s, perm) })
}

func (p *Process) unlink(name string) error {
	return p.change("unlink", name, func(v *overlay.View, s string) error { return v.Unlink(s) })
}

func (p *Process) rmdir(name string) error {
	return p.change("rmdir", name, func(v *overlay.View, s string) error { return v.Rmdir(s) })
}

func (p *Process) chmod(name string, mode uint32) error {
	return p.change("chmod", name, func(v *overlay.View, s string) error { return v.Chmod(s, mode) })
}

func (p *Process) chown(name string, uid, gid int, followLink bool) error {
	return p.change("chown", name, func(v *overlay.View, s string) error {
		if followLink {
			return v.Chown(s, uid, gid)
		}
		return v.Lchown(s, uid, gid)
	})
}

func (p *Process) utimes(name string, t tree.Time, followLink bool) error {
	return p.change("utimes", name, func(v *overlay.View, s string) error {
		if followLink {
			return v.Utimes(s, t)
		}
		return v.Lutimes(s, t)
	})
}

func (p *Process) symlink(target, name string) error {
	return p.change("symlink", name, func(v *overlay.View, s string) error { return v.Symlink(target, s) })
}

func (p *Process) mknod(name string, mode, major, minor uint32) error {
	return p.change("mknod", name, func(v *overlay.View, s string) error { return v.Mknod(s, mode, major, minor) })
}

// two makes a call on two names, which must be on one file system.
func (p *Process) two(op, old, name string, call func(v *overlay.View, from, to string) error) error {
	if old == "" || name == "" {
		return pathErr(op, name, syscall.ENOENT)
	}
	_, from, a := p.where(old)
	return p.change(op, name, func(v *overlay.View, to string) error {
		if _, _, b := p.where(name); a != b {
			return pathErr(op, name, syscall.EXDEV)
		}
		return call(v, from, to)
	})
}

func (p *Process) link(old, name string) error {
	return p.two("link", old, name, func(v *overlay.View, a, b string) error { return v.Link(a, b) })
}

func (p *Process) rename(old, name string) error {
	return p.two("rename", old, name, func(v *overlay.View, a, b string) error { return v.Rename(a, b, 0) })
}

func (p *Process) readlink(name string) (string, error) {
	v, sub, _ := p.where(name)
	return v.Readlink(sub)
}

// body is the content of a regular file without reading it.
func (p *Process) body(name string) (content.Body, error) {
	v, sub, _ := p.where(p.follow(name))
	return v.Body(sub)
}

// setBody gives the file name a body without reading it.
func (p *Process) setBody(name string, b content.Body, m *overlay.Meta) error {
	return p.change("open", name, func(v *overlay.View, s string) error { return v.SetBody(s, b, m) })
}

// realpath is the path without symbolic links of something that exists.
func (p *Process) realpath(name string) (string, error) {
	v, sub, m := p.where(name)
	out, err := v.Realpath(sub)
	if err == nil && m != nil {
		return path.Join(m.Path, strings.TrimPrefix(out, path.Clean("/"+m.Root))), nil
	}
	return out, err
}

func (p *Process) access(name string, mask uint32) error {
	v, sub, m := p.where(p.follow(name))
	if m != nil && m.ReadOnly && mask&2 != 0 {
		return pathErr("access", name, syscall.EROFS)
	}
	return v.Access(sub, mask)
}

// exists reports whether something has the name, a dangling link included.
func (p *Process) exists(name string) bool {
	_, err := p.lstat(name)
	return err == nil
}

func (p *Process) truncate(name string, size int64) error {
	return p.change("truncate", name, func(v *overlay.View, s string) error { return v.Truncate(s, size) })
}
