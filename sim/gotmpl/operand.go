package gotmpl

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// pipeline reads "$x := command | command" and the end, "}}" or ")".
func (p *parser) pipeline(context string, end tokenKind) *node {
	n := &node{kind: nPipe, pos: p.skip().pos}
	p.declarations(n, context)
	for {
		switch t := p.skip(); {
		case t.kind == end && (end == tokRight || t.text == ")"):
			p.next()
			if len(n.kids) == 0 {
				p.fail("missing value for %s", context)
			}
			for i, c := range n.kids[1:] {
				switch w := c.kids[0]; w.kind {
				case nBool, nNumber, nString, nWord:
					p.fail("non executable command in pipeline stage %d", i+2)
				}
			}
			return n
		case t.kind >= tokField && (t.kind != tokWord || t.text == "." || t.text == "nil"), t.is(tokMark, "("):
			n.kids = append(n.kids, p.command())
		default:
			p.next()
			p.unexpected(t, context)
		}
	}
}

// declarations reads "$x :=", "$x =", and in a range "$i, $x :=".
func (p *parser) declarations(n *node, context string) {
	for p.skip().kind == tokVar {
		at := p.i
		v := p.next()
		switch t := p.skip(); {
		case t.is(tokMark, ":="), t.is(tokMark, "="):
			n.assign = t.text == "="
			p.next()
			p.declare(n, v)
			return
		case t.is(tokMark, ","):
			p.next()
			p.declare(n, v)
			if context != "range" || len(n.decl) > 1 {
				p.fail("too many declarations in %s", context)
			}
			if t := p.skip(); t.kind != tokVar && t.kind != tokRight && !t.is(tokMark, ")") {
				p.fail("range can only initialize variables")
			}
		default:
			p.i = at
			return
		}
	}
}

func (p *parser) declare(n *node, v token) {
	n.decl = append(n.decl, &node{kind: nVar, pos: v.pos, names: []string{v.text}})
	p.vars = append(p.vars, v.text)
}

// command reads words up to a "|", which it passes, or the pipeline's end.
func (p *parser) command() *node {
	n := &node{kind: nCommand, pos: p.skip().pos}
	for {
		p.skip()
		if w := p.operand(); w != nil {
			n.kids = append(n.kids, w)
		}
		switch t := p.peek(); {
		case t.kind == tokSpace:
			p.next()
			continue
		case t.is(tokMark, "|"):
			p.next()
		case t.kind == tokRight, t.is(tokMark, ")"):
		default:
			p.unexpected(t, "operand")
		}
		if len(n.kids) == 0 {
			p.fail("empty command")
		}
		return n
	}
}

// operand reads a word and the fields that follow it at once; nil when there is
// none.
func (p *parser) operand() *node {
	n := p.term()
	if n == nil || p.peek().kind != tokField {
		return n
	}
	pos := p.peek().pos
	var names []string
	for p.peek().kind == tokField {
		names = append(names, p.next().text[1:])
	}
	switch n.kind {
	case nField, nVar:
		n.pos, n.names = pos, append(n.names, names...)
		return n
	case nBool, nNumber, nString, nWord:
		p.fail("unexpected . after term %q", n)
	}
	return &node{kind: nChain, pos: pos, names: names, kids: []*node{n}}
}

func (p *parser) term() *node {
	t := p.skip()
	n := &node{pos: t.pos, text: t.text}
	switch {
	case t.is(tokMark, "("):
		p.next()
		if p.parens++; p.parens > maxDepth {
			p.fail("max expression depth exceeded")
		}
		n = p.pipeline("parenthesized pipeline", tokMark)
		p.parens--
		return n
	case t.kind == tokName:
		if n.kind = nFunc; p.t.funcs[t.text] == nil && builtins[t.text] == nil {
			p.fail("function %q not defined", t.text)
		}
	case t.is(tokWord, "."), t.is(tokWord, "nil"):
		n.kind = nWord
	case t.kind == tokVar:
		if n.kind, n.names = nVar, []string{t.text}; !slices.Contains(p.vars, t.text) {
			p.fail("undefined variable %q", t.text)
		}
	case t.kind == tokField:
		n.kind, n.names = nField, []string{t.text[1:]}
	case t.kind == tokBool:
		n.kind = nBool
	case t.kind == tokString:
		n.kind, n.value = nString, p.unquote(t)
	case t.kind == tokNumber, t.kind == tokRune, t.kind == tokComplex:
		num, err := readNumber(t)
		if err != nil {
			p.fail("%w", err)
		}
		n.kind, n.num = nNumber, num
	default:
		return nil
	}
	p.next()
	return n
}

// readNumber reads a number or a character into all types that can hold it.
func readNumber(t token) (*number, error) {
	n := &number{}
	if t.kind == tokRune {
		r, _, tail, err := strconv.UnquoteChar(t.text[1:], '\'')
		if err == nil && tail != "'" {
			err = fmt.Errorf("malformed character constant: %s", t.text)
		}
		return &number{int64(r), uint64(r), float64(r), true, true, true}, err
	}
	if t.kind == tokComplex || strings.HasSuffix(t.text, "i") {
		return nil, fmt.Errorf("complex numbers are not read here: %q", t.text)
	}
	var err error
	n.u, err = strconv.ParseUint(t.text, 0, 64)
	n.isUint = err == nil
	n.i, err = strconv.ParseInt(t.text, 0, 64)
	n.isInt = err == nil
	n.isUint = n.isUint || n.isInt && n.i == 0 // -0
	switch {
	case n.isInt:
		n.f, n.isFloat = float64(n.i), true
		return n, nil
	case n.isUint:
		n.f, n.isFloat = float64(n.u), true
		return n, nil
	}
	if n.f, err = strconv.ParseFloat(t.text, 64); err != nil {
		return nil, fmt.Errorf("illegal number syntax: %q", t.text)
	}
	if !strings.ContainsAny(t.text, ".eEpP") {
		return nil, fmt.Errorf("integer overflow: %q", t.text)
	}
	n.isFloat = true
	n.i, n.u = int64(n.f), uint64(n.f)
	n.isInt, n.isUint = float64(n.i) == n.f, float64(n.u) == n.f
	return n, nil
}
