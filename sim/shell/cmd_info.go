package shell

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"
)

var infoCommands map[string]Command

func init() {
	infoCommands = map[string]Command{
		"true": cmdTrue, "false": func(context.Context, *Process) int { return 1 }, "pwd": cmdPwd, "date": cmdDate, "uname": cmdUname, "arch": cmdArch,
		"hostname": cmdHostname, "nproc": cmdNproc, "seq": cmdSeq, "expr": cmdExpr, "yes": cmdYes, "sleep": cmdSleep, "usleep": cmdSleep,
		"clear": cmdClear, "reset": cmdClear, "tty": cmdTty, "uptime": cmdUptime, "free": cmdFree, "ps": cmdPs, "factor": cmdFactor,
	}
}

func cmdPwd(_ context.Context, p *Process) int {
	dir := p.Dir
	if real, err := p.realpath(dir); err == nil && !(len(p.Args) > 1 && p.Args[1] == "-L") {
		dir = real
	}
	p.outf("%s\n", dir)
	return 0
}

// dateFormats are the forms of a date that date -d and touch -d take.
var dateFormats = []string{
	"2006-01-02 15:04:05", "2006-01-02 15:04", "2006-01-02T15:04:05Z07:00", "2006-01-02T15:04:05", "2006-01-02",
	"2006-01-02 15:04:05 -0700", "2006-01-02 15:04:05 MST", "Mon Jan _2 15:04:05 MST 2006", "Mon, 02 Jan 2006 15:04:05 -0700",
	"02 Jan 2006", "2 Jan 2006", "Jan 2 2006", "Jan 2, 2006", "20060102", "2006.01.02-15:04:05", "2006/01/02", "2006/01/02 15:04:05",
	"200601021504.05", "200601021504", "2006-01-02 15:04:05.999999999", "2006-01-02T15:04:05.999999999Z07:00",
}

// parseDate reads a date of date -d; it is UTC unless it says otherwise.
func (p *Process) parseDate(text string) (time.Time, bool) {
	text = strings.TrimSpace(text)
	if n, ok := strings.CutPrefix(text, "@"); ok {
		sec, err := strconv.ParseFloat(n, 64)
		return time.Unix(int64(sec), 0).UTC(), err == nil
	}
	if t, ok := p.absoluteDate(text); ok {
		return t, true
	}
	if t, err := time.Parse("15:04:05", text); err == nil {
		n := p.now()
		return time.Date(n.Year(), n.Month(), n.Day(), t.Hour(), t.Minute(), t.Second(), 0, time.UTC), true
	}
	return p.relativeDate(text)
}

func (p *Process) absoluteDate(text string) (time.Time, bool) {
	for _, f := range dateFormats {
		if t, err := time.Parse(f, text); err == nil {
			return t.UTC(), true
		}
	}
	return time.Time{}, false
}

// relativeDate reads "now", "yesterday", "2 days ago", "+1 hour" and the like.
func (p *Process) relativeDate(text string) (time.Time, bool) {
	t := p.now()
	words := strings.Fields(strings.ToLower(text))
	if len(words) == 0 || p.busybox {
		return t, false
	}
	for n := len(words) - 1; n > 0; n-- {
		if start, ok := p.absoluteDate(strings.Join(strings.Fields(text)[:n], " ")); ok {
			t, words = start, words[n:]
			if words[0] == "+" {
				words = words[1:]
			}
			break
		}
	}
	for i := 0; i < len(words); i++ {
		switch words[i] {
		case "now", "today":
			continue
		case "yesterday":
			t = t.AddDate(0, 0, -1)
			continue
		case "tomorrow":
			t = t.AddDate(0, 0, 1)
			continue
		}
		n, err := strconv.Atoi(strings.TrimPrefix(words[i], "+"))
		if words[i] == "next" || words[i] == "last" {
			n, err = 1, nil
			if words[i] == "last" {
				n = -1
			}
		}
		if err != nil || i+1 == len(words) {
			return t, false
		}
		i++
		unit := strings.TrimSuffix(words[i], "s")
		if i+1 < len(words) && words[i+1] == "ago" {
			n, i = -n, i+1
		}
		switch unit {
		case "second", "sec":
			t = t.Add(time.Duration(n) * time.Second)
		case "minute", "min":
			t = t.Add(time.Duration(n) * time.Minute)
		case "hour":
			t = t.Add(time.Duration(n) * time.Hour)
		case "day":
			t = t.AddDate(0, 0, n)
		case "week":
			t = t.AddDate(0, 0, 7*n)
		case "month":
			t = t.AddDate(0, n, 0)
		case "year":
			t = t.AddDate(n, 0, 0)
		default:
			return t, false
		}
	}
	return t, true
}

