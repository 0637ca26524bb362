package view

import (
	"strings"
	"testing"

	"github.com/layerlab/layerlab/sim/event"
	"github.com/layerlab/layerlab/sim/layer"
	"github.com/layerlab/layerlab/sim/overlay"
	"github.com/layerlab/layerlab/web/state"
)

func TestSizesAreWrittenAsDockerWritesThem(t *testing.T) {
	for n, want := range map[int64]string{0: "0 B", 999: "999 B", 1000: "1 kB", 12288: "12.3 kB", 2054144: "2.05 MB", 1 << 40: "1.1 TB"} {
		if got := Bytes(n); got != want {
			t.Errorf("Bytes(%d) = %q, want %q", n, got, want)
		}
	}
}

func TestModesAreWrittenAsLsWritesThem(t *testing.T) {
	for m, want := range map[uint32]string{0o644: "rw-r--r--", 0o4755: "rwsr-xr-x", 0o4644: "rwSr--r--", 0o2755: "rwxr-sr-x", 0o1777: "rwxrwxrwt"} {
		if got := Mode(m); got != want {
			t.Errorf("Mode(%o) = %q, want %q", m, got, want)
		}
	}
}

func TestInstructionIsWhatStoodInTheDockerfile(t *testing.T) {
	for by, want := range map[string]string{
		"RUN /bin/sh -c echo hi # buildkit":            "RUN echo hi",
		"COPY app.txt . # buildkit":                    "COPY app.txt .",
		`/bin/sh -c #(nop)  CMD ["sh"]`:                `CMD ["sh"]`,
		"/bin/sh -c apk add curl":                      "RUN apk add curl",
		"RUN |1 V=2 /bin/sh -c echo $V # buildkit":     "RUN echo $V",
		"WORKDIR /app":                                 "WORKDIR /app",
		"/bin/sh -c #(nop) ADD file:0123 in / ":        "ADD file:0123 in /",
		"RUN /bin/bash -o pipefail -c true # buildkit": "RUN /bin/bash -o pipefail -c true",
		"": "",
	} {
		if got := Instruction(by); got != want {
			t.Errorf("Instruction(%q) = %q, want %q", by, got, want)
		}
	}
}

// bench is a state with an image of three layers and a container on it.
func bench() state.State {
	s := state.New(state.Start{Dockerfile: "FROM busybox\nCOPY app.txt .\nCMD [\"sh\"]\n", Tag: "app:1"})
	im := &state.Image{ID: "sha256:im", Names: []string{"app:1"}, Rows: []state.Row{
		{By: "ADD rootfs.tar / # buildkit", Layer: 1}, {By: "COPY app.txt . # buildkit", Layer: 2}, {By: `CMD ["sh"]`},
	}}
	for i, by := range []string{"ADD rootfs.tar / # buildkit", "COPY app.txt . # buildkit"} {
		im.Layers = append(im.Layers, &state.Layer{Number: i + 1, DiffID: "sha256:" + strings.Repeat(string(rune('a'+i)), 64), By: by,
			Size: int64(1+i) * 4096, Entries: 1 + i, Layer: &layer.Layer{}})
	}
	im.Layers[0].Shared = []string{"busybox:1.36"}
	c := &state.Container{ID: "c0ffee", Name: "web", ImageID: im.ID, Status: "running", Size: 12288, Written: []overlay.Change{
		{Kind: 'C', Path: "/app/app.txt"}, {Kind: 'D', Path: "/app/deps.txt"}, {Kind: 'A', Path: "/app/out.log"}}}
	return reduce(s, state.WorldRead{World: &state.World{Images: []*state.Image{im}, Containers: []*state.Container{c}, Once: 1000, Sum: 4000}})
}

func reduce(s state.State, messages ...any) state.State {
	for _, m := range messages {
		s, _ = state.Reduce(s, m)
	}
	return s
}

