package shell

import (
	"bytes"
	"context"
	"errors"
	"io"
	"path"
	"regexp"
	"regexp/syntax"
	"strconv"
	"strings"
	"syscall"

	"github.com/layerlab/layerlab/sim/overlay"
)

type grepper struct {
	p       *Process
	ctx     context.Context
	o       *opts
	out     output
	rx      *posixRx
	names   bool
	max     int
	before  int
	after   int
	matched bool
	failed  bool
	quit    bool
	keep    int   // the group that -o shows, -1 for all that matched
	at      int64 // of the line, in bytes
}

func cmdGrep(ctx context.Context, p *Process) int {
	o, ok := p.getopt("HhnlLoqvscFEiwxrRm:A:B:C:e:f:aIPzUbyT", "count=c", "ignore-case=i", "invert-match=v", "line-number=n", "files-with-matches=l",
		"files-without-match=L", "only-matching=o", "quiet=q", "silent=q", "no-messages=s", "fixed-strings=F", "extended-regexp=E", "word-regexp=w", "line-regexp=x",
		"recursive=r", "max-count:=m", "after-context:=A", "before-context:=B", "context:=C", "regexp:=e", "file:=f", "with-filename=H", "no-filename=h",
		"include:", "exclude:", "exclude-dir:", "color", "colour", "color:", "text=a", "perl-regexp=P", "null-data=z", "byte-offset=b", "basic-regexp=G", "dereference-recursive=R", "null=Z", "binary-files:", "line-buffered")
	if !ok {
		return 2
	}
	g := &grepper{p: p, ctx: ctx, o: o, out: p.out(), max: -1}
	defer g.out.Flush()
	patterns := o.all("e")
	for _, name := range o.all("f") {
		text, err := p.readAll(ctx, name)
		if err != nil {
			p.cannotOpen(name, err)
			return 2
		}
		patterns = append(patterns, strings.Split(strings.TrimSuffix(text, "\n"), "\n")...)
	}
	files := o.args
	if !o.has("e", "f") {
		if len(files) == 0 {
			if p.busybox {
				p.usage()
			} else {
				p.errf("Usage: grep [OPTION]... PATTERNS [FILE]...\nTry 'grep --help' for more information.\n")
			}
			return 2
		}
		patterns, files = strings.Split(files[0], "\n"), files[1:]
	}
	if err := g.compile(patterns); err != nil {
		if p.busybox {
			p.say("bad regex '%s'", strings.Join(patterns, "\n"))
		} else {
			p.say("%v", err)
		}
		return 2
	}
	for option, to := range map[string][]*int{"m": {&g.max}, "A": {&g.after}, "B": {&g.before}, "C": {&g.before, &g.after}} {
		if text, ok := o.get(option); ok {
			n, err := strconv.Atoi(text)
			if err != nil || n < 0 {
				p.say("invalid number '%s'", text)
				return 2
			}
			for _, t := range to {
				*t = n
			}
		}
	}
	g.run(files)
	switch {
	case g.matched && (!g.failed || o.has("q")):
		return 0
	case g.failed:
		return 2
	}
	return 1
}

// compile makes one expression of all patterns.
func (g *grepper) compile(patterns []string) error {
	o := g.o
	base := baseName(g.p.Args[0])
	extended := o.last("F", "E", "P") == "E" || o.has("P") || base == "egrep"
	fixed := o.last("F", "E", "P") == "F" || base == "fgrep" && !o.has("E")
	var parts []string
	groups, refs := 0, false
	for _, pat := range patterns {
		var expr string
		var err error
		switch {
		case fixed:
			expr = regexp.QuoteMeta(pat)
		case o.has("P"):
			expr = perlRegexp(pat)
		default:
			t := &translator{pat: pat, extended: extended, before: groups}
			if expr, err = t.translate(); err != nil {
				return err
			}
			groups, refs = groups+t.groups, refs || t.refs
		}
		if o.has("w") {
			expr = `\b(?:` + expr + `)\b`
		}
		if o.has("x") {
			expr = `^(?:` + expr + `)$`
		}
		parts = append(parts, "(?:"+expr+")")
	}
	flags := ""
	if o.has("i") {
		flags = "(?i)"
	}
	all := flags + strings.Join(parts, "|")
	rx, err := regexp.Compile(all)
	if err != nil {
		return err
	}
	if !o.has("P") {
		rx.Longest()
	}
	g.rx = &posixRx{Regexp: rx}
	if refs {
		if g.rx.refs, err = syntax.Parse(all, syntax.Perl); err != nil {
			return err
		}
	}
	g.keep = rx.SubexpIndex("keep")
	return nil
}

// perlRegexp is a pattern of Perl without what looks around: (?<=a)b and a\Kb
// match ab and keep b, b(?=c) matches bc and keeps b. Only a look behind at the
// start and a look ahead at the end are known.
func perlRegexp(pat string) string {
	before, after := "", ""
	if i := strings.Index(pat, `\K`); i >= 0 {
		before, pat = pat[:i], pat[i+2:]
	} else if strings.HasPrefix(pat, "(?<=") {
		if i := closing(pat); i > 0 {
			before, pat = pat[4:i], pat[i+1:]
		}
	}
	if i := strings.LastIndex(pat, "(?="); i >= 0 && closing(pat[i:]) == len(pat)-i-1 {
		pat, after = pat[:i], pat[i+3:len(pat)-1]
	}
	if before == "" && after == "" {
		return pat
	}
	return "(?:" + before + ")(?P<keep>" + pat + ")(?:" + after + ")"
}

