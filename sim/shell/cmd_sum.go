package shell

import (
	"bufio"
	"context"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base32"
	"encoding/base64"
	"encoding/hex"
	"hash"
	"io"
	"strings"
)

var sums = map[string]func() hash.Hash{
	"md5sum": md5.New, "sha1sum": sha1.New, "sha224sum": sha256.New224, "sha256sum": sha256.New, "sha384sum": sha512.New384, "sha512sum": sha512.New,
}

func cmdSum(ctx context.Context, p *Process) int {
	o, ok := p.getopt("cbtswz", "check=c", "binary=b", "text=t", "status=s", "quiet=q", "warn=w", "tag=T", "strict=S", "ignore-missing=m", "zero=z")
	if !ok {
		return 1
	}
	name := baseName(p.Args[0])
	make := sums[name]
	if make == nil {
		make = sha256.New
	}
	if o.has("c") {
		return p.checkSums(ctx, o, make)
	}
	mark, end := ' ', '\n'
	if o.has("b") && !p.busybox {
		mark = '*'
	}
	if o.has("z") {
		end = 0
	}
	return p.inputs(ctx, o.args, func(file string, r io.Reader) error {
		h := make()
		if _, err := io.Copy(h, r); err != nil {
			return err
		}
		if o.has("T") {
			p.outf("%s (%s) = %x%c", strings.ToUpper(strings.TrimSuffix(name, "sum")), file, h.Sum(nil), end)
			return nil
		}
		p.outf("%x %c%s%c", h.Sum(nil), mark, file, end)
		return nil
	})
}

// checkLine is a line of a list of sums: "SUM  NAME", "SUM *NAME", or with --tag
// "SHA256 (NAME) = SUM". ok is false for any other.
func checkLine(line string, size int) (sum, name string, ok bool) {
	if _, rest, tagged := strings.Cut(line, " ("); tagged && !strings.HasPrefix(line, " ") {
		if i := strings.LastIndex(rest, ") = "); i >= 0 {
			line = rest[i+4:] + "  " + rest[:i]
		}
	}
	sum, name, ok = strings.Cut(strings.TrimLeft(line, " \t\\"), " ")
	if !ok || name == "" || len(sum) != 2*size {
		return "", "", false
	}
	if _, err := hex.DecodeString(sum); err != nil {
		return "", "", false
	}
	if name[0] == ' ' || name[0] == '*' {
		name = name[1:]
	}
	return strings.ToLower(sum), name, true
}

func (p *Process) checkSums(ctx context.Context, o *opts, make func() hash.Hash) int {
	t := &sumTally{p: p, o: o, make: make}
	status := 0
	names := o.args
	if len(names) == 0 {
		names = []string{"-"}
	}
	for _, list := range names {
		*t = sumTally{p: p, o: o, make: make}
		status = max(status, p.inputs(ctx, []string{list}, func(_ string, r io.Reader) error {
			t.opened = true
			return eachLine(r, func(line []byte, _ bool) bool {
				t.line(ctx, strings.TrimRight(string(line), "\r"))
				return true
			})
		}))
		if t.opened {
			status = max(status, t.end(list))
		}
	}
	return status
}

// sumTally counts what sha256sum -c found in one list.
type sumTally struct {
	p                                   *Process
	o                                   *opts
	make                                func() hash.Hash
	opened                              bool
	total, good, bad, unread, malformed int
}

func (t *sumTally) line(ctx context.Context, line string) {
	p, h := t.p, t.make()
	if !p.busybox && (line == "" || line[0] == '#') {
		return
	}
	sum, name, ok := checkLine(line, h.Size())
	if !ok {
		t.malformed++
		if p.busybox {
			t.total++
			t.bad++
		}
		return
	}
	t.total++
	f, err := p.readable(ctx, name, true)
	if err == nil {
		_, err = io.Copy(h, f)
		f.Close()
	}
	switch {
	case err != nil && t.o.has("m") && isNotFound(err):
	case err != nil:
		p.cannotOpen(name, err)
		t.unread++
		if p.busybox {
			t.show(name, "FAILED")
		} else {
			t.show(name, "FAILED open or read")
		}
	case hex.EncodeToString(h.Sum(nil)) != sum:
		t.bad++
		t.show(name, "FAILED")
	default:
		t.good++
		if !t.o.has("q") {
			t.show(name, "OK")
		}
	}
}

func (t *sumTally) show(name, result string) {
	if !t.o.has("s") {
		t.p.outf("%s: %s\n", name, result)
	}
}

func (t *sumTally) end(list string) int {
	p := t.p
	shown := list
	if list == "-" {
		shown = quoted("standard input")
	}
	if p.busybox {
		if n := t.bad + t.unread; n > 0 && !t.o.has("s") {
			p.say("WARNING: %d of %d computed checksums did NOT match", n, t.total)
		}
		if t.total == 0 {
			return p.say("no checksum lines found")
		}
		return boolStatus(t.bad+t.unread == 0)
	}
	if t.total == 0 {
		return p.say("%s: no properly formatted checksum lines found", shown)
	}
	if !t.o.has("s") {
		if t.malformed == 1 {
			p.say("WARNING: 1 line is improperly formatted")
		} else if t.malformed > 1 {
			p.say("WARNING: %d lines are improperly formatted", t.malformed)
		}
		if t.unread > 0 {
			p.say("WARNING: %d listed file%s could not be read", t.unread, plural(t.unread))
		}
		if t.bad > 0 {
			p.say("WARNING: %d computed checksum%s did NOT match", t.bad, plural(t.bad))
		}
		if t.o.has("m") && t.good+t.bad+t.unread == 0 {
			p.say("%s: no file was verified", shown)
		}
	}
	return boolStatus(t.bad+t.unread == 0 && (!t.o.has("m") || t.good > 0) && (!t.o.has("S") || t.malformed == 0))
}

