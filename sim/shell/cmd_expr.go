package shell

import (
	"context"
	"slices"
	"strconv"
	"strings"
)

// cmdExpr is expr(1): its words by precedence | & comparison + - * / % :.
func cmdExpr(_ context.Context, p *Process) int {
	e := exprParser{words: p.Args[1:]}
	v := e.binary(0)
	if e.problem == "" && len(e.words) > 0 {
		e.problem = "syntax error"
		if !p.busybox {
			e.problem = "syntax error: unexpected argument " + quoted(e.words[0])
		}
	}
	if len(p.Args) == 1 {
		if p.busybox {
			p.say("too few arguments")
		} else {
			p.missing("missing operand")
		}
		return 2
	}
	if e.problem == "non-integer argument" && p.busybox {
		e.problem = "non-numeric argument"
	}
	if e.problem != "" {
		if e.problem == "missing" {
			e.problem = "syntax error"
			if !p.busybox && len(p.Args) > 1 {
				e.problem += ": missing argument after " + quoted(p.Args[len(p.Args)-1])
			}
		}
		p.say("%s", e.problem)
		return 2
	}
	p.outf("%s\n", v)
	return boolStatus(v != "" && v != "0")
}

type exprParser struct {
	words   []string
	problem string
}

var exprLevels = [][]string{{"|"}, {"&"}, {"=", "==", "!=", "<", "<=", ">", ">="}, {"+", "-"}, {"*", "/", "%"}, {":"}}

func (e *exprParser) binary(level int) string {
	if level == len(exprLevels) {
		return e.primary()
	}
	left := e.binary(level + 1)
	for len(e.words) > 0 && slices.Contains(exprLevels[level], e.words[0]) && e.problem == "" {
		op := e.words[0]
		e.words = e.words[1:]
		right := e.binary(level + 1)
		if e.problem == "" {
			left = e.apply(left, op, right)
		}
	}
	return left
}

func (e *exprParser) primary() string {
	if len(e.words) == 0 {
		e.problem = "missing"
		return ""
	}
	w := e.words[0]
	e.words = e.words[1:]
	switch {
	case w == "(":
		v := e.binary(0)
		if len(e.words) == 0 || e.words[0] != ")" {
			e.problem = "syntax error"
			return ""
		}
		e.words = e.words[1:]
		return v
	case w == "length" && len(e.words) > 0:
		return strconv.Itoa(len(e.primary()))
	case w == "substr" && len(e.words) > 2:
		s := e.primary()
		at, _ := strconv.Atoi(e.primary())
		n, _ := strconv.Atoi(e.primary())
		if at < 1 || at > len(s) || n < 1 {
			return ""
		}
		return s[at-1 : min(len(s), at-1+n)]
	case w == "index" && len(e.words) > 1:
		s := e.primary()
		return strconv.Itoa(strings.IndexAny(s, e.primary()) + 1)
	case w == "match" && len(e.words) > 1:
		s := e.primary()
		return e.apply(s, ":", e.primary())
	}
	return w
}

func (e *exprParser) apply(a, op, b string) string {
	x, errA := strconv.ParseInt(a, 10, 64)
	y, errB := strconv.ParseInt(b, 10, 64)
	numbers := errA == nil && errB == nil
	truth := func(ok bool) string { return strconv.Itoa(1 - boolStatus(ok)) }
	switch op {
	case "|":
		if a != "" && a != "0" {
			return a
		}
		return b
	case "&":
		if a != "" && a != "0" && b != "" && b != "0" {
			return a
		}
		return "0"
	case ":":
		rx, err := posixRegexp("^"+strings.TrimPrefix(b, "^"), false, false)
		if err != nil {
			e.problem = err.Error()
			return ""
		}
		m := rx.FindStringSubmatch(a)
		switch {
		case rx.NumSubexp() > 0 && m == nil:
			return ""
		case rx.NumSubexp() > 0:
			return m[1]
		case m == nil:
			return "0"
		}
		return strconv.Itoa(len(m[0]))
	case "=", "==", "!=", "<", "<=", ">", ">=":
		c := strings.Compare(a, b)
		if numbers {
			c = int(max(-1, min(1, x-y)))
		}
		return truth(map[string]bool{"=": c == 0, "==": c == 0, "!=": c != 0, "<": c < 0, "<=": c <= 0, ">": c > 0, ">=": c >= 0}[op])
	}
	if !numbers {
		e.problem = "non-integer argument"
		return ""
	}
	if (op == "/" || op == "%") && y == 0 {
		e.problem = "division by zero"
		return ""
	}
	switch op {
	case "+":
		x += y
	case "-":
		x -= y
	case "*":
		x *= y
	case "/":
		x /= y
	case "%":
		x %= y
	}
	return strconv.FormatInt(x, 10)
}
