package cli_test

import (
	"context"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/layerlab/layerlab/sim/cli"
	"github.com/layerlab/layerlab/sim/engine"
	"github.com/layerlab/layerlab/sim/event"
)

// term is a terminal for tests.
type term struct {
	t *testing.T
	*cli.Session
}

func newTerm(t *testing.T) term {
	t.Helper()
	return term{t, cli.New(engine.New(engine.Options{}))}
}

// run types a line that must go well.
func (s term) run(line string) string {
	s.t.Helper()
	out, exit := s.try(line)
	if exit != 0 {
		s.t.Fatalf("%s: exit %d\n%s", line, exit, out)
	}
	return out
}

func (s term) try(line string) (string, int) {
	s.t.Helper()
	var out strings.Builder
	exit := s.Run(context.Background(), line, &out)
	return out.String(), exit
}

func (s term) want(line, want string) {
	s.t.Helper()
	if got, _ := s.try(line); got != want {
		s.t.Errorf("$ %s\ngot:\n%swant:\n%s", line, got, want)
	}
}

// TestGoto goes back to a moment and on in another way: containers, images,
// files, cache, ids and the shell's own variables are those of the moment.
func TestGoto(t *testing.T) {
	s := newTerm(t)
	s.run(`printf 'FROM busybox:1.36\nRUN echo one > /f\n' > Dockerfile`)
	s.run(`docker build -q -t app . > /dev/null; X=1; mkdir d; cd d`)
	s.run(`docker run -d --name box app sleep 600`)
	s.run(`docker exec box sh -c 'echo two >> /f'`)
	s.run(`docker rm -f box; docker rmi app; X=2; cd ..; rm Dockerfile`)
	s.want(`docker ps -q; docker images -q app; echo $X; ls`, "2\nd\n")

	s.Goto(4)
	s.want(`docker exec box cat /f`, "one\ntwo\n")
	if n := len(s.Journal()); n != 5 {
		t.Errorf("the journal has %d entries after a line typed in the past, want 5", n)
	}
	s.Goto(3)
	s.want(`docker exec box cat /f; docker diff box; echo $X; pwd`, "one\n1\n/home/learner/project/d\n")
	s.Goto(0)
	s.want(`ls; docker ps -aq`, "")
}

// TestSameEverywhere plays the same lines twice: the same screen, ids included.
func TestSameEverywhere(t *testing.T) {
	play := func() string {
		s := newTerm(t)
		return s.run(`printf 'FROM busybox:1.36\nRUN date > /d\n' > Dockerfile; docker build -t a . 2>&1`) +
			s.run(`docker run -d a sleep 9; docker ps -a; docker inspect a; docker commit $(docker ps -lq); date`)
	}
	if a, b := play(), play(); a != b {
		t.Errorf("two runs differ:\n%s\n%s", a, b)
	}
}

// TestSummary reads the sentences of the timeline.
func TestSummary(t *testing.T) {
	s := newTerm(t)
	s.run(`printf 'FROM busybox:1.36\nRUN mkdir /d && echo a file of yes > /d/keep && echo x > /d/gone\nCMD ["sh"]\n' > Dockerfile`)
	s.run(`docker build -q -t app:1 . > /dev/null`)
	s.run(`docker run -d --name box app:1 sleep 600 > /dev/null`)
	s.run(`docker exec box sh -c 'echo more >> /d/keep; rm /d/gone; echo new > /n'`)
	want := []string{
		"",
		"app:1 was built: no step reused, one step run, one new layer.",
		"Container box has a thin layer of its own on app:1.",
		"One file copied up (14 B), one whiteout, one new file. The image below is untouched.",
	}
	for i, e := range s.Journal() {
		if e.Summary != want[i] {
			t.Errorf("%s\n got %q\nwant %q", e.Line, e.Summary, want[i])
		}
	}
}

// TestEvents checks what is told of a write to a file of the image.
func TestEvents(t *testing.T) {
	s := newTerm(t)
	s.run(`docker run -d --name box busybox:1.36 sleep 600 > /dev/null`)
	s.run(`docker exec box chmod 600 /etc/passwd`)
	var got *event.CopiedUp
	for _, ev := range s.Journal()[1].Events {
		if up, ok := ev.(event.CopiedUp); ok {
			got = &up
		}
	}
	if got == nil || got.Path != "/etc/passwd" || got.From != 0 || got.Bytes != 162 || got.Why != "chmod" || got.In.Name != "box" {
		t.Errorf("told %+v", got)
	}
}

