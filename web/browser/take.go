//go:build js

package browser

import (
	"context"
	"fmt"
	"syscall/js"
)

// list is the Files of a FileList, in its order.
func list(files js.Value) []File {
	var out []File
	for i := range files.Length() {
		f := files.Index(i)
		p := ""
		if r := f.Get("webkitRelativePath"); r.Type() == js.TypeString {
			p = r.String()
		}
		out = append(out, newFile(f, p))
	}
	return out
}

func (p *page) PickFiles(o PickOptions, done func([]File)) {
	input := document.Call("createElement", "input")
	input.Set("type", "file")
	input.Set("accept", o.Accept)
	input.Set("multiple", o.Multiple)
	input.Set("webkitdirectory", o.Folder)
	input.Set("hidden", true)
	input.Get("dataset").Set("pick", "")
	// It is in the page, hidden, while the dialog is open.
	document.Get("body").Call("append", input)
	var stop, stopCancel func()
	end := func() { stop(); stopCancel(); input.Call("remove") }
	stop = listen(input, "change", func(js.Value) {
		files := list(input.Get("files"))
		end()
		if len(files) > 0 {
			done(files)
		}
	})
	stopCancel = listen(input, "cancel", func(js.Value) { end() })
	input.Call("click")
}

func (p *page) OnPaste(f func([]File)) (stop func()) {
	return listen(document, "paste", func(e js.Value) {
		data := e.Get("clipboardData")
		if data.IsNull() || data.Get("files").Length() == 0 {
			return
		}
		e.Call("preventDefault")
		f(list(data.Get("files")))
	})
}

func (p *page) OnDrop(d DropTarget) (stop func()) {
	depth := 0 // dragenter and dragleave come for every element on the way
	over := func(by int) {
		was := depth > 0
		depth = max(0, depth+by)
		if is := depth > 0; is != was && d.Over != nil {
			d.Over(is)
		}
	}
	stops := []func(){
		listen(document, "dragenter", func(e js.Value) {
			if hasFiles(e) {
				e.Call("preventDefault")
				over(1)
			}
		}),
		listen(document, "dragover", func(e js.Value) {
			if hasFiles(e) {
				e.Call("preventDefault")
				e.Get("dataTransfer").Set("dropEffect", "copy")
			}
		}),
		listen(document, "dragleave", func(e js.Value) {
			if hasFiles(e) {
				over(-1)
			}
		}),
		listen(document, "drop", func(e js.Value) {
			if !hasFiles(e) {
				return
			}
			e.Call("preventDefault")
			over(-depth)
			if d.Drop != nil {
				take(e, d.Drop)
			}
		}),
	}
	return func() {
		for _, s := range stops {
			s()
		}
	}
}

func hasFiles(e js.Value) bool {
	data := e.Get("dataTransfer")
	return !data.IsNull() && data.Get("types").Call("includes", "Files").Bool()
}

// take reads what was dropped. The entries must be asked for in the very event;
// folders are then walked.
func take(e js.Value, done func(Drop)) {
	zone := ""
	if z := e.Get("target").Call("closest", "[data-drop]"); !z.IsNull() {
		zone = z.Get("dataset").Get("drop").String()
	}
	items := e.Get("dataTransfer").Get("items")
	var entries []js.Value
	folders := false
	for i := range items.Length() {
		item := items.Index(i)
		if item.Get("kind").String() != "file" || item.Get("webkitGetAsEntry").Type() != js.TypeFunction {
			continue
		}
		if entry := item.Call("webkitGetAsEntry"); !entry.IsNull() {
			entries = append(entries, entry)
			folders = folders || entry.Get("isDirectory").Bool()
		}
	}
	if !folders {
		done(Drop{Files: list(e.Get("dataTransfer").Get("files")), Zone: zone})
		return
	}
	go func() {
		out := Drop{Zone: zone}
		for _, entry := range entries {
			if out.Err = walk(context.Background(), entry, "", &out.Files); out.Err != nil {
				break
			}
		}
		done(out)
	}()
}

// dropped is how many files of dropped folders are taken.
const dropped = 20000

func walk(ctx context.Context, entry js.Value, dir string, out *[]File) error {
	p := dir + entry.Get("name").String()
	if len(*out) >= dropped {
		return fmt.Errorf("taking the folder %q: more than %d files", p, dropped)
	}
	if entry.Get("isFile").Bool() {
		f, err := await(ctx, callbacks(entry, "file"))
		if err != nil {
			return fmt.Errorf("taking the file %q: %w", p, err)
		}
		*out = append(*out, newFile(f, p))
		return nil
	}
	reader := entry.Call("createReader")
	for { // a hundred at a time, until there are none
		some, err := await(ctx, callbacks(reader, "readEntries"))
		if err != nil {
			return fmt.Errorf("taking the folder %q: %w", p, err)
		}
		if some.Length() == 0 {
			return nil
		}
		for i := range some.Length() {
			if err := walk(ctx, some.Index(i), p+"/", out); err != nil {
				return err
			}
		}
	}
}

// callbacks is a promise for a method that takes a function for the result and
// one for the error.
func callbacks(v js.Value, method string) js.Value {
	executor := js.FuncOf(func(_ js.Value, args []js.Value) any {
		v.Call(method, args[0], args[1])
		return nil
	})
	defer executor.Release() // a promise's executor runs at once
	return global.Get("Promise").New(executor)
}
