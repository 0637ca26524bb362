package gotmpl

import (
	"cmp"
	"errors"
	"fmt"
	"reflect"
)

var errType = errors.New("invalid type for comparison")

// kindOf is the kind of a basic value, all widths of a number being one kind;
// Invalid of any other.
func kindOf(v reflect.Value) reflect.Kind {
	switch k := v.Kind(); {
	case v.CanInt():
		return reflect.Int
	case v.CanUint():
		return reflect.Uint
	case v.CanFloat():
		return reflect.Float64
	case k == reflect.Bool, k == reflect.String:
		return k
	}
	return reflect.Invalid
}

func mismatch(a, b reflect.Value) error {
	return fmt.Errorf("incompatible types for comparison: %v and %v", a.Type(), b.Type())
}

// order compares two numbers or two strings; ok is false of anything else.
func order(a, b reflect.Value) (c int, ok bool) {
	switch ka, kb := kindOf(a), kindOf(b); {
	case ka == reflect.Int && kb == reflect.Int:
		return cmp.Compare(a.Int(), b.Int()), true
	case ka == reflect.Uint && kb == reflect.Uint:
		return cmp.Compare(a.Uint(), b.Uint()), true
	case ka == reflect.Int && kb == reflect.Uint:
		if a.Int() < 0 {
			return -1, true
		}
		return cmp.Compare(uint64(a.Int()), b.Uint()), true
	case ka == reflect.Uint && kb == reflect.Int:
		c, ok = order(b, a)
		return -c, ok
	case ka == reflect.Float64 && kb == ka:
		return cmp.Compare(a.Float(), b.Float()), true
	case ka == reflect.String && kb == ka:
		return cmp.Compare(a.String(), b.String()), true
	}
	return 0, false
}

// eq is whether the first equals any of the others.
func eq(a reflect.Value, others ...reflect.Value) (bool, error) {
	a = plain(a)
	if len(others) == 0 {
		return false, errors.New("missing argument for comparison")
	}
	for _, b := range others {
		if same, err := equal(a, plain(b)); same || err != nil {
			return same, err
		}
	}
	return false, nil
}

func equal(a, b reflect.Value) (bool, error) {
	if c, ok := order(a, b); ok {
		return c == 0, nil
	}
	ka, kb := kindOf(a), kindOf(b)
	switch {
	case ka != kb && a.IsValid() && b.IsValid():
		return false, mismatch(a, b)
	case ka != kb:
		return false, nil
	case ka == reflect.Bool:
		return a.Bool() == b.Bool(), nil
	case a.Kind() != b.Kind() && a.IsValid() && b.IsValid():
		return false, fmt.Errorf("non-comparable types %s: %v, %s: %v", a, a.Type(), b.Type(), b)
	case isNil(a) || isNil(b):
		return isNil(a) == isNil(b), nil
	case !b.Type().Comparable():
		return false, fmt.Errorf("non-comparable type %s: %v", b, b.Type())
	}
	return a.Interface() == b.Interface(), nil
}

func isNil(v reflect.Value) bool { return !v.IsValid() || canBeNil(v.Type()) && v.IsNil() }

func ne(a, b reflect.Value) (bool, error) {
	same, err := eq(a, b)
	return !same, err
}

// lt is whether a stands before b; the other orders are made of it and eq.
func lt(a, b reflect.Value) (bool, error) {
	a, b = plain(a), plain(b)
	if c, ok := order(a, b); ok {
		return c < 0, nil
	}
	ka, kb := kindOf(a), kindOf(b)
	if ka == reflect.Invalid || kb == reflect.Invalid || ka == kb {
		return false, errType
	}
	return false, mismatch(a, b)
}

func le(a, b reflect.Value) (bool, error) {
	less, err := lt(a, b)
	if less || err != nil {
		return less, err
	}
	return eq(a, b)
}

func gt(a, b reflect.Value) (bool, error) {
	lessOrEqual, err := le(a, b)
	return err == nil && !lessOrEqual, err
}

func ge(a, b reflect.Value) (bool, error) {
	less, err := lt(a, b)
	return err == nil && !less, err
}
