package fsops

const statfsAnswer = "what statfs(2) says, see below"

var systemOps = []Operation{
	{Name: "statfs", Fields: []Field{fPath}, Answer: statfsAnswer, run: opStatfs},
	{Name: "fstatfs", Fields: []Field{fFD}, Answer: statfsAnswer, run: opFstatfs},
	{Name: "pathconf", Fields: []Field{fPath, need("name", kPathconf)}, Answer: "`value`", run: opPathconf(0)},
	{Name: "lpathconf", Fields: []Field{fPath, need("name", kPathconf)}, Answer: "`value`", run: opPathconf(atNoFollow)},
	{Name: "fpathconf", Fields: []Field{fFD, need("name", kPathconf)}, Answer: "`value`", run: opFpathconf},
	{Name: "sync", run: func(*call) error { return nil }},
	{Name: "syncfs", Fields: []Field{fFD}, run: opSyncfs},
}

var kPathconf = kindOf(pathconf)

func (c *call) statfs(s Statfs) {
	c.out.set("type", s.Type)
	c.out.set("bsize", s.Bsize)
	c.out.set("blocks", s.Blocks)
	c.out.set("bfree", s.Bfree)
	c.out.set("bavail", s.Bfree)
	c.out.set("files", s.Files)
	c.out.set("namelen", s.Namelen)
	c.out.set("readonly", s.ReadOnly)
}

func opStatfs(c *call) error {
	s, err := c.sys.Statfs(c.str("path"))
	c.statfs(s)
	return err
}

func opFstatfs(c *call) error {
	o, err := c.open("fd")
	if err != nil {
		return err
	}
	s, err := c.sys.Fstatfs(o.h)
	c.statfs(s)
	return err
}

func opPathconf(flags int) func(*call) error {
	return func(c *call) error {
		c.out.set("value", c.flags("name"))
		_, err := c.sys.Fstatat(atCwd, c.str("path"), flags)
		return err
	}
}

func opFpathconf(c *call) error {
	_, err := c.open("fd")
	c.out.set("value", c.flags("name"))
	return err
}

func opSyncfs(c *call) error {
	_, err := c.open("fd")
	return err
}
