package fsops

// pathconf is what pathconf(3) answers, as the GNU C library answers them for overlayfs.
var pathconf = set{"_PC_", map[string]int{
	"_PC_LINK_MAX": 127, "_PC_MAX_CANON": 255, "_PC_MAX_INPUT": 255, "_PC_NAME_MAX": 255, "_PC_PATH_MAX": 4096, "_PC_PIPE_BUF": 4096,
	"_PC_CHOWN_RESTRICTED": 1, "_PC_NO_TRUNC": 1, "_PC_VDISABLE": 0, "_PC_FILESIZEBITS": 64, "_PC_2_SYMLINKS": 1,
}}

var processOps = []Operation{
	{Name: "umask", Fields: []Field{need("mask", kMode)}, Answer: "`umask`: the old one, an octal string", run: opUmask},
	{Name: "setuid", Fields: []Field{need("uid", kID)}, Notes: "Never refused: the client says who its calls are made as.", run: opSetuid},
	{Name: "setgid", Fields: []Field{need("gid", kID)}, run: opSetgid},
	{Name: "setgroups", Fields: []Field{need("groups", kGroups)}, run: opSetgroups},
	{Name: "chdir", Fields: []Field{fPath}, run: func(c *call) error { return c.sys.Chdir(c.str("path")) }},
	{Name: "fchdir", Fields: []Field{fFD}, run: opFchdir},
	{Name: "getcwd", Answer: "`path`", run: opGetcwd},
}

func opUmask(c *call) error {
	c.out.set("umask", octal(c.s.user.Umask))
	c.s.user.Umask = c.mode("mask", 0) & 0o777
	return nil
}

func opSetuid(c *call) error { c.s.user.UID = c.mode("uid", 0); return nil }
func opSetgid(c *call) error { c.s.user.GID = c.mode("gid", 0); return nil }
func opSetgroups(c *call) error {
	c.s.user.Groups, _ = c.values["groups"].([]uint32)
	return nil
}

func opFchdir(c *call) error {
	o, err := c.open("fd")
	if err != nil {
		return err
	}
	return c.sys.Fchdir(o.h)
}

func opGetcwd(c *call) error {
	p, err := c.sys.Getcwd()
	c.out.text("path", p)
	return err
}
