package layer

import (
	"archive/tar"
	"bytes"
	"errors"
	"math"
	"strconv"
	"strings"

	"github.com/layerlab/layerlab/sim/content"
)

// A sparse file's tar entry holds only its data, and a map that says where each
// piece of it belongs; the rest are holes (GNU tar manual, "Storing Sparse
// Files"). A few kilobytes can so claim terabytes. archive/tar checks such maps
// and then streams the zeros, but does not give the map away, so it is read
// here a second time, from the header's own blocks.

const block = 512

// span is a piece of data in a sparse file.
type span struct{ off, size int64 }

var errSparse = errors.New("its sparse map cannot be read")

// sparseMap is the data map of an entry; sparse is false for ordinary files.
// header is every byte from the entry's first block to its data, the map of
// format 1.0 included.
func sparseMap(h *tar.Header, header []byte) (spans []span, sparse bool, err error) {
	if h.Typeflag == tar.TypeGNUSparse {
		spans, err = oldSparseMap(header)
		return spans, true, err
	}
	major, minor := h.PAXRecords["GNU.sparse.major"], h.PAXRecords["GNU.sparse.minor"]
	switch list := h.PAXRecords["GNU.sparse.map"]; {
	case major == "1" && minor == "0":
		at, ok := mainHeader(header)
		if !ok {
			return nil, true, errSparse
		}
		fields := bytes.Split(header[at+block:], []byte("\n"))
		spans, err = textMap(fields)
		return spans, true, err
	case major == "0" && (minor == "0" || minor == "1"), major == "" && minor == "" && list != "":
		if list == "" {
			return nil, true, nil
		}
		fields := bytes.Split([]byte(list), []byte(","))
		spans, err = pairs(fields)
		return spans, true, err
	}
	return nil, false, nil
}

// textMap reads the map of format 1.0: a count, then offsets and sizes.
func textMap(fields [][]byte) ([]span, error) {
	count, err := strconv.ParseInt(string(fields[0]), 10, 64)
	if err != nil || count < 0 || count > int64(len(fields)-1)/2 {
		return nil, errSparse
	}
	return pairs(fields[1 : 1+2*count])
}

func pairs(fields [][]byte) ([]span, error) {
	if len(fields)%2 != 0 {
		return nil, errSparse
	}
	spans := make([]span, 0, len(fields)/2)
	for i := 0; i < len(fields); i += 2 {
		off, err1 := strconv.ParseInt(string(fields[i]), 10, 64)
		size, err2 := strconv.ParseInt(string(fields[i+1]), 10, 64)
		if err1 != nil || err2 != nil {
			return nil, errSparse
		}
		spans = append(spans, span{off, size})
	}
	return spans, nil
}

// mainHeader is the offset of the block that describes the file itself, behind
// the blocks that only extend it.
func mainHeader(header []byte) (int, bool) {
	for at := 0; at+block <= len(header); {
		b := header[at : at+block]
		switch b[156] {
		case tar.TypeXHeader, tar.TypeXGlobalHeader, tar.TypeGNULongName, tar.TypeGNULongLink:
			size, ok := number(b[124:136])
			if !ok || size > int64(len(header)) {
				return 0, false
			}
			at += block + int(roundUp(size))
		default:
			return at, true
		}
	}
	return 0, false
}

// oldSparseMap reads the map of an old GNU entry: four pieces in the header
// block, then blocks of 21.
func oldSparseMap(header []byte) ([]span, error) {
	at, ok := mainHeader(header)
	if !ok {
		return nil, errSparse
	}
	var spans []span
	list, more := header[at+386:at+482], header[at+482] != 0
	for at += block; ; at += block {
		for ; len(list) >= 24 && list[0] != 0; list = list[24:] {
			off, ok1 := number(list[:12])
			size, ok2 := number(list[12:24])
			if !ok1 || !ok2 {
				return nil, errSparse
			}
			spans = append(spans, span{off, size})
		}
		if !more {
			return spans, nil
		}
		if at+block > len(header) {
			return nil, errSparse
		}
		list, more = header[at:at+504], header[at+504] != 0
	}
}

// number reads a numeric header field: octal text, or base-256 when the first
// bit is set.
func number(field []byte) (int64, bool) {
	if field[0]&0x80 == 0 {
		text := strings.Trim(string(field), " \x00")
		if i := strings.IndexByte(text, 0); i >= 0 {
			text = text[:i]
		}
		if text == "" {
			return 0, true
		}
		n, err := strconv.ParseInt(text, 8, 64)
		return n, err == nil && n >= 0
	}
	var n uint64
	for i, c := range field {
		if i == 0 {
			c &= 0x7f
		}
		if n > math.MaxInt64>>8 {
			return 0, false
		}
		n = n<<8 | uint64(c)
	}
	return int64(n), n <= math.MaxInt64
}

func roundUp(n int64) int64 { return (n + block - 1) &^ (block - 1) }

// sparseBody joins the pieces that lie one after another in t from off with the
// holes between them to a file of the given size, and says how many bytes are
// stored.
func sparseBody(t *tarBody, random bool, off int64, spans []span, size int64) (b content.Body, stored int64, err error) {
	var parts []content.Body
	var at int64
	for _, s := range spans {
		if s.off < at || s.size < 0 || s.off > size || s.size > size-s.off {
			return nil, 0, errSparse
		}
		parts = append(parts, content.Zero(s.off-at), t.window(random, off+stored, s.size))
		at = s.off + s.size
		stored += s.size
	}
	return content.Concat(append(parts, content.Zero(size-at))...), stored, nil
}
