package shell

import (
	"slices"
	"strconv"
	"strings"
)

// maxArithmDepth bounds variables that name expressions of variables.
const maxArithmDepth = 16

// A calc reads and evaluates one arithmetic expression.
type calc struct {
	s     *interp
	src   string
	i     int
	depth int
	skip  int // > 0: not evaluated, only read

	choices int // ?: of which the second branch is still to come
}

// A term is a number, or a variable of which the value has not been asked yet:
// busybox looks when the operator is applied, the others when they have read it.
type term struct {
	n    int64
	name string // of the variable; "" for a number
}

// value is the number that t is.
func (c *calc) value(t term) int64 {
	if t.name == "" {
		return t.n
	}
	return c.variable(t.name)
}

// binaryOps are the operators between two operands by precedence, loosest first.
// Longer ones stand before those that begin them.
var binaryOps = [][]string{
	{"||"}, {"&&"}, {"|"}, {"^"}, {"&"}, {"==", "!="}, {"<=", ">=", "<", ">"}, {"<<", ">>"}, {"+", "-"}, {"*", "/", "%"}, {"**"},
}

var assignOps = []string{"<<=", ">>=", "+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=", "="}

func (c *calc) fail(message string) {
	switch c.s.dialect {
	case bash:
		c.s.die(1, "%s: %s", strings.TrimSpace(c.src), message)
	case ash:
		c.s.die(2, "%s", message)
	}
	c.s.die(2, "arithmetic expression: %s: \"%s\"", message, c.src)
}

// syntax is the error of a text that is no expression.
func (c *calc) syntax() {
	switch c.s.dialect {
	case ash:
		c.fail("arithmetic syntax error")
	case bash:
		c.space()
		c.s.die(1, "%s: syntax error: operand expected (error token is \"%s\")", c.src, c.src[c.i:])
	}
	c.fail("expecting primary")
}

func (c *calc) whole() int64 {
	c.space()
	if c.i == len(c.src) {
		return 0
	}
	n := c.comma()
	if c.space(); c.i < len(c.src) {
		if c.s.dialect == dash {
			c.fail("expecting EOF")
		}
		c.syntax()
	}
	return n
}

func (c *calc) space() {
	for c.i < len(c.src) && strings.IndexByte(" \t\n", c.src[c.i]) >= 0 {
		c.i++
	}
}

// take reads one of the operators, "" if none is there.
func (c *calc) take(ops ...string) string {
	c.space()
	for _, op := range ops {
		if strings.HasPrefix(c.src[c.i:], op) && !c.longer(op) {
			c.i += len(op)
			return op
		}
	}
	return ""
}

// longer reports whether a longer operator stands where op would be read.
func (c *calc) longer(op string) bool {
	rest := c.src[c.i:]
	for _, a := range assignOps {
		if len(a) > len(op) && a[0] == op[0] && strings.HasPrefix(rest, a) && !slices.Contains(assignOps, op) && a != "=" {
			return true
		}
	}
	switch op {
	case "|", "&", "<", ">", "*":
		return len(rest) > 1 && rest[1] == op[0]
	case "=":
		return len(rest) > 1 && rest[1] == '='
	}
	return false
}

func (c *calc) comma() int64 {
	n := c.value(c.assignment())
	for c.take(",") != "" {
		n = c.value(c.assignment())
	}
	return n
}

// assignment is an expression that may assign.
func (c *calc) assignment() term {
	c.s.p.k.turn(c.s.ctx)
	left := c.conditional()
	op := c.take(assignOps...)
	if op == "" {
		return left
	}
	if left.name == "" {
		c.syntax()
	}
	n := c.value(c.assignment())
	if op != "=" {
		n = c.apply(strings.TrimSuffix(op, "="), c.value(left), n)
	}
	c.store(left.name, n)
	return term{n: n}
}

func (c *calc) store(name string, n int64) {
	if c.skip == 0 {
		c.s.setString(name, strconv.FormatInt(n, 10))
	}
}

func (c *calc) conditional() term {
	cond := c.binary(0)
	if c.take("?") == "" {
		return cond
	}
	if c.choices++; c.choices > 1 && c.s.dialect == ash {
		c.fail("malformed ?: operator") // busybox 1.35 does not nest them
	}
	n := c.value(cond)
	c.unless(n != 0)
	yes := c.comma()
	c.always(n != 0)
	if c.take(":") == "" {
		c.syntax()
	}
	c.choices--
	c.unless(n == 0)
	no := c.value(c.assignment())
	c.always(n == 0)
	if n != 0 {
		return term{n: yes}
	}
	return term{n: no}
}

