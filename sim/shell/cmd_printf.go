package shell

import (
	"context"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"
)

// cmdPrintf is printf(1): the format is used again while words are left.
func cmdPrintf(ctx context.Context, p *Process) int {
	words := p.Args[1:]
	if len(words) > 0 && words[0] == "--" {
		words = words[1:]
	}
	if len(words) == 0 {
		switch {
		case p.busybox:
			p.say("usage: printf FORMAT [ARGUMENT...]")
		case isBash(p.Args[0]):
			p.errf("printf: usage: printf [-v var] format [arguments]\n")
		case isDash(p.Args[0]):
			p.say("usage: printf format [arg ...]")
		default:
			return p.missing("missing operand")
		}
		return 2
	}
	f := formatter{p: p, ctx: ctx, args: words[1:]}
	for {
		p.k.turn(ctx)
		had := len(f.args)
		more := f.once(words[0])
		if f.b.Len() > 1<<16 || len(f.args) == 0 || len(f.args) == had || !more {
			if _, err := io.WriteString(p.Stdout, f.b.String()); err != nil {
				return 1
			}
			f.b.Reset()
		}
		if len(f.args) == 0 || len(f.args) == had || !more {
			if more && len(f.args) > 0 && !p.busybox && !isBash(p.Args[0]) && !isDash(p.Args[0]) {
				p.say("warning: ignoring excess arguments, starting with %s", quoted(f.args[0]))
			}
			return f.status
		}
	}
}

type formatter struct {
	p      *Process
	ctx    context.Context
	args   []string
	b      strings.Builder
	status int
	given  bool // the last word was there
}

func (f *formatter) next() string {
	f.given = len(f.args) > 0
	if len(f.args) == 0 {
		return ""
	}
	a := f.args[0]
	f.args = f.args[1:]
	return a
}

// once writes the format one time; it reports whether output goes on.
func (f *formatter) once(format string) bool {
	for i := 0; i < len(format); i++ {
		switch c := format[i]; {
		case c == '\\':
			end := min(len(format), i+5)
			dash := isDash(f.p.Args[0])
			if w := format[i:min(len(format), i+2)]; w == `\c` && (dash || isBash(f.p.Args[0])) || w == `\x` && dash {
				f.b.WriteString(w)
				i++
				continue
			}
			text, used, stopped := oneEscape(format[i:end])
			f.b.WriteString(text)
			if stopped {
				return false
			}
			i += used - 1
		case c != '%':
			f.b.WriteByte(c)
		case i+1 < len(format) && format[i+1] == '%':
			f.b.WriteByte('%')
			i++
		default:
			used, ok := f.directive(format[i:])
			if !ok {
				return false
			}
			i += used - 1
		}
	}
	return true
}

func oneEscape(text string) (out string, used int, stopped bool) {
	used = min(2, len(text))
	if len(text) > 1 {
		switch c := text[1]; {
		case c >= '0' && c <= '7':
			for used < len(text) && used < 4 && text[used] >= '0' && text[used] <= '7' {
				used++
			}
		case c == 'x':
			for used < len(text) && used < 4 && strings.IndexByte("0123456789abcdefABCDEF", text[used]) >= 0 {
				used++
			}
		case c == '"' || c == '\'':
			return text[1:2], 2, false
		}
	}
	out, stopped = unescape(text[:used], false)
	return out, used, stopped
}

func (f *formatter) directive(format string) (used int, ok bool) {
	spec := "%"
	i := 1
	for i < len(format) && strings.IndexByte("-+ 0#'", format[i]) >= 0 {
		spec += string(format[i])
		i++
	}
	number := func() {
		if i < len(format) && format[i] == '*' {
			spec += f.star()
			i++
			return
		}
		for i < len(format) && format[i] >= '0' && format[i] <= '9' {
			spec += string(format[i])
			i++
		}
	}
	number()
	if i < len(format) && format[i] == '.' {
		spec += "."
		i++
		number()
	}
	dash := isDash(f.p.Args[0])
	for !dash && i < len(format) && strings.IndexByte("hlLqjzt", format[i]) >= 0 && format[i] != 'q' {
		i++
	}
	if i == len(format) {
		f.invalid(format)
		return 0, false
	}
	switch verb := format[i]; verb {
	case 'd', 'i':
		f.put(spec, 'd', f.integer(f.next()))
	case 'u', 'o', 'x', 'X':
		if verb == 'u' {
			verb = 'd'
		}
		n := uint64(f.integer(f.next()))
		if n == 0 {
			spec = strings.ReplaceAll(spec, "#", "")
		}
		f.put(spec, verb, n)
	case 'e', 'E', 'f', 'F', 'g', 'G':
		f.put(spec, verb, f.float(f.next()))
	case 's':
		f.put(spec, 's', f.next())
	case 'c':
		a := f.next()
		if a == "" && f.p.busybox {
			a = "\x00"
		}
		a = a[:min(len(a), 1)]
		f.put(spec, 's', a)
	case 'b':
		if f.p.busybox && spec != "%" {
			f.invalid(format)
			return 0, false
		}
		text := f.next()
		if dash {
			text = withoutHex(text)
		}
		text, stopped := unescape(text, true)
		f.put(spec, 's', text)
		if stopped {
			return 0, false
		}
	case 'q':
		if f.p.busybox || dash {
			f.invalid(format)
			return 0, false
		}
		f.b.WriteString(f.quote(f.next()))
	default:
		f.invalid(format)
		return 0, false
	}
	return i + 1, true
}

