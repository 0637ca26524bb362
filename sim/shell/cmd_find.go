package shell

import (
	"context"
	_ "embed"
	"fmt"
	"path"
	"strconv"
	"strings"

	"github.com/layerlab/layerlab/sim/overlay"
)

// A finder walks trees and asks its expression about each name.
type finder struct {
	p        *Process
	ctx      context.Context
	out      output
	words    []string // of the expression, while it is parsed
	last     string   // the word before them
	expr     predicate
	min, max int
	depth    bool // contents before the directory
	follow   bool
	xdev     bool
	acts     bool // an action stands in the expression
	problem  string
	names    *names
	batches  []*batch
	status   int
	quit     bool
	syntax   string // of -regextype
}

// found is one name with what find knows of it.
type found struct {
	name  string
	base  string
	start string // the operand that it was found under
	st    overlay.Stat
	depth int
	prune bool
}

type predicate func(f *found) bool

func cmdFind(ctx context.Context, p *Process) int {
	f := &finder{p: p, ctx: ctx, max: -1, out: p.out()}
	defer f.out.Flush()
	words := p.Args[1:]
	followStarts := false
	for len(words) > 0 && (words[0] == "-L" || words[0] == "-H" || words[0] == "-P" || !p.busybox && strings.HasPrefix(words[0], "-O")) {
		if !strings.HasPrefix(words[0], "-O") {
			f.follow, followStarts = words[0] == "-L", words[0] == "-H"
		}
		words = words[1:]
	}
	var starts []string
	for len(words) > 0 && !strings.HasPrefix(words[0], "-") && words[0] != "(" && words[0] != "!" {
		starts = append(starts, words[0])
		words = words[1:]
	}
	if len(starts) == 0 {
		starts = []string{"."}
	}
	f.words = words
	f.expr = yes
	if len(words) > 0 {
		f.expr = f.list()
		if f.problem == "" && len(f.words) > 0 {
			f.problem = "unexpected " + quoted(f.words[0])
			if !p.busybox && f.words[0] == ")" {
				f.problem = "you have too many ')'"
			}
		}
	}
	if f.problem != "" {
		p.say("%s", f.problem)
		switch {
		case p.busybox && p.standaloneShell():
			p.errf("%s\n\n%s", busyboxBanner, debianUsage)
		case p.busybox:
			p.usage()
		}
		return 1
	}
	if !f.acts {
		test := f.expr
		f.expr = func(at *found) bool {
			if test(at) {
				f.out.printf("%s\n", at.name)
			}
			return true
		}
	}
	for _, name := range starts {
		st, err := f.stat(name)
		if err != nil {
			f.fail(name, err)
			continue
		}
		if to, err := p.stat(name); followStarts && err == nil {
			st = to
		}
		f.visit(&found{name: name, base: path.Base(name), start: name, st: st})
	}
	for _, b := range f.batches {
		b.run()
	}
	return f.status
}

func (f *finder) fail(name string, err error) {
	f.status = 1
	if f.p.busybox {
		f.out.errf("find: %s: %s\n", name, why(err))
		return
	}
	f.out.errf("find: %s: %s\n", quoted(name), why(err))
}

func (f *finder) stat(name string) (overlay.Stat, error) {
	if f.follow {
		if st, err := f.p.stat(name); err == nil {
			return st, nil
		}
	}
	return f.p.lstat(name)
}

func (f *finder) visit(at *found) {
	f.p.k.turn(f.ctx)
	if f.quit {
		return
	}
	if !f.depth && at.depth >= f.min {
		f.expr(at)
	}
	if at.st.IsDir() && !at.prune && (f.max < 0 || at.depth < f.max) && !f.quit {
		f.children(at)
	}
	if f.depth && at.depth >= f.min && !f.quit {
		f.expr(at)
	}
}

func (f *finder) children(at *found) {
	list, err := f.p.readDir(at.name)
	if err != nil {
		if !isNotFound(err) {
			f.fail(at.name, err)
		}
		return
	}
	for _, e := range list {
		name := strings.TrimRight(at.name, "/") + "/" + e.Name
		st := e.Stat
		if f.follow && st.IsSymlink() {
			if to, err := f.p.stat(name); err == nil {
				st = to
			}
		}
		_, _, m := f.p.where(name)
		f.visit(&found{name: name, base: e.Name, start: at.start, st: st, depth: at.depth + 1, prune: f.xdev && m != nil})
	}
}

func (f *finder) next() (string, bool) {
	if len(f.words) == 0 {
		return "", false
	}
	w := f.words[0]
	f.words, f.last = f.words[1:], w
	return w, true
}

