package shell

import (
	"context"
	"math"
	"strconv"
	"strings"
)

// cmdShuf is shuf: lines, words (-e) or numbers (-i) in an order that is chance
// and the same in every run.
func cmdShuf(ctx context.Context, p *Process) int {
	o, ok := p.getopt("ei:n:o:zr", "echo=e", "input-range:=i", "head-count:=n", "zero-terminated=z", "repeat=r", "output:=o", "random-source:=R")
	if !ok {
		return 1
	}
	sep := byte('\n')
	if o.has("z") {
		sep = 0
	}
	var items []string
	status := 0
	switch text, ranged := o.get("i"); {
	case ranged:
		a, b, ok := strings.Cut(text, "-")
		from, e1 := strconv.Atoi(a)
		to, e2 := strconv.Atoi(b)
		if !ok || e1 != nil || e2 != nil || to < from || to-from > 1<<20 {
			return p.say("invalid input range: %s", quoted(text))
		}
		for n := from; n <= to; n++ {
			items = append(items, strconv.Itoa(n))
		}
	case o.has("e"):
		items = append(items, o.args...)
	default:
		items, status = p.lines(ctx, o.args, sep)
	}
	n := len(items)
	if text, ok := o.get("n"); ok {
		k, err := strconv.Atoi(text)
		if err != nil || k < 0 {
			return p.say("invalid line count: %s", quoted(text))
		}
		n = min(n, k)
		if o.has("r") {
			n = k
		}
	}
	out := p.out()
	defer out.Flush()
	for i := range n {
		p.k.turn(ctx)
		if o.has("r") {
			if len(items) == 0 {
				break
			}
			out.printf("%s%c", items[p.k.guess()%uint64(len(items))], sep)
			continue
		}
		j := i + int(p.k.guess()%uint64(len(items)-i))
		items[i], items[j] = items[j], items[i]
		out.printf("%s%c", items[i], sep)
	}
	return status
}

// cmdNumfmt is numfmt for whole fields: --to and --from of si, iec and iec-i.
func cmdNumfmt(ctx context.Context, p *Process) int {
	o, ok := p.getopt("d:z", "to:=t", "from:=f", "suffix:=s", "field:=F", "padding:=p", "format:=m", "grouping=g", "header=H", "delimiter:=d", "round:=r", "to-unit:=u", "from-unit:=U", "invalid:=i")
	if !ok {
		return 1
	}
	words, status := o.args, 0
	if len(words) == 0 {
		words, status = p.lines(ctx, nil, '\n')
	}
	to, _ := o.get("t")
	from, _ := o.get("f")
	suffix, _ := o.get("s")
	for _, w := range words {
		field, rest, more := strings.Cut(w, " ")
		n, ok := parseHuman(strings.TrimSuffix(field, suffix), from)
		if !ok {
			p.say("invalid number: %s", quoted(w))
			return 2
		}
		if more {
			rest = " " + rest
		}
		p.outf("%s%s%s\n", formatHuman(n, to), suffix, rest)
	}
	return status
}

func parseHuman(text, from string) (float64, bool) {
	base := 1024.0
	if from == "si" {
		base = 1000
	}
	digits := strings.TrimRight(text, "KMGTPEki")
	n, err := strconv.ParseFloat(digits, 64)
	if err != nil || from == "" && digits != text {
		return 0, false
	}
	if len(digits) < len(text) {
		i := strings.IndexByte("KMGTPE", text[len(digits)]&^0x20)
		if i < 0 {
			return 0, false
		}
		if from == "auto" && !strings.HasSuffix(text, "i") {
			base = 1000
		}
		n *= math.Pow(base, float64(i+1))
	}
	return n, true
}

func formatHuman(n float64, to string) string {
	if to == "" || to == "none" {
		return strconv.FormatFloat(n, 'f', -1, 64)
	}
	base := 1024.0
	if to == "si" {
		base = 1000
	}
	unit := -1
	for math.Abs(n) >= base && unit < 5 {
		n /= base
		unit++
	}
	if unit < 0 {
		return strconv.FormatFloat(n, 'f', -1, 64)
	}
	text := strconv.FormatFloat(math.Ceil(n*10)/10, 'f', 1, 64)
	if n >= 10 {
		text = strconv.FormatFloat(math.Ceil(n), 'f', 0, 64)
	}
	text += "KMGTPE"[unit : unit+1]
	if to == "si" && unit == 0 {
		text = strings.ToLower(text)
	}
	if to == "iec-i" {
		text += "i"
	}
	return text
}
