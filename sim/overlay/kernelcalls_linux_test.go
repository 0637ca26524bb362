package overlay_test

import (
	"slices"
	"strings"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/layerlab/layerlab/sim/overlay"
	"github.com/layerlab/layerlab/sim/tree"
)

// The capabilities that Docker gives a container's root, capabilities(7): CHOWN,
// DAC_OVERRIDE, FOWNER, FSETID, KILL, SETGID, SETUID, SETPCAP, NET_BIND_SERVICE,
// NET_RAW, SYS_CHROOT, MKNOD, AUDIT_WRITE, SETFCAP.
const dockerCapabilities = 1<<0 | 1<<1 | 1<<3 | 1<<4 | 1<<5 | 1<<6 | 1<<7 | 1<<8 | 1<<10 | 1<<13 | 1<<18 | 1<<27 | 1<<29 | 1<<31

// capable gives this thread all capabilities or those of a container's root.
func (k *kernel) capable(all bool) {
	head := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var data [2]unix.CapUserData
	check(unix.Capget(&head, &data[0]))
	if all {
		data[0].Effective, data[1].Effective = data[0].Permitted, data[1].Permitted
	} else {
		data[0].Effective, data[1].Effective = data[0].Permitted&dockerCapabilities, 0
	}
	check(unix.Capset(&head, &data[0]))
}

func (k *kernel) become(c overlay.Cred) {
	set := func(call uintptr, args ...uintptr) {
		args = append(args, 0, 0, 0)
		if _, _, e := unix.RawSyscall(call, args[0], args[1], args[2]); e != 0 {
			panic(e)
		}
	}
	const keep = ^uintptr(0)
	k.mask(c.Umask)
	groups := append([]uint32{}, c.Groups...)
	groups = append(groups, 0)
	if c.UID != 0 || len(c.Groups) > 0 || c.GID != 0 {
		set(unix.SYS_SETRESUID, keep, 0, keep)
		k.capable(true)
		set(unix.SYS_SETGROUPS, uintptr(len(c.Groups)), uintptr(unsafe.Pointer(&groups[0])))
		set(unix.SYS_SETRESGID, keep, uintptr(c.GID), keep)
		k.capable(false)
		if c.UID != 0 {
			set(unix.SYS_SETRESUID, keep, uintptr(c.UID), keep)
		}
		k.plain = false
	} else if !k.plain {
		set(unix.SYS_SETRESUID, keep, 0, keep)
		k.capable(true)
		set(unix.SYS_SETGROUPS, 0, 0)
		set(unix.SYS_SETRESGID, keep, 0, keep)
		k.capable(false)
		k.plain = true
	}
}

func (k *kernel) mask(umask uint32) {
	if k.umask != umask {
		unix.Umask(int(umask))
		k.umask = umask
	}
}

func (k *kernel) at(dir, to handle) {
	fd := func(h handle) int {
		if h == nil {
			return unix.AT_FDCWD
		}
		return int(h.(kernelHandle))
	}
	k.dir, k.to = fd(dir), fd(to)
}

func nofollow(follow bool) int {
	if follow {
		return 0
	}
	return unix.AT_SYMLINK_NOFOLLOW
}

func (k *kernel) stat(p string, follow bool) (overlay.Stat, error) {
	var st unix.Stat_t
	err := unix.Fstatat(k.dir, p, &st, nofollow(follow))
	return statOf(&st), err
}

func statOf(st *unix.Stat_t) overlay.Stat {
	at := func(t unix.Timespec) tree.Time { return tree.Time{Sec: t.Sec, Nsec: int32(t.Nsec)} }
	return overlay.Stat{
		Ino: st.Ino, Mode: st.Mode, UID: st.Uid, GID: st.Gid, Nlink: uint32(st.Nlink), Size: st.Size,
		Major: unix.Major(st.Rdev), Minor: unix.Minor(st.Rdev), MTime: at(st.Mtim), CTime: at(st.Ctim), ATime: at(st.Atim),
	}
}

