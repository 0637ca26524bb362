package state

import (
	"testing"
	"time"

	"github.com/layerlab/layerlab/sim/event"
	"github.com/layerlab/layerlab/web/browser"
)

// waiting is a browser that says how long somebody asked to wait, and lets the
// time pass when the test says so.
type waiting struct {
	browser.Stub
	asked chan time.Duration
	pass  chan struct{}
}

func (w *waiting) After(d time.Duration, f func()) func() {
	if d == time.Second { // the ticking
		return func() {}
	}
	w.asked <- d
	go func() {
		<-w.pass
		f()
	}()
	return func() {}
}

var planned = event.BuildPlanned{Stages: []event.PlannedStage{{Steps: []event.PlannedRow{{Layer: true}, {Layer: true}, {}}}}}

// play shows a pacer the events of a build of two steps, and says when it is done.
func play(p *pacer) (done chan struct{}) {
	done = make(chan struct{})
	go func() {
		defer close(done)
		all := []event.Event{event.BuildStarted{}, planned}
		for line := range 2 {
			all = append(all, event.StepStarted{Line: line}, event.FilesTaken{Line: line}, event.KeyCompared{Line: line}, event.StepWrites{Line: line},
				event.StepWrites{Line: line, Path: "/a"}, event.LayerCommitted{Line: line + 1}, event.StepDecided{Line: line})
		}
		for _, ev := range append(all, event.BuildEnded{}) {
			p.before(ev)
			p.after(ev, func(BuildTicked) {})
		}
	}()
	return done
}

func TestABuildIsHeldUpWithinItsBounds(t *testing.T) {
	b := &waiting{Stub: browser.Stub{Seen: true}, asked: make(chan time.Duration), pass: make(chan struct{})}
	p := &pacer{b: b}
	p.begin()
	done := play(p)
	var sum time.Duration
	pauses := 0
	for going := true; going; {
		select {
		case d := <-b.asked:
			sum += d
			pauses++
			b.pass <- struct{}{}
		case <-done:
			going = false
		}
	}
	if sum > maxPace || pauses < 6 {
		t.Errorf("%d pauses of %v together, more than %v or too few", pauses, sum, maxPace)
	}
}

func TestWhoHurriesWaitsNoLonger(t *testing.T) {
	b := &waiting{Stub: browser.Stub{Seen: true}, asked: make(chan time.Duration), pass: make(chan struct{})}
	p := &pacer{b: b}
	p.begin()
	done := play(p)
	<-b.asked
	p.skip()
	<-done // without any time that passed
}

func TestNobodyWaitsWhoDoesNotLook(t *testing.T) {
	for name, stub := range map[string]browser.Stub{"less motion": {Seen: true, Still: true}, "in the background": {}} {
		p := &pacer{b: &waiting{Stub: stub}}
		p.begin()
		<-play(p) // a wait would never end
		p.end()
		t.Log(name)
	}
	p := &pacer{b: &waiting{Stub: browser.Stub{Seen: true}}}
	<-play(p) // no command of the person's
}
