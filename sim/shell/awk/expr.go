package awk

// The levels of expressions, from the loosest: ?: || && in ~ comparison
// concatenation additive multiplicative unary ^ increment $ grouping.

func (p *parser) expr() expr {
	defer p.enter()()
	e := p.ternary()
	if p.is("=", "+=", "-=", "*=", "/=", "%=", "^=") && lvalue(e) {
		op := trimOp(p.tok.text)
		p.advance()
		p.optNewlines()
		return assign{op, e, p.expr()}
	}
	return e
}

func (p *parser) ternary() expr {
	c := p.or()
	if !p.accept("?") {
		return c
	}
	p.optNewlines()
	a := p.expr()
	p.optNewlines()
	p.expect(":")
	p.optNewlines()
	return cond{c, a, p.expr()}
}

func (p *parser) or() expr {
	e := p.and()
	for p.accept("||") {
		p.optNewlines()
		e = binary{"||", e, p.and()}
	}
	return e
}

func (p *parser) and() expr {
	e := p.in()
	for p.accept("&&") {
		p.optNewlines()
		e = binary{"&&", e, p.in()}
	}
	return e
}

func (p *parser) in() expr {
	e := p.match()
	for !p.noIn && p.accept("in") {
		if p.tok.kind != tName {
			p.fail()
		}
		keys := []expr{e}
		if g, ok := e.(group); ok {
			keys = g.list
		}
		e = isIn{keys, p.tok.text}
		p.advance()
	}
	return e
}

func (p *parser) match() expr {
	e := p.comparison()
	for p.is("~", "!~") {
		op := p.tok.text
		p.advance()
		e = binary{op, e, p.comparison()}
	}
	return e
}

func (p *parser) comparison() expr {
	e := p.concat(true)
	if p.is("<", "<=", "==", "!=", ">=") || p.is(">") && !p.noGt {
		op := p.tok.text
		p.advance()
		return binary{op, e, p.concat(true)}
	}
	return e
}

// starts reports whether the token can begin an operand of a concatenation.
func (p *parser) starts() bool {
	switch p.tok.kind {
	case tNumber, tString, tName, tFunc, tRegexp:
		return true
	case tKeyword:
		return builtins[p.tok.text] != 0
	}
	return p.is("$", "!", "(", "-", "+", "++", "--")
}

func (p *parser) concat(pipes bool) expr {
	e := p.additive()
	for {
		switch {
		case pipes && p.is("|"):
			save, tok := p.lex, p.tok
			p.advance()
			if !p.accept("getline") {
				p.lex, p.tok = save, tok
				return e
			}
			e = getline{"|", e, p.optLvalue()}
		case p.starts() && !p.is("!", "-", "+") && !(p.noIn && p.is("in")):
			e = binary{" ", e, p.additive()}
		default:
			return e
		}
	}
}

func (p *parser) optLvalue() expr {
	if p.tok.kind == tName || p.is("$") {
		return p.primary()
	}
	return nil
}

func (p *parser) additive() expr {
	e := p.multiplicative()
	for p.is("+", "-") {
		op := p.tok.text
		p.advance()
		e = binary{op, e, p.multiplicative()}
	}
	return e
}

func (p *parser) multiplicative() expr {
	e := p.unary()
	for p.is("*", "/", "%") {
		op := p.tok.text
		p.advance()
		e = binary{op, e, p.unary()}
	}
	return e
}

func (p *parser) unary() expr {
	defer p.enter()()
	if p.is("!", "-", "+") {
		op := p.tok.text
		p.advance()
		return unary{op, p.unary()}
	}
	return p.power()
}

func (p *parser) power() expr {
	e := p.postfix()
	if p.accept("^") {
		return binary{"^", e, p.unaryMinusPower()}
	}
	return e
}

func (p *parser) unaryMinusPower() expr {
	if p.is("-", "+", "!") {
		op := p.tok.text
		p.advance()
		return unary{op, p.unaryMinusPower()}
	}
	return p.power()
}

func (p *parser) postfix() expr {
	e := p.primary()
	if lvalue(e) && p.is("++", "--") {
		by := 1.0
		if p.tok.text == "--" {
			by = -1
		}
		p.advance()
		return step{e, by, true}
	}
	return e
}

func (p *parser) primary() expr {
	t := p.tok
	switch {
	case t.kind == tNumber:
		p.advance()
		return number(t.num)
	case t.kind == tString:
		p.advance()
		return text(t.text)
	case t.kind == tRegexp:
		p.advance()
		return regex(t.text)
	case t.kind == tName:
		p.advance()
		if p.accept("[") {
			return index{t.text, p.list("]")}
		}
		return variable(t.text)
	case t.kind == tFunc:
		p.advance()
		p.expect("(")
		return call{t.text, p.list(")"), t.line}
	case p.is("++", "--"):
		by := 1.0
		if t.text == "--" {
			by = -1
		}
		p.advance()
		lv := p.primary()
		if !lvalue(lv) {
			p.fail()
		}
		return step{lv, by, false}
	case p.accept("$"):
		defer p.enter()()
		if p.is("++", "--", "-", "+") {
			return field{p.unary()}
		}
		return field{p.primary()}
	case p.accept("("):
		list := p.list(")")
		if len(list) == 1 {
			return unary{"(", list[0]}
		}
		return group{list}
	case p.accept("getline"):
		g := getline{lv: p.optLvalue()}
		if p.accept("<") {
			g.kind, g.src = "<", p.postfix()
		}
		return g
	case t.kind == tKeyword && builtins[t.text] != 0:
		p.advance()
		b := builtin{name: t.text}
		if p.accept("(") {
			b.args = p.list(")")
		} else if t.text != "length" && t.text != "rand" && t.text != "srand" && t.text != "systime" {
			p.fail()
		}
		return b
	}
	p.fail()
	return nil
}
