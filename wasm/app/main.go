//go:build js

// Command app is the page's program.
package main

import (
	"runtime/debug"
	"syscall/js"

	"github.com/layerlab/layerlab/web/browser"
	"github.com/layerlab/layerlab/web/ui"
)

func main() {
	// A collection holds the page up, the longer the more there is; with little
	// in memory there may be fewer of them.
	debug.SetGCPercent(300)
	ui.Run(browser.New(), func() { js.Global().Get("layerlab").Call("ready") })
}
