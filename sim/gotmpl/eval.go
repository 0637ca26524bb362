package gotmpl

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// indirect follows pointers and interfaces to what is there, or to the nil one.
func indirect(v reflect.Value) (out reflect.Value, isNil bool) {
	for ; v.Kind() == reflect.Pointer || v.Kind() == reflect.Interface; v = v.Elem() {
		if v.IsNil() {
			return v, true
		}
	}
	return v, false
}

// plain is what an interface holds; of a nil one the value that is none.
func plain(v reflect.Value) reflect.Value {
	if v.Kind() == reflect.Interface {
		return v.Elem()
	}
	return v
}

// truth is whether a value counts as true: neither zero nor empty; a struct is.
func truth(v reflect.Value) bool {
	switch v = plain(v); v.Kind() {
	case reflect.Invalid:
		return false
	case reflect.Array, reflect.Map, reflect.Slice, reflect.String:
		return v.Len() > 0
	case reflect.Struct:
		return true
	case reflect.Float32, reflect.Float64:
		return v.Float() != 0 // -0 too is zero
	}
	return !v.IsZero()
}

// find is the innermost variable of a name.
func (s *state) find(name string) *variable {
	for i := range slices.Backward(s.vars) {
		if s.vars[i].name == name {
			return &s.vars[i]
		}
	}
	s.fail("undefined variable: %s", name)
	return nil
}

func (s *state) set(name string, v reflect.Value) { s.find(name).value = v }

// pipeline is the value of a pipeline; variables that it declares stay.
func (s *state) pipeline(dot reflect.Value, n *node) (v reflect.Value) {
	s.node = n
	var last *reflect.Value // the last argument of the next command
	for _, c := range n.kids {
		v = s.command(dot, c, last)
		if v.Kind() == reflect.Interface && v.Type().NumMethod() == 0 {
			v = v.Elem()
		}
		value := v
		last = &value
	}
	for _, d := range n.decl {
		if n.assign {
			s.set(d.names[0], v)
		} else {
			s.vars = append(s.vars, variable{d.names[0], v})
		}
	}
	return v
}

// command is the value of a word with arguments; last is one more, or nil.
func (s *state) command(dot reflect.Value, c *node, last *reflect.Value) reflect.Value {
	s.step()
	w := c.kids[0]
	switch w.kind {
	case nField, nVar, nChain:
		return s.fields(dot, w, c.kids[1:], last)
	case nFunc:
		return s.function(dot, w, c, c.kids[1:], last)
	}
	if w.kind != nPipe {
		s.node = w
	}
	if len(c.kids) > 1 || last != nil {
		s.fail("can't give argument to non-function %s", w)
	}
	if w.text == "nil" && w.kind == nWord {
		s.fail("nil is not a command")
	}
	return s.word(dot, w)
}

// word is the value of a word that takes no arguments, a literal in the type that
// its spelling tells.
func (s *state) word(dot reflect.Value, w *node) reflect.Value {
	switch w.kind {
	case nPipe:
		return s.pipeline(dot, w)
	case nField, nVar, nChain:
		return s.fields(dot, w, nil, nil)
	case nFunc:
		return s.function(dot, w, w, nil, nil)
	case nBool:
		return reflect.ValueOf(w.text == "true")
	case nString:
		return reflect.ValueOf(w.value)
	case nNumber:
		hex := len(w.text) > 2 && strings.EqualFold(w.text[:2], "0x") && !strings.ContainsAny(w.text, "pP")
		switch {
		case !hex && w.text[0] != '\'' && strings.ContainsAny(w.text, ".eEpP"):
			return reflect.ValueOf(w.num.f)
		case !w.num.isInt || int64(int(w.num.i)) != w.num.i:
			s.node = w
			s.fail("%s overflows int", w.text)
		}
		return reflect.ValueOf(int(w.num.i))
	}
	return dot
}

// fields is the value of .A.B, $x.A.B or (f).A.B: the arguments are the last
// field's.
func (s *state) fields(dot reflect.Value, w *node, args []*node, last *reflect.Value) reflect.Value {
	s.node = w
	names, v := w.names, dot
	switch w.kind {
	case nVar:
		v, names = s.find(names[0]).value, names[1:]
		if len(names) == 0 && (len(args) > 0 || last != nil) {
			s.fail("can't give argument to non-function %s", w)
		}
	case nChain:
		s.node = w.kids[0]
		v = s.word(dot, w.kids[0])
	}
	for i, name := range names {
		if i < len(names)-1 {
			v = s.field(dot, name, w, nil, nil, v)
		} else {
			v = s.field(dot, name, w, args, last, v)
		}
	}
	return v
}

// field is one field of a value: of its own, of a struct, of a map.
func (s *state) field(dot reflect.Value, name string, w *node, args []*node, last *reflect.Value, of reflect.Value) reflect.Value {
	if !of.IsValid() {
		if s.t.strict {
			s.fail("nil data; no entry for key %q", name)
		}
		return of
	}
	typ := of.Type()
	v, isNil := indirect(of)
	if isNil && v.Kind() == reflect.Interface {
		s.fail("nil pointer evaluating %s.%s", typ, name)
	}
	hasArgs := len(args) > 0 || last != nil
	if x, ok := own(v, name); ok {
		if x.Kind() == reflect.Func {
			return s.invoke(dot, x, w, name, args, last)
		}
		if hasArgs {
			s.fail("%s is not a method but has arguments", name)
		}
		return x
	}
	switch {
	case v.Kind() == reflect.Struct:
		f, ok := v.Type().FieldByName(name)
		if !ok {
			break
		}
		x, err := v.FieldByIndexErr(f.Index)
		switch {
		case !f.IsExported():
			s.fail("%s is an unexported field of struct type %s", name, typ)
		case err != nil:
			s.fail("%w", err)
		case hasArgs:
			s.fail("%s has arguments but cannot be invoked as function", name)
		}
		return x
	case v.Kind() == reflect.Map && reflect.TypeFor[string]().AssignableTo(v.Type().Key()):
		if hasArgs {
			s.fail("%s is not a method but has arguments", name)
		}
		x := v.MapIndex(reflect.ValueOf(name))
		if !x.IsValid() && s.t.strict {
			s.fail("map has no entry for key %q", name)
		}
		return x
	case isNil:
		if to := v.Type().Elem(); to.Kind() == reflect.Struct {
			if _, ok := to.FieldByName(name); !ok {
				break
			}
		}
		s.fail("nil pointer evaluating %s.%s", typ, name)
	}
	s.fail("can't evaluate field %s in type %s", name, typ)
	return of
}

// own is a field that a value gives itself, or one of the few methods that
// templates call on plain values: {{.Descriptor.Digest.Encoded}}.
func own(v reflect.Value, name string) (reflect.Value, bool) {
	if !v.CanInterface() {
		return v, false
	}
	if v.CanAddr() {
		v = v.Addr()
	}
	x := v.Interface()
	if f, ok := x.(Fielder); ok {
		if y, ok := f.Field(name); ok {
			return reflect.ValueOf(y), true
		}
	}
	var method func() string
	switch name {
	case "String":
		if m, ok := x.(fmt.Stringer); ok {
			method = m.String
		}
	case "Encoded":
		if m, ok := x.(interface{ Encoded() string }); ok {
			method = m.Encoded
		}
	}
	return reflect.ValueOf(method), method != nil
}
