//go:build js

package browser

import (
	"bytes"
	"context"
	"errors"
	"io"
	"slices"
	"sync"
	"syscall/js"
	"time"

	"github.com/opencontainers/go-digest"

	"github.com/layerlab/layerlab/sim/content"
	"github.com/layerlab/layerlab/sim/layer"
)

// pool is Workers: workers that are started when there is work for them.
type pool struct {
	pause pauser
	after func(time.Duration, func()) (stop func())
	seats func() chan struct{} // one for each worker that may run

	mu   sync.Mutex
	idle []*worker
	none bool // no worker can be started here
}

// newPool starts nothing yet.
func newPool(y *yields) *pool {
	return &pool{pause: y.Pause, after: y.After, seats: sync.OnceValue(func() chan struct{} {
		n := 1
		if c := global.Get("navigator").Get("hardwareConcurrency"); c.Type() == js.TypeNumber {
			n = min(2, max(1, c.Int()))
		}
		return make(chan struct{}, n)
	})}
}

// errNoWorkers says that the work must be done here.
var errNoWorkers = errors.New("no worker can be started")

func (p *pool) Index(ctx context.Context, job Job) (Digests, error) {
	blob, ok := blobOf(job.Stored)
	if !ok {
		return indexHere(ctx, job, p.pause)
	}
	total := job.Stored.Size()
	var out Digests
	err := p.run(ctx, map[string]any{"kind": "index", "blob": blob, "codec": int(job.Codec)}, func(m js.Value) error {
		switch m.Get("kind").String() {
		case "progress":
			if job.Progress != nil {
				job.Progress(int64(m.Get("done").Float()), total)
			}
		case "layer":
			l, err := p.decode(ctx, m, job)
			if err != nil {
				return err
			}
			out.Layer = l
			if job.Indexed != nil {
				job.Indexed(l)
			}
		case "done":
			if job.Codec != layer.Plain {
				out.Blob = digest.Digest(m.Get("stored").String())
				out.DiffID = digest.Digest(m.Get("inflated").String())
			}
		}
		return nil
	})
	if errors.Is(err, errNoWorkers) {
		return indexHere(ctx, job, p.pause)
	}
	if err != nil {
		return Digests{}, err
	}
	if out.Layer == nil {
		return Digests{}, errors.New("the worker gave no index")
	}
	if job.Codec == layer.Plain {
		// A job of its own: the indexes of all layers come before the first is hashed.
		out.DiffID, err = p.Digest(ctx, job.Stored, func(done int64) {
			if job.Progress != nil {
				job.Progress(done, total)
			}
		})
		if err != nil {
			return Digests{}, err
		}
		out.Blob = out.DiffID
	}
	if job.Progress != nil {
		job.Progress(total, total)
	}
	whole := *out.Layer
	whole.DiffID = out.DiffID
	out.Layer = &whole
	return out, nil
}

// decode is the layer that a worker indexed, with its bodies read from here.
func (p *pool) decode(ctx context.Context, m js.Value, job Job) (*layer.Layer, error) {
	data := m.Get("data")
	index := make([]byte, data.Length())
	js.CopyBytesToGo(index, data)
	tar := layer.InflatedBody(job.Stored, job.Codec, int64(m.Get("size").Float()))
	return layer.Decode(&breather{ctx, p.pause, bytes.NewReader(index)}, tar)
}

// breather lets the page breathe between small reads.
type breather struct {
	ctx   context.Context
	pause pauser
	r     io.Reader
}

func (b *breather) Read(p []byte) (int, error) {
	if err := b.pause(b.ctx); err != nil {
		return 0, err
	}
	return b.r.Read(p[:min(len(p), 4<<10)])
}

