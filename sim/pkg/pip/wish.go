package pip

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// A Wish is one requirement: "uvicorn[standard]>=0.30,<1 ; python_version>'3'".
type Wish struct {
	Text      string // as pip repeats it: without spaces, and without what stands behind ";"
	Name      string // normalized
	Extras    []string
	Condition string // "==3.1.0", ">=2,<3", or ""
	Marker    string // "python_version>'3'", or ""
	By        string // "from flask", "from -r requirements.txt (line 2)", or ""
}

// ParseWish reads a requirement.
func ParseWish(text string) Wish {
	text, _, _ = strings.Cut(text, " #")
	text, _, _ = strings.Cut(text, " --hash")
	text, marker, _ := strings.Cut(text, ";")
	text = strings.Join(strings.Fields(text), "")
	w := Wish{Text: text, Marker: strings.TrimSpace(marker)}
	name := text
	if i := strings.IndexAny(text, "=<>!~[@("); i >= 0 {
		name, w.Condition = text[:i], strings.Trim(text[i:], "()")
	}
	if rest, ok := strings.CutPrefix(w.Condition, "["); ok {
		extras, after, _ := strings.Cut(rest, "]")
		for e := range strings.SplitSeq(extras, ",") {
			w.Extras = append(w.Extras, Normal(e))
		}
		w.Condition = strings.Trim(after, "()")
	}
	w.Name = Normal(name)
	return w
}

// numbers is a version as numbers, as far as it is made of them.
func numbers(v string) []int {
	var out []int
	for part := range strings.FieldsFuncSeq(v, func(r rune) bool { return r < '0' || r > '9' }) {
		n, _ := strconv.Atoi(part)
		out = append(out, n)
	}
	return out
}

// Compare compares two versions by their numbers; missing ones are 0.
func Compare(a, b string) int {
	x, y := numbers(a), numbers(b)
	for len(x) < len(y) {
		x = append(x, 0)
	}
	for len(y) < len(x) {
		y = append(y, 0)
	}
	return slices.Compare(x, y)
}

var clause = regexp.MustCompile(`^(===|==|~=|!=|<=|>=|<|>)(.+)$`)

// Allows reports whether a version meets the wish's condition (PEP 440, for
// versions of numbers).
func (w Wish) Allows(version string) bool {
	for part := range strings.SplitSeq(w.Condition, ",") {
		m := clause.FindStringSubmatch(part)
		if m == nil {
			continue
		}
		c := Compare(version, strings.TrimSuffix(m[2], ".*"))
		same := version == m[2] || c == 0 && !strings.Contains(m[2], "*")
		if prefix, ok := strings.CutSuffix(m[2], ".*"); ok {
			same = slices.Equal(cut(numbers(version), len(numbers(prefix))), numbers(prefix))
		}
		ok := true
		switch m[1] {
		case "==", "===":
			ok = same
		case "!=":
			ok = !same
		case "~=":
			n := numbers(m[2])
			ok = c >= 0 && slices.Equal(cut(numbers(version), len(n)-1), cut(n, len(n)-1))
		case "<=":
			ok = c <= 0
		case ">=":
			ok = c >= 0
		case "<":
			ok = c < 0
		case ">":
			ok = c > 0
		}
		if !ok {
			return false
		}
	}
	return true
}

func cut(n []int, k int) []int { return n[:max(min(k, len(n)), 0)] }

// pinned is a version that the condition names and allows: the one of "==", else
// the lower bound, or one below an upper bound. "" when there is none.
func (w Wish) pinned() string {
	below := ""
	for part := range strings.SplitSeq(w.Condition, ",") {
		m := clause.FindStringSubmatch(part)
		if m == nil {
			continue
		}
		v := strings.TrimSuffix(m[2], ".*")
		if strings.HasSuffix(m[2], ".*") {
			v += ".0"
		}
		switch m[1] {
		case "==", "===", "~=", ">=", "<=":
			if w.Allows(v) {
				return v
			}
		case "<":
			below = lower(v)
		}
	}
	if below != "" && w.Allows(below) {
		return below
	}
	return ""
}

// lower is a version just below another: "2.9" of "3", "1.25.9" of "1.26".
func lower(v string) string {
	n := numbers(v)
	for i := len(n) - 1; i >= 0; i-- {
		if n[i] > 0 {
			n[i]--
			n = append(n[:i+1], 9)
			break
		}
	}
	var out []string
	for _, x := range n {
		out = append(out, strconv.Itoa(x))
	}
	return strings.Join(out, ".")
}

// An Environment is what markers ask for: "python_version", "sys_platform", ….
type Environment map[string]string

// Linux is the environment of a Python of that version, "3.12", on amd64.
func Linux(python string) Environment {
	return Environment{"python_version": python, "python_full_version": python + ".0", "sys_platform": "linux", "platform_system": "Linux", "os_name": "posix", "platform_machine": "x86_64",
		"implementation_name": "cpython", "platform_python_implementation": "CPython", "extra": ""}
}

var comparison = regexp.MustCompile(`^\s*(\S+?)\s*(===|==|~=|!=|<=|>=|<|>|\bnot in\b|\bin\b)\s*(.+?)\s*$`)

// Meets reports whether a marker holds (PEP 508, without brackets inside). What
// cannot be read holds.
func (e Environment) Meets(marker string) bool {
	if strings.TrimSpace(marker) == "" {
		return true
	}
	for any := range strings.SplitSeq(strings.NewReplacer("(", " ", ")", " ").Replace(marker), " or ") {
		all := true
		for one := range strings.SplitSeq(any, " and ") {
			all = all && e.holds(one)
		}
		if all {
			return true
		}
	}
	return false
}

func (e Environment) holds(text string) bool {
	m := comparison.FindStringSubmatch(text)
	if m == nil {
		return true
	}
	value := func(s string) (string, bool) {
		if strings.ContainsAny(s, `'"`) {
			return strings.Trim(s, `'"`), false
		}
		v, ok := e[s]
		return v, ok
	}
	a, named := value(m[1])
	b, _ := value(m[3])
	switch {
	case m[2] == "in":
		return strings.Contains(b, a)
	case m[2] == "not in":
		return !strings.Contains(b, a)
	case named && strings.HasPrefix(m[1], "python"):
		return Wish{Condition: m[2] + b}.Allows(a)
	case m[2] == "!=":
		return a != b
	}
	return a == b
}
