package build

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func (l *lab) preview(o Options) *Preview {
	l.t.Helper()
	p, err := l.b.Preview(context.Background(), l.host.Root(), "/ctx", o)
	if err != nil {
		l.t.Fatal(err)
	}
	return p
}

// forecasts is what a preview says of the steps that have a key.
func forecasts(p *Preview) []string {
	var out []string
	for _, f := range p.Steps {
		if f.Outcome != NoKey {
			out = append(out, fmt.Sprintf("%d %s: %s", f.Line, f.Outcome, f.Reason.Kind))
		}
	}
	return out
}

// After each change the preview says what the build then does, and leaves no
// trace.
func TestPreviewIsWhatTheBuildDoes(t *testing.T) {
	for name, change := range map[string]func(*lab){
		"nothing": func(*lab) {},
		"touch":   func(l *lab) { l.touch("app.txt") },
		"content": func(l *lab) { l.write("app.txt", "changed\n") },
		"ENV":     func(l *lab) { l.write("Dockerfile", strings.Replace(cacheFile, "RUN b", "ENV E=1\nRUN b", 1)) },
		"text":    func(l *lab) { l.write("Dockerfile", strings.Replace(cacheFile, "install", "install -v", 1)) },
		"first":   func(l *lab) { l.b.Cache = NewCache() },
	} {
		t.Run(name, func(t *testing.T) {
			l := newLab(t).fakeShell().write("deps.txt", "left-pad\n", "app.txt", "hello\n", "Dockerfile", cacheFile)
			l.build(Options{})
			change(l)
			records := l.b.Cache.Records()
			p := l.preview(Options{})
			again := l.preview(Options{})
			if l.b.Cache.Records() != records || p.Err != nil {
				t.Errorf("%d records became %d; %v", records, l.b.Cache.Records(), p.Err)
			}
			if diff := cmp.Diff(forecasts(p), forecasts(again)); diff != "" {
				t.Errorf("a second preview says something else:\n%s", diff)
			}
			want := decisions(l.build(Options{}))
			if diff := cmp.Diff(want, forecasts(p)); diff != "" {
				t.Errorf("(-build +preview):\n%s", diff)
			}
			if p.Hits+p.Misses != len(want) || p.Unsure != 0 {
				t.Errorf("%d hits, %d misses, %d unsure of %d", p.Hits, p.Misses, p.Unsure, len(want))
			}
		})
	}
}

const previewStages = `FROM scratch AS b
ARG V=1
RUN put /out same
FROM scratch
COPY --from=b /out /out
RUN last
FROM b
RUN more
COPY --from=1 /out /out2
`

// What a stage that would run anew gives is not known before.
func TestPreviewDoesNotGuess(t *testing.T) {
	l := newLab(t).fakeShell().write("Dockerfile", previewStages)
	l.build(Options{})
	p := l.preview(Options{BuildArgs: map[string]*string{"V": ptr("2")}})
	want := []string{"3 miss: arg changed", "5 unknown: not known", "6 unknown: not known", "8 miss: arg changed", "9 miss: parent changed"}
	if diff := cmp.Diff(want, forecasts(p)); diff != "" {
		t.Error(diff)
	}
	for line, want := range map[int]string{
		3: "would miss: ARG V=1 became V=2, and RUN sees every ARG above it, even one that it does not use",
		5: "not known before line 3 (RUN put /out same) has run: if what is taken from there has the same bytes, this hits",
		6: "not known yet: it starts from the result of line 5 (COPY --from=b /out /out), of which that is not known",
		9: "would miss because line 8 (RUN more) would miss and this COPY starts from its result",
	} {
		for _, f := range p.Steps {
			if f.Line == line && f.Reason.Text != want {
				t.Errorf("line %d:\n got %s\nwant %s", line, f.Reason.Text, want)
			}
		}
	}
	if p.Unsure != 2 || p.Misses != 3 {
		t.Errorf("%d unsure, %d misses", p.Unsure, p.Misses)
	}
}

// A mistake is shown where it stands, with what can be said of the steps above.
func TestPreviewOfMistakes(t *testing.T) {
	l := newLab(t).fakeShell().write("Dockerfile", "FROM scratch\nRUN a\nCOPY nosuch /\n")
	p := l.preview(Options{})
	if p.Err == nil || p.Err.Line != 3 || !strings.HasSuffix(p.Err.Error(), `"/nosuch": not found`) {
		t.Errorf("%v", p.Err)
	}
	if got := forecasts(p); len(got) != 2 || got[0] != "2 miss: first build" || got[1] != "3 miss: source missing" {
		t.Errorf("%v", got)
	}
	l.write("Dockerfile", "FROM scratch\nCOPPY a /\n")
	if p := l.preview(Options{}); p.Err == nil || p.Err.Line != 2 || len(p.Steps) != 0 {
		t.Errorf("%+v", p)
	}
}
