package awk

import (
	"math"
	"strconv"
	"strings"
	"unicode/utf8"
)

// builtin runs a built-in function.
func (m *machine) builtin(e builtin) value {
	switch e.name {
	case "length":
		if len(e.args) == 1 {
			if v, ok := e.args[0].(variable); ok && m.isArray(string(v)) {
				return num(float64(len(m.array(string(v)))))
			}
		}
	case "split":
		return m.splitFunc(e)
	case "sub", "gsub", "gensub":
		return m.substitute(e)
	case "match":
		return m.match(e)
	}
	args := m.all(e.args)
	arg := func(i int) value {
		if i < len(args) {
			return args[i]
		}
		return value{}
	}
	s := func(i int) string {
		text := arg(i).text(m.conv())
		m.cost(len(text))
		return text
	}
	n := func(i int) float64 { return arg(i).number() }
	switch e.name {
	case "length":
		text := m.text0()
		if len(args) > 0 {
			text = s(0)
		}
		return num(float64(m.chars(text)))
	case "substr":
		if m.c.Busybox {
			return str(byteSubstr(s(0), n(1), n(2), len(args) > 2))
		}
		return str(substr(s(0), n(1), n(2), len(args) > 2))
	case "index":
		i := strings.Index(s(0), s(1))
		if i > 0 {
			i = m.chars(s(0)[:i])
		}
		if m.c.Busybox && s(1) == "" {
			i = -1
		}
		return num(float64(i + 1))
	case "sprintf":
		if len(args) == 0 {
			return str("")
		}
		return str(sprintf(s(0), args[1:], m.conv()))
	case "tolower":
		return str(m.letters(s(0), 'A', strings.ToLower))
	case "toupper":
		return str(m.letters(s(0), 'a', strings.ToUpper))
	case "system":
		m.out.Flush()
		return num(float64(m.c.Command(s(0), m.c.Stdin, m.c.Stdout)))
	case "close":
		return num(m.closeNamed(s(0)))
	case "fflush":
		m.out.Flush()
		return num(0)
	case "systime":
		return num(float64(m.c.Now()))
	case "rand":
		return num(float64(m.c.Random()>>11) / (1 << 53))
	case "srand":
		old := m.seed
		m.seed = n(0)
		return num(old)
	case "strtonum":
		if v, err := strconv.ParseInt(s(0), 0, 64); err == nil {
			return num(float64(v))
		}
		return num(n(0))
	}
	return num(math1(e.name, n(0), n(1)))
}

func math1(name string, x, y float64) float64 {
	switch name {
	case "int":
		return math.Trunc(x)
	case "sqrt":
		return math.Sqrt(x)
	case "exp":
		return math.Exp(x)
	case "log":
		return math.Log(x)
	case "sin":
		return math.Sin(x)
	case "cos":
		return math.Cos(x)
	case "atan2":
		return math.Atan2(x, y)
	case "and":
		return float64(uint64(x) & uint64(y))
	case "or":
		return float64(uint64(x) | uint64(y))
	case "xor":
		return float64(uint64(x) ^ uint64(y))
	case "lshift":
		return float64(uint64(x) << uint64(y))
	case "rshift":
		return float64(uint64(x) >> uint64(y))
	case "compl":
		return float64(^uint64(x))
	}
	return 0
}

// letters is text with other letters; busybox knows those from first to its 26th.
func (m *machine) letters(text string, first byte, f func(string) string) string {
	if !m.c.Busybox {
		return f(text)
	}
	b := []byte(text)
	for i, c := range b {
		if c >= first && c < first+26 {
			b[i] = c ^ 0x20
		}
	}
	return string(b)
}

// chars is how long text is: in characters, or as busybox counts in bytes.
func (m *machine) chars(text string) int {
	if m.c.Busybox {
		return len(text)
	}
	return utf8.RuneCountInString(text)
}

// byteSubstr is busybox's substr: a start before the first byte is the first and
// takes nothing from the length.
func byteSubstr(s string, start, n float64, hasN bool) string {
	from := min(max(int(start)-1, 0), len(s))
	size := len(s) - from
	if hasN {
		size = min(max(int(n), 0), size)
	}
	return s[from : from+size]
}

// substr is the characters from start (1 is the first), as POSIX rounds it.
func substr(s string, start, n float64, hasN bool) string {
	r := []rune(s)
	from := math.RoundToEven(start)
	to := float64(len(r)) + 1
	if hasN {
		to = math.Min(to, from+math.RoundToEven(n))
	}
	from = math.Max(from, 1)
	if math.IsNaN(from) || math.IsNaN(to) || from >= to {
		return ""
	}
	return string(r[int(from)-1 : int(to)-1])
}

