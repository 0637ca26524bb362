package gotmpl

import (
	"errors"
	"fmt"
	"net/url"
	"reflect"
	"strings"
	"unicode"
)

// builtins is the functions of the language itself. "and" and "or" stand here for
// their names only: see logic.
var builtins = FuncMap{
	"and": not, "or": not, "not": not,
	"call": func(reflect.Value, ...reflect.Value) (any, error) {
		return nil, errors.New("no value here is a function")
	},
	"index": index, "slice": slice, "len": length,
	"print": fmt.Sprint, "println": fmt.Sprintln, "printf": printf,
	"html":     func(args ...any) string { return htmlEscaper.Replace(sprint(args)) },
	"js":       func(args ...any) string { return jsEscape(sprint(args)) },
	"urlquery": func(args ...any) string { return url.QueryEscape(sprint(args)) },
	"eq":       eq, "ne": ne, "lt": lt, "le": le, "gt": gt, "ge": ge,
}

func not(v reflect.Value) bool { return !truth(v) }

// printf is fmt.Sprintf for formats that do not ask for very much: a verb's width
// may be up to a million, and an argument may be named by many verbs.
func printf(format string, args ...any) (string, error) {
	longest := 0
	for _, a := range args {
		if s, ok := a.(string); ok {
			longest = max(longest, len(s))
		}
	}
	size, width := 0, 0
	for _, r := range format {
		switch {
		case '0' <= r && r <= '9':
			width = min(width*10+int(r-'0'), 1_000_000)
			continue
		case r == '%':
			size += longest
		case r == '*':
			size += maxString / 4
		}
		size, width = size+width, 0
	}
	if size > maxString {
		return "", fmt.Errorf("the format asks for more than %d bytes", maxString)
	}
	return fmt.Sprintf(format, args...), nil
}

// sprint is the text of a function's arguments as an action would print them.
func sprint(args []any) string {
	if len(args) == 1 {
		if s, ok := args[0].(string); ok {
			return s
		}
	}
	for i, a := range args {
		if p, ok := printable(reflect.ValueOf(a)); ok {
			args[i] = p
		}
	}
	return fmt.Sprint(args...)
}

var htmlEscaper = strings.NewReplacer("\x00", "\uFFFD", `"`, "&#34;", "'", "&#39;", "&", "&amp;", "<", "&lt;", ">", "&gt;")

// jsEscape writes text so that it may stand in a string of JavaScript.
func jsEscape(text string) string {
	var b strings.Builder
	for _, r := range text {
		switch {
		case strings.ContainsRune(`\'"`, r):
			b.WriteByte('\\')
			b.WriteRune(r)
		case strings.ContainsRune("<>&=", r), r < ' ', r > unicode.MaxASCII && !unicode.IsPrint(r):
			fmt.Fprintf(&b, `\u%04X`, r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

func length(v reflect.Value) (int, error) {
	v, isNil := indirect(v)
	if isNil {
		return 0, errors.New("len of nil pointer")
	}
	switch v.Kind() {
	case reflect.Array, reflect.Chan, reflect.Map, reflect.Slice, reflect.String:
		return v.Len(), nil
	}
	return 0, fmt.Errorf("len of type %s", v.Type())
}

// position is an index into what has n elements; n itself passes.
func position(i reflect.Value, n int) (int, error) {
	switch {
	case i.CanInt() && (i.Int() < 0 || i.Int() > int64(n)):
		return 0, fmt.Errorf("index out of range: %d", i.Int())
	case i.CanInt():
		return int(i.Int()), nil
	case i.CanUint() && i.Uint() > uint64(n):
		return 0, fmt.Errorf("index out of range: %d", int64(i.Uint()))
	case i.CanUint():
		return int(i.Uint()), nil
	case !i.IsValid():
		return 0, errors.New("cannot index slice/array with nil")
	}
	return 0, fmt.Errorf("cannot index slice/array with type %s", i.Type())
}

// index is v[i][j]…: of lists, strings and maps.
func index(v reflect.Value, indexes ...reflect.Value) (reflect.Value, error) {
	if v = plain(v); !v.IsValid() {
		return v, errors.New("index of untyped nil")
	}
	for _, i := range indexes {
		i = plain(i)
		var isNil bool
		if v, isNil = indirect(v); isNil {
			return v, errors.New("index of nil pointer")
		}
		switch v.Kind() {
		case reflect.Array, reflect.Slice, reflect.String:
			x, err := position(i, v.Len())
			if err != nil {
				return v, err
			}
			v = v.Index(x)
		case reflect.Map:
			key, err := asKey(i, v.Type().Key())
			if err != nil {
				return v, err
			}
			x := v.MapIndex(key)
			if !x.IsValid() {
				x = reflect.Zero(v.Type().Elem())
			}
			v = x
		default:
			return v, fmt.Errorf("can't index item of type %s", v.Type())
		}
	}
	return v, nil
}

// asKey is a value as a key of a map.
func asKey(v reflect.Value, typ reflect.Type) (reflect.Value, error) {
	zero := reflect.Zero(typ)
	switch {
	case !v.IsValid() && canBeNil(typ):
		return zero, nil
	case !v.IsValid():
		return v, fmt.Errorf("value is nil; should be of type %s", typ)
	case v.Type().AssignableTo(typ):
		return v, nil
	case (v.CanInt() || v.CanUint()) && (zero.CanInt() || zero.CanUint()):
		return v.Convert(typ), nil
	}
	return v, fmt.Errorf("value has type %s; should be %s", v.Type(), typ)
}

// slice is v[i:j:k], each of them optional from the right.
func slice(v reflect.Value, indexes ...reflect.Value) (reflect.Value, error) {
	if v = plain(v); !v.IsValid() {
		return v, errors.New("slice of untyped nil")
	}
	v, isNil := indirect(v)
	room := 0
	switch {
	case isNil:
		return v, errors.New("slice of nil pointer")
	case len(indexes) > 3:
		return v, fmt.Errorf("too many slice indexes: %d", len(indexes))
	case v.Kind() == reflect.String && len(indexes) == 3:
		return v, errors.New("cannot 3-index slice a string")
	case v.Kind() == reflect.String:
		room = v.Len()
	case v.Kind() == reflect.Slice, v.Kind() == reflect.Array:
		room = v.Cap()
	default:
		return v, fmt.Errorf("can't slice item of type %s", v.Type())
	}
	at := []int{0, v.Len(), room}
	for i, x := range indexes {
		var err error
		if at[i], err = position(x, room); err != nil {
			return v, err
		}
	}
	for i := range max(len(indexes)-1, 1) {
		if at[i] > at[i+1] {
			return v, fmt.Errorf("invalid slice index: %d > %d", at[i], at[i+1])
		}
	}
	if len(indexes) < 3 {
		return v.Slice(at[0], at[1]), nil
	}
	return v.Slice3(at[0], at[1], at[2]), nil
}
