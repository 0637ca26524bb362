//go:build js

// Command app is the page's program.
package main

import (
	"syscall/js"

	_ "github.com/layerlab/layerlab/web/browser"
)

func main() {
	js.Global().Get("document").Call("getElementById", "boot-text").Set("textContent", "The page comes here.")
	js.Global().Get("layerlab").Call("ready")
	select {}
}
