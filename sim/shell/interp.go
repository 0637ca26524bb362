package shell

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// A dialect is which shell this is: they differ in what they call their errors.
type dialect int

const (
	ash  dialect = iota // busybox
	dash                // Debian's and Ubuntu's /bin/sh
	bash
)

// An interp is one shell process. The grammar and the expansions are those of
// mvdan.cc/sh (packages syntax and expand); running is done here, because every
// file, process, message and exit status has to be the container's.
type interp struct {
	p       *Process // its own: directory, files
	ctx     context.Context
	dialect dialect
	name    string // $0 and the prefix of its messages
	source  string // "-c" for bash's messages, else ""
	named   bool   // $0 was given: busybox then tells the line
	base    int    // added to line numbers
	params  []string
	vars    map[string]variable
	scopes  []map[string]variable // what local hides, by function call
	funcs   map[string]*syntax.Stmt
	aliases map[string]string
	traps   map[string]string
	opt     options
	jobs    []*job
	last    int // $?
	substs  int // status of the last command substitution, -1: none in this command
	line    int
	builtin string // name of the running builtin, for messages
	loops   int
	nested  int // how deep eval, . and traps are in each other
	quiet   int // >0: set -e does not apply
	ctl     control
	optind  int // where in the word getopts is
	inTrap  bool
	frames  []frame // functions and sourced files that run, the innermost last
	inter   bool    // lines come one by one from a person
	pidVar  int     // $$, which subshells keep
	tracing *desc   // where set -x prints while a command is redirected
	procFds []int   // of process substitutions in the running command
}

type options struct {
	errexit, nounset, xtrace, noglob, verbose, noclobber, allexport, noexec, pipefail bool
}

type controlKind int

const (
	goOn controlKind = iota
	ctlBreak
	ctlContinue
	ctlReturn
	ctlExit
)

// A control is a jump on its way out through the statements.
type control struct {
	kind controlKind
	n    int // loops still to leave
}

type job struct {
	pid  int
	task *task
}

// fatal is the end of a shell that is not interactive, after its message.
type fatal struct{ status int }

func newInterp(ctx context.Context, p *Process, name string) *interp {
	s := &interp{
		p: p, ctx: ctx, name: name, substs: -1, pidVar: p.PID,
		vars: map[string]variable{}, funcs: map[string]*syntax.Stmt{},
		aliases: map[string]string{}, traps: map[string]string{},
	}
	for _, kv := range p.Env {
		if k, v, ok := strings.Cut(kv, "="); ok && validName(k) {
			s.vars[k] = variable{Set: true, Exported: true, Str: v}
		}
	}
	if _, ok := s.vars["PATH"]; !ok {
		s.vars["PATH"] = str("/sbin:/usr/sbin:/bin:/usr/bin")
		if s.dialect != ash {
			s.vars["PATH"] = str("/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin")
		}
	}
	s.vars["OPTIND"] = str("1")
	pwd := str(p.Dir)
	pwd.Exported = true
	s.vars["PWD"] = pwd
	return s
}

// setDialect says which shell this is. ash and bash count how deep they are in
// SHLVL.
func (s *interp) setDialect(d dialect) {
	s.dialect = d
	if d == dash {
		return
	}
	level, _ := strconv.Atoi(s.value("SHLVL"))
	v := str(strconv.Itoa(level + 1))
	v.Exported = true
	s.vars["SHLVL"] = v
}

func str(v string) variable {
	return variable{Set: true, Str: v}
}

func validName(s string) bool { return syntax.ValidName(s) }

// fork is a subshell: a copy that changes nothing of s.
func (s *interp) fork() *interp {
	c := *s
	c.p = s.p.clone()
	c.vars = maps.Clone(s.vars)
	c.funcs = maps.Clone(s.funcs)
	c.aliases = maps.Clone(s.aliases)
	c.params = slices.Clone(s.params)
	c.scopes = nil
	for _, sc := range s.scopes {
		c.scopes = append(c.scopes, maps.Clone(sc))
	}
	c.traps = map[string]string{}
	c.jobs = nil
	c.procFds = nil
	c.inter = false
	c.ctl = control{}
	c.substs = -1
	return &c
}

