package shell

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"strings"
)

// sed is a script at work.
type sed struct {
	p        *Process
	ctx      context.Context
	prog     *sedScript
	quiet    bool
	files    []string
	status   int
	in       *bufio.Reader
	closer   io.Closer
	next     *string // one line ahead, to know the last
	nextNL   bool
	sep      byte // that ends a line
	open     bool // what was printed last had no newline
	lineNo   int
	space    string
	noNL     bool // the line of the pattern space had no newline
	hold     string
	appended []string
	lastRx   *posixRx
	done     bool // a substitution was made since the last line or t
	quitting bool
	written  map[string]*desc
	w        *bufio.Writer
}

func (s *sed) close() {
	if s.closer != nil {
		s.closer.Close()
	}
	for _, d := range s.written {
		d.release()
	}
}

func (s *sed) reset() {
	s.in, s.next, s.lineNo = nil, nil, 0
	for _, c := range s.prog.cmds {
		c.active = false
	}
}

// read puts the next line into s.next.
func (s *sed) read() bool {
	if s.next != nil {
		return true
	}
	for {
		if s.in == nil {
			if len(s.files) == 0 {
				return false
			}
			name := s.files[0]
			s.files = s.files[1:]
			r, err := s.p.readable(s.ctx, name, true)
			if err != nil {
				s.w.Flush()
				s.status = s.p.cannotOpen(name, err)
				if !s.p.busybox {
					s.status = 2
				}
				continue
			}
			s.in, s.closer = bufio.NewReader(r), r
		}
		line, err := s.in.ReadString(s.sep)
		if line != "" {
			s.nextNL = strings.HasSuffix(line, string(s.sep))
			line = strings.TrimSuffix(line, string(s.sep))
			s.next = &line
			return true
		}
		if err != io.EOF {
			s.w.Flush()
			s.status = s.p.readError("-", err)
		}
		s.closer.Close()
		s.in, s.closer = nil, nil
	}
}

// take makes the next line the pattern space (or part of it) and counts it.
func (s *sed) take() (string, bool) {
	if !s.read() {
		return "", false
	}
	line := *s.next
	s.noNL = !s.nextNL
	s.next = nil
	s.lineNo++
	return line, true
}

func (s *sed) isLast() bool { return !s.read() }

// rest copies what was not read when q ended the script.
func (s *sed) rest(w io.Writer) {
	if s.next != nil {
		fmt.Fprint(w, *s.next)
		if s.nextNL {
			fmt.Fprintln(w)
		}
		s.next = nil
	}
	if s.in != nil {
		io.Copy(w, s.in)
	}
}

func (s *sed) run(w io.Writer) {
	s.w = bufio.NewWriter(w)
	defer s.w.Flush()
	for !s.quitting {
		line, ok := s.take()
		if !ok {
			return
		}
		s.space, s.done = line, false
		s.cycle()
	}
}

func (s *sed) print(text string) {
	s.put(text)
	if s.open = s.noNL && s.isLast(); !s.open {
		s.w.WriteByte(s.sep)
	}
}

// put writes text, after the newline that the last line lacked.
func (s *sed) put(text string) {
	if s.open {
		s.w.WriteByte(s.sep)
		s.open = false
	}
	s.w.WriteString(text)
}

func (s *sed) flushAppended() {
	for _, t := range s.appended {
		s.put(t)
	}
	s.appended = s.appended[:0]
}

// endCycle prints what the end of a script prints.
func (s *sed) endCycle() {
	if !s.quiet {
		s.print(s.space)
	}
	s.flushAppended()
}

func (s *sed) cycle() {
	for pc := 0; pc < len(s.prog.cmds); pc++ {
		held := len(s.space) + len(s.hold)
		s.p.k.fits(held, maxLine, "bytes in sed's buffers")
		s.p.k.work(1 + held>>10)
		c := s.prog.cmds[pc]
		if !s.selected(c) {
			if c.name == '{' {
				pc = c.end
			}
			continue
		}
		jump, end := s.do(c)
		if end {
			return
		}
		if jump > next {
			pc = jump
		}
	}
	s.endCycle()
}

