package shell

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"path"
	"slices"
	"strconv"
	"strings"
)

// cmpBlock is how many bytes cmp looks at together.
const cmpBlock = 32 << 10

func cmdCmp(ctx context.Context, p *Process) int {
	o, ok := p.getopt("slbn:i:", "quiet=s", "silent=s", "verbose=l")
	if !ok {
		return 2
	}
	if len(o.args) == 0 {
		p.missing("missing operand")
		return 2
	}
	names := append(slices.Clone(o.args), "-")[:2]
	var rs [2]*bufio.Reader
	for i, name := range names {
		f, err := p.readable(ctx, name, true)
		if err != nil {
			if !o.has("s") {
				p.say("%s: %s", name, why(err))
			}
			return 2
		}
		defer f.Close()
		rs[i] = bufio.NewReaderSize(f, cmpBlock)
	}
	at, line, status := 1, 1, 0
	for { // whole blocks while they are the same
		a, _ := rs[0].Peek(cmpBlock)
		b, _ := rs[1].Peek(cmpBlock)
		if len(a) < cmpBlock || !bytes.Equal(a, b) {
			break
		}
		at += cmpBlock
		line += bytes.Count(a, []byte("\n"))
		rs[0].Discard(cmpBlock)
		rs[1].Discard(cmpBlock)
	}
	for ; ; at++ {
		a, errA := rs[0].ReadByte()
		b, errB := rs[1].ReadByte()
		if errA != nil || errB != nil {
			if errA != nil && errB != nil {
				return status
			}
			name := names[0]
			if errB != nil {
				name = names[1]
			}
			if !o.has("s") {
				if p.busybox {
					p.say("EOF on %s", name)
				} else {
					p.say("EOF on %s after byte %d, in line %d", name, at-1, line)
				}
			}
			return 1
		}
		if a != b {
			status = 1
			if o.has("s") {
				return 1
			}
			if !o.has("l") {
				p.outf("%s %s differ: char %d, line %d\n", names[0], names[1], at, line)
				return 1
			}
			p.outf("%3d %3o %3o\n", at, a, b)
		}
		if a == '\n' {
			line++
		}
	}
}

// An edit is a run of lines that differ: a[a0:a1] became b[b0:b1].
type edit struct{ a0, a1, b0, b1 int }

func cmdDiff(ctx context.Context, p *Process) int {
	o, ok := p.getopt("uU:rqNabBdiwsTt", "unified=u", "recursive=r", "brief=q", "new-file=N", "text=a", "ignore-all-space=w", "ignore-case=i", "report-identical-files=s", "color:")
	if !ok {
		return 2
	}
	if len(o.args) != 2 {
		p.missing("missing operand")
		return 2
	}
	d := &differ{p: p, ctx: ctx, o: o, out: p.out(), context: 3}
	defer d.out.Flush()
	if n, ok := o.get("U"); ok {
		d.context, _ = strconv.Atoi(n)
	}
	d.pair(o.args[0], o.args[1], "")
	return d.status
}

type differ struct {
	p       *Process
	ctx     context.Context
	o       *opts
	out     output
	context int
	status  int
}

func (d *differ) trouble(name string, err error) {
	d.status = 2
	if d.p.busybox {
		d.out.errf("diff: can't stat '%s': %s\n", name, why(err))
		return
	}
	d.out.errf("diff: %s: %s\n", name, why(err))
}

func (d *differ) isDir(name string) (bool, error) {
	if name == "-" {
		return false, nil
	}
	st, err := d.p.stat(name)
	return err == nil && st.IsDir(), err
}

func (d *differ) pair(a, b, title string) {
	aDir, errA := d.isDir(a)
	bDir, errB := d.isDir(b)
	if errA != nil && !(d.o.has("N") && errB == nil) {
		d.trouble(a, errA)
		return
	}
	if errB != nil && !(d.o.has("N") && errA == nil) {
		d.trouble(b, errB)
		return
	}
	switch {
	case aDir && bDir:
		d.dirs(a, b)
		return
	case aDir:
		a = path.Join(a, path.Base(b))
	case bDir:
		b = path.Join(b, path.Base(a))
	}
	d.files(a, b, title)
}

