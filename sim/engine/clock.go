package engine

import (
	"context"
	"time"

	"github.com/layerlab/layerlab/sim/tree"
)

// Now is the engine's time. It moves only with Advance.
func (e *Engine) Now() time.Time { return e.now }

// Advance moves the clock: every command does it, every build step, and sleep.
// Processes of containers that only slept may end by it.
func (e *Engine) Advance(d time.Duration) {
	if d < 0 {
		return
	}
	e.now = e.now.Add(d)
	e.settle()
}

// settle lets the processes end whose end the clock has passed.
func (e *Engine) settle() {
	for _, c := range e.Containers() {
		if c.Settle(e.now) && c.Config.AutoRemove {
			e.forget(c)
		}
	}
}

// Sleep is Advance for a process: it fails when ctx is done.
func (e *Engine) Sleep(ctx context.Context, d time.Duration) error {
	if err := e.pause(ctx); err != nil {
		return err
	}
	e.Advance(d)
	return nil
}

func (e *Engine) treeNow() tree.Time { return tree.TimeOf(e.now) }