func (k *kernel) open(p string, flags int, perm uint32) (handle, error) {
	for ours, theirs := range map[int]int{
		overlay.OpenNoFollow: unix.O_NOFOLLOW, overlay.OpenDirectory: unix.O_DIRECTORY,
		overlay.OpenPath: unix.O_PATH, overlay.OpenTmpfile: unix.O_TMPFILE,
	} {
		if flags&ours != 0 {
			flags = flags&^ours | theirs
		}
	}
	if flags&unix.O_CREAT == 0 && flags&unix.O_TMPFILE != unix.O_TMPFILE {
		perm = 0
	}
	fd, err := unix.Openat(k.dir, p, flags|unix.O_CLOEXEC|unix.O_NONBLOCK, perm)
	if err != nil {
		return nil, err
	}
	var st unix.Stat_t
	if check(unix.Fstat(fd, &st)); st.Mode&unix.S_IFMT == unix.S_IFIFO && flags&unix.O_PATH == 0 {
		unix.Close(fd) // without O_NONBLOCK it would have waited for the other end
		return nil, unix.ENXIO
	}
	return kernelHandle(fd), nil
}

func (k *kernel) readdir(p string) ([]string, error) {
	fd, err := unix.Openat(k.dir, p, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	defer unix.Close(fd)
	return namesOf(fd)
}

func namesOf(fd int) ([]string, error) {
	var names []string
	buf := make([]byte, 16<<10)
	for {
		n, err := unix.ReadDirent(fd, buf)
		if err != nil || n <= 0 {
			slices.Sort(names)
			return names, err
		}
		_, _, names = unix.ParseDirent(buf[:n], -1, names)
	}
}

func (k *kernel) readlink(p string) (string, error) {
	buf := make([]byte, 4096)
	n, err := unix.Readlinkat(k.dir, p, buf)
	return string(buf[:max(n, 0)]), err
}
func (k *kernel) mkdir(p string, perm uint32) error { return unix.Mkdirat(k.dir, p, perm) }
func (k *kernel) mknod(p string, mode, major, minor uint32) error {
	return unix.Mknodat(k.dir, p, mode, int(unix.Mkdev(major, minor)))
}
func (k *kernel) symlink(target, p string) error { return unix.Symlinkat(target, k.dir, p) }
func (k *kernel) link(old, new string) error     { return unix.Linkat(k.dir, old, k.to, new, 0) }
func (k *kernel) unlink(p string) error          { return unix.Unlinkat(k.dir, p, 0) }
func (k *kernel) rmdir(p string) error           { return unix.Unlinkat(k.dir, p, unix.AT_REMOVEDIR) }
func (k *kernel) rename(old, new string, flags uint) error {
	return unix.Renameat2(k.dir, old, k.to, new, flags)
}
func (k *kernel) chmod(p string, mode uint32) error { return unix.Fchmodat(k.dir, p, mode, 0) }
func (k *kernel) chown(p string, uid, gid int, follow bool) error {
	return unix.Fchownat(k.dir, p, uid, gid, nofollow(follow))
}

// timespecs is atime and mtime for utimensat(2).
func timespecs(atime, mtime overlay.SetTime) []unix.Timespec {
	var out []unix.Timespec
	for _, t := range []overlay.SetTime{atime, mtime} {
		ts := unix.Timespec{Sec: t.Sec, Nsec: int64(t.Nsec)}
		switch t {
		case overlay.TimeNow:
			ts.Nsec = unix.UTIME_NOW
		case overlay.TimeOmit:
			ts.Nsec = unix.UTIME_OMIT
		}
		out = append(out, ts)
	}
	return out
}

func (k *kernel) utimens(p string, a, m overlay.SetTime, follow bool) error {
	return unix.UtimesNanoAt(k.dir, p, timespecs(a, m), nofollow(follow))
}

// truncate(2) has no form with a directory.
func (k *kernel) truncate(p string, size int64) error {
	return k.in(func() error { return unix.Truncate(p, size) })
}

func (k *kernel) access(p string, mask uint32) error {
	return unix.Faccessat2(k.dir, p, mask, unix.AT_EACCESS)
}

// in runs a call that knows no directory with the current directory in its place.
// To go there a user needs the right to search it, so root does.
func (k *kernel) in(call func() error) error {
	if k.dir == unix.AT_FDCWD {
		return call()
	}
	return unix.ENOSYS
}

func (k *kernel) getxattr(p, name string, follow bool) (string, error) {
	get := unix.Lgetxattr
	if follow {
		get = unix.Getxattr
	}
	return growing(func(buf []byte) (int, error) { return get(p, name, buf) })
}

// growing calls get with a buffer that is large enough.
func growing(get func([]byte) (int, error)) (string, error) {
	buf := make([]byte, 512)
	n, err := get(buf)
	if err == unix.ERANGE {
		buf = make([]byte, 64<<10)
		n, err = get(buf)
	}
	return string(buf[:max(n, 0)]), err
}

func (k *kernel) listxattr(p string, follow bool) ([]string, error) {
	list := unix.Llistxattr
	if follow {
		list = unix.Listxattr
	}
	return attributes(growing(func(buf []byte) (int, error) { return list(p, buf) }))
}

// attributes is the names in what listxattr(2) gave. The overlay's own "trusted."
// needs a capability that a container has not.
func attributes(list string, err error) ([]string, error) {
	var out []string
	for name := range strings.SplitSeq(list, "\x00") {
		if name != "" {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out, err
}

func (k *kernel) setxattr(p, name string, value *string, flags int, follow bool) error {
	set, remove := unix.Lsetxattr, unix.Lremovexattr
	if follow {
		set, remove = unix.Setxattr, unix.Removexattr
	}
	if value == nil {
		return remove(p, name)
	}
	return set(p, name, []byte(*value), flags)
}

func (k *kernel) statfs() (overlay.Statfs, error) {
	var s unix.Statfs_t
	err := unix.Statfs("/", &s)
	return overlay.Statfs{
		Type: s.Type, BlockSize: s.Bsize, NameMax: s.Namelen, ReadOnly: s.Flags&unix.ST_RDONLY != 0,
		Blocks: int64(s.Blocks), Free: int64(s.Bfree), Avail: int64(s.Bavail), MaxFiles: int64(s.Files), FreeFiles: int64(s.Ffree),
	}, err
}

// kernelHandle is a descriptor.
type kernelHandle int

func (h kernelHandle) read(size int) (string, error) {
	var out []byte
	for len(out) < size {
		buf := make([]byte, min(4096, size-len(out)))
		n, err := unix.Read(int(h), buf)
		if err != nil || n <= 0 {
			return string(out), err
		}
		out = append(out, buf[:n]...)
	}
	return string(out), nil
}
func (h kernelHandle) pread(size int, off int64) (string, error) {
	buf := make([]byte, size)
	n, err := unix.Pread(int(h), buf, off)
	return string(buf[:max(n, 0)]), err
}
func (h kernelHandle) write(s string, off int64) error {
	var err error
	if off < 0 {
		_, err = unix.Write(int(h), []byte(s))
	} else {
		_, err = unix.Pwrite(int(h), []byte(s), off)
	}
	return err
}
func (h kernelHandle) seek(off int64, whence int) (int64, error) {
	return unix.Seek(int(h), off, whence)
}
func (h kernelHandle) truncate(size int64) error { return unix.Ftruncate(int(h), size) }
func (h kernelHandle) chmod(mode uint32) error   { return unix.Fchmod(int(h), mode) }
func (h kernelHandle) chown(uid, gid int) error  { return unix.Fchown(int(h), uid, gid) }
func (h kernelHandle) sync() error               { return unix.Fsync(int(h)) }
func (h kernelHandle) close() error              { return unix.Close(int(h)) }
func (h kernelHandle) utimens(a, m overlay.SetTime) error {
	ts := timespecs(a, m)
	_, _, e := unix.Syscall6(unix.SYS_UTIMENSAT, uintptr(h), 0, uintptr(unsafe.Pointer(&ts[0])), 0, 0, 0)
	if e != 0 {
		return e
	}
	return nil
}
func (h kernelHandle) getxattr(name string) (string, error) {
	return growing(func(buf []byte) (int, error) { return unix.Fgetxattr(int(h), name, buf) })
}
func (h kernelHandle) listxattr() ([]string, error) {
	return attributes(growing(func(buf []byte) (int, error) { return unix.Flistxattr(int(h), buf) }))
}
func (h kernelHandle) setxattr(name string, value *string, flags int) error {
	if value == nil {
		return unix.Fremovexattr(int(h), name)
	}
	return unix.Fsetxattr(int(h), name, []byte(*value), flags)
}
func (h kernelHandle) stat() (overlay.Stat, error) {
	var st unix.Stat_t
	err := unix.Fstat(int(h), &st)
	return statOf(&st), err
}

// readdir leaves the position alone: in a directory it means something to the file
// system alone.
func (h kernelHandle) readdir() ([]string, error) {
	if at, err := unix.Seek(int(h), 0, 1); err == nil {
		defer unix.Seek(int(h), at, 0)
		unix.Seek(int(h), 0, 0)
	}
	return namesOf(int(h))
}
