package overlay

import "github.com/layerlab/layerlab/sim/tree"

// An Event is one thing that a mount did, told to Options.Trace after the call
// that did it and in the order in which it was done. Paths are absolute and have
// no symbolic links in them; layers are numbered as everywhere in this package.
type Event interface{ event() }

// LookupStep is what one layer answered when a name was looked up.
type LookupStep struct {
	Layer int
	Found Found
}

// Found is what a layer has under a name.
type Found string

// What a lookup can meet in a layer. The search ends with a File, a Whiteout or an
// OpaqueDirectory; a layer in which the parent directory is missing, or hidden, is
// not asked at all.
const (
	NotFound        Found = "not there"
	OtherFile       Found = "file" // any object that is not a directory
	PlainDirectory  Found = "directory"
	OpaqueDirectory Found = "opaque directory"
	WhiteoutMark    Found = "whiteout"
)

type (
	// Lookup tells how the last component of a path was searched, topmost layer
	// first.
	Lookup struct {
		Path  string
		Steps []LookupStep
	}
	// Followed tells that a symbolic link was met on the way to a path and
	// followed; told by View.Explain only.
	Followed struct{ Path, Target string }
	// Read tells that a file was opened for reading, and which layer its bytes
	// come from.
	Read struct {
		Path  string
		Layer int
	}
	// CopiedUp tells that an object of the lower layer From was copied to the
	// upper. Bytes is the file data copied: 0 for all but regular files, and for
	// a file that was opened to be truncated. Why is the call that needed it,
	// such as "open for writing" or "chmod". Parents are the directories that had
	// to be copied first, topmost first.
	CopiedUp struct {
		Path    string
		From    int
		Bytes   int64
		Kind    uint32 // type bits of st_mode
		Why     string
		Parents []string
	}
	// Whiteout tells that a whiteout was made, which hides what the lower layer
	// Hides has under the name: Bytes of file data, all below a directory counted.
	Whiteout struct {
		Path  string
		Hides int
		Bytes int64
	}
	// OpaqueMade tells that a directory of the upper was marked opaque.
	OpaqueMade struct{ Path string }
	// Created tells that a name was made in the upper.
	Created struct {
		Path string
		Kind uint32
	}
	// Changed tells that an object of the upper was changed in place: its data
	// (Bytes written, told once, when the file is closed) or its metadata (Bytes 0).
	Changed struct {
		Path  string
		Bytes int64
	}
	// Removed tells that a name that only the upper had is gone without a trace.
	Removed struct{ Path string }
	// Renamed tells that a name was moved; Upper when nothing below the upper had
	// to be hidden for it.
	Renamed struct {
		Old, New string
		Upper    bool
	}
	// CrossDevice tells that a rename was refused with EXDEV because Path is a
	// directory of a lower layer, or merged with one.
	CrossDevice struct{ Path, To string }
)

func (Lookup) event()      {}
func (Followed) event()    {}
func (Read) event()        {}
func (CopiedUp) event()    {}
func (Whiteout) event()    {}
func (OpaqueMade) event()  {}
func (Created) event()     {}
func (Changed) event()     {}
func (Removed) event()     {}
func (Renamed) event()     {}
func (CrossDevice) event() {}

// Options are the surroundings of a mount.
type Options struct {
	Now      func() tree.Time // the clock for modification times; nil: always 1970-01-01
	Trace    func(Event)      // is told what happens, outside the mount's lock; nil: nothing is traced
	Changes  bool             // Trace is not told of lookups, of which there are many more than of changes
	MaxBytes int64            // literal bytes the upper may hold, over it writes fail with ENOSPC; 0: 512 MiB
}
