package overlay

// A Cred is whom a call is made as: user, groups, and the permission bits that
// new files do not get. User 0 has the capabilities of a container's root:
// CHOWN, DAC_OVERRIDE, FOWNER, FSETID, MKNOD, SETFCAP, but not SYS_ADMIN.
type Cred struct {
	UID, GID uint32
	Groups   []uint32 // supplementary
	Umask    uint32
}
