package build

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/layerlab/layerlab/sim/shell"
)

// fakeShell runs RUN without a shell: the command "fail" fails, "put P T" writes
// T into the file P, all others print themselves.
func (l *lab) fakeShell() *lab {
	l.b.process = func(_ context.Context, p *shell.Process) (int, error) {
		cmd := p.Args[len(p.Args)-1]
		f := strings.Fields(cmd)
		switch {
		case cmd == "fail":
			fmt.Fprintln(p.Stdout, "about to fail")
			return 3, nil
		case f[0] == "put":
			return 0, p.FS.WriteFile(f[1], []byte(f[2]), 0o644)
		}
		fmt.Fprintln(p.Stdout, cmd)
		return 0, nil
	}
	return l
}

// touch gives a file of the context another time.
func (l *lab) touch(p string) *lab {
	text, err := l.host.Root().ReadFile("/ctx/" + p)
	if err != nil {
		l.t.Fatal(err)
	}
	return l.write(p, string(text))
}

// decisions is what was said of each step that makes a layer: line, hit or miss,
// kind.
func decisions(res *Result) []string {
	var out []string
	for _, d := range res.Decisions {
		if d.Config || strings.HasPrefix(d.Step, "FROM") {
			continue
		}
		word := "miss"
		if d.Hit {
			word = "hit"
		}
		out = append(out, fmt.Sprintf("%d %s: %s", d.Line, word, d.Reason.Kind))
	}
	return out
}

// said is the sentence about the step on a line.
func said(res *Result, line int) string {
	for _, d := range res.Decisions {
		if d.Line == line {
			return d.Reason.Text
		}
	}
	return ""
}

const cacheFile = `FROM scratch
WORKDIR /app
COPY deps.txt .
RUN install
COPY app.txt .
RUN bundle
CMD ["x"]
`

