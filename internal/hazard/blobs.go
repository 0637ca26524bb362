package hazard

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/binary"
	"slices"
)

// A Blob is a compressed hazard.
type Blob struct {
	Name    string // a short name, fit for a file name
	Bytes   []byte
	Size    int64  // of what it inflates to, or -1 when it is refused before its end
	Refused string // part of the error with which it must fail, or ""
}

// Blobs are hazards in gzip, zstd and bzip2: damaged, in pieces, and bombs.
func Blobs() []Blob {
	tar := Build(Entry{Name: "a/"}, Entry{Name: "a/b", Body: "bytes of a file\n"})
	whole := Gzip(tar)
	half := len(tar) / 2
	flipped := bytes.Clone(whole)
	flipped[len(flipped)-6] ^= 1 // in its checksum
	zeros := Gzip(make([]byte, 10<<20))
	return []Blob{
		{"gzip", whole, int64(len(tar)), ""},
		{"gzip-members", append(Gzip(tar[:half]), Gzip(tar[half:])...), int64(len(tar)), ""},
		{"gzip-empty-members", slices.Concat(Gzip(nil), whole, Gzip(nil)), int64(len(tar)), ""},
		{"gzip-header-fields", gzipNamed(tar), int64(len(tar)), ""},
		{"gzip-cut", whole[:len(whole)/2], -1, "unexpected EOF"},
		{"gzip-cut-trailer", whole[:len(whole)-3], -1, "unexpected EOF"},
		{"gzip-bad-sum", flipped, -1, "checksum"},
		{"gzip-garbage-after", append(bytes.Clone(whole), "garbage that follows"...), -1, "header"},
		{"gzip-cut-in-member", append(gzipNamed(nil), gzipNamed(tar)[:14]...), -1, "unexpected EOF"},
		{"gzip-header-only", whole[:10], -1, "unexpected EOF"},
		{"gzip-bomb", zeros, 10 << 20, ""},
		{"gzip-lying-size", append(whole[:len(whole)-4:len(whole)-4], 0, 0, 0, 0x80), -1, "checksum"},
		{"zstd-bomb", ZstdZeros(2500, 0x38), 2500 * zstdBlock, ""},
		{"zstd-frames", slices.Concat(skippable(100), ZstdRaw(tar[:half]), skippable(0), ZstdRaw(tar[half:]), skippable(7)), int64(len(tar)), ""},
		{"zstd-cut", ZstdRaw(tar)[:600], -1, "unexpected EOF"},
		{"zstd-window-128M", ZstdZeros(1, 0x88), zstdBlock, ""},
		{"zstd-window-largest", ZstdZeros(1, 0xff), -1, "window"},
		{"zstd-skippable-lying", skippable(1 << 20)[:20], -1, "EOF"},
		{"bzip2-bomb", bytes.Repeat(bzip2Zeros(), 220), 220 * bzip2Size, ""},
		{"bzip2-cut", bzip2Zeros()[:30], -1, "EOF"},
	}
}

// Gzip is b as gzip, as Go's library compresses it.
func Gzip(b []byte) []byte { return gzipAs(gzip.Header{}, b) }

func gzipNamed(b []byte) []byte {
	return gzipAs(gzip.Header{Name: "layer.tar", Comment: "with a name", Extra: []byte("SG\x04\x00abcd")}, b)
}

func gzipAs(h gzip.Header, b []byte) []byte {
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	w.Header = h
	w.Write(b)
	w.Close()
	return out.Bytes()
}

// zstdBlock is the most bytes that a block of zstd inflates to.
const zstdBlock = 128 << 10

const zstdMagic = "\x28\xb5\x2f\xfd"

// ZstdZeros is a zstd frame of so many blocks of 128 KiB of zeros, in four bytes
// each (RFC 8878, 3.1.1.2: RLE_Block). window is the window descriptor: 0x38 for
// 128 KiB, 0x88 for 128 MiB, 0xff for the largest that can be written, 3.75 TiB.
func ZstdZeros(blocks int, window byte) []byte {
	out := append([]byte(zstdMagic), 0, window)
	for i := range blocks {
		h := uint32(zstdBlock<<3 | 1<<1)
		if i == blocks-1 {
			h |= 1
		}
		out = append(out, byte(h), byte(h>>8), byte(h>>16), 0)
	}
	return out
}

// ZstdRaw is b, which must be shorter than 128 KiB, as a zstd frame of one block
// that is not compressed.
func ZstdRaw(b []byte) []byte {
	h := uint32(len(b)<<3 | 1)
	return append([]byte(zstdMagic+"\x00\x38"), append([]byte{byte(h), byte(h >> 8), byte(h >> 16)}, b...)...)
}

// skippable is a frame that readers of zstd pass over.
func skippable(n int) []byte {
	return append(binary.LittleEndian.AppendUint32([]byte{0x53, 0x2a, 0x4d, 0x18}, uint32(n)), make([]byte, n)...)
}

// bzip2Size is the size of what bzip2Zeros inflates to.
const bzip2Size = 45_900_000

// bzip2Zeros is 45,900,000 zeros as bzip2, which Go's library cannot write.
func bzip2Zeros() []byte {
	b, err := base64.StdEncoding.DecodeString("QlpoOTFBWSZTWQ4J4t8BX45AAMAAAAggADCATUZCoCWpCoCXMUFZJlNZ+H3ZDQAAAUAAwAAACCAAIQCCYHF3JFOFCQ5G4csw")
	if err != nil {
		panic(err)
	}
	return b
}
