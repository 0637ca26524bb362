package shell

import (
	"slices"
	"strings"
)

const defaultIFS = " \t\n"

// ifs is the characters at which fields are split.
func (s *interp) ifs() string {
	if v := s.vars["IFS"]; v.IsSet() {
		return v.Str
	}
	return defaultIFS
}

// split cuts the expanded word into fields at $IFS, in the parts of it that came
// out of expansions (POSIX 2.6.5). Blank characters of $IFS are dropped at the
// ends and join; each other ends a field. A zero byte stands between parameters.
func (e *expansion) split() [][]cell {
	var out [][]cell
	start, last := 0, false
	ifs := e.s.ifs()
	for _, r := range e.regions {
		last = r.list
		isIFS := func(c cell) bool {
			return c.kind != mark && (c.c == 0 || !r.list && strings.IndexByte(ifs, c.c) >= 0)
		}
		isBlank := func(c cell) bool { return c.c == 0 || strings.IndexByte(defaultIFS, c.c) >= 0 }
		for p := r.begin; p < r.end; {
			c := e.cells[p]
			if !isIFS(c) {
				p++
				continue
			}
			blank := !r.list && isBlank(c)
			if p == start && blank {
				p++
				start = p
				continue
			}
			out = append(out, e.cells[start:p])
			p++
			for !r.list && p < r.end && isIFS(e.cells[p]) {
				if !isBlank(e.cells[p]) {
					if !blank {
						break
					}
					blank = false
				}
				p++
			}
			start = p
		}
	}
	if start < len(e.cells) || last {
		out = append(out, e.cells[start:])
	}
	return out
}

// readFields gives the words of a line to the variables of read: the last takes
// the rest. A byte after a backslash is escaped and does not split.
func readFields(line []cell, ifs string, n int) []string {
	var out []string
	var cur []byte
	startword := 1
	for _, c := range line {
		is := c.kind == bare && strings.IndexByte(ifs, c.c) >= 0
		blank := strings.IndexByte(defaultIFS, c.c) >= 0
		if c.kind == bare {
			if startword > 0 && is {
				if blank {
					continue
				}
				if startword--; startword == 1 {
					continue
				}
			}
			startword = 0
			if is && len(out) < n-1 {
				out = append(out, string(cur))
				cur = cur[:0]
				startword = 1
				if blank {
					startword = 2
				}
				continue
			}
		}
		startword = 0
		cur = append(cur, c.c)
	}
	end := len(cur)
	for end > 0 && strings.IndexByte(defaultIFS, cur[end-1]) >= 0 && strings.IndexByte(ifs, cur[end-1]) >= 0 {
		end--
	}
	out = append(out, string(cur[:end]))
	return slices.Grow(out, n)[:max(len(out), 1)]
}
