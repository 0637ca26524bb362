//go:build js

// Command worker reads, inflates, hashes and indexes blobs beside the page.
package main

import (
	"syscall/js"

	_ "github.com/layerlab/layerlab/sim/layer"
)

func main() {
	js.Global().Call("postMessage", map[string]any{"kind": "ready"})
	select {}
}
