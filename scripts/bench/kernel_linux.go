package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/layerlab/layerlab/internal/mountns"
	"github.com/layerlab/layerlab/scripts/internal/sample"
)

// onKernel makes the wide image's layers directories on a tmpfs and measures an
// overlay mount of them. It happens on a thread of its own with its own mounts and
// working directory, and is gone with it. The error says why it could not be.
func onKernel(paths []string) (times, error) {
	base, err := os.MkdirTemp("", "layerlab-kernel-")
	if err != nil {
		return times{}, err
	}
	defer os.RemoveAll(base)
	var t times
	err = mountns.Run(base, 0, func() (err error) {
		t, err = kernelTimes(base, paths)
		return err
	})
	return t, err
}

func kernelTimes(base string, paths []string) (times, error) {
	var t times
	if err := unix.Chdir(base); err != nil { // of this thread: relative names keep the mount's options within a page
		return t, err
	}
	unix.Umask(0o022)
	var lowers []string
	for l := range sample.WideLayers {
		name := fmt.Sprint(l)
		if err := unix.Mkdir(name, 0o755); err != nil {
			return t, err
		}
		if err := kernelLayer(name, l); err != nil {
			return t, fmt.Errorf("making layer %d: %w", l, err)
		}
		lowers = append([]string{name}, lowers...) // the topmost comes first
	}
	if err := unix.Mkdir("m", 0o755); err != nil {
		return t, err
	}
	var first, again, small, big []float64
	for round := range 5 {
		up, work := fmt.Sprint("u", round), fmt.Sprint("w", round)
		if err := errors.Join(unix.Mkdir(up, 0o755), unix.Mkdir(work, 0o755)); err != nil {
			return t, err
		}
		o := "lowerdir=" + strings.Join(lowers, ":") + ",upperdir=" + up + ",workdir=" + work
		if err := unix.Mount("overlay", "m", "overlay", 0, o); err != nil {
			return t, fmt.Errorf("mounting an overlay of %d layers: %w", len(lowers), err)
		}
		var st unix.Stat_t
		stat := func(p string) error { return unix.Lstat("m"+p, &st) }
		chmod := func(p string) error { return unix.Chmod("m"+p, 0o600) }
		first = append(first, eachOf(paths, stat)) // a mount just made has no dentries
		again = append(again, eachOf(paths, stat))
		small = append(small, eachOf(copies(), chmod))
		big = append(big, eachOf(bigs(), chmod))
		if err := unix.Unmount("m", 0); err != nil {
			return t, err
		}
	}
	t.first, t.again, t.small, t.big = slices.Min(first), slices.Min(again), slices.Min(small), slices.Min(big)
	return t, nil
}

// kernelLayer makes a layer's directory. Files that are only looked up are holes:
// they take no pages.
func kernelLayer(dir string, number int) error {
	return sample.WideLayerEntries(number, func(e sample.WideEntry) error {
		p := dir + "/" + e.Name
		switch {
		case e.Dir:
			return unix.Mkdir(p, 0o755)
		case e.Whiteout:
			return unix.Mknod(p, unix.S_IFCHR, 0)
		case e.Data:
			return os.WriteFile(p, bytes.Repeat([]byte("x"), int(e.Size)), 0o644)
		}
		if err := unix.Mknod(p, unix.S_IFREG|0o644, 0); err != nil {
			return err
		}
		return unix.Truncate(p, e.Size)
	})
}
