// Package event is what happened in the engine, as plain values.
//
// The engine knows no screen. Whatever it does that somebody may want to see (a
// layer formed, a file was copied up, a step missed the cache because one file
// changed) it tells as one of the types of this package, in the order in which
// it happened. A page makes pictures of them, a timeline makes sentences of
// them, a lesson checks them. The set is closed: an [Event] is one of the types
// below and nothing else, so that a type switch over it can be complete.
//
// Values hold only strings, numbers and booleans: an event can be kept, compared
// and written down, and never holds on to a tree or a body.
package event

import (
	"strconv"
	"strings"
	"time"
)

// An Event is one thing that happened: one of the types of this package.
type Event interface{ event() }

// A Place is where a file operation took place: a container or a build step.
type Place struct {
	Container string // full container ID, "" for a build step
	Name      string // the container's name, or the step as written
	Line      int    // first line of the step in the Dockerfile, 0 for a container
}

// Commands of the terminal.
type (
	// CommandStarted is a line typed into the terminal, before it runs.
	CommandStarted struct{ Line string }
	// CommandEnded is that line's end with its exit status.
	CommandEnded struct {
		Line string
		Exit int
	}
	// Simulated is a program that the image has and the simulator does not:
	// the line that asked for it failed because of the simulator.
	Simulated struct {
		In   Place
		Name string
	}
)

// Images and names.
type (
	// ImageLoaded is an image that came out of an archive or the catalogue.
	ImageLoaded struct {
		ID     string   // sha256:… of its manifest
		Names  []string // as Docker shows them, "app:1"
		Layers int
		Bytes  int64 // of its stored blobs
	}
	// ImageTagged is a name that was given to an image.
	ImageTagged struct {
		ID, Name string
		Replaced string // the image that had the name before, ""
	}
	// ImageUntagged is a name that was taken from an image.
	ImageUntagged struct{ ID, Name string }
	// ImageRemoved is an image that is gone; what nothing else needs went with it.
	ImageRemoved struct {
		ID     string
		Freed  int64       // bytes of layers and blobs that no image has any more
		Layers []LayerFate // that are gone, topmost first
		Kept   []LayerFate // that stay, with those because of whom
	}
	// ImageKept is an image that was to be removed and is there without a name,
	// because other images were committed from it.
	ImageKept struct {
		ID  string
		For []string // their names or short IDs
	}
)

// A LayerFate is a layer of an image that was removed.
type LayerFate struct {
	DiffID string
	Bytes  int64 // on disk, unpacked and as a blob: gone, or still there
	// Why it stays; all empty for one that is gone.
	Images     []string // that have it too: names or short IDs
	Containers []string // that stand on it, by name
	Cache      bool     // the build cache holds its blob
}

// Why says in words because of whom a layer stays: "shared with python:3.12",
// "container web stands on it". It is "" for a layer that is gone.
func (l LayerFate) Why() string {
	var why []string
	if n := len(l.Images); n > 0 {
		why = append(why, "shared with "+some(l.Images))
	}
	if n := len(l.Containers); n == 1 {
		why = append(why, "container "+l.Containers[0]+" stands on it")
	} else if n > 1 {
		why = append(why, "containers "+some(l.Containers)+" stand on it")
	}
	if l.Cache {
		why = append(why, "the build cache holds it")
	}
	return strings.Join(why, "; ")
}

// some is up to three names and how many more there are.
func some(names []string) string {
	const most = 3
	if len(names) <= most {
		return strings.Join(names, ", ")
	}
	return strings.Join(names[:most], ", ") + " and " + strconv.Itoa(len(names)-most) + " more"
}

// Building.
type (
	// BuildStarted is a build, before its first step.
	BuildStarted struct {
		Dockerfile string   // path as given
		Names      []string // tags that the result will get
	}
	// StepDecided is the build cache's answer for one step, with its reason.
	StepDecided struct {
		Line, EndLine int    // in the Dockerfile, from 1
		Step          string // as written
		Hit           bool
		Reason        string // one sentence: why it hit or missed
		ConfigOnly    bool   // makes no layer: nothing to cache
		Took          time.Duration
	}
	// LayerCommitted is a layer that was frozen: by a build step, by docker
	// commit or by docker import.
	LayerCommitted struct {
		By     string // the instruction or command that made it
		Line   int    // of the Dockerfile, 0 when not from one
		DiffID string
		Size   int64 // disk usage in bytes, as docker history shows it
		Files  int   // entries of its tar
		Cached bool  // it was there before; nothing was run
	}
	// BuildEnded is a build's end: an image or an error.
	BuildEnded struct {
		ID    string
		Names []string
		Err   string
		Line  int // where the error is, 0
		// Stopped is a build that somebody stopped. What it had finished stays in
		// the cache, all else is as before.
		Stopped bool
	}
)

