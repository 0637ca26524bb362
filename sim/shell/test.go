package shell

import (
	"context"
	"path"
	"strconv"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/layerlab/layerlab/sim/overlay"
	"github.com/layerlab/layerlab/sim/tree"
)

// cmdTest is test and [ (POSIX test(1)): 0 true, 1 false, 2 error.
func cmdTest(_ context.Context, p *Process) int {
	args := p.Args[1:]
	name := p.Args[0]
	if strings.HasSuffix(name, "[[") && p.busybox {
		if len(args) == 0 || args[len(args)-1] != "]]" {
			p.errf("%s: missing ]]\n", strings.TrimSuffix(strings.TrimSuffix(name, "[["), ":"))
			return 2
		}
		args = args[:len(args)-1]
	} else if strings.HasSuffix(name, "[") {
		if len(args) == 0 || args[len(args)-1] != "]" {
			if p.busybox {
				p.errf("%s: missing ]\n", strings.TrimSuffix(name, ":["))
			} else if isDash(name) {
				p.errf("%s: missing ]\n", name)
			} else if !isBash(name) {
				p.errf("%s: missing ']'\n", name)
			} else {
				p.errf("%s: missing `]'\n", name)
			}
			return 2
		}
		args = args[:len(args)-1]
	}
	t := tester{p: p, args: args}
	ok := len(args) > 0 && t.whole()
	if t.problem == "" && t.at < len(args) {
		gnu := "too many arguments"
		switch {
		case isDash(name):
			gnu = args[0] + ": unexpected operator"
		case len(args) == 2 && !isBash(name):
			gnu = "missing argument after " + quoted(args[1])
		case len(args) == 2:
			gnu = args[0] + ": unary operator expected"
		case len(args) == 3:
			gnu = args[1] + ": binary operator expected"
		}
		t.fail(args[t.at], "unknown operand", gnu)
	}
	if t.problem != "" {
		p.errf("%s: %s\n", strings.TrimSuffix(strings.TrimSuffix(strings.TrimSuffix(name, ":[["), ":["), ":test"), t.problem)
		return 2
	}
	return boolStatus(ok)
}

// A tester reads the words of test from left to right.
type tester struct {
	p       *Process
	args    []string
	at      int
	problem string
}

func (t *tester) fail(word, busy, gnu string) bool {
	if t.problem == "" {
		if t.p.busybox && word == "" {
			t.problem = busy
		} else if t.p.busybox {
			t.problem = word + ": " + busy
		} else {
			t.problem = gnu
		}
	}
	return false
}

func (t *tester) peek() (string, bool) {
	if t.at < len(t.args) {
		return t.args[t.at], true
	}
	return "", false
}

// whole is the expression. Three words with an operator in the middle are that
// comparison, whatever the first is (POSIX).
func (t *tester) whole() bool {
	if len(t.args) == 3 && t.binaryTest(t.args[1]) {
		return t.primary()
	}
	return t.or()
}

func (t *tester) or() bool {
	ok := t.and()
	for w, more := t.peek(); more && w == "-o"; w, more = t.peek() {
		t.at++
		right := t.and()
		ok = ok || right
	}
	return ok
}

func (t *tester) and() bool {
	ok := t.not()
	for w, more := t.peek(); more && w == "-a"; w, more = t.peek() {
		t.at++
		right := t.not()
		ok = ok && right
	}
	return ok
}

func (t *tester) not() bool {
	if w, more := t.peek(); more && w == "!" && len(t.args)-t.at > 1 {
		t.at++
		return !t.not()
	}
	return t.primary()
}

func (t *tester) primary() bool {
	rest := t.args[t.at:]
	if len(rest) == 0 {
		return t.fail("", "argument expected", "argument expected")
	}
	if len(rest) >= 3 && t.binaryTest(rest[1]) {
		t.at += 3
		return t.binary(rest[0], rest[1], rest[2])
	}
	if t.p.busybox && len(rest) == 2 && t.binaryTest(rest[1]) {
		return t.fail(rest[1], "argument expected", "")
	}
	if rest[0] == "(" && len(rest) > 1 {
		t.at++
		ok := t.or()
		if w, _ := t.peek(); w != ")" {
			return t.fail(")", "closing paren expected", "')' expected")
		}
		t.at++
		return ok
	}
	if len(rest) >= 2 && len(rest[0]) == 2 && rest[0][0] == '-' && strings.Contains("bcdefghknprstuvwxzGLNOS", rest[0][1:]) &&
		!(isDash(t.p.Args[0]) && strings.Contains("vN", rest[0][1:])) {
		t.at += 2
		return t.p.unaryTest(rest[0], rest[1])
	}
	t.at++
	return rest[0] != ""
}

