package engine

import (
	"context"
	"errors"

	"github.com/layerlab/layerlab/sim/build"
	"github.com/layerlab/layerlab/sim/event"
	"github.com/layerlab/layerlab/sim/store"
)

// Build builds an image from the context directory dir on the learner's machine,
// stores and names it. What happens is told to progress (may be nil) and, as
// package event's values, to the subscribers. Tags must be names with a tag.
func (e *Engine) Build(ctx context.Context, dir string, o build.Options, progress func(build.Event)) (*build.Result, error) {
	names, err := parseNames(o.Tags)
	if err != nil {
		return nil, err
	}
	o.Tags = o.Tags[:0:0]
	for _, n := range names {
		o.Tags = append(o.Tags, n.String())
	}
	file := o.Dockerfile
	if file == "" {
		file = "Dockerfile"
	}
	e.Tell(event.BuildStarted{Dockerfile: file, Names: shortNames(names)})
	e.decided = nil
	b := e.builder()
	r, err := b.Build(ctx, e.host.Root(), dir, o, func(ev build.Event) {
		if progress != nil {
			progress(ev)
		}
		e.tellBuild(ev)
	})
	end := event.BuildEnded{Names: shortNames(names)}
	if err != nil {
		end.Err, end.Stopped = err.Error(), errors.Is(err, context.Canceled)
		if be, ok := err.(*build.Error); ok {
			end.Line = be.Line
		}
		e.Tell(end)
		return r, err
	}
	if !o.Stores() {
		end.Names = nil
		e.Tell(end)
		return r, nil
	}
	end.ID = r.Image.Digest.String()
	e.Tell(end)
	if o.UntilLine == 0 || len(names) > 0 {
		replaced := e.replacedBy(names, r.Image.Digest.String())
		e.keep(r.Image, r.Layers, names, store.AddOptions{Annotations: map[string]string{"config.digest": r.Image.ConfigDigest.String()}, Packed: o.Packed})
		e.recordBuild(r.Image.Digest)
		e.dropReplaced(replaced)
	}
	return r, nil
}

// Check is `docker build --check`: it reads a Dockerfile and looks for mistakes,
// and builds nothing.
func (e *Engine) Check(ctx context.Context, dir string, o build.Options, progress func(build.Event)) (*build.Checked, error) {
	return e.builder().Check(ctx, e.host.Root(), dir, o, progress)
}

func (e *Engine) builder() *build.Builder {
	return &build.Builder{
		Images: bases{e}, Cache: e.cache, Now: e.Now, Sleep: e.Sleep, Pause: e.pause, NewRef: e.newRef, Packages: e.outside.packages,
		Lacks: func(program string) {
			e.Tell(event.Simulated{In: event.Place{Name: "RUN"}, Name: program})
		},
	}
}

// tellBuild tells the subscribers what a build does.
func (e *Engine) tellBuild(ev build.Event) {
	switch ev := ev.(type) {
	case build.StepDecided:
		d := ev.Decision
		e.decided = append(e.decided[:len(e.decided):len(e.decided)], d)
		e.Tell(event.StepDecided{
			Line: d.Line, EndLine: d.EndLine, Step: d.Step, Hit: d.Hit, Reason: d.Reason.Text, ConfigOnly: d.Config, Took: d.Duration,
		})
		if d.Layer != nil && d.Hit {
			e.Tell(event.LayerCommitted{
				By: d.Step, Line: d.Line, DiffID: d.Layer.DiffID.String(), Size: d.Size, Files: d.Layer.Entries, Cached: true,
			})
		}
	case build.LayerMade:
		e.Tell(event.LayerCommitted{By: ev.Step, Line: ev.Line, DiffID: ev.Layer.DiffID.String(), Size: ev.Size, Files: ev.Layer.Entries})
	default:
		e.tellGoing(ev)
	}
}
