package shell

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
)

type span struct{ from, to int } // from 1, to included; to 0 is the end

func parseSpans(list string) ([]span, bool) {
	var out []span
	for part := range strings.SplitSeq(list, ",") {
		a, b, dash := strings.Cut(part, "-")
		s := span{from: 1}
		var err error
		if a != "" {
			if s.from, err = strconv.Atoi(a); err != nil || s.from < 1 {
				return nil, false
			}
		} else if !dash || b == "" {
			return nil, false
		}
		switch {
		case !dash:
			s.to = s.from
		case b != "":
			if s.to, err = strconv.Atoi(b); err != nil || s.to < s.from {
				return nil, false
			}
		}
		out = append(out, s)
	}
	return out, true
}

func within(spans []span, n int) bool {
	return slices.ContainsFunc(spans, func(s span) bool { return n >= s.from && (s.to == 0 || n <= s.to) })
}

func cmdCut(ctx context.Context, p *Process) int {
	o, ok := p.getopt("b:c:f:d:sn", "bytes:=b", "characters:=c", "fields:=f", "delimiter:=d", "only-delimited=s", "complement=C", "output-delimiter:=O")
	if !ok {
		return 1
	}
	mode := o.last("b", "c", "f")
	if mode == "" {
		if p.busybox {
			return p.say("expected a list of bytes, characters, or fields")
		}
		p.say("you must specify a list of bytes, characters, or fields")
		return p.usage()
	}
	list, _ := o.get(mode)
	spans, ok := parseSpans(list)
	if !ok {
		if p.busybox {
			return p.say("invalid number '%s'", list)
		}
		switch {
		case slices.Contains(strings.FieldsFunc(list, func(r rune) bool { return r == ',' || r == '-' }), "0"):
			if mode == "f" {
				p.say("fields are numbered from 1")
			} else {
				p.say("byte/character positions are numbered from 1")
			}
		case strings.Trim(list, "0123456789,-") == "" && strings.Trim(list, "-,") != "":
			p.say("invalid decreasing range")
		case mode == "f":
			p.say("invalid field value %s", quoted(list))
		default:
			p.say("invalid byte/character position %s", quoted(list))
		}
		return p.usage()
	}
	delim := "\t"
	if d, ok := o.get("d"); ok {
		if len([]rune(d)) > 1 {
			p.say("the delimiter must be a single character")
			return p.usage()
		}
		delim = d
	}
	joiner := delim
	if j, ok := o.get("O"); ok {
		joiner = j
	}
	keep := func(n int) bool { return within(spans, n) != o.has("C") }
	out := p.out()
	defer out.Flush()
	return p.inputs(ctx, o.args, func(_ string, r io.Reader) error {
		return eachLine(r, func(line []byte, _ bool) bool {
			switch mode {
			case "f":
				if !strings.Contains(string(line), delim) {
					if !o.has("s") || p.busybox && len(line) == 0 {
						out.printf("%s\n", line)
					}
					return true
				}
				var kept []string
				for i, f := range strings.Split(string(line), delim) {
					if keep(i + 1) {
						kept = append(kept, f)
					}
				}
				out.printf("%s\n", strings.Join(kept, joiner))
			default:
				for i := range line {
					if keep(i + 1) {
						out.WriteByte(line[i])
					}
				}
				out.WriteByte('\n')
			}
			return true
		})
	})
}

func cmdTr(ctx context.Context, p *Process) int {
	o, ok := p.getopt("+cCdst", "delete=d", "squeeze-repeats=s", "complement=c", "truncate-set1=t")
	if !ok {
		return 1
	}
	if len(o.args) == 0 || len(o.args) == 1 && !o.has("d", "s") {
		if len(o.args) == 1 {
			return p.missing("missing operand after " + quoted(o.args[0]) + "\nTwo strings must be given when translating.")
		}
		return p.missing("missing operand")
	}
	for _, w := range o.args {
		if r := reversedRange(w); r != "" && !p.busybox {
			return p.say("range-endpoints of '%s' are in reverse collating sequence order", r)
		}
	}
	set1 := expandSet(o.args[0])
	if o.has("c", "C") {
		var in [256]bool
		for _, c := range set1 {
			in[c] = true
		}
		set1 = nil
		for c := range 256 {
			if !in[c] {
				set1 = append(set1, byte(c))
			}
		}
	}
	var set2 []byte
	if len(o.args) > 1 {
		set2 = fillSet(o.args[1], len(set1))
	}
	var drop, squeeze [256]bool
	var to [256]byte
	for c := range 256 {
		to[c] = byte(c)
	}
	switch {
	case o.has("d"):
		for _, c := range set1 {
			drop[c] = true
		}
		for _, c := range set2 {
			squeeze[c] = o.has("s")
		}
	case len(set2) == 0 && len(o.args) > 1:
		return p.say("when not truncating set1, string2 must be non-empty")
	case len(o.args) > 1:
		for i, c := range set1 {
			to[c] = set2[min(i, len(set2)-1)]
		}
		for _, c := range set2 {
			squeeze[c] = o.has("s")
		}
	default:
		for _, c := range set1 {
			squeeze[c] = true
		}
	}
	in := bufio.NewReader(p.in(ctx))
	out := p.out()
	defer out.Flush()
	last := -1
	for {
		c, err := in.ReadByte()
		if err != nil {
			return 0
		}
		if drop[c] {
			continue
		}
		c = to[c]
		if squeeze[c] && int(c) == last {
			continue
		}
		last = int(c)
		out.WriteByte(c)
	}
}

