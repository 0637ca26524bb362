package shell

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// call runs a simple command: expansions, then redirections, then the command,
// in the order of POSIX.
func (s *interp) call(c *syntax.CallExpr, redirs []*syntax.Redirect) {
	s.substs = -1
	args := s.fields(c.Args)
	args = s.unalias(c, args)
	if len(args) == 0 {
		s.assignOnly(c, redirs)
		return
	}
	if s.opt.xtrace && s.dialect != bash {
		s.tracing = s.p.fd(2).dup()
		defer func(d *desc) {
			d.release()
			s.tracing = nil
		}(s.tracing)
	}
	undo, keep, ok := s.redirect(redirs)
	if !ok {
		s.last = s.notRedirected()
		if specialBuiltin[args[0]] && !s.inter && s.dialect != bash {
			s.ctl = control{kind: ctlExit}
		}
		return
	}
	if args[0] == "exec" {
		s.exec(c, args, undo, keep)
		return
	}
	defer keep()
	defer undo()
	pre := s.prefix(c.Assigns)
	s.trace(c.Assigns, pre, args)
	s.run(args, pre)
}

// assignOnly is a command without words: the assignments stay.
func (s *interp) assignOnly(c *syntax.CallExpr, redirs []*syntax.Redirect) {
	undo, keep, ok := s.redirect(redirs)
	if !ok {
		s.last = s.notRedirected()
		return
	}
	undo()
	keep()
	for _, a := range c.Assigns {
		v := s.assigned(a)
		if s.opt.xtrace {
			s.p.errf("+ %s=%s\n", a.Name.Value, s.traced(v.String()))
		}
		s.assign(a.Name.Value, v)
	}
	s.last = 0
	if s.substs >= 0 {
		s.last = s.substs
	}
}

func (s *interp) assign(name string, v variable) {
	if err := s.set(name, v); err != nil {
		if s.dialect == bash {
			s.die(1, "%s: readonly variable", name)
		}
		s.die(2, "%v", err)
	}
}

// assigned is the value that a gives its variable.
func (s *interp) assigned(a *syntax.Assign) variable {
	old := s.vars[a.Name.Value]
	if a.Array != nil {
		v := variable{Set: true, IsList: true}
		if a.Append && old.IsList {
			v.List = append(v.List, old.List...)
		}
		for _, e := range a.Array.Elems {
			v.List = append(v.List, s.fields([]*syntax.Word{e.Value})...)
		}
		return v
	}
	text := ""
	if a.Value != nil {
		text = s.assignedText(a.Value)
	}
	if a.Index != nil {
		i := int(s.arithm(a.Index))
		v := variable{Set: true, IsList: true, List: append([]string(nil), old.List...)}
		for len(v.List) <= i && i < 1<<16 {
			v.List = append(v.List, "")
		}
		if i >= 0 && i < len(v.List) {
			v.List[i] = text
		}
		return v
	}
	if a.Append {
		text = old.String() + text
	}
	return str(text)
}

type assignment struct{ name, value string }

// prefix is the values of the assignments that stand before a command.
func (s *interp) prefix(as []*syntax.Assign) []assignment {
	var out []assignment
	for _, a := range as {
		out = append(out, assignment{a.Name.Value, s.assigned(a).String()})
	}
	return out
}

// trace prints a command as set -x does.
func (s *interp) trace(as []*syntax.Assign, pre []assignment, args []string) {
	if !s.opt.xtrace {
		return
	}
	var words []string
	for _, a := range pre {
		words = append(words, a.name+"="+s.traced(a.value))
	}
	for _, a := range args {
		words = append(words, s.traced(a))
	}
	ps4 := "+ "
	if v := s.vars["PS4"]; v.IsSet() {
		ps4 = v.Str
	}
	line := ps4 + strings.Join(words, " ") + "\n"
	if s.tracing != nil { // before the command's own redirections
		io.WriteString(s.tracing, line)
		return
	}
	io.WriteString(s.p.Stderr, line)
}

