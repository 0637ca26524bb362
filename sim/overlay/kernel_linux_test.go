package overlay_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/layerlab/layerlab/sim/overlay"
	"github.com/layerlab/layerlab/sim/tree"
)

// kernel is a real overlayfs as a system. It lives on a thread of its own, which
// has its own mount namespace, root directory, umask and user: the test process
// sees nothing of it.
type kernel struct {
	dir    string // of everything, on a tmpfs
	out    int    // the outside root
	merged int    // the mounted overlay, or -1
	layers []string
	n      int
}

// onKernel runs f with a kernel to make systems with, or says why it can not.
func onKernel(t *testing.T, f func(k *kernel)) bool {
	t.Helper()
	if os.Getuid() != 0 {
		fmt.Println("sim/overlay: not root: the comparison with the kernel's overlayfs does not run")
		return false
	}
	dir := t.TempDir()
	refused := errors.New("stopped half way")
	done := make(chan struct{})
	go func() {
		defer close(done)
		runtime.LockOSThread() // and never unlocked: the thread ends with the goroutine
		k := &kernel{dir: dir, merged: -1}
		if refused = k.enter(); refused == nil {
			defer k.leave()
			f(k)
		}
	}()
	<-done
	if refused != nil {
		fmt.Println("sim/overlay: the comparison with the kernel's overlayfs does not run:", refused)
		return false
	}
	return true
}

func (k *kernel) enter() error {
	if err := unix.Unshare(unix.CLONE_NEWNS | unix.CLONE_FS); err != nil {
		return fmt.Errorf("unsharing the mount namespace: %w", err)
	}
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		return fmt.Errorf("making mounts private: %w", err)
	}
	if err := unix.Mount("tmpfs", k.dir, "tmpfs", 0, "mode=755"); err != nil {
		return fmt.Errorf("mounting a tmpfs: %w", err)
	}
	unix.Umask(0o022)
	var err error
	if k.out, err = unix.Open("/", unix.O_PATH|unix.O_DIRECTORY, 0); err != nil {
		return err
	}
	k.reset()
	if err := k.tryMount(); err != nil {
		return fmt.Errorf("mounting an overlay: %w", err)
	}
	return nil
}

func (k *kernel) leave() {
	k.unmount()
	unix.Unmount(k.dir, unix.MNT_DETACH)
}

// reset begins a new system on one empty lower layer.
func (k *kernel) reset() {
	k.unmount()
	for _, d := range k.layers {
		os.RemoveAll(d)
	}
	k.layers = nil
	k.layers = []string{k.newDir("lower")}
}

func (k *kernel) newDir(kind string) string {
	k.n++
	d := filepath.Join(k.dir, fmt.Sprint(kind, k.n))
	check(os.Mkdir(d, 0o755))
	return d
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}

func (k *kernel) mount() { check(k.tryMount()) }

func (k *kernel) tryMount() error {
	upper, work, merged := k.newDir("upper"), k.newDir("work"), k.newDir("merged")
	lowers := slices.Clone(k.layers)
	slices.Reverse(lowers)
	opts := fmt.Sprintf("lowerdir=%s,upperdir=%s,workdir=%s,index=off,redirect_dir=off,metacopy=off,xino=off",
		strings.Join(lowers, ":"), upper, work)
	k.layers = append(k.layers, upper)
	if err := unix.Mount("overlay", merged, "overlay", 0, opts); err != nil {
		return err
	}
	var err error
	k.merged, err = unix.Open(merged, unix.O_PATH|unix.O_DIRECTORY, 0)
	k.root(k.merged)
	return err
}

func (k *kernel) unmount() {
	if k.merged < 0 {
		return
	}
	k.root(k.out)
	unix.Close(k.merged)
	k.merged = -1
	check(unix.Unmount(filepath.Join(k.dir, fmt.Sprint("merged", k.n)), 0))
	os.RemoveAll(filepath.Join(k.dir, fmt.Sprint("work", k.n-1)))
	os.RemoveAll(filepath.Join(k.dir, fmt.Sprint("merged", k.n)))
}

// root makes a directory the root of this thread.
func (k *kernel) root(fd int) {
	check(unix.Fchdir(fd))
	check(unix.Chroot("."))
}

func (k *kernel) rotate() {
	k.unmount()
	k.mount()
}

func (k *kernel) become(uid, gid uint32) {
	set := func(call, a, b, c uintptr) {
		if _, _, e := unix.RawSyscall(call, a, b, c); e != 0 {
			panic(e)
		}
	}
	const keep = ^uintptr(0)
	if uid != 0 {
		set(unix.SYS_SETGROUPS, 0, 0, 0)
		set(unix.SYS_SETRESGID, keep, uintptr(gid), keep)
		set(unix.SYS_SETRESUID, keep, uintptr(uid), keep)
	} else {
		set(unix.SYS_SETRESUID, keep, 0, keep)
		set(unix.SYS_SETRESGID, keep, 0, keep)
	}
}