// closing is where the parenthesis at the start of pat closes.
func closing(pat string) int {
	depth := 0
	for i := 0; i < len(pat); i++ {
		switch pat[i] {
		case '\\':
			i++
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return -1
}

func (g *grepper) run(files []string) {
	recursive := g.o.has("r", "R")
	g.names = g.o.last("H", "h") == "H" || (len(files) > 1 || recursive) && g.o.last("H", "h") != "h"
	if len(files) == 0 {
		if !recursive {
			g.file("(standard input)", g.p.in(g.ctx))
			return
		}
		files = []string{"."}
		if g.p.busybox {
			files = []string{"."}
		}
	}
	for _, name := range files {
		if g.quit {
			return
		}
		st, err := g.p.stat(name)
		if err == nil && st.IsDir() && recursive {
			g.p.walk(g.ctx, name, true, func(at string, st overlay.Stat) error {
				if st.IsRegular() && g.wanted(at) {
					if name == "." && len(g.o.args) <= 1 && !g.o.has("e") && !g.p.busybox {
						at = strings.TrimPrefix(at, "./")
					}
					g.open(at)
				}
				return nil
			}, g.fail)
			continue
		}
		g.open(name)
	}
}

func (g *grepper) wanted(name string) bool {
	base := path.Base(name)
	for _, pat := range g.o.all("exclude") {
		if glob(pat, base) {
			return false
		}
	}
	for _, pat := range g.o.all("exclude-dir") {
		for part := range strings.SplitSeq(path.Dir(name), "/") {
			if glob(pat, part) {
				return false
			}
		}
	}
	includes := g.o.all("include")
	for _, pat := range includes {
		if glob(pat, base) {
			return true
		}
	}
	return len(includes) == 0
}

func (g *grepper) fail(name string, err error) {
	g.failed = true
	if !g.o.has("s") {
		g.out.errf("%s: %s: %s\n", g.p.Args[0], name, why(err))
	}
}

func (g *grepper) open(name string) {
	r, err := g.p.readable(g.ctx, name, true)
	if err != nil {
		g.fail(name, err)
		return
	}
	defer r.Close()
	shown := name
	if name == "-" {
		shown = "(standard input)"
	}
	g.file(shown, r)
}

func (g *grepper) file(name string, r io.Reader) {
	o := g.o
	n, count, binary := 0, 0, false
	var held []string // the lines before, for -B
	lastShown, tail := 0, 0
	sep := byte('\n')
	if o.has("z") {
		sep = 0
	}
	next := int64(0)
	err := eachRecord(r, sep, func(line []byte, _ bool) bool {
		n++
		g.at = next
		next += int64(len(line)) + 1
		binary = binary || bytes.IndexByte(line, 0) >= 0
		hit := g.rx.Match(line) != o.has("v")
		if !hit {
			if tail > 0 {
				tail--
				g.show(name, n, '-', line)
				lastShown = n
			} else if g.before > 0 {
				if held = append(held, string(line)); len(held) > g.before {
					held = held[1:]
				}
			}
			return true
		}
		g.matched = true
		count++
		if o.has("q", "l", "L") {
			g.quit = o.has("q")
			return false
		}
		if o.has("c") {
			return g.max < 0 || count < g.max
		}
		if binary && !o.has("a") && !g.p.busybox {
			g.out.printf("%s: binary file matches\n", g.p.Args[0]+": "+name)
			return false
		}
		if (g.before > 0 || g.after > 0) && lastShown > 0 && n-len(held) > lastShown+1 {
			g.out.printf("--\n")
		}
		for i, h := range held {
			g.show(name, n-len(held)+i, '-', []byte(h))
		}
		held = held[:0]
		lastShown, tail = n, g.after
		if !o.has("o") {
			g.show(name, n, ':', line)
		} else if !o.has("v") {
			start := g.at
			for _, m := range g.rx.FindAllSubmatchIndex(line, -1) {
				from, to := m[0], m[1]
				if g.keep > 0 {
					from, to = m[2*g.keep], m[2*g.keep+1]
				}
				if to > from {
					g.at = start + int64(from)
					g.show(name, n, ':', line[from:to])
				}
			}
		}
		return g.max < 0 || count < g.max
	})
	switch {
	case errors.Is(err, syscall.EISDIR) && g.p.busybox:
	case err != nil:
		g.failed = g.failed || !errors.Is(err, syscall.EISDIR)
		if !o.has("s") {
			g.out.errf("%s: %s: %s\n", g.p.Args[0], name, why(err))
		}
	case o.has("c") && !o.has("q", "l", "L"):
		if g.names {
			g.out.printf("%s:", name)
		}
		g.out.printf("%d\n", count)
	case o.has("l") && count > 0, o.has("L") && count == 0:
		g.out.printf("%s\n", name)
	}
}

func (g *grepper) show(name string, n int, sep byte, line []byte) {
	if g.names {
		g.out.printf("%s%c", name, sep)
	}
	if g.o.has("n") {
		g.out.printf("%d%c", n, sep)
	}
	if g.o.has("b") {
		g.out.printf("%d%c", g.at, sep)
	}
	g.out.Write(line)
	if g.o.has("z") {
		g.out.WriteByte(0)
	} else {
		g.out.WriteByte('\n')
	}
}
