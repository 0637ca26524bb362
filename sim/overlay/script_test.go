package overlay_test

import (
	"os"
	"strconv"
	"strings"
	"syscall"

	"github.com/layerlab/layerlab/sim/overlay"
	"github.com/layerlab/layerlab/sim/tree"
)

// A script is a list of operations, one a line, that two file systems can run: the
// kernel's overlayfs (kernel_linux_test.go) and this package (simulated_test.go).
// The words of a line are a call and its arguments, as in the tables of
// operations_test.go, after any of these:
//
//	as UID:GID[:GROUP,...]   made by that user; else by a container's root
//	umask MODE               with that umask; else 022
//	at HANDLE                relative paths begin at the open directory HANDLE
//	to HANDLE                that of the new name of link and rename does
//
// "rotate" turns the upper directory into the topmost lower layer and begins a new
// one, as a commit does. Every script begins on one empty lower layer.

// system is a file system that a script runs on.
type system interface {
	become(c overlay.Cred)
	at(dir, to handle) // nil: the root
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
	utimens(p string, atime, mtime overlay.SetTime, follow bool) error
	truncate(p string, size int64) error
	access(p string, mask uint32) error
	getxattr(p, name string, follow bool) (string, error)
	listxattr(p string, follow bool) ([]string, error)
	setxattr(p, name string, value *string, flags int, follow bool) error
	statfs() (overlay.Statfs, error)
	line(n int) // the operations that follow belong to line n
	rotate()
	upper() []string // as dump gives it, with whiteouts and opaque marks
	tar() []byte     // the layer that the upper makes; nil if this system cannot make it
}

// handle is an open file.
type handle interface {
	read(size int) (string, error)
	pread(size int, off int64) (string, error)
	write(s string, off int64) error // off < 0: where it is
	seek(off int64, whence int) (int64, error)
	truncate(size int64) error
	chmod(mode uint32) error
	chown(uid, gid int) error
	utimens(atime, mtime overlay.SetTime) error
	getxattr(name string) (string, error)
	listxattr() ([]string, error)
	setxattr(name string, value *string, flags int) error
	stat() (overlay.Stat, error)
	readdir() ([]string, error)
	sync() error
	close() error
}

var openFlags = map[string]int{
	"r": os.O_RDONLY, "w": os.O_WRONLY, "rw": os.O_RDWR, "creat": os.O_CREATE, "excl": os.O_EXCL,
	"trunc": os.O_TRUNC, "append": os.O_APPEND, "nofollow": overlay.OpenNoFollow, "dir": overlay.OpenDirectory,
	"path": overlay.OpenPath, "tmpfile": overlay.OpenTmpfile,
}

// A runner runs a script on a system.
type runner struct {
	s     system
	fds   map[string]handle
	ino   map[uint64]int // inode numbers by first appearance
	times map[uint64]*seenTimes
	n     int  // line
	lines bool // show the line at which a time changed, where the kernel can tell
}

// seenTimes is an inode's times and the lines at which they were first seen.
type seenTimes struct {
	at   [3]tree.Time
	line [3]int
}

func newRunner(s system) *runner {
	return &runner{s: s, fds: map[string]handle{}, ino: map[uint64]int{}, times: map[uint64]*seenTimes{}}
}

func (r *runner) finish() {
	for _, h := range r.fds {
		h.close()
	}
	clear(r.fds)
}

// user is who makes a call when a line does not say it.
var user = overlay.Cred{Umask: 0o022}

// do runs one line and answers its output, or the name of its errno.
func (r *runner) do(line string) string {
	r.n++
	r.s.line(r.n)
	f := strings.Fields(line)
	c := user
	var dir, to handle
	for len(f) > 2 {
		switch f[0] {
		case "as":
			ids := strings.Split(f[1], ":")
			c.UID, c.GID = number(ids[0]), number(ids[1])
			for _, g := range ids[2:] {
				for g := range strings.SplitSeq(g, ",") {
					c.Groups = append(c.Groups, number(g))
				}
			}
		case "umask":
			m, _ := strconv.ParseUint(f[1], 8, 32)
			c.Umask = uint32(m)
		case "at", "to":
			h := r.fds[f[1]]
			if h == nil {
				return "EBADF"
			}
			if to = h; f[0] == "at" {
				dir = h
			}
		default:
			goto done
		}
		f = f[2:]
	}
done:
	r.s.at(dir, to)
	r.s.become(c)
	out, err := r.call(f[0], append(f[1:], "", "", "", "", ""))
	r.s.become(user)
	r.s.at(nil, nil)
	if err != nil {
		return errnoName(err)
	}
	return out
}

func number(s string) uint32 { n, _ := strconv.ParseUint(s, 10, 32); return uint32(n) }

func (r *runner) call(op string, a []string) (string, error) {
	for i := range a {
		a[i] = unquote(a[i])
	}
	if op == "rotate" {
		r.finish()
		clear(r.ino)
		clear(r.times)
		r.s.rotate()
		return "", nil
	}
	if do := operations[op]; do != nil {
		return do(r, args(a))
	}
	do := handleOperations[op]
	if do == nil {
		panic("no such operation: " + op)
	}
	h := r.fds[a[0]]
	if h == nil {
		return "", syscall.EBADF
	}
	return do(r, h, args(a[1:]))
}

// args is the arguments of a call.
type args []string

func (a args) oct(i int) uint32 { n, _ := strconv.ParseUint(a[i], 8, 32); return uint32(n) }
func (a args) num(i int) int64  { n, _ := strconv.ParseInt(a[i], 10, 64); return n }

func (a args) flags(i int) (bits int) {
	for f := range strings.SplitSeq(a[i], ",") {
		bits |= openFlags[f]
	}
	return bits
}

// time is a number of seconds, "now" or "omit".
func (a args) time(i int) overlay.SetTime {
	switch a[i] {
	case "now":
		return overlay.TimeNow
	case "omit":
		return overlay.TimeOmit
	}
	return overlay.SetTo(tree.Time{Sec: a.num(i)})
}

func (a args) xattrFlags(i int) int {
	return map[string]int{"create": overlay.XattrCreate, "replace": overlay.XattrReplace, "bad": 8}[a[i]]
}

// unquote lets a word stand for what a line can not hold: <5000*x> is 5,000 x,
// <cap> is a file capability.
func unquote(s string) string {
	switch s {
	case "\"\"":
		return ""
	case "<cap>":
		return "\x01\x00\x00\x02\x00\x20\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
	}
	at := strings.IndexByte(s, '<')
	if at < 0 || !strings.Contains(s[at:], "*") {
		return s
	}
	end := strings.IndexByte(s[at:], '>')
	if end < 0 {
		return s
	}
	n, c, _ := strings.Cut(s[at+1:at+end], "*")
	count, err := strconv.Atoi(n)
	if err != nil {
		return s
	}
	return s[:at] + strings.Repeat(c, count) + s[at+end+1:]
}
