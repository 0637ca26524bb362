package shell

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// errReadonly is an assignment to a variable that may not change.
type errReadonly struct{ name string }

func (e errReadonly) Error() string { return e.name + ": is read only" }

// parameter is the value of a parameter, special parameter or variable.
func (s *interp) parameter(name string) variable {
	if s.dialect == bash {
		if v, ok := s.bashParameter(name); ok && !s.vars[name].Set {
			return v
		}
	}
	switch name {
	case "@", "*":
		list := s.params
		if list == nil {
			list = []string{} // no parameters are a list too: "$@" is no word at all
		}
		return variable{Set: true, IsList: true, List: list}
	case "#":
		return str(strconv.Itoa(len(s.params)))
	case "?":
		return str(strconv.Itoa(s.last))
	case "$":
		return str(strconv.Itoa(s.pidVar))
	case "!":
		if len(s.jobs) == 0 {
			return str("")
		}
		return str(strconv.Itoa(s.jobs[len(s.jobs)-1].pid))
	case "-":
		return str(s.flags())
	case "0":
		return str(s.name)
	case "LINENO":
		return str(strconv.Itoa(s.line + s.base - s.dashC()))
	case "PPID":
		return str("0")
	case "RANDOM":
		if s.dialect == dash {
			break
		}
		return str(strconv.Itoa(int(s.p.k.guess() >> 40 & 0x7fff)))
	case "SECONDS":
		return str("0")
	}
	if n, err := strconv.Atoi(name); err == nil && n > 0 {
		if n <= len(s.params) {
			return str(s.params[n-1])
		}
		return variable{}
	}
	return s.vars[name]
}

func (s *interp) set(name string, v variable) error {
	old := s.vars[name]
	if old.ReadOnly {
		return errReadonly{name}
	}
	if !v.IsSet() && !v.Declared() {
		delete(s.vars, name)
		return nil
	}
	v.Exported = v.Exported || old.Exported || s.opt.allexport
	s.vars[name] = v
	if name == "OPTIND" {
		s.optind = 0
	}
	return nil
}

func (s *interp) setString(name, value string) {
	if err := s.set(name, str(value)); err != nil {
		s.die(2, "%v", err)
	}
}

// value is the string value of a variable, "" when it is not set.
func (s *interp) value(name string) string { return s.vars[name].String() }

func (s *interp) names() []string {
	names := make([]string, 0, len(s.vars))
	for name := range s.vars {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// exports is the environment of the commands that s starts.
func (s *interp) exports() []string {
	var env []string
	names := s.names()
	if s.dialect != bash {
		slices.SortStableFunc(names, func(a, b string) int { return bucket(a) - bucket(b) })
	}
	for _, name := range names {
		if v := s.vars[name]; v.Exported && v.IsSet() && !v.IsList {
			env = append(env, name+"="+v.Str)
		}
	}
	return env
}

// bucket is where ash and dash keep a variable: they hand variables on in this order.
func bucket(name string) int {
	h := 0
	for i := range len(name) {
		if i == 0 {
			h = int(name[0]) << 4
		}
		h += int(name[i])
	}
	return h % 39
}

// flags is $-.
func (s *interp) flags() string {
	var b strings.Builder
	for _, o := range optionTable {
		if o.letter != 0 && *o.of(&s.opt) {
			b.WriteByte(o.letter)
		}
	}
	if s.inter {
		b.WriteByte('i')
	}
	if s.source == "-c" && s.dialect != dash {
		b.WriteByte('c')
	}
	return b.String()
}

type option struct {
	name   string
	letter byte
	of     func(*options) *bool
}

var optionTable = []option{
	{"errexit", 'e', func(o *options) *bool { return &o.errexit }},
	{"noglob", 'f', func(o *options) *bool { return &o.noglob }},
	{"noexec", 'n', func(o *options) *bool { return &o.noexec }},
	{"xtrace", 'x', func(o *options) *bool { return &o.xtrace }},
	{"verbose", 'v', func(o *options) *bool { return &o.verbose }},
	{"noclobber", 'C', func(o *options) *bool { return &o.noclobber }},
	{"allexport", 'a', func(o *options) *bool { return &o.allexport }},
	{"nounset", 'u', func(o *options) *bool { return &o.nounset }},
	{"pipefail", 0, func(o *options) *bool { return &o.pipefail }},
}

// setOption turns the option with the letter or the name on or off.
func (s *interp) setOption(letter byte, name string, on bool) error {
	illegal := "illegal"
	if s.dialect == dash {
		illegal = "Illegal"
	}
	for _, o := range optionTable {
		if name == "pipefail" && s.dialect == dash { // came with 0.5.13
			break
		}
		if letter != 0 && o.letter == letter || name != "" && o.name == name {
			*o.of(&s.opt) = on
			return nil
		}
	}
	if letter != 0 {
		if strings.IndexByte("bhimkptBEHT", letter) >= 0 {
			return nil
		}
		return fmt.Errorf("%s option -%c", illegal, letter)
	}
	if slices.Contains([]string{"monitor", "ignoreeof", "notify", "vi", "emacs", "errtrace", "posix", "nolog", "debug"}, name) {
		return nil
	}
	return fmt.Errorf("%s option -o %s", illegal, name)
}
