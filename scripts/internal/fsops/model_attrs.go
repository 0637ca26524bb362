package fsops

import (
	"syscall"

	"github.com/layerlab/layerlab/sim/overlay"
	"github.com/layerlab/layerlab/sim/tree"
)

// on is what a call with a path and AT_ flags is made on: a view and a path, or an
// open file if the path is empty and AT_EMPTY_PATH is set. What was opened with
// O_PATH is opened again for it, or a path if that cannot be.
func (s *Model) on(at Dir, p *string, flags *int) (*overlay.View, *modelFile, error) {
	if *p != "" || *flags&atEmptyPath == 0 {
		v, err := s.at(at, *p)
		return v, nil, err
	}
	f, ok := at.(*modelFile)
	switch {
	case at == badFD:
		return nil, nil, syscall.EBADF
	case ok && !f.path:
		return nil, f, nil
	case ok:
		*p = f.Path()
	case s.cwd != nil:
		*p = s.cwd.Path()
	default:
		*p = "/"
	}
	if again := s.again(*p); again != nil {
		return nil, again, nil
	}
	*flags |= atNoFollow
	return s.v, nil, nil
}

// again opens a file or directory until the next operation, without asking for
// rights; nil if it is neither.
func (s *Model) again(p string) *modelFile {
	was := s.tracing
	s.tracing = false
	defer func() { s.tracing = was }()
	f, err := s.m.Root().Open(p, overlay.OpenNoFollow|overlay.OpenNonblock, 0)
	if err != nil {
		return nil
	}
	s.passing = f
	return &modelFile{File: f}
}

// allow answers EINVAL to a flag that a call does not know.
func allow(flags, known int) error {
	if flags&^known != 0 {
		return syscall.EINVAL
	}
	return nil
}

// Fstatat is fstatat(2).
func (s *Model) Fstatat(at Dir, p string, flags int) (Stat, error) {
	if err := allow(flags, atNoFollow|atEmptyPath|0x800); err != nil {
		return Stat{}, err
	}
	if f, ok := at.(*modelFile); ok && p == "" && flags&atEmptyPath != 0 {
		st, err := f.Stat()
		return modelStat(st), err
	}
	v, f, err := s.on(at, &p, &flags)
	if err != nil {
		return Stat{}, err
	}
	if f != nil {
		st, err := f.Stat()
		return modelStat(st), err
	}
	look := v.Stat
	if flags&atNoFollow != 0 {
		look = v.Lstat
	}
	st, err := look(p)
	return modelStat(st), err
}

func modelStat(st overlay.Stat) Stat {
	return Stat{
		Dev: modelDev, Ino: st.Ino, Mode: st.Mode, Nlink: uint64(st.Nlink), UID: st.UID, GID: st.GID, Major: st.Major, Minor: st.Minor,
		Size: st.Size, Blocks: st.Blocks, Atime: st.ATime, Mtime: st.MTime, Ctime: st.CTime,
	}
}

// Faccessat is faccessat2(2).
func (s *Model) Faccessat(at Dir, p string, mode uint32, flags int) error {
	if err := allow(flags, atNoFollow|atEmptyPath|atEaccess); err != nil {
		return err
	}
	if mode&^7 != 0 {
		return syscall.EINVAL
	}
	v, f, err := s.on(at, &p, &flags)
	if err != nil {
		return err
	}
	if f != nil {
		v, p = s.v, f.Path()
	}
	if flags&atNoFollow != 0 {
		if st, err := v.Lstat(p); err == nil && st.IsSymlink() {
			return nil
		}
	}
	return v.Access(p, mode)
}

// Fchmodat is fchmodat2(2).
func (s *Model) Fchmodat(at Dir, p string, mode uint32, flags int) error {
	if err := allow(flags, atNoFollow|atEmptyPath); err != nil {
		return err
	}
	v, f, err := s.on(at, &p, &flags)
	if err != nil {
		return err
	}
	if f != nil {
		return s.v.Fchmod(f.File, mode)
	}
	if flags&atNoFollow != 0 {
		if st, err := v.Lstat(p); err == nil && st.IsSymlink() {
			return syscall.EOPNOTSUPP
		}
	}
	return v.Chmod(p, mode)
}

