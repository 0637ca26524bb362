//go:build js

// Command probe is a page's program for tests of web/browser: it takes files by
// every way there is and says in words what it made of them.
package main

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"syscall/js"
	"time"

	"github.com/layerlab/layerlab/sim/archive"
	"github.com/layerlab/layerlab/sim/content"
	"github.com/layerlab/layerlab/sim/layer"
	"github.com/layerlab/layerlab/web/browser"
)

var (
	document = js.Global().Get("document")
	b        = browser.New()
)

func main() {
	app := document.Call("getElementById", "app")
	app.Set("textContent", "")
	button := func(label string, f func()) {
		e := document.Call("createElement", "button")
		e.Set("textContent", label)
		e.Call("addEventListener", "click", js.FuncOf(func(js.Value, []js.Value) any { f(); return nil }))
		app.Call("append", e)
	}
	button("Pick", func() { b.PickFiles(browser.PickOptions{Multiple: true}, func(f []browser.File) { go take(f) }) })
	button("Keep", func() { b.Storage().Set("note", "kept"); b.Settings().Set("note", "set") })
	button("Dark", func() { b.SetTheme(browser.Dark) })
	button("Work", func() { go work() })
	button("Die", func() { panic("on purpose") })
	zone := document.Call("createElement", "section")
	zone.Call("setAttribute", "aria-label", "Zone")
	zone.Get("dataset").Set("drop", "context")
	zone.Set("textContent", "drop here")
	app.Call("append", zone)

	b.OnDrop(browser.DropTarget{
		Over: func(over bool) { say("over", "%v", over) },
		Drop: func(d browser.Drop) {
			say("zone", "%s", d.Zone)
			if d.Err != nil {
				say("error", "%v", d.Err)
			}
			go take(d.Files)
		},
	})
	note, _ := b.Storage().Get("note")
	set, _ := b.Settings().Get("note")
	say("state", "restart=%s note=%s set=%s dark=%v embedded=%v hash=%s", b.Restart(), note, set, b.Dark(), b.Embedded(), b.Hash())
	js.Global().Get("layerlab").Call("ready")
	select {}
}

// say puts a sentence into the element of the given name.
func say(name, format string, args ...any) {
	e := document.Call("getElementById", name)
	if e.IsNull() {
		e = document.Call("createElement", "output")
		e.Set("id", name)
		e.Call("setAttribute", "aria-label", name)
		document.Call("getElementById", "app").Call("append", e)
	}
	e.Set("textContent", fmt.Sprintf(format, args...))
}

// take says of each file what it is; all at once.
func take(files []browser.File) {
	var paths []string
	for _, f := range files {
		paths = append(paths, f.Path())
	}
	say("files", "%s", strings.Join(paths, " "))
	for _, f := range files {
		go func() {
			start := time.Now()
			text, err := describe(f)
			if err != nil {
				text = "error: " + err.Error()
			}
			say(f.Path(), "%s", text)
			say("time "+f.Path(), "%v", time.Since(start).Round(time.Millisecond))
		}()
	}
}

func describe(f browser.File) (string, error) {
	ctx := context.Background()
	head := make([]byte, layer.DetectLen)
	n, _ := f.ReadAt(head, 0)
	job := browser.Job{Stored: f, Codec: layer.Detect(head[:n])}
	switch b.Query("do") {
	case "cancel":
		ctx, cancel := context.WithCancel(ctx)
		job.Progress = func(done, total int64) { cancel() }
		_, err := b.Index(ctx, job)
		return "", err
	case "inflate":
		all, err := b.Inflate(ctx, f, job.Codec, nil)
		if err != nil {
			return "", err
		}
		sum, err := b.Digest(ctx, all, nil)
		return fmt.Sprintf("%d bytes %s", all.Size(), sum), err
	case "open":
		return open(ctx, f)
	case "slice":
		sum, err := b.Digest(ctx, content.Slice(f, 100, f.Size()-200), nil)
		return string(sum), err
	case "download":
		return "", b.Download(ctx, "again.bin", content.Slice(f, 0, min(f.Size(), 10)))
	}
	indexed := false
	job.Indexed = func(*layer.Layer) { indexed = true }
	d, err := b.Index(ctx, job)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%v indexed=%v entries=%d names=%d size=%d diffid=%s blob=%s", job.Codec, indexed, d.Layer.Entries, d.Layer.Tree.Names(), d.Layer.Size, d.Layer.DiffID, d.Blob), nil
}

// work keeps the program busy for a second and says how often the page was drawn
// meanwhile.
func work() {
	frames := 0
	var frame func(time.Duration)
	frame = func(time.Duration) { frames++; b.Frame(frame) }
	b.Frame(frame)
	x := uint32(1)
	for start := time.Now(); time.Since(start) < time.Second; {
		for range 1000 {
			x = x*1664525 + 1013904223
		}
		if b.Pause(context.Background()) != nil {
			return
		}
	}
	say("work", "done, %d frames, %d", frames, x%2)
}

// open opens an archive and reads all its layers, and says how long each took
// and how long the page waited for a frame at worst.
func open(ctx context.Context, f browser.File) (string, error) {
	start := time.Now()
	last, worst, over := start, time.Duration(0), false
	var frame func(time.Duration)
	frame = func(time.Duration) {
		worst, last = max(worst, time.Since(last)), time.Now()
		if !over {
			b.Frame(frame)
		}
	}
	b.Frame(frame)
	a, err := archive.Open(ctx, f, archive.Options{Name: f.Name(), Pause: b.Pause})
	if err != nil {
		return "", err
	}
	opened := time.Since(start)
	var all sync.WaitGroup
	var indexed time.Duration
	entries, wrong := 0, 0
	for _, blob := range a.Images[0].Layers {
		all.Go(func() {
			d, err := b.Index(ctx, browser.Job{Stored: blob.Stored, Codec: blob.Codec, Indexed: func(*layer.Layer) { indexed = time.Since(start) }})
			if err != nil || d.DiffID != blob.DiffID || d.Blob != blob.Digest {
				wrong++
				return
			}
			entries += d.Layer.Entries
		})
	}
	all.Wait()
	over = true
	return fmt.Sprintf("%d layers, %d entries, %d wrong; opened %v, last index %v, verified %v, longest frame %v", len(a.Images[0].Layers), entries, wrong,
		opened.Round(time.Millisecond), indexed.Round(time.Millisecond), time.Since(start).Round(time.Millisecond), worst.Round(time.Millisecond)), nil
}
