package content

import (
	"bytes"
)

// chunk is the size up to which small writes are gathered in one literal.
const chunk = 64 << 10

// Splice is b with p written at off, as pwrite(2) does it: what was there is
// replaced, a gap after the end becomes a hole, the body grows where needed.
// Long runs of zeros are kept as Zeros. p is copied; b is unchanged and what of it
// remains is shared.
func Splice(b Body, off int64, p []byte) Body {
	if len(p) == 0 {
		return b
	}
	end := off + int64(len(p))
	if off == b.Size() {
		return appendBytes(b, p)
	}
	if off > b.Size() {
		return appendBytes(Concat(b, Zero(off-b.Size())), p)
	}
	tail := Empty
	if end < b.Size() {
		tail = Slice(b, end, b.Size()-end)
	}
	return Concat(appendBytes(Slice(b, 0, off), p), tail)
}

// Resize is b cut or extended with a hole to size bytes, as truncate(2) does it.
func Resize(b Body, size int64) Body {
	if size <= b.Size() {
		return Slice(b, 0, size)
	}
	return Concat(b, Zero(size-b.Size()))
}

func appendBytes(b Body, p []byte) Body {
	if len(p) >= 512 && allZero(p) {
		return Concat(b, Zeros(int64(len(p))))
	}
	// A small write is gathered into the literal before it, so that a loop of
	// short appends does not make a rope of thousands of parts.
	var head []Body
	last := b
	if r, ok := b.(*rope); ok {
		head, last = r.parts[:len(r.parts)-1], r.parts[len(r.parts)-1]
	}
	if l, ok := last.(literal); ok && len(l)+len(p) <= chunk {
		joined := make(literal, 0, len(l)+len(p))
		joined = append(append(joined, l...), p...)
		if len(head) == 0 {
			return joined
		}
		out := &rope{parts: make([]Body, 0, len(head)+1), ends: make([]int64, 0, len(head)+1)}
		for _, h := range head {
			out.push(h)
		}
		out.push(joined)
		return out
	}
	return Concat(b, Bytes(bytes.Clone(p)))
}

func allZero(p []byte) bool {
	for _, c := range p {
		if c != 0 {
			return false
		}
	}
	return true
}