// Each case changes one thing after a first build. Every expectation but the
// sentences was seen on Docker Engine 29.
func TestWhyHitOrMiss(t *testing.T) {
	edit := func(old, new string) func(*lab) {
		return func(l *lab) { l.write("Dockerfile", strings.Replace(cacheFile, old, new, 1)) }
	}
	for _, c := range []struct {
		name   string
		change func(*lab)
		want   []string
		line   int
		text   string
	}{
		{"nothing", func(*lab) {}, []string{"2 hit: same", "3 hit: same", "4 hit: same", "5 hit: same", "6 hit: same"}, 5, "hit: nothing that this step depends on has changed"},
		{"touch", func(l *lab) { l.touch("app.txt") }, []string{"2 hit: same", "3 hit: same", "4 hit: same", "5 hit: same but touched", "6 hit: same"}, 5, "hit although app.txt was touched: times are not part of the key"},
		{"content", func(l *lab) { l.write("app.txt", "changed\n") }, []string{"2 hit: same", "3 hit: same", "4 hit: same", "5 miss: files changed", "6 miss: parent changed"}, 5, "missed: app.txt changed (sha256 5891b5b5… → 7f8b1dfc…)"},
		{"content, what follows", func(l *lab) { l.write("app.txt", "changed\n") }, []string{"2 hit: same", "3 hit: same", "4 hit: same", "5 miss: files changed", "6 miss: parent changed"}, 6, "missed because line 5 (COPY app.txt .) missed and this RUN starts from its result"},
		{"mode", func(l *lab) { l.chmod("app.txt", 0o600) }, []string{"2 hit: same", "3 hit: same", "4 hit: same", "5 miss: files changed", "6 miss: parent changed"}, 5, "missed: app.txt has another mode (0644 → 0600)"},
		{"a file of no step", func(l *lab) { l.write("other.txt", "x") }, []string{"2 hit: same", "3 hit: same", "4 hit: same", "5 hit: same", "6 hit: same"}, 0, ""},
		{"text of a RUN", edit("RUN install", "RUN install -v"), []string{"2 hit: same", "3 hit: same", "4 miss: text changed", "5 miss: parent changed", "6 miss: parent changed"}, 4, `missed: the text of the step changed, it was "RUN install"`},
		{"blank in a RUN", edit("RUN install", "RUN  install"), []string{"2 hit: same", "3 hit: same", "4 hit: same but text", "5 hit: same", "6 hit: same"}, 4, "hit although it is written in another way: it does the same to the same files"},
		{"a blank inside a RUN", edit("RUN install", "RUN install  x"), []string{"2 hit: same", "3 hit: same", "4 miss: text changed", "5 miss: parent changed", "6 miss: parent changed"}, 0, ""},
		{"exec form of the same", edit("RUN bundle", `RUN ["/bin/sh","-c","bundle"]`), []string{"2 hit: same", "3 hit: same", "4 hit: same", "5 hit: same", "6 hit: same but text"}, 0, ""},
		{"COPY in other words", edit("COPY app.txt .", "COPY ./app.txt ./"), []string{"2 hit: same", "3 hit: same", "4 hit: same", "5 hit: same but text", "6 hit: same"}, 0, ""},
		{"COPY to a name", edit("COPY app.txt .", "COPY app.txt app.txt"), []string{"2 hit: same", "3 hit: same", "4 hit: same", "5 miss: text changed", "6 miss: parent changed"}, 0, ""},
		{"COPY by a wildcard", edit("COPY app.txt .", "COPY app.* ."), []string{"2 hit: same", "3 hit: same", "4 hit: same", "5 miss: text changed", "6 miss: parent changed"}, 0, ""},
		{"a new step", edit("RUN install", "RUN new\nRUN install"), []string{"2 hit: same", "3 hit: same", "4 miss: step added", "5 miss: parent changed", "6 miss: parent changed", "7 miss: parent changed"}, 4, "missed: the step is new, the last build did not have it"},
		{"a step less", edit("RUN install\n", ""), []string{"2 hit: same", "3 hit: same", "4 miss: parent changed", "5 miss: parent changed"}, 4, "missed: this COPY starts from the result of line 3 (COPY deps.txt .), last time it started from something else"},
		{"a new ENV", edit("WORKDIR", "ENV E=1\nWORKDIR"), []string{"3 hit: same but env", "4 hit: same but env", "5 miss: env changed", "6 miss: parent changed", "7 miss: env changed"}, 5, "missed: ENV E=1 is new, and RUN sees the environment"},
		{"a new ENV, and COPY", edit("WORKDIR", "ENV E=1\nWORKDIR"), []string{"3 hit: same but env", "4 hit: same but env", "5 miss: env changed", "6 miss: parent changed", "7 miss: env changed"}, 4, `hit although "ENV E=1" above it is another than last time: COPY does not see the environment`},
		{"a LABEL", edit("WORKDIR", "LABEL a=b\nWORKDIR"), []string{"3 hit: same but config", "4 hit: same but config", "5 hit: same but config", "6 hit: same but config", "7 hit: same but config"}, 5, `hit although "LABEL a=b" above it is another than last time: it changes only the configuration`},
		{"an ARG that nothing uses", edit("RUN bundle", "ARG V=1\nRUN bundle"), []string{"2 hit: same", "3 hit: same", "4 hit: same", "5 hit: same", "7 miss: arg changed"}, 7, "missed: ARG V=1 is new, and RUN sees every ARG above it, even one that it does not use"},
		{"a USER", edit("RUN bundle", "USER 5\nRUN bundle"), []string{"2 hit: same", "3 hit: same", "4 hit: same", "5 hit: same", "7 miss: user changed"}, 7, "missed: user 5 runs it, it was root"},
		{"a SHELL", edit("RUN bundle", "SHELL [\"/bin/ash\",\"-c\"]\nRUN bundle"), []string{"2 hit: same", "3 hit: same", "4 hit: same", "5 hit: same", "7 miss: shell changed"}, 7, `missed: the command is run as "/bin/ash -c bundle", it was "/bin/sh -c bundle"`},
		{"the WORKDIR", edit("WORKDIR /app", "WORKDIR /srv"), []string{"2 miss: text changed", "3 miss: parent changed", "4 miss: workdir changed", "5 miss: parent changed", "6 miss: workdir changed"}, 4, "missed: it runs in /srv, it was /app"},
		{"CMD", edit(`CMD ["x"]`, `CMD ["y"]`), []string{"2 hit: same", "3 hit: same", "4 hit: same", "5 hit: same", "6 hit: same"}, 7, "changes the image's configuration only: no layer, and nothing to reuse"},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := newLab(t).fakeShell().write("deps.txt", "left-pad\n", "app.txt", "hello\n", "Dockerfile", cacheFile)
			first := l.build(Options{})
			for _, d := range decisions(first) {
				if !strings.HasSuffix(d, "miss: first build") {
					t.Errorf("first build: %s", d)
				}
			}
			c.change(l)
			res := l.build(Options{})
			if diff := cmp.Diff(c.want, decisions(res)); diff != "" {
				t.Errorf("decisions:\n%s", diff)
			}
			if c.text != "" && said(res, c.line) != c.text {
				t.Errorf("line %d:\n got %s\nwant %s", c.line, said(res, c.line), c.text)
			}
			if hit := !strings.Contains(strings.Join(c.want, " "), "miss"); hit && c.name != "CMD" && c.name != "a LABEL" && c.name != "COPY in other words" && res.Image.Digest != first.Image.Digest {
				t.Error("a build that was reused whole gave another image")
			}
			for _, d := range res.Decisions {
				if d.Hit != d.Reason.Kind.Hit() && !d.Config && d.Reason.Kind != BaseChanged {
					t.Errorf("line %d: hit %v for the reason %q", d.Line, d.Hit, d.Reason.Kind)
				}
			}
		})
	}
}

