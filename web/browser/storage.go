//go:build js

package browser

import "syscall/js"

// storage is a web storage with boot.js's map beside it: that one survives the
// death of this program too, and stands in where the web storage is blocked.
type storage struct{ area string }

const prefix = "layerlab."

// store is the web storage. Where it is blocked, naming it throws; an exception
// in js.Value.Get ends this program, one in Call is a panic that try catches.
func (s storage) store() js.Value { return global.Get("Reflect").Call("get", global, s.area) }

func (s storage) Get(key string) (string, bool) {
	if v := lab.Get("kept").Call("get", prefix+key); v.Type() == js.TypeString {
		return v.String(), true
	}
	var v js.Value
	if try(func() { v = s.store().Call("getItem", prefix+key) }) != nil || v.Type() != js.TypeString {
		return "", false
	}
	return v.String(), true
}

func (s storage) Set(key, value string) {
	lab.Get("kept").Call("set", prefix+key, value)
	if try(func() { s.store().Call("setItem", prefix+key, value) }) != nil {
		// Blocked or full: better nothing there than what is out of date.
		_ = try(func() { s.store().Call("removeItem", prefix+key) })
	}
}

func (s storage) Remove(key string) {
	lab.Get("kept").Call("delete", prefix+key)
	_ = try(func() { s.store().Call("removeItem", prefix+key) })
}