func (p *pool) Digest(ctx context.Context, b content.Body, progress func(int64)) (digest.Digest, error) {
	blob, ok := blobOf(b)
	if !ok {
		return hashHere(ctx, b, progress, p.pause)
	}
	var out digest.Digest
	err := p.run(ctx, map[string]any{"kind": "digest", "blob": blob}, func(m js.Value) error {
		switch m.Get("kind").String() {
		case "progress":
			if progress != nil {
				progress(int64(m.Get("done").Float()))
			}
		case "done":
			out = digest.Digest(m.Get("stored").String())
		}
		return nil
	})
	if errors.Is(err, errNoWorkers) {
		return hashHere(ctx, b, progress, p.pause)
	}
	return out, err
}

func (p *pool) Inflate(ctx context.Context, b content.Body, c layer.Codec, progress func(int64)) (content.Random, error) {
	blob, ok := blobOf(b)
	if !ok {
		return nil, errors.New("inflating: not a file of the person's disk")
	}
	var out *file
	err := p.run(ctx, map[string]any{"kind": "inflate", "blob": blob, "codec": int(c)}, func(m js.Value) error {
		switch m.Get("kind").String() {
		case "progress":
			if progress != nil {
				progress(int64(m.Get("done").Float()))
			}
		case "done":
			out = newFile(m.Get("blob"), "the inflated archive")
		}
		return nil
	})
	if errors.Is(err, errNoWorkers) {
		return p.inflateHere(ctx, b, c, progress)
	}
	if err != nil {
		return nil, err
	}
	return out, nil
}

// inflateHere is Inflate on this thread.
func (p *pool) inflateHere(ctx context.Context, b content.Body, c layer.Codec, progress func(int64)) (content.Random, error) {
	r, err := b.Open()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	report := func(done int64) {
		if progress != nil {
			progress(done)
		}
	}
	z, err := layer.NewInflater(&counter{r: r, report: report}, c)
	if err != nil {
		return nil, err
	}
	defer z.Close()
	blob, err := gather(ctx, z, p.pause)
	if err != nil {
		return nil, err
	}
	return newFile(blob, "the inflated archive"), nil
}

// run gives a job to a worker when one is free, and its messages to hear, until
// done. A job that is cancelled ends its worker.
func (p *pool) run(ctx context.Context, job map[string]any, hear func(js.Value) error) error {
	seats := p.seats()
	select {
	case seats <- struct{}{}:
		defer func() { <-seats }()
	case <-ctx.Done():
		return ctx.Err()
	}
	w, err := p.take(ctx)
	if err != nil {
		return err
	}
	w.value.Call("postMessage", job)
	err = w.follow(ctx, hear)
	if failed := new(jobError); err == nil || errors.As(err, &failed) {
		p.rest(w)
	} else {
		w.end()
	}
	return err
}

// idleFor is how long a worker waits for the next job before it ends and its
// memory is free again.
const idleFor = 5 * time.Second

// rest puts a worker among the idle ones for a while.
func (p *pool) rest(w *worker) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.idle = append(p.idle, w)
	w.wake = p.after(idleFor, func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		if i := slices.Index(p.idle, w); i >= 0 {
			p.idle = slices.Delete(p.idle, i, i+1)
			w.end()
		}
	})
}

// take is an idle worker, or a new one.
func (p *pool) take(ctx context.Context) (*worker, error) {
	p.mu.Lock()
	var w *worker
	if n := len(p.idle); n > 0 {
		w, p.idle = p.idle[n-1], p.idle[:n-1]
		w.wake()
	}
	none := p.none
	p.mu.Unlock()
	if w != nil {
		return w, nil
	}
	if none {
		return nil, errNoWorkers
	}
	w, err := newWorker()
	if err == nil {
		err = w.follow(ctx, nil)
	}
	if err == nil {
		return w, nil
	}
	if w != nil {
		w.end()
	}
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	p.mu.Lock()
	p.none = true
	p.mu.Unlock()
	global.Get("console").Call("warn", "no worker can be started, the page does their work: "+err.Error())
	return nil, errNoWorkers
}

// jobError is what a worker said is wrong with the job's bytes.
type jobError struct{ text string }

func (e *jobError) Error() string { return e.text }