// traced is a word in the output of set -x; dash does not quote.
func (s *interp) traced(w string) string {
	if s.dialect == dash {
		return w
	}
	if s.dialect == bash && w == "]" {
		return "']'"
	}
	if s.dialect == ash {
		if strings.ContainsFunc(w, func(r rune) bool { return r == '%' || r > 127 }) {
			return quoteSh(w)
		}
		if quoteIf(strings.ReplaceAll(w, "^", "")) == strings.ReplaceAll(w, "^", "") {
			return w
		}
	}
	return quoteIf(w)
}

// quoteIf is a word as set -x prints it: quoted where the shell would need it.
func quoteIf(w string) string {
	if w == "" {
		return ""
	}
	plain := func(r rune) bool {
		return r == '_' || r == '-' || r == '.' || r == '/' || r == ':' || r == ',' || r == '+' || r == '@' || r == '%' || r == ']' ||
			r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r > 127
	}
	if strings.IndexFunc(w, func(r rune) bool { return !plain(r) }) < 0 {
		return w
	}
	return quoteSh(w)
}

// quoteSh is a word in single quotes, as busybox writes them.
func quoteSh(w string) string {
	return "'" + strings.ReplaceAll(w, "'", `'"'"'`) + "'"
}

// run runs words as a command: function, builtin, applet or program.
func (s *interp) run(args []string, pre []assignment) {
	name := args[0]
	special := specialBuiltin[name]
	if body, ok := s.funcs[name]; ok && !special {
		restore := s.temporarily(pre)
		s.frames = append(s.frames, frame{name, s.name})
		s.invoke(body, args[1:])
		s.frames = s.frames[:len(s.frames)-1]
		restore()
		return
	}
	if b, ok := s.lookupBuiltin(name); ok {
		restore := func() {}
		if special && s.dialect != bash {
			for _, a := range pre {
				s.setString(a.name, a.value)
			}
		} else {
			restore = s.temporarily(pre)
		}
		was := s.builtin
		s.builtin = name
		s.p.k.command(s.ctx)
		s.p.sync()
		s.last = b(s, args)
		s.builtin = was
		restore()
		return
	}
	s.last = s.external(args, pre)
}

// temporarily sets variables for one command and gives the way back.
func (s *interp) temporarily(pre []assignment) (restore func()) {
	type saved struct {
		name string
		v    variable
		ok   bool
	}
	var was []saved
	for _, a := range pre {
		v, ok := s.vars[a.name]
		was = append(was, saved{a.name, v, ok})
		n := str(a.value)
		n.Exported = true
		s.assign(a.name, n)
	}
	return func() {
		for i := len(was) - 1; i >= 0; i-- {
			if was[i].ok {
				s.vars[was[i].name] = was[i].v
			} else {
				delete(s.vars, was[i].name)
			}
		}
	}
}

// maxCalls is how deep functions may call each other.
const maxCalls = 500

// invoke calls a function.
func (s *interp) invoke(body *syntax.Stmt, args []string) {
	if len(s.scopes) >= maxCalls {
		s.die(2, "functions call each other more than %d deep", maxCalls)
	}
	params, loops := s.params, s.loops
	s.params, s.loops = args, 0
	s.scopes = append(s.scopes, map[string]variable{})
	defer func() {
		for name, v := range s.scopes[len(s.scopes)-1] {
			if v.Declared() {
				s.vars[name] = v
			} else {
				delete(s.vars, name)
			}
		}
		s.scopes = s.scopes[:len(s.scopes)-1]
		s.params, s.loops = params, loops
	}()
	s.stmt(body)
	if s.ctl.kind == ctlReturn {
		s.ctl = control{}
	}
}

