// Package container is about containers: a writable layer with a life.
//
// A container is an image's layers, one thin writable layer of its own on top
// (package overlay), and a process that runs in that view of the files. The
// words used here, Docker's:
//
//   - create: make the writable layer and remember what to run; nothing runs;
//   - start: run the first process (entrypoint and command joined);
//   - exec: run a further process in a container that is running;
//   - init layer: the few files and directories that Docker puts between the
//     image and the writable layer so that it can mount /etc/hosts, /dev and
//     their like over them; `docker diff` and `docker commit` do not show them;
//   - commit: freeze the writable layer as a further layer of a new image.
//
// Processes do not run at the same time as anything else here. A process runs
// until it ends or until it waits for something that only the outside can bring:
// a long sleep, or input from a terminal nobody types into. Then it is parked:
// the container stays up, and no further instruction of that process is run. A
// parked process holds no goroutine, so that going back in time (package engine)
// is a matter of copying values. A process that only sleeps ends when the
// engine's clock has passed its end.
package container

import (
	"time"

	"github.com/layerlab/layerlab/sim/image"
	"github.com/layerlab/layerlab/sim/layer"
	"github.com/layerlab/layerlab/sim/overlay"
	"github.com/layerlab/layerlab/sim/tree"
)

// A Status is a point in a container's life.
type Status string

// The statuses of Docker that occur here.
const (
	Created Status = "created"
	Running Status = "running"
	Paused  Status = "paused"
	Exited  Status = "exited"
	Dead    Status = "dead"
)

// Config is what `docker create` was told.
type Config struct {
	Name        string            // "" for a generated one
	Image       string            // as typed
	Args        []string          // after the image: in place of the image's CMD
	Entrypoint  *string           // in place of the image's ENTRYPOINT; "" clears it
	Env         []string          // NAME=value, added to or replacing the image's
	User        string            // "" for the image's
	WorkDir     string            // "" for the image's
	Hostname    string            // "" for the short ID
	Labels      map[string]string // added to the image's
	TTY         bool              // -t
	Interactive bool              // -i
	AutoRemove  bool              // --rm
	StopSignal  string
	StopTimeout *int
	Ports       []string // -p, as typed
	Volumes     []string // -v, as typed; kept, not mounted
}

// A LogLine is something the first process printed.
type LogLine struct {
	At     time.Time
	Stream int // 1 standard output, 2 standard error
	Text   string
}

// A Container is a writable layer with a life. Its fields are read by everybody
// and changed by this package and by package engine only.
type Container struct {
	ID      string // 64 hexadecimal digits
	Name    string // without the leading slash
	Image   string // name as typed at creation
	ImageID string // sha256:… of the image's manifest
	Config  Config
	Run     image.Config // the image's configuration with Config laid over it
	Path    string       // the program: the first of entrypoint and command
	Args    []string     // its arguments

	Status   Status
	ExitCode int
	Error    string // why it could not be started
	Pid      int
	Created  time.Time
	Started  time.Time // zero: never
	Finished time.Time // zero: never
	EndsAt   time.Time // of a process that only sleeps: when it will end; zero: not known
	Restarts int
	Log      []LogLine

	layers []*layer.Layer // of the image, from the lowest
	init   *tree.Tree     // the init layer
	upper  *tree.Tree     // the writable layer; the mount's while there is one
	mount  *overlay.Mount // made when first asked for
}
