package shell

import (
	"context"
	"strconv"
	"strings"
	"time"
)

func cmdSeq(ctx context.Context, p *Process) int {
	o, ok := &opts{args: p.Args[1:]}, true
	if len(p.Args) == 1 || len(p.Args[1]) < 2 || p.Args[1][0] != '-' || !isDigit(p.Args[1][1]) {
		o, ok = p.getopt("+ws:f:", "equal-width=w", "separator:=s", "format:=f")
	}
	if !ok {
		return 1
	}
	switch {
	case len(o.args) == 0:
		return p.missing("missing operand")
	case len(o.args) > 3:
		return p.missing("extra operand " + quoted(o.args[3]))
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
		if j := strings.IndexByte(w, '.'); j >= 0 && i < len(o.args)-1 {
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
		p.say("invalid Zero increment value: %s", quoted(o.args[1]))
		return p.usage()
	}
	sep := "\n"
	if s, ok := o.get("s"); ok {
		sep, _ = unescape(s, false)
	}
	text := func(x float64) string { return strconv.FormatFloat(x, 'f', places, 64) }
	if o.has("w") {
		width = max(len(text(first)), len(text(last)))
	}
	format, formatted := o.get("f")
	if problem := badSeqFormat(format); formatted && problem != "" && !p.busybox {
		return p.say("format %s %s", quoted(format), problem)
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
		if formatted {
			out.printf(format, x)
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

// badSeqFormat says what is wrong with the format of seq -f: it has one directive,
// of a floating point number.
func badSeqFormat(format string) string {
	found := false
	rest := strings.ReplaceAll(format, "%%", "")
	for {
		i := strings.IndexByte(rest, '%')
		switch {
		case i < 0 && !found:
			return "has no % directive"
		case i < 0:
			return ""
		case found:
			return "has too many % directives"
		}
		spec, after := cutSpec(rest[i:])
		if c := spec[len(spec)-1]; strings.IndexByte("aAeEfFgG", c) < 0 {
			return "has unknown %" + string(c) + " directive"
		}
		found, rest = true, after
	}
}

func cmdYes(ctx context.Context, p *Process) int {
	words := p.Args[1:]
	if !p.busybox {
		o, ok := p.getopt("+")
		if !ok {
			return 1
		}
		words = o.args
	}
	text := "y"
	if len(words) > 0 {
		text = strings.Join(words, " ")
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
	words := p.Args[1:]
	if !p.busybox {
		o, ok := p.getopt("")
		if !ok {
			return 1
		}
		words = o.args
	}
	if len(words) == 0 {
		return p.missing("missing operand")
	}
	var total time.Duration
	for _, w := range words {
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

func cmdFactor(ctx context.Context, p *Process) (status int) {
	words := p.Args[1:]
	if len(words) == 0 {
		lines, _ := p.lines(ctx, nil, '\n')
		words = strings.Fields(strings.Join(lines, " "))
	}
	for _, w := range words {
		n, err := strconv.ParseUint(w, 10, 63)
		if err != nil {
			if p.busybox {
				return p.usage()
			}
			status = p.say("%s is not a valid positive integer", quoted(w))
			continue
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
	return status
}
