//go:build js

package browser

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"syscall/js"
)

// worker is a running wasm/worker.
type worker struct {
	value js.Value
	more  chan struct{} // there is more in the queue
	stops []func()
	wake  func() // ends its rest among the idle ones

	mu    sync.Mutex
	queue []js.Value // messages that wait to be heard
}

// newWorker starts one. Its first message will be ready.
func newWorker() (*worker, error) {
	names := lab.Get("worker")
	w := &worker{more: make(chan struct{}, 1)}
	err := try(func() { w.value = global.Get("Worker").New(names.Get("boot")) })
	if err != nil {
		// A frame without an origin may start no worker from an address, but one
		// from a Blob of its own that fetches the rest.
		err = try(func() {
			script := fmt.Sprintf("importScripts(%q)", names.Get("boot").String())
			blob := global.Get("Blob").New([]any{script}, map[string]any{"type": "text/javascript"})
			w.value = global.Get("Worker").New(global.Get("URL").Call("createObjectURL", blob))
		})
	}
	if err != nil {
		return nil, err
	}
	w.stops = append(w.stops,
		listen(w.value, "message", func(e js.Value) { w.push(e.Get("data")) }),
		listen(w.value, "error", func(e js.Value) {
			text := "the worker failed"
			if m := e.Get("message"); m.Type() == js.TypeString && m.String() != "" {
				text += ": " + m.String()
			}
			w.push(js.ValueOf(map[string]any{"kind": "ended", "error": text}))
		}))
	// When this program ends its workers end too.
	terminate := w.value.Get("terminate").Call("bind", w.value)
	signal := lab.Get("signal")
	signal.Call("addEventListener", "abort", terminate)
	w.stops = append(w.stops, func() { signal.Call("removeEventListener", "abort", terminate) })
	w.value.Call("postMessage", map[string]any{"exec": names.Get("exec"), "app": names.Get("app")})
	return w, nil
}

// push puts a message into the queue. It is called from event handlers.
func (w *worker) push(message js.Value) {
	w.mu.Lock()
	w.queue = append(w.queue, message)
	w.mu.Unlock()
	select {
	case w.more <- struct{}{}:
	default:
	}
}

// pop is the next message, once there is one.
func (w *worker) pop(ctx context.Context) (js.Value, error) {
	for {
		w.mu.Lock()
		if len(w.queue) > 0 {
			m := w.queue[0]
			w.queue = w.queue[1:]
			w.mu.Unlock()
			return m, nil
		}
		w.mu.Unlock()
		select {
		case <-w.more:
		case <-ctx.Done():
			return js.Undefined(), ctx.Err()
		}
	}
}

// follow hears messages until one says ready or done.
func (w *worker) follow(ctx context.Context, hear func(js.Value) error) error {
	for {
		m, err := w.pop(ctx)
		if err != nil {
			return err
		}
		switch kind := m.Get("kind").String(); kind {
		case "ready":
			return nil
		case "error":
			return &jobError{m.Get("error").String()}
		case "ended":
			return errors.New(m.Get("error").String())
		default:
			if err := hear(m); err != nil || kind == "done" {
				return err
			}
		}
	}
}

// end ends the worker at once, whatever it does.
func (w *worker) end() {
	w.value.Call("terminate")
	for _, stop := range w.stops {
		stop()
	}
}
