package overlay_test

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"github.com/layerlab/layerlab/sim/overlay"
	"github.com/layerlab/layerlab/sim/tree"
)

// A script is a list of operations, one a line, that two file systems can run: the
// kernel's overlayfs (kernel_test.go) and this package. The words of a line are a
// call and its arguments as in the table of run, after an optional "as UID:GID".
// "rotate" turns the upper directory into the topmost lower layer and begins a new
// one, as a commit does. Every script begins on one empty lower layer.

// system is a file system that a script runs on.
type system interface {
	become(uid, gid uint32)
	stat(p string, follow bool) (overlay.Stat, error)
	open(p string, flags int, perm uint32) (handle, error)
	readdir(p string) ([]string, error)
	readlink(p string) (string, error)
	mkdir(p string, perm uint32) error
	mknod(p string, mode, major, minor uint32) error
	symlink(target, p string) error
	link(old, new string) error
	unlink(p string) error
	rmdir(p string) error
	rename(old, new string, flags uint) error
	chmod(p string, mode uint32) error
	chown(p string, uid, gid int, follow bool) error
	utimes(p string, sec int64) error
	truncate(p string, size int64) error
	access(p string, mask uint32) error
	xattrs(p string) (map[string]string, error)
	setxattr(p, name string, value *string) error
	rotate()
	upper() []string // as dump gives it, with whiteouts and opaque marks
}

type handle interface {
	read() (string, error)
	write(s string, off int64) error // off < 0: where it is
	close()
}

var openFlags = map[string]int{
	"r": os.O_RDONLY, "w": os.O_WRONLY, "rw": os.O_RDWR, "creat": os.O_CREATE, "excl": os.O_EXCL,
	"trunc": os.O_TRUNC, "append": os.O_APPEND, "nofollow": overlay.OpenNoFollow, "dir": overlay.OpenDirectory,
}

// A runner runs a script on a system.
type runner struct {
	s   system
	fds map[string]handle
	ino map[uint64]int // inode numbers by first appearance
}

func newRunner(s system) *runner {
	return &runner{s: s, fds: map[string]handle{}, ino: map[uint64]int{}}
}

func (r *runner) finish() {
	for _, h := range r.fds {
		h.close()
	}
	clear(r.fds)
}

func (r *runner) fclose(name string) {
	if h := r.fds[name]; h != nil {
		h.close()
	}
	delete(r.fds, name)
}

// do runs one line and answers its output, or the name of its errno.
func (r *runner) do(line string) string {
	f := strings.Fields(line)
	if f[0] == "as" {
		var uid, gid uint32
		fmt.Sscanf(f[1], "%d:%d", &uid, &gid)
		r.s.become(uid, gid)
		defer r.s.become(0, 0)
		f = f[2:]
	}
	out, err := r.call(f[0], append(f[1:], "", "", "", ""))
	if err != nil {
		return errnoName(err)
	}
	return out
}

