package overlay_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// A scripter writes random scripts: thirty to eighty operations on a handful of
// names, up to four directories deep, by several users, over one to some layers.
type scripter struct {
	*rand.Rand
	names []string
	depth int
}

func randomScript(seed uint64) []string {
	r := scripter{Rand: rand.New(rand.NewPCG(seed, 7))}
	r.names = []string{"a", "b", "c", "d", "e", "f", ".g", "h.h"}[:2+r.IntN(7)]
	r.depth = 2 + r.IntN(3)
	var script []string
	for range 30 + r.IntN(50) {
		var line string
		switch r.IntN(9) {
		case 0:
			line = r.opening()
		case 1:
			line = r.onHandle()
		case 2:
			line = r.beside()
		default:
			line = r.operation()
		}
		script = append(script, r.by()+line)
		if r.IntN(20) == 0 {
			script = append(script, "rotate")
		}
	}
	return script
}

func (r scripter) pick(s ...string) string { return s[r.IntN(len(s))] }

func (r scripter) name() string {
	if r.IntN(150) == 0 {
		return r.pick("<255*n>", "<256*n>", "<200*long>", ".", "..")
	}
	return r.names[r.IntN(len(r.names))]
}

// relative is a path that does not begin with a slash.
func (r scripter) relative() string {
	p := r.name()
	for range r.IntN(r.depth) {
		p += "/" + r.name()
	}
	if r.IntN(40) == 0 {
		p += r.pick("/", "/.", "/..", "//", "/../"+r.name(), "/./"+r.name())
	}
	return p
}

func (r scripter) path() string {
	switch r.IntN(400) {
	case 0:
		return "/"
	case 1:
		return `""`
	case 2:
		return "<1000*/" + r.name() + "/..>/" + r.name()
	case 3:
		return "<1365*/./>/" + r.name() // over 4,096 bytes
	}
	return "/" + r.relative()
}

func (r scripter) mode() string {
	return r.pick("755", "700", "644", "600", "4755", "2775", "1777", "2755", "6711", "000", "750", "2770", "3777")
}
func (r scripter) id() string   { return r.pick("0", "1", "5", "-1") }
func (r scripter) data() string { return r.pick("x", "yy", "<100*z>", "hello", "<5000*k>") }
func (r scripter) time() string { return r.pick("now", "omit", fmt.Sprint(r.IntN(90_000))) }
func (r scripter) xattr() string {
	return r.pick("user.k", "user.k", "user.k", "user.l", "security.capability", "security.x", "trusted.t", "trusted.overlay.opaque", "foo.bar", "user.", "user", "security.")
}
func (r scripter) value() string {
	return r.pick("<cap>", "<cap>", "x", "yy", "<600*v>") + r.pick("", "", "", " create", " replace", " bad")
}

// by is whose call it is.
func (r scripter) by() string {
	var as string
	if r.IntN(7) == 0 {
		as = "as " + r.pick("1:1", "5:1", "1:5", "5:5:1", "1:5:0,1", "0:5", "0:0:5") + " "
	}
	if r.IntN(20) == 0 {
		as += "umask " + r.pick("0", "077", "0777", "027") + " "
	}
	return as
}

func (r scripter) handle() string { return r.pick("h1", "h2", "h3") }

func (r scripter) opening() string {
	flags := r.pick("r", "r", "rw", "rw", "w,append,creat", "rw,creat,trunc", "rw,creat", "r,dir", "r,dir", "path", "path,nofollow", "path,dir",
		"rw,tmpfile", "w,tmpfile,excl", "r,tmpfile", "r,trunc", "r,creat,excl", "rw,append")
	return "fopen " + r.handle() + " " + r.path() + " " + flags + " " + r.mode()
}

func (r scripter) onHandle() string {
	h := r.handle()
	switch r.IntN(22) {
	case 0, 1:
		return "fread " + h
	case 2, 3:
		return "fwrite " + h + " " + r.data()
	case 4:
		return fmt.Sprintf("fpread %s %d %d", h, r.IntN(20), r.IntN(50))
	case 5:
		return fmt.Sprintf("fpwrite %s %d %s", h, r.IntN(50), r.data())
	case 6:
		return fmt.Sprintf("lseek %s %d %d", h, r.IntN(60)-10, r.IntN(3))
	case 7:
		return fmt.Sprintf("ftruncate %s %d", h, r.IntN(60))
	case 8, 9:
		return "fchmod " + h + " " + r.mode()
	case 10:
		return "fchown " + h + " " + r.id() + " " + r.id()
	case 11, 12:
		return "futimens " + h + " " + r.time() + " " + r.time()
	case 13:
		return "fsetxattr " + h + " " + r.xattr() + " " + r.value()
	case 14:
		return r.pick("fgetxattr ", "frmxattr ") + h + " " + r.xattr()
	case 15:
		return r.pick("flistxattr ", "fsync ") + h
	case 16, 17, 18:
		return "fstat " + h
	case 19:
		return "freaddir " + h
	case 20:
		return "fclose " + h
	}
	return fmt.Sprintf("freadn %s %d", h, r.IntN(7))
}

