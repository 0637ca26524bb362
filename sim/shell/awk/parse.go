package awk

import "strings"

type (
	expr interface{}
	stmt interface{}

	number   float64
	text     string
	regex    string
	variable string
	field    struct{ of expr }
	index    struct {
		array string
		keys  []expr
	}
	binary struct {
		op   string
		a, b expr
	}
	unary struct {
		op string
		a  expr
	}
	step struct { // ++ and --
		lv    expr
		by    float64
		after bool
	}
	assign struct {
		op string
		lv expr
		v  expr
	}
	cond struct{ c, a, b expr }
	isIn struct {
		keys  []expr
		array string
	}
	call struct {
		name string
		args []expr
		line int
	}
	builtin struct {
		name string
		args []expr
	}
	getline struct {
		kind string // "", "<", "|"
		src  expr
		lv   expr
	}
	group struct{ list []expr }

	printStmt struct {
		format bool
		args   []expr
		op     string // >, >>, |
		to     expr
	}
	exprStmt struct{ e expr }
	ifStmt   struct {
		c         expr
		then, els []stmt
	}
	loopStmt struct { // while, do, for
		init, post stmt
		c          expr
		body       []stmt
		after      bool
	}
	forIn struct {
		name, array string
		body        []stmt
	}
	block      struct{ body []stmt }
	jump       struct{ kind string }
	exitStmt   struct{ e expr }
	returnStmt struct{ e expr }
	deleteStmt struct {
		array string
		keys  []expr
	}
)

type parser struct {
	lex   lexer
	tok   token
	prog  *Program
	noIn  bool // "in" belongs to a for
	noGt  bool // ">" is a redirection of print
	depth int
}

// Compile parses a program.
func Compile(src string) (prog *Program, err error) {
	p := &parser{lex: lexer{src: src, line: 1}, prog: &Program{funcs: map[string]*function{}}}
	defer func() {
		if r := recover(); r != nil {
			e, ok := r.(*Error)
			if !ok {
				panic(r)
			}
			prog, err = nil, e
		}
	}()
	p.advance()
	p.newlines()
	for p.tok.kind != tEOF {
		p.item()
		p.newlines()
	}
	return p.prog, nil
}

func (p *parser) advance() { p.tok = p.lex.next() }

func (p *parser) fail() {
	t := p.tok.text
	if t == "\n" {
		t = "newline"
	}
	panic(&Error{p.tok.line, "syntax error at or near " + t})
}

func (p *parser) is(texts ...string) bool {
	if p.tok.kind != tOp && p.tok.kind != tKeyword {
		return false
	}
	for _, t := range texts {
		if p.tok.text == t {
			return true
		}
	}
	return false
}

func (p *parser) accept(text string) bool {
	if p.is(text) {
		p.advance()
		return true
	}
	return false
}

func (p *parser) expect(text string) {
	if !p.accept(text) {
		p.fail()
	}
}

func (p *parser) newlines() {
	for p.tok.kind == tNewline || p.is(";") {
		p.advance()
	}
}

func (p *parser) optNewlines() {
	for p.tok.kind == tNewline {
		p.advance()
	}
}

func (p *parser) item() {
	switch {
	case p.accept("BEGIN"):
		p.prog.begin = append(p.prog.begin, p.block())
	case p.accept("END"):
		p.prog.end = append(p.prog.end, p.block())
	case p.is("function", "func"):
		p.function()
	default:
		var r rule
		if !p.is("{") {
			r.pattern = p.expr()
			if p.accept(",") {
				p.optNewlines()
				r.to = p.expr()
			}
		}
		if p.is("{") {
			r.action = p.block()
		} else {
			r.bare = true
		}
		p.prog.rules = append(p.prog.rules, r)
	}
}

func (p *parser) function() {
	p.advance()
	f := &function{name: p.tok.text}
	if p.tok.kind != tName && p.tok.kind != tFunc {
		p.fail()
	}
	p.advance()
	p.expect("(")
	for !p.is(")") {
		if p.tok.kind != tName {
			p.fail()
		}
		f.params = append(f.params, p.tok.text)
		p.advance()
		if !p.accept(",") {
			break
		}
		p.optNewlines()
	}
	p.expect(")")
	p.optNewlines()
	f.body = p.block()
	p.prog.funcs[f.name] = f
}

func (p *parser) block() []stmt {
	p.expect("{")
	var out []stmt
	p.newlines()
	for !p.is("}") {
		out = append(out, p.stmt())
		p.newlines()
	}
	p.advance()
	return out
}

// maxDepth is how deep statements and expressions may be nested.
const maxDepth = 500

func (p *parser) enter() func() {
	if p.depth++; p.depth > maxDepth {
		panic(&Error{p.tok.line, "program is nested too deep"})
	}
	return func() { p.depth-- }
}

