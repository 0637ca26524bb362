package shell

import (
	"context"
	"io"
	"strconv"
	"strings"
)

// tabStops is where tabs end: every n columns, or at the listed columns and
// after the last of them at each next column (POSIX expand).
type tabStops struct {
	every int
	at    []int
}

func parseTabs(text string) (t tabStops, ok bool) {
	last := 0
	for w := range strings.FieldsFuncSeq(text, func(r rune) bool { return r == ',' || r == ' ' }) {
		n, err := strconv.Atoi(w)
		if err != nil || n <= last {
			return t, false
		}
		t.at = append(t.at, n)
		last = n
	}
	if len(t.at) == 1 {
		return tabStops{every: t.at[0]}, true
	}
	return t, len(t.at) > 1
}

// next is the column of the first stop after col.
func (t tabStops) next(col int) int {
	if t.every > 0 {
		return col + t.every - col%t.every
	}
	for _, at := range t.at {
		if at > col {
			return at
		}
	}
	return col + 1
}

func (p *Process) tabs(o *opts) (tabStops, bool) {
	text, ok := o.get("t")
	if !ok {
		return tabStops{every: 8}, true
	}
	t, ok := parseTabs(text)
	if !ok {
		p.say("tab size contains invalid character(s): %s", quoted(text))
	}
	return t, ok
}

// cmdExpand is expand: tabs become blanks.
func cmdExpand(ctx context.Context, p *Process) int {
	o, ok := p.getopt("it:", "initial=i", "tabs:=t")
	if !ok {
		return 1
	}
	stops, ok := p.tabs(o)
	if !ok {
		return 1
	}
	out := p.out()
	defer out.Flush()
	return p.inputs(ctx, o.args, func(_ string, r io.Reader) error {
		return eachLine(r, func(line []byte, nl bool) bool {
			col, leading := 0, true
			for _, c := range line {
				switch {
				case c == '\t' && (leading || !o.has("i")):
					to := stops.next(col)
					for ; col < to; col++ {
						out.WriteByte(' ')
					}
				default:
					leading = leading && c == ' '
					out.WriteByte(c)
					col++
				}
			}
			if nl {
				out.WriteByte('\n')
			}
			return true
		})
	})
}

// cmdUnexpand is unexpand: blanks become tabs, those at the start of a line or,
// with -a, all runs of two and more that end at a stop.
func cmdUnexpand(ctx context.Context, p *Process) int {
	o, ok := p.getopt("aft:", "all=a", "first-only=f", "tabs:=t")
	if !ok {
		return 1
	}
	stops, ok := p.tabs(o)
	if !ok {
		return 1
	}
	all := o.has("a", "t") && !o.has("f")
	out := p.out()
	defer out.Flush()
	return p.inputs(ctx, o.args, func(_ string, r io.Reader) error {
		return eachLine(r, func(line []byte, nl bool) bool {
			out.WriteString(unexpanded(string(line), stops, all))
			if nl {
				out.WriteByte('\n')
			}
			return true
		})
	})
}

func unexpanded(line string, stops tabStops, all bool) string {
	var b strings.Builder
	col := 0
	for i := 0; i < len(line); {
		if line[i] != ' ' && line[i] != '\t' || i > 0 && !all && strings.Trim(line[:i], " \t") != "" {
			b.WriteByte(line[i])
			i++
			col++
			continue
		}
		start, from := i, col
		for i < len(line) && (line[i] == ' ' || line[i] == '\t') {
			if line[i] == '\t' {
				col = stops.next(col)
			} else {
				col++
			}
			i++
		}
		at := from
		for {
			to := stops.next(at)
			if to > col {
				break
			}
			if to-at == 1 && line[start] == ' ' && from == at && i-start == 1 {
				b.WriteByte(' ')
			} else {
				b.WriteByte('\t')
			}
			at = to
		}
		b.WriteString(strings.Repeat(" ", col-at))
	}
	return b.String()
}
