package main

import (
	"crypto/sha256"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"slices"
	"time"

	"github.com/layerlab/layerlab/scripts/internal/chrome"
	"github.com/layerlab/layerlab/scripts/internal/site"
)

// serve serves the site alone in its process: only then does a browser tell how
// much memory a page takes, workers included.
func serve(s *site.Site) *httptest.Server {
	h := s.Handler()
	return httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cross-Origin-Opener-Policy", "same-origin")
		w.Header().Set("Cross-Origin-Embedder-Policy", "require-corp")
		h.ServeHTTP(w, r)
	}))
}

// memoryNow has the browser measure memory when asked, not when it next collects garbage.
var memoryNow = map[string]any{"enable-blink-features": "ForceEagerMeasureMemory"}

// attempt runs f, which uses a page; what a test would report is its error.
func attempt(f func(t *bench)) (err error) {
	t := &bench{}
	defer func() {
		r := recover()
		if r != nil && r != any(t) {
			panic(r)
		}
		for _, c := range slices.Backward(t.cleanups) {
			c()
		}
		if t.err != nil {
			err = t.err
		}
	}()
	f(t)
	return nil
}

// bench is a chrome.TB that is no test.
type bench struct {
	cleanups []func()
	err      error
}

func (t *bench) Helper() {}
func (t *bench) Fatalf(format string, args ...any) {
	t.Errorf(format, args...)
	panic(t)
}
func (t *bench) Errorf(format string, args ...any) {
	if t.err == nil {
		t.err = fmt.Errorf(format, args...)
	}
}
func (t *bench) Logf(format string, args ...any) { fmt.Fprintf(os.Stderr, format+"\n", args...) }
func (t *bench) Cleanup(f func())                { t.cleanups = append(t.cleanups, f) }
func (t *bench) Name() string                    { return "bench" }
func (t *bench) Failed() bool                    { return t.err != nil }

// visits is how many first visits are made; the median counts.
const visits = 5

// firstVisit measures what someone downloads who was never here, and when the
// page can be used.
func firstVisit(url string) error {
	section("the first visit, on this machine")
	var ready, painted, bytes []float64
	for range visits {
		err := attempt(func(t *bench) {
			b := launch(t)
			p := chrome.OpenWith(t, url+"/", chrome.Options{Browser: b})
			ready = append(ready, chrome.Eval[float64](p, `layerlab.times.ready`))
			painted = append(painted, chrome.Eval[float64](p, `performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? 0`))
			bytes = append(bytes, chrome.Eval[float64](p, `[...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")]
				.reduce((n, e) => n + e.encodedBodySize, 0)`))
		})
		if err != nil {
			return err
		}
	}
	figure("downloaded (brotli)", median(bytes)/1e6, "MB", 2.6)
	figure("first paint", median(painted)/1e3, "s", 0)
	figure("usable", median(ready)/1e3, "s", 2)
	return nil
}

func launch(t *bench) *chrome.Browser {
	b, err := chrome.Launch(memoryNow)
	if err != nil {
		t.Fatalf("%v", err)
	}
	t.Cleanup(b.Close)
	return b
}

func median(v []float64) float64 {
	slices.Sort(v)
	return v[len(v)/2]
}

// watch runs in the page: it takes hold of the program's memory, notes when a file was dropped, when its layers were
// shown and when all were verified, and measures every frame.
const watch = `
globalThis.seen = {frames: []};
{
	const compile = WebAssembly.instantiate;
	WebAssembly.instantiate = (...args) => compile(...args).then(made => { seen.memory = (made.instance ?? made).exports.mem; return made; });
	seen.workers = 0;
	const start = globalThis.Worker;
	globalThis.Worker = class extends start {
		constructor(...args) { super(...args); seen.workers++; }
		terminate() { super.terminate(); seen.workers--; }
	};
}
addEventListener("drop", () => { seen.dropped = performance.now(); }, true);
{
	let last = performance.now();
	const frame = (now) => { if (seen.watch) seen.frames.push(now - last); last = now; requestAnimationFrame(frame); };
	requestAnimationFrame(frame);
	new MutationObserver(() => {
		if (!seen.dropped) return;
		if (!seen.shown && document.querySelectorAll('[aria-label^="Layer "]').length >= 10) requestAnimationFrame(() => { seen.shown ??= performance.now(); });
	}).observe(document, {subtree: true, childList: true, attributes: true});
}`

// openArchive measures what happens when someone drops a large archive.
func openArchive(url, file string) error {
	info, err := os.Stat(file)
	if err != nil {
		return err
	}
	section(fmt.Sprintf("an archive of %d MB", info.Size()/1e6))
	return attempt(func(t *bench) {
		b := launch(t)
		was := chrome.Patience
		chrome.Patience = 2 * time.Minute
		defer func() { chrome.Patience = was }()
		p := chrome.OpenWith(t, url+"/", chrome.Options{Browser: b, Script: watch})
		p.Until("the first image is built", func() bool { return p.Has("button", "Layer…") })
		p.DropFile(file)
		p.Until("its layers are shown", func() bool { return chrome.Eval[bool](p, `Boolean(seen.shown)`) })
		figure("from choosing it to its layers on the screen", chrome.Eval[float64](p, `seen.shown - seen.dropped`)/1e3, "s", 1)
		during := use(p)
		figure("longest frame while scrolling and filtering meanwhile", during, "ms", 100)
		figure("memory of the page meanwhile", measure(p)/1e6, "MB", 300)
		p.Until("all is verified", func() bool { return verified(p) })
		figure("until all digests are verified", chrome.Eval[float64](p, `performance.now() - seen.dropped`)/1e3, "s", 0)
		figure("sha256sum of the same file", sha256sum(file), "s", 0)
		p.Until("the workers have ended", func() bool { return chrome.Eval[int](p, `seen.workers`) == 0 })
		figure("memory of the page afterwards", measure(p)/1e6, "MB", 300)
		figure("private memory of its process, browser code and all", float64(largestRenderer(b.Process()))/1e6, "MB", 0)
		p.Screenshot("bench")
	})
}

// use scrolls through the files and filters them until all is verified, ten
// rounds at least, and is the longest frame on the way in ms.
func use(p *chrome.Page) float64 {
	chrome.Eval[any](p, `seen.watch = true`)
	grid := p.Find("treegrid", "")
	filter := p.Find("searchbox", "")
	for i := 0; i < 10 || i < 60 && !verified(p); i++ {
		grid.Wheel(1200)
		if i%3 == 0 {
			filter.Fill(fmt.Sprintf("entry-%d", i%10))
		}
		if i%3 == 2 {
			filter.Fill("")
		}
	}
	return chrome.Eval[float64](p, `(seen.watch = false, Math.max(...seen.frames))`)
}

func verified(p *chrome.Page) bool {
	return chrome.Eval[bool](p, `document.body.innerText.includes("all digests verified")`)
}

// measure is the memory in bytes of the page and its workers as the browser counts
// it. The memory of the page's program is not in that and is added.
func measure(p *chrome.Page) float64 {
	return chrome.Eval[float64](p, `performance.measureUserAgentSpecificMemory().then(m => m.bytes + seen.memory.buffer.byteLength)`)
}

// sha256sum is how long the system's own program takes, or Go where there is none.
func sha256sum(file string) float64 {
	start := time.Now()
	if err := exec.Command("sha256sum", file).Run(); err != nil {
		start = time.Now()
		if f, err := os.Open(file); err == nil {
			defer f.Close()
			_, _ = io.Copy(sha256.New(), f)
		}
	}
	return time.Since(start).Seconds()
}

var _ chrome.TB = (*bench)(nil)
