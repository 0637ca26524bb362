package shell

import (
	"io"
	"maps"
	"slices"

	"mvdan.cc/sh/v3/syntax"
)

// A Saved is what a session keeps from line to line, as it was at one moment:
// directory, variables, functions, aliases, options and $?. It
// is never changed and may be restored any number of times.
type Saved struct {
	dir     string
	vars    map[string]variable
	funcs   map[string]*syntax.Stmt
	aliases map[string]string
	traps   map[string]string
	params  []string
	opt     options
	last    int
}

// Save is the session's state between two lines.
func (s *Session) Save() Saved {
	i := s.s
	return Saved{
		dir: i.p.Dir, vars: maps.Clone(i.vars), funcs: maps.Clone(i.funcs), aliases: maps.Clone(i.aliases),
		traps: maps.Clone(i.traps), params: slices.Clone(i.params), opt: i.opt, last: i.last,
	}
}

// Restore takes the session back (or forward) to a state that Save gave.
func (s *Session) Restore(to Saved) {
	i := s.s
	i.p.Dir, i.vars, i.funcs, i.aliases = to.dir, maps.Clone(to.vars), maps.Clone(to.funcs), maps.Clone(to.aliases)
	i.traps, i.params, i.opt, i.last = maps.Clone(to.traps), slices.Clone(to.params), to.opt, to.last
	i.jobs = nil
}

// Exited reports whether the last line ended the shell with exit.
func (s *Session) Exited() bool { return s.s.ctl.kind == ctlExit }

// Outside is the writer from outside this package that a stream leads to, or the
// stream itself when it is none of this package's: for a command that wants to
// know whether it writes to the terminal.
func Outside(w io.Writer) io.Writer {
	if d, ok := w.(*desc); ok && d != nil {
		return d.w
	}
	return w
}
