package shell

import (
	"regexp"
	"regexp/syntax"
	"strings"
)

// A regexpError is what is wrong with a pattern, in the words of the C library.
type regexpError string

func (e regexpError) Error() string { return string(e) }

// posixRegexp compiles a basic (or extended) regular expression of POSIX
// (IEEE 1003.1, chapter 9, with the \+ \? \| \w \s \b of GNU and busybox).
func posixRegexp(pat string, extended, fold bool) (*posixRx, error) {
	t := &translator{pat: pat, extended: extended}
	expr, err := t.translate()
	if err != nil {
		return nil, err
	}
	flags := "(?s)"
	if fold {
		flags = "(?si)"
	}
	rx, err := regexp.Compile(flags + expr)
	if err != nil {
		return nil, err
	}
	rx.Longest()
	out := &posixRx{Regexp: rx}
	if t.refs {
		out.refs, err = syntax.Parse(flags+expr, syntax.Perl)
	}
	return out, err
}

type translator struct {
	pat      string
	i        int
	b        strings.Builder
	extended bool
	atom     bool // something that * can repeat stands before
	depth    int
	before   int  // groups of other patterns before this one
	groups   int  // that are open or closed so far
	refs     bool // there is a back-reference
}

// translate is the pattern in the language of Go's regular expressions.
func (t *translator) translate() (string, error) {
	for t.i < len(t.pat) {
		if err := t.step(); err != nil {
			return "", err
		}
	}
	if t.depth > 0 {
		return "", regexpError("Unmatched ( or \\(")
	}
	return t.b.String(), nil
}

func (t *translator) step() error {
	c := t.pat[t.i]
	t.i++
	switch {
	case c == '\\':
		return t.escape()
	case c == '[':
		return t.bracket()
	case c == '.':
		t.write(".", true)
	case c == '*':
		if !t.atom {
			t.write(`\*`, true)
			return nil
		}
		t.repeat("*")
	case c == '^':
		if t.extended || t.atStart() {
			t.write("^", false)
			return nil
		}
		t.write(`\^`, true)
	case c == '$':
		if t.extended || t.atEnd() {
			t.write("$", false)
			return nil
		}
		t.write(`\$`, true)
	case t.extended && strings.IndexByte("+?(){}|", c) >= 0:
		return t.operator(c)
	default:
		t.write(regexp.QuoteMeta(string(c)), true)
		if c >= 0x80 { // the rest of a UTF-8 sequence
			s := t.b.String()
			t.b.Reset()
			t.b.WriteString(s[:len(s)-len(regexp.QuoteMeta(string(c)))])
			j := t.i
			for j < len(t.pat) && t.pat[j]&0xC0 == 0x80 {
				j++
			}
			t.b.WriteString(t.pat[t.i-1 : j])
			t.i = j
		}
	}
	return nil
}

func (t *translator) write(s string, atom bool) {
	t.b.WriteString(s)
	t.atom = atom
}

