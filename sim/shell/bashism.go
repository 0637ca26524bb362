package shell

import (
	"errors"
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// refuseBashisms ends a shell that is not bash at grammar that only bash has.
func (s *interp) refuseBashisms(st *syntax.Stmt) {
	bad := ""
	syntax.Walk(st, func(n syntax.Node) bool {
		switch n := n.(type) {
		case *syntax.ArrayExpr, *syntax.ArithmCmd:
			bad = `"("`
		case *syntax.CStyleLoop:
			bad = `"("`
		case *syntax.ProcSubst:
			if s.dialect == dash {
				bad = `"("`
			}
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
func (s *interp) syntaxError(err error) {
	var pe syntax.ParseError
	if !errors.As(err, &pe) {
		s.die(2, "syntax error: %v", err)
	}
	s.line = int(pe.Pos.Line())
	if s.dialect == bash {
		s.die(2, "syntax error: %s", pe.Text)
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
	if q := firstQuoted(text); q != "" {
		s.unexpected("\"" + q + "\"")
	}
	s.die(2, "syntax error: %s", text)
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
