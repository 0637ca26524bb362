package fsops

var (
	fName       = need("name", kName)
	fValue      = need("value", kText)
	fXattrFlags = may("flags", kXattr, "0")
	fWant64     = may("base64", kBool, "false")
)

const (
	valueAnswer = "`size`, `value` or `value_base64`"
	listAnswer  = "`names`: sorted"
)

var xattrOps = []Operation{
	{Name: "setxattr", Fields: []Field{fPath, fName, fValue, fXattrFlags}, run: xattr(byPath, setXattr)},
	{Name: "lsetxattr", Fields: []Field{fPath, fName, fValue, fXattrFlags}, run: xattr(byLink, setXattr)},
	{Name: "fsetxattr", Fields: []Field{fFD, fName, fValue, fXattrFlags}, run: xattr(byFD, setXattr)},
	{Name: "getxattr", Fields: []Field{fPath, fName, fWant64}, Answer: valueAnswer, run: xattr(byPath, getXattr)},
	{Name: "lgetxattr", Fields: []Field{fPath, fName, fWant64}, Answer: valueAnswer, run: xattr(byLink, getXattr)},
	{Name: "fgetxattr", Fields: []Field{fFD, fName, fWant64}, Answer: valueAnswer, run: xattr(byFD, getXattr)},
	{Name: "listxattr", Fields: []Field{fPath}, Answer: listAnswer, run: xattr(byPath, listXattr)},
	{Name: "llistxattr", Fields: []Field{fPath}, Answer: listAnswer, run: xattr(byLink, listXattr)},
	{Name: "flistxattr", Fields: []Field{fFD}, Answer: listAnswer, run: xattr(byFD, listXattr)},
	{Name: "removexattr", Fields: []Field{fPath, fName}, run: xattr(byPath, removeXattr)},
	{Name: "lremovexattr", Fields: []Field{fPath, fName}, run: xattr(byLink, removeXattr)},
	{Name: "fremovexattr", Fields: []Field{fFD, fName}, run: xattr(byFD, removeXattr)},
}

func byPath(c *call) (Attrs, error) { return Attrs{Path: c.str("path"), Follow: true}, nil }
func byLink(c *call) (Attrs, error) { return Attrs{Path: c.str("path")}, nil }
func byFD(c *call) (Attrs, error) {
	o, err := c.open("fd")
	if err != nil {
		return Attrs{}, err
	}
	return Attrs{Handle: o.h}, nil
}

func xattr(on func(*call) (Attrs, error), do func(*call, Attrs) error) func(*call) error {
	return func(c *call) error {
		a, err := on(c)
		if err != nil {
			return err
		}
		return do(c, a)
	}
}

func setXattr(c *call, a Attrs) error {
	return c.sys.Setxattr(a, c.str("name"), c.str("value"), c.flags("flags"))
}

func getXattr(c *call, a Attrs) error {
	v, err := c.sys.Getxattr(a, c.str("name"))
	if err != nil {
		return err
	}
	c.out.set("size", len(v))
	c.data("value", []byte(v))
	return nil
}

func listXattr(c *call, a Attrs) error {
	names, err := c.sys.Listxattr(a)
	if names == nil {
		names = []string{}
	}
	c.out.set("names", names)
	return err
}

func removeXattr(c *call, a Attrs) error { return c.sys.Removexattr(a, c.str("name")) }
