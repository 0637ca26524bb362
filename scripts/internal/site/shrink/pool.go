package shrink

import (
	"cmp"
	"slices"
)

// A pool is a region of bytes that records point into by offset: the tables of
// parts of functions, or the maps of pointers. Entries are laid out anew:
// those that several records share come first, the most wanted foremost, so that
// their offsets are small numbers; the others follow in the order in which the
// records name them, so that each begins where the last one ended.
type pool struct {
	bytes   []byte       // the new region
	offset  map[int]int  // old offset -> new
	size    map[int]int  // old offset -> size in the new region
	alone   map[int]bool // whether one record only names it
	content func(off int) []byte
	align   int
}

// newPool lays out the entries at the offsets that refs gives, in the order of
// the records, of which one may come several times.
func newPool(refs []int, head, align int, content func(off int) []byte) *pool {
	p := &pool{
		bytes: make([]byte, head), align: align, content: content,
		offset: map[int]int{}, size: map[int]int{}, alone: map[int]bool{},
	}
	count := map[int]int{}
	for _, off := range refs {
		count[off]++
	}
	var shared []int
	for off, n := range count {
		p.alone[off] = n == 1
		if n > 1 {
			shared = append(shared, off)
		}
	}
	slices.SortFunc(shared, func(a, b int) int { return cmp.Or(cmp.Compare(count[b], count[a]), cmp.Compare(a, b)) })
	for _, off := range shared {
		p.add(off)
	}
	return p
}

// add puts an entry at the end of the region.
func (p *pool) add(off int) {
	at := len(p.bytes)
	p.offset[off] = at
	p.bytes = append(p.bytes, p.content(off)...)
	for len(p.bytes)%p.align != 0 {
		p.bytes = append(p.bytes, 0)
	}
	p.size[off] = len(p.bytes) - at
}

// ref is how the stream of a column names an entry: twice the size if it is the
// next one that no other record names, else twice the offset and 1.
func (p *pool) ref(off, bias int) int {
	if p.alone[off] {
		p.add(off)
		return 2 * p.size[off]
	}
	return 2*(p.offset[off]+bias) + 1
}
