package cli

import (
	"context"
	"errors"

	"github.com/layerlab/layerlab/sim/container"
	"github.com/layerlab/layerlab/sim/shell"
)

// inner is the shell of a container that is open in the terminal, as `docker
// exec -it` and `docker run -it` open it.
type inner struct {
	id    string // of the container
	spec  container.Spec
	first bool // it is the container's first process: with it, the container ends
	sh    *shell.Session
}

type innerState struct {
	id    string
	spec  container.Spec
	first bool
	saved shell.Saved
}

func (i *inner) save() *innerState { return &innerState{i.id, i.spec, i.first, i.sh.Save()} }

// prompt is busybox's: the directory, and # for root.
func (i *inner) prompt() string {
	mark := "$ "
	if i.sh.Process().FS.Cred().UID == 0 {
		mark = "# "
	}
	return i.sh.Dir() + " " + mark
}

// openShell opens a container's shell in the terminal; the lines typed from now
// on go to it, until exit.
func (c *call) openShell(ct *container.Container, spec container.Spec, first bool) error {
	p, err := c.e.Open(ct, spec, container.IO{Stdout: c.s.out, Stderr: c.s.out}, first)
	if err != nil {
		var refused *container.StartError
		if errors.As(err, &refused) && !first {
			c.printf("%s%s\n", container.ExecPrefix, refused.Msg)
			return silent(refused.Code)
		}
		return runFailed(daemon(err), 125)
	}
	if _, err := p.FS.Stat(lookPath(p, spec.Args[0])); err != nil {
		if first {
			c.e.Close(ct, 127)
		}
		return &statusError{container.ExecPrefix + "exec: \"" + spec.Args[0] + "\": executable file not found in $PATH", 127}
	}
	c.s.inner = &inner{id: ct.ID, spec: spec, first: first, sh: shell.NewSession(p)}
	return nil
}

// lookPath is where a program of a container is, or its name when it is nowhere.
func lookPath(p *shell.Process, name string) string {
	if name[0] == '/' {
		return name
	}
	for _, dir := range []string{"/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"} {
		if _, err := p.FS.Stat(dir + "/" + name); err == nil {
			return dir + "/" + name
		}
	}
	return name
}

// runInner runs a line in the container's shell.
func (s *Session) runInner(ctx context.Context, line string) int {
	in := s.inner
	ct, err := s.e.Container(in.id)
	if err != nil || !ct.Running() {
		s.inner = nil
		writef(s.out, "(the container has ended: the terminal is back on the machine)\n")
		return 137
	}
	s.prepare(in.sh.Process())
	exit := in.sh.Run(ctx, line)
	if in.sh.Exited() {
		s.inner = nil
		if in.first {
			s.e.Close(ct, exit)
		}
	}
	return exit
}

// reopen opens a container's shell again as it was.
func (s *Session) reopen(st *innerState) *inner {
	ct, err := s.e.Container(st.id)
	if err != nil {
		return nil
	}
	p, err := s.e.Open(ct, st.spec, container.IO{Stdout: s.out, Stderr: s.out}, st.first)
	if err != nil {
		return nil
	}
	sh := shell.NewSession(p)
	sh.Restore(st.saved)
	return &inner{id: st.id, spec: st.spec, first: st.first, sh: sh}
}
