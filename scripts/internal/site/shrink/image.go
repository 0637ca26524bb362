package shrink

import (
	"bytes"
	"encoding/binary"
	"errors"
)

// An image is what a program's data section puts into its memory, from address 0
// to the last byte that it sets.
type image []byte

// minGap is how many zeros in a row are worth a segment of their own. The linker
// starts one after eight zeros, a hundred thousand in all, and the addresses and
// sizes of these cost far more than zeros do once they are compressed.
const minGap = 1 << 12

// maxImage bounds the addresses that a data section may name.
const maxImage = 1 << 28

// readImage is the image of a data section (5.5.14); all segments are of memory 0
// and have constant addresses, as Go writes them.
func readImage(body []byte) (image, error) {
	var m image
	r := reader{body}
	for range r.unsigned() {
		// flags 0, then the address: i32.const N, end
		if r.unsigned() != 0 || r.byte() != 0x41 {
			return nil, errors.New("a data segment is not of the kind that Go writes")
		}
		at := r.signed()
		if r.byte() != 0x0b || at < 0 || at > maxImage {
			return nil, errors.New("a data segment has no plain address")
		}
		b, err := r.take(r.unsigned())
		if err != nil {
			return nil, err
		}
		if end := int(at) + len(b); end > len(m) {
			m = append(m, make([]byte, end-len(m))...)
		}
		copy(m[at:], b)
	}
	return m, nil
}

// section is the body of the data section that puts the image into memory.
func (m image) section() []byte {
	var body []byte
	n := uint64(0)
	for at := 0; at < len(m); {
		if m[at] == 0 {
			at++
			continue
		}
		end := m.run(at)
		body = append(body, 0, 0x41)
		body = append(appendSigned(body, int64(at)), 0x0b)
		body = appendUnsigned(body, uint64(end-at))
		body = append(body, m[at:end]...)
		at = end
		n++
	}
	return append(appendUnsigned(nil, n), body...)
}

// run is the end of the segment that begins at an address: where the next long
// gap begins.
func (m image) run(at int) int {
	gap := bytes.Index(m[at:], make([]byte, minGap))
	if gap >= 0 {
		return at + gap
	}
	return at + len(bytes.TrimRight(m[at:], "\x00"))
}

// has reports whether the n bytes at an address are in the image.
func (m image) has(at, n int) bool { return at >= 0 && n >= 0 && at <= len(m) && n <= len(m)-at }

func (m image) u32(at int) int { return int(binary.LittleEndian.Uint32(m[at:])) }

func (m image) u64(at int) uint64 { return binary.LittleEndian.Uint64(m[at:]) }

func (m image) setU32(at, v int) { binary.LittleEndian.PutUint32(m[at:], uint32(v)) }
