package shell

import (
	"context"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
)

type sortKey struct {
	from, fromChar, to, toChar int // from 1; to 0 is the end of the line
	numeric, reverse, fold     bool
	blanks, human, version     bool
	month, general             bool
}

func cmdSort(ctx context.Context, p *Process) int {
	o, ok := p.getopt("nrubfk:t:o:cCzsghVMdiRT:S:m", "merge=m", "random-sort=R", "parallel:", "buffer-size:=S", "temporary-directory:=T", "dictionary-order=d", "month-sort=M", "numeric-sort=n", "reverse=r", "unique=u", "key:=k", "field-separator:=t", "output:=o",
		"ignore-case=f", "check=c", "stable=s", "zero-terminated=z", "human-numeric-sort=h", "version-sort=V", "ignore-leading-blanks=b", "general-numeric-sort=g")
	if !ok {
		return 2
	}
	sep := byte(0)
	if t, ok := o.get("t"); ok && t != "" {
		sep = t[0]
		if t == `\t` {
			sep = '\t'
		}
	}
	whole := sortKey{from: 1}
	for _, v := range o.given {
		if len(v.name) == 1 {
			whole.modify(v.name[0])
		}
	}
	var keys []sortKey
	for _, k := range o.all("k") {
		key, ok := parseSortKey(k, whole)
		if !ok {
			p.say("bad field specification %s", quoted(k))
			return 2
		}
		keys = append(keys, key)
	}
	if len(keys) == 0 {
		keys = []sortKey{whole}
	}
	end := byte('\n')
	if o.has("z") {
		end = 0
	}
	lines, status := p.lines(ctx, o.args, end)
	if status != 0 {
		return 2
	}
	compare := func(a, b string) int {
		for _, k := range keys {
			if c := k.compare(a, b, sep); c != 0 {
				return c
			}
		}
		return 0
	}
	last := func(a, b string) int {
		if o.has("s", "u") {
			return 0
		}
		c := strings.Compare(a, b)
		if whole.reverse {
			c = -c
		}
		return c
	}
	if o.has("c", "C") {
		for i := 1; i < len(lines); i++ {
			if c := compare(lines[i-1], lines[i]); c > 0 || c == 0 && o.has("u") {
				if o.has("C") {
					return 1
				}
				if p.busybox {
					p.errf("Check line %d\n", i)
					return 1
				}
				name := "-"
				if len(o.args) > 0 {
					name = o.args[0]
				}
				return p.say("%s:%d: disorder: %s", name, i+1, lines[i])
			}
		}
		return 0
	}
	order := lines
	if o.has("m") && len(o.args) < 2 {
		order = nil // one sorted input is not sorted again
	}
	slices.SortStableFunc(order, func(a, b string) int {
		if c := compare(a, b); c != 0 {
			return c
		}
		return last(a, b)
	})
	if o.has("u") {
		lines = slices.CompactFunc(lines, func(a, b string) bool { return compare(a, b) == 0 })
	}
	var w io.Writer = p.Stdout
	if name, ok := o.get("o"); ok {
		d, err := p.open(ctx, name, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o666)
		if err != nil {
			p.say("%s: %s", name, why(err))
			return 2
		}
		defer d.release()
		w = d
	}
	var b strings.Builder
	for _, line := range lines {
		b.WriteString(line)
		b.WriteByte(end)
		if b.Len() > 32<<10 {
			p.k.turn(ctx)
			io.WriteString(w, b.String())
			b.Reset()
		}
	}
	io.WriteString(w, b.String())
	return 0
}

func (k *sortKey) modify(c byte) bool {
	switch c {
	case 'n':
		k.numeric = true
	case 'r':
		k.reverse = true
	case 'f':
		k.fold = true
	case 'b':
		k.blanks = true
	case 'h':
		k.human = true
	case 'V':
		k.version = true
	case 'M':
		k.month = true
	case 'g':
		k.general = true
	case 'd', 'i':
	default:
		return false
	}
	return true
}

func parseSortKey(text string, whole sortKey) (sortKey, bool) {
	k := sortKey{}
	from, to, has := strings.Cut(text, ",")
	own := false
	field := func(s string, f, c *int) bool {
		for len(s) > 0 && k.modify(s[len(s)-1]) {
			own = true
			s = s[:len(s)-1]
		}
		a, b, dot := strings.Cut(s, ".")
		n, err := strconv.Atoi(a)
		*f = n
		if dot {
			*c, _ = strconv.Atoi(b)
		}
		return err == nil
	}
	if !field(from, &k.from, &k.fromChar) || k.from < 1 || has && !field(to, &k.to, &k.toChar) {
		return k, false
	}
	if !own {
		f, fc, t, tc := k.from, k.fromChar, k.to, k.toChar
		k = whole
		k.from, k.fromChar, k.to, k.toChar = f, fc, t, tc
	}
	return k, true
}

// cut is the part of the line that the key means.
func (k sortKey) cut(line string, sep byte) string {
	if k.from == 1 && k.to == 0 && k.fromChar == 0 {
		return line
	}
	var starts, ends []int
	for i := 0; i <= len(line); {
		start := i
		if sep != 0 {
			j := strings.IndexByte(line[i:], sep)
			if j < 0 {
				j = len(line) - i
			}
			i += j
		} else {
			for i < len(line) && (line[i] == ' ' || line[i] == '\t') {
				i++
			}
			for i < len(line) && line[i] != ' ' && line[i] != '\t' {
				i++
			}
		}
		starts, ends = append(starts, start), append(ends, i)
		if i >= len(line) {
			break
		}
		if sep != 0 {
			i++
		}
	}
	if k.from > len(starts) {
		return ""
	}
	a := starts[k.from-1]
	if k.blanks {
		for a < len(line) && (line[a] == ' ' || line[a] == '\t') {
			a++
		}
	}
	a = min(len(line), a+max(0, k.fromChar-1))
	b := len(line)
	if k.to > 0 && k.to <= len(ends) {
		b = ends[k.to-1]
		if k.toChar > 0 {
			b = min(b, starts[k.to-1]+k.toChar)
		}
	}
	return line[a:max(a, b)]
}