func TestStackIsAListThatCanBeReadAloud(t *testing.T) {
	s := bench()
	s = reduce(s,
		state.Happened{Event: event.LayerCommitted{DiffID: "sha256:" + strings.Repeat("b", 64)}},
		state.Happened{Event: event.CopiedUp{In: event.Place{Container: "c0ffee"}, Path: "/app/app.txt", From: 1, Bytes: 14}})
	v := NewStack(&s)
	var got []string
	for _, p := range append(v.Containers, v.Items...) {
		got = append(got, p.Label)
	}
	want := []string{
		"Container web on app:1, running, thin layer of 12.3 kB, changed /app/app.txt, deleted /app/deps.txt, added /app/out.log, ⇡ app.txt · 14 B copied up from 2",
		`CMD ["sh"], configuration only, no layer`,
		"Layer 2 of 2, COPY app.txt ., 8.19 kB, 2 entries, new",
		"Layer 1 of 2, ADD rootfs.tar /, 4.1 kB, 1 entry, shared with busybox:1.36",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if v.Subtitle != "and the container on it" || v.Facts[2].Value != "75 %" {
		t.Errorf("subtitle %q, facts %v", v.Subtitle, v.Facts)
	}
}

func TestLayersOfAnArchiveSayHowFarTheyAre(t *testing.T) {
	s := bench()
	im := s.World.Images[0]
	for _, c := range []struct {
		p    state.Progress
		want string
	}{
		{state.Progress{State: state.Waiting}, "waits to be read"},
		{state.Progress{State: state.Reading, Done: 500, Total: 2000}, "500 B of 2 kB"},
		{state.Progress{State: state.Verified}, "✓ verified"},
		{state.Progress{State: state.Mismatch, Expected: "sha256:a", Got: "sha256:b"}, "does not match: expected sha256:a, got sha256:b"},
		{state.Progress{State: state.Broken, Err: "unexpected end"}, "unexpected end"},
	} {
		im.Layers[1].Progress = &c.p
		v := NewStack(&s)
		if got := v.Items[1].Label; !strings.HasSuffix(got, ", "+c.want) {
			t.Errorf("%+v: %q does not end in %q", c.p, got, c.want)
		}
		if v.Verified == nil {
			t.Errorf("%+v: no verdict", c.p)
		}
	}
}

func TestHistoryThatDoesNotMatchHidesNoLayer(t *testing.T) {
	s := bench()
	s.World.Images[0].Rows = []state.Row{{By: "FROM nowhere", Layer: 9}}
	var got []int
	for _, p := range NewStack(&s).Items {
		got = append(got, p.Number)
	}
	if len(got) != 3 || got[0] != 2 || got[1] != 1 || got[2] != 0 {
		t.Errorf("got %v", got)
	}
}

func TestLinesSayWhatTheBuildDidAndWhy(t *testing.T) {
	s := bench()
	s = reduce(s,
		state.Happened{Event: event.BuildStarted{}},
		state.Happened{Event: event.StepDecided{Line: 1, EndLine: 1, Hit: true}},
		state.Happened{Event: event.StepDecided{Line: 2, EndLine: 2, Reason: "app.txt changed"}},
		state.Happened{Event: event.LayerCommitted{Line: 2, DiffID: "sha256:" + strings.Repeat("b", 64), Size: 12288}},
		state.Happened{Event: event.StepDecided{Line: 3, EndLine: 3, ConfigOnly: true}},
		state.Happened{Event: event.BuildEnded{ID: "sha256:im"}})
	want := []string{
		"Line 1, FROM busybox: base",
		"Line 2, COPY app.txt .: built · 12.3 kB. App.txt changed.",
		`Line 3, CMD ["sh"]: config only`,
	}
	v := NewEditor(&s)
	if strings.Join(v.Said, "\n") != strings.Join(want, "\n") {
		t.Errorf("got:\n%s", strings.Join(v.Said, "\n"))
	}
	if v.Lines[1].Number != 2 {
		t.Errorf("line 2 made layer %d", v.Lines[1].Number)
	}
}

func TestTokensCountAsTheBrowserCounts(t *testing.T) {
	s := state.New(state.Start{Dockerfile: "  copy --chmod=755 “𝄞” \"$A\" ${B}x"})
	var got []string
	l := NewEditor(&s).Lines[0]
	for _, tok := range l.Tokens {
		got = append(got, tok.Kind)
	}
	if strings.Join(got, " ") != "word flag text name" {
		t.Errorf("got %v", l.Tokens)
	}
	if last := l.Tokens[3]; last.From != 29 || last.To != 33 {
		t.Errorf("${B} at %d-%d", last.From, last.To)
	}
}

func TestLongOutputShowsItsEnd(t *testing.T) {
	out := strings.Repeat("line\n", 1000) + "end\n"
	left, got := tail(out, 10)
	if lines := strings.Count(got, "\n") + 1; lines != shownLines || !strings.HasSuffix(got, "line\nend") || !strings.HasPrefix(got, "line\n") {
		t.Errorf("%d lines: %.60q", lines, got)
	}
	if want := len(out) - 1 - len(got) - 1 + 10; left != "… "+thousands(want)+" bytes before this are not shown\n" {
		t.Errorf("want %d bytes left out: %q", want, left)
	}
	if left, got = tail("one\ntwo\n", 0); left != "" || got != "one\ntwo" {
		t.Errorf("got %q, %q of what fits", left, got)
	}
	if left, got = tail("two\n", 4); got != "two" || left != "… 4 bytes before this are not shown\n" {
		t.Errorf("got %q, %q of what was cut", left, got)
	}
}

func TestTimelineInWords(t *testing.T) {
	s := state.New(state.Start{})
	s.Time = state.Time{At: 1, Points: []state.Point{{Line: "docker build .", Summary: "Made an image."}, {Line: "ls"}}}
	if v := NewTimeline(&s); v.Spoken != "1 of 2, docker build .: Made an image." || !v.CanUndo || !v.CanRedo || v.Points[1].Kind != "next" {
		t.Errorf("got %+v", v)
	}
	s.Time.At = 0
	if v := NewTimeline(&s); v.Spoken != "Start of 2 commands" || v.CanUndo {
		t.Errorf("got %+v", v)
	}
}

func TestAMissingBaseSaysWhatThereIs(t *testing.T) {
	s := bench()
	s.Editor.Error = &state.LineError{Line: 1, EndLine: 1, Build: true,
		Msg: "alpine:3.20: failed to resolve source metadata for docker.io/library/alpine:3.20: docker.io/library/alpine:3.20: not found"}
	why := NewEditor(&s).Lines[0].Why
	if !strings.HasSuffix(why, "not found (Nothing is pulled here: FROM finds scratch, app:1 and every image that you open from a file.)") {
		t.Error(why)
	}
	s.Editor.Error.Msg = "unknown instruction: FOO"
	if why := NewEditor(&s).Lines[0].Why; why != "unknown instruction: FOO" {
		t.Error(why)
	}
}