func TestFilesOfADirectory(t *testing.T) {
	l := newLab(t).write("d/a", "1", "d/b", "2", "d/c", "3", "Dockerfile", "FROM scratch\nCOPY d /d\n")
	l.build(Options{})
	v := l.host.Root()
	v.Unlink("/ctx/d/b")
	l.write("d/new", "n", "d/a", "1!")
	v.Chmod("/ctx/d", 0o700)
	res := l.build(Options{})
	want := "missed: d/a changed (sha256 6b86b273… → ba36e118…), d/b was removed and d/new was added"
	if got := said(res, 2); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	v.Chmod("/ctx/d", 0o755)
	if res := l.build(Options{}); res.Decisions[1].Reason.Kind != Same {
		t.Errorf("the mode of the directory itself counts: %s", said(res, 2))
	}
}

// The cache is a set: what was built once is found again, also when the image is
// long untagged.
func TestPuttingAFileBackHitsAgain(t *testing.T) {
	l := newLab(t).fakeShell().write("deps.txt", "a", "app.txt", "hello\n", "Dockerfile", cacheFile)
	first := l.build(Options{})
	l.write("app.txt", "other\n")
	l.build(Options{})
	l.write("app.txt", "hello\n")
	res := l.build(Options{})
	want := []string{"2 hit: same", "3 hit: same", "4 hit: same", "5 hit: same as earlier", "6 hit: same as earlier"}
	if diff := cmp.Diff(want, decisions(res)); diff != "" {
		t.Error(diff)
	}
	if res.Image.Digest != first.Image.Digest {
		t.Error("the image is another one")
	}
}

func TestNoCacheAndFailedSteps(t *testing.T) {
	l := newLab(t).fakeShell().write("deps.txt", "a", "app.txt", "hello\n", "Dockerfile", cacheFile)
	first := l.build(Options{})
	res := l.build(Options{NoCache: true})
	want := []string{"2 hit: same", "3 miss: no cache", "4 miss: no cache", "5 miss: no cache", "6 miss: no cache"} // WORKDIR is not asked
	if diff := cmp.Diff(want, decisions(res)); diff != "" {
		t.Error(diff)
	}
	if res.Image.Digest == first.Image.Digest {
		t.Error("running everything anew gave the same times")
	}
	l.write("Dockerfile", "FROM scratch\nRUN ok\nRUN fail\nRUN never\n")
	_, err := l.try(Options{})
	if e, ok := err.(*Error); !ok || e.Line != 3 || e.Exit != 3 || e.Msg != `process "/bin/sh -c fail" did not complete successfully: exit code: 3` {
		t.Fatalf("error %#v", err)
	}
	var last Decision
	_, err = l.try(Options{})
	for _, e := range l.events {
		if d, ok := e.(StepDecided); ok {
			last = d.Decision
		}
	}
	if err == nil || last.Line != 3 || last.Reason.Kind != FailedLastTime || last.Hit || last.Err == nil {
		t.Errorf("%v %+v", err, last)
	}
}

