package npm

import (
	"fmt"
	"strconv"
	"strings"
)

// semver is a version: MAJOR.MINOR.PATCH-PRE, see node-semver.
type semver struct {
	major, minor, patch int
	pre                 string
}

func (v semver) String() string {
	s := fmt.Sprintf("%d.%d.%d", v.major, v.minor, v.patch)
	if v.pre != "" {
		s += "-" + v.pre
	}
	return s
}

func parseSemver(s string) semver {
	v, _ := partial(s)
	return v
}

// partial reads a version of which parts may be missing or "x"; given is how many
// there are.
func partial(s string) (v semver, given int) {
	s = strings.TrimLeft(strings.TrimSpace(s), "v=")
	s, _, _ = strings.Cut(s, "+")
	s, v.pre, _ = strings.Cut(s, "-")
	for i, w := range strings.SplitN(s, ".", 3) {
		n, err := strconv.Atoi(w)
		if err != nil {
			break
		}
		*[]*int{&v.major, &v.minor, &v.patch}[i] = n
		given++
	}
	return v, given
}

func (v semver) compare(o semver) int {
	for _, d := range []int{v.major - o.major, v.minor - o.minor, v.patch - o.patch} {
		if d != 0 {
			return d
		}
	}
	switch {
	case v.pre == o.pre:
		return 0
	case v.pre == "":
		return 1
	case o.pre == "":
		return -1
	}
	return comparePre(strings.Split(v.pre, "."), strings.Split(o.pre, "."))
}

// comparePre compares prerelease identifiers: numbers as numbers, and before words.
func comparePre(a, b []string) int {
	for i := range min(len(a), len(b)) {
		x, xerr := strconv.Atoi(a[i])
		y, yerr := strconv.Atoi(b[i])
		d := strings.Compare(a[i], b[i])
		switch {
		case xerr == nil && yerr == nil:
			d = x - y
		case xerr == nil:
			d = -1
		case yerr == nil:
			d = 1
		}
		if d != 0 {
			return d
		}
	}
	return len(a) - len(b)
}

// bound is one comparator: "<", "<=", ">", ">=" or "=" and a version.
type bound struct {
	op string
	v  semver
}

func (b bound) allows(v semver) bool {
	c := v.compare(b.v)
	switch b.op {
	case "<":
		return c < 0
	case "<=":
		return c <= 0
	case ">":
		return c > 0
	case ">=":
		return c >= 0
	}
	return c == 0
}

// semverRange is alternatives of comparators that all must hold.
type semverRange struct {
	sets [][]bound
	any  bool // "", "*", "latest": no version is preferred to another
}

// allows reports whether a version is in the range. A prerelease is only where a
// comparator names one of the same version.
func (r semverRange) allows(v semver) bool {
	for _, set := range r.sets {
		ok, pre := true, v.pre == ""
		for _, b := range set {
			ok = ok && b.allows(v)
			pre = pre || b.v.pre != "" && b.v.major == v.major && b.v.minor == v.minor && b.v.patch == v.patch
		}
		if ok && pre {
			return true
		}
	}
	return false
}

// lowest is the lowest version that a range names.
func (r semverRange) lowest() (semver, bool) {
	var out semver
	found := false
	for _, set := range r.sets {
		for _, b := range set {
			if (b.op == "=" || b.op == ">=") && (!found || b.v.compare(out) > 0) {
				out, found = b.v, true
			}
		}
	}
	return out, found
}

// parseRange reads a range. What is none, a tag or an address, is any version.
func parseRange(s string) semverRange {
	s = strings.TrimSpace(s)
	if _, rest, ok := strings.Cut(s, "npm:"); ok {
		s = rest[strings.LastIndexByte(rest, '@')+1:]
	}
	r := semverRange{any: s == "" || s == "*" || s == "x" || s == "latest"}
	for part := range strings.SplitSeq(s, "||") {
		var set []bound
		if low, high, ok := strings.Cut(part, " - "); ok {
			set = append(comparator(">=", low), comparator("<=", high)...)
		} else {
			op := ""
			for w := range strings.FieldsSeq(part) {
				rest := strings.TrimLeft(w, "<>=^~")
				op += w[:len(w)-len(rest)]
				if rest != "" {
					set = append(set, comparator(op, rest)...)
					op = ""
				}
			}
		}
		r.sets = append(r.sets, set)
	}
	return r
}

// comparator is the bounds of one word.
func comparator(op, word string) []bound {
	v, n := partial(word)
	if n == 0 {
		return nil
	}
	next := func(parts int) semver { // the first version whose leading parts differ
		switch parts {
		case 1:
			return semver{major: v.major + 1, pre: "0"}
		case 2:
			return semver{major: v.major, minor: v.minor + 1, pre: "0"}
		}
		return semver{major: v.major, minor: v.minor, patch: v.patch + 1, pre: "0"}
	}
	between := func(parts int) []bound { return []bound{{">=", v}, {"<", next(parts)}} }
	switch op {
	case "^":
		switch {
		case v.major > 0 || n == 1:
			return between(1)
		case v.minor > 0 || n == 2:
			return between(2)
		}
		return between(3)
	case "~", "~>":
		return between(min(n, 2))
	case "", "=":
		if n < 3 {
			return between(n)
		}
		return []bound{{"=", v}}
	case "<=":
		if n < 3 {
			return []bound{{"<", next(n)}}
		}
	case ">":
		if n < 3 {
			return []bound{{">=", next(n)}}
		}
	case "<":
		if n < 3 {
			v.pre = "0"
		}
	}
	return []bound{{op, v}}
}

// collate orders names as JavaScript's localeCompare does: signs before digits and
// letters, case apart.
func collate(a, b string) int {
	key := func(c byte) int {
		if i := strings.IndexByte("_-,;:!?.'\"()[]{}@*/\\&#%`^+<=>|~$", c); i >= 0 {
			return i
		}
		return 64 + int(c)
	}
	x, y := strings.ToLower(a), strings.ToLower(b)
	for i := range min(len(x), len(y)) {
		if d := key(x[i]) - key(y[i]); d != 0 {
			return d
		}
	}
	return len(x) - len(y)
}

// Meets reports whether a version is in a range. A range that is an address or a
// tag is met by any.
func Meets(condition, version string) bool {
	r := parseRange(condition)
	if strings.ContainsAny(condition, ":/") && !strings.HasPrefix(condition, "npm:") {
		return true
	}
	return r.any || r.allows(parseSemver(version))
}
