package awk

import (
	"io"
	"slices"
	"strings"
)

func (m *machine) block(list []stmt) *flow {
	for _, s := range list {
		if f := m.do(s); f != nil {
			return f
		}
	}
	return nil
}

func (m *machine) do(s stmt) *flow {
	m.c.Turn()
	switch s := s.(type) {
	case exprStmt:
		m.eval(s.e)
	case printStmt:
		m.print(s)
	case block:
		return m.block(s.body)
	case ifStmt:
		if m.eval(s.c).bool() {
			return m.block(s.then)
		}
		return m.block(s.els)
	case loopStmt:
		return m.loop(s)
	case forIn:
		return m.forIn(s)
	case jump:
		return &flow{kind: s.kind}
	case exitStmt:
		if s.e != nil {
			m.exit = int(m.eval(s.e).number()) & 255
		}
		return &flow{kind: "exit"}
	case returnStmt:
		f := &flow{kind: "return"}
		if s.e != nil {
			f.v = m.eval(s.e)
		}
		return f
	case deleteStmt:
		if s.keys == nil {
			clear(m.array(s.array))
			return nil
		}
		delete(m.array(s.array), m.key(s.keys))
	}
	return nil
}

func (m *machine) loop(s loopStmt) *flow {
	if s.init != nil {
		m.do(s.init)
	}
	for first := true; ; first = false {
		m.c.Turn()
		if s.c != nil && !(s.after && first) && !m.eval(s.c).bool() {
			return nil
		}
		if f := m.block(s.body); f != nil {
			if f.kind == "break" {
				return nil
			}
			if f.kind != "continue" {
				return f
			}
		}
		if s.post != nil {
			m.do(s.post)
		}
	}
}

// forIn visits the keys in a fixed order: numbers by value, then strings. Real
// awks give no order, each its own.
func (m *machine) forIn(s forIn) *flow {
	a := m.array(s.array)
	m.cost(len(a) * 16)
	keys := make([]string, 0, len(a))
	for k := range a {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(x, y string) int {
		a, b := input(x), input(y)
		switch {
		case a.numeric() && b.numeric() && a.number() != b.number():
			if a.number() < b.number() {
				return -1
			}
			return 1
		case a.numeric() != b.numeric():
			if a.numeric() {
				return -1
			}
			return 1
		}
		return strings.Compare(x, y)
	})
	for _, k := range keys {
		if _, ok := a[k]; !ok {
			continue
		}
		m.setVar(s.name, input(k))
		if f := m.block(s.body); f != nil {
			if f.kind == "break" {
				return nil
			}
			if f.kind != "continue" {
				return f
			}
		}
	}
	return nil
}

func (m *machine) print(s printStmt) {
	var b strings.Builder
	ofmt := m.getVar("OFMT").text("%.6g")
	switch {
	case s.format:
		if len(s.args) == 0 {
			panic(&Error{0, "printf: no format"})
		}
		vals := m.all(s.args)
		b.WriteString(sprintf(vals[0].text(ofmt), vals[1:], m.conv()))
	case len(s.args) == 0:
		b.WriteString(m.text0())
		b.WriteString(m.getVar("ORS").text(ofmt))
	default:
		for i, v := range m.all(s.args) {
			if i > 0 {
				b.WriteString(m.getVar("OFS").text(ofmt))
			}
			b.WriteString(v.text(ofmt))
		}
		b.WriteString(m.getVar("ORS").text(ofmt))
	}
	m.cost(b.Len())
	if s.op == "" {
		m.out.WriteString(b.String())
		return
	}
	name := m.eval(s.to).text(m.conv())
	if s.op == ">" && (name == "/dev/stdout" || name == "-") {
		m.out.WriteString(b.String())
		return
	}
	io.WriteString(m.writer(s.op, name), b.String())
}

// writer is the open file or command that print writes to.
func (m *machine) writer(op, name string) io.Writer {
	m.out.Flush()
	if w, ok := m.writers[name]; ok {
		return w
	}
	var w io.WriteCloser
	if op == "|" {
		w = &toCommand{m: m, line: name}
	} else {
		var err error
		if w, err = m.c.Create(name, op == ">>"); err != nil {
			panic(&Error{0, err.Error()})
		}
	}
	m.writers[name] = w
	return w
}

// toCommand holds what is printed to a command, which runs when it is closed.
type toCommand struct {
	m    *machine
	line string
	b    strings.Builder
}

func (c *toCommand) Write(p []byte) (int, error) {
	if c.b.Len() > maxRecord {
		panic(&Error{0, "too much output to a command"})
	}
	return c.b.Write(p)
}

func (c *toCommand) Close() error {
	c.m.out.Flush()
	c.m.c.Command(c.line, strings.NewReader(c.b.String()), c.m.c.Stdout)
	return nil
}

func (m *machine) all(es []expr) []value {
	out := make([]value, len(es))
	for i, e := range es {
		out[i] = m.eval(e)
	}
	return out
}

func (m *machine) conv() string { return m.getVar("CONVFMT").text("%.6g") }

func (m *machine) key(keys []expr) string {
	parts := make([]string, len(keys))
	for i, k := range keys {
		parts[i] = m.eval(k).text(m.conv())
	}
	return strings.Join(parts, m.getVar("SUBSEP").text("%.6g"))
}
