package fsops

import (
	"io"
	"math"
	"os"
	"syscall"

	"github.com/layerlab/layerlab/sim/overlay"
	"github.com/layerlab/layerlab/sim/tree"
)

// Open is openat(2).
func (s *Model) Open(at Dir, p string, flags int, mode uint32) (Handle, error) {
	v, err := s.at(at, p)
	if err != nil {
		return nil, err
	}
	bits, err := modelFlags(flags)
	if err != nil {
		return nil, err
	}
	if flags&(oNoatime|oPath) == oNoatime && s.user.UID != 0 {
		if st, err := v.Stat(p); err == nil && st.UID != s.user.UID {
			f, err := v.Open(p, bits&^(os.O_TRUNC|os.O_CREATE), 0)
			if err != nil {
				return nil, err
			}
			f.Close()
			return nil, syscall.EPERM
		}
	}
	f, err := v.Open(p, bits, mode)
	if err != nil {
		return nil, err
	}
	writes := flags&oPath == 0 && flags&oAccmode != 0
	return &modelFile{File: f, path: flags&oPath != 0, writes: writes, opener: s.user}, nil
}

// modelFlags turns the numbers of Linux into those of package overlay.
func modelFlags(flags int) (int, error) {
	if flags&oAccmode == oAccmode && flags&oPath == 0 {
		return 0, syscall.EINVAL // a descriptor for nothing but ioctl(2)
	}
	const tmpfileBit = oTmpfile &^ oDirectory
	out := 0
	if flags&tmpfileBit != 0 && flags&oPath == 0 {
		if flags&oDirectory == 0 {
			return 0, syscall.EINVAL
		}
		out |= overlay.OpenTmpfile
		flags &^= oDirectory
	}
	for linux, own := range map[int]int{
		oWronly: os.O_WRONLY, oRdwr: os.O_RDWR, oCreat: os.O_CREATE, oExcl: os.O_EXCL, oTrunc: os.O_TRUNC, oAppend: os.O_APPEND,
		oNonblock: overlay.OpenNonblock, oNofollow: overlay.OpenNoFollow, oDirectory: overlay.OpenDirectory, oPath: overlay.OpenPath,
	} {
		if flags&linux != 0 {
			out |= own
		}
	}
	if flags&oRdwr != 0 {
		out |= overlay.OpenNonblock // both ends of a FIFO: there is nothing to wait for
	}
	return out, nil
}

// Close is close(2).
func (s *Model) Close(h Handle) error { return h.(*modelFile).File.Close() }

// Read is read(2).
func (s *Model) Read(h Handle, p []byte) (int, error) {
	if len(p) == 0 {
		n, err := h.(*modelFile).Read(p)
		if err == io.EOF {
			err = nil
		}
		return n, err
	}
	return readFull(p, h.(*modelFile).Read)
}

// Pread is pread(2).
func (s *Model) Pread(h Handle, p []byte, off int64) (int, error) {
	if off < 0 {
		return 0, syscall.EINVAL
	}
	done := int64(0)
	return readFull(p, func(p []byte) (int, error) {
		n, err := h.(*modelFile).ReadAt(p, off+done)
		done += int64(n)
		return n, err
	})
}

// Write is write(2).
func (s *Model) Write(h Handle, p []byte) (int, error) { return s.mine(h).Write(p) }

// mine is an open file that is used by who calls now, whoever opened it.
func (s *Model) mine(h Handle) *modelFile {
	f := h.(*modelFile)
	f.SetUser(s.v)
	return f
}

// Pwrite is pwrite(2).
func (s *Model) Pwrite(h Handle, p []byte, off int64) (int, error) {
	return s.mine(h).WriteAt(p, off)
}

// Lseek is lseek(2). All of a file counts as data.
func (s *Model) Lseek(h Handle, off int64, whence int) (int64, error) {
	f := h.(*modelFile)
	st, err := f.Stat()
	switch {
	case err != nil:
		return 0, err
	case f.path:
		return 0, syscall.EBADF
	case st.Type() == tree.FIFO:
		return 0, syscall.ESPIPE
	case st.IsDir():
		if off != 0 || whence != 0 {
			return 0, syscall.EINVAL
		}
		f.begun = false
		return 0, nil
	case whence == 3 || whence == 4:
		if off < 0 || off >= st.Size {
			return 0, syscall.ENXIO
		}
		if whence == 4 {
			off = st.Size
		}
		whence = 0
	}
	return f.Seek(off, whence)
}

// Ftruncate is ftruncate(2).
func (s *Model) Ftruncate(h Handle, size int64) error { return s.mine(h).Truncate(size) }

// Fallocate is fallocate(2).
func (s *Model) Fallocate(h Handle, mode int, off, size int64) error {
	f := s.mine(h)
	st, err := f.Stat()
	switch {
	case err != nil:
		return err
	case f.path:
		return syscall.EBADF
	case off < 0 || size <= 0:
		return syscall.EINVAL
	case mode&^(fallocModes.all()) != 0 || mode&(fallocKeepSize|fallocPunchHole) == fallocPunchHole:
		return syscall.EOPNOTSUPP
	case !f.writes:
		return syscall.EBADF
	case st.Type() == tree.FIFO:
		return syscall.ESPIPE
	case !st.IsRegular():
		return syscall.ENODEV
	case off > math.MaxInt64-size:
		return syscall.EFBIG
	case mode&^(fallocKeepSize|fallocPunchHole) != 0:
		return syscall.EOPNOTSUPP
	case mode&fallocPunchHole != 0:
		return f.PunchHole(off, size)
	}
	return f.Allocate(off, size, mode&fallocKeepSize != 0)
}

// Fsync is fsync(2).
func (s *Model) Fsync(h Handle) error { return h.(*modelFile).Sync() }

// Getdents is getdents(2): all names at once.
func (s *Model) Getdents(h Handle) ([]Entry, error) {
	f := h.(*modelFile)
	list, err := f.ReadDir()
	if err != nil || f.begun {
		return nil, err
	}
	f.begun = true
	self, err := f.Stat()
	if err != nil {
		return nil, err
	}
	up, err := s.m.Root().Stat(f.Path() + "/..")
	if err != nil {
		return nil, err
	}
	out := []Entry{{".", self.Ino, self.Type()}, {"..", up.Ino, up.Type()}}
	for _, e := range list {
		out = append(out, Entry{e.Name, e.Stat.Ino, e.Stat.Type()})
	}
	return out, nil
}
