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
	"cmp"
	"errors"
	"maps"
	"strings"
	"time"

	dockerspec "github.com/moby/docker-image-spec/specs-go/v1"
	"github.com/opencontainers/go-digest"
	"github.com/tidwall/btree"

	"github.com/layerlab/layerlab/sim/event"
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
	ReadOnly    bool              // --read-only: the root file system cannot be written
	Detached    bool              // -d
	StopSignal  string
	StopTimeout *int
	Healthcheck *dockerspec.HealthcheckConfig // what it leaves out is the image's; nil: all
	Ports       []string                      // -p, as typed
	Volumes     []string                      // -v, as typed; kept, not mounted
	Tmpfs       []string                      // --tmpfs, as typed: PATH[:OPTIONS]
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
	ID      string          // 64 hexadecimal digits
	Name    string          // without the leading slash
	Image   string          // name as typed at creation
	ImageID string          // sha256:… of the image's manifest
	Chain   []digest.Digest // chain IDs of the image's layers, from the lowest
	Config  Config
	Run     image.Config // the image's configuration with Config laid over it
	Path    string       // the program: the first of entrypoint and command
	Args    []string     // its arguments
	Number  int          // containers are numbered in the order of their creation

	Status   Status
	ExitCode int
	Error    string // why it could not be started
	Pid      int
	Created  time.Time
	Started  time.Time // zero: never
	Finished time.Time // zero: never
	Restarts int
	Log      []LogLine

	// EndsAt is when a running process will end, with EndCode: it was run
	// ahead of the engine's clock. Zero: it is not known, it is parked.
	EndsAt  time.Time
	EndCode int

	layers []*layer.Layer            // of the image, from the lowest
	below  int64                     // bytes on disk between them that are no layer
	base   *tree.Tree                // the init layer
	upper  *tree.Tree                // the writable layer until there is a mount
	mount  *overlay.Mount            // made when first asked for
	tmpfs  map[string]*overlay.Mount // what --tmpfs mounted, by where, since the start
	peeked bool                      // docker cp looked at the files since a start
	impure btree.Set[string]         // directories of the writable layer that something was copied up into
	now    func() time.Time
	tell   func(event.Event)
}

// New is a container that was created and not started. img is the image's
// configuration, layers its layers from the lowest, below the bytes on disk of
// what lies between them and is no layer (store.Held's Below).
func New(id, name string, cfg Config, img image.Config, layers []*layer.Layer, below int64, at time.Time) (*Container, error) {
	c := &Container{ID: id, Name: name, Image: cfg.Image, Config: cfg, Status: Created, Created: at, layers: layers, below: below}
	c.Run = merge(img, cfg)
	argv := append(append([]string(nil), c.Run.Config.Entrypoint...), c.Run.Config.Cmd...)
	if len(argv) == 0 {
		return nil, ErrNoCommand
	}
	c.Path, c.Args = argv[0], argv[1:]
	now := tree.TimeOf(at)
	c.base, c.upper = initTree(c, now), tree.New(now)
	return c, nil
}

// ErrNoCommand is a container without anything to run.
var ErrNoCommand = errors.New("no command specified")

// Attach tells the container which clock it lives by and who is told what its
// processes do to files. It must be called before Mount.
func (c *Container) Attach(now func() time.Time, tell func(event.Event)) { c.now, c.tell = now, tell }

// Mount is the container's files. There is one mount for as long as the
// container is not restored.
func (c *Container) Mount() *overlay.Mount {
	if c.mount == nil {
		lowers := make([]*tree.Tree, 0, len(c.layers)+1)
		for _, l := range c.layers {
			lowers = append(lowers, l.Tree)
		}
		c.mount = overlay.New(append(lowers, c.base), c.upper, c.options())
		c.upper = nil
	}
	return c.mount
}

func (c *Container) options() overlay.Options {
	return overlay.Options{Now: func() tree.Time { return tree.TimeOf(c.now()) }, Trace: c.trace, Changes: true}
}

func (c *Container) files() files { return files{c.Mount()} }

// Copy is the container as it is now, independent of what happens to it later.
// Its cost does not depend on what the container's files are.
func (c *Container) Copy() *Container {
	out := *c
	out.Log = c.Log[:len(c.Log):len(c.Log)]
	out.impure = *c.impure.Copy()
	out.tmpfs = nil
	for p, m := range c.tmpfs {
		out.setTmpfs(p, m.Snapshot(out.options()))
	}
	if c.mount != nil { // a mount knows more than its upper: numbers of inodes, times
		out.mount = c.mount.Snapshot(out.options())
	} else {
		out.upper = c.upper.Snapshot()
	}
	return &out
}

// Running reports whether the container's first process has not ended.
func (c *Container) Running() bool { return c.Status == Running || c.Status == Paused }

// Argv is the program and its arguments.
func (c *Container) Argv() []string { return append([]string{c.Path}, c.Args...) }

// merge lays what `docker create` was told over the image's configuration.
func merge(img image.Config, cfg Config) image.Config {
	out := img
	// The command line's variables come first, then the image's that it leaves.
	out.Config.Env = MergeEnv(cfg.Env, missing(img.Config.Env, cfg.Env))
	if cfg.Entrypoint != nil {
		out.Config.Cmd = nil
		out.Config.Entrypoint = nil
		if *cfg.Entrypoint != "" {
			out.Config.Entrypoint = []string{*cfg.Entrypoint}
		}
	}
	if len(cfg.Args) > 0 {
		out.Config.Cmd = cfg.Args
	}
	if cfg.User != "" {
		out.Config.User = cfg.User
	}
	if cfg.WorkDir != "" {
		out.Config.WorkingDir = cfg.WorkDir
	}
	if cfg.StopSignal != "" {
		out.Config.StopSignal = cfg.StopSignal
	}
	out.Config.Healthcheck = mergeHealthcheck(img.Config.Healthcheck, cfg.Healthcheck)
	out.Config.Labels = maps.Clone(img.Config.Labels)
	if out.Config.Labels == nil {
		out.Config.Labels = map[string]string{}
	}
	maps.Copy(out.Config.Labels, cfg.Labels)
	for _, v := range cfg.Volumes {
		// Only an anonymous volume has no source: the others are kept as text.
		if !strings.Contains(v, ":") {
			out.Config.Volumes = maps.Clone(out.Config.Volumes)
			if out.Config.Volumes == nil {
				out.Config.Volumes = map[string]struct{}{}
			}
			out.Config.Volumes[v] = struct{}{}
		}
	}
	return out
}

// mergeHealthcheck fills what a container's own check leaves out with the image's.
func mergeHealthcheck(img, own *dockerspec.HealthcheckConfig) *dockerspec.HealthcheckConfig {
	if own == nil || img == nil {
		return cmp.Or(own, img)
	}
	out := *own
	if len(out.Test) == 0 {
		out.Test = img.Test
	}
	out.Interval = cmp.Or(out.Interval, img.Interval)
	out.Timeout = cmp.Or(out.Timeout, img.Timeout)
	out.StartPeriod = cmp.Or(out.StartPeriod, img.StartPeriod)
	out.StartInterval = cmp.Or(out.StartInterval, img.StartInterval)
	out.Retries = cmp.Or(out.Retries, img.Retries)
	return &out
}
