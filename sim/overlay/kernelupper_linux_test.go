package overlay_test

import (
	"golang.org/x/sys/unix"

	"github.com/layerlab/layerlab/sim/tree"
)

// outside runs f outside of the mount with all capabilities; paths begin at the
// outside root.
func (k *kernel) outside(f func()) {
	k.capable(true)
	k.root(k.out)
	f()
	k.root(k.merged)
	k.capable(false)
}

func (k *kernel) upper() (out []string) {
	k.outside(func() { out = k.upperDir(k.top(), "", nil) })
	return out
}

func (k *kernel) top() string { return k.layers[len(k.layers)-1] }

// settle gives all of the upper that was changed "now" times in one second, no two
// alike, as the simulator's clock does, and to everything an access time as a layer
// would: that of its last change.
func (k *kernel) settle() {
	k.outside(func() { k.settleDir(k.top()) })
}

func (k *kernel) settleDir(p string) {
	st, err := k.stat(p, false)
	check(err)
	if st.IsDir() {
		fd, err := unix.Open(p, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
		check(err)
		names, err := namesOf(fd)
		unix.Close(fd)
		check(err)
		for _, n := range names {
			k.settleDir(p + "/" + n)
		}
	}
	t := st.MTime
	if t.Sec > simNow.Sec {
		k.stamps++
		t = tree.Time{Sec: simNow.Sec, Nsec: int32(k.stamps)}
	}
	ts := unix.Timespec{Sec: t.Sec, Nsec: int64(t.Nsec)}
	check(unix.UtimesNanoAt(unix.AT_FDCWD, p, []unix.Timespec{ts, ts}, unix.AT_SYMLINK_NOFOLLOW))
}

// tar is what BuildKit makes of the upper; nil where its code could not be built.
func (k *kernel) tar() (out []byte) {
	if k.ship == nil {
		return nil
	}
	k.settle()
	k.outside(func() { out = k.ship.tar(k.layers) })
	return out
}

func (k *kernel) upperDir(top, dir string, out []string) []string {
	fd, err := unix.Open(top+dir, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
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