// Fchmod is fchmod(2).
func (s *Model) Fchmod(h Handle, mode uint32) error { return s.v.Fchmod(h.(*modelFile).File, mode) }

// Fchownat is fchownat(2).
func (s *Model) Fchownat(at Dir, p string, uid, gid int, flags int) error {
	if err := allow(flags, atNoFollow|atEmptyPath); err != nil {
		return err
	}
	v, f, err := s.on(at, &p, &flags)
	switch {
	case err != nil:
		return err
	case f != nil:
		return s.v.Fchown(f.File, uid, gid)
	case flags&atNoFollow != 0:
		return v.Lchown(p, uid, gid)
	}
	return v.Chown(p, uid, gid)
}

// Fchown is fchown(2).
func (s *Model) Fchown(h Handle, uid, gid int) error {
	return s.v.Fchown(h.(*modelFile).File, uid, gid)
}

func modelTime(t SetTime) overlay.SetTime {
	switch t.Nsec {
	case utimeNow:
		return overlay.TimeNow
	case utimeOmit:
		return overlay.TimeOmit
	}
	return overlay.SetTo(tree.Time{Sec: t.Sec, Nsec: int32(t.Nsec)})
}

// Utimensat is utimensat(2).
func (s *Model) Utimensat(at Dir, p string, atime, mtime SetTime, flags int) error {
	if err := allow(flags, atNoFollow|atEmptyPath); err != nil {
		return err
	}
	if atime.Nsec == utimeOmit && mtime.Nsec == utimeOmit {
		return nil // the path is not even looked at
	}
	v, f, err := s.on(at, &p, &flags)
	a, m := modelTime(atime), modelTime(mtime)
	switch {
	case err != nil:
		return err
	case f != nil:
		return s.v.Futimens(f.File, a, m)
	case flags&atNoFollow != 0:
		return v.Lutimens(p, a, m)
	}
	return v.Utimens(p, a, m)
}

// Futimens is futimens(3).
func (s *Model) Futimens(h Handle, atime, mtime SetTime) error {
	return s.v.Futimens(h.(*modelFile).File, modelTime(atime), modelTime(mtime))
}

// Truncate is truncate(2).
func (s *Model) Truncate(p string, size int64) error { return s.here().Truncate(p, size) }

// Setxattr is setxattr(2), lsetxattr(2) or fsetxattr(2).
func (s *Model) Setxattr(on Attrs, name, value string, flags int) error {
	switch {
	case on.Handle != nil:
		return s.v.Fsetxattr(on.Handle.(*modelFile).File, name, value, flags)
	case on.Follow:
		return s.here().SetxattrFlags(on.Path, name, value, flags)
	}
	return s.here().LsetxattrFlags(on.Path, name, value, flags)
}

// Getxattr is getxattr(2) and its like.
func (s *Model) Getxattr(on Attrs, name string) (string, error) {
	switch {
	case on.Handle != nil:
		return s.v.Fgetxattr(on.Handle.(*modelFile).File, name)
	case on.Follow:
		return s.here().Getxattr(on.Path, name)
	}
	return s.here().Lgetxattr(on.Path, name)
}

// Listxattr is listxattr(2) and its like.
func (s *Model) Listxattr(on Attrs) ([]string, error) {
	switch {
	case on.Handle != nil:
		return s.v.Flistxattr(on.Handle.(*modelFile).File)
	case on.Follow:
		return s.here().Listxattr(on.Path)
	}
	return s.here().Llistxattr(on.Path)
}

// Removexattr is removexattr(2) and its like.
func (s *Model) Removexattr(on Attrs, name string) error {
	switch {
	case on.Handle != nil:
		return s.v.Fremovexattr(on.Handle.(*modelFile).File, name)
	case on.Follow:
		return s.here().Removexattr(on.Path, name)
	}
	return s.here().Lremovexattr(on.Path, name)
}
