package fsops

import (
	"syscall"

	"github.com/layerlab/layerlab/sim/overlay"
	"github.com/layerlab/layerlab/sim/tree"
)

// Mkdirat is mkdirat(2).
func (s *Model) Mkdirat(at Dir, p string, mode uint32) error {
	v, err := s.at(at, p)
	if err != nil {
		return err
	}
	return v.Mkdir(p, mode)
}

// Mknodat is mknodat(2).
func (s *Model) Mknodat(at Dir, p string, mode, major, minor uint32) error {
	v, err := s.at(at, p)
	if err != nil {
		return err
	}
	return v.Mknod(p, mode&(tree.TypeMask|tree.PermMask), major, minor)
}

// Symlinkat is symlinkat(2).
func (s *Model) Symlinkat(target string, at Dir, p string) error {
	v, err := s.at(at, p)
	if err != nil {
		return err
	}
	return v.Symlink(target, p)
}

// Readlinkat is readlinkat(2); with an empty path it reads what was opened with
// O_PATH and O_NOFOLLOW.
func (s *Model) Readlinkat(at Dir, p string) (string, error) {
	if f, ok := at.(*modelFile); ok && p == "" {
		st, err := f.Stat()
		if err == nil && !st.IsSymlink() {
			err = syscall.ENOENT
		}
		return st.Target, err
	}
	v, err := s.at(at, p)
	if err != nil {
		return "", err
	}
	return v.Readlink(p)
}

// Linkat is linkat(2).
func (s *Model) Linkat(at Dir, p string, toAt Dir, to string, flags int) error {
	if flags&^(atSymlinkFollow|atEmptyPath) != 0 {
		return syscall.EINVAL
	}
	v, err := s.at(at, p)
	if err != nil {
		return err
	}
	target, err := s.target(v, p, toAt, to)
	if err != nil {
		return err
	}
	if f, ok := at.(*modelFile); ok && p == "" && flags&atEmptyPath != 0 {
		return s.v.To(target).LinkFile(f.File, to)
	}
	if flags&atSymlinkFollow != 0 {
		if p, err = v.Realpath(p); err != nil {
			return err
		}
	}
	return v.To(target).Link(p, to)
}

// target is the directory of a call's second path, whose first is p, seen by v.
func (s *Model) target(v *overlay.View, p string, at Dir, to string) (*overlay.File, error) {
	if _, err := s.at(at, to); err != nil {
		if _, first := v.Lstat(p); first != nil && p != "" {
			err = first
		}
		return nil, err
	}
	if f, ok := at.(*modelFile); ok {
		return f.File, nil
	}
	return s.cwd, nil
}

// Unlinkat is unlinkat(2).
func (s *Model) Unlinkat(at Dir, p string, flags int) error {
	if flags&^atRemoveDir != 0 {
		return syscall.EINVAL
	}
	v, err := s.at(at, p)
	switch {
	case err != nil:
		return err
	case flags != 0:
		return v.Rmdir(p)
	}
	return v.Unlink(p)
}

// Renameat2 is renameat2(2).
func (s *Model) Renameat2(at Dir, p string, toAt Dir, to string, flags int) error {
	v, err := s.at(at, p)
	if err != nil {
		return err
	}
	target, err := s.target(v, p, toAt, to)
	if err != nil {
		return err
	}
	return v.To(target).Rename(p, to, uint(flags))
}
