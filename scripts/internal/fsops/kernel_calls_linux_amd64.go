package fsops

import (
	"cmp"
	"encoding/binary"
	"slices"
	"strings"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/layerlab/layerlab/sim/tree"
)

func fdOf(at Dir) int {
	switch at := at.(type) {
	case int:
		return at
	case special:
		if at == atCwd {
			return unix.AT_FDCWD
		}
	}
	return -1
}

// Open is openat(2). A FIFO that would wait for its other end is not waited for:
// it is answered with ENXIO.
func (k *Kernel) Open(at Dir, p string, flags int, mode uint32) (Handle, error) {
	fd, err := unix.Openat(fdOf(at), p, flags|unix.O_CLOEXEC|unix.O_NONBLOCK, mode)
	if err != nil {
		return nil, err
	}
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil {
		return nil, err
	}
	if st.Mode&unix.S_IFMT != unix.S_IFIFO || flags&oPath != 0 {
		return fd, nil
	}
	if flags&(oNonblock|oAccmode) == 0 && !k.hasWriter(st.Ino) {
		unix.Close(fd)
		return nil, unix.ENXIO
	}
	if flags&oAccmode != 0 {
		k.writers[fd] = st.Ino
	}
	return fd, nil
}

// hasWriter reports whether a FIFO is open for writing.
func (k *Kernel) hasWriter(ino uint64) bool {
	for _, i := range k.writers {
		if i == ino {
			return true
		}
	}
	return false
}

// Close is close(2).
func (k *Kernel) Close(h Handle) error {
	delete(k.writers, h.(int))
	return unix.Close(h.(int))
}

// Read is read(2).
func (k *Kernel) Read(h Handle, p []byte) (int, error) { return unix.Read(h.(int), p) }

// Pread is pread(2).
func (k *Kernel) Pread(h Handle, p []byte, off int64) (int, error) {
	return unix.Pread(h.(int), p, off)
}

// Write is write(2).
func (k *Kernel) Write(h Handle, p []byte) (int, error) { return unix.Write(h.(int), p) }

// Pwrite is pwrite(2).
func (k *Kernel) Pwrite(h Handle, p []byte, off int64) (int, error) {
	return unix.Pwrite(h.(int), p, off)
}

// Lseek is lseek(2).
func (k *Kernel) Lseek(h Handle, off int64, whence int) (int64, error) {
	return unix.Seek(h.(int), off, whence)
}

// Ftruncate is ftruncate(2).
func (k *Kernel) Ftruncate(h Handle, size int64) error { return unix.Ftruncate(h.(int), size) }

// Fallocate is fallocate(2).
func (k *Kernel) Fallocate(h Handle, mode int, off, size int64) error {
	return unix.Fallocate(h.(int), uint32(mode), off, size)
}

// Fsync is fsync(2).
func (k *Kernel) Fsync(h Handle) error { return unix.Fsync(h.(int)) }

// Getdents is getdents64(2).
func (k *Kernel) Getdents(h Handle) ([]Entry, error) {
	buf := make([]byte, 32<<10)
	n, err := unix.Getdents(h.(int), buf)
	if err != nil {
		return nil, err
	}
	var out []Entry
	for buf = buf[:n]; len(buf) > 19; {
		size := binary.NativeEndian.Uint16(buf[16:])
		name, _, _ := strings.Cut(string(buf[19:size]), "\x00")
		out = append(out, Entry{Name: name, Ino: binary.NativeEndian.Uint64(buf), Type: uint32(buf[18]) << 12})
		buf = buf[size:]
	}
	return out, nil
}

// Truncate is truncate(2).
func (k *Kernel) Truncate(p string, size int64) error { return unix.Truncate(p, size) }

// Fstatat is fstatat(2).
func (k *Kernel) Fstatat(at Dir, p string, flags int) (Stat, error) {
	var st unix.Stat_t
	err := unix.Fstatat(fdOf(at), p, &st, flags)
	return kernelStat(&st), err
}

