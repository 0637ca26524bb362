package engine

import (
	"github.com/layerlab/layerlab/sim/container"
	"github.com/layerlab/layerlab/sim/event"
	"github.com/layerlab/layerlab/sim/shell"
)

// Open gives a process in a container that is fed line by line: the shell of
// `docker exec -it` or, when first is set, of `docker run -it`, whose end is the
// container's (see Close).
func (e *Engine) Open(c *container.Container, s container.Spec, streams container.IO, first bool) (*shell.Process, error) {
	if first && !c.Running() {
		c.Begin(e.machine())
	}
	p, err := c.Process(e.machine(), s, streams)
	if err != nil {
		return nil, err
	}
	if first {
		p.PID = 1
	} else {
		e.Tell(event.ContainerExec{ID: c.ID, Name: c.Name, Argv: s.Args})
	}
	return p, nil
}

// Close ends a container whose first process was opened.
func (e *Engine) Close(c *container.Container, code int) {
	if c.Running() {
		e.kill(c, code)
	}
}
