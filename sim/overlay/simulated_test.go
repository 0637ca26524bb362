package overlay_test

import (
	"bytes"
	"context"
	"io"

	"github.com/layerlab/layerlab/sim/layer"
	"github.com/layerlab/layerlab/sim/overlay"
	"github.com/layerlab/layerlab/sim/tree"
)

// simulated is this package as a system.
type simulated struct {
	m   *overlay.Mount
	v   *overlay.View
	c   overlay.Cred
	dir *overlay.File // where relative paths begin
	to  *overlay.File
	now tree.Time
}

// simNow is the second in which scripts run; the nanosecond is the line.
var simNow = tree.Time{Sec: 1_700_000_000}

func newSimulated() *simulated {
	s := &simulated{now: simNow}
	s.mount([]*tree.Tree{tree.New(simNow)})
	return s
}

func (s *simulated) mount(lowers []*tree.Tree) {
	s.m = overlay.New(lowers, tree.New(s.now), overlay.Options{
		Now:   func() tree.Time { return s.now },
		Trace: func(overlay.Event) {},
	})
	s.become(user)
}

func (s *simulated) line(n int)            { s.now.Nsec = int32(n) }
func (s *simulated) rotate()               { s.mount(append(s.m.Lowers(), s.m.Upper())) }
func (s *simulated) become(c overlay.Cred) { s.c, s.v = c, s.m.As(c).At(s.dir).To(s.to) }

func (s *simulated) at(dir, to handle) {
	file := func(h handle) *overlay.File {
		if h == nil {
			return nil
		}
		return h.(simHandle).File
	}
	s.dir, s.to = file(dir), file(to)
	s.become(s.c)
}

func (s *simulated) stat(p string, follow bool) (overlay.Stat, error) {
	if follow {
		return s.v.Stat(p)
	}
	return s.v.Lstat(p)
}

// simHandle is an open file; the user of its calls is the one of the line.
type simHandle struct {
	*overlay.File
	s *simulated
}

func (h simHandle) read(size int) (string, error) {
	var out []byte
	for len(out) < size {
		buf := make([]byte, min(64, size-len(out)))
		n, err := h.Read(buf)
		out = append(out, buf[:n]...)
		if err == io.EOF {
			break
		} else if err != nil {
			return string(out), err
		}
	}
	return string(out), nil
}
func (h simHandle) pread(size int, off int64) (string, error) {
	buf := make([]byte, size)
	n, err := h.ReadAt(buf, off)
	if err == io.EOF {
		err = nil
	}
	return string(buf[:n]), err
}
func (h simHandle) write(s string, off int64) error {
	var err error
	h.SetUser(h.s.v)
	if off < 0 {
		_, err = h.Write([]byte(s))
	} else {
		_, err = h.WriteAt([]byte(s), off)
	}
	return err
}
func (h simHandle) seek(off int64, whence int) (int64, error) { return h.Seek(off, whence) }
func (h simHandle) truncate(size int64) error                 { h.SetUser(h.s.v); return h.Truncate(size) }
func (h simHandle) chmod(mode uint32) error                   { return h.s.v.Fchmod(h.File, mode) }
func (h simHandle) chown(uid, gid int) error                  { return h.s.v.Fchown(h.File, uid, gid) }
func (h simHandle) utimens(a, m overlay.SetTime) error        { return h.s.v.Futimens(h.File, a, m) }
func (h simHandle) getxattr(name string) (string, error)      { return h.s.v.Fgetxattr(h.File, name) }
func (h simHandle) listxattr() ([]string, error)              { return h.s.v.Flistxattr(h.File) }
func (h simHandle) stat() (overlay.Stat, error)               { return h.Stat() }
func (h simHandle) readdir() ([]string, error)                { return namesOfEntries(h.ReadDir()) }
func (h simHandle) sync() error                               { return h.Sync() }
func (h simHandle) close() error                              { return h.Close() }
func (h simHandle) setxattr(name string, value *string, flags int) error {
	if value == nil {
		return h.s.v.Fremovexattr(h.File, name)
	}
	return h.s.v.Fsetxattr(h.File, name, *value, flags)
}

