package deb

import (
	"strings"
	"unicode"
)

// Compare compares two versions as dpkg does (deb-version(7)): -1, 0 or 1.
func Compare(a, b string) int {
	ea, ua, ra := split(a)
	eb, ub, rb := split(b)
	for _, p := range [][2]string{{ea, eb}, {ua, ub}, {ra, rb}} {
		if c := part(p[0], p[1]); c != 0 {
			return c
		}
	}
	return 0
}

// split is epoch, upstream version and revision.
func split(v string) (epoch, upstream, revision string) {
	epoch = "0"
	if e, rest, ok := strings.Cut(v, ":"); ok {
		epoch, v = e, rest
	}
	if i := strings.LastIndexByte(v, '-'); i >= 0 {
		return epoch, v[:i], v[i+1:]
	}
	return epoch, v, ""
}

// order is the place of a character that is no digit: "~" before the end, the end
// before letters, letters before all else.
func order(s string, i int) int {
	switch {
	case i >= len(s) || digit(s[i]):
		return 0
	case s[i] == '~':
		return -1
	case s[i] >= 'a' && s[i] <= 'z' || s[i] >= 'A' && s[i] <= 'Z':
		return int(s[i])
	}
	return int(s[i]) + 256
}

func digit(c byte) bool { return c >= '0' && c <= '9' }

func part(a, b string) int {
	for i, j := 0, 0; i < len(a) || j < len(b); {
		for i < len(a) && !digit(a[i]) || j < len(b) && !digit(b[j]) {
			if x, y := order(a, i), order(b, j); x != y {
				return sign(x - y)
			}
			i++
			j++
		}
		x, y := i, j
		for i < len(a) && digit(a[i]) {
			i++
		}
		for j < len(b) && digit(b[j]) {
			j++
		}
		m, n := strings.TrimLeft(a[min(x, len(a)):min(i, len(a))], "0"), strings.TrimLeft(b[min(y, len(b)):min(j, len(b))], "0")
		if len(m) != len(n) {
			return sign(len(m) - len(n))
		}
		if c := strings.Compare(m, n); c != 0 {
			return c
		}
	}
	return 0
}

func sign(n int) int {
	if n < 0 {
		return -1
	}
	return 1
}

// A Relation is one name of a Depends or similar field, with what it asks of the
// version.
type Relation struct {
	Name    string
	Op      string // "", "<<", "<=", "=", ">=" or ">>"
	Version string
}

// Relations reads a Depends field: groups of alternatives.
func Relations(field string) [][]Relation {
	var out [][]Relation
	for group := range strings.SplitSeq(field, ",") {
		var alternatives []Relation
		for word := range strings.SplitSeq(group, "|") {
			f := strings.FieldsFunc(word, apart)
			if len(f) == 0 {
				continue
			}
			name, _, _ := strings.Cut(f[0], ":")
			r := Relation{Name: name}
			if len(f) == 3 {
				r.Op, r.Version = f[1], f[2]
			}
			alternatives = append(alternatives, r)
		}
		if len(alternatives) > 0 {
			out = append(out, alternatives)
		}
	}
	return out
}

// apart reports whether r separates the words of a relation: "libc6 (>= 2.36)".
func apart(r rune) bool { return r == '(' || r == ')' || unicode.IsSpace(r) }

// Allows reports whether a version is what the relation asks for.
func (r Relation) Allows(version string) bool {
	c := Compare(version, r.Version)
	switch r.Op {
	case "<<", "<":
		return c < 0
	case "<=":
		return c <= 0
	case "=":
		return c == 0
	case ">=":
		return c >= 0
	case ">>", ">":
		return c > 0
	}
	return true
}
