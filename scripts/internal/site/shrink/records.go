package shrink

import "slices"

// none is the offset in a record that says that there is no such funcdata.
const none = 1<<32 - 1

// Tables that a program in a browser never looks at: where it could be
// interrupted by a signal (internal/abi, PCDATA_UnsafePoint), and for traces the
// words of a function's arguments and what it wraps (FUNCDATA_ArgInfo, ArgLiveInfo,
// WrapInfo).
const (
	pcdataUnsafePoint   = 0
	funcdataArgInfo     = 5
	funcdataArgLiveInfo = 6
	funcdataWrapInfo    = 7
)

// pcdata and funcdata are the addresses of a record's two lists of offsets.
func (t *table) pcdata(f int) []int { return t.words(f+funcSize, t.u32(f+npcdataAt)) }

func (t *table) funcdataOf(f int) []int {
	return t.words(f+funcSize+4*t.u32(f+npcdataAt), int(t.image[f+nfuncdataAt]))
}

func (t *table) words(at, n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = at + 4*i
	}
	return out
}

// dropUnread makes the records say that what nobody reads is not there.
func (t *table) dropUnread() {
	for i := range t.nfunc {
		f := t.record(i)
		for k, at := range t.pcdata(f) {
			if k == pcdataUnsafePoint {
				t.setU32(at, 0)
			}
		}
		for k, at := range t.funcdataOf(f) {
			if k == funcdataArgInfo || k == funcdataArgLiveInfo || k == funcdataWrapInfo {
				t.setU32(at, none)
			}
		}
	}
}

// dropRecords leaves the index, the records and what they point to, to the start
// function, but for what it cannot compute: see stream. It reports whether it
// could; there must be buckets that the start function fills in.
func (t *table) dropRecords(start *function) bool {
	first := t.u32(t.index + 4)
	last := t.record(t.nfunc - 1)
	end := last + t.recordSize(last)
	if t.index+8*t.nfunc+4 > t.index+first || t.u32(t.index+8*t.nfunc) != firstFunction+t.nfunc {
		return false
	}
	for i := range t.nfunc - 1 {
		f := t.record(i)
		if t.record(i+1) != f+roundUp(t.recordSize(f)) || t.u32(f+npcdataAt) > 7 || t.image[f+nfuncdataAt] > 15 || t.image[f+42] != 0 {
			return false
		}
	}
	size := t.entrySize() // with what is dropped, which lies between
	t.dropUnread()
	s := t.stream(size)
	if len(s.bytes) > t.end-t.buckets || len(s.pc.bytes) > t.index-t.pctab || len(s.data.bytes) > t.buckets-t.funcdata {
		return false
	}
	clear(t.image[t.pctab:end])
	clear(t.image[t.funcdata:t.buckets])
	copy(t.image[t.pctab:], s.pc.bytes)
	copy(t.image[t.funcdata:], s.data.bytes)
	copy(t.image[t.buckets:], s.bytes)
	t.setU32(t.index+8*t.nfunc, firstFunction+t.nfunc)
	s.decode(start, first)
	return true
}

// roundUp is where the record after one of n bytes begins.
func roundUp(n int) int { return (n + recordAlign - 1) &^ (recordAlign - 1) }

// recordAlign is what the linker aligns records to.
const recordAlign = 8

// entrySize is the size of funcdata by offset: up to the next one that a record
// names.
func (t *table) entrySize() map[int]int {
	var offs []int
	for i := range t.nfunc {
		for _, at := range t.funcdataOf(t.record(i)) {
			if off := t.u32(at); off != none {
				offs = append(offs, off)
			}
		}
	}
	slices.Sort(offs)
	offs = append(slices.Compact(offs), t.buckets-t.funcdata)
	size := map[int]int{}
	for i, off := range offs[:len(offs)-1] {
		size[off] = offs[i+1] - off
	}
	return size
}
