package shell

import (
	"errors"
	"fmt"
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// refuseBashisms ends a shell that is not bash at grammar that only bash has.
func (s *interp) refuseBashisms(st *syntax.Stmt) {
	bad := ""
	s.line = int(st.Pos().Line())
	if s.dialect == dash {
		if bad, line := s.asDash(st); bad != "" {
			s.line = int(line)
			s.die(2, "Syntax error: %s", bad)
		}
		return
	}
	syntax.Walk(st, func(n syntax.Node) bool {
		switch n := n.(type) {
		case *syntax.ArrayExpr, *syntax.ArithmCmd:
			bad = `"("`
		case *syntax.CStyleLoop:
			bad = `"("`
		case *syntax.Redirect:
			if n.Op == syntax.WordHdoc {
				bad = "redirection"
			}
		}
		return bad == ""
	})
	if bad != "" {
		s.unexpected(bad)
	}
}

func (s *interp) unexpected(what string) {
	switch s.dialect {
	case dash:
		s.die(2, "Syntax error: %s unexpected", what)
	default:
		s.die(2, "syntax error: unexpected %s", what)
	}
}

// syntaxError says what the parser found in the words of the shell that is
// played, and ends it.
func (s *interp) syntaxError(err error, script string) {
	var pe syntax.ParseError
	if !errors.As(err, &pe) {
		s.die(2, "syntax error: %v", err)
	}
	s.line = int(pe.Pos.Line())
	if s.dialect == bash {
		s.bashSyntaxError(pe, script)
	}
	if s.dialect == dash {
		s.dashSyntaxError(pe, script)
	}
	text := pe.Text
	switch {
	case strings.Contains(text, "without closing quote"), strings.Contains(text, "quote `") && pe.Incomplete:
		if s.dialect == dash {
			s.die(2, "Syntax error: Unterminated quoted string")
		}
		s.die(2, "syntax error: unterminated quoted string")
	case pe.Incomplete || strings.Contains(text, "reached EOF"):
		expecting := ""
		if strings.Contains(text, "must be followed by") {
			for w, next := range map[string]string{"if": "then", "elif": "then", "while": "do", "until": "do", "then": "fi", "else": "fi", "do": "done"} {
				if firstQuoted(text) == w && !strings.Contains(text, "\""+next+"\"") {
					text = "`" + next + "`"
					break
				}
			}
		}
		for _, w := range []string{"then", "do", "done", "fi", "esac", "in"} {
			if strings.Contains(text, "\""+w+"\"") || strings.Contains(text, "`"+w+"`") {
				text = "`" + w + "`"
			}
		}
		if i := strings.LastIndex(text, "\""); i > 0 {
			if j := strings.LastIndex(text[:i], "\""); j >= 0 {
				expecting = " (expecting " + text[j:i+1] + ")"
			}
		} else if i := strings.LastIndex(text, "`"); i > 0 {
			if j := strings.LastIndex(text[:i], "`"); j >= 0 {
				expecting = " (expecting \"" + text[j+1:i] + "\")"
			}
		}
		if s.dialect == dash {
			s.die(2, "Syntax error: end of file unexpected%s", expecting)
		}
		s.die(2, "syntax error: unexpected end of file%s", expecting)
	}
	if strings.Contains(text, "case patterns must") || strings.Contains(text, "must be followed by )") || strings.Contains(text, "must be followed by `)`") {
		if s.dialect == ash {
			s.die(2, "syntax error: unexpected word (expecting \")\")")
		}
		s.die(2, "Syntax error: word unexpected (expecting \")\")")
	}
	if s.dialect == ash && strings.Contains(text, "case x") {
		s.die(2, "syntax error: unexpected word (expecting \"in\")")
	}
	if q := firstQuoted(text); q != "" {
		s.unexpected("\"" + q + "\"")
	}
	s.die(2, "syntax error: %s", text)
}

// bashSyntaxError says it as bash does, which names the script's source and
// shows the line.
func (s *interp) bashSyntaxError(pe syntax.ParseError, script string) {
	lines := strings.Split(strings.TrimSuffix(script, "\n"), "\n")
	name := s.name + ": "
	at := func(n int) string {
		if s.inter {
			return name
		}
		if s.source == "-c" {
			return fmt.Sprintf("%s-c: line %d: ", name, n)
		}
		return fmt.Sprintf("%sline %d: ", name, n)
	}
	n := int(pe.Pos.Line())
	switch {
	case strings.Contains(pe.Text, "without closing quote"):
		s.p.errf("%sunexpected EOF while looking for matching `%s'\n", at(n), firstQuoted(pe.Text))
	case pe.Incomplete || strings.Contains(pe.Text, "reached EOF") || strings.Contains(pe.Text, "must end with"):
		s.p.errf("%ssyntax error: unexpected end of file\n", at(len(lines)+1))
	default:
		token := firstQuoted(pe.Text)
		if i := strings.Index(pe.Text, "encountered "); i >= 0 {
			token = firstQuoted(pe.Text[i:])
		}
		s.p.errf("%ssyntax error near unexpected token `%s'\n", at(n), orName(token, "newline"))
		if !s.inter && n > 0 && n <= len(lines) {
			s.p.errf("%s`%s'\n", at(n), lines[n-1])
		}
	}
	s.last = 2
	panic(fatal{2})
}

// firstQuoted is the first word in quotes of any kind.
func firstQuoted(text string) string {
	i := strings.IndexAny(text, "\"`'")
	if i < 0 {
		return ""
	}
	if j := strings.IndexByte(text[i+1:], text[i]); j >= 0 {
		return text[i+1 : i+1+j]
	}
	return ""
}
