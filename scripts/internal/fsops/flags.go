package fsops

import (
	"maps"
	"slices"
	"strings"

	"github.com/layerlab/layerlab/sim/tree"
)

// A set is named numbers that are added up, as flags are, or of which one is
// chosen. Names may be given with or without the prefix, in any case.
type set struct {
	prefix string
	values map[string]int
}

// The flags of open(2), as Linux on x86-64 numbers them.
const (
	oWronly    = 0o1
	oRdwr      = 0o2
	oAccmode   = 0o3
	oCreat     = 0o100
	oExcl      = 0o200
	oTrunc     = 0o1000
	oAppend    = 0o2000
	oNonblock  = 0o4000
	oDirectory = 0o200000
	oNofollow  = 0o400000
	oNoatime   = 0o1000000
	oPath      = 0o10000000
	oTmpfile   = 0o20200000
)

// The flags of the calls with "at" in their names.
const (
	atFDCWD         = -100
	atNoFollow      = 0x100
	atRemoveDir     = 0x200
	atEaccess       = 0x200
	atSymlinkFollow = 0x400
	atEmptyPath     = 0x1000
)

const (
	utimeNow  = 1<<30 - 1
	utimeOmit = 1<<30 - 2

	fallocKeepSize  = 1
	fallocPunchHole = 2
)

var (
	openFlags = set{"O_", map[string]int{
		"O_RDONLY": 0, "O_WRONLY": oWronly, "O_RDWR": oRdwr, "O_ACCMODE": oAccmode, "O_CREAT": oCreat, "O_EXCL": oExcl, "O_NOCTTY": 0o400,
		"O_TRUNC": oTrunc, "O_APPEND": oAppend, "O_NONBLOCK": oNonblock, "O_NDELAY": oNonblock, "O_DSYNC": 0o10000, "O_ASYNC": 0o20000,
		"O_DIRECT": 0o40000, "O_LARGEFILE": 0o100000, "O_DIRECTORY": oDirectory, "O_NOFOLLOW": oNofollow, "O_NOATIME": oNoatime,
		"O_CLOEXEC": 0o2000000, "O_SYNC": 0o4010000, "O_RSYNC": 0o4010000, "O_PATH": oPath, "O_TMPFILE": oTmpfile,
	}}
	atFlags = set{"AT_", map[string]int{
		"AT_SYMLINK_NOFOLLOW": atNoFollow, "AT_SYMLINK_FOLLOW": atSymlinkFollow, "AT_REMOVEDIR": atRemoveDir, "AT_EACCESS": atEaccess,
		"AT_EMPTY_PATH": atEmptyPath, "AT_NO_AUTOMOUNT": 0x800,
	}}
	renameFlags = set{"RENAME_", map[string]int{"RENAME_NOREPLACE": 1, "RENAME_EXCHANGE": 2, "RENAME_WHITEOUT": 4}}
	xattrFlags  = set{"XATTR_", map[string]int{"XATTR_CREATE": 1, "XATTR_REPLACE": 2}}
	accessModes = set{"", map[string]int{"F_OK": 0, "R_OK": 4, "W_OK": 2, "X_OK": 1}}
	fallocModes = set{"FALLOC_FL_", map[string]int{
		"FALLOC_FL_KEEP_SIZE": fallocKeepSize, "FALLOC_FL_PUNCH_HOLE": fallocPunchHole, "FALLOC_FL_COLLAPSE_RANGE": 8, "FALLOC_FL_ZERO_RANGE": 16,
		"FALLOC_FL_INSERT_RANGE": 32, "FALLOC_FL_UNSHARE_RANGE": 64,
	}}
	whences   = set{"SEEK_", map[string]int{"SEEK_SET": 0, "SEEK_CUR": 1, "SEEK_END": 2, "SEEK_DATA": 3, "SEEK_HOLE": 4}}
	fileTypes = set{"S_IF", map[string]int{
		"S_IFREG": int(tree.Regular), "S_IFDIR": int(tree.Directory), "S_IFCHR": int(tree.CharDevice), "S_IFBLK": int(tree.BlockDevice),
		"S_IFIFO": int(tree.FIFO), "S_IFSOCK": int(tree.Socket), "S_IFLNK": int(tree.Symlink),
	}}
)

// value is the number of a name.
func (s set) value(name string) (int, bool) {
	name = strings.ToUpper(strings.TrimSpace(name))
	if v, ok := s.values[name]; ok {
		return v, true
	}
	v, ok := s.values[s.prefix+name]
	return v, ok
}

// all is all flags of the set.
func (s set) all() int {
	sum := 0
	for _, v := range s.values {
		sum |= v
	}
	return sum
}

// names is all names of the set, sorted.
func (s set) names() []string { return slices.Sorted(maps.Keys(s.values)) }

// typeName is how answers name the type of a file.
func typeName(mode uint32) string {
	switch mode & tree.TypeMask {
	case tree.Regular:
		return "file"
	case tree.Directory:
		return "dir"
	case tree.Symlink:
		return "symlink"
	case tree.CharDevice:
		return "char"
	case tree.BlockDevice:
		return "block"
	case tree.FIFO:
		return "fifo"
	case tree.Socket:
		return "socket"
	}
	return "unknown"
}
