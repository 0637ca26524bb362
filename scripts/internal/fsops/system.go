package fsops

import "github.com/layerlab/layerlab/sim/tree"

// A System is a file system that operations are made on. Its calls are the system
// calls of their names, flags and numbers are those of Linux on x86-64, errors
// hold a syscall.Errno. Calls come one at a time.
type System interface {
	// Become sets the user that the calls after it are made as.
	Become(u User)

	Open(at Dir, path string, flags int, mode uint32) (Handle, error)
	Close(h Handle) error
	Read(h Handle, p []byte) (int, error)              // 0 at the end of a file
	Pread(h Handle, p []byte, off int64) (int, error)  // likewise
	Write(h Handle, p []byte) (int, error)             //
	Pwrite(h Handle, p []byte, off int64) (int, error) //
	Lseek(h Handle, off int64, whence int) (int64, error)
	Ftruncate(h Handle, size int64) error
	Fallocate(h Handle, mode int, off, size int64) error
	Fsync(h Handle) error
	Getdents(h Handle) ([]Entry, error) // some of the names that follow; none at the end

	Truncate(path string, size int64) error
	Fstatat(at Dir, path string, flags int) (Stat, error) // AT_EMPTY_PATH for fstat
	Faccessat(at Dir, path string, mode uint32, flags int) error
	Fchmodat(at Dir, path string, mode uint32, flags int) error
	Fchmod(h Handle, mode uint32) error
	Fchownat(at Dir, path string, uid, gid int, flags int) error
	Fchown(h Handle, uid, gid int) error
	Utimensat(at Dir, path string, atime, mtime SetTime, flags int) error
	Futimens(h Handle, atime, mtime SetTime) error

	Mkdirat(at Dir, path string, mode uint32) error
	Mknodat(at Dir, path string, mode, major, minor uint32) error
	Symlinkat(target string, at Dir, path string) error
	Readlinkat(at Dir, path string) (string, error)
	Linkat(at Dir, path string, toAt Dir, to string, flags int) error
	Unlinkat(at Dir, path string, flags int) error
	Renameat2(at Dir, path string, toAt Dir, to string, flags int) error

	Setxattr(on Attrs, name, value string, flags int) error
	Getxattr(on Attrs, name string) (string, error)
	Listxattr(on Attrs) ([]string, error)
	Removexattr(on Attrs, name string) error

	Statfs(path string) (Statfs, error)
	Fstatfs(h Handle) (Statfs, error)
	Chdir(path string) error
	Fchdir(h Handle) error
	Getcwd() (string, error)

	// Rotate makes the upper directory the topmost lower layer and begins a new
	// one; Remount takes the mount down and up again, read-only or not; Reset
	// goes back to the start. All handles have been closed before, and the
	// working directory is the root again.
	Rotate() error
	Remount(readOnly bool) error
	Reset() error
	// Sleep lets the file system's clock go on.
	Sleep(t tree.Time)
	// Upper is the upper directory as it is stored.
	Upper() ([]Stored, error)
}

// A User is whom a call is made as; the real ids are the same as the effective.
type User struct {
	UID, GID uint32
	Groups   []uint32 // supplementary
	Umask    uint32
}

// A Handle is an open file of the system that opened it.
type Handle any

// A Dir is where a relative path begins: a Handle, or one of these.
type Dir any

type special string

const (
	atCwd special = "the working directory"
	badFD special = "a descriptor that is not open"
)

// Attrs is whose extended attributes a call is about: a path, of which a symbolic
// link at the end is followed or not, or an open file.
type Attrs struct {
	Path   string
	Follow bool
	Handle Handle // nil: Path counts
}

// A SetTime is one of the two times of utimensat(2). Nsec may be the numbers of
// UTIME_NOW and UTIME_OMIT.
type SetTime struct{ Sec, Nsec int64 }

// A Stat is what stat(2) says.
type Stat struct {
	Dev, Ino     uint64
	Mode         uint32
	Nlink        uint64
	UID, GID     uint32
	Major, Minor uint32 // of a device
	Size, Blocks int64  // bytes; blocks of 512 bytes
	Atime        tree.Time
	Mtime        tree.Time
	Ctime        tree.Time
}

// An Entry is one name of a directory.
type Entry struct {
	Name string
	Ino  uint64
	Type uint32 // type bits of st_mode
}

// Statfs is what statfs(2) says; blocks are of Bsize bytes.
type Statfs struct {
	Type                 int64
	Bsize, Namelen       int64
	Blocks, Bfree, Files uint64
	ReadOnly             bool
}

// Stored is one object of an upper directory, as it is stored.
type Stored struct {
	Path   string // from the upper directory's root, "/a/b"
	Stat   Stat
	Target string            // of a symbolic link
	Xattrs map[string]string // those of overlayfs itself left out but for trusted.overlay.opaque
}
