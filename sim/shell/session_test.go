package shell

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"testing"
)

func TestSession(t *testing.T) {
	p, _ := host()
	out := new(bytes.Buffer)
	p.Extra = map[string]Command{"docker": func(_ context.Context, p *Process) int {
		p.outf("docker %s in %s\n", strings.Join(p.Args[1:], " "), p.Dir)
		return 3
	}}
	s := NewSession(p)
	for _, c := range []struct {
		line, want string
		exit       int
	}{
		{"x=5; f() { echo f$x$1; }", "", 0},
		{"f a", "f5a\n", 0},
		{"false", "", 1},
		{"echo $?", "1\n", 0},
		{"mkdir d && cd d", "", 0},
		{"pwd; docker run -it x | cat; docker y", "/home/learner/project/d\ndocker run -it x in /home/learner/project/d\ndocker y in /home/learner/project/d\n", 3},
		{"nosuch", "bash: nosuch: command not found\n", 127},
		{"echo ${nosuch:?gone}", "bash: nosuch: gone\n", 127},
		{"echo a)", "bash: syntax error near unexpected token `)'\n", 2},
		{"echo still here", "still here\n", 0},
		{"cat <<E\nline $x\nE", "line 5\n", 0},
		{"alias ll='ls -1'; touch b a", "", 0},
		{"ll", "a\nb\n", 0},
		{"sleep 100 & echo bg; wait", "bg\n", 0},
		{"(exit 9)", "", 9},
		{"(while :; do :; done)", "stopped by the simulator after 5000 loop turns: this looks endless\n", 137},
		{"echo after $x", "after 5\n", 0},
		{"cat", "", 0},
		{"exit 7", "", 7},
	} {
		out.Reset()
		proc := s.Process()
		proc.Stdin, proc.Stdout, proc.Stderr = nil, out, out
		proc.Budget = Budget{Turns: 5000}
		if exit := s.Run(context.Background(), c.line); out.String() != c.want || exit != c.exit {
			t.Errorf("%s: %q, exit %d; want %q, %d", c.line, out, exit, c.want, c.exit)
		}
	}
	if !s.Exited() || s.Dir() != "/home/learner/project/d" {
		t.Errorf("exited %v, directory %s", s.Exited(), s.Dir())
	}
}

func TestCtrlC(t *testing.T) {
	p, out := host()
	s := NewSession(p)
	ctx, cancel := context.WithCancel(context.Background())
	s.Process().Pause = func(context.Context) error { cancel(); return nil }
	if exit := s.Run(ctx, "x=1; while :; do x=2; done | cat"); exit != 130 {
		t.Errorf("exit %d, want 130: %s", exit, out)
	}
	s.Process().Pause = nil
	if exit := s.Run(context.Background(), "echo $x $?"); exit != 0 || out.String() != "1 130\n" {
		t.Errorf("the next line gives %q, exit %d", out, exit)
	}
}

func TestComplete(t *testing.T) {
	p, _ := host()
	p.Extra = map[string]Command{"docker": cmdTrue}
	s := NewSession(p)
	s.Run(context.Background(), "mkdir -p sub/deep && touch sub/file Dockerfile .hidden; dofun() { :; }")
	for _, c := range []struct {
		line string
		want []string
	}{
		{"do", []string{"docker", "dofun"}},
		{"cat D", []string{"Dockerfile"}},
		{"cat sub/", []string{"sub/deep/", "sub/file"}},
		{"ls s", []string{"sub/"}},
		{"echo a | sha256", []string{"sha256sum"}},
		{"cat .h", []string{".hidden"}},
		{"cat /etc/pa", []string{"/etc/passwd"}},
		{"cat nosuch/", nil},
	} {
		if got := s.Complete(c.line); !slices.Equal(got, c.want) {
			t.Errorf("%q completes to %q, want %q", c.line, got, c.want)
		}
	}
}

func TestIncomplete(t *testing.T) {
	s := NewSession(&Process{FS: func() *Process { p, _ := host(); return p }().FS, Host: true})
	for line, want := range map[string]bool{
		"echo": false, "if true": true, "echo 'a": true, "cat <<E": true, "cat <<E\nE": false, "cat <<'E'": true, "cat <<\\E\na": true, "cat <<'E'\na\nE": false, `a \`: true, "echo a |": true, "for i in 1; do": true, "fi": false, "a &&": true, "f() {": true,
	} {
		if got := s.Incomplete(line); got != want {
			t.Errorf("%q: incomplete %v, want %v", line, got, want)
		}
	}
}

// TestContainerSession is the shell that docker exec -it opens.
func TestContainerSession(t *testing.T) {
	for _, c := range []struct {
		make func() (*Process, *bytes.Buffer)
		sh   string
		line string
		want string
	}{
		{func() (*Process, *bytes.Buffer) { return world() }, "sh", "nosuch; cd /nosuch; rm /bin/ls; ls /etc; echo $0", "sh: nosuch: not found\nsh: cd: can't cd to /nosuch: No such file or directory\ngroup\npasswd\nsh\n"},
		{debian, "bash", "nosuch; echo {1..2}; ls nosuch", "bash: nosuch: command not found\n1 2\nls: cannot access 'nosuch': No such file or directory\n"},
		{debian, "/bin/sh", "nosuch; echo {1..2}", "sh: nosuch: not found\n{1..2}\n"},
	} {
		p, out := c.make()
		p.Args = []string{c.sh}
		NewSession(p).Run(context.Background(), c.line)
		if out.String() != c.want {
			t.Errorf("%s: %s\ngot  %q\nwant %q", c.sh, c.line, out, c.want)
		}
	}
}
