package shell

import (
	"context"
	"slices"
	"strings"
)

// cmdGetopt is getopt(1) of util-linux: the options of a script, put in order and
// quoted for the shell.
func cmdGetopt(_ context.Context, p *Process) int {
	o, ok := p.getopt("+o:l:n:qQuTas:", "options:=o", "longoptions:=l", "name:=n", "quiet=q", "quiet-output=Q", "unquoted=u", "test=T", "alternative=a", "shell:=s")
	if !ok {
		return 2
	}
	if o.has("T") {
		return 4
	}
	spec, given := o.get("o")
	words, name, quote := o.args, "getopt", !o.has("u")
	if !given {
		if len(words) == 0 {
			p.say("missing optstring argument")
			p.errf("Try 'getopt --help' for more information.\n")
			return 2
		}
		spec, words = words[0], words[1:]
		if len(o.given) == 0 {
			quote = false
		}
	}
	if n, ok := o.get("n"); ok {
		name = n
	}
	var long []string
	for _, list := range o.all("l") {
		for w := range strings.FieldsFuncSeq(list, func(r rune) bool { return r == ',' || r == ' ' }) {
			long = append(long, w)
		}
	}
	g := &optionScan{p: p, name: name, quiet: o.has("q"), quote: quote}
	g.scan(strings.TrimLeft(spec, "+-"), long, words, strings.HasPrefix(spec, "+") || p.env("POSIXLY_CORRECT") != "")
	if !o.has("Q") {
		p.outf("%s\n", g.line())
	}
	return boolStatus(!g.bad)
}

// optionScan is the state of one pass over the words of a script.
type optionScan struct {
	p           *Process
	name        string
	quiet       bool
	quote       bool
	bad         bool
	found, rest []string
}

func (g *optionScan) quoted(w string) string {
	if !g.quote {
		return w
	}
	return "'" + strings.ReplaceAll(strings.ReplaceAll(w, "'", `'\''`), "!", `'\!'`) + "'"
}

func (g *optionScan) problem(text string) {
	g.bad = true
	if !g.quiet {
		g.p.errf("%s: %s\n", g.name, text)
	}
}

func (g *optionScan) line() string {
	line := ""
	for _, w := range g.found {
		line += " " + w
	}
	line += " --"
	for _, w := range g.rest {
		line += " " + g.quoted(w)
	}
	return line
}

func (g *optionScan) scan(spec string, long, words []string, stop bool) {
	for i := 0; i < len(words); i++ {
		w := words[i]
		switch {
		case w == "--":
			g.rest = append(g.rest, words[i+1:]...)
			return
		case strings.HasPrefix(w, "--"):
			i += g.long(w[2:], words[i+1:], long)
		case len(w) > 1 && w[0] == '-':
			i += g.short(w[1:], words[i+1:], spec)
		case stop:
			g.rest = append(g.rest, words[i:]...)
			return
		default:
			g.rest = append(g.rest, w)
		}
	}
}

func (g *optionScan) long(w string, next, long []string) (used int) {
	name, value, has := strings.Cut(w, "=")
	var found []string
	for _, l := range long {
		bare := strings.TrimRight(l, ":")
		if bare == name {
			found = []string{l}
			break
		}
		if strings.HasPrefix(bare, name) {
			found = append(found, l)
		}
	}
	if len(found) != 1 {
		if len(found) > 1 {
			text := "option '--" + name + "' is ambiguous; possibilities:"
			for _, f := range found {
				text += " '--" + strings.TrimRight(f, ":") + "'"
			}
			g.problem(text)
		} else {
			g.problem("unrecognized option '--" + w + "'")
		}
		return 0
	}
	bare := strings.TrimRight(found[0], ":")
	takes := len(found[0]) - len(bare)
	switch {
	case takes == 0 && has:
		g.problem("option '--" + bare + "' doesn't allow an argument")
	case takes == 0:
		g.found = append(g.found, "--"+bare)
	case takes == 1 && !has:
		if len(next) == 0 {
			g.problem("option '--" + bare + "' requires an argument")
			return 0
		}
		g.found = append(g.found, "--"+bare, g.quoted(next[0]))
		return 1
	default:
		g.found = append(g.found, "--"+bare, g.quoted(value))
	}
	return 0
}

func (g *optionScan) short(w string, next []string, spec string) (used int) {
	for len(w) > 0 {
		c := w[:1]
		w = w[1:]
		i := strings.Index(spec, c)
		if i < 0 || c == ":" {
			g.problem("invalid option -- '" + c + "'")
			continue
		}
		switch after := spec[i+1:]; {
		case strings.HasPrefix(after, "::"):
			g.found = append(g.found, "-"+c, g.quoted(w))
			return 0
		case strings.HasPrefix(after, ":"):
			if w == "" {
				if len(next) == 0 {
					g.problem("option requires an argument -- '" + c + "'")
					return 0
				}
				w, used = next[0], 1
			}
			g.found = append(g.found, "-"+c, g.quoted(w))
			return used
		}
		g.found = append(g.found, "-"+c)
	}
	return 0
}

// confValues is what getconf(1) of glibc answers on amd64.
var confValues = map[string]string{
	"LONG_BIT": "64", "PAGE_SIZE": "4096", "PAGESIZE": "4096", "_NPROCESSORS_ONLN": "2", "_NPROCESSORS_CONF": "2",
	"ARG_MAX": "2097152", "PATH": "/bin:/usr/bin", "GNU_LIBC_VERSION": "glibc 2.36", "NAME_MAX": "255", "PATH_MAX": "4096",
	"CLK_TCK": "100", "OPEN_MAX": "1048576", "CHAR_BIT": "8", "INT_MAX": "2147483647", "HOST_NAME_MAX": "64", "LINE_MAX": "2048",
	"POSIX2_VERSION": "200809", "_POSIX_VERSION": "200809",
}

func cmdGetconf(_ context.Context, p *Process) int {
	if len(p.Args) < 2 {
		p.errf("Usage: getconf [-v specification] variable_name [pathname]\n")
		return 2
	}
	words := slices.Clone(p.Args[1:])
	if words[0] == "-v" && len(words) > 2 {
		words = words[2:]
	}
	v, ok := confValues[words[0]]
	if !ok {
		p.errf("getconf: Unrecognized variable `%s'\n", words[0])
		return 2
	}
	p.outf("%s\n", v)
	return 0
}
