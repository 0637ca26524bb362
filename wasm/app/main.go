//go:build js

// Command app is the page's program.
package main

import (
	"syscall/js"

	"github.com/layerlab/layerlab/web/browser"
	"github.com/layerlab/layerlab/web/ui"
)

func main() {
	ui.Run(collectWhenQuiet(browser.New()), func() { js.Global().Get("layerlab").Call("ready") })
}
