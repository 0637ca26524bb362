package site

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
)

// withoutLines is a Go program for WebAssembly without its table of file names
// and line numbers, the part of it that compresses worst: a tenth of what the
// page downloads. Function names stay, so a trace of a panic still says where it
// was; it has no lines. Every size and offset stays as it was.
//
// The table is the runtime's pclntab (runtime/symtab.go): a header, then tables
// at offsets from it, and for each function a record with the offsets of its
// tables of file and of line. Offset 0 there means that there is none.
func withoutLines(wasm []byte) ([]byte, error) {
	out := bytes.Clone(wasm)
	mem, err := dataOf(out)
	if err != nil {
		return nil, err
	}
	tab, err := mem.find(pclnHeader)
	if err != nil {
		return nil, err
	}
	word := func(i int64) int64 { return int64(mem.uint64(tab + 8 + 8*i)) }
	nfunc, cutab, filetab, pctab, funcs := word(0), tab+word(4), tab+word(5), tab+word(6), tab+word(7)
	if nfunc <= 0 || nfunc > 1<<20 || cutab < tab || filetab < cutab || pctab < filetab || funcs < pctab || funcs > mem.end() {
		return nil, errors.New("the program's function table is not laid out as this Go's is")
	}
	used := map[int64]bool{} // tables that say something else than lines, by offset
	lines := map[int64]bool{}
	for i := range nfunc {
		f := funcs + int64(mem.uint32(funcs+8*i+4))
		if f+funcSize > mem.end() || mem.uint32(funcs+8*i) != mem.uint32(f) {
			return nil, fmt.Errorf("function %d has no record where the table says", i)
		}
		used[int64(mem.uint32(f+pcspAt))] = true
		for k := range int64(mem.uint32(f + npcdataAt)) {
			used[int64(mem.uint32(f+funcSize+4*k))] = true
		}
		for _, at := range []int64{pcfileAt, pclnAt} {
			lines[int64(mem.uint32(f+at))] = true
			mem.clear(f+at, f+at+4)
		}
		mem.clear(f+cuOffsetAt, f+startLineAt+4)
	}
	mem.clear(cutab, pctab)
	for off := range lines {
		if off != 0 && !used[off] {
			mem.clear(pctab+off, min(pctab+off+mem.tableSize(pctab+off), funcs))
		}
	}
	return out, nil
}

// pclnHeader begins the table: magic number, two zeros, instruction size 1,
// pointer size 8.
var pclnHeader = []byte{0xf1, 0xff, 0xff, 0xff, 0, 0, 1, 8}

// Where the fields of a function's record (runtime._func) are.
const (
	pcspAt      = 16
	pcfileAt    = 20
	pclnAt      = 24
	npcdataAt   = 28
	cuOffsetAt  = 32
	startLineAt = 36
	funcSize    = 44
)

// A memory is what a program's data section puts into its memory: runs of bytes
// at addresses, zeros between them. Writing to it writes to the section.
type memory []segment

type segment struct {
	at    int64
	bytes []byte
}

func (m memory) end() int64 {
	if len(m) == 0 {
		return 0
	}
	last := m[len(m)-1]
	return last.at + int64(len(last.bytes))
}

// slot is the byte at an address, nil in a gap.
func (m memory) slot(at int64) *byte {
	lo, hi := 0, len(m)
	for lo < hi {
		if mid := (lo + hi) / 2; m[mid].at+int64(len(m[mid].bytes)) <= at {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	if lo == len(m) || at < m[lo].at {
		return nil
	}
	return &m[lo].bytes[at-m[lo].at]
}

func (m memory) byte(at int64) byte {
	if b := m.slot(at); b != nil {
		return *b
	}
	return 0
}

func (m memory) uint32(at int64) uint32 {
	var b [4]byte
	for i := range b {
		b[i] = m.byte(at + int64(i))
	}
	return binary.LittleEndian.Uint32(b[:])
}

func (m memory) uint64(at int64) uint64 {
	return uint64(m.uint32(at)) | uint64(m.uint32(at+4))<<32
}

func (m memory) clear(from, to int64) {
	for ; from < to; from++ {
		if b := m.slot(from); b != nil {
			*b = 0
		}
	}
}

// find is the address of the only place that holds the bytes p.
func (m memory) find(p []byte) (int64, error) {
	found := int64(-1)
	for _, s := range m {
		for i := 0; ; i++ {
			k := bytes.Index(s.bytes[i:], p)
			if k < 0 {
				break
			}
			if i += k; (s.at+int64(i))%8 != 0 {
				continue
			}
			if found >= 0 {
				return 0, errors.New("the program has two tables of functions")
			}
			found = s.at + int64(i)
		}
	}
	if found < 0 {
		return 0, errors.New("the program has no table of functions that this Go would write")
	}
	return found, nil
}

// tableSize is the bytes of the table at an address: pairs of varints, up to a
// value of 0 that is not the first.
func (m memory) tableSize(at int64) int64 {
	p := at
	varint := func() (zero bool) {
		zero = m.byte(p) == 0
		for m.byte(p)&0x80 != 0 {
			p++
		}
		p++
		return zero
	}
	for first := true; ; first = false {
		if varint() && !first {
			return p - at
		}
		varint()
		if p >= m.end() {
			return p - at
		}
	}
}

// dataOf is the data section of a module (WebAssembly core specification, 5.5.14),
// by address; all segments are of memory 0, as Go writes them.
func dataOf(wasm []byte) (memory, error) {
	if !bytes.HasPrefix(wasm, []byte("\x00asm\x01\x00\x00\x00")) {
		return nil, errors.New("not a WebAssembly module")
	}
	const dataSection = 11
	r := leb{wasm[8:]}
	for len(r.b) > 0 {
		id := r.next()
		size := r.unsigned()
		if size > uint64(len(r.b)) {
			break
		}
		body := leb{r.b[:size]}
		r.b = r.b[size:]
		if id == dataSection {
			return body.segments()
		}
	}
	return nil, errors.New("the module has no data")
}

// leb reads the numbers of a module.
type leb struct{ b []byte }

func (r *leb) next() byte {
	if len(r.b) == 0 {
		return 0
	}
	c := r.b[0]
	r.b = r.b[1:]
	return c
}

func (r *leb) unsigned() (v uint64) {
	for shift := 0; shift < 64; shift += 7 {
		c := r.next()
		v |= uint64(c&0x7f) << shift
		if c < 0x80 {
			break
		}
	}
	return v
}

func (r *leb) segments() (memory, error) {
	var m memory
	for range r.unsigned() {
		// flags 0, then the address: i32.const N, end
		if r.unsigned() != 0 || r.next() != 0x41 {
			return nil, errors.New("a data segment is not of the kind that Go writes")
		}
		at := r.unsigned()
		if r.next() != 0x0b {
			return nil, errors.New("a data segment has no plain address")
		}
		size := r.unsigned()
		if size > uint64(len(r.b)) {
			return nil, errors.New("a data segment is longer than its section")
		}
		m = append(m, segment{int64(at), r.b[:size:size]})
		r.b = r.b[size:]
	}
	slices.SortFunc(m, func(a, b segment) int { return cmp.Compare(a.at, b.at) })
	return m, nil
}