// binaryTest reports whether op stands between two operands: == is not of dash,
// =~ of busybox alone.
func (t *tester) binaryTest(op string) bool {
	switch op {
	case "==":
		return !isDash(t.p.Args[0])
	case "=~":
		return t.p.busybox
	case "=", "!=", "<", ">", "-eq", "-ne", "-lt", "-le", "-gt", "-ge", "-nt", "-ot", "-ef":
		return true
	}
	return false
}

func (t *tester) number(w string) int64 {
	n, err := strconv.ParseInt(strings.TrimSpace(w), 10, 64)
	if err != nil {
		switch name := t.p.Args[0]; {
		case isDash(name):
			t.fail(w, "bad number", "Illegal number: "+w)
		case isBash(name):
			t.fail(w, "bad number", w+": integer expression expected")
		default:
			t.fail(w, "bad number", "invalid integer "+quoted(w))
		}
	}
	return n
}

func (t *tester) binary(a, op, b string) bool {
	switch op {
	case "=", "==":
		if t.extended() {
			return matches(b, a)
		}
		return a == b
	case "!=":
		return a != b != (t.extended() && matches(b, a) != (a == b))
	case "=~":
		rx, err := posixRegexp(b, true, false)
		return err == nil && rx.MatchString(a)
	case "<":
		return a < b
	case ">":
		return a > b
	case "-nt", "-ot", "-ef":
		return t.p.compareFiles(a, op, b)
	}
	return compareInts(t.number(a), op, t.number(b))
}

func compareInts(x int64, op string, y int64) bool {
	switch op {
	case "-eq":
		return x == y
	case "-ne":
		return x != y
	case "-lt":
		return x < y
	case "-le":
		return x <= y
	case "-gt":
		return x > y
	}
	return x >= y
}

func (p *Process) compareFiles(a, op, b string) bool {
	x, errX := p.stat(a)
	y, errY := p.stat(b)
	if p.busybox { // both must be there, and whole seconds count
		both := errX == nil && errY == nil
		switch op {
		case "-nt":
			return both && x.MTime.Sec > y.MTime.Sec
		case "-ot":
			return both && x.MTime.Sec < y.MTime.Sec
		}
	}
	switch op {
	case "-nt":
		return errX == nil && (errY != nil || y.MTime.Before(x.MTime))
	case "-ot":
		return errY == nil && (errX != nil || x.MTime.Before(y.MTime))
	}
	return errX == nil && errY == nil && x.Ino == y.Ino
}

// unaryTest is a test of one operand: -f FILE, -n STRING, -t FD, …
func (p *Process) unaryTest(op, arg string) bool {
	switch op {
	case "-n":
		return arg != ""
	case "-z":
		return arg == ""
	case "-t":
		return false
	case "-r":
		return p.access(arg, 4) == nil
	case "-w":
		return p.access(arg, 2) == nil
	case "-x":
		return p.access(arg, 1) == nil
	case "-h", "-L":
		st, err := p.lstat(arg)
		return err == nil && st.IsSymlink()
	}
	st, err := p.stat(arg)
	return err == nil && p.modeTest(op, st)
}

func (p *Process) modeTest(op string, st overlay.Stat) bool {
	switch op {
	case "-e", "-a":
		return true
	case "-f":
		return st.IsRegular()
	case "-d":
		return st.IsDir()
	case "-b":
		return st.Type() == tree.BlockDevice
	case "-c":
		return st.Type() == tree.CharDevice
	case "-p":
		return st.Type() == tree.FIFO
	case "-S":
		return st.Type() == tree.Socket
	case "-s":
		return st.Size > 0
	case "-u":
		return st.Mode&tree.SetUID != 0
	case "-g":
		return st.Mode&tree.SetGID != 0
	case "-k":
		return st.Mode&tree.Sticky != 0
	case "-O":
		return st.UID == p.FS.Cred().UID
	case "-G":
		return st.GID == p.FS.Cred().GID
	}
	return false
}