// Another image under the name of the base.
func TestBaseChanged(t *testing.T) {
	l := newLab(t).fakeShell().write("f", "f", "g", "g")
	l.name("docker.io/library/base:1", l.dockerfile("FROM scratch", "COPY f /"))
	other := l.dockerfile("FROM scratch", "COPY g /")
	l.dockerfile("FROM base:1", "RUN a")
	l.name("docker.io/library/base:1", other)
	res := l.build(Options{})
	if diff := cmp.Diff([]string{"2 miss: base changed"}, decisions(res)); diff != "" {
		t.Error(diff)
	}
	if res.Decisions[0].Reason.Kind != BaseChanged || said(res, 2) != "missed: the base image on line 1 is another one than last time" {
		t.Errorf("%q, %q", said(res, 1), said(res, 2))
	}
}

// COPY --from counts bytes, not the stage they come from.
func TestCopyFromSameBytes(t *testing.T) {
	l := newLab(t).fakeShell()
	l.write("Dockerfile", "FROM scratch AS b\nARG V=1\nRUN put /out same\nFROM scratch\nCOPY --from=b /out /out\nRUN last\n")
	first := l.build(Options{})
	res := l.build(Options{BuildArgs: map[string]*string{"V": ptr("2")}})
	if diff := cmp.Diff([]string{"3 miss: arg changed", "5 hit: same content", "6 hit: same"}, decisions(res)); diff != "" {
		t.Error(diff)
	}
	if got, want := said(res, 3), "missed: ARG V=1 became V=2, and RUN sees every ARG above it, even one that it does not use"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if got, want := said(res, 5), "hit although the stage b ran anew: what is copied from it has the same bytes"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if res.Image.Digest != first.Image.Digest {
		t.Error("the image is another one")
	}
}

// Identical steps of two stages are run once.
func TestIdenticalStepsRunOnce(t *testing.T) {
	l := newLab(t).fakeShell()
	res := l.dockerfile("FROM scratch AS one", "RUN put /same x", "FROM scratch AS two", "RUN put /same x", "RUN two", "FROM scratch", "COPY --from=one /same /a", "COPY --from=two /same /b")
	want := []string{"2 miss: first build", "4 hit: shared", "5 miss: first build", "7 miss: first build", "8 miss: first build"}
	if diff := cmp.Diff(want, decisions(res)); diff != "" {
		t.Error(diff)
	}
	if text := l.plain(nil); strings.Count(text, "RUN put /same x") != 1 || !strings.Contains(text, "[two 1/2] RUN put /same x") {
		t.Errorf("progress:\n%s", text)
	}
}

// A snapshot of the cache goes its own way.
func TestCacheSnapshot(t *testing.T) {
	l := newLab(t).fakeShell().write("deps.txt", "a", "app.txt", "hello\n", "Dockerfile", cacheFile)
	before := l.b.Cache.Snapshot()
	l.build(Options{})
	if before.Records() != 0 || l.b.Cache.Records() != 5 {
		t.Errorf("%d and %d records", before.Records(), l.b.Cache.Records())
	}
	after := l.b.Cache.Snapshot()
	l.b.Cache = before
	if d := decisions(l.build(Options{})); !strings.HasSuffix(d[0], "miss: first build") {
		t.Error(d)
	}
	l.b.Cache = after
	if d := decisions(l.build(Options{})); !strings.HasSuffix(d[4], "hit: same") {
		t.Error(d)
	}
	if got := len(l.b.Cache.Prune()); got != 5 || l.b.Cache.Records() != 0 {
		t.Errorf("pruned %d, %d are left", got, l.b.Cache.Records())
	}
}

