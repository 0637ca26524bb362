//go:build js

package browser

import (
	"net/url"
	"strings"
	"syscall/js"
)

func (p *page) Query(name string) string {
	params := global.Get("URLSearchParams").New(global.Get("location").Get("search"))
	if v := params.Call("get", name); v.Type() == js.TypeString {
		return v.String()
	}
	return ""
}

func (p *page) Hash() string {
	h := strings.TrimPrefix(global.Get("location").Get("hash").String(), "#")
	if plain, err := url.PathUnescape(h); err == nil {
		return plain
	}
	return h
}

func (p *page) SetHash(hash string) {
	to := global.Get("location").Get("pathname").String() + global.Get("location").Get("search").String()
	if hash != "" {
		to += "#" + url.PathEscape(hash)
	}
	// A frame without an origin may not change its address: then it stays.
	_ = try(func() { global.Get("history").Call("replaceState", js.Null(), "", to) })
}

func (p *page) OnHash(f func(string)) (stop func()) {
	return listen(global, "hashchange", func(js.Value) { f(p.Hash()) })
}

func (p *page) Embedded() bool { return p.Query("embed") == "1" }

func (p *page) Post(kind string, fields map[string]any) {
	parent := global.Get("parent")
	if parent.Equal(global) {
		return
	}
	message := map[string]any{}
	for k, v := range fields {
		message[k] = v
	}
	message["type"] = "layerlab:" + kind
	_ = try(func() { parent.Call("postMessage", message, "*") })
}