func (s *sed) matches(a sedAddr) bool {
	switch {
	case a.last:
		return s.lastRx != nil && s.lastRx.MatchString(s.space)
	case a.rx != nil:
		s.lastRx = a.rx
		return a.rx.MatchString(s.space)
	case a.step > 0:
		return s.lineNo >= a.line && (s.lineNo-a.line)%a.step == 0
	case a.line == -1:
		return s.isLast()
	}
	return a.line == s.lineNo
}

func (s *sed) selected(c *sedCmd) bool {
	return s.inRange(c) != c.negate
}

func (s *sed) inRange(c *sedCmd) bool {
	if !c.from.set {
		return true
	}
	if !c.to.set {
		return s.matches(c.from)
	}
	isRx := c.to.rx != nil || c.to.last
	if !c.active {
		zero := c.from.line == 0 && c.from.rx == nil && !c.from.last && c.from.step == 0 && isRx
		if zero && s.lineNo == 1 && !s.p.busybox {
			c.active = !s.matches(c.to)
			return true
		}
		if zero || !s.matches(c.from) {
			return false
		}
		c.active = true
		switch {
		case c.to.plus > 0:
			c.until = s.lineNo + c.to.plus
		case isRx:
			return true
		case c.to.line == -1:
			c.active = !s.isLast()
			return true
		default:
			c.until = c.to.line
		}
		if s.lineNo >= c.until {
			c.active = false
		}
		return true
	}
	switch {
	case isRx, c.to.line == -1 && c.to.plus == 0:
		if s.matches(c.to) {
			c.active = false
		}
	case s.lineNo >= c.until:
		c.active = false
		return s.lineNo == c.until
	}
	return true
}

// next is no jump: go on with the next command.
const next = -2

// do runs one command. jump is the command before that to go on with, or next;
// end ends the cycle.
func (s *sed) do(c *sedCmd) (jump int, end bool) {
	jump = next
	switch c.name {
	case 'd':
		s.flushAppended()
		return jump, true
	case 'D':
		i := strings.IndexByte(s.space, '\n')
		s.flushAppended()
		if i < 0 {
			return jump, true
		}
		s.space = s.space[i+1:]
		return next, s.again()
	case 'p':
		s.print(s.space)
	case 'P':
		first, _, _ := strings.Cut(s.space, "\n")
		s.put(first + string(s.sep))
	case 's':
		s.substitute(c)
	case 'y':
		from, to := []rune(c.text), []rune(c.with)
		s.space = strings.Map(func(r rune) rune {
			for i, f := range from {
				if f == r {
					return to[i]
				}
			}
			return r
		}, s.space)
	case 'a':
		s.appended = append(s.appended, c.text)
	case 'i':
		s.put(c.text)
	case 'c':
		if !c.to.set || c.negate || !c.active {
			s.put(c.text)
		}
		s.flushAppended()
		return jump, true
	case 'q', 'Q':
		s.status = max(s.status, c.nth)
		if c.name == 'q' {
			s.endCycle()
		}
		s.quitting = true
		return jump, true
	case 'n':
		if s.isLast() {
			s.quitting = true
			s.endCycle()
			return jump, true
		}
		if !s.quiet {
			s.print(s.space)
		}
		s.flushAppended()
		s.space, _ = s.take()
	case 'N':
		if s.isLast() {
			s.quitting = true
			s.endCycle()
			return jump, true
		}
		s.flushAppended()
		line, _ := s.take()
		s.space += "\n" + line
	case 'b':
		return s.target(c.text)
	case 't':
		if s.done {
			s.done = false
			return s.target(c.text)
		}
	case 'T':
		if !s.done {
			return s.target(c.text)
		}
		s.done = false
	default:
		s.doHold(c)
	}
	return jump, false
}

