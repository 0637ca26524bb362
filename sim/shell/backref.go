package shell

import (
	"regexp"
	"regexp/syntax"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A posixRx is a compiled expression of POSIX. Go's regular expressions run in
// linear time and have no back-references: one with them is matched by trying,
// with a budget.
type posixRx struct {
	*regexp.Regexp                // of which the back-references are not, if there are any
	refs           *syntax.Regexp // the same as a tree, nil without back-references
}

// refRune stands for \0 in a tree that was parsed by regexp/syntax; \1 is the
// next, and so on.
const refRune = '\U0010FF00'

// maxRefSteps bounds how long one match with back-references is tried.
const maxRefSteps = 500_000

// MatchString reports whether text has a match.
func (r *posixRx) MatchString(text string) bool {
	if r.refs == nil {
		return r.Regexp.MatchString(text)
	}
	return r.find(text, 0) != nil
}

// Match reports whether text has a match.
func (r *posixRx) Match(text []byte) bool {
	if r.refs == nil {
		return r.Regexp.Match(text)
	}
	return r.find(string(text), 0) != nil
}

// FindStringSubmatch is the first match and its groups.
func (r *posixRx) FindStringSubmatch(text string) []string {
	if r.refs == nil {
		return r.Regexp.FindStringSubmatch(text)
	}
	m := r.find(text, 0)
	if m == nil {
		return nil
	}
	out := make([]string, len(m)/2)
	for i := range out {
		if m[2*i] >= 0 {
			out[i] = text[m[2*i]:m[2*i+1]]
		}
	}
	return out
}

// FindAllStringSubmatchIndex is where each match and its groups are.
func (r *posixRx) FindAllStringSubmatchIndex(text string, n int) [][]int {
	if r.refs == nil {
		return r.Regexp.FindAllStringSubmatchIndex(text, n)
	}
	var out [][]int
	last := -1
	for at := 0; at <= len(text) && (n < 0 || len(out) < n); {
		m := r.find(text, at)
		if m == nil {
			break
		}
		if m[1] > m[0] || m[0] != last { // no empty match right after another
			out = append(out, m)
		}
		last = m[1]
		if at = m[1]; m[1] == m[0] {
			_, size := utf8.DecodeRuneInString(text[at:])
			at += max(size, 1)
		}
	}
	return out
}

// FindAllSubmatchIndex is where each match and its groups are.
func (r *posixRx) FindAllSubmatchIndex(text []byte, n int) [][]int {
	if r.refs == nil {
		return r.Regexp.FindAllSubmatchIndex(text, n)
	}
	return r.FindAllStringSubmatchIndex(string(text), n)
}

// A refMatch tries one expression on a text.
type refMatch struct {
	text  string
	caps  []int
	best  []int // of the longest match so far
	steps int
}

// find is the leftmost match at or after from, of these the longest; nil for
// none, or when the budget is used up before one is found.
func (r *posixRx) find(text string, from int) []int {
	m := &refMatch{text: text}
	for at := from; at <= len(text) && m.steps < maxRefSteps; at++ {
		m.caps = make([]int, 2*(r.refs.MaxCap()+1))
		for i := range m.caps {
			m.caps[i] = -1
		}
		m.match(r.refs, at, func(end int) bool {
			if m.best == nil || end > m.best[1] {
				m.best = append([]int(nil), m.caps...)
				m.best[0], m.best[1] = at, end
			}
			return end == len(text)
		})
		if m.best != nil {
			return m.best
		}
	}
	return nil
}

// match tries re at i and goes on with next where it fits; true ends the search.
func (m *refMatch) match(re *syntax.Regexp, i int, next func(int) bool) bool {
	if m.steps++; m.steps > maxRefSteps {
		return false
	}
	switch re.Op {
	case syntax.OpEmptyMatch:
		return next(i)
	case syntax.OpLiteral:
		return m.literal(re, i, next)
	case syntax.OpCharClass, syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		c, size := utf8.DecodeRuneInString(m.text[i:])
		return size > 0 && m.fits(re, c) && next(i+size)
	case syntax.OpBeginLine, syntax.OpBeginText:
		return i == 0 && next(i)
	case syntax.OpEndLine, syntax.OpEndText:
		return i == len(m.text) && next(i)
	case syntax.OpWordBoundary, syntax.OpNoWordBoundary:
		word := func(j int) bool { return j >= 0 && j < len(m.text) && isNameByte(m.text[j]) }
		return (word(i-1) != word(i)) == (re.Op == syntax.OpWordBoundary) && next(i)
	case syntax.OpCapture:
		return m.capture(re, i, next)
	case syntax.OpStar:
		return m.repeat(re.Sub[0], i, 0, -1, next)
	case syntax.OpPlus:
		return m.repeat(re.Sub[0], i, 1, -1, next)
	case syntax.OpQuest:
		return m.repeat(re.Sub[0], i, 0, 1, next)
	case syntax.OpRepeat:
		return m.repeat(re.Sub[0], i, re.Min, re.Max, next)
	case syntax.OpConcat:
		return m.concat(re.Sub, i, next)
	case syntax.OpAlternate:
		for _, sub := range re.Sub {
			if m.match(sub, i, next) {
				return true
			}
		}
	}
	return false
}

func (m *refMatch) fits(re *syntax.Regexp, c rune) bool {
	if re.Op != syntax.OpCharClass {
		return re.Op == syntax.OpAnyChar || c != '\n'
	}
	for i := 0; i < len(re.Rune); i += 2 {
		if re.Rune[i] <= c && c <= re.Rune[i+1] {
			return true
		}
	}
	return false
}

// literal matches the runes of re, those that stand for groups by their text.
func (m *refMatch) literal(re *syntax.Regexp, i int, next func(int) bool) bool {
	fold := re.Flags&syntax.FoldCase != 0
	for _, want := range re.Rune {
		if n := int(want - refRune); n > 0 && n < 255 {
			if 2*n >= len(m.caps) || m.caps[2*n] < 0 {
				return false
			}
			was := m.text[m.caps[2*n]:m.caps[2*n+1]]
			end := i + len(was)
			if end > len(m.text) || m.text[i:end] != was && !(fold && strings.EqualFold(m.text[i:end], was)) {
				return false
			}
			i = end
			continue
		}
		c, size := utf8.DecodeRuneInString(m.text[i:])
		if size == 0 || c != want && !(fold && unicode.ToLower(c) == unicode.ToLower(want)) {
			return false
		}
		i += size
	}
	return next(i)
}

func (m *refMatch) capture(re *syntax.Regexp, i int, next func(int) bool) bool {
	begin, end := m.caps[2*re.Cap], m.caps[2*re.Cap+1]
	done := m.match(re.Sub[0], i, func(j int) bool {
		was, wasEnd := m.caps[2*re.Cap], m.caps[2*re.Cap+1]
		m.caps[2*re.Cap], m.caps[2*re.Cap+1] = i, j
		if next(j) {
			return true
		}
		m.caps[2*re.Cap], m.caps[2*re.Cap+1] = was, wasEnd
		return false
	})
	if !done {
		m.caps[2*re.Cap], m.caps[2*re.Cap+1] = begin, end
	}
	return done
}

func (m *refMatch) concat(subs []*syntax.Regexp, i int, next func(int) bool) bool {
	if len(subs) == 0 {
		return next(i)
	}
	return m.match(subs[0], i, func(j int) bool { return m.concat(subs[1:], j, next) })
}

// repeat matches sub as often as it can, then less often; limit -1 is no limit.
func (m *refMatch) repeat(sub *syntax.Regexp, i, least, limit int, next func(int) bool) bool {
	if limit != 0 {
		more := m.match(sub, i, func(j int) bool {
			if j == i && least <= 0 {
				return false // an empty turn leads nowhere
			}
			return m.repeat(sub, j, least-1, max(limit-1, -1), next)
		})
		if more {
			return true
		}
	}
	return least <= 0 && next(i)
}
