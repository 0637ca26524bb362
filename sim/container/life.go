package container

import (
	"context"
	"errors"
	"fmt"
	"path"
	"time"

	"github.com/layerlab/layerlab/sim/event"
	"github.com/layerlab/layerlab/sim/overlay"
)

// startPrefix is what containerd and runc say before the reason.
const startPrefix = "failed to create task for container: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: "

// ExecPrefix is what runc says before the reason when a further process cannot
// be started.
const ExecPrefix = "OCI runtime exec failed: exec failed: unable to start container process: "

// Prepare makes the working directory, as `docker create` does.
func (c *Container) Prepare() error {
	dir := path.Join("/", c.Run.Config.WorkingDir)
	root := c.Mount().Root()
	if st, err := root.Stat(dir); err == nil && !st.IsDir() {
		return fmt.Errorf("cannot mkdir: %s is not a directory", dir)
	}
	return root.MkdirAll(dir, 0o755)
}

// Start runs the container's process. When detach is set nobody waits for it and
// it is parked instead of waiting; otherwise it runs to its end. What it prints
// goes to the log and to streams. A *StartError says that it could not be run.
func (c *Container) Start(ctx context.Context, m Machine, streams IO, detach bool) error {
	root := c.Mount().Root()
	for v := range c.Run.Config.Volumes {
		if err := root.MkdirAll(path.Join("/", v), 0o755); err != nil {
			return err
		}
	}
	for _, b := range c.Binds() {
		if err := root.MkdirAll(b.To, 0o755); err != nil {
			return err
		}
	}
	if err := c.mountTmpfs(); err != nil {
		return err
	}
	before := c.Status
	c.Begin(m)
	log := &logger{c: c, now: m.Now}
	streams.Stdout, streams.Stderr = log.to(1, streams.Stdout), log.to(2, streams.Stderr)
	out, err := c.Exec(ctx, m, Spec{
		Args: c.Argv(), TTY: c.Config.TTY, Detach: detach, OpenStdin: c.Config.Interactive,
		clock: func(now func() time.Time) { log.now = now },
	}, streams)
	var refused *StartError
	switch {
	case errors.As(err, &refused):
		c.Status, c.Pid, c.ExitCode = before, 0, refused.Code
		if before == Created {
			c.Started = time.Time{}
		}
		msg := "error during container init: " + refused.Msg
		if refused.Code == 127 && len(refused.Msg) > 5 && refused.Msg[:5] == "chdir" {
			msg = refused.Msg
		}
		c.Error = startPrefix + msg
		return &StartError{c.Error, refused.Code}
	case err != nil:
		c.Status, c.Pid, c.ExitCode = before, 0, 128
		if before == Created {
			c.Started = time.Time{}
		}
		return err
	case out.Parked:
	case out.Ahead > 0:
		c.EndsAt, c.EndCode = m.Now().Add(out.Ahead), out.Exit
	default:
		c.end(out.Exit, m.Now())
	}
	return nil
}

// Begin makes the container a running one, without running anything.
func (c *Container) Begin(m Machine) {
	c.Status, c.Started, c.Finished, c.EndsAt = Running, m.Now(), time.Time{}, time.Time{}
	c.ExitCode, c.Error, c.Pid = 0, "", 1
	if m.Pid != nil {
		c.Pid = m.Pid()
	}
	c.say(event.ContainerStarted{ID: c.ID, Name: c.Name, Argv: c.Argv()})
}

// Settle lets the process end if the clock has passed its end. It reports
// whether it did.
func (c *Container) Settle(now time.Time) bool {
	if c.Status != Running || c.EndsAt.IsZero() || now.Before(c.EndsAt) {
		return false
	}
	c.end(c.EndCode, c.EndsAt)
	return true
}

// Kill ends the process with a signal's exit code.
func (c *Container) Kill(code int, at time.Time) { c.end(code, at) }

func (c *Container) end(code int, at time.Time) {
	c.Status, c.ExitCode, c.Finished, c.EndsAt, c.Pid = Exited, code, at, time.Time{}, 0
	c.say(event.ContainerExited{ID: c.ID, Name: c.Name, Code: code})
}

func (c *Container) say(e event.Event) {
	if c.tell != nil {
		c.tell(e)
	}
}

// View is the container's files as root sees them.
func (c *Container) View() *overlay.View { return c.Mount().Root() }
