package shell

import (
	"context"
	"strconv"
	"strings"
	"time"
)

// dateFormats are the forms of a date that date -d and touch -d take.
var dateFormats = []string{
	"2006-01-02 15:04:05", "2006-01-02 15:04", "2006-01-02T15:04:05Z07:00", "2006-01-02T15:04:05", "2006-01-02",
	"2006-01-02 15:04:05 -0700", "2006-01-02 15:04:05 MST", "Mon Jan _2 15:04:05 MST 2006", "Mon, 02 Jan 2006 15:04:05 -0700",
	"02 Jan 2006", "2 Jan 2006", "2 Jan 2006 15:04", "2 Jan 2006 15:04:05", "Mon, 02 Jan 2006 15:04:05", "Mon, 2 Jan 2006 15:04:05", "Jan 2 2006", "Jan 2, 2006", "20060102", "2006.01.02-15:04:05", "2006/01/02", "2006/01/02 15:04:05",
	"200601021504.05", "200601021504", "2006-01-02 15:04:05.999999999", "2006-01-02T15:04:05.999999999Z07:00",
}

// parseDate reads a date of date -d; it is UTC unless it says otherwise.
func (p *Process) parseDate(text string) (time.Time, bool) {
	text = strings.TrimSpace(text)
	if n, ok := strings.CutPrefix(text, "@"); ok {
		whole, fraction, _ := strings.Cut(n, ".")
		sec, err := strconv.ParseInt(whole, 10, 64)
		nsec, _ := strconv.ParseInt((fraction + "000000000")[:9], 10, 64)
		return time.Unix(sec, nsec).UTC(), err == nil
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
	if words := strings.Fields(text); len(words) > 1 && !p.busybox && (words[len(words)-1] == "UTC" || words[len(words)-1] == "GMT") {
		if t, ok := p.absoluteDate(strings.TrimSpace(text[:strings.LastIndex(text, " ")])); ok {
			return t, true
		}
	}
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
	asGiven := strings.Fields(text)
	for n := len(words) - 1; n > 0; n-- {
		if start, ok := p.absoluteDate(strings.Join(asGiven[:n], " ")); ok {
			t, words = start, words[n:]
			if words[0] == "+" {
				words = words[1:]
			}
			break
		}
		if start, ok := p.absoluteDate(strings.Join(asGiven[len(words)-n:], " ")); ok {
			t, words = start, words[:len(words)-n]
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
	o, ok := p.getopt("ud:r:RI::s:D:", "utc=u", "universal=u", "date:=d", "reference:=r", "rfc-2822=R", "rfc-email=R", "iso-8601=I", "set:=s", "rfc-3339:")
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
	if spec, ok := o.get("rfc-3339"); ok {
		format = map[string]string{"date": "%Y-%m-%d", "seconds": "%Y-%m-%d %H:%M:%S+00:00", "ns": "%Y-%m-%d %H:%M:%S.%N+00:00"}[spec]
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
		width := 0
		for i+1 < len(format) && isDigit(format[i]) {
			width = min(width*10+int(format[i]-'0'), 1000)
			i++
		}
		if strings.HasPrefix(format[i:], ":z") {
			b.WriteString(t.Format("-07:00"))
			i++
			continue
		}
		text := strftimeField(format[i], t)
		if _, err := strconv.Atoi(text); err == nil && len(text) < width && pad != '-' {
			text = strings.Repeat("0", width-len(text)) + text
		}
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
		return t.Format(".000000000")[1:]
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
