package build

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func (r *Result) side() Side { return Side{Image: r.Image, Layers: r.Layers} }

func likenesses(c *Comparison) []string {
	var out []string
	for _, p := range c.Rows {
		side := p.B
		if side == nil {
			side = p.A
		}
		out = append(out, fmt.Sprintf("%s: %s", firstWord(side.By), p.Likeness))
	}
	return out
}

// Two builds of a changed Dockerfile or context: what is shared, from where they
// differ and why.
func TestCompareBuilds(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*lab)
		want   []string
		text   string
	}{
		{"nothing", func(*lab) {}, []string{"WORKDIR: shared", "COPY: shared", "RUN: shared", "COPY: shared", "RUN: shared", "CMD: same row"}, "They are one image."},
		{"a file", func(l *lab) { l.write("app.txt", "changed\n") },
			[]string{"WORKDIR: shared", "COPY: shared", "RUN: shared", "COPY: different", "RUN: same bytes", "CMD: same row"},
			"They share 3 layers. The first difference: the layers differ: app.txt changed (sha256 5891b5b5… → 7f8b1dfc…)"},
		{"an ENV", func(l *lab) {
			l.write("Dockerfile", strings.Replace(cacheFile, "RUN install", "ENV E=1\nRUN install", 1))
		},
			[]string{"WORKDIR: shared", "COPY: shared", "ENV: only b", "RUN: different", "COPY: different", "RUN: same bytes", "CMD: same row"},
			`They share 2 layers. The first difference: "ENV E=1" is in the second alone`},
		{"CMD", func(l *lab) { l.write("Dockerfile", strings.Replace(cacheFile, `["x"]`, `["y"]`, 1)) },
			[]string{"WORKDIR: shared", "COPY: shared", "RUN: shared", "COPY: shared", "RUN: shared", "CMD: different"},
			`They share 5 layers. The first difference: "CMD [\"x\"]" became "CMD [\"y\"]": no layer`},
		{"a step less", func(l *lab) { l.write("Dockerfile", strings.Replace(cacheFile, "RUN install\n", "", 1)) },
			[]string{"WORKDIR: shared", "COPY: shared", "RUN: only a", "COPY: different", "RUN: different", "CMD: same row"},
			`They share 2 layers. The first difference: "RUN /bin/sh -c install" is in the first alone`},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := newLab(t).fakeShell().write("deps.txt", "left-pad\n", "app.txt", "hello\n", "Dockerfile", cacheFile)
			first := l.build(Options{})
			c.change(l)
			got := l.b.Cache.Compare(first.side(), l.build(Options{}).side())
			if diff := cmp.Diff(c.want, likenesses(got)); diff != "" {
				t.Error(diff)
			}
			if got.Text != c.text {
				t.Errorf("got  %s\nwant %s", got.Text, c.text)
			}
		})
	}
}

// Images that were not built here are compared by their layers alone; a step that
// was run twice differs in its times.
func TestCompareWithoutTraces(t *testing.T) {
	l := newLab(t).fakeShell().write("deps.txt", "left-pad\n", "app.txt", "hello\n", "Dockerfile", cacheFile)
	first := l.build(Options{})
	again := l.build(Options{NoCache: true})
	got := l.b.Cache.Compare(first.side(), again.side())
	if want := "the layers differ although everything that went in is the same: it was run twice, and files have the time at which they were made"; got.Rows[got.First].Text != want {
		t.Errorf("got %+v", got)
	}
	l.write("app.txt", "changed\n")
	other := l.build(Options{})
	got = NewCache().Compare(first.side(), other.side())
	if got.Shared != 1 || got.First != 1 {
		t.Errorf("a rebuild without the cache shares %d layers", got.Shared)
	}
	if want := "the layers differ, and what they were made of is not known here"; got.Rows[1].Text != want {
		t.Errorf("got %s", got.Rows[1].Text)
	}
}
