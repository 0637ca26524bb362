package view_test

import (
	"strings"
	"testing"

	"github.com/layerlab/layerlab/sim/event"
	"github.com/layerlab/layerlab/web/state"
	"github.com/layerlab/layerlab/web/view"
)

// build is a state in which a build of two stages has begun.
func build(t *testing.T, events ...event.Event) *state.State {
	t.Helper()
	s := state.New(state.Start{Dockerfile: "FROM base AS one\nRUN make\nFROM base\nENV A=1\nCOPY . /app\nRUN tests\n", Tag: "app:2"})
	s, _ = state.Reduce(s, state.Booted{})
	base := []event.BaseRow{{By: "ADD rootfs.tar /", DiffID: "sha256:" + strings.Repeat("a", 64), Size: 2_000_000, Files: 40}, {By: `CMD ["sh"]`}}
	all := append([]event.Event{
		event.BuildStarted{Names: []string{"app:2"}, Dockerfile: "Dockerfile"},
		event.BuildPlanned{Stages: []event.PlannedStage{
			{Name: "one", Base: "base", From: -1, Below: base, Steps: []event.PlannedRow{{Line: 2, EndLine: 2, Step: "RUN make", Layer: true}}},
			{Name: "stage-1", Base: "base", From: -1, Below: base, Steps: []event.PlannedRow{
				{Line: 4, EndLine: 4, Step: "ENV A=1"}, {Line: 5, EndLine: 5, Step: "COPY . /app", Layer: true}, {Line: 6, EndLine: 6, Step: "RUN tests", Layer: true}}},
		}},
	}, events...)
	for _, ev := range all {
		s, _ = state.Reduce(s, state.Happened{Event: ev})
	}
	return &s
}

// labels is what a screen reader has of the plates, topmost first.
func labels(v view.Stack) []string {
	var out []string
	for _, p := range v.Items {
		out = append(out, p.Label)
	}
	return out
}

func same(t *testing.T, what string, got []string, want ...string) {
	t.Helper()
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("%s:\n%s\nwanted\n%s", what, strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

var (
	copies = event.StepStarted{Stage: 1, Line: 5, EndLine: 5, Step: "COPY . /app"}
	takes  = event.FilesTaken{Line: 5, Names: []string{"a", "b/c", "d", "e", "f", "g", "h", "i"}, Files: 20000, Bytes: 3_000_000}
	misses = event.KeyCompared{Line: 5, Reason: "missed: app.txt changed", Key: "12", Was: "34", Same: 19999, Differ: 1, Changes: []string{"app.txt changed (sha256 1a → 2b)"},
		Parts: []event.KeyPart{{Name: "starts from", Now: "x", Was: "x", Known: true, Same: true}, {Name: "instruction", Now: "COPY . /app", Was: "COPY . /", Known: true}}}
	layer = event.LayerCommitted{Line: 5, DiffID: "sha256:" + strings.Repeat("b", 64), Size: 3_100_000, Files: 20001}
)

func TestEveryPlateOfABuildHasItsPlaceFromTheStart(t *testing.T) {
	same(t, "when the last stage begins", labels(view.NewStack(build(t, copies))),
		"Layer 3 of 3, RUN tests, waits for its turn",
		"Layer 2 of 3, COPY . /app, its key is compared",
		"ENV A=1, configuration only, no layer",
		`CMD ["sh"], configuration only, no layer`,
		"Layer 1 of 3, base — ADD rootfs.tar /, 2 MB, of the base image")
}

func TestAPlateFillsAndFreezes(t *testing.T) {
	top := func(events ...event.Event) view.Plate {
		return view.NewStack(build(t, append([]event.Event{copies, takes, misses}, events...)...)).Items[1]
	}
	p := top(event.StepWrites{Line: 5})
	if p.Label != "Layer 2 of 3, COPY . /app, filling, nothing yet" || p.Fill != 0 || p.State != "fills" {
		t.Errorf("at its start it is %+v", p)
	}
	p = top(event.StepWrites{Line: 5}, event.StepWrites{Line: 5, Path: "/app/a", Files: 5000, Bytes: 700_000})
	if p.Label != "Layer 2 of 3, COPY . /app, filling, 5,000 files, 700 kB" || p.Fill != 25 || p.Size != "700 kB" {
		t.Errorf("on its way it is %+v", p)
	}
	p = top(event.StepWrites{Line: 5}, layer)
	if p.Label != "Layer 2 of 3, COPY . /app, frozen, 3.1 MB, digest bbbbbbbbbbbb" || p.State != "frozen" {
		t.Errorf("in the end it is %+v", p)
	}
	cached := layer
	cached.Cached = true
	if p = top(cached); p.Label != "Layer 2 of 3, COPY . /app, reused, 3.1 MB, digest bbbbbbbbbbbb" {
		t.Errorf("reused it is %+v", p)
	}
	if p = top(event.StepWrites{Line: 5}, event.BuildEnded{Err: "no space", Line: 5}); p.State != "broken" || !strings.Contains(p.Label, "broke off, nothing of it is kept") {
		t.Errorf("after a failure it is %+v", p)
	}
}

func TestThePanelSaysWhatABuildDoes(t *testing.T) {
	v := view.NewStack(build(t, copies, takes, misses)).Live
	if v.Title != "Building app:2" || v.Where != "step 1 of 3 · line 5 · stage-1" || v.State != "≠ another key: runs" || v.From != "20,000 files, 3 MB, from the build context" || v.Same != "✓ same: starts from and 19,999 files" {
		t.Errorf("it says %+v", v)
	}
	same(t, "it takes", v.Takes, "a", "c", "d", "e", "and 19,996 more")
	var key []string
	for _, c := range v.Key {
		key = append(key, c.Text)
	}
	same(t, "what differs in the key", key, "instruction ≠ COPY . / → COPY . /app", "≠ app.txt changed (sha256 1a → 2b)")
}

func TestALineSaysWhatItsStepDoes(t *testing.T) {
	said := func(events ...event.Event) []string { return view.NewEditor(build(t, events...)).Said }
	same(t, "while the files are looked at", said(copies),
		"Line 2, RUN make: waits", "Line 4, ENV A=1: waits", "Line 5, COPY . /app: compares", "Line 6, RUN tests: waits")
	same(t, "while it runs", said(copies, takes, misses, event.StepWrites{Line: 5})[2:3],
		"Line 5, COPY . /app: runs. Missed: app.txt changed.")
}

func TestOfABuildThatWasStoppedNothingStays(t *testing.T) {
	s := build(t, copies, takes, misses, event.StepWrites{Line: 5}, event.BuildEnded{Err: "context canceled", Stopped: true})
	if s.Live.On || s.Editor.Running || s.Editor.Error != nil {
		t.Errorf("there is %+v, running %v, %+v", s.Live, s.Editor.Running, s.Editor.Error)
	}
}
