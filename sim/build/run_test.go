package build

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// logs is what the RUNs of the last build printed.
func (l *lab) logs() string {
	var b strings.Builder
	for _, e := range l.events {
		if e, ok := e.(VertexLog); ok {
			b.WriteString(e.Text + "\n")
		}
	}
	return b.String()
}

// What a RUN sees and prints; the answers are those of a real build.
func TestRunPrints(t *testing.T) {
	for _, c := range []struct{ name, steps, want string }{
		{"both streams in one order", `RUN printf "a\nb"; printf "c\n" >&2; printf "no newline"`, "a\nbc\nno newline\n"},
		{"home, directory, user", "USER 5:6\nWORKDIR /w\nRUN echo $HOME; pwd; id -u; id -g; hostname", "/\n/w\n5\n6\nbuildkitsandbox\n"},
		{"root's home", "RUN echo $HOME", "/root\n"},
		{"user by name", "USER nobody\nRUN id -u; echo $HOME", "65534\n/home\n"},
		{"environment and arguments", "ARG A=1\nARG N\nENV E=$A-x\nRUN echo $A $N. $E", "1 . 1-x\n"},
		{"exec form does not expand", `RUN ["echo","$HOME"]`, "$HOME\n"},
		{"comment and blank in a continuation", "RUN echo a; \\\n # no\n\n echo b", "a\nb\n"},
		{"here-document", "RUN <<EOF\necho first\necho second\nEOF", "first\nsecond\n"},
		{"script", "RUN <<EOF\n#!/bin/sh\necho script $0\nEOF", "script /dev/pipes/EOF\n"},
		{"shell", "SHELL [\"/bin/sh\",\"-x\",\"-c\"]\nRUN echo a", "+ echo a\na\n"},
		{"cache mount", "RUN --mount=type=cache,target=/c echo kept > /c/f\nRUN --mount=type=cache,target=/c cat /c/f; ls /", "kept\nbin\nc\ndev\netc\nhome\nproc\nroot\nrun\nsys\ntmp\nusr\nvar\n"},
		{"bind of the context", "RUN --mount=type=bind,source=d,target=/m cat /m/f", "text\n"},
		{"bind of a stage", "RUN --mount=type=bind,from=busybox:1.36,source=/etc,target=/m ls /m", "group\npasswd\n"},
		{"tmpfs", "RUN --mount=type=tmpfs,target=/t ls -ld /t | cut -c1-10", "drwxrwxrwt\n"},
		{"optional secret", "RUN --mount=type=secret,id=s ls /run/secrets 2>/dev/null; echo $?", "1\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := newLab(t).withModel().write("d/f", "text\n")
			res := l.dockerfile("FROM busybox:1.36", c.steps)
			if diff := cmp.Diff(c.want, l.logs()); diff != "" {
				t.Errorf("printed:\n%s", diff)
			}
			if strings.Contains(c.steps, "--mount") || strings.Contains(c.steps, "<<") {
				if got := entries(res.Layers[len(res.Layers)-1]); len(got) > 0 {
					t.Errorf("the mounts are in the layer: %q", got)
				}
			}
		})
	}
}

// The first RUN on a base without them makes the directories that a container
// runtime mounts on.
func TestFirstRunMakesMountPoints(t *testing.T) {
	l := newLab(t).withModel()
	res := l.dockerfile("FROM scratch", "COPY --from=busybox:1.36 /bin /bin", `RUN ["/bin/busybox","true"]`, `RUN ["/bin/busybox","touch","/x"]`)
	want := [][]string{{"d 0755 0:0 /dev", "d 0755 0:0 /proc", "d 0755 0:0 /sys"}, {"0644 0:0 0 /x"}}
	if diff := cmp.Diff(want, made(res, 1)); diff != "" {
		t.Error(diff)
	}
}

func TestRunFails(t *testing.T) {
	for _, c := range []struct {
		step, msg, log string
		exit           int
	}{
		{"RUN exit 3", `process "/bin/sh -c exit 3" did not complete successfully: exit code: 3`, "", 3},
		{"RUN nosuchcommand", `process "/bin/sh -c nosuchcommand" did not complete successfully: exit code: 127`, "/bin/sh: nosuchcommand: not found\n", 127},
		{`RUN ["nosuch","x"]`, `process "nosuch x" did not complete successfully: exit code: 1`, "runc run failed: unable to start container process: error during container init: exec: \"nosuch\": executable file not found in $PATH\n", 1},
		{"RUN <<EOF\nexit 7\nEOF", `process "/bin/sh -c exit 7\n" did not complete successfully: exit code: 7`, "", 7},
		{"USER nosuch\nRUN true", `process "/bin/sh -c true" did not complete successfully: unable to find user nosuch: no matching entries in passwd file`, "", 0},
		{"RUN --mount=type=secret,id=s,required=true true", "secret s: not found", "", 0},
	} {
		l := newLab(t).withModel().write("Dockerfile", "FROM busybox:1.36\n"+c.step+"\n")
		_, err := l.try(Options{})
		var e *Error
		if !errors.As(err, &e) || e.Msg != c.msg || e.Exit != c.exit || e.Line == 0 {
			t.Errorf("%s: %#v", c.step, err)
		}
		if got := l.logs(); got != c.log {
			t.Errorf("%s printed %q, want %q", c.step, got, c.log)
		}
		if n := l.b.Cache.Records(); n != 0 {
			t.Errorf("%s: a failed step is kept (%d records)", c.step, n)
		}
	}
}

// A build that is stopped ends soon, with the reason.
func TestStop(t *testing.T) {
	l := newLab(t).withModel().write("Dockerfile", "FROM busybox:1.36\nRUN while true; do :; done\n")
	ctx, cancel := context.WithCancel(context.Background())
	turns := 0
	l.b.Pause = func(ctx context.Context) error {
		if turns++; turns > 20 {
			cancel()
		}
		return ctx.Err()
	}
	done := make(chan error, 1)
	go func() {
		_, err := l.b.Build(ctx, l.host.Root(), "/ctx", Options{}, nil)
		done <- err
	}()
	select {
	case err := <-done:
		if !errors.Is(err, context.Canceled) {
			t.Errorf("error %v", err)
		}
	case <-time.After(20 * time.Second):
		t.Fatal("the build goes on")
	}
}
