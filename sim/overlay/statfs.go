package overlay

// Statfs is what statfs(2) says of a mount, whose disk is Options.MaxBytes large.
// Bodies that need no memory (a slice of a loaded archive, a hole) take no room on
// it.
type Statfs struct {
	Total, Used int64 // bytes
	Files       int64 // names in the upper
	BlockSize   int64 // bytes; the unit of what follows
	Blocks      int64 // f_blocks
	Free, Avail int64 // f_bfree and f_bavail, which are equal: nothing is kept for root
	MaxFiles    int64 // f_files: inodes that there may be
	FreeFiles   int64 // f_ffree
	NameMax     int64 // longest name in bytes
	Type        int64 // f_type: OVERLAYFS_SUPER_MAGIC
	ReadOnly    bool  // ST_RDONLY: there is no upper
}

const (
	overlayMagic = 0x794c7630
	maxInodes    = 1<<32 - 1
)

// Statfs is statfs(2).
func (v *View) Statfs() Statfs {
	v.m.begin()
	defer v.m.end()
	s := Statfs{
		Total: v.m.o.MaxBytes, BlockSize: pageSize, Blocks: v.m.o.MaxBytes / pageSize,
		MaxFiles: maxInodes, NameMax: maxName, Type: overlayMagic, ReadOnly: v.m.upper == nil,
	}
	if v.m.upper != nil {
		s.Used, s.Files = v.m.used(), int64(v.m.upper.Names())
	}
	s.Free = max(0, s.Blocks-(s.Used+pageSize-1)/pageSize)
	s.Avail, s.FreeFiles = s.Free, s.MaxFiles-s.Files
	return s
}
