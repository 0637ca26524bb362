package shell

import (
	"fmt"
	"strconv"
	"strings"
)

// A sedAddr is a line number, "$", or a regular expression.
type sedAddr struct {
	line int // -1: the last line, 0: see rx
	step int // first~step
	plus int // addr,+n
	rx   *posixRx
	set  bool
	last bool // the empty expression: the one used last
}

type sedCmd struct {
	from, to sedAddr
	negate   bool
	name     byte
	text     string // a i c, label, file, y
	with     string
	rx       *posixRx
	empty    bool // s//x/: the expression used last
	global   bool
	print    bool
	nth      int
	toFile   string
	end      int // of a block: index of its "}"
	active   bool
	until    int
}

type sedParser struct {
	text     string
	at       int
	extended bool
	busybox  bool
	problem  string
	nowhere  bool // the problem has no place in the text
	inAddr   bool
	script   *sedScript
	blocks   []int
}

func (p *sedParser) fail(format string, args ...any) {
	if p.problem == "" {
		p.problem = fmt.Sprintf(format, args...)
	}
}

func (p *sedParser) parse() *sedScript {
	p.script = &sedScript{labels: map[string]int{}}
	for p.problem == "" {
		p.skip(" \t\n;")
		if p.at >= len(p.text) {
			break
		}
		if p.text[p.at] == '#' {
			p.line()
			continue
		}
		p.command()
	}
	if len(p.blocks) > 0 && p.problem == "" && p.busybox {
		for _, i := range p.blocks { // what is not closed ends with the script
			p.script.cmds[i].end = len(p.script.cmds)
		}
	} else if len(p.blocks) > 0 && p.problem == "" {
		p.fail("unmatched `{'")
		p.at = 0
	}
	for _, c := range p.script.cmds {
		if strings.IndexByte("btT", c.name) >= 0 && c.text != "" {
			if _, ok := p.script.labels[c.text]; !ok {
				p.nowhere = p.problem == ""
				quote := "`"
				if p.busybox {
					quote = "'"
				}
				p.fail("can't find label for jump to %s%s'", quote, c.text)
			}
		}
	}
	return p.script
}

func (p *sedParser) skip(set string) {
	for p.at < len(p.text) && strings.IndexByte(set, p.text[p.at]) >= 0 {
		p.at++
	}
}

// line is the rest of the line.
func (p *sedParser) line() string {
	rest := p.text[p.at:]
	if i := strings.IndexByte(rest, '\n'); i >= 0 {
		rest = rest[:i]
	}
	p.at += len(rest)
	return rest
}

func (p *sedParser) peek() byte {
	if p.at < len(p.text) {
		return p.text[p.at]
	}
	return 0
}

func (p *sedParser) number() int {
	start := p.at
	for p.at < len(p.text) && isDigit(p.text[p.at]) {
		p.at++
	}
	n, _ := strconv.Atoi(p.text[start:p.at])
	return n
}

func (p *sedParser) address(second bool) (a sedAddr) {
	switch c := p.peek(); {
	case isDigit(c):
		a.set, a.line = true, p.number()
		if p.peek() == '~' && !p.busybox {
			p.at++
			a.step = p.number()
		}
	case c == '$':
		p.at++
		a.set, a.line = true, -1
	case c == '+' && second:
		p.at++
		a.set, a.plus = true, p.number()
	case c == '/' || c == '\\':
		if c == '\\' {
			p.at++
		}
		p.inAddr = true
		pat := p.delimited(p.peek(), true)
		p.inAddr = false
		fold := false
		if p.peek() == 'I' && !p.busybox {
			p.at++
			fold = true
		}
		a.set = true
		if pat == "" {
			a.last = true
			return a
		}
		a.rx = p.compile(pat, fold)
	}
	return a
}

func (p *sedParser) compile(pat string, fold bool) *posixRx {
	rx, err := posixRegexp(pat, p.extended, fold)
	if err != nil {
		if p.busybox {
			p.fail("bad regex '%s': %v", pat, err)
		} else {
			p.fail("%v", err)
		}
	}
	return rx
}

