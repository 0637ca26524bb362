package shrink

import (
	"errors"
	"slices"
)

// Instructions that the start function is made of (5.4).
const (
	opEnd       = 0x0b
	opLoop      = 0x03
	opBrIf      = 0x0d
	opLocalGet  = 0x20
	opLocalSet  = 0x21
	opLocalTee  = 0x22
	opI32Store  = 0x36
	opI32Const  = 0x41
	opI32LtU    = 0x49
	opI32Add    = 0x6a
	opI32Mul    = 0x6c
	opI32ShrU   = 0x76
	noType      = 0x40
	typeI32     = 0x7f
	typeFunc    = 0x60
	startLocals = 4
)

// A function is the body of a function without parameters, in the making. It has
// startLocals variables of type i32.
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

// withStart is the module with one more function, which runs before all else.
func (m module) withStart(f function) (module, error) {
	if slices.ContainsFunc(m, func(s section) bool { return s.id == startSection || s.id == dataCount }) {
		return nil, errors.New("the module has a start function of its own")
	}
	types, err := m.section(typeSection)
	if err != nil {
		return nil, err
	}
	kind, n := split(types.body)
	types.body = append(appendUnsigned(nil, n+1), append(slices.Clone(kind), typeFunc, 0, 0)...)

	functions, err := m.section(functionSection)
	if err != nil {
		return nil, err
	}
	list, nfunc := split(functions.body)
	functions.body = append(appendUnsigned(nil, nfunc+1), appendUnsigned(slices.Clone(list), n)...)

	code, err := m.section(codeSection)
	if err != nil {
		return nil, err
	}
	body := append([]byte{1, startLocals, typeI32}, append(f.code, opEnd)...)
	bodies, _ := split(code.body)
	code.body = append(appendUnsigned(nil, nfunc+1), bodies...)
	code.body = append(appendUnsigned(code.body, uint64(len(body))), body...)

	imports, err := m.section(importSection)
	if err != nil {
		return nil, err
	}
	_, nimport := split(imports.body) // Go imports nothing but functions
	at := slices.IndexFunc(m, func(s section) bool { return s.id == elementSection })
	if at < 0 {
		return nil, errors.New("the module has no table of functions")
	}
	return slices.Insert(m, at, section{startSection, appendUnsigned(nil, nimport+nfunc)}), nil
}

// split takes the number off the front of a section's body.
func split(body []byte) (rest []byte, n uint64) {
	r := reader{body}
	n = r.unsigned()
	return r.b, n
}