// extended reports whether this is busybox's [[, whose = compares with a pattern.
func (t *tester) extended() bool { return t.p.busybox && strings.HasSuffix(t.p.Args[0], "[[") }

// ashTest is [[ … ]] of busybox: a command like any other, but for && and ||.
func (s *interp) ashTest(x syntax.TestExpr) {
	s.substs = -1
	args := []string{"[["}
	var redirs []*syntax.Redirect
	op := func(name string) { args = append(args, name) }
	var flatten func(x syntax.TestExpr)
	flatten = func(x syntax.TestExpr) {
		switch x := x.(type) {
		case *syntax.Word:
			args = append(args, s.fields([]*syntax.Word{x})...)
		case *syntax.ParenTest:
			s.die(2, "syntax error: unexpected word (expecting \")\")")
		case *syntax.UnaryTest:
			op(x.Op.String())
			flatten(x.X)
		case *syntax.BinaryTest:
			flatten(x.X)
			switch x.Op {
			case syntax.TsBefore, syntax.TsAfter:
				w, _ := x.Y.(*syntax.Word)
				redirs = append(redirs, &syntax.Redirect{Op: map[syntax.BinTestOperator]syntax.RedirOperator{syntax.TsBefore: syntax.RdrIn, syntax.TsAfter: syntax.RdrOut}[x.Op], Word: w})
				return
			case syntax.AndTest:
				op("-a")
			case syntax.OrTest:
				op("-o")
			default:
				op(x.Op.String())
			}
			flatten(x.Y)
		}
	}
	flatten(x)
	undo, keep, ok := s.redirect(redirs)
	if !ok {
		s.last = 1
		return
	}
	defer keep()
	defer undo()
	args = append(args, "]]")
	s.trace(nil, nil, args)
	s.run(args, nil)
}

// testExpr is [[ … ]].
func (s *interp) testExpr(x syntax.TestExpr) bool {
	switch x := x.(type) {
	case *syntax.Word:
		return s.literal(x) != ""
	case *syntax.ParenTest:
		return s.testExpr(x.X)
	case *syntax.UnaryTest:
		if x.Op == syntax.TsNot {
			return !s.testExpr(x.X)
		}
		word, _ := x.X.(*syntax.Word)
		arg := s.literal(word)
		if x.Op == syntax.TsVarSet {
			return s.parameter(arg).IsSet()
		}
		return s.p.unaryTest(x.Op.String(), arg)
	case *syntax.BinaryTest:
		return s.binaryTest(x)
	}
	return false
}

func (s *interp) binaryTest(x *syntax.BinaryTest) bool {
	switch x.Op {
	case syntax.AndTest:
		return s.testExpr(x.X) && s.testExpr(x.Y)
	case syntax.OrTest:
		return s.testExpr(x.X) || s.testExpr(x.Y)
	}
	left, _ := x.X.(*syntax.Word)
	right, _ := x.Y.(*syntax.Word)
	a := s.literal(left)
	switch x.Op {
	case syntax.TsMatchShort, syntax.TsMatch:
		return matches(s.pattern(right), a)
	case syntax.TsNoMatch:
		return !matches(s.pattern(right), a)
	case syntax.TsReMatch:
		rx, err := posixRegexp(s.regexpText(right), true, false)
		if err == nil {
			s.vars["BASH_REMATCH"] = variable{Set: true, IsList: true, List: rx.FindStringSubmatch(a)}
		}
		return err == nil && rx.MatchString(a)
	}
	t := tester{p: s.p}
	return t.binary(a, x.Op.String(), s.literal(right))
}

// glob reports whether the whole of name matches a file name pattern as find
// and tar use it; a "*" matches "/" too.
func glob(pat, name string) bool {
	return matches(pat, name)
}

func baseName(name string) string {
	if name == "" {
		return ""
	}
	return path.Base(name)
}
