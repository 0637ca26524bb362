package overlay_test

import (
	"github.com/layerlab/layerlab/sim/overlay"
	"github.com/layerlab/layerlab/sim/tree"
)

// simulated is this package as a system.
type simulated struct {
	m *overlay.Mount
	v *overlay.View
}

var simNow = tree.Time{Sec: 1_700_000_000}

func newSimulated() *simulated {
	s := &simulated{}
	s.mount([]*tree.Tree{tree.New(simNow)})
	return s
}

func (s *simulated) mount(lowers []*tree.Tree) {
	s.m = overlay.New(lowers, tree.New(simNow), overlay.Options{
		Now:   func() tree.Time { return simNow },
		Trace: func(overlay.Event) {},
	})
	s.v = s.m.Root()
}

func (s *simulated) rotate() { s.mount(append(s.m.Lowers(), s.m.Upper())) }
func (s *simulated) become(uid, gid uint32) {
	s.v = s.m.As(overlay.Cred{UID: uid, GID: gid, Umask: 0o022})
}
func (s *simulated) stat(p string, follow bool) (overlay.Stat, error) {
	if follow {
		return s.v.Stat(p)
	}
	return s.v.Lstat(p)
}

type simHandle struct{ *overlay.File }

func (h simHandle) read() (string, error) {
	var out []byte
	buf := make([]byte, 64)
	for {
		n, err := h.Read(buf)
		out = append(out, buf[:n]...)
		if err != nil {
			if err.Error() == "EOF" {
				err = nil
			}
			return string(out), err
		}
	}
}
func (h simHandle) write(s string, off int64) error {
	var err error
	if off < 0 {
		_, err = h.Write([]byte(s))
	} else {
		_, err = h.WriteAt([]byte(s), off)
	}
	return err
}
func (h simHandle) close() { h.Close() }

func (s *simulated) open(p string, flags int, perm uint32) (handle, error) {
	f, err := s.v.Open(p, flags, perm)
	if err != nil {
		return nil, err
	}
	return simHandle{f}, nil
}
func (s *simulated) readdir(p string) ([]string, error) {
	list, err := s.v.ReadDir(p)
	var names []string
	for _, e := range list {
		names = append(names, e.Name)
	}
	return names, err
}
func (s *simulated) readlink(p string) (string, error) { return s.v.Readlink(p) }
func (s *simulated) mkdir(p string, perm uint32) error { return s.v.Mkdir(p, perm) }
func (s *simulated) mknod(p string, mode, major, minor uint32) error {
	return s.v.Mknod(p, mode, major, minor)
}
func (s *simulated) symlink(target, p string) error           { return s.v.Symlink(target, p) }
func (s *simulated) link(old, new string) error               { return s.v.Link(old, new) }
func (s *simulated) unlink(p string) error                    { return s.v.Unlink(p) }
func (s *simulated) rmdir(p string) error                     { return s.v.Rmdir(p) }
func (s *simulated) rename(old, new string, flags uint) error { return s.v.Rename(old, new, flags) }
func (s *simulated) chmod(p string, mode uint32) error        { return s.v.Chmod(p, mode) }
func (s *simulated) utimes(p string, sec int64) error         { return s.v.Utimes(p, tree.Time{Sec: sec}) }
func (s *simulated) truncate(p string, size int64) error      { return s.v.Truncate(p, size) }
func (s *simulated) access(p string, mask uint32) error       { return s.v.Access(p, mask) }
func (s *simulated) chown(p string, uid, gid int, follow bool) error {
	if follow {
		return s.v.Chown(p, uid, gid)
	}
	return s.v.Lchown(p, uid, gid)
}
func (s *simulated) xattrs(p string) (map[string]string, error) {
	names, err := s.v.Llistxattr(p)
	out := map[string]string{}
	for _, n := range names {
		out[n], _ = s.v.Lgetxattr(p, n)
	}
	return out, err
}
func (s *simulated) setxattr(p, name string, value *string) error {
	if value == nil {
		return s.v.Removexattr(p, name)
	}
	return s.v.Setxattr(p, name, *value)
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
