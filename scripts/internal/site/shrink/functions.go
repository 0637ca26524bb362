package shrink

import (
	"bytes"
	"errors"
	"fmt"
)

// neverBack are functions of the runtime that do not return to where they were
// called: they end the program, let a panic go up the stack, or, as morestack
// does, begin their caller anew.
var neverBack = []string{
	"runtime.morestack", "runtime.morestack_noctxt", "runtime.sigpanic", "runtime.gopanic", "runtime.throw",
	"runtime.goPanicIndex", "runtime.goPanicIndexU", "runtime.goPanicSliceAlen", "runtime.goPanicSliceAlenU",
	"runtime.goPanicSliceAcap", "runtime.goPanicSliceAcapU", "runtime.goPanicSliceB", "runtime.goPanicSliceBU",
	"runtime.goPanicSlice3Alen", "runtime.goPanicSlice3Acap", "runtime.goPanicSlice3B", "runtime.goPanicSlice3C",
	"runtime.goPanicSliceConvert", "runtime.panicdivide", "runtime.panicshift", "runtime.panicwrap",
	"runtime.panicdottypeE", "runtime.panicdottypeI", "runtime.panicnildottype",
}

// assembly is the flag of functions that are written by hand (abi.FuncFlagAsm).
// They are left as they are.
const assembly = 1 << 2

// name is the name of function i.
func (t *table) name(i int) string {
	b := t.image[t.names+t.u32(t.record(i)+nameAt):]
	return string(b[:bytes.IndexByte(b, 0)])
}

// rewriteCode makes the functions of a module smaller.
func (m module) rewriteCode(t *table) error {
	code, err := m.section(codeSection)
	if err != nil {
		return err
	}
	list, err := m.section(functionSection)
	if err != nil {
		return err
	}
	first, err := m.firstFunction()
	if err != nil {
		return err
	}
	kinds, n := split(list.body)
	bodies, ncode := split(code.body)
	if types, err := m.section(typeSection); err != nil || !bytes.HasPrefix(types.body[min(1, len(types.body)):], []byte(goFunction)) {
		return errors.New("the module's first type is not that of Go's functions")
	}
	if int(n) != t.nfunc || ncode != n {
		return fmt.Errorf("the module has %d functions, of which %d have code and %d are in the table", n, ncode, t.nfunc)
	}
	helpers, added := t.callers(int(first))
	kind, r := reader{kinds}, reader{bodies}
	out := appendUnsigned(nil, n)
	for i := range t.nfunc {
		b, err := r.take(r.unsigned())
		if err != nil {
			return err
		}
		if kind.unsigned() == 0 && t.image[t.record(i)+funcFlagAt]&assembly == 0 {
			f, err := readBody(b)
			if err != nil {
				return fmt.Errorf("reading %s: %w", t.name(i), err)
			}
			if fr, ok := findFrame(f); ok {
				fr.rewrite(helpers)
				b = f.bytes()
			}
		}
		out = appendUnsigned(out, uint64(len(b)))
		out = append(out, b...)
	}
	code.body = out
	return m.add(added)
}

// callers are functions that call those that never come back, and which one does
// it for which. They come after the functions of the table, the first of which
// has the index first.
func (t *table) callers(first int) (map[int64]int64, []addition) {
	index := map[string]int{}
	for i := range t.nfunc {
		index[t.name(i)] = first + i
	}
	by := map[int64]int64{}
	var added []addition
	for _, name := range neverBack {
		if callee, ok := index[name]; ok {
			by[int64(callee)] = int64(first + t.nfunc + len(added))
			added = append(added, callWithAddress(callee))
		}
	}
	return by, added
}

// callWithAddress is a function that calls another one as Go does, with the
// address to return to that it is given.
func callWithAddress(callee int) addition {
	var f function
	f.op(opGlobalGet, 0)
	f.constant(8)
	f.op(opI32Sub)
	f.op(opGlobalSet, 0)
	f.op(opGlobalGet, 0)
	f.op(opLocalGet, 0)
	f.op(opI64Store, 3, 0)
	f.constant(0)
	f.op(opCall, callee)
	return addition{givesAddress, append([]byte{0}, append(f.code, opEnd)...)}
}