func kernelStat(st *unix.Stat_t) Stat {
	when := func(t unix.Timespec) tree.Time { s, n := t.Unix(); return tree.Time{Sec: s, Nsec: int32(n)} }
	return Stat{
		Dev: uint64(st.Dev), Ino: st.Ino, Mode: st.Mode, Nlink: uint64(st.Nlink), UID: st.Uid, GID: st.Gid,
		Major: unix.Major(uint64(st.Rdev)), Minor: unix.Minor(uint64(st.Rdev)), Size: st.Size, Blocks: st.Blocks,
		Atime: when(st.Atim), Mtime: when(st.Mtim), Ctime: when(st.Ctim),
	}
}

// Faccessat is faccessat2(2).
func (k *Kernel) Faccessat(at Dir, p string, mode uint32, flags int) error {
	return unix.Faccessat2(fdOf(at), p, mode, flags)
}

// Fchmodat is fchmodat2(2).
func (k *Kernel) Fchmodat(at Dir, p string, mode uint32, flags int) error {
	return unix.Fchmodat(fdOf(at), p, mode, flags)
}

// Fchmod is fchmod(2).
func (k *Kernel) Fchmod(h Handle, mode uint32) error { return unix.Fchmod(h.(int), mode) }

// Fchownat is fchownat(2).
func (k *Kernel) Fchownat(at Dir, p string, uid, gid int, flags int) error {
	return unix.Fchownat(fdOf(at), p, uid, gid, flags)
}

// Fchown is fchown(2).
func (k *Kernel) Fchown(h Handle, uid, gid int) error { return unix.Fchown(h.(int), uid, gid) }

func timespecs(a, m SetTime) []unix.Timespec {
	return []unix.Timespec{{Sec: a.Sec, Nsec: a.Nsec}, {Sec: m.Sec, Nsec: m.Nsec}}
}

// Utimensat is utimensat(2).
func (k *Kernel) Utimensat(at Dir, p string, atime, mtime SetTime, flags int) error {
	return unix.UtimesNanoAt(fdOf(at), p, timespecs(atime, mtime), flags)
}

// Futimens is futimens(3): utimensat(2) without a path.
func (k *Kernel) Futimens(h Handle, atime, mtime SetTime) error {
	ts := timespecs(atime, mtime)
	_, _, e := unix.Syscall6(unix.SYS_UTIMENSAT, uintptr(h.(int)), 0, uintptr(unsafe.Pointer(&ts[0])), 0, 0, 0)
	if e != 0 {
		return e
	}
	return nil
}

// Mkdirat is mkdirat(2).
func (k *Kernel) Mkdirat(at Dir, p string, mode uint32) error { return unix.Mkdirat(fdOf(at), p, mode) }

// Mknodat is mknodat(2).
func (k *Kernel) Mknodat(at Dir, p string, mode, major, minor uint32) error {
	return unix.Mknodat(fdOf(at), p, mode, int(unix.Mkdev(major, minor)))
}

// Symlinkat is symlinkat(2).
func (k *Kernel) Symlinkat(target string, at Dir, p string) error {
	return unix.Symlinkat(target, fdOf(at), p)
}

// Readlinkat is readlinkat(2).
func (k *Kernel) Readlinkat(at Dir, p string) (string, error) {
	buf := make([]byte, 4096)
	n, err := unix.Readlinkat(fdOf(at), p, buf)
	if err != nil {
		return "", err
	}
	return string(buf[:n]), nil
}

// Linkat is linkat(2).
func (k *Kernel) Linkat(at Dir, p string, toAt Dir, to string, flags int) error {
	return unix.Linkat(fdOf(at), p, fdOf(toAt), to, flags)
}

// Unlinkat is unlinkat(2).
func (k *Kernel) Unlinkat(at Dir, p string, flags int) error {
	return unix.Unlinkat(fdOf(at), p, flags)
}

