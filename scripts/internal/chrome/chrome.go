// Package chrome drives a real Chromium as a person does: it finds things by
// their role and accessible name, clicks, types, drops files, and reads what is
// on the screen. Nothing waits for a time: every look is repeated at each change
// of the page until it finds what it looks for, or a generous limit is over.
//
// A test says
//
//	page := chrome.Open(t, base, "/")
//	page.DropFile("testdata/app.tar")
//	page.Find("listitem", "Layer 3…").Click()
//	page.Find("treegrid", "Files").Find("row", "…etc…").Press("ArrowRight")
//	page.Text("status", "", "verified")
//
// and fails with what was on the page, as the accessibility tree has it and as
// a picture, when something is not there. Errors on the console, exceptions and
// violations of the Content-Security-Policy fail a test too, unless it
// declares them with [Page.Expect]; so does a program that has stopped.
//
// A name matches whole, or where it has an ellipsis: "Layer 3…" is any name that
// begins so, "…etc" one that ends so, "…etc…" one that has it somewhere.
// "" is any name.
package chrome

import (
	"context"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/chromedp/chromedp"
)

// TB is what of testing.TB this package uses, so that a program which is no test
// can use it as well.
type TB interface {
	Helper()
	Fatalf(format string, args ...any)
	Errorf(format string, args ...any)
	Logf(format string, args ...any)
	Cleanup(func())
	Name() string
	Failed() bool
}

// Patience is how long is waited for something to appear.
var Patience = 40 * time.Second

// A Browser is a running Chromium with a profile of its own.
type Browser struct {
	ctx   context.Context
	close context.CancelFunc
}

// Launch starts Chromium without a window. More flags, as "name" or
// "name=value", come on top of those that keep it from calling home.
func Launch(flags map[string]any) (*Browser, error) {
	program, err := Program()
	if err != nil {
		return nil, err
	}
	opts := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(program),
		chromedp.Flag("disable-gpu", true),
		chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-domain-reliability", true),
		chromedp.Flag("no-pings", true),
		chromedp.Flag("hide-scrollbars", false),
		chromedp.Flag("lang", "en-US"),
		chromedp.WindowSize(1440, 900),
	)
	if os.Getuid() == 0 {
		opts = append(opts, chromedp.NoSandbox)
	}
	for name, value := range flags {
		opts = append(opts, chromedp.Flag(name, value))
	}
	alloc, closeAlloc := chromedp.NewExecAllocator(context.Background(), opts...)
	ctx, closeCtx := chromedp.NewContext(alloc)
	b := &Browser{ctx, func() { closeCtx(); closeAlloc() }}
	if err := chromedp.Do(ctx); err != nil {
		b.close()
		return nil, fmt.Errorf("starting %s: %w", program, err)
	}
	return b, nil
}

// Close ends it.
func (b *Browser) Close() { b.close() }

// Process is its process ID.
func (b *Browser) Process() int {
	if c := chromedp.FromContext(b.ctx); c != nil && c.Browser != nil && c.Browser.Process() != nil {
		return c.Browser.Process().Pid
	}
	return 0
}

// The tests of one program share a Chromium; each page has a profile of its own.
var shared struct {
	sync.Mutex
	*Browser
}

func sharedBrowser() (*Browser, error) {
	shared.Lock()
	defer shared.Unlock()
	if shared.Browser == nil {
		b, err := Launch(nil)
		if err != nil {
			return nil, err
		}
		shared.Browser = b
	}
	return shared.Browser, nil
}

// CloseShared ends the Chromium that Open started, if any: for TestMain.
func CloseShared() {
	shared.Lock()
	defer shared.Unlock()
	if shared.Browser != nil {
		shared.Browser.Close()
		shared.Browser = nil
	}
}
