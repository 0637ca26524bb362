package catalog

import (
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"io"

	"github.com/layerlab/layerlab/sim/content"
)

// A made-up program is pieces of 4 KiB, of which a little more than half is noise
// and the rest the same words again and again: together they compress as machine
// code does.
const (
	piece = 4096
	noise = 2175
)

// program is the made-up bytes of a program: a body that can be read at any
// offset and takes no memory. It starts as an ELF file for amd64 does, then says
// what it is.
func program(name string, size int64) content.Body {
	h := fnv.New64a()
	io.WriteString(h, name)
	return content.FromReaderAt(recipe{name, h.Sum64()}, size)
}

type recipe struct {
	name string
	seed uint64
}

// ReadAt never ends; the body cuts it at its size.
func (r recipe) ReadAt(p []byte, off int64) (int, error) {
	var buf [piece]byte
	for n := 0; n < len(p); {
		at := off + int64(n)
		r.piece(&buf, at/piece)
		n += copy(p[n:], buf[at%piece:])
	}
	return len(p), nil
}

// elf is the identification of an ELF file: 64 bits, little-endian, for Linux,
// and "executable for x86-64".
const elf = "\x7fELF\x02\x01\x01\x03\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\x3e\x00\x01\x00\x00\x00"

func (r recipe) piece(buf *[piece]byte, number int64) {
	words := fmt.Sprintf("This is Layer Lab's model of /%s: only its name, mode and size are real.\n", r.name)
	for n := 0; n < piece; {
		n += copy(buf[n:], words)
	}
	// splitmix64 (Steele, Lea and Flood, 2014)
	x := r.seed + uint64(number)*0x9e3779b97f4a7c15*piece
	for n := piece - noise; n < piece; n += 8 {
		x += 0x9e3779b97f4a7c15
		z := x
		z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
		z = (z ^ z>>27) * 0x94d049bb133111eb
		z ^= z >> 31
		var eight [8]byte
		binary.LittleEndian.PutUint64(eight[:], z)
		copy(buf[n:], eight[:])
	}
	if number == 0 {
		copy(buf[:64], elf+string(make([]byte, 64-len(elf))))
	}
}