// Renameat2 is renameat2(2).
func (k *Kernel) Renameat2(at Dir, p string, toAt Dir, to string, flags int) error {
	return unix.Renameat2(fdOf(at), p, fdOf(toAt), to, uint(flags))
}

// Setxattr is setxattr(2), lsetxattr(2) or fsetxattr(2).
func (k *Kernel) Setxattr(on Attrs, name, value string, flags int) error {
	switch {
	case on.Handle != nil:
		return unix.Fsetxattr(on.Handle.(int), name, []byte(value), flags)
	case on.Follow:
		return unix.Setxattr(on.Path, name, []byte(value), flags)
	}
	return unix.Lsetxattr(on.Path, name, []byte(value), flags)
}

// Getxattr is getxattr(2) and its like.
func (k *Kernel) Getxattr(on Attrs, name string) (string, error) {
	return getXattrBytes(func(b []byte) (int, error) {
		switch {
		case on.Handle != nil:
			return unix.Fgetxattr(on.Handle.(int), name, b)
		case on.Follow:
			return unix.Getxattr(on.Path, name, b)
		}
		return unix.Lgetxattr(on.Path, name, b)
	})
}

func getXattrBytes(get func([]byte) (int, error)) (string, error) {
	buf := make([]byte, 64<<10)
	n, err := get(buf)
	if err != nil {
		return "", err
	}
	return string(buf[:n]), nil
}

// Listxattr is listxattr(2) and its like, sorted.
func (k *Kernel) Listxattr(on Attrs) ([]string, error) {
	return xattrList(func(b []byte) (int, error) {
		switch {
		case on.Handle != nil:
			return unix.Flistxattr(on.Handle.(int), b)
		case on.Follow:
			return unix.Listxattr(on.Path, b)
		}
		return unix.Llistxattr(on.Path, b)
	})
}

func xattrList(list func([]byte) (int, error)) ([]string, error) {
	buf := make([]byte, 64<<10)
	n, err := list(buf)
	if err != nil {
		return nil, err
	}
	var names []string
	for name := range strings.SplitSeq(string(buf[:n]), "\x00") {
		if name != "" {
			names = append(names, name)
		}
	}
	slices.SortFunc(names, cmp.Compare[string])
	return names, nil
}

// Removexattr is removexattr(2) and its like.
func (k *Kernel) Removexattr(on Attrs, name string) error {
	switch {
	case on.Handle != nil:
		return unix.Fremovexattr(on.Handle.(int), name)
	case on.Follow:
		return unix.Removexattr(on.Path, name)
	}
	return unix.Lremovexattr(on.Path, name)
}

// Statfs is statfs(2).
func (k *Kernel) Statfs(p string) (Statfs, error) {
	var st unix.Statfs_t
	err := unix.Statfs(p, &st)
	return kernelStatfs(&st), err
}

// Fstatfs is fstatfs(2).
func (k *Kernel) Fstatfs(h Handle) (Statfs, error) {
	var st unix.Statfs_t
	err := unix.Fstatfs(h.(int), &st)
	return kernelStatfs(&st), err
}

func kernelStatfs(st *unix.Statfs_t) Statfs {
	return Statfs{
		Type: int64(st.Type), Bsize: int64(st.Bsize), Namelen: int64(st.Namelen), Blocks: st.Blocks, Bfree: st.Bfree, Files: st.Files,
		ReadOnly: st.Flags&unix.ST_RDONLY != 0,
	}
}

// Chdir is chdir(2).
func (k *Kernel) Chdir(p string) error { return unix.Chdir(p) }

// Fchdir is fchdir(2).
func (k *Kernel) Fchdir(h Handle) error { return unix.Fchdir(h.(int)) }

// Getcwd is getcwd(2).
func (k *Kernel) Getcwd() (string, error) {
	buf := make([]byte, 4097)
	n, err := unix.Getcwd(buf)
	if err != nil {
		return "", err
	}
	return strings.TrimSuffix(string(buf[:n]), "\x00"), nil
}
