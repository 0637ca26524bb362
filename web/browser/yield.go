//go:build js

package browser

import (
	"context"
	"sync"
	"syscall/js"
	"time"
)

// slice is how long this program may hold the event loop: half a frame at 60
// frames a second.
const slice = 8 * time.Millisecond

// yields gives the event loop its turns. A message to oneself comes back after
// what the loop has to do at once (input, drawing); a timer would wait for four
// milliseconds or, in a hidden tab, for a second.
type yields struct {
	port js.Value

	mu      sync.Mutex
	since   time.Time // when this program got its turn
	waiting []chan struct{}
	posted  bool
}

func newYields() *yields {
	y := &yields{since: time.Now()}
	channel := global.Get("MessageChannel").New()
	y.port = channel.Get("port2")
	channel.Get("port1").Set("onmessage", js.FuncOf(func(js.Value, []js.Value) any {
		y.mu.Lock()
		defer y.mu.Unlock()
		y.since, y.posted = time.Now(), false
		for _, w := range y.waiting {
			close(w)
		}
		y.waiting = nil
		return nil
	}))
	return y
}

func (y *yields) Pause(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	y.mu.Lock()
	if time.Since(y.since) < slice {
		y.mu.Unlock()
		return nil
	}
	turn := make(chan struct{})
	y.waiting = append(y.waiting, turn)
	if !y.posted {
		y.posted = true
		y.port.Call("postMessage", js.Null())
	}
	y.mu.Unlock()
	<-turn // comes always: the loop turns
	return ctx.Err()
}

func (y *yields) Frame(f func(at time.Duration)) {
	var fn js.Func
	fn = js.FuncOf(func(_ js.Value, args []js.Value) any {
		fn.Release()
		f(time.Duration(first(args).Float() * float64(time.Millisecond)))
		return nil
	})
	global.Call("requestAnimationFrame", fn)
}

func (y *yields) After(d time.Duration, f func()) (stop func()) {
	var fn js.Func
	live := true
	fn = js.FuncOf(func(js.Value, []js.Value) any {
		live = false
		fn.Release()
		f()
		return nil
	})
	id := global.Call("setTimeout", fn, d.Milliseconds())
	return func() {
		if live {
			live = false
			global.Call("clearTimeout", id)
			fn.Release()
		}
	}
}
