package shrink

// Variables of the start function.
const (
	varI      = iota // which function, or which bucket
	varAt            // where in the stream
	varV             // the number that was read
	varF             // address of the record
	varLast          // the last name, the next offset
	varShift         // for reading
	startVars        // how many there are
)

// decode makes the start function put the records together again. first is the
// offset of the first one from the index.
func (s *stream) decode(f *function, first int) {
	f.constant(s.buckets)
	f.op(opLocalSet, varAt)
	f.constant(first)
	f.op(opLocalSet, varLast)
	f.count(varI, s.nfunc, func() { s.decodeHead(f) })

	f.constant(0)
	f.op(opLocalSet, varLast)
	s.column(f, func() {
		f.store(nameAt, func() {
			f.op(opLocalGet, varLast)
			f.op(opLocalGet, varV)
			f.constant(1)
			f.op(opI32ShrU)
			f.constant(0)
			f.op(opLocalGet, varV)
			f.constant(1)
			f.op(opI32And)
			f.op(opI32Sub)
			f.op(opI32Xor)
			f.op(opI32Add)
			f.op(opLocalTee, varLast)
		})
	})
	for _, field := range []int{argsAt, deferReturnAt} {
		s.column(f, func() { f.store(field, func() { f.op(opLocalGet, varV) }) })
	}

	f.constant(s.alonePC)
	f.op(opLocalSet, varLast)
	s.column(f, func() { f.store(pcspAt, func() { f.reference(0) }) })
	for k := range s.npcdata {
		s.columnIf(f, opI32Load, 2, npcdataAt, k, func() { f.store(funcSize+4*k, func() { f.reference(0) }) })
	}
	f.constant(s.aloneData)
	f.op(opLocalSet, varLast)
	for k := range s.nfuncdata {
		s.columnIf(f, opI32Load8U, 0, nfuncdataAt, k, func() {
			f.op(opLocalGet, varF)
			f.op(opLocalGet, varF)
			f.op(opI32Load, 2, npcdataAt)
			f.constant(4)
			f.op(opI32Mul)
			f.op(opI32Add)
			f.reference(dataBias)
			f.op(opI32Store, 2, funcSize+4*k)
		})
	}
	f.constant(s.buckets)
	f.constant(0)
	f.constant(len(s.bytes))
	f.op(opPrefix, subMemoryFill, 0)
}

// decodeHead reads how many offsets a function has and its kind, and makes its
// entry in the index and the head of its record.
func (s *stream) decodeHead(f *function) {
	const npcdata, nfuncdata = 7, 15
	f.varint()
	entry := func(field int, value func()) {
		f.op(opLocalGet, varI)
		f.constant(8)
		f.op(opI32Mul)
		value()
		f.op(opI32Store, 2, s.index+field)
	}
	number := func() {
		f.op(opLocalGet, varI)
		f.constant(firstFunction)
		f.op(opI32Add)
	}
	bits := func(shift, mask int) {
		f.op(opLocalGet, varV)
		f.constant(shift)
		f.op(opI32ShrU)
		f.constant(mask)
		f.op(opI32And)
	}
	entry(0, number)
	entry(4, func() { f.op(opLocalGet, varLast) })
	f.op(opLocalGet, varLast)
	f.constant(s.index)
	f.op(opI32Add)
	f.op(opLocalSet, varF)
	f.store(0, number)
	f.store(npcdataAt, func() { bits(0, npcdata) })
	f.store(funcIDAt, func() {
		bits(7, 0xffff)
		bits(3, nfuncdata)
		f.constant(24)
		f.op(opI32Shl)
		f.op(opI32Or)
	})
	f.op(opLocalGet, varLast)
	f.constant(funcSize + recordAlign - 1)
	f.op(opI32Add)
	bits(0, npcdata)
	bits(3, nfuncdata)
	f.op(opI32Add)
	f.constant(4)
	f.op(opI32Mul)
	f.op(opI32Add)
	f.constant(-recordAlign)
	f.op(opI32And)
	f.op(opLocalSet, varLast)
}

// column repeats body for all functions, with a number read and the address of
// the record.
func (s *stream) column(f *function, body func()) {
	f.count(varI, s.nfunc, func() {
		s.address(f)
		f.varint()
		body()
	})
}

// columnIf is a column of the functions whose count of such fields, loaded with
// the instruction given, is more than k.
func (s *stream) columnIf(f *function, load byte, align, field, k int, body func()) {
	f.count(varI, s.nfunc, func() {
		s.address(f)
		f.op(opLocalGet, varF)
		f.op(load, align, field)
		f.constant(k)
		f.op(opI32GtU)
		f.op(opIf, noType)
		f.varint()
		body()
		f.op(opEnd)
	})
}

// address sets varF to the address of the record of function varI.
func (s *stream) address(f *function) {
	f.op(opLocalGet, varI)
	f.constant(8)
	f.op(opI32Mul)
	f.op(opI32Load, 2, s.index+4)
	f.constant(s.index)
	f.op(opI32Add)
	f.op(opLocalSet, varF)
}

// store stores a value of four bytes in a field of the record.
func (f *function) store(field int, value func()) {
	f.op(opLocalGet, varF)
	value()
	f.op(opI32Store, 2, field)
}

// varint reads a number of the stream.
func (f *function) varint() {
	f.constant(0)
	f.op(opLocalSet, varV)
	f.constant(0)
	f.op(opLocalSet, varShift)
	f.op(opLoop, noType)
	f.op(opLocalGet, varV)
	f.op(opLocalGet, varAt)
	f.op(opI32Load8U, 0, 0)
	f.constant(0x7f)
	f.op(opI32And)
	f.op(opLocalGet, varShift)
	f.op(opI32Shl)
	f.op(opI32Or)
	f.op(opLocalSet, varV)
	f.op(opLocalGet, varShift)
	f.constant(7)
	f.op(opI32Add)
	f.op(opLocalSet, varShift)
	f.op(opLocalGet, varAt)
	f.op(opI32Load8U, 0, 0)
	f.constant(0x80)
	f.op(opI32And)
	f.op(opLocalGet, varAt)
	f.constant(1)
	f.op(opI32Add)
	f.op(opLocalSet, varAt)
	f.op(opBrIf, 0)
	f.op(opEnd)
}

// reference is what pool.ref wrote: an offset, or the size of the next entry.
func (f *function) reference(bias int) {
	f.op(opLocalGet, varV)
	f.constant(1)
	f.op(opI32And)
	f.op(opIf, typeI32)
	f.op(opLocalGet, varV)
	f.constant(1)
	f.op(opI32ShrU)
	f.constant(bias)
	f.op(opI32Sub)
	f.op(opElse)
	f.op(opLocalGet, varLast)
	f.op(opLocalGet, varLast)
	f.op(opLocalGet, varV)
	f.constant(1)
	f.op(opI32ShrU)
	f.op(opI32Add)
	f.op(opLocalSet, varLast)
	f.op(opEnd)
}
