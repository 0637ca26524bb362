package shell

import (
	"bufio"
	"context"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"hash"
	"io"
	"strings"
)

var sums = map[string]func() hash.Hash{
	"md5sum": md5.New, "sha1sum": sha1.New, "sha256sum": sha256.New, "sha512sum": sha512.New,
}

func cmdSum(ctx context.Context, p *Process) int {
	o, ok := p.getopt("cbtsw", "check=c", "binary=b", "text=t", "status=s", "quiet=q", "warn=w", "tag=T")
	if !ok {
		return 1
	}
	make := sums[baseName(p.Args[0])]
	if make == nil {
		make = sha256.New
	}
	if o.has("c") {
		return p.checkSums(ctx, o, make)
	}
	return p.inputs(ctx, o.args, func(name string, r io.Reader) error {
		h := make()
		if _, err := io.Copy(h, r); err != nil {
			return err
		}
		p.outf("%s  %s\n", hex.EncodeToString(h.Sum(nil)), name)
		return nil
	})
}

func (p *Process) checkSums(ctx context.Context, o *opts, make func() hash.Hash) int {
	bad, total, unread := 0, 0, 0
	status := p.inputs(ctx, o.args, func(list string, r io.Reader) error {
		return eachLine(r, func(line []byte, _ bool) bool {
			sum, name, ok := strings.Cut(string(line), " ")
			if !ok {
				return true
			}
			total++
			name = strings.TrimLeft(name, " *")
			h := make()
			f, err := p.readable(ctx, name, false)
			if err == nil {
				_, err = io.Copy(h, f)
				f.Close()
			}
			if err != nil {
				p.cannotOpen(name, err)
				p.outf("%s: FAILED open or read\n", name)
				unread++
				return true
			}
			if hex.EncodeToString(h.Sum(nil)) != strings.ToLower(sum) {
				bad++
				if !o.has("s") {
					p.outf("%s: FAILED\n", name)
				}
			} else if !o.has("s", "q") {
				p.outf("%s: OK\n", name)
			}
			return true
		})
	})
	if p.busybox {
		if n := bad + unread; n > 0 && !o.has("s") {
			p.say("WARNING: %d of %d computed checksums did NOT match", n, total)
		}
	} else {
		if unread > 0 {
			p.say("WARNING: %d listed file%s could not be read", unread, plural(unread))
		}
		if bad > 0 && !o.has("s") {
			p.say("WARNING: %d computed checksum%s did NOT match", bad, plural(bad))
		}
	}
	if bad+unread > 0 {
		return 1
	}
	return status
}

func plural(n int) string {
	if n == 1 {
		return ""
	}
	return "s"
}

func cmdBase64(ctx context.Context, p *Process) int {
	o, ok := p.getopt("dw:i", "decode=d", "wrap:=w")
	if !ok {
		return 1
	}
	wrap := int64(76)
	if w, ok := o.get("w"); ok {
		if wrap, ok = parseSize(w); !ok {
			return p.say("invalid number '%s'", w)
		}
	}
	return p.inputs(ctx, o.args, func(_ string, r io.Reader) error {
		if o.has("d") {
			dec := base64.NewDecoder(base64.StdEncoding, newlineFilter{bufio.NewReader(r)})
			if _, err := io.Copy(p.Stdout, dec); err != nil {
				p.say("invalid input")
			}
			return nil
		}
		w := &wrapper{w: p.out(), width: wrap}
		enc := base64.NewEncoder(base64.StdEncoding, w)
		_, err := io.Copy(enc, r)
		enc.Close()
		if w.col > 0 && wrap > 0 {
			w.w.WriteByte('\n')
		}
		w.w.Flush()
		return err
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
