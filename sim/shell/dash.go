package shell

import (
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// asDash makes of what the parser read as bash's grammar what dash reads there:
// plain words, a command in the background, an expansion that fails when its turn
// comes. It returns what dash calls unexpected, "" for nothing, and its line.
func (s *interp) asDash(st *syntax.Stmt) (unexpected string, line uint) {
	refuse := func(what string, at syntax.Pos) bool {
		if unexpected == "" {
			unexpected, line = what, at.Line()
		}
		return false
	}
	syntax.Walk(st, func(n syntax.Node) bool {
		switch n := n.(type) {
		case *syntax.Stmt:
			dashStatement(n)
		case *syntax.CallExpr:
			appendsToWords(n)
		case *syntax.FuncDecl:
			if n.RsrvWord {
				if n.Parens {
					return refuse(`"(" unexpected`, n.Pos())
				}
				return refuse(`"}" unexpected`, n.End())
			}
		case *syntax.BinaryCmd:
			if n.Op == syntax.PipeAll {
				return refuse(`"&" unexpected`, n.OpPos)
			}
		case *syntax.CaseItem:
			if n.Op != syntax.Break {
				return refuse(`"&" unexpected`, n.OpPos)
			}
		case *syntax.ForClause:
			if _, ok := n.Loop.(*syntax.CStyleLoop); ok {
				return refuse("Bad for loop variable", n.Pos())
			}
			if n.Select {
				return refuse(`"do" unexpected`, n.DoPos)
			}
		case *syntax.ArrayExpr, *syntax.ProcSubst, *syntax.ExtGlob:
			return refuse(`"(" unexpected`, n.Pos())
		case *syntax.Redirect:
			_, sub := firstPart(n.Word).(*syntax.ProcSubst)
			if n.Op == syntax.WordHdoc || sub {
				return refuse("redirection unexpected", n.Pos())
			}
		case *syntax.Word:
			n.Parts = dashParts(n.Parts)
		case *syntax.DblQuoted:
			n.Parts = dashParts(n.Parts)
		}
		return unexpected == ""
	})
	return unexpected, line
}

func firstPart(w *syntax.Word) syntax.WordPart {
	if w == nil || len(w.Parts) == 0 {
		return nil
	}
	return w.Parts[0]
}

// dashStatement takes "cmd &> file" for "cmd &" and "> file", and "((…))" for two
// subshells.
func dashStatement(st *syntax.Stmt) {
	for i, r := range st.Redirs {
		op, both := map[syntax.RedirOperator]syntax.RedirOperator{syntax.RdrAll: syntax.RdrOut, syntax.AppAll: syntax.AppOut}[r.Op]
		if !both {
			continue
		}
		first := *st
		first.Redirs, first.Background = st.Redirs[:i:i], true
		rest := *r
		rest.Op = op
		*st = syntax.Stmt{
			Position: st.Position,
			Cmd: &syntax.Block{Lbrace: st.Position, Rbrace: st.Position, Stmts: []*syntax.Stmt{
				&first, {Position: st.Position, Redirs: append([]*syntax.Redirect{&rest}, st.Redirs[i+1:]...)},
			}},
		}
		return
	}
	if a, ok := st.Cmd.(*syntax.ArithmCmd); ok {
		for inner, err := range syntax.NewParser().StmtsSeq(strings.NewReader("( ( " + minified(a.X) + " ) )")) {
			if err == nil {
				st.Cmd = inner.Cmd
			}
		}
	}
}

// appendsToWords makes words of x+=1 and x[0]=1, which dash takes for the name of
// a command, and of the assignments behind them.
func appendsToWords(c *syntax.CallExpr) {
	for i, a := range c.Assigns {
		if !a.Append && a.Index == nil {
			continue
		}
		var words []*syntax.Word
		for _, a := range c.Assigns[i:] {
			words = append(words, assignmentWord(a))
		}
		c.Assigns, c.Args = c.Assigns[:i], append(words, c.Args...)
		return
	}
}

func assignmentWord(a *syntax.Assign) *syntax.Word {
	text := a.Name.Value
	if a.Index != nil {
		text += "[" + minified(a.Index) + "]"
	}
	if a.Append {
		text += "+"
	}
	w := &syntax.Word{Parts: []syntax.WordPart{&syntax.Lit{ValuePos: a.Pos(), ValueEnd: a.Pos(), Value: text + "="}}}
	if a.Value != nil {
		w.Parts = append(w.Parts, a.Value.Parts...)
	}
	return w
}

// dashParts is parts with $'…' and $"…" as a dollar and a quoted text.
func dashParts(parts []syntax.WordPart) []syntax.WordPart {
	var out []syntax.WordPart
	for i, part := range parts {
		var plain syntax.WordPart
		switch part := part.(type) {
		case *syntax.SglQuoted:
			if part.Dollar {
				c := *part
				c.Dollar = false
				plain = &c
			}
		case *syntax.DblQuoted:
			if part.Dollar {
				c := *part
				c.Dollar = false
				plain = &c
			}
		}
		if plain != nil {
			if out == nil {
				out = append(out, parts[:i]...)
			}
			out = append(out, &syntax.Lit{ValuePos: part.Pos(), ValueEnd: part.Pos(), Value: "$"}, plain)
		} else if out != nil {
			out = append(out, part)
		}
	}
	if out == nil {
		return parts
	}
	return out
}

// beyondPOSIX reports an expansion that dash does not have: ${x:1}, ${x/a/b},
// ${x,,}, ${!x}, ${a[0]}.
func beyondPOSIX(e *syntax.ParamExp) bool {
	if e.Exp != nil {
		switch e.Exp.Op {
		case syntax.UpperFirst, syntax.UpperAll, syntax.LowerFirst, syntax.LowerAll, syntax.OtherParamOps:
			return true
		}
	}
	return e.Excl || e.Slice != nil || e.Repl != nil || e.Names != 0 || e.Index != nil
}

// minified is an expression as it was written, without spaces.
func minified(x syntax.ArithmExpr) string {
	var b strings.Builder
	syntax.NewPrinter(syntax.Minify(true)).Print(&b, &syntax.Word{Parts: []syntax.WordPart{&syntax.ArithmExp{X: x}}})
	return strings.TrimSuffix(strings.TrimPrefix(b.String(), "$(("), "))")
}

// dashSyntaxError says in dash's words what the parser found, where they differ
// from busybox's.
func (s *interp) dashSyntaxError(pe syntax.ParseError, script string) {
	text := pe.Text
	if pe.Incomplete || strings.Contains(text, "reached EOF") {
		s.line = strings.Count(script, "\n") + 1
	}
	say := func(what string) { s.die(2, "Syntax error: %s", what) }
	switch {
	case strings.HasSuffix(text, "closing quote \"`\""):
		say("EOF in backquote substitution")
	case strings.Contains(text, "without matching `${`"):
		say("Missing '}'")
	case strings.Contains(text, "negate a command"):
		say(`"!" unexpected`)
	case strings.Contains(text, "invalid var name"):
		lines := strings.Split(script, "\n")
		s.die(2, "export: %s: bad variable name", wordAt(lines, pe.Pos))
	case strings.HasPrefix(text, "`foo(`"):
		say(`word unexpected (expecting ")")`)
	case strings.Contains(text, "for foo"):
		say(`word unexpected (expecting "do")`)
	}
}

// wordAt is the name that stands at a place of a script.
func wordAt(lines []string, at syntax.Pos) string {
	n, c := int(at.Line())-1, int(at.Col())-1
	if n < 0 || n >= len(lines) || c < 0 || c > len(lines[n]) {
		return ""
	}
	w, _, _ := strings.Cut(strings.Fields(lines[n][c:] + " ")[0], "=")
	return w
}
