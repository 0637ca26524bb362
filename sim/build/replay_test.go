package build

import (
	"context"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/layerlab/layerlab/sim/catalog"
)

// The transcripts in testdata were recorded from Docker Engine 29.9.3. Their
// `docker build` lines are played here and the progress is held against what
// Docker printed: block by block, in any order, without times and ids.
func TestProgressIsDockers(t *testing.T) {
	for _, name := range []string{"build_cache", "multistage", "errors_build"} {
		t.Run(name, func(t *testing.T) {
			a, err := txtar.ParseFile("testdata/" + name + ".txtar")
			if err != nil {
				t.Fatal(err)
			}
			l := newLab(t).withModel()
			for _, f := range a.Files {
				if f.Name != "transcript" {
					l.write(f.Name, string(f.Data))
					continue
				}
				for _, c := range commands(string(f.Data)) {
					l.play(c.line, c.answer)
				}
			}
		})
	}
}

// withModel gives the lab the catalogue's busybox:1.36.
func (l *lab) withModel() *lab {
	im, held, err := catalog.Open(context.Background(), "busybox:1.36")
	if err != nil {
		l.t.Fatal(err)
	}
	l.images["docker.io/library/busybox:1.36"] = &Base{Name: "docker.io/library/busybox:1.36", Image: im, Layers: held}
	return l
}

type command struct{ line, answer string }

func commands(transcript string) []command {
	var out []command
	for line := range strings.Lines(transcript) {
		if cmd, ok := strings.CutPrefix(line, "$ "); ok {
			out = append(out, command{line: strings.TrimSpace(cmd)})
		} else if n := len(out); n > 0 && !strings.HasPrefix(line, "[exit ") {
			out[n-1].answer += line
		}
	}
	return out
}

// play does what a command of a transcript does, if it is about building.
func (l *lab) play(line, answer string) {
	f := strings.Fields(line)
	switch {
	case f[0] == "touch":
		l.touch(f[1])
	case f[0] == "echo" && len(f) == 4 && f[2] == ">>":
		old, _ := l.host.Root().ReadFile(path.Join("/ctx", f[3]))
		l.write(f[3], string(old)+f[1]+"\n")
	case strings.HasPrefix(line, "docker build -") && f[len(f)-1] == ".":
		o := Options{}
		for i, w := range f {
			switch w {
			case "-t":
				o.Tags = []string{"docker.io/library/" + f[i+1]}
				if strings.ToLower(f[i+1]) != f[i+1] {
					return // refused before it gets here
				}
				if !strings.Contains(f[i+1], ":") {
					o.Tags[0] += ":latest"
				}
			case "-f":
				o.Dockerfile = f[i+1]
			case "--target":
				o.Target = f[i+1]
			}
		}
		_, err := l.try(o)
		if diff := cmp.Diff(blocks(answer), blocks(l.plain(err))); diff != "" {
			l.t.Errorf("%s (-Docker +ours):\n%s", line, diff)
		}
	}
}

var (
	blockLine = regexp.MustCompile(`^#(\d+) (.*)$`)
	seconds   = regexp.MustCompile(` ?\b\d+\.\d+s?\b`)
	hexID     = regexp.MustCompile(`\b[0-9a-f]{64}\b`)
	refID     = regexp.MustCompile(`\b[a-z0-9]{25}::[a-z0-9]{25}\b`)
	unshown   = regexp.MustCompile(`^(transferring context|resolve|unpacking|exporting layers)`)
)