func (k *kernel) stat(p string, follow bool) (overlay.Stat, error) {
	var st unix.Stat_t
	call := unix.Lstat
	if follow {
		call = unix.Stat
	}
	if err := call(p, &st); err != nil {
		return overlay.Stat{}, err
	}
	return overlay.Stat{
		Ino: st.Ino, Mode: st.Mode, UID: st.Uid, GID: st.Gid, Nlink: uint32(st.Nlink), Size: st.Size,
		Major: unix.Major(st.Rdev), Minor: unix.Minor(st.Rdev), MTime: tree.Time{Sec: st.Mtim.Sec, Nsec: int32(st.Mtim.Nsec)},
	}, nil
}

type kernelHandle int

func (h kernelHandle) read() (string, error) {
	var out []byte
	buf := make([]byte, 4096)
	for {
		n, err := unix.Read(int(h), buf)
		if err != nil || n <= 0 {
			return string(out), err
		}
		out = append(out, buf[:n]...)
	}
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
func (h kernelHandle) close() { unix.Close(int(h)) }

func (k *kernel) open(p string, flags int, perm uint32) (handle, error) {
	if flags&overlay.OpenNoFollow != 0 {
		flags = flags&^overlay.OpenNoFollow | unix.O_NOFOLLOW
	}
	if flags&overlay.OpenDirectory != 0 {
		flags = flags&^overlay.OpenDirectory | unix.O_DIRECTORY
	}
	fd, err := unix.Open(p, flags|unix.O_CLOEXEC|unix.O_NONBLOCK, perm)
	if err != nil {
		return nil, err
	}
	var st unix.Stat_t
	if check(unix.Fstat(fd, &st)); st.Mode&unix.S_IFMT == unix.S_IFIFO {
		unix.Close(fd) // without O_NONBLOCK it would have waited for the other end
		return nil, unix.ENXIO
	}
	return kernelHandle(fd), nil
}

func (k *kernel) readdir(p string) ([]string, error) {
	fd, err := unix.Open(p, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
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
	n, err := unix.Readlink(p, buf)
	if err != nil {
		return "", err
	}
	return string(buf[:n]), nil
}
func (k *kernel) mkdir(p string, perm uint32) error { return unix.Mkdir(p, perm) }
func (k *kernel) mknod(p string, mode, major, minor uint32) error {
	return unix.Mknod(p, mode, int(unix.Mkdev(major, minor)))
}
func (k *kernel) symlink(target, p string) error { return unix.Symlink(target, p) }
func (k *kernel) link(old, new string) error     { return unix.Link(old, new) }
func (k *kernel) unlink(p string) error          { return unix.Unlink(p) }
func (k *kernel) rmdir(p string) error           { return unix.Rmdir(p) }
func (k *kernel) rename(old, new string, flags uint) error {
	return unix.Renameat2(unix.AT_FDCWD, old, unix.AT_FDCWD, new, flags)
}
func (k *kernel) chmod(p string, mode uint32) error { return unix.Chmod(p, mode) }
func (k *kernel) chown(p string, uid, gid int, follow bool) error {
	if follow {
		return unix.Chown(p, uid, gid)
	}
	return unix.Lchown(p, uid, gid)
}
func (k *kernel) utimes(p string, sec int64) error {
	return unix.UtimesNano(p, []unix.Timespec{{Sec: sec}, {Sec: sec}})
}
func (k *kernel) truncate(p string, size int64) error { return unix.Truncate(p, size) }
func (k *kernel) access(p string, mask uint32) error {
	return unix.Faccessat2(unix.AT_FDCWD, p, mask, unix.AT_EACCESS)
}
func (k *kernel) xattrs(p string) (map[string]string, error) {
	buf := make([]byte, 4096)
	n, err := unix.Llistxattr(p, buf)
	if err != nil {
		return nil, err
	}
	out := map[string]string{}
	for name := range strings.SplitSeq(string(buf[:n]), "\x00") {
		if name == "" || strings.HasPrefix(name, "trusted.") {
			continue
		}
		value := make([]byte, 4096)
		n, err := unix.Lgetxattr(p, name, value)
		if err != nil {
			return nil, err
		}
		out[name] = string(value[:n])
	}
	return out, nil
}
func (k *kernel) setxattr(p, name string, value *string) error {
	if value == nil {
		return unix.Removexattr(p, name)
	}
	return unix.Setxattr(p, name, []byte(*value), 0)
}

func (k *kernel) upper() []string {
	k.root(k.out)
	defer k.root(k.merged)
	top := k.layers[len(k.layers)-1]
	return k.upperDir(top, "", nil)
}

func (k *kernel) upperDir(top, dir string, out []string) []string {
	fd, err := unix.Open(top+dir, unix.O_RDONLY|unix.O_DIRECTORY, 0)
	check(err)
	names, err := namesOf(fd)
	unix.Close(fd)
	check(err)
	for _, n := range names {
		p := dir + "/" + n
		st, err := k.stat(top+p, false)
		check(err)
		if st.Type() == tree.CharDevice && st.Major == 0 && st.Minor == 0 {
			out = append(out, p+" whiteout")
			continue
		}
		line := p + " " + metadata(st) + " " + when(st.MTime)
		if st.IsDir() {
			mark := make([]byte, 4)
			if n, err := unix.Lgetxattr(top+p, "trusted.overlay.opaque", mark); err == nil && string(mark[:n]) == "y" {
				line += " opaque"
			}
		}
		out = append(out, line)
		if st.IsDir() {
			out = k.upperDir(top, p, out)
		}
	}
	return out
}