// unless skips what follows if the branch is not taken; busybox evaluates all.
func (c *calc) unless(taken bool) {
	if !taken && c.s.dialect != ash {
		c.skip++
	}
}

func (c *calc) always(taken bool) {
	if !taken && c.s.dialect != ash {
		c.skip--
	}
}

func (c *calc) binary(level int) term {
	if level == len(binaryOps) {
		return c.unary()
	}
	if level == len(binaryOps)-1 && c.s.dialect == dash {
		return c.unary() // has no **
	}
	left := c.binary(level + 1)
	for {
		op := c.take(binaryOps[level]...)
		if op == "" {
			return left
		}
		if c.s.dialect != ash {
			left = term{n: c.value(left)}
		}
		short := op == "&&" && c.value(left) == 0 || op == "||" && c.value(left) != 0
		c.unless(!short)
		next := level + 1
		if op == "**" { // to the right first
			next = level
		}
		right := c.value(c.binary(next))
		left = term{n: c.apply(op, c.value(left), right)}
		c.always(!short)
	}
}

func truth(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// apply is a op b.
func (c *calc) apply(op string, a, b int64) int64 {
	switch op {
	case "||":
		return truth(a != 0 || b != 0)
	case "&&":
		return truth(a != 0 && b != 0)
	case "|":
		return a | b
	case "^":
		return a ^ b
	case "&":
		return a & b
	case "==":
		return truth(a == b)
	case "!=":
		return truth(a != b)
	case "<=":
		return truth(a <= b)
	case ">=":
		return truth(a >= b)
	case "<":
		return truth(a < b)
	case ">":
		return truth(a > b)
	case "<<":
		return a << (uint64(b) & 63)
	case ">>":
		return a >> (uint64(b) & 63)
	case "+":
		return a + b
	case "-":
		return a - b
	case "*":
		return a * b
	case "**":
		return c.power(a, b)
	}
	return c.divide(op, a, b)
}

func (c *calc) divide(op string, a, b int64) int64 {
	if b == 0 {
		if c.skip > 0 {
			return 0
		}
		switch c.s.dialect {
		case bash:
			c.fail("division by 0 (error token is \"" + strings.TrimSpace(c.src[c.lastOperand():]) + "\")")
		case ash:
			c.fail("divide by zero")
		}
		c.fail("division by zero")
	}
	if op == "/" {
		return a / b
	}
	return a % b
}

// lastOperand is where the operand before the place of reading begins.
func (c *calc) lastOperand() int {
	i := len(strings.TrimRight(c.src[:c.i], " \t\n"))
	for i > 0 && isNameByte(c.src[i-1]) {
		i--
	}
	return i
}

func (c *calc) power(a, b int64) int64 {
	if b < 0 {
		c.fail("exponent less than 0")
	}
	n := int64(1)
	for ; b > 0; b >>= 1 {
		if b&1 != 0 {
			n *= a
		}
		a *= a
	}
	return n
}

func (c *calc) unary() term {
	c.space()
	rest := c.src[c.i:]
	for step, op := range map[int64]string{1: "++", -1: "--"} {
		if !strings.HasPrefix(rest, op) || c.s.dialect == dash {
			continue
		}
		was := c.i
		c.i += 2
		c.space()
		if c.i < len(c.src) && isNameStart(c.src[c.i]) {
			v := c.primary()
			n := c.value(v) + step
			c.store(v.name, n)
			return term{n: n}
		}
		c.i = was
	}
	if rest != "" && strings.IndexByte("+-!~", rest[0]) >= 0 && !strings.HasPrefix(rest, "!=") {
		c.i++
		n := c.value(c.unary())
		switch rest[0] {
		case '-':
			n = -n
		case '!':
			n = truth(n == 0)
		case '~':
			n = ^n
		}
		return term{n: n}
	}
	return c.postfix(c.primary())
}

// postfix is v, or its value before v++ or v--.
func (c *calc) postfix(v term) term {
	if c.s.dialect == dash || v.name == "" {
		return v
	}
	switch c.take("++", "--") {
	case "++":
		n := c.value(v)
		c.store(v.name, n+1)
		return term{n: n}
	case "--":
		n := c.value(v)
		c.store(v.name, n-1)
		return term{n: n}
	}
	return v
}

func isNameStart(b byte) bool {
	return b == '_' || b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z'
}

func isNameByte(b byte) bool { return isNameStart(b) || b >= '0' && b <= '9' }

func (c *calc) primary() term {
	c.space()
	if c.i == len(c.src) {
		c.syntax()
	}
	b := c.src[c.i]
	if b == '(' {
		c.i++
		n := c.comma()
		if c.take(")") == "" {
			if c.s.dialect == dash {
				c.fail("expecting ')'")
			}
			c.syntax()
		}
		return term{n: n}
	}
	begin := c.i
	for c.i < len(c.src) && isNameByte(c.src[c.i]) {
		c.i++
	}
	word := c.src[begin:c.i]
	switch {
	case word == "":
		c.syntax()
	case isNameStart(b):
		if c.i < len(c.src) && c.src[c.i] == '[' && c.s.dialect == bash {
			return c.element(word)
		}
		return term{name: word}
	}
	return term{n: c.number(word, begin)}
}

// number reads a constant: decimal, octal after 0, hexadecimal after 0x, and
// base#digits, which dash does not have.
func (c *calc) number(word string, begin int) int64 {
	if c.i < len(c.src) && c.src[c.i] == '#' && c.s.dialect != dash {
		base, err := strconv.Atoi(word)
		from := c.i + 1
		c.i++
		for c.i < len(c.src) && (isNameByte(c.src[c.i]) || c.src[c.i] == '@') {
			c.i++
		}
		if err != nil || base < 2 || base > 64 {
			c.syntax()
		}
		return c.digits(c.src[from:c.i], base)
	}
	n, err := strconv.ParseUint(strings.ReplaceAll(word, "_", "?"), 0, 64)
	if err == nil && !strings.HasPrefix(strings.ToLower(word), "0b") && !strings.HasPrefix(strings.ToLower(word), "0o") {
		return int64(n)
	}
	if e, ok := err.(*strconv.NumError); ok && e.Err == strconv.ErrRange {
		if c.s.dialect == dash {
			return 1<<63 - 1
		}
		return int64(n)
	}
	if c.s.dialect == bash {
		c.s.die(1, "%s: value too great for base (error token is \"%s\")", word, word)
	}
	if c.s.dialect == dash {
		c.i = begin + 1
		for c.i < len(c.src) && c.src[c.i] >= '0' && c.src[c.i] <= '7' {
			c.i++
		}
		c.fail("expecting EOF")
	}
	c.syntax()
	return 0
}

func (c *calc) digits(word string, base int) int64 {
	const order = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ@_"
	n := int64(0)
	for i := range len(word) {
		d := strings.IndexByte(order, word[i])
		if base <= 36 && d >= 36 && d < 62 {
			d -= 26
		}
		if d >= base {
			c.syntax()
		}
		n = n*int64(base) + int64(d)
	}
	return n
}

// variable is the value of a variable: its text is an expression again.
func (c *calc) variable(name string) int64 {
	v := strings.TrimSpace(c.s.parameter(name).String())
	if v == "" {
		if c.s.opt.nounset && c.skip == 0 && !c.s.parameter(name).IsSet() && c.s.dialect == bash {
			c.s.unset(name, "")
		}
		return 0
	}
	if n, err := strconv.ParseInt(v, 10, 64); err == nil && (v[0] != '0' || v == "0") && v[0] != '+' {
		return n
	}
	if c.depth >= maxArithmDepth {
		if c.s.dialect == ash {
			c.fail("expression recursion loop detected")
		}
		c.fail("expression recursion level exceeded")
	}
	if c.s.dialect == dash {
		n, err := strconv.ParseInt(v, 0, 64)
		if err != nil {
			c.s.die(2, "Illegal number: %s", v)
		}
		return n
	}
	in := &calc{s: c.s, src: v, depth: c.depth + 1, skip: c.skip}
	return in.whole()
}

// element is one item of an array.
func (c *calc) element(name string) term {
	c.i++
	i := c.comma()
	if c.take("]") == "" {
		c.syntax()
	}
	v := c.s.vars[name]
	if !v.IsList || i < 0 || i >= int64(len(v.List)) {
		return term{}
	}
	n, _ := strconv.ParseInt(v.List[i], 0, 64)
	return term{n: n}
}