func (r *runner) call(op string, a []string) (string, error) {
	s := r.s
	oct := func(i int) uint32 { n, _ := strconv.ParseUint(a[i], 8, 32); return uint32(n) }
	num := func(i int) int64 { n, _ := strconv.ParseInt(a[i], 10, 64); return n }
	p := unquote(a[0])
	switch op {
	case "mkdir":
		return "", s.mkdir(p, oct(1))
	case "write":
		return "", r.write(p, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, unquote(a[1]), -1)
	case "append":
		return "", r.write(p, os.O_WRONLY|os.O_APPEND, unquote(a[1]), -1)
	case "pwrite":
		return "", r.write(p, os.O_WRONLY, unquote(a[2]), num(1))
	case "open":
		h, err := r.open(p, a[1], oct(2))
		if err == nil {
			h.close()
		}
		return "", err
	case "fopen": // fopen NAME PATH FLAGS: kept open under NAME
		h, err := r.open(unquote(a[1]), a[2], 0o666)
		if err == nil {
			r.fclose(a[0])
			r.fds[a[0]] = h
		}
		return "", err
	case "fclose":
		r.fclose(a[0])
		return "", nil
	case "fread", "fwrite":
		h := r.fds[a[0]]
		if h == nil {
			return "", syscall.EBADF
		}
		if op == "fwrite" {
			return "", h.write(unquote(a[1]), -1)
		}
		return h.read()
	case "read":
		return r.read(p)
	case "mknod":
		kind := map[string]uint32{"c": tree.CharDevice, "b": tree.BlockDevice, "p": tree.FIFO, "s": tree.Socket, "f": tree.Regular}
		return "", s.mknod(p, kind[a[1]]|oct(2), uint32(num(3)), uint32(num(4)))
	case "symlink":
		return "", s.symlink(p, unquote(a[1]))
	case "link":
		return "", s.link(p, unquote(a[1]))
	case "unlink":
		return "", s.unlink(p)
	case "rmdir":
		return "", s.rmdir(p)
	case "rmtree":
		return "", r.rmtree(p)
	case "rename":
		return "", s.rename(p, unquote(a[1]), 0)
	case "noreplace":
		return "", s.rename(p, unquote(a[1]), overlay.RenameNoReplace)
	case "exchange":
		return "", s.rename(p, unquote(a[1]), overlay.RenameExchange)
	case "chmod":
		return "", s.chmod(p, oct(1))
	case "chown":
		return "", s.chown(p, int(num(1)), int(num(2)), true)
	case "lchown":
		return "", s.chown(p, int(num(1)), int(num(2)), false)
	case "utimes":
		return "", s.utimes(p, num(1))
	case "truncate":
		return "", s.truncate(p, num(1))
	case "access":
		return "", s.access(p, uint32(num(1)))
	case "setxattr":
		return "", s.setxattr(p, a[1], &a[2])
	case "rmxattr":
		return "", s.setxattr(p, a[1], nil)
	case "stat", "lstat":
		st, err := s.stat(p, op == "stat")
		if err != nil {
			return "", err
		}
		return r.show(st), nil
	case "readlink":
		return s.readlink(p)
	case "readdir":
		names, err := s.readdir(p)
		return strings.Join(names, " "), err
	case "rotate":
		r.finish()
		clear(r.ino)
		s.rotate()
		return "", nil
	}
	panic("no such operation: " + op)
}

// unquote lets a word stand for what a line can not hold: <5000 x> is 5,000 x.
func unquote(s string) string {
	n, c, ok := strings.Cut(strings.Trim(s, "<>"), "*")
	count, err := strconv.Atoi(n)
	if s == "\"\"" {
		return ""
	}
	if !strings.HasPrefix(s, "<") || !ok || err != nil {
		return s
	}
	return strings.Repeat(c, count)
}

func (r *runner) open(p, flags string, perm uint32) (handle, error) {
	var bits int
	for f := range strings.SplitSeq(flags, ",") {
		bits |= openFlags[f]
	}
	return r.s.open(p, bits, perm)
}

func (r *runner) write(p string, flags int, data string, off int64) error {
	h, err := r.s.open(p, flags, 0o666)
	if err != nil {
		return err
	}
	defer h.close()
	return h.write(data, off)
}

func (r *runner) read(p string) (string, error) {
	h, err := r.s.open(p, os.O_RDONLY, 0)
	if err != nil {
		return "", err
	}
	defer h.close()
	return h.read()
}

func (r *runner) rmtree(p string) error {
	st, err := r.s.stat(p, false)
	if err != nil {
		return err
	}
	if !st.IsDir() {
		return r.s.unlink(p)
	}
	names, err := r.s.readdir(p)
	for _, n := range names {
		if err := r.rmtree(p + "/" + n); err != nil {
			return err
		}
	}
	if err != nil {
		return err
	}
	return r.s.rmdir(p)
}

// show is what stat says, without what differs from machine to machine: the
// inode's number is replaced by the order in which inodes appeared, and times
// that no script set by "now".
func (r *runner) show(st overlay.Stat) string {
	i, ok := r.ino[st.Ino]
	if !ok {
		i = len(r.ino) + 1
		r.ino[st.Ino] = i
	}
	return fmt.Sprintf("%s #%d links %d %s", metadata(st), i, st.Nlink, when(st.MTime))
}

