package shell

import (
	"slices"
	"strconv"
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// A value is what a parameter stands for.
type value struct {
	items []string // one; of "$@", "$*" and lists any number
	set   bool
	list  bool
	star  bool // joined by the first character of $IFS where it is quoted
}

// valueOf is the value of the parameter that pe names.
func (s *interp) valueOf(pe *syntax.ParamExp) value {
	name := pe.Param.Value
	v := s.parameter(name)
	if name == "@" || name == "*" {
		return value{v.List, s.dialect != bash || len(v.List) > 0, true, name == "*"}
	}
	if pe.Excl && pe.Names == 0 && pe.Index == nil && validName(v.String()) { // bash: the name is in the variable
		v = s.parameter(v.String())
	}
	if pe.Index == nil {
		return value{items: []string{v.String()}, set: v.IsSet()}
	}
	list := v.List
	if !v.IsList && v.IsSet() {
		list = []string{v.Str}
	}
	if w, ok := pe.Index.(*syntax.Word); ok && (w.Lit() == "@" || w.Lit() == "*") {
		return value{slices.Clone(list), v.IsSet(), true, w.Lit() == "*"}
	}
	i := int(s.arithm(pe.Index))
	if i < 0 {
		i += len(list)
	}
	if i < 0 || i >= len(list) {
		return value{items: []string{""}}
	}
	return value{items: []string{list[i]}, set: true}
}

// emit adds a value as text of an expansion: between the items of a list there
// is a zero byte where fields are wanted, else the first character of $IFS.
func (e *expansion) emit(v value, m mode) {
	begin := len(e.cells)
	sep, ok := byte(' '), true
	if ifs := e.s.vars["IFS"]; ifs.IsSet() {
		if ok = ifs.Str != ""; ok {
			sep = ifs.Str[0]
		}
	}
	if e.full && (!m.quoted || !v.star) {
		sep, ok = 0, true
	}
	for i, item := range v.items {
		if i > 0 && ok {
			e.cells = append(e.cells, cell{sep, kindOf(m)})
		}
		e.add(item, kindOf(m))
	}
	if v.list && !v.star && e.full && m.quoted {
		if len(v.items) > 0 {
			e.regions = append(e.regions, region{begin, len(e.cells), true})
		}
		return
	}
	e.record(begin, m)
}

// param expands one parameter expansion.
func (e *expansion) param(pe *syntax.ParamExp, m mode) {
	s := e.s
	if pe.Param == nil || s.dialect == dash && beyondPOSIX(pe) {
		s.badSubstitution()
	}
	if pe.Names != 0 {
		e.emit(value{items: s.namesWith(pe.Param.Value), set: true, list: true, star: pe.Names == syntax.NamesPrefix}, m)
		return
	}
	v := s.valueOf(pe)
	if pe.Excl && v.list && pe.Index != nil {
		for i := range v.items {
			v.items[i] = strconv.Itoa(i)
		}
	}
	if pe.Exp != nil && pe.Exp.Op <= syntax.AssignUnsetOrNull {
		e.conditional(pe, v, m)
		return
	}
	if !v.set && s.opt.nounset && !v.list {
		s.unset(pe.Param.Value, "")
	}
	if !v.set && !pe.Length { // the pattern is not even expanded
		return
	}
	switch {
	case pe.Length:
		v = value{items: []string{s.length(v)}}
	case pe.Slice != nil:
		v = s.slice(v, pe.Slice)
	case pe.Repl != nil:
		v = s.mapItems(v, s.replacer(pe.Repl))
	case pe.Exp != nil:
		v = s.mapItems(v, s.trimmer(pe.Exp, m))
	}
	e.emit(v, m)
}

// conditional is ${name-word} and its like.
func (e *expansion) conditional(pe *syntax.ParamExp, v value, m mode) {
	s, op := e.s, pe.Exp.Op
	have := v.set
	switch op {
	case syntax.AlternateUnsetOrNull, syntax.DefaultUnsetOrNull, syntax.ErrorUnsetOrNull, syntax.AssignUnsetOrNull:
		have = have && strings.Join(v.items, " ") != ""
	}
	in := m
	in.inner, in.tilde, in.assign = true, true, false
	switch op {
	case syntax.AlternateUnset, syntax.AlternateUnsetOrNull:
		if have {
			e.word(pe.Exp.Word, in)
		}
		return
	case syntax.DefaultUnset, syntax.DefaultUnsetOrNull:
		if !have {
			e.word(pe.Exp.Word, in)
			return
		}
	case syntax.ErrorUnset, syntax.ErrorUnsetOrNull:
		if !have {
			message := text(s.expanded(pe.Exp.Word, mode{quoted: m.quoted, tilde: true, inner: true}))
			switch {
			case message != "" || pe.Exp.Word != nil:
			case op == syntax.ErrorUnset:
				message = "parameter not set"
			case s.dialect == bash:
				message = "parameter null or not set"
			default:
				message = "parameter not set or null"
			}
			s.unset(pe.Param.Value, message)
		}
	default:
		if !have {
			name := pe.Param.Value
			if !validName(name) {
				s.die(2, "%s: bad variable name", name)
			}
			s.setString(name, text(s.expanded(pe.Exp.Word, mode{quoted: m.quoted, tilde: true, inner: true})))
			v = s.valueOf(pe)
		}
	}
	e.emit(v, m)
}

// unset ends the shell because of a parameter without a value.
func (s *interp) unset(name, message string) {
	status := 2
	switch {
	case s.dialect == bash:
		status = 127
		if message == "" {
			message = "unbound variable"
		}
		if name != "" && strings.Trim(name, "0123456789") == "" {
			name = "$" + name
		}
	case message == "":
		message = "parameter not set"
	}
	s.die(status, "%s: %s", name, message)
}

func (s *interp) badSubstitution() {
	if s.dialect == dash {
		s.die(2, "Bad substitution")
	}
	s.die(2, "syntax error: bad substitution")
}

// mapItems is v with f of each item; busybox takes the items of "$@" together.
func (s *interp) mapItems(v value, f func(string) string) value {
	out := v
	out.items = make([]string, len(v.items))
	for i, item := range v.items {
		s.p.k.turn(s.ctx)
		out.items[i] = f(item)
	}
	return out
}