// delimited reads to the next delimiter; \delimiter is the delimiter itself and
// \n a newline.
func (p *sedParser) delimited(delim byte, pattern bool) string {
	p.at++
	var b strings.Builder
	inClass := false
	for p.at < len(p.text) {
		c := p.text[p.at]
		switch {
		case c == '\\' && p.at+1 < len(p.text):
			next := p.text[p.at+1]
			p.at += 2
			switch {
			case next == delim && delim != '\\':
				if pattern && strings.IndexByte(`.*[]^$+?(){}|`, next) >= 0 {
					b.WriteByte('\\')
				}
				b.WriteByte(next)
			case next == '\n':
				b.WriteString("\\\n")
			default:
				b.WriteByte('\\')
				b.WriteByte(next)
			}
			continue
		case pattern && c == '[' && !inClass:
			inClass = true
			b.WriteByte(c)
			p.at++
			if p.peek() == '^' {
				b.WriteByte('^')
				p.at++
			}
			if p.peek() == ']' {
				b.WriteByte(']')
				p.at++
			}
			continue
		case c == ']' && inClass:
			inClass = false
		case c == delim && !inClass:
			p.at++
			return b.String()
		}
		b.WriteByte(c)
		p.at++
	}
	if p.inAddr && !p.busybox {
		p.fail("unterminated address regex")
	} else if p.busybox {
		p.fail("unmatched '%c'", delim)
	} else {
		p.fail("unterminated `s' command")
	}
	return ""
}

func (p *sedParser) command() {
	c := &sedCmd{}
	c.from = p.address(false)
	p.skip(" \t")
	if c.from.set && p.peek() == ',' {
		p.at++
		p.skip(" \t")
		c.to = p.address(true)
		if !c.to.set && p.busybox {
			p.fail("no address after comma")
		} else if !c.to.set {
			p.fail("unexpected `,'")
		}
	}
	p.skip(" \t")
	for p.peek() == '!' {
		c.negate = true
		p.at++
		p.skip(" \t")
	}
	if p.at >= len(p.text) {
		p.fail("missing command")
		return
	}
	c.name = p.text[p.at]
	p.at++
	index := len(p.script.cmds)
	switch c.name {
	case '{':
		p.blocks = append(p.blocks, index)
	case '}':
		if len(p.blocks) == 0 && p.busybox {
			return
		}
		if len(p.blocks) == 0 {
			p.fail("unexpected `}'")
			return
		}
		p.script.cmds[p.blocks[len(p.blocks)-1]].end = index
		p.blocks = p.blocks[:len(p.blocks)-1]
	case ':':
		p.skip(" \t")
		label := strings.TrimRight(p.line(), " \t")
		if i := strings.IndexByte(label, ';'); i >= 0 {
			p.at -= len(label) - i
			label = label[:i]
		}
		p.script.labels[label] = index
	case 'b', 't', 'T':
		p.skip(" \t")
		start := p.at
		for p.at < len(p.text) && strings.IndexByte("\n;}", p.text[p.at]) < 0 {
			p.at++
		}
		c.text = strings.TrimSpace(p.text[start:p.at])
	case 'a', 'i', 'c':
		c.text = p.inserted()
	case 'r', 'R', 'w', 'W':
		p.skip(" \t")
		c.text = p.line()
	case 's':
		p.substitute(c)
	case 'y':
		p.transliterate(c)
	case 'q', 'Q', 'l', 'L':
		p.skip(" \t")
		if !p.busybox { // it has no exit status
			c.nth = p.number()
		}
	case 'p', 'd', 'D', 'P', 'n', 'N', 'g', 'G', 'h', 'H', 'x', '=', 'z':
	default:
		if p.busybox {
			p.fail("unsupported command %c", c.name)
		} else {
			p.fail("unknown command: `%c'", c.name)
		}
		return
	}
	p.script.cmds = append(p.script.cmds, c)
	if strings.IndexByte("{}:aicrRwWbtT", c.name) >= 0 {
		return
	}
	p.skip(" \t")
	if next := p.peek(); next != 0 && next != ';' && next != '\n' && next != '}' && next != '#' {
		p.at++
		if p.busybox && c.name != 's' {
			p.at-- // the next command
			return
		}
		p.fail("unknown option to `s'")
		if p.busybox {
			p.problem = "bad option in substitution expression"
		}
		if c.name != 's' {
			p.problem = "extra characters after command"
		}
	}
}

