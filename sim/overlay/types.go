package overlay

import (
	"io/fs"

	"github.com/layerlab/layerlab/sim/tree"
)

// PathError is the error of every failed call: the call, the path as it was
// given, and a syscall.Errno. It is the standard library's type, so errors.Is
// works with fs.ErrNotExist as well as with syscall.ENOTEMPTY.
type PathError = fs.PathError

// RenameNoReplace and RenameExchange are the flags of renameat2(2).
const (
	RenameNoReplace uint = 1
	RenameExchange  uint = 2
)

// Flags for View.Open beside those of package os.
const (
	OpenNoFollow  = 1 << 29 // O_NOFOLLOW: fail with ELOOP on a symbolic link
	OpenDirectory = 1 << 30 // O_DIRECTORY: fail with ENOTDIR on anything else
	OpenPath      = 1 << 28 // O_PATH: a place to be used with View.At and File.Stat; with OpenNoFollow a symbolic link itself
	OpenNonblock  = 1 << 26 // O_NONBLOCK: do not wait for the other end of a FIFO; wanted for O_RDWR too
	OpenTmpfile   = 1 << 27 // O_TMPFILE: a file without a name in the directory that the path names
)

// Meta is the whole metadata that View.SetBody gives a file.
type Meta struct {
	Perm     uint32 // permission bits with set-uid, set-gid and sticky; no umask is applied
	UID, GID uint32
	MTime    tree.Time
	Xattrs   map[string]string
}

// State is what a path is in one layer.
type State string

// The states of a path in a layer.
const (
	Absent State = "absent" // the layer says nothing of it
	Wins   State = "wins"   // this is what a process sees
	Hidden State = "hidden" // it is there and a layer above hides it
	Marker State = "marker" // a whiteout of it, or of a directory above it
	Merged State = "merged" // a directory that adds its names below the one that wins
)

// Cause is why a path of a layer is hidden.
type Cause string

// The causes.
const (
	None            Cause = ""
	Overwritten     Cause = "overwritten"       // an object of the same path lies above it
	WhitedOut       Cause = "whiteout"          // a whiteout of the path
	OpaqueDir       Cause = "opaque directory"  // the path or a directory above it is opaque
	ParentReplaced  Cause = "parent replaced"   // a directory above it became something else
	ParentWhitedOut Cause = "parent whited out" // a whiteout of a directory above it
)

// A Version is what one layer has of a path.
type Version struct {
	Layer int
	State State
	Node  *tree.Inode // nil if the layer does not have it
	By    int         // the layer that hides it; -1 when none does
	Cause Cause       // why it is hidden; of a Marker: WhitedOut or ParentWhitedOut
	Dead  int64       // file bytes that are stored here and not seen: of a directory, all below it
}

// Listed is one name of a merged directory.
type Listed struct {
	Name   string
	Node   *tree.Inode // of the topmost layer that has it
	Layer  int         // that layer
	Merged bool        // a directory to which several layers add
}

// A Change is one line of docker diff: 'A' added, 'C' changed, 'D' deleted.
type Change struct {
	Kind byte
	Path string
}