func (p *parser) body() []stmt {
	p.optNewlines()
	if p.accept(";") {
		return nil
	}
	if p.is("{") {
		return p.block()
	}
	return []stmt{p.stmt()}
}

func (p *parser) end() {
	if p.tok.kind == tNewline || p.is(";") {
		p.advance()
		return
	}
	if !p.is("}") && p.tok.kind != tEOF {
		p.fail()
	}
}

func (p *parser) stmt() stmt {
	defer p.enter()()
	switch {
	case p.is("{"):
		return block{p.block()}
	case p.accept("if"):
		p.expect("(")
		s := ifStmt{c: p.expr()}
		p.expect(")")
		s.then = p.body()
		save, tok := p.lex, p.tok
		p.newlines()
		if p.accept("else") {
			s.els = p.body()
		} else {
			p.lex, p.tok = save, tok
		}
		return s
	case p.accept("while"):
		p.expect("(")
		s := loopStmt{c: p.expr()}
		p.expect(")")
		s.body = p.body()
		return s
	case p.accept("do"):
		s := loopStmt{after: true}
		s.body = p.body()
		p.newlines()
		p.expect("while")
		p.expect("(")
		s.c = p.expr()
		p.expect(")")
		p.end()
		return s
	case p.accept("for"):
		return p.forStmt()
	}
	s := p.simple()
	p.end()
	return s
}

func (p *parser) forStmt() stmt {
	p.expect("(")
	if p.tok.kind == tName {
		save, tok := p.lex, p.tok
		name := p.tok.text
		p.advance()
		if p.accept("in") && p.tok.kind == tName {
			array := p.tok.text
			p.advance()
			if p.accept(")") {
				return forIn{name, array, p.body()}
			}
		}
		p.lex, p.tok = save, tok
	}
	var s loopStmt
	if !p.is(";") {
		s.init = p.simple()
	}
	p.expect(";")
	p.optNewlines()
	if !p.is(";") {
		s.c = p.expr()
	}
	p.expect(";")
	p.optNewlines()
	if !p.is(")") {
		s.post = p.simple()
	}
	p.expect(")")
	s.body = p.body()
	return s
}

func (p *parser) simple() stmt {
	switch {
	case p.is("print", "printf"):
		return p.print()
	case p.is("next", "nextfile", "break", "continue"):
		k := p.tok.text
		p.advance()
		return jump{k}
	case p.accept("exit"):
		return exitStmt{p.optExpr()}
	case p.accept("return"):
		return returnStmt{p.optExpr()}
	case p.accept("delete"):
		name := p.tok.text
		if p.tok.kind != tName {
			p.fail()
		}
		p.advance()
		d := deleteStmt{array: name}
		if p.accept("[") {
			d.keys = p.list("]")
		}
		return d
	}
	return exprStmt{p.expr()}
}

func (p *parser) optExpr() expr {
	if p.is(";", "}") || p.tok.kind == tNewline || p.tok.kind == tEOF {
		return nil
	}
	return p.expr()
}

// list reads expressions up to the closing text.
func (p *parser) list(end string) []expr {
	var out []expr
	gt, in := p.noGt, p.noIn
	p.noGt, p.noIn = false, false
	p.optNewlines()
	for !p.is(end) {
		out = append(out, p.expr())
		p.optNewlines()
		if !p.accept(",") {
			break
		}
		p.optNewlines()
	}
	p.noGt, p.noIn = gt, in
	p.expect(end)
	return out
}

func (p *parser) print() stmt {
	s := printStmt{format: p.tok.text == "printf"}
	p.advance()
	p.noGt = true
	for !p.is(";", "}", ">", ">>", "|") && p.tok.kind != tNewline && p.tok.kind != tEOF {
		s.args = append(s.args, p.expr())
		if !p.accept(",") {
			break
		}
		p.optNewlines()
	}
	p.noGt = false
	if len(s.args) == 1 {
		if g, ok := s.args[0].(group); ok {
			s.args = g.list
		}
	}
	if p.is(">", ">>", "|") {
		s.op = p.tok.text
		p.advance()
		s.to = p.concat(false)
	}
	return s
}

var builtins = map[string]int{
	"length": 1, "substr": 1, "index": 1, "split": 1, "sub": 1, "gsub": 1, "gensub": 1, "match": 1, "sprintf": 1, "sin": 1, "cos": 1, "atan2": 1,
	"exp": 1, "log": 1, "sqrt": 1, "int": 1, "rand": 1, "srand": 1, "tolower": 1, "toupper": 1, "system": 1, "close": 1, "fflush": 1,
	"systime": 1, "and": 1, "or": 1, "xor": 1, "lshift": 1, "rshift": 1, "strtonum": 1, "compl": 1,
}

func lvalue(e expr) bool {
	switch e.(type) {
	case variable, field, index:
		return true
	}
	return false
}

func trimOp(op string) string { return strings.TrimSuffix(op, "=") }
