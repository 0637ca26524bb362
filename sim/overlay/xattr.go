package overlay

import (
	"maps"
	"slices"
	"strings"
	"syscall"

	"github.com/layerlab/layerlab/sim/tree"
)

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
	d, err := v.at(p, follow)
	if err != nil {
		return "", fail("getxattr", p, err)
	}
	n := v.m.inode(d)
	if strings.HasPrefix(name, "user.") && !v.c.may(n, mayRead) {
		return "", fail("getxattr", p, syscall.EACCES)
	}
	value, ok := n.Xattrs[name]
	if !ok || !shown(name) {
		return "", fail("getxattr", p, syscall.ENODATA)
	}
	return value, nil
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
	names := slices.Sorted(maps.Keys(v.m.inode(d).Xattrs))
	return slices.DeleteFunc(names, func(n string) bool { return !shown(n) }), nil
}

// Setxattr is setxattr(2). Attributes that begin with "user." can be set on
// regular files and directories by who may write them, all others by root alone.
func (v *View) Setxattr(p, name, value string) error { return v.setxattr(p, name, &value, true) }

// Lsetxattr is Setxattr of a symbolic link itself.
func (v *View) Lsetxattr(p, name, value string) error { return v.setxattr(p, name, &value, false) }

// Removexattr is removexattr(2).
func (v *View) Removexattr(p, name string) error { return v.setxattr(p, name, nil, true) }

func (v *View) setxattr(p, name string, value *string, follow bool) error {
	op := "setxattr"
	if value == nil {
		op = "removexattr"
	}
	check := func(n *tree.Inode) error {
		if err := v.maySetXattr(n, name); err != nil {
			return err
		}
		if _, ok := n.Xattrs[name]; !ok && value == nil {
			return syscall.ENODATA
		}
		return nil
	}
	return v.change(op, p, follow, check, func(n *tree.Inode) {
		n.Xattrs = tree.WithXattr(n.Xattrs, name, value)
	})
}

func (v *View) maySetXattr(n *tree.Inode, name string) error {
	space, rest, ok := strings.Cut(name, ".")
	switch {
	case !ok || rest == "":
		return syscall.EOPNOTSUPP
	case len(name) > maxName:
		return syscall.ERANGE
	case space == "user":
		if !n.IsRegular() && !n.IsDir() || n.IsDir() && n.Mode&tree.Sticky != 0 && !v.c.owns(n) {
			return syscall.EPERM
		}
		if !v.c.may(n, mayWrite) {
			return syscall.EACCES
		}
		return nil
	case space == "security" && v.c.root():
		return nil
	case space == "security", space == "trusted":
		return syscall.EPERM
	}
	return syscall.EOPNOTSUPP
}
