package fsops

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"github.com/layerlab/layerlab/internal/mountns"
	"github.com/layerlab/layerlab/sim/tree"
)

// A Kernel is the overlayfs of the machine's own kernel as a System. It lives on a
// thread of its own, which has its own mount namespace, root directory, umask, user
// and capabilities: the rest of the program sees nothing of it.
type Kernel struct {
	dir     string // of everything, on a tmpfs
	out     int    // the outside root
	merged  int    // the mounted overlay, or -1
	first   []Lower
	layers  []string // directories, lowest first; the upper is the last
	n       int
	user    User
	writers map[int]uint64 // the FIFOs that descriptors have open for writing, by inode
}

var _ System = (*Kernel)(nil)

// WithKernel runs f with the union of lowers on the kernel's overlayfs. It needs
// root; the error says what is refused.
func WithKernel(lowers []Lower, f func(*Kernel) error) error {
	dir, err := os.MkdirTemp("", "fsops")
	if err != nil {
		return err
	}
	defer os.Remove(dir)
	return mountns.Run(dir, unix.MS_NOATIME, func() error {
		k := &Kernel{dir: dir, merged: -1, first: lowers, writers: map[int]uint64{}}
		if err := k.enter(); err != nil {
			return err
		}
		defer k.unmount()
		return f(k)
	})
}

func (k *Kernel) enter() error {
	unix.Umask(0)
	var err error
	if k.out, err = unix.Open("/", unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0); err != nil {
		return err
	}
	return k.Reset()
}

// outside lets this thread see the machine's files again, as root.
func (k *Kernel) outside() error {
	k.Become(User{})
	if err := admin(); err != nil {
		return err
	}
	return chroot(k.out)
}

func chroot(fd int) error {
	if err := unix.Fchdir(fd); err != nil {
		return err
	}
	return unix.Chroot(".")
}

// Reset begins again with the layers of the start.
func (k *Kernel) Reset() error {
	if err := k.unmount(); err != nil {
		return err
	}
	for _, d := range k.layers {
		os.RemoveAll(d)
	}
	k.layers = nil
	list := k.first
	if len(list) == 0 {
		list = []Lower{{Name: "an empty directory", Tree: tree.New(Start)}}
	}
	for i := range list {
		d, err := k.newDir("lower")
		if err != nil {
			return err
		}
		if err := unpack(list, i, d); err != nil {
			return fmt.Errorf("unpacking the lower layer %s: %w", list[i].Name, err)
		}
		k.layers = append(k.layers, d)
	}
	return k.Rotate()
}

func (k *Kernel) newDir(kind string) (string, error) {
	k.n++
	d := filepath.Join(k.dir, fmt.Sprint(kind, k.n))
	return d, os.Mkdir(d, 0o755)
}

// Rotate makes the upper directory the topmost lower layer.
func (k *Kernel) Rotate() error {
	if err := k.unmount(); err != nil {
		return err
	}
	upper, err := k.newDir("upper")
	if err != nil {
		return err
	}
	k.layers = append(k.layers, upper)
	return k.mount(false)
}

// Remount takes the mount down and up again.
func (k *Kernel) Remount(readOnly bool) error {
	if err := k.unmount(); err != nil {
		return err
	}
	return k.mount(readOnly)
}

func (k *Kernel) mount(readOnly bool) error {
	work, err := k.newDir("work")
	if err != nil {
		return err
	}
	merged := filepath.Join(k.dir, "merged")
	if err := os.MkdirAll(merged, 0o755); err != nil {
		return err
	}
	top := len(k.layers) - 1
	lowers := slices.Clone(k.layers[:top])
	slices.Reverse(lowers)
	opts := fmt.Sprintf("lowerdir=%s,upperdir=%s,workdir=%s,index=off,redirect_dir=off,metacopy=off,xino=off",
		strings.Join(lowers, ":"), k.layers[top], work)
	flags := uintptr(unix.MS_NOATIME)
	if readOnly {
		flags |= unix.MS_RDONLY
	}
	if err := unix.Mount("overlay", merged, "overlay", flags, opts); err != nil {
		return fmt.Errorf("mounting an overlay: %w", err)
	}
	if k.merged, err = unix.Open(merged, unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0); err != nil {
		return err
	}
	return chroot(k.merged)
}

func (k *Kernel) unmount() error {
	if k.merged < 0 {
		return nil
	}
	if err := k.outside(); err != nil {
		return err
	}
	unix.Close(k.merged)
	k.merged = -1
	return unix.Unmount(filepath.Join(k.dir, "merged"), 0)
}

// Sleep waits.
func (k *Kernel) Sleep(t tree.Time) {
	time.Sleep(time.Duration(t.Sec)*time.Second + time.Duration(t.Nsec))
}

// Become makes this thread the user u, with the capabilities of a container's root
// if it is root.
func (k *Kernel) Become(u User) {
	unix.Umask(int(u.Umask))
	must := func(call, a, b, c uintptr) {
		if _, _, e := unix.RawSyscall(call, a, b, c); e != 0 {
			panic(fmt.Sprint("becoming another user: ", e))
		}
	}
	must(unix.SYS_SETRESUID, 0, 0, 0)
	if err := setCaps(everything); err != nil {
		panic(err)
	}
	must(unix.SYS_SETRESGID, uintptr(u.GID), uintptr(u.GID), uintptr(u.GID))
	if err := setGroups(u.Groups); err != nil {
		panic(err)
	}
	if u.UID != 0 {
		must(unix.SYS_SETRESUID, uintptr(u.UID), uintptr(u.UID), 0)
	} else if err := setCaps(container); err != nil {
		panic(err)
	}
	k.user = u
}

func admin() error { return setCaps(everything) }

// Upper is the upper directory as it is stored.
func (k *Kernel) Upper() ([]Stored, error) {
	cwd, err := unix.Open(".", unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	defer unix.Close(cwd)
	if err := k.outside(); err != nil {
		return nil, err
	}
	defer func() {
		chroot(k.merged)
		unix.Fchdir(cwd)
	}()
	return walkUpper(k.layers[len(k.layers)-1], "", nil)
}

func walkUpper(top, p string, out []Stored) ([]Stored, error) {
	list, err := os.ReadDir(top + p)
	if err != nil {
		return nil, err
	}
	for _, e := range list {
		c := p + "/" + e.Name()
		var st unix.Stat_t
		if err := unix.Lstat(top+c, &st); err != nil {
			return nil, err
		}
		s := Stored{Path: c, Stat: kernelStat(&st), Xattrs: map[string]string{}}
		if st.Mode&unix.S_IFMT == unix.S_IFLNK {
			if s.Target, err = os.Readlink(top + c); err != nil {
				return nil, err
			}
		}
		names, err := xattrList(func(b []byte) (int, error) { return unix.Llistxattr(top+c, b) })
		if err != nil {
			return nil, err
		}
		for _, n := range names {
			if strings.HasPrefix(n, "trusted.overlay.") && n != opaqueXattr {
				continue
			}
			v, err := getXattrBytes(func(b []byte) (int, error) { return unix.Lgetxattr(top+c, n, b) })
			if err != nil {
				return nil, err
			}
			if n != opaqueXattr || v == "y" { // "x" says that there may be whiteouts that are attributes
				s.Xattrs[n] = v
			}
		}
		out = append(out, s)
		if e.IsDir() {
			if out, err = walkUpper(top, c, out); err != nil {
				return nil, err
			}
		}
	}
	return out, nil
}
