package shell

import (
	"io"
	"strconv"

	"mvdan.cc/sh/v3/expand"
	"mvdan.cc/sh/v3/syntax"
)

// substitute runs a command substitution; what it prints goes to w.
func (s *interp) substitute(w io.Writer, cs *syntax.CmdSubst) {
	if r := onlyInput(cs); r != nil && s.dialect == bash {
		s.copyInput(w, r)
		return
	}
	c := s.fork()
	c.quiet = 0
	c.p.setFd(1, &desc{refs: 1, name: "pipe", w: w, k: s.p.k})
	c.base = s.base
	c.substs = -1
	s.substs = c.finish(func() { c.stmts(cs.Stmts) })
	s.last = s.substs
}

// firstProcFd is the descriptor from which process substitutions are numbered
// downwards, as bash does it.
const firstProcFd = 63

// procSubst runs <(…) or >(…) and gives the name of its end. What <(…) prints
// is there before the command that reads it starts.
func (s *interp) procSubst(ps *syntax.ProcSubst) string {
	fd := firstProcFd
	for fd > 10 && s.p.fd(fd) != nil {
		fd--
	}
	r, w := newPipe(s.p.k)
	c := s.fork()
	if ps.Op == syntax.CmdIn {
		c.p.setFd(1, w)
		s.p.setFd(fd, r)
	} else {
		c.p.setFd(0, r)
		s.p.setFd(fd, w)
	}
	s.p.k.spawn(func() int { return c.finish(func() { c.stmts(ps.Stmts) }) })
	s.procFds = append(s.procFds, fd)
	return "/dev/fd/" + strconv.Itoa(fd)
}

// closeProcFds closes the ends of process substitutions after their command and
// lets those run to their end that were written to.
func (s *interp) closeProcFds() {
	if len(s.procFds) == 0 {
		return
	}
	for _, fd := range s.procFds {
		s.p.setFd(fd, nil)
	}
	s.procFds = nil
	s.p.k.drain()
}

// maxBraces is how many words one word may become.
const maxBraces = 100_000

// braces is the words that bash makes of one with {a,b} or {1..3} in it.
func (s *interp) braces(w *syntax.Word) []*syntax.Word {
	c := *w
	if !syntax.SplitBraces(&c) {
		return []*syntax.Word{w}
	}
	var out []*syntax.Word
	for b, err := range expand.BracesSeq(nil, &c) {
		if err != nil || len(out) > maxBraces {
			s.die(1, "brace expansion: more than %d words", maxBraces)
		}
		out = append(out, b)
	}
	return out
}
