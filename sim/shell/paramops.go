package shell

import (
	"strconv"
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// length is ${#name}. Of "$@" bash counts the items, the others their text.
func (s *interp) length(v value) string {
	if v.list && s.dialect == bash {
		return strconv.Itoa(len(v.items))
	}
	n := 0
	for _, item := range v.items {
		n += len(item)
	}
	if v.list && len(v.items) > 1 && s.ifs() != "" {
		n += len(v.items) - 1
	}
	return strconv.Itoa(n)
}

// slice is ${name:offset:length}; of a list it counts items in bash.
func (s *interp) slice(v value, sl *syntax.Slice) value {
	if v.list && s.dialect == bash {
		items := v.items
		if v.items != nil {
			items = append([]string{s.name}, v.items...)
		}
		from, to := s.bounds(sl, len(items))
		v.items = items[from:to]
		return v
	}
	return s.mapItems(v, func(item string) string {
		from, to := s.bounds(sl, len(item))
		return item[from:to]
	})
}

// bounds is where a slice of n begins and ends; negative numbers count from the
// end.
func (s *interp) bounds(sl *syntax.Slice, n int) (from, to int) {
	pos, size := int64(0), int64(n)
	if sl.Offset != nil {
		pos = s.arithm(sl.Offset)
	}
	if sl.Length != nil {
		size = s.arithm(sl.Length)
	}
	if pos < 0 {
		pos += int64(n)
	}
	if pos < 0 || pos >= int64(n) {
		return 0, 0
	}
	rest := int64(n) - pos
	if size < 0 {
		size += rest
		if size < 0 && s.dialect == bash {
			s.die(1, "%d: substring expression < 0", size-rest)
		}
	}
	if size < 0 || size > rest {
		size = rest
	}
	return int(pos), int(pos + size)
}

// trimmer is what ${name#pattern}, ${name%pattern} and bash's ${name^^} do to a
// text.
func (s *interp) trimmer(x *syntax.Expansion, m mode) func(string) string {
	switch x.Op {
	case syntax.RemSmallPrefix, syntax.RemLargePrefix, syntax.RemSmallSuffix, syntax.RemLargeSuffix:
		pat := patternText(s.expanded(x.Word, mode{quoted: m.quoted, pattern: true, tilde: true}))
		return func(v string) string { return s.trim(v, pat, x.Op) }
	case syntax.UpperAll:
		return strings.ToUpper
	case syntax.LowerAll:
		return strings.ToLower
	case syntax.UpperFirst, syntax.LowerFirst:
		return func(v string) string {
			if v == "" {
				return v
			}
			if x.Op == syntax.UpperFirst {
				return strings.ToUpper(v[:1]) + v[1:]
			}
			return strings.ToLower(v[:1]) + v[1:]
		}
	case syntax.OtherParamOps:
		op := s.literal(x.Word)
		return func(v string) string {
			switch op {
			case "Q":
				return "'" + strings.ReplaceAll(v, "'", `'\''`) + "'"
			case "U":
				return strings.ToUpper(v)
			case "L":
				return strings.ToLower(v)
			case "E":
				return ansiText(v)
			}
			return v
		}
	}
	s.badSubstitution()
	return nil
}

// trim takes the shortest or longest match of pat from an end of v.
func (s *interp) trim(v, pat string, op syntax.ParExpOperator) string {
	for i := range len(v) + 1 {
		s.p.k.turn(s.ctx)
		switch op {
		case syntax.RemSmallPrefix:
			if matches(pat, v[:i]) {
				return v[i:]
			}
		case syntax.RemLargePrefix:
			if matches(pat, v[:len(v)-i]) {
				return v[len(v)-i:]
			}
		case syntax.RemSmallSuffix:
			if matches(pat, v[len(v)-i:]) {
				return v[:len(v)-i]
			}
		case syntax.RemLargeSuffix:
			if matches(pat, v[i:]) {
				return v[:i]
			}
		}
	}
	return v
}

// replacer is what ${name/pattern/with} does to a text: the longest match at the
// first place, or at each.
func (s *interp) replacer(r *syntax.Replace) func(string) string {
	pat := patternText(s.expanded(r.Orig, mode{pattern: true}))
	with := text(s.expanded(r.With, mode{}))
	all := r.All
	begin, end := false, false
	if s.dialect == bash && !all && pat != "" {
		begin, end = pat[0] == '#', pat[0] == '%'
		if begin || end {
			pat = pat[1:]
		}
	}
	return func(v string) string {
		if pat == "" && !begin && !end {
			return v
		}
		if v == "" && matches(pat, "") {
			return with
		}
		var b strings.Builder
		for i := 0; i < len(v) || end && i == len(v); {
			s.p.k.turn(s.ctx)
			n := longest(pat, v[i:], end)
			if n < 0 || n == 0 && !begin && !end {
				if begin {
					return v
				}
				if i < len(v) {
					b.WriteByte(v[i])
				}
				i++
				continue
			}
			b.WriteString(with)
			i += n
			if !all {
				return b.String() + v[i:]
			}
		}
		return b.String()
	}
}

// longest is how many bytes at the start of v match pat, -1 for none; whole
// wants all of v.
func longest(pat, v string, whole bool) int {
	for n := len(v); n >= 0; n-- {
		if matches(pat, v[:n]) {
			return n
		}
		if whole {
			break
		}
	}
	return -1
}

func (s *interp) namesWith(prefix string) []string {
	var out []string
	for _, name := range s.names() {
		if strings.HasPrefix(name, prefix) {
			out = append(out, name)
		}
	}
	return out
}

// ansiText is the text of $'…'.
func ansiText(v string) string {
	var b strings.Builder
	for i := 0; i < len(v); i++ {
		if v[i] != '\\' || i+1 == len(v) {
			b.WriteByte(v[i])
			continue
		}
		i++
		switch c := v[i]; c {
		case 'a', 'b', 'f', 'n', 'r', 't', 'v':
			b.WriteByte("\a\b\f\n\r\t\v"[strings.IndexByte("abfnrtv", c)])
		case 'e', 'E':
			b.WriteByte(27)
		case '\\', '\'', '"', '?':
			b.WriteByte(c)
		case 'x', '0', '1', '2', '3', '4', '5', '6', '7':
			digits, base, size := v[i:], 8, 3
			if c == 'x' {
				digits, base, size = v[i+1:], 16, 2
				i++
			}
			n := 0
			for n < size && n < len(digits) {
				if _, err := strconv.ParseUint(digits[:n+1], base, 16); err != nil {
					break
				}
				n++
			}
			if n == 0 {
				b.WriteString(`\x`)
				i--
				continue
			}
			code, _ := strconv.ParseUint(digits[:n], base, 16)
			b.WriteByte(byte(code))
			i += n - 1
		default:
			b.WriteByte('\\')
			b.WriteByte(c)
		}
	}
	return b.String()
}
