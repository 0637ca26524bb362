package hazard

import (
	"archive/tar"
	"bytes"
	"fmt"
	"strings"
)

// checksum writes the right checksum into the header block at off.
func checksum(b []byte, off int) []byte {
	h := b[off : off+512]
	copy(h[148:156], "        ")
	sum := 0
	for _, c := range h {
		sum += int(c)
	}
	copy(h[148:156], fmt.Sprintf("%06o\x00 ", sum))
	return b
}

func damaged() []Tar {
	whole := Build(Entry{Name: "a/first", Body: "x"}, Entry{Name: "a/b", Body: strings.Repeat("long ", 1000)})
	flipped := bytes.Clone(whole)
	flipped[1024+5] ^= 1
	huge := Open(Entry{Name: "lies", Body: "few"})
	copy(huge[124:136], "77777777777\x00") // 8 GiB
	negative := Open(Entry{Name: "lies", Body: "few"})
	copy(negative[124:136], "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x00")
	largest := Open(Entry{Name: "lies", Body: "few"})
	copy(largest[124:136], "\x80\x00\x00\x00\x7f\xff\xff\xff\xff\xff\xff\xff")
	return []Tar{
		{"truncated-body", whole[:2048], "a/b"},
		{"truncated-header", whole[:1024+300], "byte 1024"},
		{"flipped-header", flipped, "byte 1024"},
		{"lying-size", checksum(huge, 0), "lies"},
		{"negative-size", checksum(negative, 0), "byte 0"},
		{"largest-size", checksum(largest, 0), "lies"},
		{"garbage", bytes.Repeat([]byte("no tar at all. "), 200), "byte 0"},
	}
}

// sparseName is the name of the file in each sparse hazard.
const sparseName = "disk.img"

// bomb is the size that the sparse bombs claim: 1 TiB.
const bomb = 1 << 40

func sparse() []Tar {
	return []Tar{
		{"sparse-bomb-gnu", SparseGNU(bomb, 1), ""},
		{"sparse-bomb-0.0", Sparse00(bomb), ""},
		{"sparse-bomb-0.1", Sparse01(bomb), ""},
		{"sparse-bomb-1.0", Sparse10(bomb), ""},
		{"sparse-gnu-extended", SparseGNU(1<<20, 30), ""},
		{"sparse-lying", sparse01(100, "0,50,40,20"), "byte 0"},
		{"sparse-beyond", sparse01(100, "0,4,200,4"), "byte 0"},
	}
}

// SparseGNU is a tar with one sparse file, disk.img, in the old GNU format: size
// bytes with pieces of four letters, "data", spread over it, the first at its start.
func SparseGNU(size int64, pieces int) []byte {
	b := Open(Entry{Name: sparseName, Body: strings.Repeat("data", pieces), Header: func(h *tar.Header) { h.Format = tar.FormatGNU }})
	header, data := bytes.Clone(b[:512]), b[512:]
	header[156] = tar.TypeGNUSparse
	put := func(field []byte, n int64) {
		for i := range field {
			field[len(field)-1-i] = byte(n >> (8 * i))
		}
		field[0] |= 0x80
	}
	var blocks []byte
	list, more := header[386:482], &header[482]
	for i := range pieces {
		if len(list) < 24 {
			*more = 1
			blocks = append(blocks, make([]byte, 512)...)
			next := blocks[len(blocks)-512:]
			list, more = next[:504], &next[504]
		}
		put(list[:12], size/int64(pieces)*int64(i))
		put(list[12:24], 4)
		list = list[24:]
	}
	put(header[483:495], size)
	b = append(append(checksum(header, 0), blocks...), data...)
	return append(b, make([]byte, 1024)...)
}

// paxRecords is a tar of one file behind PAX records; archive/tar refuses to write those
// of sparse files.
func paxRecords(name, body string, records ...string) []byte {
	var text strings.Builder
	for _, r := range records {
		n := len(r) + 3
		for len(fmt.Sprint(n))+len(r)+2 != n {
			n = len(fmt.Sprint(n)) + len(r) + 2
		}
		fmt.Fprintf(&text, "%d %s\n", n, r)
	}
	x := Open(Entry{Name: "PaxHeaders/x", Body: text.String()})
	x[156] = tar.TypeXHeader
	return append(checksum(x, 0), Build(Entry{Name: name, Body: body})...)
}

// Sparse00 is a tar with the sparse file disk.img of size bytes in PAX sparse
// format 0.0: "data" at its start and "end!" as its last four bytes.
func Sparse00(size int64) []byte {
	return paxRecords(sparseName, "dataend!", fmt.Sprintf("GNU.sparse.size=%d", size), "GNU.sparse.numblocks=2",
		"GNU.sparse.offset=0", "GNU.sparse.numbytes=4", fmt.Sprintf("GNU.sparse.offset=%d", size-4), "GNU.sparse.numbytes=4")
}

// Sparse01 is the same in format 0.1.
func Sparse01(size int64) []byte { return sparse01(size, fmt.Sprintf("0,4,%d,4", size-4)) }

func sparse01(size int64, list string) []byte {
	return paxRecords("GNUSparseFile.1/"+sparseName, "dataend!", fmt.Sprintf("GNU.sparse.size=%d", size), "GNU.sparse.numblocks=2",
		"GNU.sparse.map="+list, "GNU.sparse.name="+sparseName)
}

// Sparse10 is the same in format 1.0, whose map stands before the data.
func Sparse10(size int64) []byte {
	list := fmt.Sprintf("2\n0\n4\n%d\n4\n", size-4)
	body := list + strings.Repeat("\x00", 512-len(list)) + "dataend!"
	return paxRecords("GNUSparseFile.1/"+sparseName, body, "GNU.sparse.major=1", "GNU.sparse.minor=0",
		fmt.Sprintf("GNU.sparse.realsize=%d", size), "GNU.sparse.name="+sparseName)
}