var trClasses = map[string]func(c byte) bool{
	"alpha":  func(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' },
	"digit":  isDigit,
	"alnum":  func(c byte) bool { return isDigit(c) || c|0x20 >= 'a' && c|0x20 <= 'z' },
	"upper":  func(c byte) bool { return c >= 'A' && c <= 'Z' },
	"lower":  func(c byte) bool { return c >= 'a' && c <= 'z' },
	"space":  func(c byte) bool { return c == ' ' || c >= 9 && c <= 13 },
	"blank":  func(c byte) bool { return c == ' ' || c == '\t' },
	"punct":  func(c byte) bool { return c > 32 && c < 127 && !isDigit(c) && !(c|0x20 >= 'a' && c|0x20 <= 'z') },
	"cntrl":  func(c byte) bool { return c < 32 || c == 127 },
	"print":  func(c byte) bool { return c >= 32 && c < 127 },
	"graph":  func(c byte) bool { return c > 32 && c < 127 },
	"xdigit": func(c byte) bool { return isDigit(c) || c|0x20 >= 'a' && c|0x20 <= 'f' },
}

// reversedRange is a range such as z-a, which there can be none of.
func reversedRange(text string) string {
	for i := 1; i+1 < len(text); i++ {
		if text[i] == '-' && text[i-1] > text[i+1] && text[i-1] != '\\' && text[i-1] != ']' && isAlnum(text[i-1]) && isAlnum(text[i+1]) && (i < 2 || text[i-2] != '\\') {
			return text[i-1 : i+2]
		}
	}
	return ""
}

func isAlnum(c byte) bool { return isDigit(c) || c|0x20 >= 'a' && c|0x20 <= 'z' }

// fillSet is the second set of tr for a first one of n bytes: [c*] is c again and
// again until it is long enough, [c*4] is c four times.
func fillSet(text string, n int) []byte {
	i := strings.Index(text, "*")
	if i < 2 || text[i-2] != '[' {
		return expandSet(text)
	}
	end := strings.IndexByte(text[i:], ']')
	if end < 0 {
		return expandSet(text)
	}
	before, after := expandSet(text[:i-2]), expandSet(text[i+end+1:])
	times, err := strconv.Atoi(text[i+1 : i+end])
	if err != nil || times == 0 {
		times = max(0, n-len(before)-len(after))
	}
	out := append(before, bytes.Repeat([]byte{text[i-1]}, min(times, 256))...)
	return append(out, after...)
}

// expandSet is the bytes of a set of tr: ranges, classes, escapes.
func expandSet(text string) []byte {
	var out []byte
	for i := 0; i < len(text); {
		if strings.HasPrefix(text[i:], "[:") {
			if j := strings.Index(text[i:], ":]"); j > 0 {
				if in, ok := trClasses[text[i+2:i+j]]; ok {
					for c := range 256 {
						if in(byte(c)) {
							out = append(out, byte(c))
						}
					}
					i += j + 2
					continue
				}
			}
		}
		c, n := setByte(text[i:])
		i += n
		if i+1 < len(text) && text[i] == '-' {
			d, m := setByte(text[i+1:])
			if d >= c {
				for x := int(c); x <= int(d); x++ {
					out = append(out, byte(x))
				}
				i += 1 + m
				continue
			}
		}
		out = append(out, c)
	}
	return out
}

func setByte(text string) (c byte, used int) {
	if text[0] != '\\' || len(text) == 1 {
		return text[0], 1
	}
	out, used, _ := oneEscape(text[:min(len(text), 4)])
	if len(out) == 1 {
		return out[0], used
	}
	return text[1], 2
}

func cmdPaste(ctx context.Context, p *Process) int {
	o, ok := p.getopt("d:s", "delimiters:=d", "serial=s")
	if !ok {
		return 1
	}
	delims := []string{"\t"}
	if d, ok := o.get("d"); ok {
		delims = pasteDelims(d)
	}
	var columns [][]string
	status := 0
	names := o.args
	if len(names) == 0 {
		names = []string{"-"}
	}
	var dashes []int
	for i, name := range names {
		if name == "-" && len(dashes) > 0 {
			dashes = append(dashes, i)
			columns = append(columns, nil)
			continue
		}
		if name == "-" {
			dashes = append(dashes, i)
		}
		lines, st := p.lines(ctx, []string{name}, '\n')
		status = max(status, st)
		columns = append(columns, lines)
	}
	if n := len(dashes); n > 1 { // the standard input is dealt out
		all := columns[dashes[0]]
		for j, at := range dashes {
			columns[at] = nil
			for i := j; i < len(all); i += n {
				columns[at] = append(columns[at], all[i])
			}
		}
	}
	join := func(parts []string) string {
		var b strings.Builder
		for i, s := range parts {
			if i > 0 && len(delims) > 0 {
				b.WriteString(delims[(i-1)%len(delims)])
			}
			b.WriteString(s)
		}
		return b.String()
	}
	out := p.out()
	defer out.Flush()
	if o.has("s") {
		for _, c := range columns {
			out.printf("%s\n", join(c))
		}
		return status
	}
	rows := 0
	for _, c := range columns {
		rows = max(rows, len(c))
	}
	for i := range rows {
		parts := make([]string, len(columns))
		for j, c := range columns {
			if i < len(c) {
				parts[j] = c[i]
			}
		}
		out.printf("%s\n", join(parts))
	}
	return status
}

// pasteDelims is the list of paste -d; \0 is no character at all.
func pasteDelims(text string) (out []string) {
	for i := 0; i < len(text); {
		if strings.HasPrefix(text[i:], `\0`) {
			out = append(out, "")
			i += 2
			continue
		}
		s, n := text[i:i+1], 1
		if text[i] == '\\' {
			s, n, _ = oneEscape(text[i:min(len(text), i+2)])
		}
		out = append(out, s)
		i += n
	}
	return out
}

// foldWidth reads the WIDTH of fold.
func foldWidth(text string, busybox bool) (width int, problem string) {
	n, err := strconv.ParseUint(text, 10, 64)
	large := errors.Is(err, strconv.ErrRange) || err == nil && n > math.MaxInt32
	switch {
	case busybox && (err != nil || large):
		return 0, fmt.Sprintf("invalid number '%s'", text)
	case busybox && (n < 1 || n > 10000):
		return 0, fmt.Sprintf("number %s is not in 1..10000 range", text)
	case large:
		return 0, fmt.Sprintf("invalid number of columns: %s: Value too large for defined data type", quoted(text))
	case err != nil:
		return 0, fmt.Sprintf("invalid number of columns: %s", quoted(text))
	case n == 0:
		return 0, fmt.Sprintf("invalid number of columns: %s: Numerical result out of range", quoted(text))
	}
	return int(n), ""
}

func cmdFold(ctx context.Context, p *Process) int {
	o, ok := p.getopt("w:bs", "width:=w")
	if !ok {
		return 1
	}
	width := 80
	if w, ok := o.get("w"); ok {
		var problem string
		if width, problem = foldWidth(w, p.busybox); problem != "" {
			return p.say("%s", problem)
		}
	}
	out := p.out()
	defer out.Flush()
	return p.inputs(ctx, o.args, func(_ string, r io.Reader) error {
		return eachLine(r, func(line []byte, _ bool) bool {
			for len(line) > width {
				at := width
				if o.has("s") {
					if i := strings.LastIndexByte(string(line[:width]), ' '); i > 0 {
						at = i + 1
					}
				}
				out.printf("%s\n", line[:at])
				line = line[at:]
			}
			out.printf("%s\n", line)
			return true
		})
	})
}

func cmdComm(ctx context.Context, p *Process) int {
	o, ok := p.getopt("123z", "check-order=c", "nocheck-order=n", "output-delimiter:=d", "total=t")
	if !ok {
		return 1
	}
	if len(o.args) < 2 {
		if len(o.args) == 1 {
			return p.missing("missing operand after " + quoted(o.args[0]))
		}
		return p.missing("missing operand")
	}
	a, s1 := p.lines(ctx, o.args[:1], '\n')
	b, s2 := p.lines(ctx, o.args[1:2], '\n')
	out := p.out()
	defer out.Flush()
	delim := "\t"
	if d, ok := o.get("d"); ok {
		delim = d
	}
	emit := func(column, line string, indent ...string) {
		if o.has(column) {
			return
		}
		for _, c := range indent {
			if !o.has(c) {
				out.WriteString(delim)
			}
		}
		out.printf("%s\n", line)
	}
	status, warned := max(s1, s2), [2]bool{}
	unsorted := func(file int, l []string) {
		if len(l) > 1 && l[0] > l[1] && !warned[file] && !p.busybox && !o.has("n") {
			warned[file] = true
			out.errf("comm: file %d is not in sorted order\n", file+1)
			status = 1
		}
	}
	for len(a) > 0 || len(b) > 0 {
		switch {
		case len(b) == 0 || len(a) > 0 && a[0] < b[0]:
			emit("1", a[0])
			unsorted(0, a)
			a = a[1:]
		case len(a) == 0 || a[0] > b[0]:
			emit("2", b[0], "1")
			unsorted(1, b)
			b = b[1:]
		default:
			emit("3", a[0], "1", "2")
			unsorted(0, a)
			unsorted(1, b)
			a, b = a[1:], b[1:]
		}
	}
	if warned != [2]bool{} {
		out.errf("comm: input is not in sorted order\n")
	}
	return status
}