// list is expressions with commas between: all are asked, the last one counts.
func (f *finder) list() predicate {
	left := f.or()
	for !f.p.busybox && len(f.words) > 0 && f.words[0] == "," {
		f.next()
		a, b := left, f.or()
		left = func(x *found) bool { a(x); return b(x) }
	}
	return left
}

func (f *finder) or() predicate {
	left := f.and()
	for len(f.words) > 0 && (f.words[0] == "-o" || f.words[0] == "-or") {
		f.next()
		a, b := left, f.and()
		left = func(x *found) bool { return a(x) || b(x) }
	}
	return left
}

func (f *finder) and() predicate {
	left := f.not()
	for len(f.words) > 0 && f.words[0] != "-o" && f.words[0] != "-or" && f.words[0] != ")" && f.words[0] != "," && f.problem == "" {
		if f.words[0] == "-a" || f.words[0] == "-and" {
			f.next()
		}
		a, b := left, f.not()
		left = func(x *found) bool { return a(x) && b(x) }
	}
	return left
}

func (f *finder) not() predicate {
	w, ok := f.next()
	switch {
	case !ok && f.problem != "":
	case !ok:
		f.problem = "expected an expression"
		if f.last != "" && !f.p.busybox {
			f.problem += " after " + quoted(f.last)
		}
	case !f.p.busybox && f.problem == "" && (w == "-a" || w == "-and" || w == "-o" || w == "-or"):
		f.problem = "invalid expression; you have used a binary operator " + quoted(w) + " with nothing before it."
	case w == "!" || w == "-not":
		inner := f.not()
		return func(x *found) bool { return !inner(x) }
	case w == "(":
		if !f.p.busybox && len(f.words) > 0 && f.words[0] == ")" {
			f.problem = "invalid expression; empty parentheses are not allowed."
			return yes
		}
		inner := f.or()
		if w, _ := f.next(); w != ")" && f.problem == "" {
			f.problem = "missing ')'"
			if !f.p.busybox {
				f.problem = "invalid expression; I was expecting to find a ')' somewhere but did not see one."
			}
		}
		return inner
	default:
		return f.primary(w)
	}
	return func(*found) bool { return false }
}

// arg is the argument of the predicate w.
func (f *finder) arg(w string) string {
	a, ok := f.next()
	if !ok && f.problem == "" {
		f.problem = fmt.Sprintf("missing argument to `%s'", w)
		if f.p.busybox {
			f.problem = w + " requires an argument"
		}
	}
	return a
}

// notDebian is what the find of other builds of busybox has and Debian's has not.
var notDebian = map[string]bool{
	"-ls": true, "-delete": true, "-printf": true, "-execdir": true, "-ok": true, "-lname": true, "-wholename": true,
	"-daystart": true, "-true": true, "-false": true, "-readable": true, "-writable": true,
}

// debianUsage is what that find says of a wrong command line.
//
//go:embed usage/find.txt
var debianUsage string

func (f *finder) primary(w string) predicate {
	if f.p.busybox && f.p.standaloneShell() && notDebian[w] {
		f.problem = "unrecognized: " + w
		return yes
	}
	switch w {
	case "-name", "-iname", "-path", "-ipath", "-wholename", "-iwholename", "-regex", "-iregex", "-lname":
		return f.naming(w, f.arg(w))
	case "-regextype":
		f.syntax = f.arg(w)
		return yes
	case "-type", "-xtype":
		return f.kind(w, f.arg(w))
	case "-maxdepth", "-mindepth":
		text := f.arg(w)
		n, err := strconv.Atoi(text)
		if (err != nil || n < 0 && !f.p.busybox) && f.problem == "" {
			f.problem = "invalid number"
			if !f.p.busybox {
				f.problem = "Expected a positive decimal integer argument to " + w + ", but got " + quoted(text)
			}
		}
		if w == "-maxdepth" {
			f.max = n
		} else {
			f.min = n
		}
		return yes
	case "-depth", "-d":
		f.depth = true
		return yes
	case "-xdev", "-mount":
		f.xdev = true
		return yes
	case "-follow":
		f.follow = true
		return yes
	case "-noleaf", "-daystart", "-true":
		return yes
	case "-false":
		return func(*found) bool { return false }
	case "-prune":
		return func(x *found) bool { x.prune = true; return true }
	case "-quit":
		f.acts = true
		return func(*found) bool { f.quit = true; return true }
	case "-print", "-print0", "-printf", "-ls", "-delete", "-exec", "-execdir", "-ok":
		f.acts = true
		return f.action(w)
	}
	return f.property(w)
}

func yes(*found) bool { return true }
