package shell

import (
	"bytes"
	"context"
	"encoding/hex"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// maxDump is the most bytes that od, hexdump and xxd hold.
const maxDump = 64 << 20

// dumpInput is what is dumped of the inputs, joined: limit bytes after skip, all if
// limit is negative.
func (p *Process) dumpInput(ctx context.Context, names []string, skip, limit int64) ([]byte, int) {
	var all []byte
	status := p.inputs(ctx, names, func(_ string, r io.Reader) error {
		if limit >= 0 {
			r = io.LimitReader(r, skip+limit-int64(len(all)))
		}
		b, err := p.hold(r, maxDump-int64(len(all)))
		all = append(all, b...)
		return err
	})
	return all[min(int64(len(all)), skip):], status
}

func cmdOd(ctx context.Context, p *Process) int {
	o, ok := p.getopt("A:N:t:j:abcdefhlosvxBDFHILOXw::", "address-radix:=A", "read-bytes:=N", "format:=t", "skip-bytes:=j")
	if !ok {
		return 1
	}
	number := func(name string, def int64) int64 {
		if v, ok := o.get(name); ok {
			n, _ := parseSize(v)
			return n
		}
		return def
	}
	skip := number("j", 0)
	data, status := p.dumpInput(ctx, o.args, skip, number("N", -1))
	radix, _ := o.get("A")
	var formats []string
	for _, v := range o.given {
		switch v.name {
		case "t":
			formats = append(formats, v.value)
		case "c":
			formats = append(formats, "c")
		case "x":
			formats = append(formats, "x2")
		case "b":
			formats = append(formats, "o1")
		case "d":
			formats = append(formats, "u2")
		case "o":
			formats = append(formats, "o2")
		}
	}
	if len(formats) == 0 {
		formats = []string{"o2"}
	}
	address := func(n int64) string {
		switch radix {
		case "n":
			return ""
		case "x":
			return fmt.Sprintf("%06x", n)
		case "d":
			return fmt.Sprintf("%07d", n)
		}
		return fmt.Sprintf("%07o", n)
	}
	out := p.out()
	defer out.Flush()
	last, starred := "", false
	for at := 0; at < len(data); at += 16 {
		p.k.work(1)
		row := data[at:min(len(data), at+16)]
		if string(row) == last && len(row) == 16 && !o.has("v") {
			if !starred {
				out.printf("*\n")
			}
			starred = true
			continue
		}
		last, starred = string(row), false
		for i, f := range formats {
			lead := address(skip + int64(at))
			if i > 0 {
				lead = strings.Repeat(" ", len(lead))
			}
			out.printf("%s%s\n", lead, odRow(f, row))
		}
	}
	if radix != "n" {
		out.printf("%s\n", address(skip+int64(len(data))))
	}
	return status
}

func odRow(format string, row []byte) string {
	var b strings.Builder
	kind := format[0]
	size := 4
	if len(format) > 1 {
		size, _ = strconv.Atoi(strings.TrimRight(format[1:], "z"))
		size = max(size, 1)
	}
	if kind == 'c' || kind == 'a' {
		for _, c := range row {
			fmt.Fprintf(&b, " %3s", odChar(c))
		}
		return b.String()
	}
	for at := 0; at < len(row); at += size {
		var v uint64
		for i := min(len(row)-at, size) - 1; i >= 0; i-- {
			v = v<<8 | uint64(row[at+i])
		}
		switch kind {
		case 'x':
			fmt.Fprintf(&b, " %0*x", size*2, v)
		case 'o':
			fmt.Fprintf(&b, " %0*o", map[int]int{1: 3, 2: 6, 4: 11, 8: 22}[size], v)
		case 'u':
			fmt.Fprintf(&b, " %*d", map[int]int{1: 3, 2: 5, 4: 10, 8: 20}[size], v)
		default:
			signed := int64(v<<(64-8*size)) >> (64 - 8*size)
			fmt.Fprintf(&b, " %*d", map[int]int{1: 4, 2: 6, 4: 11, 8: 20}[size], signed)
		}
	}
	return b.String()
}

func odChar(c byte) string {
	if i := bytes.IndexByte([]byte("\x00\a\b\t\n\v\f\r"), c); i >= 0 {
		return []string{`\0`, `\a`, `\b`, `\t`, `\n`, `\v`, `\f`, `\r`}[i]
	}
	if c < 32 || c > 126 {
		return fmt.Sprintf("%03o", c)
	}
	return string(c)
}

func cmdHexdump(ctx context.Context, p *Process) int {
	o, ok := p.getopt("Cvn:s:bcdoxe:", "canonical=C", "length:=n", "skip:=s")
	if !ok {
		return 1
	}
	limit, skip := int64(-1), int64(0)
	if v, ok := o.get("n"); ok {
		limit, _ = parseSize(v)
	}
	if v, ok := o.get("s"); ok {
		skip, _ = parseSize(v)
	}
	data, status := p.dumpInput(ctx, o.args, skip, limit)
	canonical := o.has("C") || baseName(p.Args[0]) == "hd"
	out := p.out()
	defer out.Flush()
	last, starred := "", false
	for at := 0; at < len(data); at += 16 {
		p.k.work(1)
		row := data[at:min(len(data), at+16)]
		if string(row) == last && len(row) == 16 && !o.has("v") {
			if !starred {
				out.printf("*\n")
			}
			starred = true
			continue
		}
		last, starred = string(row), false
		if canonical {
			out.printf("%08x  %-49s |%s|\n", skip+int64(at), hexPairs(row), printable(row))
			continue
		}
		line := fmt.Sprintf("%07x", skip+int64(at))
		for i := 0; i < len(row); i += 2 {
			v := uint16(row[i])
			if i+1 < len(row) {
				v |= uint16(row[i+1]) << 8
			}
			line += fmt.Sprintf(" %04x", v)
		}
		out.printf("%-47s\n", line)
	}
	if len(data) > 0 {
		width := 7
		if canonical {
			width = 8
		}
		out.printf("%0*x\n", width, skip+int64(len(data)))
	}
	return status
}

func hexPairs(row []byte) string {
	s := ""
	for i, c := range row {
		if i == 8 {
			s += " "
		}
		s += fmt.Sprintf("%02x ", c)
	}
	return s
}

func printable(row []byte) string {
	out := make([]byte, len(row))
	for i, c := range row {
		if c < 32 || c > 126 {
			c = '.'
		}
		out[i] = c
	}
	return string(out)
}

func cmdXxd(ctx context.Context, p *Process) int {
	o, ok := p.getopt("pl:s:c:rg:iu", "plain=p", "ps=p", "include=i")
	if !ok {
		return 1
	}
	limit := int64(-1)
	if v, ok := o.get("l"); ok {
		limit, _ = parseSize(v)
	}
	skip := int64(0)
	if v, ok := o.get("s"); ok {
		skip, _ = parseSize(v)
	}
	data, status := p.dumpInput(ctx, o.args, skip, limit)
	if o.has("i") {
		name := ""
		if len(o.args) > 0 {
			name = o.args[0]
		}
		p.include(name, data)
		return status
	}
	if o.has("r") {
		text := strings.Map(func(r rune) rune {
			if strings.ContainsRune("0123456789abcdefABCDEF", r) {
				return r
			}
			return -1
		}, string(data))
		b, _ := hex.DecodeString(text[:len(text)/2*2])
		p.Stdout.Write(b)
		return status
	}
	out := p.out()
	defer out.Flush()
	if o.has("p") {
		for at := 0; at < len(data); at += 30 {
			out.printf("%s\n", hex.EncodeToString(data[at:min(len(data), at+30)]))
		}
		return status
	}
	for at := 0; at < len(data); at += 16 {
		p.k.work(1)
		row := data[at:min(len(data), at+16)]
		line := ""
		for i, c := range row {
			if i > 0 && i%2 == 0 {
				line += " "
			}
			line += fmt.Sprintf("%02x", c)
		}
		out.printf("%08x: %-39s  %s\n", skip+int64(at), line, printable(row))
	}
	return status
}

// include is xxd -i: the bytes as an array in C.
func (p *Process) include(name string, data []byte) {
	id := strings.Map(func(r rune) rune {
		if r < 128 && isAlnum(byte(r)) {
			return r
		}
		return '_'
	}, name)
	var b strings.Builder
	for i, c := range data {
		switch {
		case i%12 == 0:
			b.WriteString("  ")
		default:
			b.WriteString(" ")
		}
		fmt.Fprintf(&b, "0x%02x", c)
		if i+1 < len(data) || p.busybox {
			b.WriteByte(',')
		}
		if i%12 == 11 || i+1 == len(data) {
			b.WriteByte('\n')
		}
	}
	if name == "" {
		p.outf("%s", b.String())
		return
	}
	p.outf("unsigned char %s[] = {\n%s};\nunsigned int %s_len = %d;\n", id, b.String(), id, len(data))
}

func cmdStrings(ctx context.Context, p *Process) int {
	o, ok := p.getopt("an:fot:")
	if !ok {
		return 1
	}
	least := 4
	if v, ok := o.get("n"); ok {
		least, _ = strconv.Atoi(v)
	}
	out := p.out()
	defer out.Flush()
	return p.inputs(ctx, o.args, func(_ string, r io.Reader) error {
		var run []byte
		buf := make([]byte, 32<<10)
		flush := func() {
			if len(run) >= least {
				out.printf("%s\n", run)
			}
			run = run[:0]
		}
		for {
			n, err := r.Read(buf)
			for _, c := range buf[:n] {
				if c >= 32 && c < 127 || c == '\t' {
					if len(run) < 1<<16 {
						run = append(run, c)
					}
					continue
				}
				flush()
			}
			if err == io.EOF {
				flush()
				return nil
			}
			if err != nil {
				return err
			}
		}
	})
}
