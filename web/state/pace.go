package state

import (
	"sync"
	"time"

	"github.com/layerlab/layerlab/sim/event"
	"github.com/layerlab/layerlab/web/browser"
)

// maxPace is how much longer a command may take so that a person can follow the
// builds in it; maxStepPace is how much of it one step may have.
const (
	maxPace     = 2500 * time.Millisecond
	maxStepPace = 1300 * time.Millisecond
	maxHitPace  = 260 * time.Millisecond
)

// A pacer holds a build up where it shows something new, so that a step of
// a millisecond can be seen. What takes long by itself is not made longer, all
// pauses together have a bound, and nobody waits who asked for less motion, has
// the page in the background or has said to hurry.
type pacer struct {
	b browser.Browser

	mu    sync.Mutex
	left  time.Duration // of what the command may be held up
	hurry chan struct{} // closed: no more waiting
	tick  func()        // stops the ticking

	steps int           // that are still to come
	share time.Duration // of the step that runs
	since time.Time     // when what is seen now came up
}

// begin is the beginning of a command.
func (p *pacer) begin() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.left, p.hurry = maxPace, make(chan struct{})
	if p.b.ReducedMotion() {
		p.left = 0
	}
}

// end is the end of a command.
func (p *pacer) end() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.left, p.hurry = 0, nil
	p.still()
}

// skip ends all waiting until the next command.
func (p *pacer) skip() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.left = 0
	select {
	case <-p.hurry:
	default:
		if p.hurry != nil {
			close(p.hurry)
		}
	}
}

// still stops the ticking.
func (p *pacer) still() {
	if p.tick != nil {
		p.tick()
		p.tick = nil
	}
}

// before is called before an event is shown: what was shown last has its time.
func (p *pacer) before(ev event.Event) {
	switch ev := ev.(type) {
	case event.StepWrites:
		if ev.Path == "" { // what was compared stays for a moment
			p.wait(p.share * 3 / 10)
		}
	case event.LayerCommitted:
		if !ev.Cached && ev.Line > 0 {
			p.wait(p.share * 3 / 10)
		}
	case event.BuildEnded:
		p.mu.Lock()
		p.still()
		p.mu.Unlock()
	}
}

// after is called when an event was shown.
func (p *pacer) after(ev event.Event, dispatch func(BuildTicked)) {
	switch ev := ev.(type) {
	case event.BuildPlanned:
		p.steps = 0
		for _, st := range ev.Stages {
			for _, x := range st.Steps {
				if x.Layer {
					p.steps++
				}
			}
		}
		p.since = time.Now()
	case event.StepStarted:
		p.mu.Lock()
		p.share = min(maxStepPace, p.left/time.Duration(max(1, p.steps)))
		p.mu.Unlock()
		p.steps--
		p.since = time.Now()
		p.count(ev.Line, dispatch)
	case event.FilesTaken:
		p.wait(p.share / 4)
	case event.KeyCompared:
		p.since = time.Now()
		if ev.Hit {
			p.wait(min(maxHitPace, p.share))
		}
	case event.StepWrites, event.LayerCommitted:
		p.since = time.Now()
	case event.StepDecided:
		if !ev.Hit && !ev.ConfigOnly {
			p.wait(p.share * 3 / 20)
		}
	}
}

// wait waits until what is seen has been seen for so long.
func (p *pacer) wait(d time.Duration) {
	p.mu.Lock()
	d = min(d-time.Since(p.since), p.left)
	hurry := p.hurry
	if d <= 0 || p.b.Hidden() {
		p.mu.Unlock()
		return
	}
	p.left -= d
	p.mu.Unlock()
	seen := make(chan struct{})
	stop := p.b.After(d, func() { close(seen) })
	select {
	case <-seen:
	case <-hurry:
		stop()
	}
	p.since = time.Now()
}

// count tells each second of a step.
func (p *pacer) count(line int, dispatch func(BuildTicked)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.still()
	if p.hurry == nil || p.b.Hidden() {
		return
	}
	live := true
	var again func()
	var stop func()
	from := time.Now()
	again = func() {
		if live {
			dispatch(BuildTicked{line, int(time.Since(from).Round(time.Second) / time.Second)})
			stop = p.b.After(time.Second, again)
		}
	}
	stop = p.b.After(time.Second, again)
	p.tick = func() {
		live = false
		stop()
	}
}
