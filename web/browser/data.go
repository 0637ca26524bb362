//go:build js

package browser

import (
	"context"
	"fmt"
	"syscall/js"
)

// Data looks the file's address up in catalog.json, which has the names with
// their hashes, and fetches it from beside that.
func (p *page) Data(ctx context.Context, name string) ([]byte, error) {
	list := lab.Get("catalog")
	if list.Type() != js.TypeString {
		return nil, fmt.Errorf("fetching %q: the page has no catalogue", name)
	}
	names, err := fetch(ctx, list, "json")
	if err != nil {
		return nil, fmt.Errorf("fetching the catalogue's names: %w", err)
	}
	hashed := names.Get(name)
	if hashed.Type() != js.TypeString {
		return nil, fmt.Errorf("fetching %q: the catalogue has no such file", name)
	}
	at := global.Get("URL").New(hashed, list).Get("href")
	buffer, err := fetch(ctx, at, "arrayBuffer")
	if err != nil {
		return nil, fmt.Errorf("fetching %q: %w", name, err)
	}
	view := global.Get("Uint8Array").New(buffer)
	b := make([]byte, view.Length())
	js.CopyBytesToGo(b, view)
	return b, nil
}

// fetch gets what lies at an address of the page's own, read by the method of the
// response.
func fetch(ctx context.Context, url js.Value, method string) (js.Value, error) {
	response, err := await(ctx, global.Call("fetch", url))
	if err != nil {
		return js.Undefined(), err
	}
	if !response.Get("ok").Bool() {
		return js.Undefined(), fmt.Errorf("the server answered %d", response.Get("status").Int())
	}
	return await(ctx, response.Call(method))
}
