package overlay_test

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"syscall"

	"github.com/layerlab/layerlab/sim/overlay"
	"github.com/layerlab/layerlab/sim/tree"
)

// show is what stat says, without what differs from machine to machine: the
// inode's number is replaced by the order in which inodes appeared, and times
// that no script set by "now".
func (r *runner) show(st overlay.Stat) string {
	i, ok := r.ino[st.Ino]
	if !ok {
		i = len(r.ino) + 1
		r.ino[st.Ino] = i
	}
	out := fmt.Sprintf("%s #%d links %d %s", metadata(st), i, st.Nlink, when(st.MTime))
	if !r.lines {
		return out
	}
	seen := r.times[st.Ino]
	if seen == nil {
		seen = &seenTimes{line: [3]int{r.n, r.n, r.n}, at: [3]tree.Time{st.MTime, st.CTime, st.ATime}}
		r.times[st.Ino] = seen
	}
	for i, t := range [3]tree.Time{st.MTime, st.CTime, st.ATime} {
		if seen.at[i] != t {
			seen.at[i], seen.line[i] = t, r.n
		}
	}
	return fmt.Sprintf("%s, times of lines %d, access %s", out, seen.line, when(st.ATime))
}

func metadata(st overlay.Stat) string {
	out := fmt.Sprintf("%c %04o %d:%d", typeLetter(st.Mode), st.Perm(), st.UID, st.GID)
	switch st.Type() {
	case tree.CharDevice, tree.BlockDevice:
		out += fmt.Sprintf(" %d,%d", st.Major, st.Minor)
	case tree.Directory:
	case tree.FIFO, tree.Socket:
		out += " 0"
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
	// Before the look at its times: overlayfs takes a mark of its own off a
	// directory when it is read.
	names, err := r.s.readdir(dir)
	if st, err := r.s.stat(dir, false); err == nil {
		out = append(out, dir+" "+r.show(st)+r.xattrs(dir))
	} else {
		out = append(out, dir+" lstat: "+errnoName(err))
	}
	if err != nil {
		return append(out, dir+" readdir: "+errnoName(err))
	}
	for _, n := range names {
		p := strings.TrimSuffix(dir, "/") + "/" + n
		st, err := r.s.stat(p, false)
		switch {
		case err != nil:
			out = append(out, p+" lstat: "+errnoName(err))
		case st.IsDir():
			out = r.dumpDir(p, out)
		default:
			out = append(out, p+" "+r.show(st)+r.content(p, st)+r.xattrs(p))
		}
	}
	return out
}

// content is what a symbolic link or a regular file holds.
func (r *runner) content(p string, st overlay.Stat) string {
	switch st.Type() {
	case tree.Symlink:
		to, err := r.s.readlink(p)
		return " -> " + to + extra(err)
	case tree.Regular:
		data, err := r.slurp(p)
		return " " + brief(data) + extra(err)
	}
	return ""
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

// xattrs is the attributes of p as dump shows them.
func (r *runner) xattrs(p string) string {
	names, err := r.s.listxattr(p, false)
	if err != nil {
		return " listxattr: " + errnoName(err)
	}
	var out strings.Builder
	for _, n := range names {
		value, err := r.s.getxattr(p, n, false)
		fmt.Fprintf(&out, " {%s=%s%s}", n, printable(value), extra(err))
	}
	return out.String()
}

// printable is s, quoted if it is not plain text.
func printable(s string) string {
	if q := strconv.Quote(s); q != `"`+s+`"` || len(s) > 40 {
		return brief(s)
	}
	return s
}

var errnoNames = map[syscall.Errno]string{
	syscall.E2BIG: "E2BIG", syscall.EACCES: "EACCES", syscall.EBADF: "EBADF", syscall.EBUSY: "EBUSY", syscall.EEXIST: "EEXIST",
	syscall.EINVAL: "EINVAL", syscall.EISDIR: "EISDIR", syscall.ELOOP: "ELOOP", syscall.ENAMETOOLONG: "ENAMETOOLONG",
	syscall.ENODATA: "ENODATA", syscall.ENOENT: "ENOENT", syscall.ENOTDIR: "ENOTDIR", syscall.ENOTEMPTY: "ENOTEMPTY",
	syscall.ENXIO: "ENXIO", syscall.ERANGE: "ERANGE", syscall.EFBIG: "EFBIG", syscall.ENOSPC: "ENOSPC", syscall.ESPIPE: "ESPIPE", syscall.EMLINK: "EMLINK", syscall.EOPNOTSUPP: "EOPNOTSUPP", syscall.EPERM: "EPERM", syscall.EROFS: "EROFS",
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
