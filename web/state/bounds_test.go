package state

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/layerlab/layerlab/web/action"
	"github.com/layerlab/layerlab/web/browser"
)

func TestACommandOfManyFilesTellsAFew(t *testing.T) {
	told := 0
	b := &browser.Stub{}
	p := &page{t: t, b: b, more: make(chan action.Action, 10000)}
	p.r = NewRunner(b, func(a action.Action) {
		if _, ok := a.(Happened); ok {
			told++
		}
		p.more <- a
	})
	p.s = New(p.r.Start())
	p.r.Boot()
	p.until("the first screen", func() bool { return p.s.Page.Booted })
	told = 0
	p.do(action.RunLine{Line: "docker exec web sh -c 'i=0; while [ $i -lt 1000 ]; do echo x > /f$i; i=$((i+1)); done'"})
	if told > maxFlights+50 {
		t.Errorf("%d events were told of a command that made 1000 files", told)
	}
	if n := len(p.s.Stack.Flights); n != maxFlights {
		t.Errorf("%d files fly at the plate, want %d", n, maxFlights)
	}
	c := p.s.World.Containers[0]
	if n := len(c.Written); n < 1000 {
		t.Errorf("%d changes of the container are known, want the 1000 files", n)
	}
	p.do(action.RunLine{Line: "docker exec web touch /one"})
	if f := p.s.Stack.Flights; len(f) != 1 || f[0].Path != "/one" {
		t.Errorf("after the next command there fly %v", f)
	}
}

// kept is the session as it is stored.
func kept(t *testing.T, b *browser.Stub) []logged {
	t.Helper()
	text, _ := b.Storage().Get(browser.SessionKey)
	var out []logged
	if err := json.Unmarshal([]byte(text), &out); err != nil {
		t.Fatalf("what is kept, %.60q…: %v", text, err)
	}
	return out
}

func TestWhatIsKeptFollowsTheTimeline(t *testing.T) {
	b := &browser.Stub{}
	p := open(t, b)
	from := len(kept(t, b))
	for i := range 3 {
		p.do(action.RunLine{Line: fmt.Sprintf("echo %d > note", i)})
	}
	if k := kept(t, b); len(k) != from+3 || k[from+2].Line != "echo 2 > note" {
		t.Fatalf("kept after three commands: %v", k[from:])
	}
	p.do(action.GoTo{N: from + 1})
	if k := kept(t, b); len(k) != from+1 {
		t.Errorf("kept after going back two: %v", k[from:])
	}
	p.do(action.RunLine{Line: "echo other > note"})
	if k := kept(t, b); len(k) != from+2 || k[from].Line != "echo 0 > note" || k[from+1].Line != "echo other > note" {
		t.Errorf("kept after another command from there: %v", k[from:])
	}
}