// beside is a call whose paths begin at an open directory.
func (r scripter) beside() string {
	at := "at " + r.handle() + " "
	p := r.relative()
	switch r.IntN(14) {
	case 0, 1:
		return at + "mkdir " + p + " " + r.mode()
	case 2, 3:
		return at + "write " + p + " " + r.data()
	case 4:
		return at + "unlink " + p
	case 5:
		return at + r.pick("rename ", "link ", "exchange ") + p + " " + r.relative()
	case 6, 7:
		return at + "to " + r.handle() + " " + r.pick("rename ", "link ") + p + " " + r.relative()
	case 8:
		return "to " + r.handle() + " " + r.pick("rename ", "rename ", "link ") + r.path() + " " + r.relative()
	case 9:
		return at + r.pick("stat ", "lstat ", "readdir ", "read ", "readlink ") + p
	case 10:
		return at + r.pick("chmod ", "mkdir ") + p + " " + r.mode()
	case 11:
		return at + "fopen " + r.handle() + " " + p + " " + r.pick("r", "rw,creat", "path")
	case 12:
		return at + "utimens " + p + " " + r.time() + " " + r.time()
	}
	return at + "symlink " + r.target() + " " + p
}

func (r scripter) target() string {
	return r.pick(r.path(), r.relative(), r.relative(), "..", ".", "../"+r.relative(), "/", r.relative()+"/")
}

func (r scripter) operation() string {
	switch r.IntN(44) {
	case 0, 1, 2, 3, 4, 5:
		return "mkdir " + r.path() + " " + r.mode()
	case 6, 7, 8, 9, 10:
		return "write " + r.path() + " " + r.data()
	case 11:
		return "append " + r.path() + " " + r.data()
	case 12:
		return fmt.Sprintf("pwrite %s %d %s", r.path(), r.IntN(50), r.data())
	case 13, 14:
		return "open " + r.path() + " " + r.pick("r", "w", "rw", "r,trunc", "w,creat,excl", "rw,creat", "r,creat", "r,nofollow", "w,nofollow,creat",
			"r,dir", "w,trunc", "w,creat,dir", "rw,dir", "path", "r,dir,nofollow", "rw,trunc,append", "rw,tmpfile") + " " + r.mode()
	case 15, 16:
		return "unlink " + r.path()
	case 17:
		return "rmdir " + r.path()
	case 18, 19:
		return "rmtree " + r.path()
	case 20, 21, 22, 23, 24:
		return "rename " + r.path() + " " + r.path()
	case 25, 26:
		return r.pick("noreplace ", "exchange ", "exchange ") + r.path() + " " + r.path()
	case 27, 28:
		return "link " + r.path() + " " + r.path()
	case 29, 30:
		return "symlink " + r.target() + " " + r.path()
	case 31:
		return "chmod " + r.path() + " " + r.mode()
	case 32:
		return r.pick("chown ", "lchown ") + r.path() + " " + r.id() + " " + r.id()
	case 33, 34:
		return fmt.Sprintf("utimes %s %d", r.path(), r.IntN(90_000))
	case 35:
		return r.pick("utimens ", "lutimens ") + r.path() + " " + r.time() + " " + r.time()
	case 36:
		return fmt.Sprintf("truncate %s %d", r.path(), r.IntN(60)-3)
	case 37:
		return "mknod " + r.path() + r.pick(" p 644", " c 600 1 3", " c 600 0 0", " s 600", " b 600 250 9", " f 4755", " c 666 1 5", " c 644 1 7")
	case 38, 39:
		return r.pick("setxattr ", "setxattr ", "lsetxattr ") + r.path() + " " + r.xattr() + " " + r.value()
	case 40:
		return r.pick("rmxattr ", "lrmxattr ", "getxattr ", "lgetxattr ") + r.path() + " " + r.xattr()
	case 41:
		return r.pick("listxattr ", "readlink ", "readdir ", "statfs ") + r.path()
	case 42:
		return "access " + r.path() + " " + r.pick("1", "2", "4", "6", "0")
	}
	return r.pick("stat ", "lstat ", "read ") + strings.TrimSuffix(r.path(), "/")
}
