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

// unseen is how long it may go on without the page being drawn.
const unseen = 24 * time.Millisecond

// patience is how long it waits for the page to be drawn: a hidden page never is.
const patience = 100 * time.Millisecond

// yields gives the event loop its turns. A message to oneself comes back after
// what the loop has to do at once, such as input; a timer would wait for four
// milliseconds or, in a hidden tab, for a second. Browsers put drawing behind
// such messages, though, so now and then a frame is waited for.
type yields struct {
	port          js.Value
	frame, giveUp js.Func

	mu      sync.Mutex
	since   time.Time // when this program got its turn
	framed  time.Time // when the page was drawn last
	waiting []chan struct{}
	posted  bool
	timer   js.Value
}

func newYields() *yields {
	y := &yields{since: time.Now(), framed: time.Now()}
	channel := global.Get("MessageChannel").New()
	y.port = channel.Get("port2")
	post := func() { y.port.Call("postMessage", js.Null()) }
	y.frame = js.FuncOf(func(js.Value, []js.Value) any {
		global.Call("clearTimeout", y.timer)
		post() // comes back after the drawing that follows this
		return nil
	})
	y.giveUp = js.FuncOf(func(js.Value, []js.Value) any { post(); return nil })
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
	now := time.Now()
	if now.Sub(y.since) < slice {
		y.mu.Unlock()
		return nil
	}
	turn := make(chan struct{})
	y.waiting = append(y.waiting, turn)
	if !y.posted {
		y.posted = true
		if now.Sub(y.framed) > unseen && !document.Get("hidden").Bool() {
			y.framed = now
			y.timer = global.Call("setTimeout", y.giveUp, patience.Milliseconds())
			global.Call("requestAnimationFrame", y.frame)
		} else {
			y.port.Call("postMessage", js.Null())
		}
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
