//go:build js

// Command worker reads, inflates, hashes and indexes blobs beside the page. It is
// a program of its own, small and without the page's library, because that one
// wants a document and a worker has none.
//
// The page sends one job at a time and this program answers with messages, each
// an object with a kind (web/browser has the other side):
//
//	{kind: "index", blob, codec}     → layer, then done {stored, inflated}, or {} for a plain tar
//	{kind: "digest", blob}           → done {stored}
//	{kind: "inflate", blob, codec}   → done {blob}
//
// On the way it says {kind: "progress", done} with the bytes of the blob, and
// instead of done, {kind: "error", error}. A job is cancelled by ending the worker.
package main

import (
	"context"
	"fmt"
	"syscall/js"

	"github.com/layerlab/layerlab/sim/layer"
)

var global = js.Global()

func main() {
	global.Set("onmessage", js.FuncOf(func(_ js.Value, args []js.Value) any {
		go work(args[0].Get("data"))
		return nil
	}))
	post(map[string]any{"kind": "ready"})
	select {}
}

func post(message map[string]any, transfer ...any) {
	global.Call("postMessage", message, transfer)
}

// work does a job and says how it ended.
func work(job js.Value) {
	done, err := do(job)
	if err != nil {
		post(map[string]any{"kind": "error", "error": err.Error()})
		return
	}
	done["kind"] = "done"
	post(done)
}

func do(job js.Value) (done map[string]any, err error) {
	defer func() { // a browser that lacks something throws; that must not end the worker
		if r := recover(); r != nil {
			err = fmt.Errorf("the worker failed: %v", r)
		}
	}()
	ctx := context.Background()
	b := &blob{value: job.Get("blob"), report: progress()}
	b.size = int64(b.value.Get("size").Float())
	switch kind := job.Get("kind").String(); kind {
	case "index":
		return index(ctx, b, layer.Codec(job.Get("codec").Int()))
	case "digest":
		sum, err := b.digest(ctx)
		return map[string]any{"stored": sum}, err
	case "inflate":
		out, err := inflate(ctx, b, layer.Codec(job.Get("codec").Int()))
		return map[string]any{"blob": out}, err
	default:
		return nil, fmt.Errorf("the worker knows no job %q", kind)
	}
}

// progress is a function that tells the page how many bytes of the blob are
// done, ten times a second at most.
func progress() func(done int64) {
	clock := global.Get("performance")
	last := -100.0
	return func(done int64) {
		if now := clock.Call("now").Float(); now-last >= 100 {
			last = now
			post(map[string]any{"kind": "progress", "done": done})
		}
	}
}
