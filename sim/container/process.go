package container

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"
	"syscall"
	"time"

	"github.com/layerlab/layerlab/sim/overlay"
	"github.com/layerlab/layerlab/sim/pkg"
	"github.com/layerlab/layerlab/sim/shell"
	"github.com/layerlab/layerlab/sim/tree"
)

// A Machine is what processes need of the engine that they run on.
type Machine struct {
	Now   func() time.Time
	Sleep func(ctx context.Context, d time.Duration) error // moves the engine's clock
	Pause func(ctx context.Context) error                  // may be nil
	Lacks func(c *Container, program string)               // may be nil
	Pid   func() int
	Host  *overlay.View // the learner's machine, for bind mounts; may be nil

	Packages *pkg.World // what package managers reach; nil: nothing
}

// IO is the streams of a process. A nil Stdin is /dev/null.
type IO struct {
	Stdin          io.Reader
	Stdout, Stderr io.Writer
}

// A Spec is a process to run in a container.
type Spec struct {
	Args   []string
	Env    []string // added to the container's
	User   string   // "" for the container's
	Dir    string   // "" for the container's
	TTY    bool
	Detach bool // nobody waits for it: it is parked when it would wait for long
	// Stdin of a detached process: open but silent (-i), or at its end.
	OpenStdin bool

	clock func(now func() time.Time) // told the process's own clock
}

// An Outcome is how a process ended, or did not.
type Outcome struct {
	Exit   int
	Parked bool          // it waits for something that does not come; it has not ended
	Ahead  time.Duration // of a detached process: its end lies so far in the future
}

// ahead is how much of its own time a detached process may sleep before it is
// parked: what it does until then is done at once.
const ahead = 10 * time.Second

// errParked ends a process that is parked.
var errParked = errors.New("parked")

// A StartError is a process that could not be started.
type StartError struct {
	Msg  string // in runc's words
	Code int    // 126 or 127
}

func (e *StartError) Error() string { return e.Msg }

// Process makes the shell's process for s, with streams io, or says why it
// cannot be started: the user is unknown, the directory is missing.
func (c *Container) Process(m Machine, s Spec, streams IO) (*shell.Process, error) {
	user := s.User
	if user == "" {
		user = c.Run.Config.User
	}
	who, err := c.files().lookupUser(user)
	if err != nil {
		return nil, err
	}
	dir := c.Run.Config.WorkingDir
	if s.Dir != "" {
		dir = s.Dir
	}
	dir = path.Join("/", dir)
	root := c.Mount().Root()
	if st, err := root.Stat(dir); err != nil || st.Mode&tree.TypeMask != tree.Directory {
		why := syscall.ENOENT
		if err == nil {
			why = syscall.ENOTDIR
		}
		return nil, &StartError{fmt.Sprintf("chdir to cwd (%q) set in config.json failed: %v", dir, why), 127}
	}
	cred := overlay.Cred{UID: who.uid, GID: who.gid, Groups: who.groups, Umask: 0o022}
	p := &shell.Process{
		FS:   c.Mount().As(cred),
		Args: s.Args, Env: c.env(s, who.home), Dir: dir,
		Stdin: streams.Stdin, Stdout: streams.Stdout, Stderr: streams.Stderr,
		Now: m.Now, Sleep: m.Sleep, Pause: m.Pause,
		Hostname: c.Hostname(), ReadOnly: c.Config.ReadOnly, Packages: m.Packages,
	}
	if m.Lacks != nil {
		p.Lacks = func(name string) { m.Lacks(c, name) }
	}
	if m.Pid != nil {
		p.PID = m.Pid()
	}
	for _, b := range c.Binds() {
		if m.Host != nil {
			p.Mounts = append(p.Mounts, shell.Mounted{Path: b.To, View: m.Host, Root: b.From, ReadOnly: b.ReadOnly, Type: "ext4"})
		}
	}
	p.Mounts = append(p.Mounts, c.tmpfsMounts(cred)...)
	if p.Stdin == nil {
		p.Stdin = strings.NewReader("")
	}
	return p, nil
}

// Exec runs a process to its end, or until it is parked.
func (c *Container) Exec(ctx context.Context, m Machine, s Spec, streams IO) (Outcome, error) {
	p, err := c.Process(m, s, streams)
	if err != nil {
		return Outcome{}, err
	}
	if s.clock != nil {
		p.PID = 1 // the container's own process is the first in its namespace
	}
	if !s.Detach {
		exit, err := shell.Exec(ctx, p)
		return Outcome{Exit: exit}, startError(err)
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	own := &ownTime{m: m, alone: len(s.Args) > 0 && path.Base(s.Args[0]) == "sleep", park: func() { cancel(errParked) }}
	p.Now, p.Sleep = own.now, own.sleep
	if s.clock != nil {
		s.clock(own.now)
	}
	p.Stdout, p.Stderr = own.writer(p.Stdout), own.writer(p.Stderr)
	if s.OpenStdin {
		p.Stdin = silent{own}
	}
	exit, err := shell.Exec(ctx, p)
	if own.parked {
		return Outcome{Parked: true}, nil
	}
	return Outcome{Exit: exit, Ahead: own.ahead}, startError(err)
}

// startError puts the shell's errors of starting a program into runc's words.
func startError(err error) error {
	var missing *shell.NotFound
	var refused *shell.NotExecutable
	switch {
	case errors.As(err, &missing):
		return &StartError{missing.Text, 127}
	case errors.As(err, &refused):
		return &StartError{refused.Text, 126}
	}
	return err
}

// ownTime is the clock of a detached process, which runs ahead of the engine's.
type ownTime struct {
	m      Machine
	ahead  time.Duration
	alone  bool // the program only sleeps: however long, its end is known
	parked bool
	park   func()
}

func (o *ownTime) now() time.Time { return o.m.Now().Add(o.ahead) }

func (o *ownTime) sleep(ctx context.Context, d time.Duration) error {
	if o.parked {
		return errParked
	}
	if !o.alone && o.ahead+d > ahead {
		o.stop()
		return errParked
	}
	o.ahead += d
	return ctx.Err()
}

func (o *ownTime) stop() {
	o.parked = true
	o.park()
}

// writer passes on what is written until the process is parked.
func (o *ownTime) writer(w io.Writer) io.Writer { return &untilParked{o, w} }

type untilParked struct {
	o *ownTime
	w io.Writer
}

func (u *untilParked) Write(p []byte) (int, error) {
	if u.o.parked || u.w == nil {
		return len(p), nil
	}
	return u.w.Write(p)
}

// silent is a terminal that nobody types into: to read from it is to wait.
type silent struct{ o *ownTime }

func (s silent) Read([]byte) (int, error) {
	s.o.stop()
	return 0, errParked
}