func cmdDate(_ context.Context, p *Process) int {
	o, ok := p.getopt("ud:r:RI::s:D:", "utc=u", "universal=u", "date:=d", "reference:=r", "rfc-2822=R", "rfc-email=R", "iso-8601=I", "set:=s")
	if !ok {
		return 1
	}
	t := p.now()
	format := "%a %b %e %H:%M:%S %Z %Y"
	if o.has("R") {
		format = "%a, %d %b %Y %H:%M:%S +0000"
	}
	if spec, ok := o.get("I"); ok {
		format = map[string]string{"": "%Y-%m-%d", "date": "%Y-%m-%d", "hours": "%Y-%m-%dT%H+00:00", "minutes": "%Y-%m-%dT%H:%M+00:00", "seconds": "%Y-%m-%dT%H:%M:%S+00:00"}[spec]
	}
	for _, w := range o.args {
		if !strings.HasPrefix(w, "+") {
			return p.say("invalid date '%s'", w)
		}
		format = w[1:]
	}
	if text, ok := o.get("d"); ok {
		if t, ok = p.parseDate(text); !ok {
			return p.say("invalid date '%s'", text)
		}
	}
	if name, ok := o.get("r"); ok {
		st, err := p.stat(name)
		if err != nil {
			return p.say("%s: %s", name, why(err))
		}
		t = st.MTime.Time()
	}
	if o.has("s") {
		return p.say("cannot set date: Operation not permitted")
	}
	p.outf("%s\n", strftime(format, t))
	return 0
}

// strftime formats a time as strftime(3) does in the C locale.
func strftime(format string, t time.Time) string {
	var b strings.Builder
	for i := 0; i < len(format); i++ {
		if format[i] != '%' || i+1 == len(format) {
			b.WriteByte(format[i])
			continue
		}
		i++
		pad := byte(0)
		if strings.IndexByte("-_0^#", format[i]) >= 0 && i+1 < len(format) {
			pad = format[i]
			i++
		}
		text := strftimeField(format[i], t)
		switch pad {
		case '-':
			if s := strings.TrimLeft(text, "0 "); s != "" {
				text = s
			} else {
				text = "0"
			}
		case '_':
			for j := 0; j < len(text)-1 && text[j] == '0'; j++ {
				text = text[:j] + " " + text[j+1:]
			}
		case '^':
			text = strings.ToUpper(text)
		}
		b.WriteString(text)
	}
	return b.String()
}

