package shell

import (
	"context"
	"io"
	"slices"
	"strconv"
	"strings"
)

var textCommands map[string]Command

func init() {
	textCommands = map[string]Command{
		"cat": cmdCat, "tac": cmdTac, "rev": cmdRev, "nl": cmdNl, "head": cmdHead, "tail": cmdTail, "tee": cmdTee,
		"echo": cmdEcho, "printf": cmdPrintf, "wc": cmdWc, "sort": cmdSort, "uniq": cmdUniq, "cut": cmdCut, "tr": cmdTr,
		"paste": cmdPaste, "fold": cmdFold, "comm": cmdComm, "grep": cmdGrep, "egrep": cmdGrep, "fgrep": cmdGrep, "sed": cmdSed, "awk": cmdAwk, "gawk": cmdAwk, "mawk": cmdAwk,
		"cmp": cmdCmp, "diff": cmdDiff, "od": cmdOd, "hexdump": cmdHexdump, "hd": cmdHexdump, "xxd": cmdXxd, "strings": cmdStrings,
		"sha256sum": cmdSum, "sha1sum": cmdSum, "sha512sum": cmdSum, "md5sum": cmdSum, "base64": cmdBase64, "base32": cmdBase64, "cksum": cmdCksum,
		"sha224sum": cmdSum, "sha384sum": cmdSum, "sum": cmdSysvSum, "expand": cmdExpand, "unexpand": cmdUnexpand, "split": cmdSplit, "join": cmdJoin,
		"tsort": cmdTsort, "shuf": cmdShuf, "numfmt": cmdNumfmt, "getopt": cmdGetopt, "getconf": cmdGetconf, "envsubst": cmdEnvsubst,
	}
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

// maxLine is the longest line that is held, and maxLines the most bytes that
// commands such as sort and tac hold at once.
const (
	maxLine  = 16 << 20
	maxLines = 64 << 20
)

func cmdTac(ctx context.Context, p *Process) int {
	o, ok := p.getopt("s:br", "separator:=s", "before=b", "regex=r")
	if !ok {
		return 1
	}
	sep := "\n"
	if s, ok := o.get("s"); ok && s != "" {
		sep = s
	}
	out := p.out()
	defer out.Flush()
	return p.inputs(ctx, o.args, func(_ string, r io.Reader) error {
		text, err := p.hold(r, maxLines)
		if err != nil {
			return err
		}
		pieces := strings.SplitAfter(string(text), sep)
		for _, s := range slices.Backward(pieces) {
			out.WriteString(s)
		}
		return nil
	})
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
	o, ok := p.getopt("b:w:s:v:i:n:", "body-numbering:=b", "number-width:=w", "number-separator:=s", "starting-line-number:=v", "line-increment:=i", "number-format:=n")
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
	n, step := 1, 1
	if v, ok := o.get("i"); ok {
		step, _ = strconv.Atoi(v)
	}
	format := "%*d%s%s\n"
	switch f, _ := o.get("n"); f {
	case "rz":
		format = "%0*d%s%s\n"
	case "ln":
		format = "%-*d%s%s\n"
	}
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
			out.printf(format, width, n, sep, line)
			n += step
			return true
		})
	})
}
