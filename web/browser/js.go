//go:build js

package browser

import (
	"context"
	"errors"
	"fmt"
	"syscall/js"
)

var (
	global   = js.Global()
	document = global.Get("document")
	lab      = global.Get("layerlab") // what assets/boot.js shares with this program
)

// await waits for a promise. When ctx ends first the promise is left to itself.
func await(ctx context.Context, promise js.Value) (js.Value, error) {
	type settled struct {
		value js.Value
		err   error
	}
	done := make(chan settled, 1)
	var ok, fail js.Func
	release := func() { ok.Release(); fail.Release() }
	ok = js.FuncOf(func(_ js.Value, args []js.Value) any {
		release()
		done <- settled{value: first(args)}
		return nil
	})
	fail = js.FuncOf(func(_ js.Value, args []js.Value) any {
		release()
		done <- settled{err: thrown(first(args))}
		return nil
	})
	promise.Call("then", ok, fail)
	select {
	case s := <-done:
		return s.value, s.err
	case <-ctx.Done():
		return js.Undefined(), ctx.Err()
	}
}

func first(args []js.Value) js.Value {
	if len(args) == 0 {
		return js.Undefined()
	}
	return args[0]
}

// thrown is a JavaScript value that was thrown, as an error in its own words.
func thrown(v js.Value) error {
	if v.Type() == js.TypeObject {
		if m := v.Get("message"); m.Type() == js.TypeString && m.String() != "" {
			return errors.New(m.String())
		}
	}
	return errors.New(v.Call("toString").String())
}

// try calls f and turns what JavaScript throws in it into an error.
func try(f func()) (err error) {
	defer func() {
		switch r := recover().(type) {
		case nil:
		case js.Error:
			err = thrown(r.Value)
		case *js.ValueError:
			err = fmt.Errorf("the browser has no %s", r.Method)
		default:
			panic(r)
		}
	}()
	f()
	return nil
}

// listen calls f at each event of a kind until stop is called or this program
// ends: boot.js then takes all of its listeners away.
func listen(target js.Value, kind string, f func(event js.Value)) (stop func()) {
	fn := js.FuncOf(func(_ js.Value, args []js.Value) any {
		f(first(args))
		return nil
	})
	target.Call("addEventListener", kind, fn, map[string]any{"signal": lab.Get("signal")})
	return func() {
		target.Call("removeEventListener", kind, fn)
		fn.Release()
	}
}
