package build

import (
	"archive/tar"
	"fmt"
	"io"
	"path"
	"strings"

	"github.com/layerlab/layerlab/sim/content"
	"github.com/layerlab/layerlab/sim/layer"
	"github.com/layerlab/layerlab/sim/overlay"
	"github.com/layerlab/layerlab/sim/tree"
)

// smallFile is the size up to which a file of an archive is held as bytes; larger
// ones are windows of the archive.
const smallFile = 1 << 20

// archiveCodec tells whether a body is an archive that ADD unpacks: a tar, plain
// or compressed, by its content and never by its name.
func archiveCodec(b content.Body) (layer.Codec, bool, error) {
	head := make([]byte, 16)
	n, err := content.ReadAt(b, head, 0)
	if err != nil && err != io.EOF && n == 0 {
		return 0, false, err
	}
	codec := layer.Detect(head[:n])
	rc, err := b.Open()
	if err != nil {
		return 0, false, err
	}
	defer rc.Close()
	inner, err := layer.NewInflater(rc, codec)
	if err != nil {
		return codec, false, nil
	}
	defer inner.Close()
	_, err = tar.NewReader(inner).Next()
	return codec, err == nil, nil
}

// unpacker extracts an archive as ADD does: like tar, what is in the way is
// replaced, except that a directory meets a directory.
type unpacker struct {
	dst   *overlay.View
	at    string // the directory that is unpacked into
	own   *owner
	dirs  []dirTime
	pause func() error
}

type dirTime struct {
	path string
	at   tree.Time
}

// counter counts what was read, which is where in the archive a file begins.
type counter struct {
	r io.Reader
	n int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err
}

// unpack extracts the archive b into the directory at.
func (u *unpacker) unpack(b content.Body, codec layer.Codec) error {
	rc, err := b.Open()
	if err != nil {
		return err
	}
	defer rc.Close()
	inner, err := layer.NewInflater(rc, codec)
	if err != nil {
		return err
	}
	defer inner.Close()
	plain := b
	if codec != layer.Plain {
		plain = layer.InflatedBody(b, codec, -1)
	}
	count := &counter{r: inner}
	tr := tar.NewReader(count)
	for n := 0; ; n++ {
		h, err := tr.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return err
		}
		if n%64 == 0 {
			if err := u.pause(); err != nil {
				return err
			}
		}
		if err := u.entry(h, tr, plain, count.n); err != nil {
			return err
		}
	}
	for i := len(u.dirs) - 1; i >= 0; i-- {
		if err := u.dst.Utimes(u.dirs[i].path, u.dirs[i].at); err != nil && !notThere(err) {
			return err
		}
	}
	return nil
}

// inside is an entry's name as a path below the directory that is unpacked into.
// Symbolic links on the way, also those the archive made, stay inside the image.
func (u *unpacker) inside(name string) (string, error) {
	name = path.Join("/", name)
	dir, err := resolvePath(u.dst, path.Join(u.at, path.Dir(name)), true)
	if err != nil || name == "/" {
		return u.at, err
	}
	return path.Join(dir, path.Base(name)), nil
}

func (u *unpacker) entry(h *tar.Header, r io.Reader, plain content.Body, offset int64) error {
	if h.Typeflag == tar.TypeXGlobalHeader {
		return nil
	}
	if strings.HasPrefix(path.Clean(h.Name), "../") {
		return fmt.Errorf("%q is outside of %q", h.Name, u.at)
	}
	p, err := u.inside(h.Name)
	if err != nil {
		return err
	}
	if err := mkdirAll(u.dst, path.Dir(p), 0o755, nil, nil); err != nil { // what is only implied is root's
		return err
	}
	if st, err := u.dst.Lstat(p); err == nil {
		if st.IsDir() && path.Clean(h.Name) == "." {
			return nil // the directory unpacked into keeps what it is
		}
		isDir := st.IsDir() && h.Typeflag == tar.TypeDir
		if !isDir {
			if p == u.at {
				return nil // "." of something that is no directory
			}
			if err := u.dst.RemoveAll(p); err != nil {
				return err
			}
		}
	}
	return u.make(h, p, r, plain, offset)
}

// make makes one object with its metadata.
func (u *unpacker) make(h *tar.Header, p string, r io.Reader, plain content.Body, offset int64) error {
	uid, gid := uint32(h.Uid), uint32(h.Gid)
	if u.own != nil {
		uid, gid = u.own.uid, u.own.gid
	}
	perm := uint32(h.Mode) & tree.PermMask
	at := tree.TimeOf(h.ModTime)
	switch h.Typeflag {
	case tar.TypeReg, tar.TypeRegA: //lint:ignore SA1019 old archives have it
		body, err := u.body(h, r, plain, offset)
		if err != nil {
			return fmt.Errorf("unpacking %q: %w", h.Name, err)
		}
		return u.dst.SetBody(p, body, &overlay.Meta{Perm: perm, UID: uid, GID: gid, MTime: at, Xattrs: paxXattrs(h)})
	case tar.TypeLink:
		target, err := u.inside(h.Linkname)
		if err != nil {
			return err
		}
		if err := u.dst.Link(target, p); err != nil {
			return err
		}
		// The entry's metadata become the file's, unless it is a symbolic link.
		if st, err := u.dst.Lstat(p); err != nil || st.IsSymlink() {
			return err
		}
	case tar.TypeSymlink:
		if err := u.dst.Symlink(h.Linkname, p); err != nil {
			return err
		}
	case tar.TypeDir:
		if _, err := u.dst.Lstat(p); err != nil {
			if err := u.dst.Mkdir(p, perm); err != nil {
				return err
			}
		}
		u.dirs = append(u.dirs, dirTime{p, at})
	case tar.TypeChar, tar.TypeBlock, tar.TypeFifo:
		kind := map[byte]uint32{tar.TypeChar: tree.CharDevice, tar.TypeBlock: tree.BlockDevice, tar.TypeFifo: tree.FIFO}[h.Typeflag]
		if err := u.dst.Mknod(p, kind|perm, uint32(h.Devmajor), uint32(h.Devminor)); err != nil {
			return err
		}
	default:
		return fmt.Errorf("unhandled tar header type %d of %q", h.Typeflag, h.Name)
	}
	if err := u.dst.Lchown(p, int(uid), int(gid)); err != nil {
		return err
	}
	if h.Typeflag == tar.TypeSymlink {
		return u.dst.Lutimes(p, at)
	}
	if err := u.dst.Chmod(p, perm); err != nil {
		return err
	}
	return u.dst.Utimes(p, at)
}

// body is the content of an archive's file.
func (u *unpacker) body(h *tar.Header, r io.Reader, plain content.Body, offset int64) (content.Body, error) {
	if h.Size <= smallFile || offset+h.Size > plain.Size() {
		if h.Size > 64<<20 {
			return nil, fmt.Errorf("%d bytes in a sparse file are more than are unpacked at once", h.Size)
		}
		b, err := io.ReadAll(r)
		return content.Bytes(b), err
	}
	if _, err := io.Copy(io.Discard, r); err != nil {
		return nil, err
	}
	return content.Slice(plain, offset, h.Size), nil
}

// paxXattrs is the extended attributes of an archive's entry.
func paxXattrs(h *tar.Header) map[string]string {
	var out map[string]string
	for k, v := range h.PAXRecords {
		if name, ok := strings.CutPrefix(k, "SCHILY.xattr."); ok {
			if out == nil {
				out = map[string]string{}
			}
			out[name] = v
		}
	}
	return out
}
