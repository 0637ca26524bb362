package shell

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"unicode/utf8"
)

var textCommands map[string]Command

func init() {
	textCommands = map[string]Command{
		"cat": cmdCat, "tac": cmdTac, "rev": cmdRev, "nl": cmdNl, "head": cmdHead, "tail": cmdTail, "tee": cmdTee,
		"echo": cmdEcho, "printf": cmdPrintf, "wc": cmdWc, "sort": cmdSort, "uniq": cmdUniq, "cut": cmdCut, "tr": cmdTr,
		"paste": cmdPaste, "fold": cmdFold, "comm": cmdComm, "grep": cmdGrep, "egrep": cmdGrep, "fgrep": cmdGrep, "sed": cmdSed, "awk": cmdAwk, "gawk": cmdAwk, "mawk": cmdAwk,
		"cmp": cmdCmp, "diff": cmdDiff, "od": cmdOd, "hexdump": cmdHexdump, "hd": cmdHexdump, "xxd": cmdXxd, "strings": cmdStrings,
		"sha256sum": cmdSum, "sha1sum": cmdSum, "sha512sum": cmdSum, "md5sum": cmdSum, "base64": cmdBase64, "cksum": cmdCksum,
	}
}

// inputs calls f for each named file, or for the standard input when there is
// none or the name is "-"; a file that does not open is reported and passed.
func (p *Process) inputs(ctx context.Context, names []string, f func(name string, r io.Reader) error) (status int) {
	if len(names) == 0 {
		names = []string{"-"}
	}
	for _, name := range names {
		r, err := p.readable(ctx, name, true)
		if err != nil {
			status = p.cannotOpen(name, err)
			continue
		}
		if err := f(name, r); err != nil {
			status = p.readError(name, err)
		}
		r.Close()
	}
	return status
}

func (p *Process) readError(name string, err error) int {
	if p.busybox {
		if errors.Is(err, syscall.EISDIR) {
			return p.say("read error: %s", why(err))
		}
		return p.say("%s: %s", name, why(err))
	}
	return p.say("%s: %s", name, why(err))
}

func cmdCat(ctx context.Context, p *Process) int {
	o, ok := p.getopt("unbvetAsET", "number=n", "number-nonblank=b", "squeeze-blank=s", "show-all=A", "show-ends=E", "show-tabs=T", "show-nonprinting=v")
	if !ok {
		return 1
	}
	out := p.out()
	defer out.Flush()
	n := 0
	special := o.has("n", "b", "v", "e", "t", "A", "E", "T", "s")
	blank := false
	return p.inputs(ctx, o.args, func(_ string, r io.Reader) error {
		if !special {
			_, err := io.Copy(struct{ io.Writer }{out.Writer}, r)
			return err
		}
		return eachLine(r, func(line []byte, nl bool) bool {
			if o.has("s") && len(line) == 0 {
				if blank {
					return true
				}
				blank = true
			} else {
				blank = false
			}
			if o.has("n") && !o.has("b") || o.has("b") && len(line) > 0 {
				n++
				out.printf("%6d\t", n)
			}
			out.WriteString(visible(line, o.has("v", "e", "t", "A"), o.has("t", "A", "T")))
			if o.has("e", "A", "E") && nl {
				out.WriteByte('$')
			}
			if nl {
				out.WriteByte('\n')
			}
			return true
		})
	})
}

