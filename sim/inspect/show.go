package inspect

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/layerlab/layerlab/sim/content"
)

// SniffBytes is how much of a file's start Sniff wants to see.
const SniffBytes = 8 << 10

// Sniff reports whether bytes from the start of a file look like text: valid
// UTF-8, a character cut at the end allowed, without control characters that
// text does not have. No bytes are text.
func Sniff(head []byte) (text bool) {
	for len(head) > 0 {
		r, n := utf8.DecodeRune(head)
		switch {
		case r == utf8.RuneError && n == 1:
			return !utf8.FullRune(head)
		case r < ' ' && !strings.ContainsRune("\t\n\v\f\r\b\x1b", r), r == 0x7f:
			return false
		}
		head = head[n:]
	}
	return true
}

// Window reads up to n bytes of b from off: less at its end, none after it. A
// file of any size can so be looked at in parts.
func Window(b content.Body, off int64, n int) ([]byte, error) {
	if off < 0 || n < 0 || off >= b.Size() {
		return nil, nil
	}
	p := make([]byte, min(int64(n), b.Size()-off))
	got, err := content.ReadAt(b, p, off)
	if err == io.EOF {
		err = nil
	}
	return p[:got], err
}

// Hex writes up to n bytes of b from off as `hexdump -C` does: sixteen a line,
// with the offset before and the printable characters after, a line that is like
// the one before as "*", and the offset of the end last.
func Hex(w io.Writer, b content.Body, off int64, n int) error {
	p, err := Window(b, off, n)
	if err != nil {
		return err
	}
	var out bytes.Buffer
	var last []byte
	same := false
	for i := 0; i < len(p); i += 16 {
		row := p[i:min(i+16, len(p))]
		if len(row) == 16 && bytes.Equal(row, last) {
			if !same {
				out.WriteString("*\n")
			}
			same = true
			continue
		}
		same, last = false, row
		hexRow(&out, off+int64(i), row)
	}
	if len(p) > 0 {
		fmt.Fprintf(&out, "%08x\n", off+int64(len(p)))
	}
	_, err = w.Write(out.Bytes())
	return err
}

func hexRow(out *bytes.Buffer, off int64, row []byte) {
	fmt.Fprintf(out, "%08x ", off)
	for j := range 16 {
		if j == 8 {
			out.WriteByte(' ')
		}
		if j < len(row) {
			fmt.Fprintf(out, " %02x", row[j])
		} else {
			out.WriteString("   ")
		}
	}
	out.WriteString("  |")
	for _, c := range row {
		if c < ' ' || c > '~' {
			c = '.'
		}
		out.WriteByte(c)
	}
	out.WriteString("|\n")
}

// Text is a window of a file as text that can be shown: a character cut at
// either end is left out, bytes that are no UTF-8 become U+FFFD, and control
// characters other than newline and tab become their pictures (U+2400 and up).
func Text(window []byte) string {
	for i := 0; i < utf8.UTFMax-1 && len(window) > 0 && !utf8.RuneStart(window[0]); i++ {
		window = window[1:]
	}
	for i := len(window) - 1; i >= 0 && i > len(window)-utf8.UTFMax; i-- {
		if utf8.RuneStart(window[i]) {
			if !utf8.FullRune(window[i:]) {
				window = window[:i]
			}
			break
		}
	}
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n', r == '\t':
			return r
		case r < ' ':
			return 0x2400 + r
		case r == 0x7f:
			return 0x2421
		}
		return r
	}, strings.ToValidUTF8(string(window), "\ufffd"))
}
