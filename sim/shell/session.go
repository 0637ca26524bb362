package shell

import (
	"context"
	"errors"
	"io"
	"path"
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/layerlab/layerlab/sim/tree"
)

// A Session is the shell of a terminal: directory, variables, functions and $?
// stay from line to line.
type Session struct {
	p *Process
	s *interp
}

// NewSession is a session with the directory, environment and streams of p. The
// streams may be changed before each line with [Session.Streams].
func NewSession(p *Process) *Session {
	c := p.prepare(context.Background())
	name := "sh"
	if c.Host {
		name = "bash"
	}
	s := newInterp(context.Background(), c, name)
	if c.Host {
		s.setDialect(bash)
	} else if len(c.Args) > 0 {
		s.become(c.Args[0])
	}
	s.inter = true
	return &Session{c, s}
}

// become takes the dialect and the name of the shell program file of a container.
func (s *interp) become(file string) {
	s.name = path.Base(file)
	prog, err := s.p.find(file)
	if err != nil {
		return
	}
	s.p.busybox, s.p.standalone, s.p.path = prog.busybox, prog.standalone, prog.path
	s.setDialect(dialectOf(s.p))
}

// Process is the process whose fields the next line uses: FS, Now, Extra and the
// like may be set between lines.
func (s *Session) Process() *Process { return s.s.p }

// Dir is the current directory.
func (s *Session) Dir() string { return s.s.p.Dir }

// SetDir changes the current directory without a look whether it is there.
func (s *Session) SetDir(dir string) {
	s.s.p.Dir = dir
	s.s.vars["PWD"] = str(dir)
}

// Status is $?, the exit status of the last line.
func (s *Session) Status() int { return s.s.last }

// Incomplete reports whether line needs more lines after it: an open quote, if
// without fi, a here-document.
func (s *Session) Incomplete(line string) bool {
	_, err := syntax.NewParser().Parse(strings.NewReader(line+"\n"), "")
	// The parser calls a here-document without its end incomplete only where its
	// word is not quoted.
	var at syntax.ParseError
	hdoc := errors.As(err, &at) && strings.HasPrefix(at.Text, "unclosed here-document")
	return hdoc || syntax.IsIncomplete(err) || strings.HasSuffix(line, "\\") && !strings.HasSuffix(line, "\\\\")
}

// Run runs one line, or several, and returns the exit status. The line may end
// the session's shell with exit: the next line then starts in the same state.
// When ctx ends, everything that the line started is ended and 130 returned.
func (s *Session) Run(ctx context.Context, line string) (exit int) {
	sh := s.s
	k := sh.p.k
	k.used, k.dying, k.err, k.ctx, k.depth = Budget{}, false, nil, ctx, 0
	k.budget, k.pause = newKernel(sh.p.Budget, nil).budget, sh.p.Pause
	sh.adopt()
	sh.ctx, sh.ctl, sh.line, sh.loops, sh.nested, sh.quiet, sh.builtin = ctx, control{}, 0, 0, 0, 0, ""
	sh.scopes = nil
	exit, err := k.whole(sh.p, func() int {
		sh.guard(func() { sh.eval(strings.NewReader(line + "\n")) })
		k.drain()
		return sh.last
	})
	var over *BudgetError
	switch {
	case errors.As(err, &over):
	case err != nil:
		exit = 130
	}
	sh.last = exit
	sh.jobs = slices.DeleteFunc(sh.jobs, func(j *job) bool { return j.task.done })
	return exit
}

// adopt takes streams that were set on the process since the last line.
func (s *interp) adopt() {
	p := s.p
	for n, stream := range []any{p.Stdin, p.Stdout, p.Stderr} {
		if d, ok := stream.(*desc); ok && d == p.fd(n) {
			continue
		}
		p.fds[n].release()
		r, _ := stream.(io.Reader)
		w, _ := stream.(io.Writer)
		switch {
		case stream == nil:
			p.fds[n] = extern(p.k, "/dev/null", eof{}, io.Discard)
		case n == 0:
			p.fds[n] = extern(p.k, "stdin", r, nil)
		default:
			p.fds[n] = extern(p.k, "stdout", nil, w)
		}
	}
	p.sync()
}

// maxCompletions is how many names Complete gives at most.
const maxCompletions = 200

// Complete gives what the last word of line could become, sorted: commands when
// it is the first word, else paths; directories end in "/".
func (s *Session) Complete(line string) []string {
	start := strings.LastIndexAny(line, " \t|;&<>(='\"") + 1
	word := line[start:]
	before := strings.TrimRight(line[:start], " \t")
	first := before == "" || strings.ContainsRune("|;&(", rune(before[len(before)-1]))
	var out []string
	if first && !strings.Contains(word, "/") {
		out = s.commandNames(word)
	} else {
		out = s.pathNames(word)
	}
	slices.Sort(out)
	out = slices.Compact(out)
	return out[:min(len(out), maxCompletions)]
}

func (s *Session) commandNames(prefix string) []string {
	var out []string
	add := func(name string) {
		if strings.HasPrefix(name, prefix) && name != "[" && name != "[[" {
			out = append(out, name)
		}
	}
	for name := range s.s.p.Extra {
		add(name)
	}
	for name := range builtins {
		if _, ok := s.s.lookupBuiltin(name); ok {
			add(name)
		}
	}
	for name := range s.s.funcs {
		add(name)
	}
	if s.s.p.Host {
		for name := range commands {
			add(name)
		}
	}
	for dir := range strings.SplitSeq(s.s.value("PATH"), ":") {
		list, err := s.s.p.readDir(dir)
		if err != nil {
			continue
		}
		for _, e := range list {
			add(e.Name)
		}
	}
	return out
}

func (s *Session) pathNames(word string) []string {
	dir, prefix := path.Split(word)
	look := dir
	if look == "" {
		look = "."
	}
	if rest, ok := strings.CutPrefix(look, "~/"); ok {
		look = s.s.value("HOME") + "/" + rest
	}
	list, err := s.s.p.readDir(look)
	if err != nil {
		return nil
	}
	var out []string
	for _, e := range list {
		if !strings.HasPrefix(e.Name, prefix) || prefix == "" && e.Name[0] == '.' {
			continue
		}
		name := dir + e.Name
		st := e.Stat
		if st.Type() == tree.Symlink {
			if to, err := s.s.p.stat(look + "/" + e.Name); err == nil {
				st = to
			}
		}
		if st.IsDir() {
			name += "/"
		}
		out = append(out, name)
	}
	return out
}
