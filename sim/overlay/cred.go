package overlay

import (
	"slices"
	"syscall"

	"github.com/layerlab/layerlab/sim/tree"
)

// A Cred is whom a call is made as: user, groups, and the permission bits that
// new files do not get. User 0 has the capabilities of a container's root:
// CHOWN, DAC_OVERRIDE, FOWNER, FSETID, MKNOD, SETFCAP, but not SYS_ADMIN.
type Cred struct {
	UID, GID uint32
	Groups   []uint32 // supplementary
	Umask    uint32
	Admin    bool // has CAP_SYS_ADMIN as well, as the engine itself: may set every "security." attribute
}

// The rights of access(2).
const (
	mayExec  uint32 = 1
	mayWrite uint32 = 2
	mayRead  uint32 = 4
)

func (c *Cred) root() bool { return c.UID == 0 }

func (c *Cred) in(gid uint32) bool { return c.GID == gid || slices.Contains(c.Groups, gid) }

func (c *Cred) owns(n *tree.Inode) bool { return c.root() || c.UID == n.UID }

// may reports whether c has all rights of mask on n. Root may do everything but
// execute a file that nobody may execute.
func (c *Cred) may(n *tree.Inode, mask uint32) bool {
	if c.root() {
		return mask&mayExec == 0 || n.IsDir() || n.Mode&0o111 != 0
	}
	bits := n.Mode
	switch {
	case c.UID == n.UID:
		bits >>= 6
	case c.in(n.GID):
		bits >>= 3
	}
	return bits&mask == mask
}

// mayDelete says why c may not take the name of n out of the directory dir; isDir
// tells what the call expects n to be.
func (c *Cred) mayDelete(dir, n *tree.Inode, isDir bool) error {
	switch {
	case !c.may(dir, mayWrite|mayExec):
		return syscall.EACCES
	case dir.Mode&tree.Sticky != 0 && !c.owns(dir) && !c.owns(n):
		return syscall.EPERM
	case isDir && !n.IsDir():
		return syscall.ENOTDIR
	case !isDir && n.IsDir():
		return syscall.EISDIR
	}
	return nil
}

// mayLink reports whether c may make a further name for n: its owner may, others
// only for a plain file that they may read and write (proc_sys_fs(5),
// protected_hardlinks, which every distribution sets).
func (c *Cred) mayLink(n *tree.Inode) bool {
	risky := n.Mode&tree.SetUID != 0 || n.Mode&(tree.SetGID|0o010) == tree.SetGID|0o010
	return c.owns(n) || n.IsRegular() && !risky && c.may(n, mayRead|mayWrite)
}

// dropPrivileges changes a file as a write by c does: for all but root it loses
// set-uid, and set-gid of what the group may execute.
func (c *Cred) dropPrivileges(n *tree.Inode) {
	if !c.root() {
		n.Mode = c.withoutSetID(n)
	}
	dropCapability(n)
}

// withoutSetID is the mode of n as a change by c leaves it: without set-uid, and
// without set-gid of what the group may execute or of a group that c is not in.
func (c *Cred) withoutSetID(n *tree.Inode) uint32 {
	mode := n.Mode &^ tree.SetUID
	if mode&0o010 != 0 || !c.root() && !c.in(n.GID) {
		mode &^= tree.SetGID
	}
	return mode
}

// capability is the extended attribute of file capabilities, which does not
// survive a change of data or owner.
const capability = "security.capability"

func dropCapability(n *tree.Inode) {
	if _, ok := n.Xattrs[capability]; ok {
		n.Xattrs = tree.WithXattr(n.Xattrs, capability, nil)
	}
}
