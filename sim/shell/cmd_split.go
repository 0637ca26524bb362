package shell

import (
	"context"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
)

// splitter writes pieces of its input into files with counted names.
type splitter struct {
	p       *Process
	ctx     context.Context
	prefix  string
	suffix  string
	width   int
	numeric bool
	n       int
	d       *desc
	failed  bool
}

func (s *splitter) name() string {
	if s.numeric {
		return fmt.Sprintf("%s%0*d%s", s.prefix, s.width, s.n, s.suffix)
	}
	letters := make([]byte, s.width)
	n := s.n
	for i := s.width - 1; i >= 0; i-- {
		letters[i] = 'a' + byte(n%26)
		n /= 26
	}
	return s.prefix + string(letters) + s.suffix
}

func (s *splitter) limit() int {
	base, n := 26, 1
	if s.numeric {
		base = 10
	}
	for range min(s.width, 6) {
		n *= base
	}
	return n
}

// next ends the file and begins another.
func (s *splitter) next() bool {
	s.end()
	if s.n >= s.limit() {
		if s.p.busybox {
			s.p.say("suffixes exhausted")
		} else {
			s.p.say("output file suffixes exhausted")
		}
		s.failed = true
		return false
	}
	d, err := s.p.open(s.ctx, s.name(), os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o666)
	if err != nil {
		s.p.say("%s: %s", s.name(), why(err))
		s.failed = true
		return false
	}
	s.n++
	s.d = d
	return true
}

func (s *splitter) end() {
	if s.d != nil {
		s.d.release()
		s.d = nil
	}
}

// cmdSplit is split: by lines (-l), bytes (-b) or into a number of files (-n).
func cmdSplit(ctx context.Context, p *Process) int {
	o, ok := p.getopt("l:b:C:n:a:dx", "lines:=l", "bytes:=b", "line-bytes:=C", "number:=n", "suffix-length:=a", "numeric-suffixes=d", "additional-suffix:=S", "verbose=v")
	if !ok {
		return 1
	}
	s := &splitter{p: p, ctx: ctx, prefix: "x", width: 2, numeric: o.has("d")}
	if len(o.args) > 1 {
		s.prefix = o.args[1]
	}
	s.suffix, _ = o.get("S")
	if text, ok := o.get("a"); ok {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > 64 {
			return p.say("invalid suffix length: %s", quoted(text))
		}
		s.width = n
	}
	name := "-"
	if len(o.args) > 0 {
		name = o.args[0]
	}
	r, err := p.readable(ctx, name, true)
	if err != nil {
		if p.busybox {
			return p.cannotOpen(name, err)
		}
		return p.say("cannot open %s for reading: %s", quoted(name), why(err))
	}
	defer r.Close()
	defer s.end()
	if text, ok := o.get("n"); ok {
		return s.parts(text, r)
	}
	if text, ok := o.get("b"); ok {
		size, ok := parseSize(text)
		if !ok || size < 1 {
			return p.say("invalid number of bytes: %s", quoted(text))
		}
		return s.bytes(r, size)
	}
	count := 1000
	if text, ok := o.get("l"); ok {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 {
			if p.busybox {
				return p.say("invalid number '%s'", text)
			}
			return p.say("invalid number of lines: %s", quoted(text))
		}
		count = n
	}
	return s.lines(r, count)
}

func (s *splitter) lines(r io.Reader, count int) int {
	n := 0
	err := eachLine(r, func(line []byte, nl bool) bool {
		if n%count == 0 && !s.next() {
			return false
		}
		n++
		if nl {
			line = append(line, '\n')
		}
		_, err := s.d.Write(line)
		return err == nil
	})
	if err != nil {
		return s.p.say("%s", why(err))
	}
	return boolStatus(!s.failed)
}

func (s *splitter) bytes(r io.Reader, size int64) int {
	br := newPeeker(r)
	for len(br.peek(1)) > 0 {
		if !s.next() {
			return 1
		}
		if _, err := io.Copy(s.d, io.LimitReader(br, size)); err != nil {
			return s.p.say("%s", why(err))
		}
	}
	return 0
}

// parts splits into equal files: N by bytes, l/N by lines.
func (s *splitter) parts(text string, r io.Reader) int {
	byLines := strings.HasPrefix(text, "l/")
	n, err := strconv.Atoi(strings.TrimPrefix(text, "l/"))
	if err != nil || n < 1 {
		return s.p.say("invalid number of chunks: %s", quoted(text))
	}
	all, err := io.ReadAll(io.LimitReader(r, maxScript))
	if err != nil {
		return s.p.say("%s", why(err))
	}
	at := 0
	for i := range n {
		end := len(all) / n * (i + 1)
		if rest := len(all) % n; rest > 0 && !byLines {
			end += min(rest, i+1)
		}
		if i == n-1 {
			end = len(all)
		}
		if byLines {
			for end > 0 && end < len(all) && all[end-1] != '\n' {
				end++
			}
		}
		end = max(end, at)
		if !s.next() {
			return 1
		}
		s.d.Write(all[at:end])
		at = end
	}
	return 0
}