// again runs the script once more on the pattern space that D left.
func (s *sed) again() bool {
	s.cycle()
	return true
}

func (s *sed) target(label string) (jump int, end bool) {
	if label == "" {
		return len(s.prog.cmds), false
	}
	return s.prog.labels[label] - 1, false
}

func (s *sed) doHold(c *sedCmd) {
	switch c.name {
	case 'g':
		s.space = s.hold
	case 'G':
		s.space += "\n" + s.hold
	case 'h':
		s.hold = s.space
	case 'H':
		s.hold += "\n" + s.space
	case 'x':
		s.space, s.hold = s.hold, s.space
	case 'z':
		s.space = ""
	case '=':
		s.put(fmt.Sprintln(s.lineNo))
	case 'l':
		if s.p.busybox {
			break // it knows the command and does nothing
		}
		q := fmt.Sprintf("%q", s.space)
		s.w.WriteString(strings.ReplaceAll(q[1:len(q)-1], `\"`, `"`) + "$\n")
	case 'r':
		if text, err := s.p.readAll(s.ctx, c.text); err == nil {
			s.appended = append(s.appended, text)
		}
	case 'w':
		s.write(c.text, s.space+"\n")
	}
}

func (s *sed) write(name, text string) {
	d := s.written[name]
	if d == nil {
		var err error
		if d, err = s.p.open(s.ctx, name, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o666); err != nil {
			s.status = s.p.say("couldn't open file %s: %s", name, why(err))
			return
		}
		s.written[name] = d
	}
	if d == s.p.fd(1) {
		s.w.WriteString(text)
		return
	}
	io.WriteString(d, text)
}

func (s *sed) substitute(c *sedCmd) {
	rx := c.rx
	if c.empty {
		rx = s.lastRx
	}
	if rx == nil {
		return
	}
	s.lastRx = rx
	var b strings.Builder
	at, n, hit := 0, 0, false
	for _, m := range rx.FindAllStringSubmatchIndex(s.space, -1) {
		n++
		if c.nth > 0 && n < c.nth || n > max(1, c.nth) && !c.global {
			continue
		}
		b.WriteString(s.space[at:m[0]])
		expandSed(&b, c.with, s.space, m, s.p.busybox)
		at = m[1]
		hit = true
	}
	if !hit {
		return
	}
	b.WriteString(s.space[at:])
	s.space = b.String()
	s.done = true
	if c.print {
		s.print(s.space)
	}
	if c.toFile != "" {
		s.write(c.toFile, s.space+"\n")
	}
}

// expandSed writes the replacement: & and \1…\9, \n, and GNU's \U \L \u \l \E.
func expandSed(b *strings.Builder, with, text string, m []int, busybox bool) {
	mode, once := byte(0), byte(0)
	put := func(t string) {
		switch mode {
		case 'U':
			t = strings.ToUpper(t)
		case 'L':
			t = strings.ToLower(t)
		}
		if once != 0 && t != "" {
			first := strings.ToUpper(t[:1])
			if once == 'l' {
				first = strings.ToLower(t[:1])
			}
			t, once = first+t[1:], 0
		}
		b.WriteString(t)
	}
	group := func(n int) {
		if 2*n+1 < len(m) && m[2*n] >= 0 {
			put(text[m[2*n]:m[2*n+1]])
		}
	}
	for i := 0; i < len(with); i++ {
		c := with[i]
		switch {
		case c == '&':
			group(0)
		case c == '\\' && i+1 < len(with):
			i++
			switch c := with[i]; {
			case isDigit(c):
				group(int(c - '0'))
			case c == 'n':
				put("\n")
			case c == 't':
				put("\t")
			case busybox:
				put(with[i : i+1])
			case c == 'U' || c == 'L':
				mode = c
			case c == 'u' || c == 'l':
				once = c
			case c == 'E':
				mode = 0
			default:
				put(with[i : i+1])
			}
		default:
			put(with[i : i+1])
		}
	}
}
