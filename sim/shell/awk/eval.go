package awk

import (
	"bufio"
	"io"
	"math"
	"strings"
)

func (m *machine) eval(e expr) value {
	switch e := e.(type) {
	case number:
		return num(float64(e))
	case text:
		return str(string(e))
	case regex:
		return truth(m.regexp(string(e)).MatchString(m.text0()))
	case variable:
		return m.getVar(string(e))
	case field:
		return m.getField(int(m.eval(e.of).number()))
	case index:
		a, k := m.array(e.array), m.key(e.keys)
		v, ok := a[k]
		if !ok {
			m.setCell(a, k, v)
		}
		return v
	case unary:
		return m.unary(e)
	case binary:
		return m.binary(e)
	case assign:
		return m.assign(e)
	case step:
		old := m.eval(e.lv).number()
		m.store(e.lv, num(old+e.by))
		if e.after {
			return num(old)
		}
		return num(old + e.by)
	case cond:
		if m.eval(e.c).bool() {
			return m.eval(e.a)
		}
		return m.eval(e.b)
	case isIn:
		_, ok := m.array(e.array)[m.key(e.keys)]
		return truth(ok)
	case call:
		return m.call(e)
	case builtin:
		return m.builtin(e)
	case getline:
		return m.getline(e)
	case group:
		panic(&Error{0, "syntax error: unexpected ,"})
	}
	return value{}
}

func (m *machine) setCell(a map[string]value, k string, v value) {
	if _, ok := a[k]; !ok {
		if m.cells++; m.cells > maxCells {
			panic(&Error{0, "arrays hold too many elements"})
		}
	}
	a[k] = v
}

func (m *machine) store(lv expr, v value) {
	switch lv := lv.(type) {
	case variable:
		m.setVar(string(lv), v)
	case field:
		m.setField(int(m.eval(lv.of).number()), v.text(m.conv()))
	case index:
		m.setCell(m.array(lv.array), m.key(lv.keys), v)
	}
}

func (m *machine) assign(e assign) value {
	v := m.eval(e.v)
	if e.op != "" {
		v = num(arith(e.op, m.eval(e.lv).number(), v.number()))
	}
	m.store(e.lv, v)
	return v
}

func (m *machine) unary(e unary) value {
	v := m.eval(e.a)
	switch e.op {
	case "!":
		return truth(!v.bool())
	case "-":
		return num(-v.number())
	case "+":
		return num(v.number())
	}
	return v
}

func arith(op string, a, b float64) float64 {
	switch op {
	case "+":
		return a + b
	case "-":
		return a - b
	case "*":
		return a * b
	case "/", "%":
		if b == 0 {
			panic(&Error{0, "division by zero"})
		}
		if op == "/" {
			return a / b
		}
		return math.Mod(a, b)
	}
	return math.Pow(a, b)
}

func (m *machine) binary(e binary) value {
	switch e.op {
	case "&&":
		return truth(m.eval(e.a).bool() && m.eval(e.b).bool())
	case "||":
		return truth(m.eval(e.a).bool() || m.eval(e.b).bool())
	case "~", "!~":
		s := m.eval(e.a).text(m.conv())
		m.cost(len(s))
		return truth(m.regexp(m.pattern(e.b)).MatchString(s) == (e.op == "~"))
	}
	a, b := m.eval(e.a), m.eval(e.b)
	switch e.op {
	case " ":
		s := a.text(m.conv()) + b.text(m.conv())
		m.cost(len(s))
		if len(s) > maxRecord {
			panic(&Error{0, "string is too long"})
		}
		return str(s)
	case "<", "<=", "==", "!=", ">", ">=":
		return truth(compare(e.op, a, b, m.conv()))
	}
	return num(arith(e.op, a.number(), b.number()))
}

func compare(op string, a, b value, conv string) bool {
	c := 0
	if a.numeric() && b.numeric() {
		x, y := a.number(), b.number()
		switch {
		case x < y:
			c = -1
		case x > y:
			c = 1
		}
	} else {
		c = strings.Compare(a.text(conv), b.text(conv))
	}
	switch op {
	case "<":
		return c < 0
	case "<=":
		return c <= 0
	case "==":
		return c == 0
	case "!=":
		return c != 0
	case ">":
		return c > 0
	}
	return c >= 0
}

// pattern is the expression that e means where one is wanted.
func (m *machine) pattern(e expr) string {
	if r, ok := e.(regex); ok {
		return string(r)
	}
	return m.eval(e).text(m.conv())
}

func (m *machine) call(e call) value {
	f, ok := m.prog.funcs[e.name]
	if !ok {
		panic(&Error{e.line, "function " + e.name + " not defined"})
	}
	if len(m.frames) >= maxCalls {
		panic(&Error{e.line, "functions call each other too deep"})
	}
	fr := &frame{vars: map[string]value{}, arrays: map[string]map[string]value{}, params: map[string]bool{}}
	for i, p := range f.params {
		fr.params[p] = true
		if i >= len(e.args) {
			continue
		}
		if v, ok := e.args[i].(variable); ok && m.isArray(string(v)) {
			fr.arrays[p] = m.array(string(v))
			continue
		}
		fr.vars[p] = m.eval(e.args[i])
		if v, ok := e.args[i].(variable); ok && fr.vars[p].kind == unset {
			fr.arrays[p] = m.array(string(v)) // it may become an array in there
		}
	}
	m.frames = append(m.frames, fr)
	fl := m.block(f.body)
	m.frames = m.frames[:len(m.frames)-1]
	if fl != nil && fl.kind == "return" {
		return fl.v
	}
	return value{}
}

func (m *machine) isArray(name string) bool {
	if n := len(m.frames); n > 0 && m.frames[n-1].params[name] {
		return m.frames[n-1].arrays[name] != nil && m.frames[n-1].vars[name].kind == unset
	}
	return m.arrays[name] != nil
}

func (m *machine) getline(e getline) value {
	var line string
	var ok bool
	switch e.kind {
	case "":
		if line, ok = m.readMain(); !ok {
			return num(0)
		}
	default:
		r := m.reader(e.kind, m.eval(e.src).text(m.conv()))
		if r == nil {
			return num(-1)
		}
		if line, ok = m.readRecord(r); !ok {
			return num(0)
		}
		if e.kind == "|" {
			m.vars["NR"] = num(m.vars["NR"].number() + 1)
		}
	}
	if e.lv != nil {
		m.store(e.lv, input(line))
	} else {
		m.setRecord(line)
	}
	return num(1)
}

func (m *machine) reader(kind, name string) *bufio.Reader {
	if r, ok := m.readers[name]; ok {
		return r
	}
	var r io.Reader
	if kind == "|" {
		m.out.Flush()
		var b strings.Builder
		m.c.Command(name, strings.NewReader(""), &b)
		r = strings.NewReader(b.String())
	} else if name == "-" || name == "/dev/stdin" {
		r = m.c.Stdin
	} else {
		f, err := m.c.Open(name)
		if err != nil {
			return nil
		}
		m.closers[name] = f
		r = f
	}
	m.readers[name] = bufio.NewReader(r)
	return m.readers[name]
}
