package fsops

import (
	"strings"
	"syscall"
)

// MaxTransfer is how many bytes one read or write moves at the most; more is a
// short read, as read(2) may make it.
const MaxTransfer = 16 << 20

var (
	fOpenFlags = may("flags", kOpen, "O_RDONLY")
	fData      = need("data", kText)
	fRepeat    = may("repeat", kCount, "1")
	fCount     = need("count", kCount)
	fBase64    = may("base64", kBool, "false")
	fOffset    = need("offset", kInt)
)

var fileOps = []Operation{
	{Name: "open", Fields: []Field{fPath, fOpenFlags, may("mode", kMode, "0666"), fDirFD}, Answer: "`fd`: the lowest number that is free, from 3 on", run: opOpen},
	{Name: "openat", Fields: []Field{fDirFD, fPath, fOpenFlags, may("mode", kMode, "0666")}, Answer: "`fd`", run: opOpen},
	{Name: "creat", Fields: []Field{fPath, may("mode", kMode, "0666")}, Answer: "`fd`", run: opCreat},
	{Name: "close", Fields: []Field{fFD}, run: func(c *call) error { return c.s.fds.close(int(c.num("fd", -1))) }},
	{Name: "dup", Fields: []Field{fFD}, Answer: "`fd`: the new one", run: opDup},
	{Name: "dup2", Fields: []Field{fFD, need("to", kFD)}, Answer: "`fd`: that of `to`", run: opDup2},
	{Name: "read", Fields: []Field{fFD, fCount, fBase64}, Answer: "`n`, `data` or `data_base64`", Notes: "`n` 0 is the end of the file. `base64`: answer in base64 even what is text.", run: opRead},
	{Name: "pread", Fields: []Field{fFD, fCount, fOffset, fBase64}, Answer: "`n`, `data` or `data_base64`", run: opPread},
	{Name: "write", Fields: []Field{fFD, fData, fRepeat}, Answer: "`n`", Notes: "`repeat`: write the data that many times, one behind the other, in one call.", run: opWrite},
	{Name: "pwrite", Fields: []Field{fFD, fData, fOffset, fRepeat}, Answer: "`n`", run: opPwrite},
	{Name: "lseek", Fields: []Field{fFD, fOffset, may("whence", kWhence, "SEEK_SET")}, Answer: "`offset`", Notes: "On a directory, offset 0 with SEEK_SET goes back to the beginning; its other positions mean nothing, EINVAL. SEEK_DATA and SEEK_HOLE: all of a file counts as data.", run: opLseek},
	{Name: "ftruncate", Fields: []Field{fFD, fLength}, run: opFtruncate},
	{Name: "fallocate", Fields: []Field{fFD, may("mode", kFalloc, "0"), fOffset, fLength}, Notes: "Modes 0, FALLOC_FL_KEEP_SIZE, and that with FALLOC_FL_PUNCH_HOLE; EOPNOTSUPP otherwise.", run: opFallocate},
	{Name: "posix_fallocate", Fields: []Field{fFD, fOffset, fLength}, run: opFallocate},
	{Name: "fsync", Fields: []Field{fFD}, run: opFsync},
	{Name: "fdatasync", Fields: []Field{fFD}, run: opFsync},
	{Name: "getdents", Fields: []Field{fFD, may("count", kCount, "1000")}, Answer: "`entries`: at most `count` of the names that follow, each `name` (or `name_base64`), `ino`, `type`; empty at the end", Notes: "`.` and `..` are among them.", run: opGetdents},
}

func opOpen(c *call) error {
	return c.opened(c.flags("flags"), c.mode("mode", 0o666))
}

func opCreat(c *call) error { return c.opened(oCreat|oWronly|oTrunc, c.mode("mode", 0o666)) }

func (c *call) opened(flags int, mode uint32) error {
	if c.s.fds.full() { // the number is taken before the file is opened
		return syscall.EMFILE
	}
	h, err := c.sys.Open(c.dir("dirfd"), c.str("path"), flags, mode)
	if err != nil {
		return err
	}
	fd, err := c.s.fds.add(&open{h: h}, firstFD)
	c.out.set("fd", fd)
	return err
}

func opDup(c *call) error {
	o, err := c.open("fd")
	if err != nil {
		return err
	}
	fd, err := c.s.fds.add(o, firstFD)
	c.out.set("fd", fd)
	return err
}