func namesOfEntries(list []overlay.DirEntry, err error) ([]string, error) {
	var names []string
	for _, e := range list {
		names = append(names, e.Name)
	}
	return names, err
}

func (s *simulated) open(p string, flags int, perm uint32) (handle, error) {
	f, err := s.v.Open(p, flags, perm)
	if err != nil {
		return nil, err
	}
	return simHandle{f, s}, nil
}
func (s *simulated) readdir(p string) ([]string, error)   { return namesOfEntries(s.v.ReadDir(p)) }
func (s *simulated) readlink(p string) (string, error)    { return s.v.Readlink(p) }
func (s *simulated) mkdir(p string, perm uint32) error    { return s.v.Mkdir(p, perm) }
func (s *simulated) symlink(target, p string) error       { return s.v.Symlink(target, p) }
func (s *simulated) link(old, new string) error           { return s.v.Link(old, new) }
func (s *simulated) unlink(p string) error                { return s.v.Unlink(p) }
func (s *simulated) rmdir(p string) error                 { return s.v.Rmdir(p) }
func (s *simulated) chmod(p string, mode uint32) error    { return s.v.Chmod(p, mode) }
func (s *simulated) truncate(p string, size int64) error  { return s.v.Truncate(p, size) }
func (s *simulated) access(p string, mask uint32) error   { return s.v.Access(p, mask) }
func (s *simulated) statfs() (overlay.Statfs, error)      { return s.v.Statfs(), nil }
func (s *simulated) rename(a, b string, flags uint) error { return s.v.Rename(a, b, flags) }
func (s *simulated) mknod(p string, mode, major, minor uint32) error {
	return s.v.Mknod(p, mode, major, minor)
}
func (s *simulated) utimens(p string, a, m overlay.SetTime, follow bool) error {
	if follow {
		return s.v.Utimens(p, a, m)
	}
	return s.v.Lutimens(p, a, m)
}
func (s *simulated) chown(p string, uid, gid int, follow bool) error {
	if follow {
		return s.v.Chown(p, uid, gid)
	}
	return s.v.Lchown(p, uid, gid)
}
func (s *simulated) getxattr(p, name string, follow bool) (string, error) {
	if follow {
		return s.v.Getxattr(p, name)
	}
	return s.v.Lgetxattr(p, name)
}
func (s *simulated) listxattr(p string, follow bool) ([]string, error) {
	if follow {
		return s.v.Listxattr(p)
	}
	return s.v.Llistxattr(p)
}
func (s *simulated) setxattr(p, name string, value *string, flags int, follow bool) error {
	switch {
	case value == nil && follow:
		return s.v.Removexattr(p, name)
	case value == nil:
		return s.v.Lremovexattr(p, name)
	case follow:
		return s.v.SetxattrFlags(p, name, *value, flags)
	}
	return s.v.LsetxattrFlags(p, name, *value, flags)
}

func (s *simulated) upper() []string {
	var out []string
	s.m.Upper().Walk(func(p string, _ tree.Ino, n *tree.Inode) bool {
		if n.IsWhiteout() {
			out = append(out, "/"+p+" whiteout")
			return true
		}
		st := overlay.Stat{Mode: n.Mode, UID: n.UID, GID: n.GID, Major: n.Major, Minor: n.Minor, Size: n.Size()}
		line := "/" + p + " " + metadata(st) + " " + when(n.MTime)
		if n.Opaque {
			line += " opaque"
		}
		out = append(out, line)
		return true
	})
	return out
}

func (s *simulated) tar() []byte {
	var b bytes.Buffer
	if err := layer.WriteTar(context.Background(), &b, s.m.Changeset(), layer.WriteOptions{}); err != nil {
		panic(err)
	}
	return b.Bytes()
}
