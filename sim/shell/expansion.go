package shell

import (
	"errors"
	"io"
	"io/fs"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"unicode/utf8"

	"mvdan.cc/sh/v3/expand"
	"mvdan.cc/sh/v3/syntax"

	"github.com/layerlab/layerlab/sim/overlay"
)

// config is how mvdan's expansions see this shell.
func (s *interp) config() *expand.Config {
	c := &expand.Config{
		Env:     environ{s},
		NoUnset: s.opt.nounset,
		CmdSubst: func(w io.Writer, cs *syntax.CmdSubst) error {
			s.substitute(w, cs)
			return nil
		},
		ProcSubst: s.procSubst,
	}
	if !s.opt.noglob {
		c.ReadDir2 = s.globDir
	}
	return c
}

// substitute runs a command substitution; what it prints goes to w.
func (s *interp) substitute(w io.Writer, cs *syntax.CmdSubst) {
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
func (s *interp) procSubst(ps *syntax.ProcSubst) (string, error) {
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
	return "/dev/fd/" + strconv.Itoa(fd), nil
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

// globDir lists a directory for pathname expansion. Directories that cannot be
// read match nothing.
func (s *interp) globDir(name string) ([]fs.DirEntry, error) {
	s.p.k.turn(s.ctx)
	list, err := s.p.readDir(name)
	switch {
	case err == nil:
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ENOTDIR):
		return nil, err
	default:
		return nil, nil
	}
	out := make([]fs.DirEntry, 0, len(list)+2)
	if s.hidden && s.dialect != bash { // .* matches them too
		for _, dot := range []string{".", ".."} {
			if st, err := s.p.stat(name + "/" + dot); err == nil {
				out = append(out, dirEntry{overlay.DirEntry{Name: dot, Stat: st}})
			}
		}
	}
	for _, e := range list {
		if s.hidden || e.Name[0] != '.' {
			out = append(out, dirEntry{e})
		}
	}
	return out, nil
}

// mayStartWithDot reports whether the word as a pattern may have a part that
// begins with a dot. Only such a part matches hidden names (POSIX 2.13.3); the
// library lets a first ? or [ match them too.
func mayStartWithDot(w *syntax.Word) bool {
	return slices.ContainsFunc(w.Parts, func(part syntax.WordPart) bool {
		lit, ok := part.(*syntax.Lit)
		return !ok || strings.HasPrefix(lit.Value, ".") || strings.Contains(lit.Value, "/.")
	})
}

type dirEntry struct{ e overlay.DirEntry }

func (d dirEntry) Name() string               { return d.e.Name }
func (d dirEntry) IsDir() bool                { return d.e.Stat.IsDir() }
func (d dirEntry) Type() fs.FileMode          { return d.e.Stat.FileInfo().Mode().Type() }
func (d dirEntry) Info() (fs.FileInfo, error) { return d.e.Stat.FileInfo(), nil }

// fields expands words to fields: all expansions, splitting and globbing.
func (s *interp) fields(words []*syntax.Word) []string {
	if s.dialect != bash {
		for i, w := range words {
			if p := withoutBraces(w); p != w {
				if i == 0 {
					words = append([]*syntax.Word(nil), words...)
				}
				words[i] = p
			}
		}
	}
	settled := words
	for i, w := range words {
		if p := s.settle(w); p != w {
			if &settled[0] == &words[0] {
				settled = append([]*syntax.Word(nil), words...)
			}
			settled[i] = p
		}
	}
	var out []string
	for _, w := range settled {
		s.hidden = mayStartWithDot(w)
		fields, err := expand.Fields(s.config(), w)
		if err != nil {
			s.expandError(err)
		}
		out = append(out, fields...)
	}
	return out
}

// withoutBraces is w with its unquoted braces quoted: a shell that is not bash
// leaves {a,b} alone.
func withoutBraces(w *syntax.Word) *syntax.Word {
	out := w
	for i, part := range w.Parts {
		lit, ok := part.(*syntax.Lit)
		if !ok || !strings.Contains(lit.Value, "{") {
			continue
		}
		if out == w {
			c := *w
			c.Parts = append([]syntax.WordPart(nil), w.Parts...)
			out = &c
		}
		l := *lit
		l.Value = quoteBraces(lit.Value)
		out.Parts[i] = &l
	}
	return out
}

func quoteBraces(v string) string {
	var b strings.Builder
	for i := 0; i < len(v); i++ {
		if v[i] == '\\' && i+1 < len(v) {
			b.WriteByte(v[i])
			i++
		} else if v[i] == '{' {
			b.WriteByte('\\')
		}
		b.WriteByte(v[i])
	}
	return b.String()
}

// literal expands a word to one string, as in an assignment.
func (s *interp) literal(w *syntax.Word) string {
	return s.raw(withoutEscapes(w))
}

// raw is literal with its backslashes, as the right side of =~ needs them.
func (s *interp) raw(w *syntax.Word) string {
	out, err := expand.Literal(s.config(), s.settle(w))
	if err != nil {
		s.expandError(err)
	}
	return out
}

// withoutEscapes is w with what a backslash quotes in quotes: the library takes
// the backslashes of a literal as they are.
func withoutEscapes(w *syntax.Word) *syntax.Word {
	if w == nil {
		return nil
	}
	var parts []syntax.WordPart
	for i, part := range w.Parts {
		lit, ok := part.(*syntax.Lit)
		if !ok || !strings.Contains(lit.Value, `\`) {
			if parts != nil {
				parts = append(parts, part)
			}
			continue
		}
		if parts == nil {
			parts = append([]syntax.WordPart{}, w.Parts[:i]...)
		}
		rest := lit.Value
		for {
			plain, quoted, found := strings.Cut(rest, `\`)
			if plain != "" {
				parts = append(parts, &syntax.Lit{Value: plain})
			}
			if !found {
				break
			}
			if quoted == "" {
				parts = append(parts, &syntax.SglQuoted{Value: `\`})
				break
			}
			_, n := utf8.DecodeRuneInString(quoted)
			if quoted[:n] != "\n" { // an escaped line end is no character
				parts = append(parts, &syntax.SglQuoted{Value: quoted[:n]})
			}
			rest = quoted[n:]
		}
	}
	if parts == nil {
		return w
	}
	c := *w
	c.Parts = parts
	return &c
}

// pattern expands a word to a pattern in which what was quoted is quoted.
func (s *interp) pattern(w *syntax.Word) string {
	out, err := expand.Pattern(s.config(), s.settle(w))
	if err != nil {
		s.expandError(err)
	}
	return out
}

// expandError says what is wrong with an expansion and ends the shell.
func (s *interp) expandError(err error) {
	var unset expand.UnsetParameterError
	if errors.As(err, &unset) {
		name, text := unset.Node.Param.Value, unset.Message
		colon := unset.Node.Exp != nil && unset.Node.Exp.Op == syntax.ErrorUnsetOrNull
		switch {
		case text == "unbound variable" && s.dialect != bash:
			text = "parameter not set"
		case text == "" && colon:
			text = "parameter not set or null"
			if s.dialect == bash {
				text = "parameter null or not set"
			}
		case text == "":
			text = "parameter not set"
		}
		status := 2
		if s.dialect == bash {
			status = 127
		}
		s.die(status, "%s: %s", name, text)
	}
	text := err.Error()
	if s.dialect == ash {
		text = strings.Replace(text, "division by zero", "divide by zero", 1)
	} else if s.dialect == bash {
		text = strings.Replace(text, "division by zero", "division by 0", 1)
	} else {
		text = strings.Replace(text, "division by zero", "arithmetic expression: division by zero", 1)
	}
	status := 2
	if s.dialect == bash {
		status = 1
	}
	s.die(status, "%s", text)
}

// compiled is the compiled form of an expression known to be right.
func compiled(expr string) *regexp.Regexp { return regexp.MustCompile(expr) }
