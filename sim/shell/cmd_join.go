package shell

import (
	"context"
	"strconv"
	"strings"
)

// joiner is join(1): lines of two sorted files that have a field in common.
type joiner struct {
	out    output
	o      *opts
	sep    string
	fold   bool
	key    [2]int
	format []joinField
	empty  string
}

type joinField struct{ file, field int } // file 0 is the common field

func (j *joiner) fields(line string) []string {
	if j.sep != "" {
		return strings.Split(line, j.sep)
	}
	return strings.Fields(line)
}

func (j *joiner) keyOf(file int, fields []string) string {
	if k := j.key[file]; k < len(fields) {
		if j.fold {
			return strings.ToLower(fields[k])
		}
		return fields[k]
	}
	return ""
}

func (j *joiner) pick(f []string, n int) string {
	if n < len(f) && f[n] != "" {
		return f[n]
	}
	return j.empty
}

// print writes a joined line; a or b is nil for one without a pair.
func (j *joiner) print(a, b []string) {
	key := ""
	if a != nil {
		key = j.pick(a, j.key[0])
	} else {
		key = j.pick(b, j.key[1])
	}
	var words []string
	if j.format == nil {
		words = append(words, key)
		for file, f := range [][]string{a, b} {
			for i, w := range f {
				if i != j.key[file] {
					words = append(words, w)
				}
			}
		}
	}
	for _, f := range j.format {
		switch f.file {
		case 0:
			words = append(words, key)
		case 1:
			words = append(words, j.pick(a, f.field))
		default:
			words = append(words, j.pick(b, f.field))
		}
	}
	sep := j.sep
	if sep == "" {
		sep = " "
	}
	j.out.printf("%s\n", strings.Join(words, sep))
}

// cmdJoin is join.
func cmdJoin(ctx context.Context, p *Process) int {
	o, ok := p.getopt("a:v:t:o:e:1:2:j:i", "ignore-case=i", "nocheck-order=n", "check-order=n", "header=H")
	if !ok {
		return 1
	}
	if len(o.args) < 2 {
		if len(o.args) == 1 {
			return p.missing("missing operand after " + quoted(o.args[0]))
		}
		return p.missing("missing operand")
	}
	j := &joiner{out: p.out(), o: o, fold: o.has("i")}
	defer j.out.Flush()
	j.sep, _ = o.get("t")
	j.empty, _ = o.get("e")
	for _, v := range o.given {
		if v.name != "1" && v.name != "2" && v.name != "j" {
			continue
		}
		n, err := strconv.Atoi(v.value)
		if err != nil || n < 1 {
			return p.say("invalid field number: %s", quoted(v.value))
		}
		if v.name != "2" {
			j.key[0] = n - 1
		}
		if v.name != "1" {
			j.key[1] = n - 1
		}
	}
	for _, list := range o.all("o") {
		for w := range strings.FieldsFuncSeq(list, func(r rune) bool { return r == ',' || r == ' ' }) {
			file, field, _ := strings.Cut(w, ".")
			f, err := strconv.Atoi(file)
			n, err2 := strconv.Atoi(field)
			if w != "0" && (err != nil || err2 != nil || f < 1 || f > 2 || n < 1) {
				return p.say("invalid file number in field spec: %s", quoted(w))
			}
			j.format = append(j.format, joinField{f, n - 1})
		}
	}
	la, s1 := p.lines(ctx, o.args[:1], '\n')
	lb, s2 := p.lines(ctx, o.args[1:2], '\n')
	j.merge(la, lb)
	return max(s1, s2)
}

func (j *joiner) merge(la, lb []string) {
	only := len(j.o.all("v")) > 0
	alone := func(file string) bool {
		for _, v := range append(j.o.all("a"), j.o.all("v")...) {
			if v == file {
				return true
			}
		}
		return false
	}
	group := func(file int, lines []string, at int) (rows [][]string, key string, next int) {
		for next = at; next < len(lines); next++ {
			f := j.fields(lines[next])
			k := j.keyOf(file, f)
			if next == at {
				key = k
			} else if k != key {
				break
			}
			rows = append(rows, f)
		}
		return rows, key, next
	}
	ia, ib := 0, 0
	for ia < len(la) || ib < len(lb) {
		ra, ka, na := group(0, la, ia)
		rb, kb, nb := group(1, lb, ib)
		switch {
		case ib >= len(lb) || ia < len(la) && ka < kb:
			for _, r := range ra {
				if alone("1") {
					j.print(r, nil)
				}
			}
			ia = na
		case ia >= len(la) || kb < ka:
			for _, r := range rb {
				if alone("2") {
					j.print(nil, r)
				}
			}
			ib = nb
		default:
			for _, a := range ra {
				for _, b := range rb {
					if !only {
						j.print(a, b)
					}
				}
			}
			ia, ib = na, nb
		}
	}
}

// cmdTsort is tsort: an order in which each first word of a pair stands before
// the second.
func cmdTsort(ctx context.Context, p *Process) int {
	lines, status := p.lines(ctx, operands(p.Args[1:]), '\n')
	words := strings.Fields(strings.Join(lines, " "))
	name := "-"
	if len(p.Args) > 1 {
		name = p.Args[1]
	}
	if len(words)%2 != 0 {
		return p.say("%s: input contains an odd number of tokens", name)
	}
	var order []string
	before := map[string]int{}
	after := map[string][]string{}
	for i := 0; i < len(words); i += 2 {
		a, b := words[i], words[i+1]
		for _, w := range []string{a, b} {
			if _, ok := before[w]; !ok {
				before[w] = 0
				order = append(order, w)
			}
		}
		if a != b {
			before[b]++
			after[a] = append(after[a], b)
		}
	}
	var queue []string
	for _, w := range order {
		if before[w] == 0 {
			queue = append(queue, w)
		}
	}
	for len(order) > 0 {
		if len(queue) == 0 {
			p.say("%s: input contains a loop:", name)
			status = 1
			for _, w := range loop(order, before, after) {
				p.say("%s", w)
				if before[w]--; len(queue) == 0 {
					before[w] = 0
					queue = append(queue, w)
				}
			}
		}
		w := queue[0]
		queue = queue[1:]
		if before[w] < 0 {
			continue
		}
		p.outf("%s\n", w)
		before[w] = -1
		for _, b := range after[w] {
			if before[b]--; before[b] == 0 {
				queue = append(queue, b)
			}
		}
		rest := order[:0]
		for _, x := range order {
			if before[x] >= 0 {
				rest = append(rest, x)
			}
		}
		order = rest
	}
	return status
}

// loop is words of which each waits for the one before it, the first for the last.
func loop(order []string, before map[string]int, after map[string][]string) []string {
	follower := func(w string) string {
		for _, b := range after[w] {
			if before[b] > 0 {
				return b
			}
		}
		return ""
	}
	for _, start := range order {
		at := map[string]int{}
		var path []string
		for w := start; w != ""; w = follower(w) {
			if i, seen := at[w]; seen {
				return path[i:]
			}
			at[w] = len(path)
			path = append(path, w)
		}
	}
	return order[:1]
}
