package shrink

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
)

// The sections of a module that are looked into (WebAssembly core specification,
// 5.5.2).
const (
	customSection   = 0
	typeSection     = 1
	importSection   = 2
	functionSection = 3
	startSection    = 8
	elementSection  = 9
	codeSection     = 10
	dataCount       = 12
	dataSection     = 11
)

// magic begins every module.
var magic = []byte("\x00asm\x01\x00\x00\x00")

// A module is the sections of a program, in the order of the file.
type module []section

type section struct {
	id   byte
	body []byte
}

// parse takes a module apart. The sections' bodies are those of wasm, not copies.
func parse(wasm []byte) (module, error) {
	if !bytes.HasPrefix(wasm, magic) {
		return nil, errors.New("not a WebAssembly module")
	}
	var m module
	r := reader{wasm[len(magic):]}
	for len(r.b) > 0 {
		id := r.byte()
		body, err := r.take(r.unsigned())
		if err != nil {
			return nil, fmt.Errorf("reading section %d: %w", id, err)
		}
		m = append(m, section{id, body})
	}
	return m, nil
}

// bytes is the module as a file. Custom sections, which no browser looks at
// here, are left out.
func (m module) bytes() []byte {
	out := slices.Clone(magic)
	for _, s := range m {
		if s.id != customSection {
			out = append(out, s.id)
			out = appendUnsigned(out, uint64(len(s.body)))
			out = append(out, s.body...)
		}
	}
	return out
}

// section is the only section with the given id.
func (m module) section(id byte) (*section, error) {
	i := slices.IndexFunc(m, func(s section) bool { return s.id == id })
	if i < 0 {
		return nil, fmt.Errorf("the module has no section %d", id)
	}
	return &m[i], nil
}

// reader reads the numbers of a module, which are LEB128 (5.2.2). At the end it
// reads zeros: what was cut shows in the lengths.
type reader struct{ b []byte }

func (r *reader) byte() byte {
	if len(r.b) == 0 {
		return 0
	}
	c := r.b[0]
	r.b = r.b[1:]
	return c
}

func (r *reader) take(n uint64) ([]byte, error) {
	if n > uint64(len(r.b)) {
		return nil, fmt.Errorf("%d bytes are announced and %d are there", n, len(r.b))
	}
	out := r.b[:n:n]
	r.b = r.b[n:]
	return out, nil
}

func (r *reader) unsigned() (v uint64) {
	for shift := 0; shift < 64; shift += 7 {
		c := r.byte()
		v |= uint64(c&0x7f) << shift
		if c < 0x80 {
			break
		}
	}
	return v
}

func (r *reader) signed() (v int64) {
	for shift := 0; shift < 64; {
		c := r.byte()
		v |= int64(c&0x7f) << shift
		shift += 7
		if c < 0x80 {
			if c&0x40 != 0 && shift < 64 {
				v |= -1 << shift
			}
			break
		}
	}
	return v
}

func appendUnsigned(b []byte, v uint64) []byte {
	for ; v >= 0x80; v >>= 7 {
		b = append(b, byte(v)|0x80)
	}
	return append(b, byte(v))
}

func appendSigned(b []byte, v int64) []byte {
	for {
		c := byte(v & 0x7f)
		v >>= 7
		if v == 0 && c&0x40 == 0 || v == -1 && c&0x40 != 0 {
			return append(b, c)
		}
		b = append(b, c|0x80)
	}
}