func strftimeField(c byte, t time.Time) string {
	two := func(n int) string { return string([]byte{byte('0' + n/10%10), byte('0' + n%10)}) }
	switch c {
	case '%':
		return "%"
	case 'n':
		return "\n"
	case 't':
		return "\t"
	case 'j':
		d := strconv.Itoa(t.YearDay())
		return strings.Repeat("0", 3-len(d)) + d
	case 'C':
		return two(t.Year() / 100)
	case 'u':
		return strconv.Itoa((int(t.Weekday())+6)%7 + 1)
	case 'w':
		return strconv.Itoa(int(t.Weekday()))
	case 'U':
		return two((t.YearDay() + 6 - int(t.Weekday())) / 7)
	case 'W':
		return two((t.YearDay() + 6 - (int(t.Weekday())+6)%7) / 7)
	case 'V':
		_, w := t.ISOWeek()
		return two(w)
	case 'G':
		y, _ := t.ISOWeek()
		return strconv.Itoa(y)
	case 's':
		return strconv.FormatInt(t.Unix(), 10)
	case 'N':
		return t.Format("000000000")
	case 'k':
		return strconv.Itoa(t.Hour())
	case 'l':
		return t.Format("3")
	}
	layout, ok := map[byte]string{
		'Y': "2006", 'y': "06", 'm': "01", 'd': "02", 'e': "_2", 'H': "15", 'I': "03", 'M': "04", 'S': "05", 'p': "PM", 'P': "pm",
		'a': "Mon", 'A': "Monday", 'b': "Jan", 'B': "January", 'h': "Jan", 'Z': "MST", 'z': "-0700", 'F': "2006-01-02", 'T': "15:04:05",
		'R': "15:04", 'D': "01/02/06", 'c': "Mon Jan _2 15:04:05 2006", 'x': "01/02/06", 'X': "15:04:05", 'r': "03:04:05 PM",
	}[c]
	if !ok {
		return "%" + string(c)
	}
	return t.Format(layout)
}

func cmdUname(_ context.Context, p *Process) int {
	o, ok := p.getopt("amnrspvio", "all=a", "machine=m", "nodename=n", "kernel-release=r", "kernel-name=s", "kernel-version=v", "operating-system=o")
	if !ok {
		return 1
	}
	var out []string
	add := func(option, text string) {
		if o.has(option, "a") || option == "s" && len(o.given) == 0 {
			out = append(out, text)
		}
	}
	add("s", "Linux")
	add("n", p.hostname())
	add("r", kernelRelease)
	add("v", "#1 SMP")
	add("m", "x86_64")
	if !o.has("a") {
		add("p", "unknown")
		add("i", "unknown")
	}
	add("o", "GNU/Linux")
	p.outf("%s\n", strings.Join(out, " "))
	return 0
}

func cmdArch(_ context.Context, p *Process) int { p.outf("x86_64\n"); return 0 }

func (p *Process) hostname() string { return orName(p.Hostname, "localhost") }

func cmdHostname(_ context.Context, p *Process) int {
	o, ok := p.getopt("sfidF:")
	if !ok {
		return 1
	}
	if len(o.args) > 0 {
		return p.say("sethostname: Operation not permitted")
	}
	if o.has("i") {
		p.outf("127.0.0.1\n")
		return 0
	}
	p.outf("%s\n", p.hostname())
	return 0
}

func cmdNproc(_ context.Context, p *Process) int { p.outf("2\n"); return 0 }

func cmdSeq(ctx context.Context, p *Process) int {
	o, ok := p.getopt("+ws:f:", "equal-width=w", "separator:=s", "format:=f")
	if len(p.Args) > 1 && len(p.Args[1]) > 1 && p.Args[1][0] == '-' && isDigit(p.Args[1][1]) {
		o, ok = &opts{args: p.Args[1:]}, true
	}
	if !ok {
		return 1
	}
	if len(o.args) == 0 || len(o.args) > 3 {
		return p.missing("missing operand")
	}
	v := []float64{1, 1, 1}
	places, width := 0, 0
	for i, w := range o.args {
		x, err := strconv.ParseFloat(w, 64)
		if err != nil {
			if !p.busybox {
				p.say("invalid floating point argument: %s", quoted(w))
			}
			return p.usage()
		}
		if j := strings.IndexByte(w, '.'); j >= 0 && (i < len(o.args)-1 || len(o.args) == 1) {
			places = max(places, len(w)-j-1)
		}
		switch {
		case len(o.args) == 1:
			v[2] = x
		case len(o.args) == 2:
			v[2*i] = x
		default:
			v[i] = x
		}
	}
	first, step, last := v[0], v[1], v[2]
	if step == 0 {
		return p.say("invalid Zero increment value: '0'")
	}
	sep := "\n"
	if s, ok := o.get("s"); ok {
		sep, _ = unescape(s, false)
	}
	text := func(x float64) string { return strconv.FormatFloat(x, 'f', places, 64) }
	if o.has("w") {
		width = max(len(text(first)), len(text(last)))
	}
	out := p.out()
	defer out.Flush()
	n := 0
	for ; ; n++ {
		x := first + float64(n)*step
		if step > 0 && x > last+1e-9 || step < 0 && x < last-1e-9 {
			break
		}
		p.k.turn(ctx)
		if n > 0 {
			out.WriteString(sep)
		}
		s := text(x)
		if f, ok := o.get("f"); ok {
			out.printf(f, x)
			continue
		}
		if pad := width - len(s); pad > 0 {
			if s[0] == '-' {
				s = "-" + strings.Repeat("0", pad) + s[1:]
			} else {
				s = strings.Repeat("0", pad) + s
			}
		}
		out.WriteString(s)
	}
	if n > 0 {
		out.WriteByte('\n')
	}
	return 0
}

