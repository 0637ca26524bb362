package shrink

// A stream is all records of functions, field by field instead of function by
// function, each number as short as it can be: numbers of one kind follow each
// other, many of them the same, and compress well. First, for each function, how
// many offsets it has and its kind; then its name, as the distance from the
// last one's; its other numbers; and what it points to (see pool.ref).
type stream struct {
	*table
	bytes              []byte
	pc, data           *pool
	npcdata            int // the most that a function has
	nfuncdata          int
	alonePC, aloneData int // where in the new regions entries begin that one record names
}

// dataBias is added to offsets of funcdata, so that 0 is none.
const dataBias = 1

// entryAlign is what funcdata is aligned to: it is made of words of four bytes.
const entryAlign = 4

// stream takes the records apart; size is that of the funcdata at an offset.
func (t *table) stream(size map[int]int) *stream {
	s := &stream{table: t}
	var pcRefs, dataRefs []int
	t.each(func(f int) {
		kind := t.u32(f+funcIDAt) & 0xffff
		s.put(t.u32(f+npcdataAt) | int(t.image[f+nfuncdataAt])<<3 | kind<<7)
		for _, at := range append(t.pcdata(f), f+pcspAt) {
			if off := t.u32(at); off != 0 {
				pcRefs = append(pcRefs, off)
			}
		}
		for _, at := range t.funcdataOf(f) {
			if off := t.u32(at); off != none {
				dataRefs = append(dataRefs, off)
			}
		}
		s.npcdata = max(s.npcdata, len(t.pcdata(f)))
		s.nfuncdata = max(s.nfuncdata, len(t.funcdataOf(f)))
	})
	s.pc = newPool(pcRefs, 1, 1, func(off int) []byte { return t.image[t.pctab+off:][:t.pcSize(off)] })
	s.data = newPool(dataRefs, 0, entryAlign, func(off int) []byte { return t.image[t.funcdata+off:][:size[off]] })
	s.alonePC, s.aloneData = len(s.pc.bytes), len(s.data.bytes)

	last := 0
	t.each(func(f int) {
		name := t.u32(f + nameAt)
		s.put(zigzag(name - last))
		last = name
	})
	t.each(func(f int) { s.put(t.u32(f + argsAt)) })
	t.each(func(f int) { s.put(t.u32(f + deferReturnAt)) })
	t.each(func(f int) { s.putPC(f + pcspAt) })
	for k := range s.npcdata {
		t.each(func(f int) {
			if at := t.pcdata(f); k < len(at) {
				s.putPC(at[k])
			}
		})
	}
	for k := range s.nfuncdata {
		t.each(func(f int) {
			if at := t.funcdataOf(f); k < len(at) {
				s.putData(at[k])
			}
		})
	}
	return s
}

// each calls do with the address of each record.
func (t *table) each(do func(f int)) {
	for i := range t.nfunc {
		do(t.record(i))
	}
}

func (s *stream) put(v int) { s.bytes = appendUnsigned(s.bytes, uint64(v)) }

func (s *stream) putPC(at int) {
	if off := s.u32(at); off == 0 {
		s.put(1)
	} else {
		s.put(s.pc.ref(off, 0))
	}
}

func (s *stream) putData(at int) {
	if off := s.u32(at); off == none {
		s.put(1)
	} else {
		s.put(s.data.ref(off, dataBias))
	}
}

// zigzag makes small numbers of either sign small numbers.
func zigzag(v int) int { return v<<1 ^ v>>63 }
