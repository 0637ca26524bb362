package layer

import (
	"archive/tar"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"
	"pgregory.net/rapid"

	"github.com/layerlab/layerlab/internal/mountns"
	"github.com/layerlab/layerlab/sim/content"
	"github.com/layerlab/layerlab/sim/tree"
)

// TestFlattenIsTheKernelsOverlay unpacks random stacks of layers as containerd does,
// whiteouts as devices 0:0 and opaque directories marked, has the kernel mount
// them, and compares what it shows with Flatten. It needs root.
func TestFlattenIsTheKernelsOverlay(t *testing.T) {
	base := t.TempDir()
	if err := privateTmpfs(base); err != nil {
		fmt.Println("sim/layer: the comparison with the kernel's overlayfs does not run:", err)
		return
	}
	defer unix.Unmount(base, unix.MNT_DETACH)
	run := 0
	rapid.Check(t, func(t *rapid.T) {
		run++
		dir := filepath.Join(base, fmt.Sprint(run))
		merged := filepath.Join(dir, "merged")
		lowers := []string{filepath.Join(dir, "empty")} // the kernel wants two
		mkdirs(t, merged, lowers[0])
		var layers []*Layer
		for i := range rapid.IntRange(1, 4).Draw(t, "layers") {
			l, err := New(ctx, drawTree(t, true), WriteOptions{})
			if err != nil {
				t.Fatal(err)
			}
			if l, err = Index(ctx, l.Tar(), IndexOptions{}); err != nil {
				t.Fatal(err)
			}
			lower := filepath.Join(dir, fmt.Sprint(i))
			mkdirs(t, lower)
			if err := unpack(l, lower); err != nil {
				t.Fatalf("unpacking layer %d: %v", i, err)
			}
			layers, lowers = append(layers, l), append([]string{lower}, lowers...)
		}
		if err := unix.Mount("overlay", merged, "overlay", unix.MS_RDONLY, "lowerdir="+strings.Join(lowers, ":")); err != nil {
			t.Fatalf("mounting: %v", err)
		}
		defer os.RemoveAll(dir)
		defer unix.Unmount(merged, unix.MNT_DETACH)
		if diff := cmp.Diff(onDisk(t, merged), inTree(t, Flatten(layers))); diff != "" {
			t.Fatalf("the kernel (-) shows another tree than Flatten (+):\n%s", diff)
		}
	})
}

// privateTmpfs mounts a tmpfs at dir for this thread only.
func privateTmpfs(dir string) error {
	if err := mountns.Enter(dir, 0); err != nil {
		return err
	}
	if err := unix.Setxattr(dir, "trusted.overlay.opaque", []byte("n"), 0); err != nil {
		return fmt.Errorf("setting trusted attributes: %w", err)
	}
	return nil
}

func mkdirs(t *rapid.T, dirs ...string) {
	for _, d := range dirs {
		if err := os.MkdirAll(d, 0o755); err != nil {
			t.Fatal(err)
		}
	}
}

// unpack writes a layer's tar as a lower directory.
func unpack(l *Layer, root string) error {
	type times struct {
		path string
		sec  int64
	}
	var dirs []times
	err := l.Each(ctx, func(e Entry) error {
		h, p := e.Header, filepath.Join(root, e.Name)
		dir, base := filepath.Split(p)
		switch m, hidden := markerOf(e.Name); m {
		case opaque:
			return unix.Setxattr(filepath.Clean(dir), "trusted.overlay.opaque", []byte("y"), 0)
		case whiteout:
			return unix.Mknod(filepath.Join(dir, hidden), unix.S_IFCHR, 0)
		case aufs, badWhiteout:
			return fmt.Errorf("unexpected marker %q", base)
		}
		switch h.Typeflag {
		case tar.TypeLink:
			return os.Link(filepath.Join(root, h.Linkname), p)
		case tar.TypeDir:
			dirs = append(dirs, times{p, h.ModTime.Unix()})
			if err := os.Mkdir(p, 0o700); err != nil {
				return err
			}
		case tar.TypeSymlink:
			if err := os.Symlink(h.Linkname, p); err != nil {
				return err
			}
		case tar.TypeFifo:
			if err := unix.Mkfifo(p, 0o600); err != nil {
				return err
			}
		case tar.TypeChar, tar.TypeBlock:
			kind := map[byte]uint32{tar.TypeChar: unix.S_IFCHR, tar.TypeBlock: unix.S_IFBLK}[h.Typeflag]
			if err := unix.Mknod(p, kind, int(unix.Mkdev(uint32(h.Devmajor), uint32(h.Devminor)))); err != nil {
				return err
			}
		default:
			f, err := os.Create(p)
			if err != nil {
				return err
			}
			_, err = io.Copy(f, e.Body)
			if err := errors.Join(err, f.Close()); err != nil {
				return err
			}
		}
		if err := os.Lchown(p, h.Uid, h.Gid); err != nil {
			return err
		}
		if h.Typeflag != tar.TypeSymlink {
			if err := unix.Chmod(p, uint32(h.Mode)); err != nil {
				return err
			}
		}
		return touch(p, h.ModTime.Unix())
	})
	for i := len(dirs) - 1; i >= 0 && err == nil; i-- {
		err = touch(dirs[i].path, dirs[i].sec)
	}
	return err
}

func touch(p string, sec int64) error {
	at := unix.Timespec{Sec: sec}
	return unix.UtimesNanoAt(unix.AT_FDCWD, p, []unix.Timespec{at, at}, unix.AT_SYMLINK_NOFOLLOW)
}

func onDisk(t *rapid.T, root string) []string {
	var out []string
	err := filepath.WalkDir(root, func(p string, _ fs.DirEntry, err error) error {
		if p == root || errors.Is(err, fs.ErrNotExist) {
			return nil
		} else if err != nil {
			return err
		}
		var st unix.Stat_t
		if err := unix.Lstat(p, &st); err == unix.ENOENT {
			return nil // a whiteout of nothing: the kernel lists its name, and nothing more
		} else if err != nil {
			return err
		}
		var body []byte
		target := ""
		switch st.Mode & unix.S_IFMT {
		case unix.S_IFREG:
			body, err = os.ReadFile(p)
		case unix.S_IFLNK:
			target, err = os.Readlink(p)
		}
		out = append(out, row(strings.TrimPrefix(p, root+"/"), st.Mode, st.Uid, st.Gid, st.Mtim.Sec, unix.Major(st.Rdev), unix.Minor(st.Rdev), target, body))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func inTree(t *rapid.T, tr *tree.Tree) []string {
	var out []string
	tr.Walk(func(p string, _ tree.Ino, n *tree.Inode) bool {
		b, err := content.ReadAll(n.Content(), 1<<20)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, row(p, n.Mode, n.UID, n.GID, n.MTime.Sec, n.Major, n.Minor, n.Target, b))
		return true
	})
	return out
}

func row(p string, mode, uid, gid uint32, sec int64, major, minor uint32, target string, body []byte) string {
	return fmt.Sprintf("%s %o %d:%d %d %d,%d %q %x", p, mode, uid, gid, sec, major, minor, target, body)
}