// blocks is progress as one text for each vertex, in the order of their names,
// and what stands after them.
func blocks(text string) []string {
	bodies := map[string][]string{}
	names := map[string]string{}
	var rest []string
	for line := range strings.Lines(text) {
		line = refID.ReplaceAllString(hexID.ReplaceAllString(strings.TrimRight(line, "\n"), "<id>"), "<ref>")
		m := blockLine.FindStringSubmatch(line)
		switch {
		case m == nil:
			// The shell's own name before its message is not Docker's matter.
			if line = strings.TrimPrefix(strings.TrimSpace(seconds.ReplaceAllString(line, "")), "/bin/sh: "); line != "" {
				rest = append(rest, line)
			}
			continue
		case names[m[1]] == "":
			names[m[1]] = m[2]
			continue
		case m[2] == names[m[1]] || m[2] == "..." || unshown.MatchString(m[2]):
			continue
		}
		body := strings.TrimSpace(seconds.ReplaceAllString(m[2], ""))
		if strings.Contains(names[m[1]], "FROM ") && slices.Contains([]string{"DONE", "CACHED", "CANCELED"}, body) {
			body = "OK"
		}
		if all := bodies[m[1]]; !slices.Contains(all, body) && !slices.Contains(all, body+" done") && !strings.HasSuffix(m[2], "exporting manifest sha256:<id>") {
			bodies[m[1]] = append(all, body)
		}
	}
	var out []string
	for n, name := range names {
		out = append(out, fmt.Sprintf("%s: %s", name, strings.Join(bodies[n], " | ")))
	}
	slices.Sort(out)
	return append(out, rest...)
}

// The source that a failed build shows, byte for byte.
func TestFailureText(t *testing.T) {
	l := newLab(t).write("two", "FROM scratch\nRUN fail\nRUN echo after\n").fakeShell()
	_, err := l.try(Options{Dockerfile: "two"})
	want := `------
 > [1/2] RUN fail:
0.000 about to fail
------
two:2
--------------------
   1 |     FROM scratch
   2 | >>> RUN fail
   3 |     RUN echo after
   4 |     
--------------------
ERROR: failed to build: failed to solve: process "/bin/sh -c fail" did not complete successfully: exit code: 3
`
	if got := l.plain(err); !strings.HasSuffix(got, want) {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// What the linter finds is shown below the first vertex, and once more at the
// end; the words and their order were recorded.
func TestWarnings(t *testing.T) {
	l := newLab(t).write("Dockerfile", "from scratch as X\nENV MY_KEY=1\nCMD echo hi\nMAINTAINER me\nWorkdir foo\nCMD echo $NOPE\nLABEL a=$UNDEF\n")
	_, err := l.try(Options{})
	want := []string{
		"StageNameCasing: Stage name 'X' should be lowercase (line 1)",
		"MaintainerDeprecated: Maintainer instruction is deprecated in favor of using label (line 4)",
		"ConsistentInstructionCasing: Command 'from' should match the case of the command majority (uppercase) (line 1)",
		"ConsistentInstructionCasing: Command 'Workdir' should match the case of the command majority (uppercase) (line 5)",
		`SecretsUsedInArgOrEnv: Do not use ARG or ENV instructions for sensitive data (ENV "MY_KEY") (line 2)`,
		"JSONArgsRecommended: JSON arguments recommended for CMD to prevent unintended behavior related to OS signals (line 3)",
		`WorkdirRelativePath: Relative workdir "foo" can have unexpected results if the base image changes (line 5)`,
		"MultipleInstructionsDisallowed: Multiple CMD instructions should not be used in the same stage because only the last one will be used (line 3)",
		"JSONArgsRecommended: JSON arguments recommended for CMD to prevent unintended behavior related to OS signals (line 6)",
		"UndefinedVar: Usage of undefined variable '$UNDEF' (line 7)",
	}
	text := l.plain(err)
	at := -1
	for _, w := range want {
		next := strings.Index(text, "#1 WARN: "+w+"\n")
		if next <= at {
			t.Errorf("%q is not where it should be", w)
		}
		at = next
	}
	if !strings.HasSuffix(text, "\n \x1b[33m10 warnings found (use docker --debug to expand):\n\x1b[0m - "+strings.Join(want, "\n - ")+"\n") {
		t.Errorf("progress:\n%s", text)
	}
}