// quote is %q: bash quotes with backslashes, GNU printf with quotes.
func (f *formatter) quote(w string) string {
	if quoteIf(w) == w && w != "" {
		return w
	}
	if !strings.Contains(f.p.Args[0], ": ") || w == "" {
		return quoteSh(w)
	}
	var b strings.Builder
	for _, r := range w {
		if r < 128 && quoteIf(string(r)) != string(r) {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}

func (f *formatter) invalid(format string) {
	io.WriteString(f.p.Stdout, f.b.String())
	f.b.Reset()
	f.status = 1
	if f.p.busybox {
		f.p.say("%s: invalid format", strings.ReplaceAll(format, "\n", `\n`))
		return
	}
	if isBash(f.p.Args[0]) {
		i := 1
		for i < len(format)-1 && strings.IndexByte("-+ 0#'.123456789*hlLjzt", format[i]) >= 0 {
			i++
		}
		f.p.say("`%s': invalid format character", format[i:i+1])
		return
	}
	spec, _ := cutSpec(format)
	if isDash(f.p.Args[0]) {
		f.status = 2
		f.p.say("%s: invalid directive", spec)
		return
	}
	f.p.say("%s: invalid conversion specification", spec)
}

// cutSpec is the directive that format begins with, up to the letter that nobody
// knows, and what follows.
func cutSpec(format string) (spec, rest string) {
	i := 1
	for i < len(format)-1 && strings.IndexByte("-+ 0#'.123456789*", format[i]) >= 0 {
		i++
	}
	i = min(i+1, len(format))
	return format[:i], format[i:]
}

// withoutHex is a text in which \xHH is no escape, as dash reads it.
func withoutHex(text string) string {
	return strings.NewReplacer(`\\`, `\\`, `\x`, `\\x`).Replace(text)
}

// cFloat writes a number as C's printf does: exponents have two digits.
func cFloat(spec string, verb byte, x float64) string {
	if verb == 'F' {
		verb = 'f'
	}
	if verb == 'g' || verb == 'G' {
		if !strings.Contains(spec, ".") {
			spec += ".6"
		}
	}
	return fmt.Sprintf(spec+string(verb), x)
}

func (f *formatter) integer(text string) int64 {
	if f.p.busybox {
		text = strings.TrimLeft(text, " \t\n\v\f\r")
	} else {
		text = strings.TrimSpace(text)
	}
	if text == "" {
		if f.p.busybox {
			f.status = 1
			f.p.say("invalid number ''")
		}
		return 0
	}
	if text[0] == '\'' || text[0] == '"' {
		if f.p.busybox {
			return int64((text + "\x00")[1])
		}
		r, _ := utf8.DecodeRuneInString(text[1:])
		return int64(r)
	}
	n, err := strconv.ParseInt(text, 0, 64)
	if err != nil {
		if u, e := strconv.ParseUint(text, 0, 64); e == nil {
			return int64(u)
		}
		f.status = 1
		i := 0
		if i < len(text) && (text[i] == '-' || text[i] == '+') {
			i++
		}
		for i < len(text) && text[i] >= '0' && text[i] <= '9' {
			i++
		}
		if !f.p.busybox {
			n, err = strconv.ParseInt(text[:i], 10, 64)
		}
		switch {
		case f.p.busybox:
			f.p.say("invalid number '%s'", text)
		case isBash(f.p.Args[0]):
			f.p.say("%s: invalid number", text)
		case isDash(f.p.Args[0]) && err == nil:
			f.p.say("%s: not completely converted", text)
		case isDash(f.p.Args[0]):
			f.p.say("%s: expected numeric value", text)
		case err == nil:
			f.p.say("'%s': value not completely converted", text)
		default:
			f.p.say("'%s': expected a numeric value", text)
		}
	}
	return n
}

// star is the number that a * in the format stands for.
func (f *formatter) star() string {
	word := f.next()
	if !f.p.busybox {
		return strconv.FormatInt(f.integer(word), 10)
	}
	if !f.given {
		return ""
	}
	n, err := strconv.ParseInt(word, 10, 32)
	if err != nil {
		f.p.say("invalid number '%s'", word)
		return ""
	}
	return strconv.FormatInt(n, 10)
}

// float is a word of %f and its like.
func (f *formatter) float(word string) float64 {
	if f.p.busybox && word != "" && (word[0] == '\'' || word[0] == '"') {
		return float64((word + "\x00")[1])
	}
	x, err := strconv.ParseFloat(strings.TrimSpace(word), 64)
	if err != nil && !math.IsInf(x, 0) {
		if f.p.busybox && word != "" {
			f.status = 1
			f.p.say("invalid number '%s'", word)
		}
		return 0
	}
	return x
}