// TestParked starts processes that wait: the containers stay up, and what was
// done before waiting is done.
func TestParked(t *testing.T) {
	s := newTerm(t)
	s.run(`docker run -dit --name idle busybox:1.36 sh`)
	s.run(`docker run -d --name tail busybox:1.36 tail -f /dev/null`)
	s.run(`docker run -d --name then busybox:1.36 sh -c 'echo before > /b; echo said; sleep 3600; echo after > /a'`)
	s.run(`docker run -d --name short busybox:1.36 sleep 5`)
	s.run(`docker run -d --name ended busybox:1.36 sh`)
	s.want(`docker ps --format '{{.Names}}'`, "short\nthen\ntail\nidle\n")
	s.want(`docker logs then; docker diff then`, "said\nA /b\n")
	s.run(`sleep 10`)
	s.want(`docker ps -a --format '{{.Names}} {{.State}}'`, "ended exited\nshort exited\nthen running\ntail running\nidle running\n")
	s.want(`docker wait short`, "0\n")
	s.want(`docker stop then >/dev/null; docker inspect -f '{{.State.ExitCode}}' then`, "137\n")
}

// TestInnerShell opens a container's shell in the terminal, and goes back into it.
func TestInnerShell(t *testing.T) {
	s := newTerm(t)
	s.TTY = true
	s.run(`docker run -it --name box busybox:1.36 sh`)
	if p := s.Prompt(); p != "/ # " {
		t.Fatalf("the prompt is %q", p)
	}
	s.run(`cd /tmp; Y=3; echo hi > f`)
	s.want(`pwd; echo $Y; ls`, "/tmp\n3\nf\n")
	s.run(`exit`)
	s.want(`docker ps -a --format '{{.Names}} {{.Status}}' | cut -d' ' -f1-3; docker diff box`, "box Exited (0)\nC /tmp\nA /tmp/f\n")
	s.Goto(2)
	if p := s.Prompt(); p != "/tmp # " {
		t.Errorf("back in the shell, the prompt is %q", p)
	}
	s.want(`cat f; echo $Y`, "hi\n3\n")
	s.want(`exit 4`, "")
	s.want(`docker inspect -f '{{.State.ExitCode}}' box`, "4\n")
}

// TestNote adds an entry for something that was not typed.
func TestNote(t *testing.T) {
	s := newTerm(t)
	err := s.Note("edit Dockerfile", nil, func(io.Writer) error {
		return s.Engine().WriteFile(engine.Project+"/Dockerfile", []byte("FROM scratch\n"), 0o644)
	})
	if err != nil || len(s.Journal()) != 1 {
		t.Fatalf("%v, %d entries", err, len(s.Journal()))
	}
	s.want(`cat Dockerfile`, "FROM scratch\n")
	s.Back(2)
	if _, exit := s.try(`cat Dockerfile`); exit != 1 {
		t.Error("the file is still there before it was written")
	}
}

// TestCancel ends a line that would never end.
func TestCancel(t *testing.T) {
	s := newTerm(t)
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	if exit := s.Run(ctx, `while true; do docker ps > /dev/null; done`, nil); exit != 130 {
		t.Errorf("exit %d", exit)
	}
	s.want(`echo still here`, "still here\n")
}

// TestStates measures that a moment costs next to nothing.
func TestStates(t *testing.T) {
	s := newTerm(t)
	for range 20 {
		s.run(`docker run -d busybox:1.36 sh -c 'seq 1 500 > /f; sleep 600' > /dev/null`)
	}
	e := s.Engine()
	start := time.Now()
	const n = 200
	for range n {
		e.Restore(e.Snapshot())
	}
	if per := time.Since(start) / n; per > 2*time.Millisecond {
		t.Errorf("a snapshot and a restore of 20 containers take %v", per)
	}
}

// TestBind mounts a directory of the machine: writes land there, not in the
// container's layer.
func TestBind(t *testing.T) {
	s := newTerm(t)
	s.run(`mkdir d; echo host > d/f; docker create --name box -v ./d:/data busybox:1.36 sh -c 'cat /data/f; echo new > /data/g'`)
	s.want(`docker start -a box; cat d/g; docker diff box`, "host\nnew\nA /data\n")
	out, exit := s.try(`docker run --rm -v $PWD/d:/data:ro busybox:1.36 touch /data/h`)
	if exit == 0 || !strings.Contains(out, "Read-only file system") {
		t.Errorf("exit %d: %s", exit, out)
	}
}