func opDup2(c *call) error {
	o, err := c.open("fd")
	if err != nil {
		return err
	}
	from, to := int(c.num("fd", -1)), int(c.num("to", -1))
	if to < firstFD || to >= maxFDs {
		return syscall.EBADF
	}
	c.out.set("fd", to)
	if from == to {
		return nil
	}
	o.refs++ // in case `to` is its last other number
	if c.s.fds.get(to) != nil {
		c.s.fds.close(to) // dup2(2) says nothing of its errors
	}
	o.refs--
	c.s.fds.put(to, o)
	return nil
}

func opRead(c *call) error {
	return c.reading(func(h Handle, p []byte) (int, error) { return c.sys.Read(h, p) })
}

func opPread(c *call) error {
	off := c.num("offset", 0)
	return c.reading(func(h Handle, p []byte) (int, error) { return c.sys.Pread(h, p, off) })
}

func (c *call) reading(read func(h Handle, p []byte) (int, error)) error {
	o, err := c.open("fd")
	if err != nil {
		return err
	}
	p := make([]byte, min(c.num("count", 0), MaxTransfer))
	n, err := read(o.h, p)
	if err != nil {
		return err
	}
	c.out.set("n", n)
	c.data("data", p[:n])
	return nil
}

// data sets a field to bytes, or NAME_base64 when they are not UTF-8 or the
// request wants it.
func (c *call) data(name string, b []byte) {
	if c.flag("base64") {
		c.out.set(name+"_base64", b) // encoding/json writes it so
		return
	}
	c.out.text(name, string(b))
}

func opWrite(c *call) error {
	return c.writing(func(h Handle, p []byte) (int, error) { return c.sys.Write(h, p) })
}

func opPwrite(c *call) error {
	off := c.num("offset", 0)
	return c.writing(func(h Handle, p []byte) (int, error) { return c.sys.Pwrite(h, p, off) })
}

func (c *call) writing(write func(h Handle, p []byte) (int, error)) error {
	data, times := c.str("data"), c.num("repeat", 1)
	if len(data) > 0 && times > MaxTransfer/int64(len(data)) {
		return bad("repeat", "%d times %d bytes, more than the %d that one call writes", times, len(data), MaxTransfer)
	}
	if data == "" {
		times = 1
	}
	o, err := c.open("fd")
	if err != nil {
		return err
	}
	n, err := write(o.h, []byte(strings.Repeat(data, int(times))))
	c.out.set("n", n)
	return err
}

func opLseek(c *call) error {
	o, err := c.open("fd")
	if err != nil {
		return err
	}
	off, err := c.sys.Lseek(o.h, c.num("offset", 0), c.flags("whence"))
	if err == nil {
		o.pending = nil
		c.out.set("offset", off)
	}
	return err
}

func opFtruncate(c *call) error {
	if c.num("length", 0) < 0 { // before the descriptor is looked at
		return syscall.EINVAL
	}
	o, err := c.open("fd")
	if err != nil {
		return err
	}
	return c.sys.Ftruncate(o.h, c.num("length", 0))
}

func opFallocate(c *call) error {
	o, err := c.open("fd")
	if err != nil {
		return err
	}
	return c.sys.Fallocate(o.h, c.flags("mode"), c.num("offset", 0), c.num("length", 0))
}

func opFsync(c *call) error {
	o, err := c.open("fd")
	if err != nil {
		return err
	}
	return c.sys.Fsync(o.h)
}

func opGetdents(c *call) error {
	count := int(min(c.num("count", 1000), 1<<20))
	if count == 0 {
		return bad("count", "0: there would be no telling the end")
	}
	o, err := c.open("fd")
	if err != nil {
		return err
	}
	if len(o.pending) == 0 {
		if o.pending, err = c.sys.Getdents(o.h); err != nil {
			return err
		}
	}
	n := min(count, len(o.pending))
	c.out.set("entries", entryObjs(o.pending[:n]))
	o.pending = o.pending[n:]
	return nil
}

func entryObjs(list []Entry) []*obj {
	out := make([]*obj, len(list))
	for i, e := range list {
		out[i] = &obj{}
		out[i].text("name", e.Name)
		out[i].set("ino", e.Ino)
		out[i].set("type", typeName(e.Type))
	}
	return out
}
