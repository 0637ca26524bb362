package shell

import (
	"strings"

	"mvdan.cc/sh/v3/expand"
	"mvdan.cc/sh/v3/syntax"
)

// maxArithmDepth bounds variables that name expressions of variables.
const maxArithmDepth = 16

// In $((…)) the shell first replaces $x and $(…) by their text and then reads the
// whole as an expression (POSIX 2.6.4); a name in it stands for its value, which
// may be an expression again. mvdan's evaluator takes each operand for a number.
// settle is w with such texts and values put in their places; w itself when all
// its operands are numbers.
func (s *interp) settle(w *syntax.Word) *syntax.Word {
	if w == nil {
		return nil
	}
	if parts := s.settleParts(w.Parts); parts != nil {
		c := *w
		c.Parts = parts
		return &c
	}
	return w
}

// settleParts is a copy of parts with what changes, nil if nothing does.
func (s *interp) settleParts(parts []syntax.WordPart) []syntax.WordPart {
	var out []syntax.WordPart
	put := func(i int, p syntax.WordPart) {
		if out == nil {
			out = append([]syntax.WordPart(nil), parts...)
		}
		out[i] = p
	}
	for i, part := range parts {
		switch part := part.(type) {
		case *syntax.ArithmExp:
			if x := s.settleArithm(part.X); x != part.X {
				c := *part
				c.X = x
				put(i, &c)
			}
		case *syntax.DblQuoted:
			if inner := s.settleParts(part.Parts); inner != nil {
				c := *part
				c.Parts = inner
				put(i, &c)
			}
		case *syntax.ParamExp:
			if part.Exp != nil && part.Exp.Word != nil {
				if word := s.settle(part.Exp.Word); word != part.Exp.Word {
					c, e := *part, *part.Exp
					e.Word, c.Exp = word, &e
					put(i, &c)
				}
			}
		}
	}
	return out
}

// settleArithm is an expression whose operands are numbers, names of numbers, or
// what mvdan can take for them.
func (s *interp) settleArithm(x syntax.ArithmExpr) syntax.ArithmExpr {
	again := false
	x = mapOperands(x, func(w *syntax.Word) syntax.ArithmExpr {
		text, ok := s.operandText(w)
		if !ok {
			return w
		}
		again = again || !isOperand(text)
		return literalWord(text)
	})
	if again {
		x = s.parseArithm(printArithm(x))
	}
	return s.settleNames(x, 0)
}

// operandText is what an operand expands to, if that matters: not for literals,
// and not for parameters that are numbers.
func (s *interp) operandText(w *syntax.Word) (string, bool) {
	plain := true
	for _, part := range w.Parts {
		switch part := part.(type) {
		case *syntax.Lit:
		case *syntax.ParamExp:
			plain = plain && part.Short && len(w.Parts) == 1 && part.Param != nil && isOperand(environ{s}.Get(part.Param.Value).String())
		default:
			plain = false
		}
	}
	if plain {
		return "", false
	}
	return s.literal(w), true
}

// settleNames puts the expressions that variables hold in place of their names.
func (s *interp) settleNames(x syntax.ArithmExpr, depth int) syntax.ArithmExpr {
	if depth > maxArithmDepth {
		return x
	}
	return mapOperands(x, func(w *syntax.Word) syntax.ArithmExpr {
		name := w.Lit()
		if !syntax.ValidName(name) {
			return w
		}
		v := s.value(name)
		for range maxArithmDepth {
			if !syntax.ValidName(v) {
				break
			}
			v = s.value(v)
		}
		if isOperand(v) {
			return w
		}
		return &syntax.ParenArithm{X: s.settleNames(s.parseArithm(v), depth+1)}
	})
}

func (s *interp) parseArithm(text string) syntax.ArithmExpr {
	var x syntax.ArithmExpr
	w, err := syntax.NewParser().Document(strings.NewReader("$((" + text + "))"))
	ok := err == nil && len(w.Parts) == 1
	if ok {
		var exp *syntax.ArithmExp
		if exp, ok = w.Parts[0].(*syntax.ArithmExp); ok {
			x = exp.X
		}
	}
	if !ok {
		switch s.dialect {
		case bash:
			s.die(1, "%s: syntax error in expression", strings.TrimSpace(text))
		case ash:
			s.die(2, "arithmetic syntax error")
		default:
			s.die(2, "arithmetic expression: expecting primary: %q", text)
		}
	}
	if x == nil {
		return literalWord("0")
	}
	return x
}

// isOperand reports whether text is a number or a name, or nothing.
func isOperand(text string) bool {
	text = strings.TrimLeft(strings.TrimSpace(text), "+-")
	return strings.IndexFunc(text, func(r rune) bool {
		return !(r == '_' || r == '#' || r == '@' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z')
	}) < 0
}

func literalWord(text string) *syntax.Word {
	return &syntax.Word{Parts: []syntax.WordPart{&syntax.Lit{Value: text}}}
}

func printArithm(x syntax.ArithmExpr) string {
	var b strings.Builder
	syntax.NewPrinter().Print(&b, &syntax.Word{Parts: []syntax.WordPart{&syntax.ArithmExp{X: x}}})
	return strings.TrimSuffix(strings.TrimPrefix(b.String(), "$(("), "))")
}

// mapOperands is x with f of each operand in its place; x itself if f changes
// none. What is assigned to is no operand.
func mapOperands(x syntax.ArithmExpr, f func(*syntax.Word) syntax.ArithmExpr) syntax.ArithmExpr {
	switch x := x.(type) {
	case *syntax.Word:
		return f(x)
	case *syntax.ParenArithm:
		if in := mapOperands(x.X, f); in != x.X {
			c := *x
			c.X = in
			return &c
		}
	case *syntax.UnaryArithm:
		if x.Op == syntax.Inc || x.Op == syntax.Dec {
			return x
		}
		if in := mapOperands(x.X, f); in != x.X {
			c := *x
			c.X = in
			return &c
		}
	case *syntax.BinaryArithm:
		left := x.X
		if !assigns(x.Op) {
			left = mapOperands(x.X, f)
		}
		if right := mapOperands(x.Y, f); left != x.X || right != x.Y {
			c := *x
			c.X, c.Y = left, right
			return &c
		}
	}
	return x
}

func assigns(op syntax.BinAritOperator) bool {
	switch op {
	case syntax.Assgn, syntax.AddAssgn, syntax.SubAssgn, syntax.MulAssgn, syntax.QuoAssgn, syntax.RemAssgn,
		syntax.AndAssgn, syntax.OrAssgn, syntax.XorAssgn, syntax.ShlAssgn, syntax.ShrAssgn:
		return true
	}
	return false
}

// arithm is the value of an expression.
func (s *interp) arithm(x syntax.ArithmExpr) int {
	n, err := expand.Arithm(s.config(), s.settleArithm(x))
	if err != nil {
		s.expandError(err)
	}
	return n
}
