package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/layerlab/layerlab/sim/cli"
	"github.com/layerlab/layerlab/sim/engine"
)

// moments is how many commands are gone back.
const moments = 100

// undo measures what a moment costs in time and memory, and going back, on a small
// image and on the wide one: neither should depend on the image.
func (w *wide) undo(ctx context.Context) error {
	small := engine.New(engine.Options{})
	for _, on := range []struct {
		name, image string
		e           *engine.Engine
	}{{"on busybox", "busybox:1.36", small}, {"on the wide image", "large:bench", w.engine}} {
		s := cli.New(on.e)
		run := func(line string) error {
			if code := s.Run(ctx, line, io.Discard); code != 0 {
				return fmt.Errorf("running %q: exit %d", line, code)
			}
			return nil
		}
		if err := run("docker create --name box " + on.image + " sh"); err != nil {
			return err
		}
		c, err := on.e.Container("box")
		if err != nil {
			return err
		}
		before := heap()
		start := time.Now()
		for i := range moments {
			line := fmt.Sprintf("echo %d >> log; docker tag %s b:%d", i, on.image, i)
			if err := errors.Join(run(line), c.Mount().Root().WriteFile(fmt.Sprintf("/note-%d", i), []byte("x"), 0o644)); err != nil {
				return err
			}
		}
		figure(fmt.Sprintf("a command %s, its moments taken", on.name), time.Since(start).Seconds()/moments*1e3, "ms", 0)
		figure(fmt.Sprintf("  memory for a command and its moments %s", on.name), float64(heap()-before)/moments/1e3, "kB", 0)
		figure(fmt.Sprintf("  taking a moment %s", on.name), each(func() { on.e.Snapshot() })/1e3, "µs", 0)
		figure(fmt.Sprintf("  going back %d commands %s", moments, on.name), each(func() { s.Goto(1); s.Goto(moments + 1) })/2/1e6, "ms", 50)
		s.Goto(1)
		if _, err := on.e.Store().Resolve(fmt.Sprintf("b:%d", moments-1)); err == nil {
			return errors.New("going back left a name that was given later")
		}
		s.Goto(moments + 1)
		w.more = append(w.more, s)
	}
	return nil
}