// repeat writes an operator of repetition; a second one in a row needs a group.
func (t *translator) repeat(op string) {
	s := t.b.String()
	if s != "" && strings.HasSuffix(s, op) && (op == "*" || op == "+" || op == "?") && !strings.HasSuffix(s, `\`+op) {
		return
	}
	t.b.WriteString(op)
}

func (t *translator) atStart() bool {
	before := t.pat[:t.i-1]
	return before == "" || strings.HasSuffix(before, `\(`) || strings.HasSuffix(before, `\|`)
}

func (t *translator) atEnd() bool {
	after := t.pat[t.i:]
	return after == "" || strings.HasPrefix(after, `\)`) || strings.HasPrefix(after, `\|`)
}

func (t *translator) operator(c byte) error {
	switch c {
	case '(':
		t.depth++
		t.groups++
		t.write("(", false)
	case ')':
		if t.depth == 0 {
			if t.extended {
				t.write(`\)`, true)
				return nil
			}
			return regexpError("Unmatched ) or \\)")
		}
		t.depth--
		t.write(")", true)
	case '|':
		t.write("|", false)
	case '{':
		return t.interval()
	case '}':
		t.write(`\}`, true)
	default:
		if !t.atom {
			t.write(`\`+string(c), true)
			return nil
		}
		t.repeat(string(c))
	}
	return nil
}

func (t *translator) interval() error {
	end := "}"
	if !t.extended {
		end = `\}`
	}
	j := strings.Index(t.pat[t.i:], end)
	if j < 0 || !t.atom {
		if t.extended {
			t.write(`\{`, true)
			return nil
		}
		return regexpError(`Unmatched { or \{`)
	}
	inside := t.pat[t.i : t.i+j]
	if strings.Trim(inside, "0123456789,") != "" || inside == "" {
		if t.extended {
			t.write(`\{`, true)
			return nil
		}
		return regexpError(`Invalid content of \{\}`)
	}
	if strings.HasPrefix(inside, ",") {
		inside = "0" + inside
	}
	t.i += j + len(end)
	t.b.WriteString("{" + inside + "}")
	return nil
}

func (t *translator) escape() error {
	if t.i >= len(t.pat) {
		return regexpError("Trailing backslash")
	}
	c := t.pat[t.i]
	t.i++
	switch {
	case c >= '1' && c <= '9':
		if int(c-'0') > t.groups {
			return regexpError("Invalid back reference")
		}
		t.refs = true
		t.write(string(refRune+rune(t.before)+rune(c-'0')), true)
	case !t.extended && strings.IndexByte("(){|+?", c) >= 0:
		t2 := t.extended
		if c == '{' {
			return t.interval()
		}
		err := t.operator(c)
		t.extended = t2
		return err
	case c == 'w':
		t.write(`[0-9A-Za-z_]`, true)
	case c == 'W':
		t.write(`[^0-9A-Za-z_]`, true)
	case c == 's', c == 'S', c == 'b', c == 'B':
		t.write(`\`+string(c), c == 's' || c == 'S')
	case c == '<', c == '>':
		t.write(`\b`, false)
	case c == 'n':
		t.write(`\n`, true)
	case c == 't':
		t.write(`\t`, true)
	case c == '`':
		t.write(`\A`, false)
	case c == '\'':
		t.write(`\z`, false)
	default:
		t.write(regexp.QuoteMeta(string(c)), true)
	}
	return nil
}

// bracket translates [...]: in POSIX a backslash is itself there, and "]" may
// stand first.
func (t *translator) bracket() error {
	j := t.i
	var b strings.Builder
	b.WriteByte('[')
	if j < len(t.pat) && t.pat[j] == '^' {
		b.WriteByte('^')
		j++
	}
	first := true
	for {
		if j >= len(t.pat) {
			return regexpError("Unmatched [, [^, [:, [., or [=")
		}
		c := t.pat[j]
		if c == ']' && !first {
			j++
			break
		}
		first = false
		if c == '[' && j+1 < len(t.pat) && strings.IndexByte(":.=", t.pat[j+1]) >= 0 {
			kind := t.pat[j+1]
			end := strings.Index(t.pat[j+2:], string(kind)+"]")
			if end < 0 {
				return regexpError("Unmatched [, [^, [:, [., or [=")
			}
			name := t.pat[j+2 : j+2+end]
			j += end + 4
			if kind == ':' {
				b.WriteString("[:" + name + ":]")
			} else {
				b.WriteString(quoteInClass(name))
			}
			continue
		}
		if c == '\\' && j+1 < len(t.pat) && (t.pat[j+1] == 'n' || t.pat[j+1] == 't' || t.pat[j+1] == ']' && false) {
			b.WriteString(t.pat[j : j+2])
			j += 2
			continue
		}
		if c == '-' {
			b.WriteByte('-')
			if strings.HasSuffix(b.String(), "[-") || strings.HasSuffix(b.String(), "[^-") || j+1 < len(t.pat) && t.pat[j+1] == ']' {
				s := b.String()
				b.Reset()
				b.WriteString(s[:len(s)-1] + `\-`)
			}
			j++
			continue
		}
		b.WriteString(quoteInClass(string(c)))
		if c >= 0x80 {
			s := b.String()
			b.Reset()
			b.WriteString(strings.TrimSuffix(s, quoteInClass(string(c))))
			b.WriteByte(c)
		}
		j++
	}
	b.WriteByte(']')
	t.i = j
	t.write(b.String(), true)
	return nil
}

func quoteInClass(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if strings.IndexByte(`\[]^-&~|`, s[i]) >= 0 {
			b.WriteByte('\\')
		}
		b.WriteByte(s[i])
	}
	return b.String()
}
