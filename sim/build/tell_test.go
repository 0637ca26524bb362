package build

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// told is what the last build told of how it went on, one line an event.
func (l *lab) told() []string {
	var out []string
	for _, e := range l.events {
		switch e := e.(type) {
		case Planned:
			for i, st := range e.Stages {
				line := fmt.Sprintf("plan %d %q from %d:", i, st.Name, st.From)
				for _, s := range st.Steps {
					line += fmt.Sprintf(" %d %v", s.Line, s.Layer)
				}
				out = append(out, line)
			}
		case StepStarted:
			out = append(out, fmt.Sprintf("start %d of stage %d", e.Line, e.Stage))
		case FilesTaken:
			out = append(out, fmt.Sprintf("take %d: %q %v %d files %d B", e.Line, e.From, e.Names, e.Files, e.Bytes))
		case KeyCompared:
			was := "none"
			if e.Was != "" {
				was = map[bool]string{true: "same", false: "other"}[e.Was == e.Key]
			}
			out = append(out, fmt.Sprintf("key %d: hit=%v was=%s %d same %d differ %d %s", e.Line, e.Hit, was, len(e.Parts)-len(Differing(e.Parts)), e.Same, e.Differ, strings.Join(e.Changes, ", ")))
		case StepWrites:
			out = append(out, fmt.Sprintf("write %d: %s %d files %d B", e.Line, e.Path, e.Files, e.Bytes))
		case LayerMade:
			out = append(out, fmt.Sprintf("layer %d", e.Line))
		case StepDecided:
			if e.Decision.Layer != nil || !e.Decision.Config {
				out = append(out, fmt.Sprintf("decided %d hit=%v", e.Decision.Line, e.Decision.Hit))
			}
		}
	}
	return out
}

func TestABuildTellsHowItGoesOn(t *testing.T) {
	l := newLab(t)
	l.write("app.txt", "hello", "deps/a", "aa", "deps/b", "bbb")
	l.dockerfile("FROM scratch AS one", "COPY deps /deps", "FROM scratch", "ENV A=1", "COPY app.txt /", "COPY --from=one /deps/a /")
	want := []string{
		`plan 0 "one" from -1: 2 true`,
		`plan 1 "stage-1" from -1: 4 false 5 true 6 true`,
		"start 2 of stage 0",
		`take 2: "" [deps/a deps/b] 2 files 5 B`,
		"key 2: hit=false was=none 2 same 0 differ 0 ",
		"write 2:  0 files 0 B",
		"write 2: /deps/a 1 files 0 B",
		"write 2: /deps/a 1 files 2 B",
		"write 2: /deps/b 2 files 2 B",
		"write 2: /deps/b 2 files 5 B",
		"layer 2",
		"decided 2 hit=false",
		"start 5 of stage 1",
		`take 5: "" [app.txt] 1 files 5 B`,
		"key 5: hit=false was=none 2 same 0 differ 0 ",
		"write 5:  0 files 0 B",
		"write 5: /app.txt 1 files 0 B",
		"write 5: /app.txt 1 files 5 B",
		"layer 5",
		"decided 5 hit=false",
		"start 6 of stage 1",
		`take 6: "one" [deps/a] 1 files 2 B`,
		"key 6: hit=false was=none 2 same 0 differ 0 ",
		"write 6:  0 files 0 B",
		"write 6: /a 1 files 0 B",
		"write 6: /a 1 files 2 B",
		"layer 6",
		"decided 6 hit=false",
	}
	if got := l.told(); !slices.Equal(got, want) {
		t.Errorf("the first build told\n%s", strings.Join(got, "\n"))
	}

	l.write("app.txt", "hello again", "deps/c", "c")
	l.build(Options{})
	want = []string{
		`plan 0 "one" from -1: 2 true`,
		`plan 1 "stage-1" from -1: 4 false 5 true 6 true`,
		"start 2 of stage 0",
		`take 2: "" [deps/a deps/b deps/c] 3 files 6 B`,
		"key 2: hit=false was=other 2 same 3 differ 1 deps/c was added",
		"write 2:  0 files 0 B",
		"write 2: /deps/a 1 files 0 B",
		"write 2: /deps/a 1 files 2 B",
		"write 2: /deps/b 2 files 2 B",
		"write 2: /deps/b 2 files 5 B",
		"write 2: /deps/c 3 files 5 B",
		"write 2: /deps/c 3 files 6 B",
		"layer 2",
		"decided 2 hit=false",
		"start 5 of stage 1",
		`take 5: "" [app.txt] 1 files 11 B`,
		"key 5: hit=false was=other 2 same 0 differ 1 app.txt changed (sha256 2cf24dba… → 3908c567…)",
		"write 5:  0 files 0 B",
		"write 5: /app.txt 1 files 0 B",
		"write 5: /app.txt 1 files 11 B",
		"layer 5",
		"decided 5 hit=false",
		"start 6 of stage 1",
		`take 6: "one" [deps/a] 1 files 2 B`,
		"key 6: hit=false was=other 1 same 1 differ 0 ",
		"write 6:  0 files 0 B",
		"write 6: /a 1 files 0 B",
		"write 6: /a 1 files 2 B",
		"layer 6",
		"decided 6 hit=false",
	}
	if got := l.told(); !slices.Equal(got, want) {
		t.Errorf("the second build told\n%s", strings.Join(got, "\n"))
	}

	l.build(Options{})
	if got := l.told(); !slices.Contains(got, "key 5: hit=true was=same 2 same 1 differ 0 ") || slices.ContainsFunc(got, func(s string) bool { return strings.HasPrefix(s, "write") }) {
		t.Errorf("the third build told\n%s", strings.Join(got, "\n"))
	}
}

// A step that writes much is told of ever more seldom.
func TestWhatAStepWritesIsToldSeldom(t *testing.T) {
	l := newLab(t)
	var files []string
	for i := range 5000 {
		files = append(files, fmt.Sprintf("d/%04d", i), strings.Repeat("x", 100))
	}
	l.write(files...)
	l.dockerfile("FROM scratch", "COPY d /d")
	told, last := 0, StepWrites{}
	for _, e := range l.events {
		if w, ok := e.(StepWrites); ok {
			if w.Files < last.Files || w.Bytes < last.Bytes {
				t.Errorf("%+v came after %+v", w, last)
			}
			told, last = told+1, w
		}
	}
	if told < 20 || told > 200 || last.Files < 4000 {
		t.Errorf("told %d times, the last time %+v", told, last)
	}
}

func TestAPreviewTellsNothing(t *testing.T) {
	l := newLab(t)
	l.write("Dockerfile", "FROM scratch\nCOPY . /\n")
	if _, err := l.b.Preview(context.Background(), l.host.Root(), "/ctx", Options{}); err != nil {
		t.Fatal(err)
	}
	if len(l.events) > 0 {
		t.Errorf("it told %v", l.events)
	}
}
