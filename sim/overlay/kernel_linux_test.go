package overlay_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/layerlab/layerlab/internal/mountns"
	"github.com/layerlab/layerlab/sim/tree"
)

// kernel is a real overlayfs as a system. It lives on a thread of its own, which
// has its own mount namespace, root directory, umask and user: the test process
// sees nothing of it.
type kernel struct {
	base   string // of everything, on a tmpfs
	out    int    // the outside root
	merged int    // the mounted overlay, or -1
	layers []string
	n      int
	probe  int  // a file that makes the clock tick
	fine   bool // changes in different lines have different times
	stamps int  // times that settle has given out

	dir, to int // where relative paths begin
	ship    *shipper
	plain   bool // nobody was become since it was root
	umask   uint32
}

// onKernel runs f with a kernel to make systems with, or says why it can not.
func onKernel(t *testing.T, f func(k *kernel)) bool {
	t.Helper()
	if os.Getuid() != 0 {
		fmt.Println("sim/overlay: not root: the comparison with the kernel's overlayfs does not run")
		return false
	}
	dir := t.TempDir()
	program := upperdiff() // here, where the go command finds everything
	refused := mountns.Run(dir, 0, func() error {
		k := &kernel{base: dir, merged: -1, dir: unix.AT_FDCWD, to: unix.AT_FDCWD}
		defer k.leave()
		if err := k.enter(program); err != nil {
			return err
		}
		f(k)
		return nil
	})
	if refused != nil {
		fmt.Println("sim/overlay: the comparison with the kernel's overlayfs does not run:", refused)
		return false
	}
	return true
}

func (k *kernel) enter(program string) error {
	k.mask(0o022)
	var err error
	if k.out, err = unix.Open("/", unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0); err != nil {
		return err
	}
	k.probe, err = unix.Open(k.base+"/probe", unix.O_CREAT|unix.O_RDWR|unix.O_CLOEXEC, 0o600)
	check(err)
	k.reset()
	if err := k.tryMount(); err != nil {
		return fmt.Errorf("mounting an overlay: %w", err)
	}
	k.fine = k.tellsTimesApart()
	k.outside(func() { k.ship = newShipper(program, k.base) })
	return nil
}

// tellsTimesApart reports whether what is changed after tick gets another time than
// what was changed before, as it does since Linux 6.13.
func (k *kernel) tellsTimesApart() bool {
	check(unix.Mkdir("/probe", 0o755))
	seen := map[tree.Time]bool{}
	for range 5 {
		for _, change := range []func(string, uint32) error{unix.Mkdir, func(p string, _ uint32) error { return unix.Rmdir(p) }} {
			k.tick()
			check(change("/probe/d", 0o755))
			st, err := k.stat("/probe", true)
			check(err)
			seen[st.CTime] = true
		}
	}
	return len(seen) == 10
}

// tick moves the clock of the file system on. It is coarse, some milliseconds; but
// a change to a file that was looked at in the same tick since its last change is
// given a fine time, and no later time is before that (the kernel's "multigrain
// timestamps").
func (k *kernel) tick() {
	var st unix.Stat_t
	for range 2 {
		check(unix.Fstat(k.probe, &st))
		check(unix.Fchmod(k.probe, 0o600))
	}
}

func (k *kernel) leave() {
	if k.ship != nil {
		k.ship.close()
	}
	k.unmount()
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
	d := filepath.Join(k.base, fmt.Sprint(kind, k.n))
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
	if err := unix.Mount("overlay", merged, "overlay", unix.MS_NOATIME, opts); err != nil {
		return err
	}
	var err error
	k.merged, err = unix.Open(merged, unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	k.root(k.merged)
	k.capable(false)
	return err
}

func (k *kernel) unmount() {
	if k.merged < 0 {
		return
	}
	k.capable(true)
	k.root(k.out)
	unix.Close(k.merged)
	k.merged = -1
	starting.RLock()
	check(unix.Unmount(filepath.Join(k.base, fmt.Sprint("merged", k.n)), 0))
	starting.RUnlock()
	os.RemoveAll(filepath.Join(k.base, fmt.Sprint("work", k.n-1)))
	os.RemoveAll(filepath.Join(k.base, fmt.Sprint("merged", k.n)))
}

// root makes a directory the root of this thread.
func (k *kernel) root(fd int) {
	check(unix.Fchdir(fd))
	check(unix.Chroot("."))
}

func (k *kernel) rotate() {
	k.settle()
	k.unmount()
	k.mount()
}

func (k *kernel) line(int) { k.tick() }
