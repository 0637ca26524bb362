package shell

import (
	"fmt"
	"strconv"
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// declare runs the declaring builtins when the parser has seen them as such: it
// keeps words like a=$b from being split.
func (s *interp) declare(c *syntax.DeclClause) {
	args := []string{c.Variant.Value}
	var lists []*syntax.Assign // given when their names are local
	for _, a := range c.Args {
		switch {
		case a.Name == nil:
			args = append(args, s.fields([]*syntax.Word{a.Value})...)
		case a.Naked:
			args = append(args, a.Name.Value)
		case a.Array != nil:
			fixed := args[0] == "readonly" || len(args) > 1 && strings.HasPrefix(args[1], "-") && strings.Contains(args[1], "r")
			if fixed || len(s.scopes) == 0 {
				s.assign(a.Name.Value, s.assigned(a))
			} else {
				lists = append(lists, a)
			}
			args = append(args, a.Name.Value)
		default:
			args = append(args, a.Name.Value+"="+s.assigned(a).String())
		}
	}
	s.trace(nil, nil, args)
	s.run(args, nil)
	for _, a := range lists {
		s.assign(a.Name.Value, s.assigned(a))
	}
}

func builtinExport(s *interp, args []string) int {
	words := args[1:]
	off := false
	for len(words) > 0 && strings.HasPrefix(words[0], "-") {
		off = off || words[0] == "-n"
		if words[0] == "-p" {
			words = nil
			break
		}
		words = words[1:]
	}
	readonly := args[0] == "readonly"
	if len(words) == 0 {
		for _, name := range s.names() {
			v := s.vars[name]
			if readonly && v.ReadOnly || !readonly && v.Exported {
				s.showVar(args[0], name, v)
			}
		}
		return 0
	}
	for _, w := range words {
		name, value, set := strings.Cut(w, "=")
		if !validName(name) {
			if s.dialect == bash {
				s.msg("`%s': not a valid identifier", w)
				return 1
			}
			s.die(2, "%s: bad variable name", name)
		}
		if set {
			s.setString(name, value)
		}
		v := s.vars[name]
		if readonly {
			v.ReadOnly = true
		} else {
			v.Exported = !off
		}
		s.vars[name] = v
	}
	return 0
}

func (s *interp) showVar(verb, name string, v variable) {
	if s.dialect == bash {
		verb = "declare -x"
		if v.ReadOnly {
			verb = "declare -r"
		}
		fmt.Fprintf(s.p.Stdout, "%s %s=%q\n", verb, name, v.String())
		return
	}
	if !v.IsSet() {
		fmt.Fprintf(s.p.Stdout, "%s %s\n", verb, name)
		return
	}
	fmt.Fprintf(s.p.Stdout, "%s %s=%s\n", verb, name, quoteSh(v.String()))
}

func builtinLocal(s *interp, args []string) int {
	words := args[1:]
	var export, readonly bool
	for len(words) > 0 && strings.HasPrefix(words[0], "-") && len(words[0]) > 1 {
		export = export || strings.Contains(words[0], "x")
		readonly = readonly || strings.Contains(words[0], "r")
		words = words[1:]
	}
	if len(s.scopes) == 0 && args[0] == "local" {
		if s.dialect == bash {
			s.msg("can only be used in a function")
			return 1
		}
		s.die(2, "not in a function")
	}
	for _, w := range words {
		name, value, set := strings.Cut(w, "=")
		if !validName(name) {
			s.die(2, "%s: bad variable name", name)
		}
		if n := len(s.scopes); n > 0 {
			if _, done := s.scopes[n-1][name]; !done {
				s.scopes[n-1][name] = s.vars[name]
			}
			if !set && s.dialect == bash {
				delete(s.vars, name)
			}
		}
		if set {
			s.setString(name, value)
		}
		if export || readonly {
			v := s.vars[name]
			v.Exported, v.ReadOnly = v.Exported || export, v.ReadOnly || readonly
			s.vars[name] = v
		}
	}
	return 0
}

func builtinUnset(s *interp, args []string) int {
	words, fn, plain := args[1:], false, false
	for len(words) > 0 && (words[0] == "-f" || words[0] == "-v") {
		fn, plain = fn || words[0] == "-f", plain || words[0] == "-v"
		words = words[1:]
	}
	for _, name := range words {
		if fn {
			delete(s.funcs, name)
			continue
		}
		if _, ok := s.vars[name]; !ok && !plain {
			delete(s.funcs, name)
		}
		if s.dialect == dash && !validName(name) {
			s.die(2, "%s: bad variable name", name)
		}
		if err := s.set(name, variable{}); err != nil {
			s.die(2, "%v", err)
		}
	}
	return 0
}

func builtinSet(s *interp, args []string) int {
	words := args[1:]
	if len(words) == 0 {
		for _, name := range s.names() {
			if v := s.vars[name]; v.IsSet() {
				q := quoteSh(v.String())
				if s.dialect == bash {
					q = quoteIf(v.String())
				}
				fmt.Fprintf(s.p.Stdout, "%s=%s\n", name, q)
			}
		}
		return 0
	}
	rest, given, err := s.options(words)
	if err != nil {
		s.die(2, "%v", err)
	}
	if given || len(rest) > 0 {
		s.params = rest
	}
	return 0
}

// options takes the options of set or sh from words. given reports that a "--"
// or a "-" ended them.
func (s *interp) options(words []string) (rest []string, given bool, err error) {
	for len(words) > 0 {
		w := words[0]
		if w == "--" || w == "-" {
			return words[1:], true, nil
		}
		if len(w) < 2 || w[0] != '-' && w[0] != '+' {
			break
		}
		words = words[1:]
		on := w[0] == '-'
		for i := 1; i < len(w); i++ {
			if w[i] == 'c' || w[i] == 's' || w[i] == 'l' || w[i] == 'i' {
				continue
			}
			if w[i] != 'o' {
				if err := s.setOption(w[i], "", on); err != nil {
					return nil, false, err
				}
				continue
			}
			if len(words) == 0 {
				s.showOptions(on)
				continue
			}
			if err := s.setOption(0, words[0], on); err != nil {
				return nil, false, err
			}
			words = words[1:]
		}
	}
	return words, false, nil
}

func (s *interp) showOptions(on bool) {
	for _, o := range optionTable {
		state := "off"
		if *o.of(&s.opt) {
			state = "on"
		}
		fmt.Fprintf(s.p.Stdout, "%-16s%s\n", o.name, state)
	}
}

func builtinGetopts(s *interp, args []string) int {
	if len(args) < 3 {
		return 2
	}
	spec, name := args[1], args[2]
	words := s.params
	if len(args) > 3 {
		words = args[3:]
	}
	silent := strings.HasPrefix(spec, ":")
	ind, _ := strconv.Atoi(s.value("OPTIND"))
	at := s.optind
	if ind > len(words)+1 && s.dialect != bash {
		ind, at = 1, 0
	}
	if at > 0 && s.dialect != bash {
		ind-- // inside a word these two already count it
	}
	ind = max(ind, 1)
	done := func(opt, arg string, hasArg bool, status int) int {
		s.setString(name, opt)
		if hasArg {
			s.setString("OPTARG", arg)
		} else {
			delete(s.vars, "OPTARG")
		}
		if !hasArg && opt != "?" && s.dialect != bash {
			s.setString("OPTARG", "")
		}
		keep, shown := at, ind
		if at > 0 && s.dialect != bash {
			shown++
		}
		s.setString("OPTIND", strconv.Itoa(shown))
		s.optind = keep
		return status
	}
	if ind > len(words) || len(words[ind-1]) < 2 || words[ind-1][0] != '-' {
		return done("?", "", false, 1)
	}
	if words[ind-1] == "--" {
		ind++
		return done("?", "", false, 1)
	}
	w := words[ind-1]
	if at == 0 {
		at = 1
	}
	c := w[at]
	at++
	next := func() {
		if at >= len(w) {
			ind++
			at = 0
		}
	}
	i := strings.IndexByte(spec, c)
	if i < 0 || c == ':' {
		next()
		if silent {
			return done("?", string(c), true, 0)
		}
		s.p.errf("Illegal option -%c\n", c)
		return done("?", "", false, 0)
	}
	if i+1 >= len(spec) || spec[i+1] != ':' {
		next()
		return done(string(c), "", false, 0)
	}
	arg := w[at:]
	ind++
	at = 0
	if arg == "" {
		if ind > len(words) {
			if silent {
				return done(":", string(c), true, 0)
			}
			s.p.errf("No arg for -%c option\n", c)
			return done("?", "", false, 0)
		}
		arg = words[ind-1]
		ind++
	}
	return done(string(c), arg, true, 0)
}
