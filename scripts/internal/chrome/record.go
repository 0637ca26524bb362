package chrome

import (
	"context"
	"encoding/json"
	"slices"
	"sync"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/tracing"
	"github.com/chromedp/chromedp"
)

// Slow has the page's thread run as on a processor that is so many times slower;
// 1 is this machine's own speed.
func (p *Page) Slow(times float64) {
	p.t.Helper()
	if _, err := chromedp.Call(p.ctx, emulation.SetCPUThrottlingRate, emulation.SetCPUThrottlingRateParams{Rate: times}); err != nil {
		p.t.Fatalf("slowing the page down %g times: %v", times, err)
	}
}

// A Task is one stretch of work of the page's thread, in which it neither draws
// nor answers.
type Task struct {
	Start time.Duration // on the browser's clock
	Took  time.Duration
	CPU   time.Duration // of Took, what the thread ran: what other programs took is not in it
}

// Record has the browser note what the page's thread does until stop is called,
// which answers the tasks of a millisecond and more in their order.
func (p *Page) Record() (stop func() []Task) {
	p.t.Helper()
	var mu sync.Mutex
	var heard []traced
	ended := make(chan bool)
	ctx, cancel := context.WithCancel(p.ctx) // ends the listening
	err := chromedp.Listen(ctx, func(ev any) {
		switch ev := ev.(type) {
		case *tracing.EventDataCollected:
			for _, raw := range ev.Value {
				var e traced
				if json.Unmarshal(raw, &e) == nil && e.matters() {
					mu.Lock()
					heard = append(heard, e)
					mu.Unlock()
				}
			}
		case *tracing.EventTracingComplete:
			close(ended)
		}
	})
	if err == nil {
		_, err = chromedp.Call(p.ctx, tracing.Start, tracing.StartParams{TraceConfig: &tracing.TraceConfig{
			RecordMode:         tracing.TraceConfigRecordModeRecordAsMuchAsPossible,
			IncludedCategories: []string{"disabled-by-default-devtools.timeline", "__metadata"}, ExcludedCategories: []string{"*"},
		}})
	}
	if err != nil {
		cancel()
		p.t.Fatalf("recording the page's thread: %v", err)
	}
	return func() []Task {
		p.t.Helper()
		defer cancel()
		if _, err := chromedp.Call(p.ctx, tracing.End, cdp.Empty{}); err != nil {
			p.t.Fatalf("ending the record of the page's thread: %v", err)
		}
		<-ended
		mu.Lock()
		defer mu.Unlock()
		return tasks(heard)
	}
}

// traced is an event of the browser's trace; times are in microseconds.
type traced struct {
	Name     string  `json:"name"`
	Start    float64 `json:"ts"`
	Duration float64 `json:"dur"`
	CPU      float64 `json:"tdur"`
	Process  int     `json:"pid"`
	Thread   int     `json:"tid"`
	Args     struct {
		Name string `json:"name"`
	} `json:"args"`
}

func (e *traced) matters() bool {
	return e.Name == "RunTask" && e.Duration >= 1000 || e.Name == "thread_name" && e.Args.Name == "CrRendererMain"
}

// tasks are those of the busiest thread that shows a page: the tabs that show
// nothing have next to none.
func tasks(events []traced) []Task {
	type thread struct{ process, id int }
	mains := map[thread]bool{}
	for _, e := range events {
		if e.Name == "thread_name" {
			mains[thread{e.Process, e.Thread}] = true
		}
	}
	micro := func(v float64) time.Duration { return time.Duration(v * float64(time.Microsecond)) }
	of := map[thread][]Task{}
	used := map[thread]time.Duration{}
	var busiest thread
	for _, e := range events {
		if t := (thread{e.Process, e.Thread}); e.Name == "RunTask" && mains[t] {
			of[t] = append(of[t], Task{micro(e.Start), micro(e.Duration), micro(e.CPU)})
			if used[t] += micro(e.CPU); used[t] > used[busiest] {
				busiest = t
			}
		}
	}
	slices.SortFunc(of[busiest], func(a, b Task) int { return int(a.Start - b.Start) })
	return of[busiest]
}
