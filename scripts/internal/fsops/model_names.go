package fsops

import (
	"slices"
	"strings"
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
	if at == badFD && p == "" {
		return "", syscall.EBADF
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
	target, err := s.target(toAt, to, func() error {
		if p == "" && flags&atEmptyPath != 0 {
			return nil
		}
		_, err := v.Lstat(p)
		return err
	})
	if err != nil {
		return err
	}
	if f, ok := at.(*modelFile); ok && p == "" && flags&atEmptyPath != 0 {
		if u := s.user; u.UID != 0 && (u.UID != f.opener.UID || u.GID != f.opener.GID || !slices.Equal(u.Groups, f.opener.Groups)) {
			return syscall.ENOENT // only who opened it, and CAP_DAC_READ_SEARCH
		}
		return s.v.To(target).LinkFile(f.File, to)
	}
	if flags&atSymlinkFollow != 0 {
		if p, err = v.Realpath(p); err != nil {
			return err
		}
	}
	return v.To(target).Link(p, to)
}

// target is the directory of a call's second path. Without one, what is wrong with
// the first path, looked at by first, comes before it.
func (s *Model) target(at Dir, to string, first func() error) (*overlay.File, error) {
	if _, err := s.at(at, to); err != nil {
		if e := first(); e != nil {
			err = e
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
	if flags&^7 != 0 || flags&5 != 0 && flags&2 != 0 {
		return syscall.EINVAL
	}
	v, err := s.at(at, p)
	if err != nil {
		return err
	}
	target, err := s.target(toAt, to, func() error {
		if p == "" {
			return syscall.ENOENT
		}
		_, err := v.Stat(parentOf(p))
		return err
	})
	if err != nil {
		return err
	}
	return v.To(target).Rename(p, to, uint(flags))
}

// parentOf is the path of the directory in which the last name of p is looked up.
func parentOf(p string) string {
	dir := strings.TrimRight(p, "/")
	return dir[:strings.LastIndexByte(dir, '/')+1] + "."
}