// visible shows control characters as cat -v does.
func visible(line []byte, controls, tabs bool) string {
	if !controls && !tabs {
		return string(line)
	}
	var b strings.Builder
	for _, c := range line {
		switch {
		case c == '\t' && !tabs:
			b.WriteByte(c)
			continue
		case c == '\t':
			b.WriteString("^I")
			continue
		case !controls:
			b.WriteByte(c)
			continue
		}
		if c >= 128 {
			b.WriteString("M-")
			c -= 128
		}
		switch {
		case c < 32:
			b.WriteByte('^')
			b.WriteByte(c + 64)
		case c == 127:
			b.WriteString("^?")
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}

// eachLine calls f with each line without its newline; nl reports that there was
// one. f stops the reading by returning false.
func eachLine(r io.Reader, f func(line []byte, nl bool) bool) error {
	return eachRecord(r, '\n', f)
}

func eachRecord(r io.Reader, sep byte, f func(line []byte, nl bool) bool) error {
	br := bufio.NewReaderSize(r, 32<<10)
	var long []byte
	for {
		part, err := br.ReadSlice(sep)
		if err == bufio.ErrBufferFull {
			if long = append(long, part...); len(long) > maxLine {
				return errors.New("line too long")
			}
			continue
		}
		if len(long) > 0 {
			part = append(long, part...)
			long = long[:0]
		}
		if len(part) > 0 {
			nl := part[len(part)-1] == sep
			if nl {
				part = part[:len(part)-1]
			}
			if !f(part, nl) {
				return nil
			}
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// maxLine is the longest line that is held, and maxLines the most bytes that
// commands such as sort and tac hold at once.
const (
	maxLine  = 64 << 20
	maxLines = 256 << 20
)

// lines reads all lines of the inputs.
func (p *Process) lines(ctx context.Context, names []string, sep byte) (lines []string, status int) {
	total := 0
	status = p.inputs(ctx, names, func(_ string, r io.Reader) error {
		return eachRecord(r, sep, func(line []byte, _ bool) bool {
			if total += len(line) + 16; total > maxLines {
				p.say("input is larger than the %d bytes that are held at once", maxLines)
				return false
			}
			lines = append(lines, string(line))
			return true
		})
	})
	return lines, status
}

func cmdTac(ctx context.Context, p *Process) int {
	o, ok := p.getopt("")
	if !ok {
		return 1
	}
	lines, status := p.lines(ctx, o.args, '\n')
	out := p.out()
	defer out.Flush()
	for _, line := range slices.Backward(lines) {
		out.printf("%s\n", line)
	}
	return status
}

func cmdRev(ctx context.Context, p *Process) int {
	out := p.out()
	defer out.Flush()
	return p.inputs(ctx, p.Args[1:], func(_ string, r io.Reader) error {
		return eachLine(r, func(line []byte, nl bool) bool {
			runes := []rune(string(line))
			slices.Reverse(runes)
			out.WriteString(string(runes))
			if nl {
				out.WriteByte('\n')
			}
			return true
		})
	})
}

func cmdNl(ctx context.Context, p *Process) int {
	o, ok := p.getopt("b:w:s:v:i:n:", "body-numbering:=b", "number-width:=w")
	if !ok {
		return 1
	}
	style, _ := o.get("b")
	width, sep := 6, "\t"
	if w, ok := o.get("w"); ok {
		width, _ = strconv.Atoi(w)
	}
	if s, ok := o.get("s"); ok {
		sep = s
	}
	n := 1
	if v, ok := o.get("v"); ok {
		n, _ = strconv.Atoi(v)
	}
	out := p.out()
	defer out.Flush()
	return p.inputs(ctx, o.args, func(_ string, r io.Reader) error {
		return eachLine(r, func(line []byte, _ bool) bool {
			if len(line) == 0 && style != "a" || style == "n" {
				out.printf("%*s%s\n", width+len(sep), "", line)
				return true
			}
			out.printf("%*d%s%s\n", width, n, sep, line)
			n++
			return true
		})
	})
}

// oldStyle turns -5 into -n 5, as head, tail and others still take it.
func (p *Process) oldStyle(letter string) {
	if len(p.Args) > 1 && len(p.Args[1]) > 1 && p.Args[1][0] == '-' && p.Args[1][1] >= '0' && p.Args[1][1] <= '9' {
		args := slices.Clone(p.Args)
		args[1] = "-" + letter + args[1][1:]
		p.Args = args
	}
}

func cmdHead(ctx context.Context, p *Process) int {
	p.oldStyle("n")
	o, ok := p.getopt("n:c:qv", "lines:=n", "bytes:=c", "quiet=q", "silent=q", "verbose=v")
	if !ok {
		return 1
	}
	text, isBytes := "10", false
	for _, v := range o.given {
		if v.name == "n" || v.name == "c" {
			text, isBytes = v.value, v.name == "c"
		}
	}
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
			all, err := io.ReadAll(io.LimitReader(r, maxLines))
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
		return eachLine(r, func(line []byte, nl bool) bool {
			out.Write(line)
			if nl {
				out.WriteByte('\n')
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
	o, ok := p.getopt("n:c:qvfFs:", "lines:=n", "bytes:=c", "quiet=q", "follow=f", "verbose=v")
	if !ok {
		return 1
	}
	text, isBytes := "10", false
	for _, v := range o.given {
		if v.name == "n" || v.name == "c" {
			text, isBytes = v.value, v.name == "c"
		}
	}
	fromStart := strings.HasPrefix(text, "+")
	n, ok := parseSize(strings.TrimLeft(text, "-+"))
	if !ok {
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

func cmdTee(ctx context.Context, p *Process) int {
	o, ok := p.getopt("ai", "append=a")
	if !ok {
		return 1
	}
	flags := os.O_WRONLY | os.O_CREATE | os.O_TRUNC
	if o.has("a") {
		flags = os.O_WRONLY | os.O_CREATE | os.O_APPEND
	}
	to := []io.Writer{p.Stdout}
	status := 0
	for _, name := range o.args {
		d, err := p.open(ctx, name, flags, 0o666)
		if err != nil {
			status = p.say("%s: %s", name, why(err))
			continue
		}
		defer d.release()
		to = append(to, d)
	}
	if _, err := io.Copy(io.MultiWriter(to...), p.in(ctx)); err != nil {
		status = p.say("%s", why(err))
	}
	return status
}

func cmdWc(ctx context.Context, p *Process) int {
	o, ok := p.getopt("lwcmL", "lines=l", "words=w", "bytes=c", "chars=m", "max-line-length=L")
	if !ok {
		return 1
	}
	show := "lwc"
	if len(o.given) > 0 {
		show = ""
		for _, c := range "lwmcL" {
			if o.has(string(c)) {
				show += string(c)
			}
		}
	}
	var rows [][]int64
	var names []string
	total := make([]int64, 5)
	status := p.inputs(ctx, o.args, func(name string, r io.Reader) error {
		n, err := count(r)
		rows = append(rows, n)
		names = append(names, name)
		for i := range 4 {
			total[i] += n[i]
		}
		total[4] = max(total[4], n[4])
		return err
	})
	if len(o.args) > 1 {
		rows = append(rows, total)
		names = append(names, "total")
	}
	width := 1
	if p.busybox {
		width = 9
		if len(show) == 1 && len(o.args) < 2 {
			width = 1
		}
	} else {
		for _, n := range rows {
			for i, c := range "lwcmL" {
				if strings.ContainsRune(show, c) || len(show) > 1 && i == 2 {
					width = max(width, len(strconv.FormatInt(n[i], 10)))
				}
			}
		}
		if len(show) == 1 && len(rows) == 1 {
			width = 1
		} else if len(o.args) == 0 && p.fd(0) != nil && p.fd(0).file == nil {
			width = 7
		}
	}
	for i, n := range rows {
		line := ""
		for _, c := range show {
			if line != "" {
				line += " "
			}
			v := strconv.FormatInt(n[strings.IndexRune("lwcmL", c)], 10)
			line += strings.Repeat(" ", max(0, width-len(v))) + v
		}
		if len(o.args) > 0 {
			line += " " + names[i]
		}
		p.outf("%s\n", line)
	}
	return status
}

// count is lines, words, bytes, characters and the longest line of r.
func count(r io.Reader) ([]int64, error) {
	n := make([]int64, 5)
	buf := make([]byte, 32<<10)
	inWord := false
	var length int64
	for {
		k, err := r.Read(buf)
		n[2] += int64(k)
		for _, c := range buf[:k] {
			if utf8.RuneStart(c) {
				n[3]++
				length++
			}
			space := c == ' ' || c >= '\t' && c <= '\r'
			if !space && !inWord {
				n[1]++
			}
			inWord = !space
			if c == '\n' {
				n[0]++
				n[4] = max(n[4], length-1)
				length = 0
			}
		}
		if err == io.EOF {
			n[4] = max(n[4], length)
			return n, nil
		}
		if err != nil {
			return n, err
		}
	}
}