// inserted is the text of a, i and c: one line after the command, or lines that
// go on with a backslash.
func (p *sedParser) inserted() string {
	p.skip(" \t")
	if p.peek() == '\\' {
		p.at++
		start := p.at
		if p.skip(" \t"); p.peek() == '\n' {
			p.at++
		} else if p.at < len(p.text) {
			p.at = start // "a\  text" keeps its blanks
		}
		if p.at >= len(p.text) {
			if p.busybox {
				return "\n"
			}
			return "" // "$a\\" only ends the last line
		}
	}
	var b strings.Builder
	for p.at < len(p.text) {
		c := p.text[p.at]
		p.at++
		if c == '\\' && p.at < len(p.text) {
			switch next := p.text[p.at]; next {
			case 't':
				b.WriteByte('\t')
			case 'n':
				b.WriteByte('\n')
			default:
				b.WriteByte(next)
			}
			p.at++
			continue
		}
		if c == '\n' {
			break
		}
		b.WriteByte(c)
	}
	return b.String() + "\n"
}

func (p *sedParser) substitute(c *sedCmd) {
	delim := p.peek()
	if delim == 0 || delim == '\n' || delim == '\\' {
		p.fail("unterminated `s' command")
		return
	}
	pat := p.delimited(delim, true)
	if p.problem != "" {
		return
	}
	p.at--
	c.with = p.delimited(delim, false)
	fold := false
	for p.at < len(p.text) && p.problem == "" {
		switch f := p.text[p.at]; {
		case f == 'g':
			if c.global && !p.busybox {
				p.fail("multiple `g' options to `s' command")
			}
			c.global = true
			if p.busybox {
				c.nth = 0
			}
		case f == 'p':
			if c.print && !p.busybox {
				p.fail("multiple `p' options to `s' command")
			}
			c.print = true
		case f == 'I' || f == 'i':
			fold = true
		case f == 'm' || f == 'M' || f == 'e':
		case isDigit(f):
			c.nth = p.number()
			c.global = c.global && !p.busybox
			continue
		case f == 'w':
			p.at++
			p.skip(" \t")
			c.toFile = p.line()
			continue
		default:
			goto done
		}
		p.at++
	}
done:
	if pat == "" {
		c.empty = true
		return
	}
	c.rx = p.compile(pat, fold)
	if c.rx == nil {
		return
	}
	for i := 0; i+1 < len(c.with); i++ {
		if c.with[i] == '\\' {
			i++
			if isDigit(c.with[i]) && int(c.with[i]-'0') > c.rx.NumSubexp() {
				p.fail("invalid reference \\%c on `s' command's RHS", c.with[i])
			}
		}
	}
}

func (p *sedParser) transliterate(c *sedCmd) {
	delim := p.peek()
	from := p.delimited(delim, false)
	if p.problem != "" {
		return
	}
	p.at--
	to := p.delimited(delim, false)
	from, _ = unescape(from, false)
	to, _ = unescape(to, false)
	c.text, c.with = from, to
	if len([]rune(from)) != len([]rune(to)) && p.busybox {
		n := min(len(from), len(to))
		c.text, c.with = from[:n], to[:n]
	} else if len([]rune(from)) != len([]rune(to)) {
		p.fail("strings for `y' command are different lengths")
	}
}
