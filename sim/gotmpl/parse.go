package gotmpl

import (
	"fmt"
	"strconv"
	"strings"
)

// maxDepth is how deep parentheses, or control structures, or calls of templates,
// may stand within each other.
const maxDepth = 1000

// parser reads tokens by recursive descent. It fails by panic, see fail.
type parser struct {
	t      *Template
	toks   []token
	i      int
	far    int      // the last token that was looked at, whose line messages name
	vars   []string // in scope
	action int      // line on which the action at hand began; 0 outside
	ranges int      // around us
	parens int
	depth  int // of control structures
}

func (p *parser) line(pos int) int { return 1 + strings.Count(p.t.text[:pos], "\n") }

func (p *parser) peek() token {
	p.far = max(p.far, p.i)
	return p.toks[p.i]
}

func (p *parser) next() token {
	t := p.peek()
	if p.i < len(p.toks)-1 {
		p.i++
	}
	return t
}

// skip passes spaces and is the token after them.
func (p *parser) skip() token {
	for p.peek().kind == tokSpace {
		p.i++
	}
	return p.peek()
}

func (p *parser) take() token {
	p.skip()
	return p.next()
}

func (p *parser) unexpected(t token, context string) {
	if t.kind != tokError {
		p.fail("unexpected %s in %s", t, context)
	}
	extra := ""
	if p.action != 0 && p.action != p.line(t.pos) {
		extra = fmt.Sprintf(" in action started at :%d", p.action)
		if strings.HasSuffix(t.text, " action") {
			extra = extra[len(" in action"):]
		}
	}
	p.fail("%s%s", t.text, extra)
}

func (p *parser) expect(kind tokenKind, context string) token {
	t := p.take()
	if t.kind != kind {
		p.unexpected(t, context)
	}
	return t
}

func (p *parser) unquote(t token) string {
	s, err := strconv.Unquote(t.text)
	if err != nil {
		p.fail("%w", err)
	}
	return s
}

// top reads a whole template: the only place where others are defined.
func (p *parser) top() {
	root := &node{kind: nList}
	for p.peek().kind != tokEOF {
		at := p.i
		if p.next().kind == tokLeft && p.take().is(tokWord, "define") {
			const context = "define clause"
			name := p.unquote(p.expect(tokString, context))
			p.expect(tokRight, context)
			p.define(name, context)
			continue
		}
		p.i = at
		n := p.item()
		if n.isEnd() {
			p.fail("unexpected %s", n)
		}
		root.kids = append(root.kids, n)
	}
	p.add("", root)
}

// define reads the body of a template with a name, which sees none of the
// variables around it.
func (p *parser) define(name, context string) {
	outer := *p
	p.vars, p.action, p.ranges = []string{"$"}, 0, 0
	list, end := p.list()
	if end.text != "{{end}}" {
		p.fail("unexpected %s in %s", end, context)
	}
	p.add(name, list)
	p.vars, p.action, p.ranges = outer.vars, outer.action, outer.ranges
}

func (p *parser) add(name string, root *node) {
	old := p.t.roots[name]
	if old == nil || old.empty() {
		p.t.roots[name] = root
	} else if !root.empty() {
		p.fail("template: multiple definition of template %q", name)
	}
}

// list reads items up to an end or an else, which it gives apart.
func (p *parser) list() (list, end *node) {
	if p.depth++; p.depth > maxDepth {
		p.fail("max nesting depth exceeded")
	}
	defer func() { p.depth-- }()
	list = &node{kind: nList}
	for p.skip().kind != tokEOF {
		n := p.item()
		if n.isEnd() {
			return list, n
		}
		list.kids = append(list.kids, n)
	}
	p.fail("unexpected EOF")
	return
}

func (n *node) isEnd() bool { return n.kind == nWord && (n.text == "{{end}}" || n.text == "{{else}}") }

// item reads text or an action.
func (p *parser) item() *node {
	t := p.take()
	switch t.kind {
	case tokText:
		return &node{kind: nText, pos: t.pos, text: t.text}
	case tokLeft:
		p.action = p.line(t.pos)
		n := p.actionBody()
		p.action = 0
		return n
	}
	p.unexpected(t, "input")
	return nil
}

// actionBody reads an action behind its "{{", to the end of what it governs.
func (p *parser) actionBody() *node {
	t := p.skip()
	if t.kind == tokWord && keywords[t.text] && t.text != "nil" && t.text != "define" {
		p.next()
		switch t.text {
		case "if":
			return p.control(nIf, t)
		case "range":
			return p.control(nRange, t)
		case "with":
			return p.control(nWith, t)
		case "template", "block":
			return p.template(t.text)
		}
		return p.jump(t)
	}
	return &node{kind: nAction, pos: t.pos, pipe: p.pipeline("command", tokRight)}
}

// jump reads what stands alone: end, else, break, continue.
func (p *parser) jump(t token) *node {
	n := &node{kind: nWord, pos: t.pos, text: "{{" + t.text + "}}"}
	if next := p.skip(); t.text == "else" && (next.is(tokWord, "if") || next.is(tokWord, "with")) {
		return n // control goes on with the if
	}
	context := n.text
	if n.isEnd() {
		context = t.text
	}
	p.expect(tokRight, context)
	if !n.isEnd() && p.ranges == 0 {
		p.fail("%s outside {{range}}", n)
	}
	return n
}

// control reads the rest of an if, a range or a with.
func (p *parser) control(kind nodeKind, word token) *node {
	vars := len(p.vars)
	n := &node{kind: kind, pipe: p.pipeline(word.text, tokRight)}
	n.pos = n.pipe.pos
	if kind == nRange {
		p.ranges++
	}
	var end *node
	n.list, end = p.list()
	if kind == nRange {
		p.ranges--
	}
	if end.text == "{{else}}" {
		if kind != nRange && p.peek().is(tokWord, word.text) {
			if p.depth++; p.depth > maxDepth {
				p.fail("max nesting depth exceeded")
			}
			n.other = &node{kind: nList, kids: []*node{p.control(kind, p.next())}}
			p.depth--
		} else if n.other, end = p.list(); end.text != "{{end}}" {
			p.fail("expected end; found %s", end)
		}
	}
	p.vars = p.vars[:vars]
	return n
}

// template reads the rest of a template or a block: a name, and what is dot there.
func (p *parser) template(word string) *node {
	context := word + " clause"
	t := p.expect(tokString, context)
	n := &node{kind: nTemplate, pos: t.pos, text: p.unquote(t)}
	if word == "template" && p.skip().kind == tokRight {
		p.next()
		return n
	}
	n.pipe = p.pipeline(context, tokRight)
	if word == "block" {
		p.define(n.text, context)
	}
	return n
}
