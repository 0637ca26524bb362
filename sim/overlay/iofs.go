package overlay

import (
	"io"
	"io/fs"
	"os"
	"path"
)

// FS is the merged tree as root sees it, read-only, for package io/fs: paths are
// relative and unrooted, symbolic links are followed inside the mount. Reading is
// told to the trace like any other.
func (m *Mount) FS() fs.FS { return ioFS{m.Root()} }

type ioFS struct{ v *View }

var (
	_ fs.StatFS     = ioFS{}
	_ fs.ReadDirFS  = ioFS{}
	_ fs.ReadFileFS = ioFS{}
	_ fs.ReadLinkFS = ioFS{}
)

func check(op, name string) error {
	if !fs.ValidPath(name) {
		return fail(op, name, fs.ErrInvalid)
	}
	return nil
}

// renamed is err with the name that the caller knows.
func renamed(err error, name string) error {
	if e, ok := err.(*fs.PathError); ok {
		return fail(e.Op, name, e.Err)
	}
	return err
}

func (f ioFS) Open(name string) (fs.File, error) {
	if err := check("open", name); err != nil {
		return nil, err
	}
	o, err := f.v.Open("/"+name, os.O_RDONLY, 0)
	if err != nil {
		return nil, renamed(err, name)
	}
	return &ioFile{File: o, base: path.Base(name)}, nil
}

func (f ioFS) Stat(name string) (fs.FileInfo, error) {
	if err := check("stat", name); err != nil {
		return nil, err
	}
	s, err := f.v.Stat("/" + name)
	if err != nil {
		return nil, renamed(err, name)
	}
	return namedInfo{s.FileInfo(), path.Base(name)}, nil
}

func (f ioFS) Lstat(name string) (fs.FileInfo, error) {
	if err := check("lstat", name); err != nil {
		return nil, err
	}
	s, err := f.v.Lstat("/" + name)
	if err != nil {
		return nil, renamed(err, name)
	}
	return s.FileInfo(), nil
}

func (f ioFS) ReadLink(name string) (string, error) {
	if err := check("readlink", name); err != nil {
		return "", err
	}
	s, err := f.v.Readlink("/" + name)
	return s, renamed(err, name)
}

func (f ioFS) ReadFile(name string) ([]byte, error) {
	if err := check("open", name); err != nil {
		return nil, err
	}
	b, err := f.v.ReadFile("/" + name)
	return b, renamed(err, name)
}

func (f ioFS) ReadDir(name string) ([]fs.DirEntry, error) {
	if err := check("open", name); err != nil {
		return nil, err
	}
	list, err := f.v.ReadDir("/" + name)
	if err != nil {
		return nil, renamed(err, name)
	}
	return dirEntries(list), nil
}

func dirEntries(list []DirEntry) []fs.DirEntry {
	out := make([]fs.DirEntry, len(list))
	for i, e := range list {
		out[i] = fs.FileInfoToDirEntry(e.Stat.FileInfo())
	}
	return out
}

// namedInfo is a FileInfo under the name by which it was asked for.
type namedInfo struct {
	fs.FileInfo
	name string
}

func (n namedInfo) Name() string { return n.name }

// ioFile is an open file of an ioFS.
type ioFile struct {
	*File
	base string
	left []fs.DirEntry
	read bool
}

func (f *ioFile) Stat() (fs.FileInfo, error) {
	s, err := f.File.Stat()
	if err != nil {
		return nil, err
	}
	return namedInfo{s.FileInfo(), f.base}, nil
}

func (f *ioFile) ReadDir(n int) ([]fs.DirEntry, error) {
	if !f.read {
		list, err := f.File.ReadDir()
		if err != nil {
			return nil, err
		}
		f.left, f.read = dirEntries(list), true
	}
	out := f.left
	if n > 0 {
		if len(out) == 0 {
			return nil, io.EOF
		}
		out = out[:min(n, len(out))]
	}
	f.left = f.left[len(out):]
	return out, nil
}