// sub runs f in a subshell and returns its status; the files of the subshell
// are closed when it ends.
func (s *interp) sub(f func(*interp)) (status int) {
	c := s.fork()
	return c.finish(func() { f(c) })
}

// finish runs f as the whole life of the shell: EXIT trap and closing included.
func (s *interp) finish(f func()) (status int) {
	defer s.p.closeAll()
	return s.p.k.survive(func() int {
		s.guard(f)
		s.exitTrap()
		return s.last
	})
}

// guard runs f and catches the end of the shell inside it.
func (s *interp) guard(f func()) {
	defer func() {
		if r := recover(); r != nil {
			end, ok := r.(fatal)
			if !ok {
				panic(r)
			}
			s.last = end.status
			s.ctl = control{kind: ctlExit}
			if s.inter {
				s.ctl = control{} // a person goes on with the next line
			}
		}
	}()
	f()
}

func (s *interp) exitTrap() {
	body, ok := s.traps["EXIT"]
	if !ok || body == "" || s.inTrap {
		return
	}
	status := s.last
	s.inTrap = true
	delete(s.traps, "EXIT")
	s.ctl = control{}
	s.guard(func() { s.eval(strings.NewReader(body)) })
	if s.ctl.kind != ctlExit {
		s.last = status
	}
}

// eval parses and runs a script line by line: what stands on lines before a
// syntax error still runs, what stands on its line does not.
func (s *interp) eval(r io.Reader) {
	if s.nested >= maxCalls {
		s.die(2, "scripts run each other more than %d deep", maxCalls)
	}
	s.nested++
	defer func() { s.nested-- }()
	text, err := s.p.hold(r, maxScript)
	if err != nil {
		s.die(2, "%s", why(err))
	}
	var line []*syntax.Stmt
	flush := func() {
		for _, st := range line {
			if s.ctl.kind == goOn && !s.opt.noexec {
				s.stmt(st)
			}
		}
		line = line[:0]
	}
	for st, err := range syntax.NewParser().StmtsSeq(strings.NewReader(hideQuotes(string(text)))) {
		if err != nil {
			if len(line) > 0 && line[len(line)-1].End().Line() < errorLine(err) {
				flush()
			}
			if s.ctl.kind == goOn {
				s.syntaxError(err, string(text))
			}
			return
		}
		if len(line) > 0 && st.Pos().Line() > line[len(line)-1].End().Line() {
			if flush(); s.ctl.kind != goOn {
				return
			}
		}
		if s.dialect != bash {
			s.refuseBashisms(st)
		}
		line = append(line, st)
	}
	flush()
}

func errorLine(err error) uint {
	var pe syntax.ParseError
	errors.As(err, &pe)
	return pe.Pos.Line()
}

// msg prints an error of the shell itself, in its dialect.
func (s *interp) msg(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	w := s.p.Stderr
	line := s.line + s.base
	switch {
	case s.inter:
		fmt.Fprintf(w, "%s: %s%s\n", s.name, s.builtinPrefix(), text)
	case s.dialect == bash:
		fmt.Fprintf(w, "%s: line %d: %s%s\n", s.name, line, s.builtinPrefix(), text)
	case s.dialect == dash:
		fmt.Fprintf(w, "%s: %d: %s%s\n", s.name, line, s.builtinPrefix(), text)
	case s.builtin != "":
		fmt.Fprintf(w, "%s: %s: line %d: %s\n", s.name, s.builtin, line-s.dashC(), text)
	case s.named:
		fmt.Fprintf(w, "%s: line %d: %s\n", s.name, line-s.dashC(), text)
	default:
		fmt.Fprintf(w, "%s: %s\n", s.name, text)
	}
}

// dashC is 1 when the script came with -c: busybox then counts lines from 0.
func (s *interp) dashC() int {
	if s.source == "-c" {
		return 1
	}
	return 0
}

func (s *interp) builtinPrefix() string {
	if s.builtin == "" {
		return ""
	}
	return s.builtin + ": "
}

// die prints an error that ends a shell which is not interactive.
func (s *interp) die(status int, format string, args ...any) {
	s.msg(format, args...)
	s.last = status
	panic(fatal{status})
}
