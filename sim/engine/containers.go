package engine

import (
	"context"
	"errors"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/layerlab/layerlab/sim/container"
	"github.com/layerlab/layerlab/sim/event"
	"github.com/layerlab/layerlab/sim/layer"
	"github.com/layerlab/layerlab/sim/store"
)

// Container finds a container by name, full ID or unique ID prefix, as Docker
// does: a full ID first, then a name, then a prefix.
func (e *Engine) Container(name string) (*container.Container, error) {
	var found []*container.Container
	for _, c := range e.containers {
		if c.ID == name {
			return c, nil
		}
		if name != "" && strings.HasPrefix(c.ID, name) {
			found = append(found, c)
		}
	}
	if c := e.byName(strings.TrimPrefix(name, "/")); c != nil {
		return c, nil
	}
	switch len(found) {
	case 0:
		return nil, &NotFound{name}
	case 1:
		return found[0], nil
	}
	return nil, conflict("multiple IDs found with provided prefix: %s", name)
}

func (e *Engine) byName(name string) *container.Container {
	for _, c := range e.containers {
		if c.Name == name {
			return c
		}
	}
	return nil
}

// machine is what processes in containers need of the engine.
func (e *Engine) machine() container.Machine {
	return container.Machine{
		Now: e.Now, Sleep: e.Sleep, Pause: e.pause,
		Lacks: func(c *container.Container, program string) {
			e.Tell(event.Simulated{In: event.Place{Container: c.ID, Name: c.Name}, Name: program})
		},
		Pid:  func() int { e.pids += 3; return e.pids },
		Host: e.host.Root(),

		Packages: e.outside.packages,
	}
}

var validName = regexp.MustCompile(`^[a-zA-Z0-9][a-zA-Z0-9_.-]+$`)

func (e *Engine) checkName(name string) error {
	if !validName.MatchString(name) {
		return conflict("Invalid container name (%s), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed", name)
	}
	if c := e.byName(name); c != nil {
		return conflict("Conflict. The container name \"/%s\" is already in use by container \"%s\". "+
			"You have to remove (or rename) that container to be able to reuse that name.", name, c.ID)
	}
	return nil
}

// Create makes a container of an image that is in the store. It fails with
// store's *NotFound when the image is not there, and with *Conflict when the name
// is taken or bad.
func (e *Engine) Create(cfg container.Config) (*container.Container, error) {
	r, err := e.store.Resolve(cfg.Image)
	if err != nil {
		return nil, err
	}
	name := strings.TrimPrefix(cfg.Name, "/")
	if name != "" {
		if err := e.checkName(name); err != nil {
			return nil, err
		}
	}
	id := e.newID()
	if name == "" {
		name = e.newName()
	}
	layers, err := layersOf(r.Image)
	if err != nil {
		return nil, err
	}
	e.store.Unpack(r.Image)
	var below int64
	for _, h := range r.Image.Layers {
		below += h.Below
	}
	c, err := container.New(id, name, cfg, r.Image.Config, layers, below, e.now)
	if err != nil {
		return nil, err
	}
	c.ImageID, c.Chain = r.Image.ID.String(), r.Image.ChainIDs()
	e.created++
	c.Number = e.created
	c.Attach(e.Now, e.Tell)
	if err := c.Prepare(); err != nil {
		return nil, err
	}
	for _, b := range c.Binds() {
		// Docker makes a directory that is not there.
		if st, err := e.host.Root().Stat(b.From); err == nil && !st.IsDir() {
			continue
		}
		if err := e.host.Root().MkdirAll(b.From, 0o755); err != nil {
			return nil, conflict("error while creating mount source path '%s': %v", b.From, err)
		}
	}
	e.containers = append(e.containers, c)
	e.Tell(event.ContainerCreated{ID: id, Name: name, Image: cfg.Image, ImageID: c.ImageID})
	return c, nil
}

// layersOf are an image's layers, all of which must have been read.
func layersOf(im *store.Image) ([]*layer.Layer, error) {
	var out []*layer.Layer
	for i, h := range im.Layers {
		if h.Layer == nil {
			return nil, conflict("layer %d of %d of the image was not unpacked", i+1, len(im.Layers))
		}
		out = append(out, h.Layer)
	}
	return out, nil
}

// Start starts a container that was created or has ended. When detach is set
// nobody waits for its process; otherwise it runs to its end with the streams.
// Starting one that runs does nothing.
func (e *Engine) Start(ctx context.Context, c *container.Container, streams container.IO, detach bool) error {
	switch c.Status {
	case container.Running:
		return nil
	case container.Paused:
		return conflict("cannot start a paused container, try unpause instead")
	}
	err := c.Start(ctx, e.machine(), streams, detach)
	var refused *container.StartError
	var user *container.UserError
	if !c.Running() && c.Config.AutoRemove && (err == nil || errors.As(err, &refused) || errors.As(err, &user)) {
		e.forget(c)
	}
	return err
}