// Containers.
type (
	// ContainerCreated is a new container: a thin writable layer on an image.
	ContainerCreated struct{ ID, Name, Image, ImageID string }
	// ContainerStarted is a container whose process was started.
	ContainerStarted struct {
		ID, Name string
		Argv     []string
	}
	// ContainerExec is a further process in a running container.
	ContainerExec struct {
		ID, Name string
		Argv     []string
	}
	// ContainerExited is the end of a container's first process.
	ContainerExited struct {
		ID, Name string
		Code     int
	}
	// ContainerRenamed is a container with a new name.
	ContainerRenamed struct{ ID, Old, New string }
	// ContainerCommitted is an image that was made of a container's layer.
	ContainerCommitted struct{ ID, Name, ImageID string }
	// ContainerRemoved is a container that is gone with its layer.
	ContainerRemoved struct {
		ID, Name string
		Freed    int64 // bytes of its writable layer
	}
)

// Files on an overlay. Layers are numbered from 0, the lowest; a container's
// writable layer is numbered one above its init layer, which is numbered one above
// the image's topmost.
type (
	// FileRead is a file whose content was read, and the layer it came from.
	FileRead struct {
		In    Place
		Path  string
		Layer int
	}
	// CopiedUp is a file or directory of a lower layer that was copied into
	// the writable layer because it was about to be changed.
	CopiedUp struct {
		In      Place
		Path    string
		From    int      // the layer it was copied from
		To      int      // the writable layer
		Bytes   int64    // of content
		Kind    string   // "file", "directory", "symlink", …
		Why     string   // the call: "open for writing", "chmod", …
		Parents []string // directories that came with it
	}
	// Whiteout is a mark that hides a name of the layers below.
	Whiteout struct {
		In    Place
		Path  string
		Hides int   // the layer whose entry it hides
		Bytes int64 // that stay on disk below it
	}
	// OpaqueMade is a directory that hides all the layers below have under its name.
	OpaqueMade struct {
		In   Place
		Path string
	}
	// FileCreated is a new name in the writable layer.
	FileCreated struct {
		In   Place
		Path string
	}
	// FileChanged is a write to a file that already was in the writable layer.
	FileChanged struct {
		In    Place
		Path  string
		Bytes int64 // written
	}
	// FileRemoved is a name that was only in the writable layer, and is gone.
	FileRemoved struct {
		In   Place
		Path string
	}
	// FileRenamed is a name that moved.
	FileRenamed struct {
		In       Place
		Old, New string
	}
	// CrossDevice is a rename of a lower directory, refused with EXDEV: mv
	// falls back to copying it whole.
	CrossDevice struct {
		In       Place
		Path, To string
	}
)

func (CommandStarted) event()     {}
func (CommandEnded) event()       {}
func (Simulated) event()          {}
func (ImageLoaded) event()        {}
func (ImageTagged) event()        {}
func (ImageUntagged) event()      {}
func (ImageRemoved) event()       {}
func (ImageKept) event()          {}
func (BuildStarted) event()       {}
func (StepDecided) event()        {}
func (LayerCommitted) event()     {}
func (BuildEnded) event()         {}
func (ContainerCreated) event()   {}
func (ContainerStarted) event()   {}
func (ContainerExec) event()      {}
func (ContainerExited) event()    {}
func (ContainerRenamed) event()   {}
func (ContainerCommitted) event() {}
func (ContainerRemoved) event()   {}
func (FileRead) event()           {}
func (CopiedUp) event()           {}
func (Whiteout) event()           {}
func (OpaqueMade) event()         {}
func (FileCreated) event()        {}
func (FileChanged) event()        {}
func (FileRemoved) event()        {}
func (FileRenamed) event()        {}
func (CrossDevice) event()        {}
