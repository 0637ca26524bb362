package fsops

import (
	"syscall"

	"github.com/layerlab/layerlab/sim/tree"
)

const statAnswer = "what stat(2) says, see below"

var (
	fOwner = need("owner", kOwner)
	fGroup = need("group", kOwner)
	fMode  = need("mode", kMode)
)

var attrOps = []Operation{
	{Name: "stat", Fields: []Field{fPath}, Answer: statAnswer, run: statAs(0)},
	{Name: "lstat", Fields: []Field{fPath}, Answer: statAnswer, run: statAs(atNoFollow)},
	{Name: "fstat", Fields: []Field{fFD}, Answer: statAnswer, run: opFstat},
	{Name: "fstatat", Fields: []Field{fDirFD, fPath, fAt}, Answer: statAnswer, run: statAs(-1)},
	{Name: "access", Fields: []Field{fPath, need("mode", kAccess)}, Notes: "Real and effective ids are the same here.", run: opAccess},
	{Name: "faccessat", Fields: []Field{fDirFD, fPath, need("mode", kAccess), fAt}, run: opAccess},
	{Name: "chmod", Fields: []Field{fPath, fMode}, run: chmodAs(0)},
	{Name: "lchmod", Fields: []Field{fPath, fMode}, Notes: "EOPNOTSUPP on a symbolic link, as Linux has no mode for it.", run: chmodAs(atNoFollow)},
	{Name: "fchmod", Fields: []Field{fFD, fMode}, run: opFchmod},
	{Name: "fchmodat", Fields: []Field{fDirFD, fPath, fMode, fAt}, run: chmodAs(-1)},
	{Name: "chown", Fields: []Field{fPath, fOwner, fGroup}, Notes: "`owner` and `group` are the new ids, -1 leaves one as it is; `uid` and `gid` are, as always, who calls.", run: chownAs(0)},
	{Name: "lchown", Fields: []Field{fPath, fOwner, fGroup}, run: chownAs(atNoFollow)},
	{Name: "fchown", Fields: []Field{fFD, fOwner, fGroup}, run: opFchown},
	{Name: "fchownat", Fields: []Field{fDirFD, fPath, fOwner, fGroup, fAt}, run: chownAs(-1)},
	{Name: "utimensat", Fields: []Field{fDirFD, fPath, fAtime, fMtime, fAt}, run: utimesAs(-1)},
	{Name: "utimes", Fields: []Field{fPath, fAtime, fMtime}, run: utimesAs(0)},
	{Name: "lutimes", Fields: []Field{fPath, fAtime, fMtime}, run: utimesAs(atNoFollow)},
	{Name: "futimens", Fields: []Field{fFD, fAtime, fMtime}, run: opFutimens},
	{Name: "truncate", Fields: []Field{fPath, fLength}, run: func(c *call) error { return c.sys.Truncate(c.str("path"), c.num("length", 0)) }},
}

// given is the flags of a call: those of its form, or of its request if it is -1.
func (c *call) given(flags int) int {
	if flags < 0 {
		return c.flags("flags")
	}
	return flags
}

func statAs(flags int) func(*call) error {
	return func(c *call) error {
		s, err := c.sys.Fstatat(c.dir("dirfd"), c.str("path"), c.given(flags))
		c.out.stat(s)
		return err
	}
}

func opFstat(c *call) error {
	o, err := c.open("fd")
	if err != nil {
		return err
	}
	s, err := c.sys.Fstatat(o.h, "", atEmptyPath)
	c.out.stat(s)
	return err
}

func opAccess(c *call) error {
	return c.sys.Faccessat(c.dir("dirfd"), c.str("path"), uint32(c.flags("mode")), c.flags("flags"))
}

func chmodAs(flags int) func(*call) error {
	return func(c *call) error {
		return c.sys.Fchmodat(c.dir("dirfd"), c.str("path"), c.mode("mode", 0)&tree.PermMask, c.given(flags))
	}
}

func opFchmod(c *call) error {
	o, err := c.open("fd")
	if err != nil {
		return err
	}
	return c.sys.Fchmod(o.h, c.mode("mode", 0)&tree.PermMask)
}

func chownAs(flags int) func(*call) error {
	return func(c *call) error {
		return c.sys.Fchownat(c.dir("dirfd"), c.str("path"), int(c.num("owner", -1)), int(c.num("group", -1)), c.given(flags))
	}
}

func opFchown(c *call) error {
	o, err := c.open("fd")
	if err != nil {
		return err
	}
	return c.sys.Fchown(o.h, int(c.num("owner", -1)), int(c.num("group", -1)))
}

// times is what a call sets the times to: now when neither is given, and as it is
// the one that is not.
func (c *call) times() (atime, mtime SetTime, err error) {
	atime, aGiven := c.values["atime"].(SetTime)
	mtime, mGiven := c.values["mtime"].(SetTime)
	switch {
	case !aGiven && !mGiven:
		return SetTime{Nsec: utimeNow}, SetTime{Nsec: utimeNow}, nil
	case !aGiven:
		atime = SetTime{Nsec: utimeOmit}
	case !mGiven:
		mtime = SetTime{Nsec: utimeOmit}
	}
	for _, t := range []SetTime{atime, mtime} {
		if t.Nsec != utimeNow && t.Nsec != utimeOmit && (t.Nsec < 0 || t.Nsec > 999_999_999) {
			return atime, mtime, syscall.EINVAL
		}
	}
	return atime, mtime, nil
}

func utimesAs(flags int) func(*call) error {
	return func(c *call) error {
		atime, mtime, err := c.times()
		if err != nil {
			return err
		}
		return c.sys.Utimensat(c.dir("dirfd"), c.str("path"), atime, mtime, c.given(flags))
	}
}

func opFutimens(c *call) error {
	atime, mtime, err := c.times()
	if err != nil {
		return err
	}
	o, err := c.open("fd")
	if err != nil {
		return err
	}
	return c.sys.Futimens(o.h, atime, mtime)
}
