package chrome

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	cdplog "github.com/chromedp/cdproto/log"
	cdppage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// Options says how a page is opened.
type Options struct {
	Width, Height int    // 1440×900 if 0
	Dark          bool   // the system's look is dark
	Reduced       bool   // the person asked for less motion
	Script        string // runs in every document before its own scripts
	Raw           bool   // do not wait until the program runs: the page may not be ours
	Browser       *Browser
}

// A Page is a tab that shows a page.
type Page struct {
	t   TB
	ctx context.Context

	mu       sync.Mutex
	problems []string
	expected []*regexp.Regexp
}

// Open opens base+path in a new tab and waits until the program runs.
func Open(t TB, base, path string) *Page {
	t.Helper()
	return OpenWith(t, base+path, Options{})
}

// OpenWith is Open with options.
func OpenWith(t TB, url string, o Options) *Page {
	t.Helper()
	b, err := o.Browser, error(nil)
	if b == nil {
		if b, err = sharedBrowser(); err != nil {
			t.Fatalf("%v", err)
		}
	}
	ctx, cancel := chromedp.NewContext(b.ctx, chromedp.WithNewBrowserContext())
	p := &Page{t: t, ctx: ctx}
	t.Cleanup(cancel)
	t.Cleanup(p.judge)
	if err := p.prepare(o); err != nil {
		t.Fatalf("preparing a tab: %v", err)
	}
	if err := chromedp.Do(ctx, chromedp.Navigate(url)); err != nil {
		t.Fatalf("opening %s: %v", url, err)
	}
	if !o.Raw {
		p.Until("the program runs", func() bool { return p.State() == "ready" })
	}
	return p
}

func (p *Page) prepare(o Options) error {
	if o.Width == 0 {
		o.Width, o.Height = 1440, 900
	}
	if err := chromedp.Do(p.ctx); err != nil { // opens the tab; before, nothing can be heard
		return err
	}
	if err := chromedp.Listen(p.ctx, p.hear); err != nil {
		return err
	}
	if _, err := chromedp.Call(p.ctx, cdplog.Enable, cdp.Empty{}); err != nil {
		return err
	}
	media := func(on bool, yes, no string) string {
		if on {
			return yes
		}
		return no
	}
	if _, err := chromedp.Call(p.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
		{Name: "prefers-color-scheme", Value: media(o.Dark, "dark", "light")},
		{Name: "prefers-reduced-motion", Value: media(o.Reduced, "reduce", "no-preference")},
	}}); err != nil {
		return err
	}
	if o.Script != "" {
		if _, err := chromedp.Call(p.ctx, cdppage.AddScriptToEvaluateOnNewDocument, cdppage.AddScriptToEvaluateOnNewDocumentParams{Source: o.Script}); err != nil {
			return err
		}
	}
	return chromedp.Do(p.ctx, chromedp.EmulateViewport(int64(o.Width), int64(o.Height)))
}

// Resize gives the page another size in CSS pixels.
func (p *Page) Resize(width, height int) {
	p.t.Helper()
	p.do("resizing", chromedp.EmulateViewport(int64(width), int64(height)))
}

// hear notes what goes wrong in the page.
func (p *Page) hear(ev any) {
	problem := ""
	switch ev := ev.(type) {
	case *runtime.EventExceptionThrown:
		d := ev.ExceptionDetails
		problem = "exception: " + d.Text
		if d.Exception != nil {
			problem += " " + d.Exception.Description
		}
	case *runtime.EventConsoleAPICalled:
		if ev.Type == "error" || ev.Type == "assert" {
			problem = "console." + string(ev.Type) + ":"
			for _, a := range ev.Args {
				problem += " " + strings.Trim(string(a.Value), `"`) + a.Description
			}
		}
	case *cdplog.EventEntryAdded:
		if ev.Entry.Level == "error" {
			problem = string(ev.Entry.Source) + ": " + ev.Entry.Text + " " + ev.Entry.URL
		}
	}
	if problem != "" {
		p.mu.Lock()
		p.problems = append(p.problems, problem)
		p.mu.Unlock()
	}
}

