package shell

import (
	"bytes"
	"context"
	"io"
	"slices"
	"strings"
)

// oldStyle turns -5 into -n 5, as head, tail and others still take it.
func (p *Process) oldStyle(letter string) {
	if len(p.Args) > 1 && len(p.Args[1]) > 1 && p.Args[1][0] == '-' && p.Args[1][1] >= '0' && p.Args[1][1] <= '9' {
		args := slices.Clone(p.Args)
		args[1] = "-" + letter + args[1][1:]
		p.Args = args
	}
	if letter == "n" && baseName(p.Args[0]) == "tail" && len(p.Args) > 1 && len(p.Args[1]) > 1 && p.Args[1][0] == '+' && isDigit(p.Args[1][1]) && len(p.Args) < 4 {
		args := slices.Clone(p.Args)
		args[1] = "-n" + args[1]
		p.Args = args
	}
}

// howMuch is what the last of -n and -c of head and tail says, ten lines without
// one.
func (o *opts) howMuch() (text string, isBytes bool) {
	text = "10"
	for _, v := range o.given {
		if v.name == "n" || v.name == "c" {
			text, isBytes = v.value, v.name == "c"
		}
	}
	return text, isBytes
}

func cmdHead(ctx context.Context, p *Process) int {
	p.oldStyle("n")
	o, ok := p.getopt("n:c:qvz", "lines:=n", "bytes:=c", "quiet=q", "silent=q", "verbose=v", "zero-terminated=z")
	if !ok {
		return 1
	}
	text, isBytes := o.howMuch()
	fromEnd := strings.HasPrefix(text, "-")
	n, ok := parseSize(strings.TrimLeft(text, "-+"))
	if !ok {
		if p.busybox {
			return p.say("invalid number '%s'", text)
		}
		what := "lines"
		if isBytes {
			what = "bytes"
		}
		return p.say("invalid number of %s: %s", what, quoted(text))
	}
	out := p.out()
	defer out.Flush()
	first := true
	return p.inputs(ctx, o.args, func(name string, r io.Reader) error {
		out.header(name, &first, len(o.args) > 1 && !o.has("q") || o.has("v"))
		defer out.Flush()
		switch {
		case isBytes && !fromEnd:
			_, err := io.CopyN(struct{ io.Writer }{out.Writer}, r, n)
			if err == io.EOF {
				err = nil
			}
			return err
		case isBytes:
			all, err := p.hold(r, maxLines)
			out.Write(all[:max(0, len(all)-int(n))])
			return err
		case fromEnd:
			var held []string
			return eachLine(r, func(line []byte, nl bool) bool {
				held = append(held, string(line))
				if int64(len(held)) > n {
					out.printf("%s\n", held[0])
					held = held[1:]
				}
				return true
			})
		case n == 0:
			return nil
		}
		left := n
		sep := byte('\n')
		if o.has("z") {
			sep = 0
		}
		return eachRecord(r, sep, func(line []byte, nl bool) bool {
			out.Write(line)
			if nl {
				out.WriteByte(sep)
			}
			left--
			return left > 0
		})
	})
}

// header prints the ==> name <== line of head and tail.
func (o output) header(name string, first *bool, show bool) {
	if !show {
		return
	}
	if !*first {
		o.WriteByte('\n')
	}
	*first = false
	if name == "-" {
		name = "standard input"
	}
	o.printf("==> %s <==\n", name)
}

func cmdTail(ctx context.Context, p *Process) int {
	p.oldStyle("n")
	o, ok := p.getopt("n:c:qvfFs:", "lines:=n", "bytes:=c", "quiet=q", "silent=q", "follow=f", "verbose=v", "retry=r", "pid:", "sleep-interval:=s")
	if !ok {
		return 1
	}
	text, isBytes := o.howMuch()
	fromStart := strings.HasPrefix(text, "+")
	n, ok := parseSize(strings.TrimLeft(text, "-+"))
	if !ok {
		what := "lines"
		if isBytes {
			what = "bytes"
		}
		if !p.busybox {
			return p.say("invalid number of %s: %s", what, quoted(text))
		}
		return p.say("invalid number '%s'", text)
	}
	out := p.out()
	defer out.Flush()
	first := true
	status := p.inputs(ctx, o.args, func(name string, r io.Reader) error {
		out.header(name, &first, len(o.args) > 1 && !o.has("q") || o.has("v"))
		first = false
		defer out.Flush()
		return tailOf(r, out, n, isBytes, fromStart)
	})
	if p.busybox && status != 0 && first {
		p.say("no files")
	}
	if o.has("f", "F") && status == 0 {
		out.Flush()
		for p.Sleep != nil { // nothing will come any more, but tail -f stays
			p.sleep(ctx, 1<<40)
		}
	}
	return status
}

func tailOf(r io.Reader, out output, n int64, isBytes, fromStart bool) error {
	switch {
	case fromStart && isBytes:
		if _, err := io.CopyN(io.Discard, r, max(0, n-1)); err != nil {
			return nil
		}
		_, err := io.Copy(struct{ io.Writer }{out.Writer}, r)
		return err
	case fromStart:
		at := int64(0)
		return eachLine(r, func(line []byte, nl bool) bool {
			if at++; at >= n {
				out.Write(line)
				if nl {
					out.WriteByte('\n')
				}
			}
			return true
		})
	case isBytes:
		var last []byte
		buf := make([]byte, 32<<10)
		for {
			k, err := r.Read(buf)
			last = append(last, buf[:k]...)
			if int64(len(last)) > n {
				last = slices.Clone(last[int64(len(last))-n:])
			}
			if err == io.EOF {
				break
			}
			if err != nil {
				return err
			}
		}
		out.Write(last)
		return nil
	}
	var held [][]byte
	err := eachLine(r, func(line []byte, nl bool) bool {
		l := bytes.Clone(line)
		if nl {
			l = append(l, '\n')
		}
		held = append(held, l)
		if int64(len(held)) > n {
			held = held[1:]
		}
		return true
	})
	for _, l := range held {
		out.Write(l)
	}
	return err
}
