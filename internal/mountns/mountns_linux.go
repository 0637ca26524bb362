// Package mountns gives a thread mounts of its own, for those who ask the
// kernel's overlayfs: what such a thread mounts, nobody else sees, and it is gone
// with the thread.
package mountns

import (
	"errors"
	"fmt"
	"os"
	"runtime"

	"golang.org/x/sys/unix"
)

// Enter gives the calling goroutine's thread a mount namespace, root directory,
// working directory and umask of its own, and mounts an empty tmpfs at dir, with
// mount(2)'s flags. The goroutine keeps the thread until both end. It needs root;
// the error says what is refused.
func Enter(dir string, flags uintptr) error {
	if os.Getuid() != 0 {
		return errors.New("mounting an overlay needs root")
	}
	runtime.LockOSThread() // and never unlocked: the thread ends with the goroutine
	if err := unix.Unshare(unix.CLONE_NEWNS | unix.CLONE_FS); err != nil {
		return fmt.Errorf("unsharing the mount namespace: %w", err)
	}
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		return fmt.Errorf("making mounts private: %w", err)
	}
	if err := unix.Mount("tmpfs", dir, "tmpfs", flags, "mode=755"); err != nil {
		return fmt.Errorf("mounting a tmpfs: %w", err)
	}
	return nil
}

// Run runs f on a thread that has entered, waits for it and takes the tmpfs away.
// It gives f's error, or why f could not run, or that f ended its goroutine.
func Run(dir string, flags uintptr, f func() error) error {
	err := errors.New("stopped half way")
	done := make(chan struct{})
	go func() {
		defer close(done)
		if refused := Enter(dir, flags); refused != nil {
			err = refused
			return
		}
		defer unix.Unmount(dir, unix.MNT_DETACH)
		err = f()
	}()
	<-done
	return err
}
