//go:build readers

package readers_test

import (
	"archive/tar"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/layerlab/layerlab/sim/layer"
	"github.com/layerlab/layerlab/sim/tree"
)

const capability = "security.capability"

// sumOf is the number of bytes of r and the start of their SHA-256.
func sumOf(r io.Reader) (int64, string, error) {
	h := sha256.New()
	n, err := io.Copy(h, r)
	return n, hex.EncodeToString(h.Sum(nil)[:8]), err
}

var kinds = map[uint32]byte{
	tree.Regular: '-', tree.Directory: 'd', tree.Symlink: 'l', tree.CharDevice: 'c', tree.BlockDevice: 'b', tree.FIFO: 'p',
}

// ofLayers is the tree of an image's layers as the simulator sees it.
func ofLayers(layers []*layer.Layer) (fsTree, error) {
	t := layer.Flatten(layers)
	out, same := fsTree{}, map[string]string{}
	var failed error
	t.Walk(func(p string, i tree.Ino, in *tree.Inode) bool {
		n := node{
			kind: kinds[in.Type()], mode: in.Perm(), uid: int(in.UID), gid: int(in.GID), target: in.Target, major: in.Major, minor: in.Minor,
			sec: in.MTime.Sec, nsec: int(in.MTime.Nsec), caps: hex.EncodeToString([]byte(in.Xattrs[capability])), implied: in.Implied,
		}
		if in.IsRegular() {
			rc, err := in.Content().Open()
			if err == nil {
				n.size, n.sum, err = sumOf(rc)
				rc.Close()
			}
			failed = errors.Join(failed, err)
		}
		if in.Nlink > 1 && !in.IsDir() {
			same["/"+p] = fmt.Sprint(i)
		}
		out["/"+p] = n
		return true
	})
	out.link(same)
	return out, failed
}

// ofTar is the tree that a flat tar holds: docker export's, or mutate.Extract's.
// Hard links may come before what they point to.
func ofTar(r io.Reader) (fsTree, error) {
	out, same := fsTree{}, map[string]string{}
	links := map[string]string{}
	in := tar.NewReader(r)
	for {
		h, err := in.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, err
		}
		p := path.Clean("/" + h.Name)
		if p == "/" {
			continue
		}
		n := node{
			mode: uint32(h.Mode) & 0o7777, uid: h.Uid, gid: h.Gid, sec: h.ModTime.Unix(), nsec: h.ModTime.Nanosecond(),
			caps: hex.EncodeToString([]byte(h.PAXRecords["SCHILY.xattr."+capability])),
		}
		switch h.Typeflag {
		case tar.TypeReg, tar.TypeGNUSparse:
			n.kind = '-'
			if n.size, n.sum, err = sumOf(in); err != nil {
				return nil, err
			}
		case tar.TypeLink:
			links[p] = path.Clean("/" + h.Linkname)
			continue
		case tar.TypeDir:
			n.kind = 'd'
		case tar.TypeSymlink:
			n.kind, n.target = 'l', h.Linkname
		case tar.TypeChar:
			n.kind, n.major, n.minor = 'c', uint32(h.Devmajor), uint32(h.Devminor)
		case tar.TypeBlock:
			n.kind, n.major, n.minor = 'b', uint32(h.Devmajor), uint32(h.Devminor)
		case tar.TypeFifo:
			n.kind = 'p'
		default:
			return nil, fmt.Errorf("%q has the type %q", h.Name, h.Typeflag)
		}
		out[p] = n
	}
	if _, err := io.Copy(io.Discard, r); err != nil { // what went wrong may follow the end mark
		return nil, err
	}
	for p, to := range links {
		for i := 0; links[to] != "" && i < len(links); i++ {
			to = links[to]
		}
		n, ok := out[to]
		if !ok {
			return nil, fmt.Errorf("%q is a hard link to %q, which is not there", p, to)
		}
		out[p] = n
		same[p], same[to] = to, to
	}
	out.link(same)
	return out, nil
}

// ofDir is the tree of a directory of this machine.
func ofDir(root string) (fsTree, error) {
	out, same := fsTree{}, map[string]string{}
	err := filepath.WalkDir(root, func(name string, _ fs.DirEntry, err error) error {
		if err != nil || name == root {
			return err
		}
		var st unix.Stat_t
		if err := unix.Lstat(name, &st); err != nil {
			return &fs.PathError{Op: "lstat", Path: name, Err: err}
		}
		p := name[len(root):]
		n := node{kind: kinds[st.Mode&syscall.S_IFMT], mode: st.Mode & 0o7777, uid: int(st.Uid), gid: int(st.Gid), sec: st.Mtim.Sec, nsec: int(st.Mtim.Nsec)}
		switch n.kind {
		case '-':
			f, err := os.Open(name)
			if err != nil {
				return err
			}
			defer f.Close()
			if n.size, n.sum, err = sumOf(f); err != nil {
				return err
			}
			value := make([]byte, 256)
			if k, err := unix.Lgetxattr(name, capability, value); err == nil {
				n.caps = hex.EncodeToString(value[:k])
			}
		case 'l':
			if n.target, err = os.Readlink(name); err != nil {
				return err
			}
		case 'c', 'b':
			n.major, n.minor = unix.Major(st.Rdev), unix.Minor(st.Rdev)
		}
		if st.Nlink > 1 && n.kind != 'd' {
			same[p] = fmt.Sprint(st.Ino)
		}
		out[p] = n
		return nil
	})
	out.link(same)
	return out, err
}