func (d *differ) dirs(a, b string) {
	names := map[string]int{}
	for i, dir := range []string{a, b} {
		list, err := d.p.readDir(dir)
		if err != nil {
			d.trouble(dir, err)
			return
		}
		for _, e := range list {
			names[e.Name] |= 1 << i
		}
	}
	sorted := make([]string, 0, len(names))
	for name := range names {
		sorted = append(sorted, name)
	}
	slices.Sort(sorted)
	for _, name := range sorted {
		x, y := strings.TrimRight(a, "/")+"/"+name, strings.TrimRight(b, "/")+"/"+name
		only := map[int]string{1: a, 2: b}[names[name]]
		switch {
		case only != "" && !d.o.has("N"):
			d.status = max(d.status, 1)
			d.out.printf("Only in %s: %s\n", strings.TrimRight(only, "/"), name)
		default:
			xd, _ := d.isDir(x)
			yd, _ := d.isDir(y)
			if xd && yd && !d.o.has("r") {
				d.out.printf("Common subdirectories: %s and %s\n", x, y)
				continue
			}
			flags := strings.Join(slices.DeleteFunc(slices.Clone(d.p.Args[1:]), func(s string) bool { return !strings.HasPrefix(s, "-") }), " ")
			d.pair(x, y, strings.TrimSpace("diff "+flags)+" "+x+" "+y)
		}
	}
}

func (d *differ) read(name string) ([]string, bool) {
	r, err := d.p.readable(d.ctx, name, true)
	if err != nil {
		if d.o.has("N") && isNotFound(err) {
			return nil, true
		}
		d.trouble(name, err)
		return nil, false
	}
	defer r.Close()
	text, err := io.ReadAll(io.LimitReader(r, maxScript))
	if err != nil {
		d.trouble(name, err)
		return nil, false
	}
	lines := strings.SplitAfter(string(text), "\n")
	if lines[len(lines)-1] == "" {
		lines = lines[:len(lines)-1]
	}
	return lines, true
}

func (d *differ) key(line string) string {
	if d.o.has("w") {
		line = strings.Join(strings.Fields(line), "")
	} else if d.o.has("b") {
		line = strings.Join(strings.Fields(line), " ")
	}
	if d.o.has("i") {
		line = strings.ToLower(line)
	}
	return line
}

func (d *differ) files(a, b, title string) {
	x, ok := d.read(a)
	if !ok {
		return
	}
	y, ok := d.read(b)
	if !ok {
		return
	}
	edits := compareLines(x, y, d.key, func() { d.p.k.turn(d.ctx) })
	if len(edits) == 0 {
		if d.o.has("s") {
			d.out.printf("Files %s and %s are identical\n", a, b)
		}
		return
	}
	d.status = max(d.status, 1)
	if d.o.has("q") {
		d.out.printf("Files %s and %s differ\n", a, b)
		return
	}
	if title != "" {
		d.out.printf("%s\n", title)
	}
	if d.o.has("u", "U") || d.p.busybox {
		d.unified(a, b, x, y, edits)
		return
	}
	for _, e := range edits {
		d.normal(e, x, y)
	}
}

func (d *differ) lines(mark string, lines []string) {
	for _, l := range lines {
		d.out.WriteString(mark + l)
		if !strings.HasSuffix(l, "\n") {
			d.out.WriteString("\n\\ No newline at end of file\n")
		}
	}
}

