package fsops

import (
	"fmt"
	"unsafe"

	"golang.org/x/sys/unix"
)

// The capabilities of a thread that mounts, and those that a container's root has
// of them: Docker's, which are all that files ask for but CAP_SYS_ADMIN and
// CAP_SYS_RESOURCE. CAP_DAC_READ_SEARCH, which Docker's root has not, is needed to
// link a descriptor that another user opened; it stands in for the credentials of
// the descriptor, which a thread that changes users loses.
const everything = ^uint64(0)

const container = uint64(1)<<unix.CAP_CHOWN | 1<<unix.CAP_DAC_OVERRIDE | 1<<unix.CAP_DAC_READ_SEARCH | 1<<unix.CAP_FOWNER | 1<<unix.CAP_FSETID |
	1<<unix.CAP_MKNOD | 1<<unix.CAP_SETFCAP | 1<<unix.CAP_SETUID | 1<<unix.CAP_SETGID | 1<<unix.CAP_SYS_CHROOT

// setCaps makes effective what of want is permitted to this thread.
func setCaps(want uint64) error {
	head := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var data [2]unix.CapUserData
	if err := unix.Capget(&head, &data[0]); err != nil {
		return fmt.Errorf("reading the capabilities: %w", err)
	}
	data[0].Effective = data[0].Permitted & uint32(want)
	data[1].Effective = data[1].Permitted & uint32(want>>32)
	if err := unix.Capset(&head, &data[0]); err != nil {
		return fmt.Errorf("setting the capabilities: %w", err)
	}
	return nil
}

// setGroups sets the supplementary groups of this thread alone.
func setGroups(groups []uint32) error {
	var p unsafe.Pointer
	if len(groups) > 0 {
		p = unsafe.Pointer(&groups[0])
	}
	if _, _, e := unix.RawSyscall(unix.SYS_SETGROUPS, uintptr(len(groups)), uintptr(p), 0); e != 0 {
		return fmt.Errorf("setting the groups: %w", e)
	}
	return nil
}
