//go:build js

package main

import (
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"syscall/js"
	"time"
)

// A collection of garbage holds the page up for as long as it takes to look at
// everything that is alive: a tenth of a second and more with the names of
// a large image. It is therefore done when nobody is doing anything, and at
// other times only when the memory used comes to a bound.
const (
	quiet    = 1500 * time.Millisecond // since the last input, for a collection to pass unnoticed
	worth    = 8 << 20                 // bytes of garbage for which a collection is worth it
	leastMax = 160 << 20               // bytes of memory at which there is one in any case
)

// collectWhenQuiet takes the collection of garbage into its own hands.
func collectWhenQuiet() {
	debug.SetGCPercent(-1)
	debug.SetMemoryLimit(leastMax)
	window := js.Global()
	last := time.Now()
	touched := js.FuncOf(func(js.Value, []js.Value) any { last = time.Now(); return nil })
	how := map[string]any{"passive": true, "capture": true}
	for _, event := range []string{"pointerdown", "pointermove", "wheel", "scroll", "keydown", "input", "dragover", "drop"} {
		window.Call("addEventListener", event, touched, how)
	}
	after := inUse()
	tick := js.FuncOf(func(js.Value, []js.Value) any {
		if time.Since(last) < quiet || inUse() < after+worth {
			return nil
		}
		runtime.GC()
		after = inUse()
		debug.SetMemoryLimit(max(leastMax, int64(after)*3/2+32<<20))
		return nil
	})
	window.Call("setInterval", tick, 1000)
}

// inUse is the bytes of objects on the heap, the dead ones that have not been
// collected included.
func inUse() uint64 {
	s := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(s)
	return s[0].Value.Uint64()
}