// Step by step: each line in turn, on the results of the lines above it.
func TestUntilLine(t *testing.T) {
	l := newLab(t).fakeShell().write("deps.txt", "a", "app.txt", "hello\n", "Dockerfile", cacheFile+"FOO bar\n")
	for line, want := range map[int]int{1: 0, 2: 1, 3: 2, 4: 3, 6: 5, 7: 5} {
		res := l.build(Options{UntilLine: line})
		if len(res.Layers) != want {
			t.Errorf("line %d: %d layers, want %d", line, len(res.Layers), want)
		}
	}
	res := l.build(Options{UntilLine: 5})
	if got := decisions(res); len(got) != 4 || got[3] != "5 hit: same" {
		t.Errorf("%v", got)
	}
	if got := keys(merged(res)); strings.Join(got, " ") != "/app/app.txt /app/deps.txt" {
		t.Errorf("files %v", got)
	}
	if _, err := l.try(Options{}); err == nil || err.(*Error).Line != 8 {
		t.Errorf("the whole file: %v", err)
	}
}

// --no-cache-filter: the stages it names are run anew, and so is what starts
// from them; what follows is found again, with the layers that it had. Every
// decision was seen on Docker Engine 29.
func TestNoCacheFilter(t *testing.T) {
	const file = "FROM scratch AS Base\nWORKDIR /w\nRUN put /x 1\nRUN put /y 1\nFROM base AS two\nRUN put /z 1\nRUN put /zz 1\nWORKDIR /q\nRUN last\nFROM scratch\nCOPY --from=two /z /\n"
	for _, c := range []struct {
		target, filter string
		want           []string
		same           bool // the image as a whole
	}{
		{"two", "base", []string{"2 hit: same", "3 miss: no cache", "4 miss: no cache", "6 miss: no cache", "7 hit: same", "8 hit: same", "9 hit: same"}, true},
		{"two", "TWO", []string{"2 hit: same", "3 hit: same", "4 hit: same", "6 miss: no cache", "7 miss: no cache", "8 miss: no cache", "9 miss: no cache"}, false},
		{"two", "nosuch", []string{"2 hit: same", "3 hit: same", "4 hit: same", "6 hit: same", "7 hit: same", "8 hit: same", "9 hit: same"}, true},
		{"", "two", []string{"2 hit: same", "3 hit: same", "4 hit: same", "6 miss: no cache", "7 miss: no cache", "8 miss: no cache", "9 miss: no cache", "11 hit: same content"}, true},
		{"", "2", []string{"2 hit: same", "3 hit: same", "4 hit: same", "6 hit: same", "7 hit: same", "8 hit: same", "9 hit: same", "11 hit: same"}, true},
	} {
		l := newLab(t).fakeShell().write("Dockerfile", file)
		first := l.build(Options{Target: c.target})
		o := Options{Target: c.target, NoCacheFilter: []string{c.filter}}
		foreseen := forecasts(l.preview(o))
		res := l.build(o)
		if diff := cmp.Diff(c.want, decisions(res)); diff != "" {
			t.Errorf("%s of %q:\n%s", c.filter, c.target, diff)
		}
		if c.target == "two" && cmp.Diff(c.want, foreseen) != "" {
			t.Errorf("%s: the preview says %q", c.filter, foreseen)
		}
		if (res.Image.Digest == first.Image.Digest) != c.same {
			t.Errorf("%s of %q: the same image: %v", c.filter, c.target, !c.same)
		}
	}
	l := newLab(t).fakeShell().write("Dockerfile", file)
	l.build(Options{Target: "two"})
	res := l.build(Options{Target: "two", NoCacheFilter: []string{"base"}})
	for line, want := range map[int]string{3: "missed: --no-cache-filter names its stage", 6: "missed: it starts from line 4 (RUN put /y 1), which was to be run anew"} {
		if got := said(res, line); got != want {
			t.Errorf("line %d:\n got %s\nwant %s", line, got, want)
		}
	}
}