func metadata(st overlay.Stat) string {
	out := fmt.Sprintf("%c %04o %d:%d", typeLetter(st.Mode), st.Perm(), st.UID, st.GID)
	switch st.Type() {
	case tree.CharDevice, tree.BlockDevice:
		out += fmt.Sprintf(" %d,%d", st.Major, st.Minor)
	case tree.Directory:
	default:
		out += fmt.Sprintf(" %d", st.Size)
	}
	return out
}

func when(t tree.Time) string {
	if t.Sec < 100_000 {
		return fmt.Sprintf("@%d", t.Sec)
	}
	return "now"
}

func typeLetter(mode uint32) byte {
	return map[uint32]byte{
		tree.Regular: '-', tree.Directory: 'd', tree.Symlink: 'l', tree.CharDevice: 'c',
		tree.BlockDevice: 'b', tree.FIFO: 'p', tree.Socket: 's',
	}[mode&tree.TypeMask]
}

// dump is the whole merged tree, one line a path.
func (r *runner) dump() []string { return r.dumpDir("/", nil) }

func (r *runner) dumpDir(dir string, out []string) []string {
	if dir == "/" {
		st, err := r.s.stat("/", false)
		out = append(out, fmt.Sprint("/ ", r.show(st), extra(err)))
	}
	names, err := r.s.readdir(dir)
	if err != nil {
		return append(out, dir+" readdir: "+errnoName(err))
	}
	for _, n := range names {
		p := strings.TrimSuffix(dir, "/") + "/" + n
		st, err := r.s.stat(p, false)
		if err != nil {
			out = append(out, p+" lstat: "+errnoName(err))
			continue
		}
		line := p + " " + r.show(st)
		switch st.Type() {
		case tree.Symlink:
			to, err := r.s.readlink(p)
			line += " -> " + to + extra(err)
		case tree.Regular:
			data, err := r.read(p)
			line += " " + brief(data) + extra(err)
		}
		if x, err := r.s.xattrs(p); err == nil {
			line += showXattrs(x)
		}
		out = append(out, line)
		if st.IsDir() {
			out = r.dumpDir(p, out)
		}
	}
	return out
}

func extra(err error) string {
	if err == nil {
		return ""
	}
	return " " + errnoName(err)
}

func brief(data string) string {
	if len(data) > 40 {
		return fmt.Sprintf("%q and %d more", data[:20], len(data)-20)
	}
	return strconv.Quote(data)
}

func showXattrs(x map[string]string) string {
	var out []string
	for k, v := range x {
		out = append(out, fmt.Sprintf(" {%s=%s}", k, v))
	}
	slices.Sort(out)
	return strings.Join(out, "")
}

var errnoNames = map[syscall.Errno]string{
	syscall.EACCES: "EACCES", syscall.EBADF: "EBADF", syscall.EBUSY: "EBUSY", syscall.EEXIST: "EEXIST",
	syscall.EINVAL: "EINVAL", syscall.EISDIR: "EISDIR", syscall.ELOOP: "ELOOP", syscall.ENAMETOOLONG: "ENAMETOOLONG",
	syscall.ENODATA: "ENODATA", syscall.ENOENT: "ENOENT", syscall.ENOTDIR: "ENOTDIR", syscall.ENOTEMPTY: "ENOTEMPTY",
	syscall.ENXIO: "ENXIO", syscall.EOPNOTSUPP: "EOPNOTSUPP", syscall.EPERM: "EPERM", syscall.EROFS: "EROFS",
	syscall.ESTALE: "ESTALE", syscall.EXDEV: "EXDEV",
}

// errnoName is "ENOENT" for syscall.ENOENT.
func errnoName(err error) string {
	var e syscall.Errno
	if errors.As(err, &e) && errnoNames[e] != "" {
		return errnoNames[e]
	}
	return "error " + err.Error()
}