func (m *machine) closeNamed(name string) float64 {
	if w, ok := m.writers[name]; ok {
		delete(m.writers, name)
		w.Close()
		return 0
	}
	if _, ok := m.readers[name]; ok {
		delete(m.readers, name)
		if c, ok := m.closers[name]; ok {
			c.Close()
			delete(m.closers, name)
		}
		return 0
	}
	return -1
}

func (m *machine) splitFunc(e builtin) value {
	if len(e.args) < 2 {
		panic(&Error{0, "split: not enough arguments"})
	}
	name, ok := e.args[1].(variable)
	if !ok {
		panic(&Error{0, "split: second argument is not an array"})
	}
	s := m.eval(e.args[0]).text(m.conv())
	fs := m.getVar("FS").text("%.6g")
	if len(e.args) > 2 {
		fs = m.pattern(e.args[2])
	}
	m.cost(len(s))
	parts := m.cut(s, fs)
	a := m.array(string(name))
	clear(a)
	for i, p := range parts {
		m.setCell(a, strconv.Itoa(i+1), input(p))
	}
	return num(float64(len(parts)))
}

func (m *machine) match(e builtin) value {
	if len(e.args) < 2 {
		panic(&Error{0, "match: not enough arguments"})
	}
	s := m.eval(e.args[0]).text(m.conv())
	at := m.regexp(m.pattern(e.args[1])).FindStringSubmatchIndex(s)
	start, length := 0, -1
	if at != nil {
		start = m.chars(s[:at[0]]) + 1
		length = m.chars(s[at[0]:at[1]])
	}
	if len(e.args) > 2 {
		if name, ok := e.args[2].(variable); ok {
			a := m.array(string(name))
			clear(a)
			for i := 0; i+1 < len(at); i += 2 {
				if at[i] >= 0 {
					m.setCell(a, strconv.Itoa(i/2), input(s[at[i]:at[i+1]]))
				}
			}
		}
	}
	m.setVar("RSTART", num(float64(start)))
	m.setVar("RLENGTH", num(float64(length)))
	return num(float64(start))
}

// substitute is sub and gsub, and gawk's gensub, which gives the new text.
func (m *machine) substitute(e builtin) value {
	if len(e.args) < 2 || e.name == "gensub" && len(e.args) < 3 {
		panic(&Error{0, e.name + ": not enough arguments"})
	}
	rx := m.regexp(m.pattern(e.args[0]))
	with := m.eval(e.args[1]).text(m.conv())
	var target expr = field{number(0)}
	last := 2
	nth := 0
	if e.name == "gensub" {
		last = 3
		if how := m.eval(e.args[2]).text(m.conv()); !strings.HasPrefix(strings.ToLower(how), "g") {
			nth, _ = strconv.Atoi(how)
			nth = max(nth, 1)
		}
	}
	if len(e.args) > last {
		target = e.args[last]
	}
	s := m.eval(target).text(m.conv())
	m.cost(len(s))
	limit := -1
	if e.name == "sub" {
		limit = 1
	}
	var b strings.Builder
	at, n := 0, 0
	for i, loc := range rx.FindAllStringSubmatchIndex(s, limit) {
		if nth > 0 && i+1 != nth {
			continue
		}
		b.WriteString(s[at:loc[0]])
		m.cost(len(with))
		replacement(&b, with, s, loc, e.name == "gensub")
		at = loc[1]
		n++
	}
	b.WriteString(s[at:])
	if b.Len() > maxRecord {
		panic(&Error{0, "string is too long"})
	}
	if e.name == "gensub" {
		return str(b.String())
	}
	if n > 0 {
		m.store(target, str(b.String()))
	}
	return num(float64(n))
}

func replacement(b *strings.Builder, with, s string, loc []int, groups bool) {
	for i := 0; i < len(with); i++ {
		c := with[i]
		switch {
		case c == '&':
			b.WriteString(s[loc[0]:loc[1]])
		case c == '\\' && i+1 < len(with):
			i++
			next := with[i]
			switch {
			case next == '&' || next == '\\':
				b.WriteByte(next)
			case groups && isDigit(next):
				if g := 2 * int(next-'0'); g+1 < len(loc) && loc[g] >= 0 {
					b.WriteString(s[loc[g]:loc[g+1]])
				}
			default:
				b.WriteByte('\\')
				b.WriteByte(next)
			}
		default:
			b.WriteByte(c)
		}
	}
}
