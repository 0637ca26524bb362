package state

import (
	"context"
	"fmt"
	"sync"

	"github.com/layerlab/layerlab/sim/cli"
	"github.com/layerlab/layerlab/sim/engine"
	"github.com/layerlab/layerlab/web/action"
	"github.com/layerlab/layerlab/web/browser"
)

// A Runner does effects: it owns the engine and the terminal's session, and asks
// the browser for what only it has. What the engine is asked for waits in a queue
// and is done one after another in a goroutine of its own, so that no event
// handler of the page ever waits.
type Runner struct {
	b        browser.Browser
	dispatch func(action.Action)

	mu     sync.Mutex
	queue  []func(context.Context)
	awake  chan struct{}
	cancel context.CancelFunc // of the job that runs

	// Only jobs of the queue touch these.
	engine   *engine.Engine
	session  *cli.Session
	log      []logged // what the journal's entries were made of, to start again with
	packed   [][]byte // the first of them as JSON
	line     int      // the line that runs
	builds   []made   // images that were built, oldest first
	builtNow *Build   // the last one while the store has not got it
	lacks    []string // programs that the running command asked for and the simulator lacks
	made     int      // files that it made in containers
	world    *World   // that was told last
	books    books    // of its containers

	pace pacer // of the command that runs

	checks   func() // stops the timer of CheckDockerfile
	foreseen func() // drops the question what the next build would do
	find     func() // ends the search that goes on

	opening  map[int]context.CancelFunc // of the archives that are being read; under mu
	given    []browser.File             // files that are in /mnt
	verified map[string]bool            // DiffIDs of layers whose digests were checked
}

// NewRunner is a runner that hands messages to dispatch, from any goroutine.
func NewRunner(b browser.Browser, dispatch func(action.Action)) *Runner {
	return &Runner{b: b, dispatch: dispatch, awake: make(chan struct{}, 1), pace: pacer{b: b}}
}

// Do does an effect. It never waits.
func (r *Runner) Do(e Effect) {
	switch e := e.(type) {
	case RunCommand:
		r.forget()
		r.later(func(ctx context.Context) { r.runCommand(ctx, e) })
	case TravelTo:
		r.later(func(context.Context) { r.travel(e.N) })
	case ReadProjectFile:
		r.later(func(context.Context) { r.readFile(e.Path) })
	case WriteProjectFile:
		r.later(func(context.Context) { r.writeFile(e) })
	case DeleteProjectFile:
		r.later(func(context.Context) { r.deleteFile(e.Path) })
	case AddToContext:
		r.later(func(context.Context) { r.giveContext(e.Files) })
	case CompleteWord:
		r.later(func(context.Context) { r.complete(e.Text) })
	case CompareBuilds:
		r.later(func(context.Context) { r.compareBuilds(e) })
	case ForeseeBuild:
		r.foresee(e)
	case ForgetForesight:
		r.forget()
	case ReadKey:
		r.later(func(ctx context.Context) { r.readKey(ctx, e) })
	case CheckDockerfile:
		r.check(e.Text)
	case StopCommand:
		r.stop()
	case HurryBuild:
		r.pace.skip()
	case FindFiles:
		r.findFiles(e)
	case ReadContents:
		go r.readContents(e)
	case ShipUpper:
		go r.shipUpper(e)
	case PlayStep:
		r.playStep(e)
	case OpenArchive:
		r.openArchive(e)
	case CancelArchive:
		r.cancelArchive(e.ID)
	case FindWaste:
		go r.findWaste(e)
	case ReadInspect:
		r.later(func(context.Context) { r.readInspect(e) })
	case CopyText:
		go r.copyText(e)
	default:
		r.askBrowser(e)
	}
}

// askBrowser does what needs no engine.
func (r *Runner) askBrowser(e Effect) {
	switch e := e.(type) {
	case SetTheme:
		if e.Dark {
			r.b.SetTheme(browser.Dark)
		} else {
			r.b.SetTheme(browser.Light)
		}
	case PickForContext:
		r.b.PickFiles(browser.PickOptions{Multiple: true}, func(f []browser.File) { r.dispatch(FilesGiven{f, "context"}) })
	case PickArchive:
		r.b.PickFiles(browser.PickOptions{Multiple: true}, func(f []browser.File) { r.dispatch(FilesGiven{f, ""}) })
	case DownloadBody:
		go func() {
			if err := r.b.Download(context.Background(), e.Name, e.Body); err != nil {
				r.dispatch(Failed{"Downloading " + e.Name, err.Error()})
			}
		}()
	}
}

// later puts a job at the end of the queue.
func (r *Runner) later(job func(context.Context)) {
	r.mu.Lock()
	r.queue = append(r.queue, job)
	r.mu.Unlock()
	select {
	case r.awake <- struct{}{}:
	default:
	}
}

// work does the jobs of the queue, for ever.
func (r *Runner) work() {
	for {
		r.mu.Lock()
		var job func(context.Context)
		var ctx context.Context
		if len(r.queue) > 0 {
			job, r.queue = r.queue[0], r.queue[1:]
			ctx, r.cancel = context.WithCancel(context.Background())
		}
		r.mu.Unlock()
		if job == nil {
			<-r.awake
			continue
		}
		r.try(ctx, job)
		r.mu.Lock()
		r.cancel()
		r.cancel = nil
		r.mu.Unlock()
	}
}

// try does one job; a mistake of the engine costs that job, not the page.
func (r *Runner) try(ctx context.Context, job func(context.Context)) {
	defer func() {
		if p := recover(); p != nil {
			println("layerlab: in the engine:", fmt.Sprint(p))
			r.dispatch(LineEnded{ID: 0, Exit: 1})
			r.dispatch(Failed{"A mistake in Layer Lab", fmt.Sprint(p) + ". What you have made is still here; this command was given up."})
		}
	}()
	job(ctx)
}

// stop cancels the job that runs.
func (r *Runner) stop() {
	defer r.pace.skip()
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.cancel != nil {
		r.cancel()
	}
}
