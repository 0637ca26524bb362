package overlay

import (
	"encoding/binary"
	"maps"
	"slices"
	"strings"
	"syscall"

	"github.com/layerlab/layerlab/sim/tree"
)

// XattrCreate and XattrReplace are the flags of setxattr(2): fail with EEXIST if
// there is such an attribute, with ENODATA if there is none.
const (
	XattrCreate  = 1
	XattrReplace = 2
)

const maxXattr = 64 << 10 // bytes of a value

// shown reports whether a process may see an attribute. What begins with
// "trusted." needs CAP_SYS_ADMIN, which a container's root has not, and overlayfs
// keeps its own marks there.
func shown(name string) bool { return !strings.HasPrefix(name, "trusted.") }

// Getxattr is getxattr(2); ENODATA says that there is no such attribute.
func (v *View) Getxattr(p, name string) (string, error) { return v.getxattr(p, name, true) }

// Lgetxattr is Getxattr of a symbolic link itself.
func (v *View) Lgetxattr(p, name string) (string, error) { return v.getxattr(p, name, false) }

func (v *View) getxattr(p, name string, follow bool) (string, error) {
	v.m.begin()
	defer v.m.end()
	if name == "" || len(name) > maxName {
		return "", fail("getxattr", p, syscall.ERANGE)
	}
	d, err := v.at(p, follow)
	if err != nil {
		return "", fail("getxattr", p, err)
	}
	value, err := v.xattrOf(v.m.inode(d), name)
	return value, fail("getxattr", p, err)
}

// xattrOf is the value of an attribute, if the user may read it.
func (v *View) xattrOf(n *tree.Inode, name string) (string, error) {
	switch spaceOf(name) {
	case "trusted":
		return "", syscall.ENODATA
	case "security":
	case "user":
		if !n.IsRegular() && !n.IsDir() {
			return "", syscall.ENODATA
		}
		fallthrough
	default:
		if !v.c.may(n, mayRead) {
			return "", syscall.EACCES
		}
	}
	if err := spaced(name); err != nil {
		return "", err
	}
	value, ok := n.Xattrs[name]
	if !ok {
		return "", syscall.ENODATA
	}
	return value, nil
}

// spaceOf is what of an attribute's name comes before the first dot; "" if there is
// none.
func spaceOf(name string) string {
	space, _, ok := strings.Cut(name, ".")
	if !ok {
		return ""
	}
	return space
}

// spaced says what is wrong with a name: the name spaces are "user.", "trusted." and
// "security.", and something must come behind the dot. (The POSIX access lists of
// "system." are not modelled.)
func spaced(name string) error {
	space, rest, ok := strings.Cut(name, ".")
	switch {
	case !ok || space != "user" && space != "trusted" && space != "security":
		return syscall.EOPNOTSUPP
	case rest == "":
		return syscall.EINVAL
	}
	return nil
}

// Listxattr is listxattr(2), sorted.
func (v *View) Listxattr(p string) ([]string, error) { return v.listxattr(p, true) }

// Llistxattr is Listxattr of a symbolic link itself.
func (v *View) Llistxattr(p string) ([]string, error) { return v.listxattr(p, false) }

func (v *View) listxattr(p string, follow bool) ([]string, error) {
	v.m.begin()
	defer v.m.end()
	d, err := v.at(p, follow)
	if err != nil {
		return nil, fail("listxattr", p, err)
	}
	return xattrNames(v.m.inode(d)), nil
}

func xattrNames(n *tree.Inode) []string {
	names := slices.Sorted(maps.Keys(n.Xattrs))
	return slices.DeleteFunc(names, func(n string) bool { return !shown(n) })
}

// Setxattr is setxattr(2) without flags. Attributes that begin with "user." can be
// set on regular files and directories by who may write them, security.capability
// by root, and no others: they need CAP_SYS_ADMIN.
func (v *View) Setxattr(p, name, value string) error { return v.setxattr(p, name, &value, 0, true) }

