package shrink

import (
	"errors"
	"slices"
)

// Types (5.3).
const (
	noType  = 0x40
	typeI32 = 0x7f
)

// A function is the body of a function without parameters, in the making. It has
// startVars variables of type i32.
type function struct{ code []byte }

// op appends an instruction with operands that are unsigned numbers.
func (f *function) op(op byte, operands ...int) {
	f.code = append(f.code, op)
	for _, v := range operands {
		f.code = appendUnsigned(f.code, uint64(v))
	}
}

func (f *function) constant(v int) {
	f.code = appendSigned(append(f.code, opI32Const), int64(int32(v)))
}

// count repeats what body appends with variable i going from 0 to n-1; n > 0.
func (f *function) count(i, n int, body func()) {
	f.constant(0)
	f.op(opLocalSet, i)
	f.op(opLoop, noType)
	body()
	f.op(opLocalGet, i)
	f.constant(1)
	f.op(opI32Add)
	f.op(opLocalTee, i)
	f.constant(n)
	f.op(opI32LtU)
	f.op(opBrIf, 0)
	f.op(opEnd)
}

// A signature is the type of a function, as in the file.
type signature string

const (
	goFunction   signature = "\x60\x01\x7f\x01\x7f" // i32 to i32: the piece to begin with, and whether the stack is unwound
	runs         signature = "\x60\x00\x00"         // nothing to nothing
	givesAddress signature = "\x60\x01\x7e\x01\x7f" // i64 to i32
)

// An addition is a function that the linker did not make.
type addition struct {
	signature
	code []byte // with the declaration of its variables
}

// add puts functions after those that the module has.
func (m module) add(functions []addition) error {
	types, err := m.section(typeSection)
	if err != nil {
		return err
	}
	list, err := m.section(functionSection)
	if err != nil {
		return err
	}
	code, err := m.section(codeSection)
	if err != nil {
		return err
	}
	for _, f := range functions {
		var kind uint64
		types.body, kind = push(types.body, []byte(f.signature))
		list.body, _ = push(list.body, appendUnsigned(nil, kind))
		code.body, _ = push(code.body, append(appendUnsigned(nil, uint64(len(f.code))), f.code...))
	}
	return nil
}

// withStart is the module with a function that runs before all else.
func (m module) withStart(f function) (module, error) {
	if slices.ContainsFunc(m, func(s section) bool { return s.id == startSection || s.id == dataCount }) {
		return nil, errors.New("the module has a start function of its own")
	}
	first, err := m.firstFunction()
	if err != nil {
		return nil, err
	}
	list, err := m.section(functionSection)
	if err != nil {
		return nil, err
	}
	_, nfunc := split(list.body)
	if err := m.add([]addition{{runs, append([]byte{1, startVars, typeI32}, append(f.code, opEnd)...)}}); err != nil {
		return nil, err
	}
	at := slices.IndexFunc(m, func(s section) bool { return s.id == elementSection })
	if at < 0 {
		return nil, errors.New("the module has no table of functions")
	}
	return slices.Insert(m, at, section{startSection, appendUnsigned(nil, first+nfunc)}), nil
}

// firstFunction is the index of the first function that is not imported. Go
// imports nothing but functions.
func (m module) firstFunction() (uint64, error) {
	imports, err := m.section(importSection)
	if err != nil {
		return 0, err
	}
	_, n := split(imports.body)
	return n, nil
}

// split takes the number off the front of a section's body.
func split(body []byte) (rest []byte, n uint64) {
	r := reader{body}
	n = r.unsigned()
	return r.b, n
}

// push adds an entry to a section's body that begins with their number, and says
// how many there were.
func push(body, entry []byte) ([]byte, uint64) {
	rest, n := split(body)
	return append(append(appendUnsigned(nil, n+1), rest...), entry...), n
}
