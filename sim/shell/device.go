package shell

import (
	"io"
	"path"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/layerlab/layerlab/sim/content"
	"github.com/layerlab/layerlab/sim/overlay"
	"github.com/layerlab/layerlab/sim/tree"
)

// openDevice opens a device node by its numbers (Linux, admin-guide/devices.txt).
func (p *Process) openDevice(name string, v *overlay.View, sub string, st overlay.Stat, flags int) (*desc, error) {
	mask := uint32(4)
	if flags&3 != 0 {
		mask = 2
	}
	if err := v.Access(sub, mask); err != nil {
		return nil, err
	}
	d := &desc{refs: 1, name: "/dev/" + strconv.Itoa(int(st.Minor))}
	if st.Type() == tree.CharDevice && st.Major == 1 {
		d.w = io.Discard
		switch st.Minor {
		case 3:
			d.name, d.r = "/dev/null", eof{}
			return d, nil
		case 5:
			d.name, d.r = "/dev/zero", zeroes{}
			return d, nil
		case 7:
			d.name, d.r, d.w = "/dev/full", zeroes{}, full{}
			return d, nil
		case 8, 9:
			d.name, d.r = "/dev/urandom", noise{p.k}
			return d, nil
		}
	}
	if st.Type() == tree.CharDevice && st.Major == 5 && st.Minor == 0 {
		return nil, pathErr("open", name, syscall.ENXIO) // no controlling terminal
	}
	return nil, pathErr("open", name, syscall.ENXIO)
}

type eof struct{}

func (eof) Read([]byte) (int, error) { return 0, io.EOF }

type zeroes struct{}

func (zeroes) Read(b []byte) (int, error) { clear(b); return len(b), nil }

type full struct{}

func (full) Write([]byte) (int, error) { return 0, syscall.ENOSPC }

// noise is random bytes that are the same in every run.
type noise struct{ k *kernel }

func (n noise) Read(b []byte) (int, error) {
	for i := range b {
		b[i] = byte(n.k.guess() >> 32)
	}
	return len(b), nil
}

type fifoKey struct {
	m   *overlay.Mount
	ino uint64
}

// openFIFO opens a named pipe. Opening waits for the other end, as fifo(7) says.
func (p *Process) openFIFO(v *overlay.View, st overlay.Stat, flags int) (*desc, error) {
	k := p.k
	if k.fifos == nil {
		k.fifos = map[fifoKey]*pipe{}
	}
	key := fifoKey{v.Mount(), st.Ino}
	e := k.fifos[key]
	if e == nil {
		e = &pipe{k: k}
		k.fifos[key] = e
	}
	if flags&3 == 0 {
		e.readers++
		k.wakeAll(&e.canWrite)
		for e.writers == 0 && len(e.buf) == 0 {
			if err := k.park(&e.canRead); err != nil {
				e.readers--
				return nil, pathErr("open", st.Path, err)
			}
		}
		return e.readEnd(), nil
	}
	e.writers++
	k.wakeAll(&e.canRead)
	for e.readers == 0 {
		if err := k.park(&e.canWrite); err != nil {
			e.writers--
			return nil, pathErr("open", st.Path, err)
		}
	}
	return e.writeEnd(), nil
}

// systemMounts are the file systems that every container has mounted, as runc
// makes them: nothing that is written there becomes part of a layer.
func (p *Process) systemMounts(now time.Time) []Mounted {
	at := tree.TimeOf(now)
	return []Mounted{
		{Path: "/proc", View: mountOf(p.procTree(at)), ReadOnly: true, Type: "proc"},
		{Path: "/dev", View: mountOf(devTree(at)), Type: "tmpfs"},
		{Path: "/sys", View: mountOf(sysTree(at)), ReadOnly: true, Type: "sysfs"},
	}
}

func mountOf(t *tree.Tree) *overlay.View { return overlay.New(nil, t, overlay.Options{}).Root() }