// Exec runs a further process in a container. A *container.StartError says that
// it could not be run.
func (e *Engine) Exec(ctx context.Context, c *container.Container, s container.Spec, streams container.IO) (container.Outcome, error) {
	switch c.Status {
	case container.Paused:
		return container.Outcome{}, conflict("Container %s is paused, unpause the container before exec", c.Name)
	case container.Running:
	default:
		return container.Outcome{}, conflict("container %s is not running", c.ID)
	}
	e.Tell(event.ContainerExec{ID: c.ID, Name: c.Name, Argv: s.Args})
	return c.Exec(ctx, e.machine(), s, streams)
}

// Stop asks a container's process to end and kills it after the grace period.
// The shells and programs of the simulator do not handle signals as process 1,
// so they are always killed, with code 137.
func (e *Engine) Stop(c *container.Container, grace time.Duration) {
	if !c.Running() {
		return
	}
	if !c.EndsAt.IsZero() && c.EndsAt.Before(e.now.Add(grace)) {
		grace = c.EndsAt.Sub(e.now)
	}
	e.Advance(grace)
	if c.Running() {
		e.kill(c, 137)
	}
}

// Kill ends a container's process with the signal number sig.
func (e *Engine) Kill(c *container.Container, sig int) error {
	if !c.Running() {
		return conflict("cannot kill container: %s: container %s is not running", c.Name, c.ID)
	}
	// Process 1 gets only the signals that it handles; KILL is the exception.
	if sig == 9 {
		e.kill(c, 137)
	}
	return nil
}

func (e *Engine) kill(c *container.Container, code int) {
	c.Kill(code, e.now)
	if c.Config.AutoRemove {
		e.forget(c)
	}
}

// Wait moves the clock to the end of a container's process and gives its exit
// code. It fails when the process waits for something that does not come.
func (e *Engine) Wait(c *container.Container) (int, error) {
	if !c.Running() {
		return c.ExitCode, nil
	}
	if c.EndsAt.IsZero() {
		return 0, conflict("the process of container %s waits for something that does not come: it would be waited for for ever", c.Name)
	}
	e.Advance(c.EndsAt.Sub(e.now))
	return c.ExitCode, nil
}

// Pause and Unpause stop and go on with all processes of a container.
func (e *Engine) Pause(c *container.Container) error {
	switch c.Status {
	case container.Paused:
		return conflict("Container %s is already paused", c.ID)
	case container.Running:
		c.Status = container.Paused
		return nil
	}
	return conflict("Container %s is not running", c.ID)
}

// Unpause goes on with all processes of a paused container.
func (e *Engine) Unpause(c *container.Container) error {
	if c.Status != container.Paused {
		return conflict("Container %s is not paused", c.ID)
	}
	c.Status = container.Running
	return nil
}

// Rename gives a container another name.
func (e *Engine) Rename(c *container.Container, name string) error {
	name = strings.TrimPrefix(name, "/")
	if name == "" {
		return conflict("Neither old nor new names may be empty")
	}
	if name == c.Name {
		return conflict("Renaming a container with the same name as its current name")
	}
	if err := e.checkName(name); err != nil {
		return err
	}
	old := c.Name
	c.Name = name
	e.Tell(event.ContainerRenamed{ID: c.ID, Old: old, New: name})
	return nil
}

// Remove removes a container with its writable layer; name is how it was asked for.
func (e *Engine) Remove(c *container.Container, name string, force bool) error {
	if c.Running() {
		if !force {
			state, advice := "running", "stop the container before removing or force remove"
			if c.Status == container.Paused {
				state, advice = "paused", "unpause and then stop the container before removing or force remove"
			}
			return conflict("cannot remove container %q: container is %s: %s", strings.TrimPrefix(name, "/"), state, advice)
		}
		c.Kill(137, e.now)
	}
	e.forget(c)
	return nil
}

func (e *Engine) forget(c *container.Container) {
	e.containers = slices.DeleteFunc(slices.Clone(e.containers), func(o *container.Container) bool { return o == c })
	e.Tell(event.ContainerRemoved{ID: c.ID, Name: c.Name, Freed: c.SizeRw()})
}

// Needs are the containers and the build cache as package store asks for them
// when something is to be removed.
func (e *Engine) Needs() store.Needs {
	n := store.Needs{Cached: e.cacheHolds()}
	for _, c := range e.Containers() {
		n.Users = append(n.Users, store.User{
			ID: c.ID, Name: c.Name, Image: digestOf(c.ImageID), Asked: c.Image, Layers: c.Chain, Running: c.Running(),
		})
	}
	return n
}