func (k sortKey) compare(x, y string, sep byte) int {
	a, b := k.cut(x, sep), k.cut(y, sep)
	c := 0
	switch {
	case k.numeric, k.general, k.human:
		c = compareFloat(leadingNumber(a, k.human), leadingNumber(b, k.human))
	case k.version:
		c = compareVersions(a, b)
	case k.month:
		c = monthOf(a) - monthOf(b)
	case k.fold:
		c = strings.Compare(strings.ToUpper(a), strings.ToUpper(b))
	default:
		c = strings.Compare(a, b)
	}
	if k.reverse {
		return -c
	}
	return c
}

func compareFloat(a, b float64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

func monthOf(s string) int {
	s = strings.ToUpper(strings.TrimSpace(s))
	if len(s) < 3 {
		return 0
	}
	return strings.Index("  JANFEBMARAPRMAYJUNJULAUGSEPOCTNOVDEC", s[:3])/3 + 1
}

// leadingNumber is the number that s begins with, 0 when there is none.
func leadingNumber(s string, human bool) float64 {
	s = strings.TrimLeft(s, " \t")
	i := 0
	if i < len(s) && (s[i] == '-' || s[i] == '+') {
		i++
	}
	dot := false
	for i < len(s) && (s[i] >= '0' && s[i] <= '9' || s[i] == '.' && !dot) {
		dot = dot || s[i] == '.'
		i++
	}
	x, _ := strconv.ParseFloat(s[:i], 64)
	if human && i < len(s) {
		for range strings.Index("KMGTPE", strings.ToUpper(s[i:i+1])) + 1 {
			x *= 1024
		}
	}
	return x
}

// compareVersions compares runs of digits as numbers, all else bytewise.
func compareVersions(a, b string) int {
	if c := versionOrder(a, b); c != 0 {
		return c
	}
	return strings.Compare(a, b)
}

// versionWeight is the order of a character in a version: "~" before the end,
// the end, letters, all else (Debian Policy 5.6.12, as GNU's filevercmp takes it).
func versionWeight(s string) int {
	switch {
	case s == "" || isDigit(s[0]):
		return 0
	case s[0] == '~':
		return -1
	case s[0]|0x20 >= 'a' && s[0]|0x20 <= 'z':
		return int(s[0])
	}
	return int(s[0]) + 256
}

func versionOrder(a, b string) int {
	for a != "" && b != "" {
		if isDigit(a[0]) && isDigit(b[0]) {
			i, j := 0, 0
			for i < len(a) && isDigit(a[i]) {
				i++
			}
			for j < len(b) && isDigit(b[j]) {
				j++
			}
			x, y := strings.TrimLeft(a[:i], "0"), strings.TrimLeft(b[:j], "0")
			if len(x) != len(y) {
				return len(x) - len(y)
			}
			if c := strings.Compare(x, y); c != 0 {
				return c
			}
			a, b = a[i:], b[j:]
			continue
		}
		if x, y := versionWeight(a), versionWeight(b); x != y {
			return x - y
		}
		a, b = a[1:], b[1:]
	}
	if x, y := versionWeight(a), versionWeight(b); x != y {
		return x - y
	}
	return len(a) - len(b)
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func cmdUniq(ctx context.Context, p *Process) int {
	o, ok := p.getopt("cdDuif:s:w:z", "all-repeated=D", "skip-chars:=s", "check-chars:=w", "zero-terminated=z", "count=c", "repeated=d", "unique=u", "ignore-case=i", "skip-fields:=f")
	if !ok {
		return 1
	}
	number := func(name string) int {
		v, _ := o.get(name)
		n, _ := strconv.Atoi(v)
		return n
	}
	fields, chars, width := number("f"), number("s"), number("w")
	key := func(line string) string {
		for range fields {
			line = strings.TrimLeft(line, " \t")
			i := strings.IndexAny(line, " \t")
			if i < 0 {
				i = len(line)
			}
			line = line[i:]
		}
		line = line[min(len(line), chars):]
		if width > 0 && len(line) > width {
			line = line[:width]
		}
		if o.has("i") {
			line = strings.ToLower(line)
		}
		return line
	}
	var w io.Writer = p.Stdout
	names := o.args
	if len(names) > 1 {
		d, err := p.open(ctx, names[1], os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o666)
		if err != nil {
			return p.cannotOpen(names[1], err)
		}
		defer d.release()
		w = d
		names = names[:1]
	}
	var line string
	var same []string
	n := 0
	emit := func() {
		if o.has("D") {
			if len(same) > 1 {
				io.WriteString(w, strings.Join(same, "\n")+"\n")
			}
			same = same[:0]
			return
		}
		if n == 0 || o.has("d") && n < 2 || o.has("u") && n > 1 {
			return
		}
		if o.has("c") {
			line = strings.Repeat(" ", max(0, 7-len(strconv.Itoa(n)))) + strconv.Itoa(n) + " " + line
		}
		io.WriteString(w, line+"\n")
	}
	status := p.inputs(ctx, names, func(_ string, r io.Reader) error {
		return eachLine(r, func(l []byte, _ bool) bool {
			if n > 0 && key(string(l)) == key(line) {
				n++
				if o.has("D") {
					same = append(same, string(l))
				}
				return true
			}
			emit()
			line, n = string(l), 1
			if o.has("D") {
				same = append(same, line)
			}
			return true
		})
	})
	emit()
	return status
}
