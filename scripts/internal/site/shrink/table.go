package shrink

import (
	"bytes"
	"errors"
	"fmt"
)

// A table is the runtime's table of functions in an image (runtime/symtab.go):
// what a goroutine's stack is walked with. All fields are addresses.
type table struct {
	image
	header   int // begins with pclnHeader
	names    int // names of functions, each ending in a zero byte
	units    int // file numbers of compilation units; file names follow
	pctab    int // tables that say for parts of a function what holds there
	index    int // pairs of a function's number and its record's offset from here
	nfunc    int
	funcdata int // what records name by offset: maps of pointers and the like
	buckets  int // which function is near an address
	end      int
}

// pclnHeader begins the table: magic number, two zeros, instruction size 1,
// pointer size 8.
var pclnHeader = []byte{0xf1, 0xff, 0xff, 0xff, 0, 0, 1, 8}

// Where the fields of a function's record (runtime._func) are.
const (
	nameAt        = 4
	argsAt        = 8
	deferReturnAt = 12
	pcspAt        = 16
	pcfileAt      = 20
	pclnAt        = 24
	npcdataAt     = 28
	cuOffsetAt    = 32
	startLineAt   = 36
	funcIDAt      = 40
	funcFlagAt    = 41
	nfuncdataAt   = 43
	funcSize      = 44
)

// Where fields of the runtime's moduledata are.
const (
	moduleFindfunctab = 152
	moduleGofunc      = 320
	moduleEpclntab    = 328
	moduleSize        = 336
)

// firstFunction is the number of the first function: the runtime keeps the
// addresses below for other things (cmd/link/internal/wasm).
const firstFunction = 0x1000

var errLayout = errors.New("the program's function table is not laid out as this Go's is")

// findTable finds the table and checks that it is what it is taken for.
func findTable(m image) (*table, error) {
	at, err := m.find(pclnHeader)
	if err != nil {
		return nil, err
	}
	if !m.has(at, 72) {
		return nil, errLayout
	}
	word := func(i int) int { return int(int32(m.u64(at + 8 + 8*i))) }
	t := &table{image: m, header: at, nfunc: word(0), names: at + word(3), units: at + word(4), pctab: at + word(6), index: at + word(7)}
	module := bytes.Index(m, append(m.pointer(at), m.pointer(t.names)...))
	if module < 0 || !m.has(module, moduleSize) {
		return nil, errors.New("the program has no module data")
	}
	t.funcdata, t.buckets, t.end = int(m.u64(module+moduleGofunc)), int(m.u64(module+moduleFindfunctab)), int(m.u64(module+moduleEpclntab))
	if t.nfunc <= 0 || t.nfunc > 1<<20 || t.units < t.names || t.pctab < t.units || t.index < t.pctab ||
		t.funcdata < t.index || t.buckets < t.funcdata || t.end < t.buckets || t.end > len(m) {
		return nil, errLayout
	}
	for i := range t.nfunc {
		f := t.record(i)
		if f < 0 || f+t.recordSize(f) > t.funcdata || m.u32(t.index+8*i) != firstFunction+i || m.u32(f) != firstFunction+i {
			return nil, fmt.Errorf("function %d has no record where the table says", i)
		}
	}
	return t, nil
}

func (m image) pointer(at int) []byte {
	return []byte{byte(at), byte(at >> 8), byte(at >> 16), byte(at >> 24), 0, 0, 0, 0}
}

// find is the only address, a multiple of 8, that holds the bytes p.
func (m image) find(p []byte) (int, error) {
	found := -1
	for i := 0; ; i++ {
		k := bytes.Index(m[i:], p)
		if k < 0 {
			break
		}
		if i += k; i%8 != 0 {
			continue
		}
		if found >= 0 {
			return 0, errors.New("the program has two tables of functions")
		}
		found = i
	}
	if found < 0 {
		return 0, errors.New("the program has no table of functions that this Go would write")
	}
	return found, nil
}

// record is the address of the record of function i, or -1.
func (t *table) record(i int) int {
	f := t.index + t.u32(t.index+8*i+4)
	if f+funcSize > t.funcdata {
		return -1
	}
	return f
}

func (t *table) recordSize(f int) int {
	return funcSize + 4*t.u32(f+npcdataAt) + 4*int(t.image[f+nfuncdataAt])
}

// pcSize is the bytes of the table at an offset of pctab: pairs of varints, up to
// a value of 0 that is not the first.
func (t *table) pcSize(off int) int {
	p := t.pctab + off
	varint := func() (zero bool) {
		zero = t.image[p] == 0
		for t.image[p]&0x80 != 0 {
			p++
		}
		p++
		return zero
	}
	for first := true; p < t.index; first = false {
		if varint() && !first {
			break
		}
		varint()
	}
	return p - t.pctab - off
}

// dropLines takes the file names and line numbers out: a record's offset 0 means
// that there is no such table.
func (t *table) dropLines() {
	used := map[int]bool{} // tables that say something else than lines, by offset
	lines := map[int]bool{}
	for i := range t.nfunc {
		f := t.record(i)
		used[t.u32(f+pcspAt)] = true
		for k := range t.u32(f + npcdataAt) {
			used[t.u32(f+funcSize+4*k)] = true
		}
		lines[t.u32(f+pcfileAt)], lines[t.u32(f+pclnAt)] = true, true
		clear(t.image[f+pcfileAt : f+pclnAt+4])
		clear(t.image[f+cuOffsetAt : f+startLineAt+4])
	}
	clear(t.image[t.units:t.pctab])
	for off := range lines {
		if off != 0 && !used[off] {
			clear(t.image[t.pctab+off : min(t.pctab+off+t.pcSize(off), t.index)])
		}
	}
}
