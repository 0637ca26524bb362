package overlay

import (
	"io/fs"
	"path"
	"time"

	"github.com/layerlab/layerlab/sim/tree"
)

// A Stat is what stat(2) says of an object of the merged tree, and which layer
// says it.
type Stat struct {
	Path         string // as resolved: absolute, without symbolic links
	Ino          uint64 // the same before and after a copy-up, except for lower hard links
	Mode         uint32 // type and permissions
	UID, GID     uint32
	Nlink        uint32    // 1 for a merged directory
	Major, Minor uint32    // of a device
	Size         int64     // bytes; 4096 for a directory
	Blocks       int64     // of 512 bytes, in whole pages of 4096
	MTime        tree.Time // of the last change of the data
	ATime        tree.Time // set by utimes alone, as on a mount with noatime
	CTime        tree.Time // of the last change of data, metadata or names; kept since the mount began
	Target       string    // of a symbolic link
	Layer        int       // the topmost layer that has it
}

// FileInfo is s for io/fs. Its Sys is a *Stat.
func (s Stat) FileInfo() fs.FileInfo { return fileInfo{&s} }

// Type is the file type bits of the mode.
func (s Stat) Type() uint32 { return s.Mode & tree.TypeMask }

// Perm is the permission bits of the mode, set-uid, set-gid and sticky included.
func (s Stat) Perm() uint32 { return s.Mode & tree.PermMask }

// IsDir reports whether s is of a directory.
func (s Stat) IsDir() bool { return s.Type() == tree.Directory }

// IsRegular reports whether s is of a regular file.
func (s Stat) IsRegular() bool { return s.Type() == tree.Regular }

// IsSymlink reports whether s is of a symbolic link.
func (s Stat) IsSymlink() bool { return s.Type() == tree.Symlink }

// A DirEntry is one name of a merged directory.
type DirEntry struct {
	Name string
	Stat Stat // of the name itself, symbolic links not followed
}

type fileInfo struct{ s *Stat }

var _ fs.FileInfo = fileInfo{}

func (f fileInfo) Name() string {
	if f.s.Path == "/" {
		return "."
	}
	return path.Base(f.s.Path)
}
func (f fileInfo) Size() int64        { return f.s.Size }
func (f fileInfo) ModTime() time.Time { return f.s.MTime.Time() }
func (f fileInfo) IsDir() bool        { return f.s.IsDir() }
func (f fileInfo) Sys() any           { return f.s }
func (f fileInfo) Mode() fs.FileMode {
	n := tree.Inode{Mode: f.s.Mode}
	return n.FileMode()
}
