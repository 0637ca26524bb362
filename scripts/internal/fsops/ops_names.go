package fsops

import (
	"cmp"
	"errors"
	"slices"
	"syscall"

	"github.com/layerlab/layerlab/sim/tree"
)

var (
	fMajor = may("major", kMajor, "0")
	fMinor = may("minor", kMajor, "0")
	fType  = may("type", kType, "that of `mode`")
)

var nameOps = []Operation{
	{Name: "mkdir", Fields: []Field{fPath, may("mode", kMode, "0777")}, run: opMkdir},
	{Name: "mkdirat", Fields: []Field{fDirFD, fPath, may("mode", kMode, "0777")}, run: opMkdir},
	{Name: "rmdir", Fields: []Field{fPath}, run: unlinkAs(atRemoveDir)},
	{Name: "unlink", Fields: []Field{fPath}, run: unlinkAs(0)},
	{Name: "unlinkat", Fields: []Field{fDirFD, fPath, fAt}, run: unlinkAs(-1)},
	{Name: "mknod", Fields: []Field{fPath, may("mode", kMode, "0666"), fType, fMajor, fMinor}, Notes: "The type is in `mode`, as mknod(2) has it, or in `type` by name; without both it is a regular file.", run: opMknod},
	{Name: "mknodat", Fields: []Field{fDirFD, fPath, may("mode", kMode, "0666"), fType, fMajor, fMinor}, run: opMknod},
	{Name: "mkfifo", Fields: []Field{fPath, may("mode", kMode, "0666")}, run: opMkfifo},
	{Name: "mkfifoat", Fields: []Field{fDirFD, fPath, may("mode", kMode, "0666")}, run: opMkfifo},
	{Name: "bind", Fields: []Field{fPath}, Notes: "A socket in the file system, as bind(2) of a UNIX socket makes it. EADDRINUSE where the name is taken.", run: opBind},
	{Name: "bindat", Fields: []Field{fDirFD, fPath}, run: opBind},
	{Name: "connect", Fields: []Field{fPath}, Notes: "Nobody listens: the answer is ECONNREFUSED, or what is wrong with the path before that.", run: opConnect},
	{Name: "connectat", Fields: []Field{fDirFD, fPath}, run: opConnect},
	{Name: "link", Fields: []Field{fPath, fTo}, Notes: "`path` is the old name, `to` the new one.", run: opLink},
	{Name: "linkat", Fields: []Field{fDirFD, fPath, fToDir, fTo, fAt}, run: opLink},
	{Name: "symlink", Fields: []Field{need("target", kPath), fPath}, Notes: "`path` is the name of the link, `target` what it holds.", run: opSymlink},
	{Name: "symlinkat", Fields: []Field{need("target", kPath), fDirFD, fPath}, run: opSymlink},
	{Name: "readlink", Fields: []Field{fPath}, Answer: "`target` or `target_base64`", run: opReadlink},
	{Name: "readlinkat", Fields: []Field{fDirFD, fPath}, Answer: "`target` or `target_base64`", run: opReadlink},
	{Name: "rename", Fields: []Field{fPath, fTo}, Notes: "`path` is the old name, `to` the new one.", run: opRename},
	{Name: "renameat", Fields: []Field{fDirFD, fPath, fToDir, fTo}, run: opRename},
	{Name: "renameat2", Fields: []Field{fDirFD, fPath, fToDir, fTo, may("flags", kRename, "0")}, run: opRename},
	{Name: "readdir", Fields: []Field{fPath}, Answer: "`entries`: all names, sorted bytewise, each `name` (or `name_base64`), `ino`, `type`; without `.` and `..`", Notes: "What opendir, readdir and closedir do together.", run: opReaddir},
}

func opMkdir(c *call) error {
	return c.sys.Mkdirat(c.dir("dirfd"), c.str("path"), c.mode("mode", 0o777)&0o7777)
}

func unlinkAs(flags int) func(*call) error {
	return func(c *call) error { return c.sys.Unlinkat(c.dir("dirfd"), c.str("path"), c.given(flags)) }
}

func opMknod(c *call) error {
	mode := c.mode("mode", 0o666)
	if t := uint32(c.flags("type")); c.has("type") {
		if in := mode & tree.TypeMask; in != 0 && in != t {
			return bad("type", "another than the one in mode, %s", octal(in>>12))
		}
		mode |= t
	}
	return c.sys.Mknodat(c.dir("dirfd"), c.str("path"), mode, c.mode("major", 0), c.mode("minor", 0))
}

func opMkfifo(c *call) error {
	return c.sys.Mknodat(c.dir("dirfd"), c.str("path"), tree.FIFO|c.mode("mode", 0o666)&0o7777, 0, 0)
}

// maxSocketPath is the longest path that a UNIX socket's address holds (unix(7)).
const maxSocketPath = 107

func opBind(c *call) error {
	if len(c.str("path")) > maxSocketPath {
		return syscall.EINVAL
	}
	err := c.sys.Mknodat(c.dir("dirfd"), c.str("path"), tree.Socket|0o777, 0, 0)
	if errors.Is(err, syscall.EEXIST) {
		return syscall.EADDRINUSE
	}
	return err
}

func opConnect(c *call) error {
	if len(c.str("path")) > maxSocketPath {
		return syscall.EINVAL
	}
	if err := c.sys.Faccessat(c.dir("dirfd"), c.str("path"), 2, 0); err != nil {
		return err
	}
	return syscall.ECONNREFUSED
}

func opLink(c *call) error {
	return c.sys.Linkat(c.dir("dirfd"), c.str("path"), c.dir("todirfd"), c.str("to"), c.flags("flags"))
}

func opSymlink(c *call) error { return c.sys.Symlinkat(c.str("target"), c.dir("dirfd"), c.str("path")) }

func opReadlink(c *call) error {
	target, err := c.sys.Readlinkat(c.dir("dirfd"), c.str("path"))
	c.out.text("target", target)
	return err
}

func opRename(c *call) error {
	return c.sys.Renameat2(c.dir("dirfd"), c.str("path"), c.dir("todirfd"), c.str("to"), c.flags("flags"))
}

func opReaddir(c *call) error {
	list, err := names(c.sys, c.str("path"))
	c.out.set("entries", entryObjs(list))
	return err
}

// names is what is in the directory p, sorted bytewise.
func names(sys System, p string) ([]Entry, error) {
	h, err := sys.Open(atCwd, p, oDirectory, 0)
	if err != nil {
		return nil, err
	}
	defer sys.Close(h)
	var list []Entry
	for {
		some, err := sys.Getdents(h)
		if err != nil {
			return nil, err
		}
		if len(some) == 0 {
			break
		}
		list = append(list, some...)
	}
	list = slices.DeleteFunc(list, func(e Entry) bool { return e.Name == "." || e.Name == ".." })
	slices.SortFunc(list, func(a, b Entry) int { return cmp.Compare(a.Name, b.Name) })
	return list, nil
}