// external runs a program and waits for it.
func (s *interp) external(args []string, pre []assignment) int {
	s.canFork()
	c := s.p.child(args)
	restore := s.temporarily(pre)
	c.Env = s.exports()
	restore()
	prog, err := c.find(args[0])
	if text := new(noExec); errors.As(err, &text) {
		return s.script(c, text.file, args)
	}
	if err != nil {
		return s.notRun(args[0], err)
	}
	s.p.k.died = 0
	status := c.runProgram(s.ctx, prog)
	s.mourn(status)
	return status
}

// mourn prints what a shell prints when a signal ended a process that it waited for.
func (s *interp) mourn(status int) {
	died := s.p.k.died
	if died == 0 || status != 128+died || s.builtin != "" {
		return
	}
	if text, ok := map[int]string{6: "Aborted", 9: "Killed", 11: "Segmentation fault", 15: "Terminated"}[died]; ok {
		if s.dialect == bash && !s.inter {
			text = fmt.Sprintf("%s: line %d: %d %s", s.name, s.line, s.p.k.nextPID, text)
		}
		s.p.errf("%s\n", text)
	}
}

// script runs a file that execve refuses with ENOEXEC: a shell reads it itself.
func (s *interp) script(p *Process, file string, args []string) int {
	text, err := p.readAll(s.ctx, file)
	if err != nil {
		s.msg("%s: %s", args[0], why(err))
		return 126
	}
	c := newInterp(s.ctx, p.clone(), file)
	c.dialect = s.dialect
	c.params = args[1:]
	return c.finish(func() { c.eval(strings.NewReader(text)) })
}

// notRun says why a program was not run, and gives the status: 127 not found,
// 126 found but not to be run.
func (s *interp) notRun(name string, err error) int {
	lack := new(lackError)
	switch {
	case errors.As(err, &lack):
		s.p.lacks(lack.name)
		s.notFound(name)
		return 127
	case isNotFound(err):
		switch {
		case s.dialect == bash && strings.Contains(name, "/"):
			s.msg("%s: No such file or directory", name)
		default:
			s.notFound(name)
		}
		return 127
	}
	text := why(err)
	if isDir(err) {
		text = "Permission denied"
		if s.dialect == bash {
			text = "Is a directory"
		}
	}
	s.msg("%s: %s", name, text)
	return 126
}

func (s *interp) notFound(name string) {
	if s.dialect == bash && s.builtin != "exec" {
		s.msg("%s: command not found", name)
		return
	}
	s.msg("%s: not found", name)
}

// unalias replaces a first word that is an alias.
func (s *interp) unalias(c *syntax.CallExpr, args []string) []string {
	for range 16 {
		if len(args) == 0 || len(s.aliases) == 0 || len(c.Args) == 0 || c.Args[0].Lit() == "" {
			return args
		}
		text, ok := s.aliases[args[0]]
		if !ok {
			return args
		}
		was := args[0]
		var words []*syntax.Word
		for w, err := range syntax.NewParser().WordsSeq(strings.NewReader(text)) {
			if err != nil {
				return args
			}
			words = append(words, w)
		}
		args = append(s.fields(words), args[1:]...)
		if len(args) > 0 && args[0] == was {
			return args
		}
	}
	return args
}

// exec replaces the shell by a program, or keeps the redirections.
func (s *interp) exec(c *syntax.CallExpr, args []string, undo, keep func()) {
	pre := s.prefix(c.Assigns)
	s.trace(c.Assigns, pre, args)
	if len(args) > 1 && args[1] == "--" {
		args = args[1:]
	}
	if len(args) == 1 {
		keep()
		s.p.sync()
		s.last = 0
		return
	}
	s.builtin = "exec"
	was := s.traps
	s.traps = map[string]string{}
	if s.last = s.external(args[1:], pre); s.last == 126 || s.last == 127 {
		s.traps = was // nothing took the shell's place
	}
	s.builtin = ""
	undo()
	keep()
	s.ctl = control{kind: ctlExit}
}
