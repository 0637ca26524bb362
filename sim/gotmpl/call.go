package gotmpl

import (
	"fmt"
	"reflect"
)

// valueType is the parameter type of built-in functions that take what they are
// given as it is.
var valueType = reflect.TypeFor[reflect.Value]()

func (s *state) function(dot reflect.Value, w, c *node, args []*node, last *reflect.Value) reflect.Value {
	s.node = w
	f := s.t.funcs[w.text]
	if f == nil {
		if w.text == "and" || w.text == "or" {
			return s.logic(dot, w.text, args, last)
		}
		f = builtins[w.text]
	}
	return s.invoke(dot, reflect.ValueOf(f), c, w.text, args, last)
}

// logic is the first argument that decides an and or an or, else the last; those
// behind it are not looked at.
func (s *state) logic(dot reflect.Value, name string, args []*node, last *reflect.Value) (v reflect.Value) {
	if len(args) == 0 && last == nil {
		s.fail("wrong number of args for %s: want at least 1 got 0", name)
	}
	for _, a := range args {
		if v = s.arg(dot, valueType, a).Interface().(reflect.Value); truth(v) == (name == "or") {
			return v
		}
	}
	if last != nil {
		return *last
	}
	return v
}

// invoke calls a function with the arguments' values, each made to fit.
func (s *state) invoke(dot, f reflect.Value, c *node, name string, args []*node, last *reflect.Value) reflect.Value {
	typ := f.Type()
	got := len(args)
	if last != nil {
		got++
	}
	fixed := typ.NumIn()
	if typ.IsVariadic() {
		if fixed--; got < fixed {
			s.fail("wrong number of args for %s: want at least %d got %d", name, fixed, len(args))
		}
	} else if got != fixed {
		s.fail("wrong number of args for %s: want %d got %d", name, fixed, got)
	}
	param := func(i int) reflect.Type {
		if i < fixed {
			return typ.In(i)
		}
		return typ.In(fixed).Elem()
	}
	in := make([]reflect.Value, 0, got)
	for i, a := range args {
		in = append(in, s.arg(dot, param(i), a))
	}
	if last != nil {
		in = append(in, s.fit(*last, param(len(args))))
	}
	out, err := run(f, in)
	if err == nil && out.Kind() == reflect.String && out.Len() > maxString {
		err = fmt.Errorf("the result is longer than %d bytes", maxString)
	}
	if err != nil {
		s.node = c
		s.fail("error calling %s: %w", name, err)
	}
	return out
}

// run calls a function; a panic of its is an error.
func run(f reflect.Value, in []reflect.Value) (out reflect.Value, err error) {
	defer func() {
		if r := recover(); r != nil {
			var ok bool
			if err, ok = r.(error); !ok {
				err = fmt.Errorf("%v", r)
			}
		}
	}()
	if err := bounded(in); err != nil {
		return out, err
	}
	res := f.Call(in)
	if len(res) == 2 && !res[1].IsNil() {
		return out, res[1].Interface().(error)
	}
	if out = res[0]; out.Type() == valueType {
		out = out.Interface().(reflect.Value)
	}
	return out, nil
}

// bounded is an error where a function would have to join up more text than a
// result may hold.
func bounded(in []reflect.Value) error {
	n := 0
	for _, v := range in {
		if v = plain(v); v.Kind() == reflect.String {
			n += v.Len()
		}
	}
	if n > maxString || len(in) > 100 {
		return fmt.Errorf("the arguments are more than 100 or longer than %d bytes", maxString)
	}
	return nil
}

// arg is an argument's value as a parameter of the type takes it.
func (s *state) arg(dot reflect.Value, typ reflect.Type, w *node) reflect.Value {
	s.node = w
	switch w.kind {
	case nBool, nNumber, nString:
		return s.literal(dot, typ, w)
	case nWord:
		if w.text == "nil" {
			if !canBeNil(typ) {
				s.fail("cannot assign nil to %s", typ)
			}
			return reflect.Zero(typ)
		}
	}
	return s.fit(s.word(dot, w), typ)
}

// literal is a literal in the parameter's type.
func (s *state) literal(dot reflect.Value, typ reflect.Type, w *node) reflect.Value {
	out := reflect.New(typ).Elem()
	want := ""
	switch {
	case typ == valueType:
		return reflect.ValueOf(s.word(dot, w))
	case typ.Kind() == reflect.Interface && typ.NumMethod() == 0:
		return s.word(dot, w)
	case typ.Kind() == reflect.Bool:
		if want = "bool"; w.kind == nBool {
			out.SetBool(w.text == "true")
			return out
		}
	case typ.Kind() == reflect.String:
		if want = "string"; w.kind == nString {
			out.SetString(w.value)
			return out
		}
	case out.CanInt():
		if want = "integer"; w.num != nil && w.num.isInt {
			out.SetInt(w.num.i)
			return out
		}
	case out.CanUint():
		if want = "unsigned integer"; w.num != nil && w.num.isUint {
			out.SetUint(w.num.u)
			return out
		}
	case out.CanFloat():
		if want = "float"; w.num != nil && w.num.isFloat {
			out.SetFloat(w.num.f)
			return out
		}
	default:
		s.fail("can't handle %s for arg of type %s", w, typ)
	}
	s.fail("expected %s; found %s", want, w)
	return out
}

func canBeNil(typ reflect.Type) bool {
	switch typ.Kind() {
	case reflect.Chan, reflect.Func, reflect.Interface, reflect.Map, reflect.Pointer, reflect.Slice:
		return true
	}
	return typ == valueType
}

// fit is a value as a parameter of the type takes it: as it is, out of its
// interface, or behind its pointer.
func (s *state) fit(v reflect.Value, typ reflect.Type) reflect.Value {
	switch {
	case typ == valueType:
		return reflect.ValueOf(v)
	case !v.IsValid() && canBeNil(typ):
		return reflect.Zero(typ)
	case !v.IsValid():
		s.fail("invalid value; expected %s", typ)
	case v.Type().AssignableTo(typ):
		return v
	}
	if v.Kind() == reflect.Interface && !v.IsNil() {
		if v = v.Elem(); v.Type().AssignableTo(typ) {
			return v
		}
	}
	switch {
	case v.Kind() == reflect.Pointer && v.Type().Elem().AssignableTo(typ):
		if v.IsNil() {
			s.fail("dereference of nil pointer of type %s", typ)
		}
		return v.Elem()
	case v.CanAddr() && reflect.PointerTo(v.Type()).AssignableTo(typ):
		return v.Addr()
	}
	s.fail("wrong type for value; expected %s; got %s", typ, v.Type())
	return v
}