func cmdYes(ctx context.Context, p *Process) int {
	text := "y"
	if len(p.Args) > 1 {
		text = strings.Join(p.Args[1:], " ")
	}
	block := []byte(strings.Repeat(text+"\n", max(1, 1024/(len(text)+1))))
	for {
		p.k.turn(ctx)
		if _, err := p.Stdout.Write(block); err != nil {
			return p.say("%s", why(err))
		}
	}
}

func cmdSleep(ctx context.Context, p *Process) int {
	if len(p.Args) < 2 {
		return p.missing("missing operand")
	}
	var total time.Duration
	for _, w := range p.Args[1:] {
		if w == "infinity" || w == "inf" {
			total = 1 << 62
			continue
		}
		unit := time.Second
		digits := w
		if p.Args[0] == "usleep" {
			unit = time.Microsecond
		}
		if w != "" {
			if u, ok := map[byte]time.Duration{'s': time.Second, 'm': time.Minute, 'h': time.Hour, 'd': 24 * time.Hour}[w[len(w)-1]]; ok {
				unit, digits = u, w[:len(w)-1]
			}
		}
		x, err := strconv.ParseFloat(digits, 64)
		if err != nil || x < 0 {
			if p.busybox {
				return p.say("invalid number '%s'", w)
			}
			p.say("invalid time interval %s", quoted(w))
			return p.usage()
		}
		total += time.Duration(min(x*float64(unit), 1<<60))
	}
	p.sleep(ctx, total)
	return 0
}

func cmdClear(_ context.Context, p *Process) int { p.outf("\x1b[H\x1b[J"); return 0 }

func cmdTty(_ context.Context, p *Process) int { p.outf("not a tty\n"); return 1 }

func cmdUptime(_ context.Context, p *Process) int {
	p.outf(" %s up 1 min,  load average: 0.00, 0.00, 0.00\n", p.now().Format("15:04:05"))
	return 0
}

func cmdFree(_ context.Context, p *Process) int {
	p.outf("              total        used        free      shared  buff/cache   available\nMem:        4194304      524288     3145728           0      524288     3670016\nSwap:             0           0           0\n")
	return 0
}

func cmdPs(_ context.Context, p *Process) int {
	if p.busybox {
		p.outf("PID   USER     TIME  COMMAND\n    1 %-8s  0:00 sh\n%5d %-8s  0:00 %s\n", "root", p.PID, "root", strings.Join(p.Args, " "))
		return 0
	}
	p.outf("    PID TTY          TIME CMD\n      1 ?        00:00:00 sh\n%7d ?        00:00:00 ps\n", p.PID)
	return 0
}

func cmdFactor(ctx context.Context, p *Process) int {
	for _, w := range p.Args[1:] {
		n, err := strconv.ParseUint(w, 10, 63)
		if err != nil {
			return p.say("invalid number '%s'", w)
		}
		p.outf("%d:", n)
		for d := uint64(2); n > 1; d++ {
			p.k.turn(ctx)
			if d*d > n {
				d = n
			}
			for n%d == 0 {
				p.outf(" %d", d)
				n /= d
			}
		}
		p.outf("\n")
	}
	return 0
}

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