func devTree(at tree.Time) *tree.Tree {
	t := tree.New(at)
	for name, minor := range map[string]uint32{"null": 3, "zero": 5, "full": 7, "random": 8, "urandom": 9} {
		t.Add(tree.Root, name, tree.Inode{Mode: tree.CharDevice | 0o666, Major: 1, Minor: minor, MTime: at})
	}
	t.Add(tree.Root, "tty", tree.Inode{Mode: tree.CharDevice | 0o666, Major: 5, MTime: at})
	for name, to := range map[string]string{
		"fd": "/proc/self/fd", "stdin": "/proc/self/fd/0", "stdout": "/proc/self/fd/1",
		"stderr": "/proc/self/fd/2", "ptmx": "pts/ptmx",
	} {
		t.Add(tree.Root, name, tree.Inode{Mode: tree.Symlink | 0o777, Target: to, MTime: at})
	}
	for _, name := range []string{"shm", "mqueue"} {
		t.Add(tree.Root, name, tree.Inode{Mode: tree.Directory | tree.Sticky | 0o777, MTime: at})
	}
	t.Add(tree.Root, "pts", tree.Inode{Mode: tree.Directory | 0o755, MTime: at})
	return t
}

func sysTree(at tree.Time) *tree.Tree {
	t := tree.New(at)
	t.Update(tree.Root, func(n *tree.Inode) { n.Mode = tree.Directory | 0o555 })
	for _, name := range []string{"block", "bus", "class", "dev", "devices", "firmware", "fs", "kernel", "module", "power"} {
		t.Add(tree.Root, name, tree.Inode{Mode: tree.Directory | 0o755, MTime: at})
	}
	return t
}

func (p *Process) procTree(at tree.Time) *tree.Tree {
	t := tree.New(at)
	t.Update(tree.Root, func(n *tree.Inode) { n.Mode = tree.Directory | 0o555 })
	dir := func(in tree.Ino, name string) tree.Ino {
		return t.Add(in, name, tree.Inode{Mode: tree.Directory | 0o555, MTime: at})
	}
	file := func(in tree.Ino, name, text string) {
		t.Add(in, name, tree.Inode{Mode: tree.Regular | 0o444, Body: content.String(text), MTime: at})
	}
	how := "rw"
	if p.ReadOnly {
		how = "ro"
	}
	mounts := "overlay / overlay " + how + ",relatime 0 0\nproc /proc proc rw,nosuid,nodev,noexec,relatime 0 0\n" +
		"tmpfs /dev tmpfs rw,nosuid,size=65536k,mode=755 0 0\nsysfs /sys sysfs ro,nosuid,nodev,noexec,relatime 0 0\n"
	for _, m := range p.Mounts {
		how := "rw"
		if m.ReadOnly {
			how = "ro"
		}
		mounts += "/dev/vda " + m.Path + " ext4 " + how + ",relatime 0 0\n"
	}
	file(tree.Root, "filesystems", "nodev\tsysfs\nnodev\ttmpfs\nnodev\tproc\nnodev\toverlay\n\text4\n")
	file(tree.Root, "version", "Linux version "+kernelRelease+" (layerlab) #1 SMP\n")
	file(tree.Root, "meminfo", "MemTotal:        4194304 kB\nMemFree:         3145728 kB\nMemAvailable:    3670016 kB\n")
	file(tree.Root, "uptime", "100.00 200.00\n")
	file(tree.Root, "loadavg", "0.00 0.00 0.00 1/1 1\n")
	file(tree.Root, "cpuinfo", "processor\t: 0\nmodel name\t: simulated\n\nprocessor\t: 1\nmodel name\t: simulated\n\n")
	t.Add(tree.Root, "mounts", tree.Inode{Mode: tree.Symlink | 0o777, Target: "self/mounts", MTime: at})
	for _, name := range []string{"1", "self"} {
		d := dir(tree.Root, name)
		file(d, "mounts", mounts)
		file(d, "cmdline", "sh\x00")
		file(d, "comm", "sh\n")
		file(d, "cgroup", "0::/\n")
		file(d, "status", "Name:\tsh\nState:\tR (running)\nPid:\t1\n")
		fd := dir(d, "fd")
		for _, n := range []string{"0", "1", "2"} {
			t.Add(fd, n, tree.Inode{Mode: tree.Symlink | 0o700, Target: "pipe:[" + n + "]", MTime: at})
		}
	}
	return t
}

// procSelf is the files of /proc/self that tell of the process that reads them.
func (p *Process) procSelf(name string) (string, bool) {
	switch path.Clean(p.abs(name)) {
	case "/proc/self/comm":
		return baseName(p.Args[0]) + "\n", true
	case "/proc/self/cmdline":
		return strings.Join(p.Args, "\x00") + "\x00", true
	case "/proc/self/environ":
		return strings.Join(p.Env, "\x00") + "\x00", true
	}
	return "", false
}

// kernelRelease is what uname -r says.
const kernelRelease = "6.1.0-layerlab"