// Expect declares that problems which match the pattern are what the test is
// about: errors on the console, exceptions, violations of the policy, and
// "program stopped".
func (p *Page) Expect(pattern string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.expected = append(p.expected, regexp.MustCompile(pattern))
}

// Problems are those heard so far that were not declared.
func (p *Page) Problems() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	var out []string
next:
	for _, problem := range p.problems {
		for _, e := range p.expected {
			if e.MatchString(problem) {
				continue next
			}
		}
		out = append(out, problem)
	}
	return out
}

// judge ends a test: what went wrong in the page fails it.
func (p *Page) judge() {
	if p.ctx.Err() != nil {
		return
	}
	if s, err := evaluate[string](p, `document.documentElement.dataset.state ?? ""`); err == nil && s == "stopped" {
		p.mu.Lock()
		p.problems = append(p.problems, "program stopped")
		p.mu.Unlock()
	}
	for _, problem := range p.Problems() {
		p.t.Errorf("in the page: %s", problem)
	}
	if p.t.Failed() {
		p.t.Logf("the page, as a screen reader has it:\n%s", p.Outline())
		p.t.Logf("its picture: %s", p.shot(p.t.Name()))
	}
}

// State is what boot.js says of the program: loading, running, ready, halted
// or stopped; "" when the page is not ours.
func (p *Page) State() string {
	s, _ := evaluate[string](p, `document.documentElement.dataset.state ?? ""`)
	return s
}

// Eval evaluates JavaScript in the page, awaiting a promise. It is for what
// a person cannot see: figures, storage.
func Eval[T any](p *Page, expression string) T {
	p.t.Helper()
	v, err := evaluate[T](p, expression)
	if err != nil {
		p.t.Fatalf("evaluating %s: %v", expression, err)
	}
	return v
}

func evaluate[T any](p *Page, expression string) (T, error) {
	return chromedp.Run(p.ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
}

func (p *Page) do(what string, steps ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	if err := chromedp.Do(p.ctx, steps...); err != nil {
		p.t.Fatalf("%s: %v", what, err)
	}
}

// changed is a promise that is kept at the page's next change, or soon: what is
// typed into a field and what moves changes no document.
const changed = `new Promise(done => {
	const seen = new MutationObserver(() => { seen.disconnect(); done(true); });
	seen.observe(document, {subtree: true, childList: true, attributes: true, characterData: true});
	setTimeout(() => { seen.disconnect(); done(true); }, 100);
})`

// Until waits until cond holds, looking again whenever the page changes. The test
// ends if it never does.
func (p *Page) Until(what string, cond func() bool) {
	p.t.Helper()
	end := time.Now().Add(Patience)
	for !cond() {
		if p.ctx.Err() != nil {
			p.t.Fatalf("waiting until %s: the browser is gone: %v", what, p.ctx.Err())
		}
		if time.Now().After(end) {
			p.t.Fatalf("waited %v until %s", Patience, what)
		}
		ctx, cancel := context.WithTimeout(p.ctx, 2*time.Second) // a page that hangs answers nothing
		_, _ = chromedp.Run(ctx, chromedp.Evaluate[bool](changed, chromedp.EvalAwaitPromise))
		cancel()
	}
}

// Screenshot saves a picture of the page and logs where.
func (p *Page) Screenshot(name string) string {
	file := p.shot(name)
	p.t.Logf("picture: %s", file)
	return file
}

var unsafe = regexp.MustCompile(`[^A-Za-z0-9_.-]+`)

// shot writes the picture into the folder that SCREENSHOTS names, or the
// temporary one.
func (p *Page) shot(name string) string {
	png, err := chromedp.Run(p.ctx, chromedp.CaptureScreenshot())
	if err != nil {
		return "none: " + err.Error()
	}
	dir := os.Getenv("SCREENSHOTS")
	if dir == "" {
		dir = filepath.Join(os.TempDir(), "layerlab-screenshots")
	}
	file := filepath.Join(dir, unsafe.ReplaceAllString(name, "_")+".png")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Sprint("none: ", err)
	}
	if err := os.WriteFile(file, png, 0o644); err != nil {
		return fmt.Sprint("none: ", err)
	}
	return file
}