func plural(n int) string {
	if n == 1 {
		return ""
	}
	return "s"
}

func cmdBase64(ctx context.Context, p *Process) int {
	o, ok := p.getopt("dw:i", "decode=d", "wrap:=w", "ignore-garbage=i")
	if !ok {
		return 1
	}
	wrap := int64(76)
	if w, ok := o.get("w"); ok {
		if wrap, ok = parseSize(w); !ok {
			if p.busybox {
				return p.say("invalid number '%s'", w)
			}
			return p.say("invalid wrap size: %s", quoted(w))
		}
	}
	thirtyTwo := baseName(p.Args[0]) == "base32"
	status := 0
	return max(p.inputs(ctx, o.args, func(_ string, r io.Reader) error {
		if o.has("d") {
			var dec io.Reader
			if in := (newlineFilter{bufio.NewReader(r)}); thirtyTwo {
				dec = base32.NewDecoder(base32.StdEncoding, in)
			} else {
				dec = base64.NewDecoder(base64.StdEncoding, in)
			}
			if _, err := io.Copy(p.Stdout, dec); err != nil {
				status = 1
				if p.busybox {
					p.say("truncated input")
				} else {
					p.say("invalid input")
				}
			}
			return nil
		}
		w := &wrapper{w: p.out(), width: wrap}
		var enc io.WriteCloser
		if thirtyTwo {
			enc = base32.NewEncoder(base32.StdEncoding, w)
		} else {
			enc = base64.NewEncoder(base64.StdEncoding, w)
		}
		_, err := io.Copy(enc, r)
		enc.Close()
		if w.col > 0 && wrap > 0 {
			w.w.WriteByte('\n')
		}
		w.w.Flush()
		return err
	}), status)
}

// cmdSysvSum is sum: the checksums of BSD and, with -s, of System V.
func cmdSysvSum(ctx context.Context, p *Process) int {
	o, ok := p.getopt("rs", "sysv=s")
	if !ok {
		return 1
	}
	return p.inputs(ctx, o.args, func(name string, r io.Reader) error {
		var sum uint32
		var n int64
		in := bufio.NewReader(r)
		for {
			c, err := in.ReadByte()
			if err == io.EOF {
				break
			}
			if err != nil {
				return err
			}
			n++
			if o.has("s") {
				sum += uint32(c)
			} else {
				sum = (sum>>1|sum<<15)&0xffff + uint32(c)
				sum &= 0xffff
			}
		}
		shown := " " + name
		if len(o.args) == 0 {
			shown = ""
		}
		if o.has("s") {
			sum = sum&0xffff + sum>>16
			p.outf("%d %d%s\n", sum&0xffff+sum>>16, (n+511)/512, shown)
		} else {
			p.outf("%05d %5d%s\n", sum, (n+1023)/1024, shown)
		}
		return nil
	})
}

// newlineFilter leaves out line ends.
type newlineFilter struct{ r *bufio.Reader }

func (n newlineFilter) Read(b []byte) (int, error) {
	i := 0
	for i < len(b) {
		c, err := n.r.ReadByte()
		if err != nil {
			if i > 0 {
				return i, nil
			}
			return 0, err
		}
		if c != '\n' && c != '\r' {
			b[i] = c
			i++
		}
	}
	return i, nil
}

// wrapper breaks lines at a width.
type wrapper struct {
	w     output
	width int64
	col   int64
}

func (w *wrapper) Write(b []byte) (int, error) {
	for _, c := range b {
		if w.width > 0 && w.col == w.width {
			w.w.WriteByte('\n')
			w.col = 0
		}
		w.w.WriteByte(c)
		w.col++
	}
	return len(b), nil
}

// cmdCksum is the CRC of POSIX cksum(1).
func cmdCksum(ctx context.Context, p *Process) int {
	return p.inputs(ctx, p.Args[1:], func(name string, r io.Reader) error {
		var crc uint32
		var n uint64
		add := func(c byte) {
			crc ^= uint32(c) << 24
			for range 8 {
				if crc&(1<<31) != 0 {
					crc = crc<<1 ^ 0x04C11DB7
				} else {
					crc <<= 1
				}
			}
		}
		buf := make([]byte, 32<<10)
		for {
			k, err := r.Read(buf)
			n += uint64(k)
			for _, c := range buf[:k] {
				add(c)
			}
			if err == io.EOF {
				break
			}
			if err != nil {
				return err
			}
		}
		for l := n; l > 0; l >>= 8 {
			add(byte(l))
		}
		if name == "-" {
			p.outf("%d %d\n", ^crc, n)
		} else {
			p.outf("%d %d %s\n", ^crc, n, name)
		}
		return nil
	})
}
