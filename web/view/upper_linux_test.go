package view

import (
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/layerlab/layerlab/internal/mountns"
)

// TestTheKernelStoresAnUpperDirectoryLikeThis does with a real overlay mount what
// written does with the model, and compares the upper directories name by name.
func TestTheKernelStoresAnUpperDirectoryLikeThis(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("not run: mounting an overlay needs root")
	}
	s := shipped(t)
	var want []string
	for _, r := range NewUpper(&s).Kernel {
		size := r.Size
		if r.Mode[0] == 'd' {
			size = "-" // differs from one file system to the next
		}
		want = append(want, strings.Join(append([]string{r.Mode, r.Links, r.Owner, size, r.Name}, r.Xattrs...), " "))
	}
	var got []string
	dir := t.TempDir()
	err := mountns.Run(dir, 0, func() (err error) {
		got, err = kernelUpper(dir)
		return err
	})
	switch {
	case errors.Is(err, syscall.EPERM):
		t.Skip("not run: ", err)
	case err != nil:
		t.Fatal(err)
	}
	if g, w := strings.Join(got, "\n"), strings.Join(want, "\n"); g != w {
		t.Errorf("the kernel:\n%s\nshown:\n%s", g, w)
	}
}

func kernelUpper(at string) ([]string, error) {
	try := func(errs ...error) error {
		for _, err := range errs {
			if err != nil {
				return err
			}
		}
		return nil
	}
	syscall.Umask(0o022)
	p := func(name string) string { return filepath.Join(at, name) }
	m := func(name string) string { return filepath.Join(at, "merged", name) }
	write := func(name, text string) error { return os.WriteFile(name, []byte(text), 0o644) }
	err := try(os.MkdirAll(p("1/app/d"), 0o755), write(p("1/app/a"), "first"), write(p("1/app/b"), "second"), write(p("1/app/d/old"), "third"),
		os.MkdirAll(p("2/app"), 0o755), os.Symlink("app", p("2/l")), os.Symlink("loop", p("2/loop")), os.MkdirAll(p("3/etc"), 0o755),
		os.Mkdir(p("upper"), 0o755), os.Mkdir(p("work"), 0o755), os.Mkdir(p("merged"), 0o755),
		syscall.Mount("overlay", p("merged"), "overlay", 0, fmt.Sprintf("lowerdir=%s:%s:%s,upperdir=%s,workdir=%s", p("3"), p("2"), p("1"), p("upper"), p("work"))))
	if err != nil {
		return nil, err
	}
	err = try(os.Truncate(m("app/a"), 1), os.Remove(m("app/b")), os.RemoveAll(m("app/d")), os.Mkdir(m("app/d"), 0o700), os.WriteFile(m("app/d/new"), []byte("n"), 0o600),
		os.Link(m("app/d/new"), m("app/z")), listen(m("sock")), os.Mkdir(m("made"), 0o755), os.Rename(m("made"), m("moved")))
	if err != nil {
		return nil, err
	}
	var out []string
	err = filepath.WalkDir(p("upper"), func(name string, d os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		row, err := kernelRow(name, p("upper"))
		out = append(out, row)
		return err
	})
	return out, err
}

// listen leaves a socket behind.
func listen(name string) error {
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: name, Net: "unix"})
	if err != nil {
		return err
	}
	l.SetUnlinkOnClose(false)
	return l.Close()
}

func kernelRow(name, top string) (string, error) {
	var st syscall.Stat_t
	if err := syscall.Lstat(name, &st); err != nil {
		return "", err
	}
	letter := map[uint32]string{syscall.S_IFDIR: "d", syscall.S_IFREG: "-", syscall.S_IFCHR: "c", syscall.S_IFSOCK: "s"}[st.Mode&syscall.S_IFMT]
	size := fmt.Sprint(st.Size)
	switch letter {
	case "c":
		size = fmt.Sprintf("%d, %d", st.Rdev>>8, st.Rdev&0xff)
	case "d":
		size = "-"
	}
	rel, err := filepath.Rel(top, name)
	if err != nil {
		return "", err
	}
	parts := []string{letter + Mode(st.Mode&0o7777), fmt.Sprint(st.Nlink), fmt.Sprintf("%d:%d", st.Uid, st.Gid), size, rel}
	for _, x := range []string{"trusted.overlay.opaque", "trusted.overlay.origin", "trusted.overlay.impure"} {
		buf := make([]byte, 256)
		n, err := syscall.Getxattr(name, x, buf)
		if err != nil {
			continue
		}
		value := fmt.Sprintf("%q", buf[:n])
		if strings.HasSuffix(x, "origin") {
			value = "(file handle)"
		}
		parts = append(parts, x+"="+value)
	}
	return strings.Join(parts, " "), nil
}