func (d *differ) normal(e edit, x, y []string) {
	r := func(from, to int) string {
		if to-from <= 1 {
			return strconv.Itoa(max(from+1, to))
		}
		return fmt.Sprintf("%d,%d", from+1, to)
	}
	switch {
	case e.a0 == e.a1:
		d.out.printf("%da%s\n", e.a0, r(e.b0, e.b1))
	case e.b0 == e.b1:
		d.out.printf("%sd%d\n", r(e.a0, e.a1), e.b0)
	default:
		d.out.printf("%sc%s\n", r(e.a0, e.a1), r(e.b0, e.b1))
	}
	d.lines("< ", x[e.a0:e.a1])
	if e.a0 < e.a1 && e.b0 < e.b1 {
		d.out.printf("---\n")
	}
	d.lines("> ", y[e.b0:e.b1])
}

func (d *differ) unified(a, b string, x, y []string, edits []edit) {
	label := func(mark, name string) {
		when := ""
		if st, err := d.p.stat(name); err == nil && !d.p.busybox {
			when = "\t" + st.MTime.Time().Format(statTime)
		}
		d.out.printf("%s %s%s\n", mark, name, when)
	}
	label("---", a)
	label("+++", b)
	for len(edits) > 0 {
		n := 1
		for n < len(edits) && edits[n].a0-edits[n-1].a1 <= 2*d.context {
			n++
		}
		group := edits[:n]
		edits = edits[n:]
		a0, b0 := max(0, group[0].a0-d.context), max(0, group[0].b0-d.context)
		a1, b1 := min(len(x), group[n-1].a1+d.context), min(len(y), group[n-1].b1+d.context)
		span := func(from, to int) string {
			switch to - from {
			case 0:
				return fmt.Sprintf("%d,0", from)
			case 1:
				return strconv.Itoa(from + 1)
			}
			return fmt.Sprintf("%d,%d", from+1, to-from)
		}
		d.out.printf("@@ -%s +%s @@\n", span(a0, a1), span(b0, b1))
		at := a0
		for _, e := range group {
			d.lines(" ", x[at:e.a0])
			d.lines("-", x[e.a0:e.a1])
			d.lines("+", y[e.b0:e.b1])
			at = e.a1
		}
		d.lines(" ", x[at:a1])
	}
}

// compareLines gives the runs that differ, by the longest common subsequence of
// what common ends leave; very long middles are one run.
func compareLines(x, y []string, key func(string) string, turn func()) []edit {
	start := 0
	for start < len(x) && start < len(y) && key(x[start]) == key(y[start]) {
		start++
	}
	a, b := len(x), len(y)
	for a > start && b > start && key(x[a-1]) == key(y[b-1]) {
		a, b = a-1, b-1
	}
	n, m := a-start, b-start
	if n == 0 && m == 0 {
		return nil
	}
	if n == 0 || m == 0 || n*m > 16<<20 {
		return []edit{{start, a, start, b}}
	}
	// best[i][j] is the length of the common subsequence of x[i:] and y[j:].
	best := make([][]int32, n+1)
	for i := range best {
		best[i] = make([]int32, m+1)
	}
	for i := n - 1; i >= 0; i-- {
		turn()
		for j := m - 1; j >= 0; j-- {
			if key(x[start+i]) == key(y[start+j]) {
				best[i][j] = best[i+1][j+1] + 1
			} else {
				best[i][j] = max(best[i+1][j], best[i][j+1])
			}
		}
	}
	var out []edit
	i, j := 0, 0
	add := func(di, dj int) {
		if k := len(out); k > 0 && out[k-1].a1 == start+i && out[k-1].b1 == start+j {
			out[k-1].a1 += di
			out[k-1].b1 += dj
		} else {
			out = append(out, edit{start + i, start + i + di, start + j, start + j + dj})
		}
		i, j = i+di, j+dj
	}
	for i < n || j < m {
		switch {
		case i < n && j < m && key(x[start+i]) == key(y[start+j]):
			i, j = i+1, j+1
		case i < n && (j == m || best[i+1][j] >= best[i][j+1]):
			add(1, 0)
		default:
			add(0, 1)
		}
	}
	return out
}
