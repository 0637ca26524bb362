package tree

import (
	"errors"
	"io"
	"io/fs"
	"path"
	"strings"
	"time"

	"github.com/layerlab/layerlab/sim/content"
)

// maxLinks is the number of symbolic links on one path that Linux follows.
const maxLinks = 40

var errLoop = errors.New("too many levels of symbolic links")

// FS is the tree as an io/fs file system. Symbolic links are followed, inside the
// tree; devices and FIFOs read as empty. The tree must not be changed meanwhile.
func FS(t *Tree) fs.FS { return fileSystem{t} }

type fileSystem struct{ t *Tree }

// resolve finds the inode at name, and follows a link there if follow says so.
func (f fileSystem) resolve(op, name string, follow bool) (*Inode, Ino, error) {
	fail := func(err error) (*Inode, Ino, error) { return nil, 0, &fs.PathError{Op: op, Path: name, Err: err} }
	if !fs.ValidPath(name) {
		return fail(fs.ErrInvalid)
	}
	at, parts, links := Root, strings.Split(name, "/"), 0
	for len(parts) > 0 {
		part := parts[0]
		parts = parts[1:]
		dir := f.t.Inode(at)
		switch {
		case !dir.IsDir():
			return fail(errors.New("not a directory"))
		case part == "" || part == ".":
			continue
		case part == "..":
			at = dir.parent
			continue
		}
		next := f.t.Child(at, part)
		if next == 0 {
			return fail(fs.ErrNotExist)
		}
		n := f.t.Inode(next)
		if !n.IsSymlink() || len(parts) == 0 && !follow {
			at = next
			continue
		}
		if links++; links > maxLinks {
			return fail(errLoop)
		}
		if strings.HasPrefix(n.Target, "/") {
			at = Root
		}
		parts = append(strings.Split(n.Target, "/"), parts...)
	}
	return f.t.Inode(at), at, nil
}

func (f fileSystem) Open(name string) (fs.File, error) {
	n, i, err := f.resolve("open", name, true)
	if err != nil {
		return nil, err
	}
	info := fileInfo{path.Base(name), n}
	if n.IsDir() {
		return &openDir{t: f.t, ino: i, info: info, path: name}, nil
	}
	rc, err := n.Content().Open()
	if err != nil {
		return nil, &fs.PathError{Op: "open", Path: name, Err: err}
	}
	return &openFile{rc, info, n.Content()}, nil
}

func (f fileSystem) Stat(name string) (fs.FileInfo, error) {
	n, _, err := f.resolve("stat", name, true)
	if err != nil {
		return nil, err
	}
	return fileInfo{path.Base(name), n}, nil
}

// Lstat is Stat that does not follow a last symbolic link (fs.ReadLinkFS).
func (f fileSystem) Lstat(name string) (fs.FileInfo, error) {
	n, _, err := f.resolve("lstat", name, false)
	if err != nil {
		return nil, err
	}
	return fileInfo{path.Base(name), n}, nil
}

// ReadLink is the target of a symbolic link (fs.ReadLinkFS).
func (f fileSystem) ReadLink(name string) (string, error) {
	n, _, err := f.resolve("readlink", name, false)
	if err != nil {
		return "", err
	}
	if !n.IsSymlink() {
		return "", &fs.PathError{Op: "readlink", Path: name, Err: fs.ErrInvalid}
	}
	return n.Target, nil
}

// Info is an inode under a name as io/fs has it; its Sys is the *Inode.
func Info(name string, n *Inode) fs.FileInfo { return fileInfo{name, n} }

type fileInfo struct {
	name string
	n    *Inode
}

func (i fileInfo) Name() string               { return i.name }
func (i fileInfo) Size() int64                { return i.n.Size() }
func (i fileInfo) Mode() fs.FileMode          { return i.n.FileMode() }
func (i fileInfo) Type() fs.FileMode          { return i.n.FileMode().Type() }
func (i fileInfo) ModTime() time.Time         { return i.n.MTime.Time() }
func (i fileInfo) IsDir() bool                { return i.n.IsDir() }
func (i fileInfo) Sys() any                   { return i.n }
func (i fileInfo) Info() (fs.FileInfo, error) { return i, nil }
func (i fileInfo) String() string             { return fs.FormatFileInfo(i) }

type openFile struct {
	io.ReadCloser
	info fileInfo
	body content.Body
}

func (f *openFile) Stat() (fs.FileInfo, error) { return f.info, nil }

func (f *openFile) ReadAt(p []byte, off int64) (int, error) { return content.ReadAt(f.body, p, off) }

type openDir struct {
	t    *Tree
	ino  Ino
	info fileInfo
	path string
	last string // the last name that was given
	any  bool
}

func (d *openDir) Stat() (fs.FileInfo, error) { return d.info, nil }
func (d *openDir) Close() error               { return nil }
func (d *openDir) Read([]byte) (int, error) {
	return 0, &fs.PathError{Op: "read", Path: d.path, Err: errors.New("is a directory")}
}

// ReadDir gives the next n names, or all that are left if n is not positive.
func (d *openDir) ReadDir(n int) ([]fs.DirEntry, error) {
	var out []fs.DirEntry
	for name, i := range d.t.ChildrenFrom(d.ino, d.last) {
		if d.any && name == d.last {
			continue
		}
		if n > 0 && len(out) == n {
			break
		}
		out = append(out, fileInfo{name, d.t.Inode(i)})
	}
	if len(out) > 0 {
		d.last, d.any = out[len(out)-1].Name(), true
	} else if n > 0 {
		return nil, io.EOF
	}
	return out, nil
}