// Lsetxattr is Setxattr of a symbolic link itself.
func (v *View) Lsetxattr(p, name, value string) error { return v.setxattr(p, name, &value, 0, false) }

// SetxattrFlags is Setxattr with XattrCreate or XattrReplace. Overlayfs copies a
// lower object up before it finds that the attribute is there, or is not.
func (v *View) SetxattrFlags(p, name, value string, flags int) error {
	return v.setxattr(p, name, &value, flags, true)
}

// LsetxattrFlags is SetxattrFlags of a symbolic link itself.
func (v *View) LsetxattrFlags(p, name, value string, flags int) error {
	return v.setxattr(p, name, &value, flags, false)
}

// Removexattr is removexattr(2).
func (v *View) Removexattr(p, name string) error { return v.setxattr(p, name, nil, 0, true) }

// Lremovexattr is Removexattr of a symbolic link itself.
func (v *View) Lremovexattr(p, name string) error { return v.setxattr(p, name, nil, 0, false) }

func (v *View) setxattr(p, name string, value *string, flags int, follow bool) error {
	op, text := "removexattr", ""
	if value != nil {
		op, text = "setxattr", *value
	}
	if err := xattrArgs(name, text, flags); err != nil {
		return fail(op, p, err)
	}
	return v.change(op, p, follow, v.mayXattr(name, value), setAttr(name, value, flags))
}

// xattrArgs checks what can be told without the file.
func xattrArgs(name, value string, flags int) error {
	switch {
	case flags&^(XattrCreate|XattrReplace) != 0:
		return syscall.EINVAL
	case name == "" || len(name) > maxName:
		return syscall.ERANGE
	case len(value) > maxXattr:
		return syscall.E2BIG
	}
	return nil
}

// mayXattr checks what overlayfs asks before it copies up.
func (v *View) mayXattr(name string, value *string) func(*tree.Inode) error {
	return func(n *tree.Inode) error {
		if err := v.maySetXattr(n, name, value); err != nil {
			return err
		}
		if err := spaced(name); err != nil && value == nil {
			return err
		}
		if _, ok := n.Xattrs[name]; !ok && value == nil {
			return syscall.ENODATA
		}
		return nil
	}
}

func (v *View) maySetXattr(n *tree.Inode, name string, value *string) error {
	space := spaceOf(name)
	switch {
	case space == "trusted":
		return syscall.EPERM
	case space == "security" && v.c.Admin:
		return nil
	case name == capability && value != nil && !isCapability(*value):
		return syscall.EINVAL
	case name == capability && !v.c.root():
		return syscall.EPERM
	case name == capability:
		return nil
	case space == "security":
		return syscall.EPERM
	case space == "user" && !n.IsRegular() && !n.IsDir():
		return syscall.EPERM
	case space == "user" && n.IsDir() && n.Mode&tree.Sticky != 0 && !v.c.owns(n):
		return syscall.EPERM
	case !v.c.may(n, mayWrite):
		return syscall.EACCES
	}
	return nil
}

// isCapability reports whether value has the form of capabilities(7), version 2
// or 3.
func isCapability(value string) bool {
	if len(value) < 4 {
		return false
	}
	switch binary.LittleEndian.Uint32([]byte(value)) &^ 1 { // but for the effective bit
	case 0x02000000:
		return len(value) == 20
	case 0x03000000:
		return len(value) == 24
	}
	return false
}

// setAttr sets an attribute of what was copied up, or takes it away.
func setAttr(name string, value *string, flags int) change {
	return func(n *tree.Inode, _ *stamp) error {
		_, there := n.Xattrs[name]
		err := spaced(name)
		switch {
		case err != nil:
			return err
		case there && flags&XattrCreate != 0:
			return syscall.EEXIST
		case !there && flags&XattrReplace != 0:
			return syscall.ENODATA
		}
		n.Xattrs = tree.WithXattr(n.Xattrs, name, value)
		return nil
	}
}
