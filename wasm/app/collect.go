//go:build js

package main

import (
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"syscall/js"
	"time"

	"github.com/layerlab/layerlab/web/browser"
)

// A collection of garbage holds the page up for as long as it takes to look at
// everything that is alive: a tenth of a second and more with the names of
// a large image. It is therefore done when nobody is doing anything and no command
// runs, and at other times only when the memory used comes to a bound. A command
// that begins has room below that bound for what it leaves behind.
const (
	quiet    = 1500 * time.Millisecond // since the last input, for a collection to pass unnoticed
	worth    = 8 << 20                 // bytes of garbage for which a collection is worth it
	leastMax = 160 << 20               // bytes of memory at which there is one in any case
	room     = 128 << 20               // bytes that a command may leave behind without one
	roomMax  = 256 << 20               // bytes up to which it is given that room
)

// A collector is a browser in which garbage is collected when it is quiet.
type collector struct {
	browser.Browser
	last    time.Time // when there was input, or a command ended
	working bool
	after   uint64 // bytes in use after the last collection
}

// collectWhenQuiet takes the collection of garbage into its own hands.
func collectWhenQuiet(b browser.Browser) browser.Browser {
	debug.SetGCPercent(-1)
	debug.SetMemoryLimit(leastMax)
	c := &collector{Browser: b, last: time.Now(), after: inUse()}
	window := js.Global()
	touched := js.FuncOf(func(js.Value, []js.Value) any { c.last = time.Now(); return nil })
	how := map[string]any{"passive": true, "capture": true}
	for _, event := range []string{"pointerdown", "pointermove", "wheel", "scroll", "keydown", "input", "dragover", "drop"} {
		window.Call("addEventListener", event, touched, how)
	}
	tick := js.FuncOf(func(js.Value, []js.Value) any { c.tick(); return nil })
	window.Call("setInterval", tick, 1000)
	return c
}

// tick collects when it is quiet.
func (c *collector) tick() {
	if c.working || time.Since(c.last) < quiet || inUse() < c.after+worth {
		return
	}
	runtime.GC()
	c.after = inUse()
	debug.SetMemoryLimit(c.bound())
}

// bound is the memory at which there is a collection while no command runs.
func (c *collector) bound() int64 { return max(leastMax, int64(c.after)*3/2+32<<20) }

// Working gives a command that begins its room. The bound stays until the next
// collection: to lower it is to collect at once.
func (c *collector) Working(on bool) {
	c.working, c.last = on, time.Now()
	if on {
		debug.SetMemoryLimit(max(c.bound(), min(int64(inUse())+room, roomMax)))
	}
}

// inUse is the bytes of objects on the heap, the dead ones that have not been
// collected included.
func inUse() uint64 {
	s := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(s)
	return s[0].Value.Uint64()
}
