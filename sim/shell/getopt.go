package shell

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// opts is a parsed command line.
type opts struct {
	args  []string // the operands
	given []optValue
}

type optValue struct{ name, value string }

// getopt parses the words of p as getopt_long(3) does, options and operands in
// any order. spec lists the short options, a ":" after those that take a value
// and "::" after those that may; long lists long ones as "name=s" or "name:=s",
// s being the short option that it means ("name" alone stands for itself).
// When an option is not known the message is printed and ok is false.
func (p *Process) getopt(spec string, long ...string) (o *opts, ok bool) {
	return p.getoptOf(p.Args, spec, long...)
}

func (p *Process) getoptOf(words []string, spec string, long ...string) (o *opts, ok bool) {
	o = new(opts)
	stopAtOperand := strings.HasPrefix(spec, "+")
	spec = strings.TrimPrefix(spec, "+")
	name := words[0]
	for i := 1; i < len(words); i++ {
		w := words[i]
		switch {
		case w == "--":
			o.args = append(o.args, words[i+1:]...)
			return o, true
		case strings.HasPrefix(w, "--"):
			used, err := o.long(w[2:], words[i+1:], long)
			if err != "" {
				p.badOption(name, err)
				return nil, false
			}
			i += used
		case len(w) > 1 && w[0] == '-':
			used, err := o.short(w[1:], words[i+1:], spec)
			if err != "" {
				p.badOption(name, err)
				return nil, false
			}
			i += used
		case stopAtOperand:
			o.args = append(o.args, words[i:]...)
			return o, true
		default:
			o.args = append(o.args, w)
		}
	}
	return o, true
}

func (o *opts) short(w string, rest []string, spec string) (used int, problem string) {
	for len(w) > 0 {
		c := w[0]
		w = w[1:]
		i := strings.IndexByte(spec, c)
		if i < 0 || c == ':' {
			return 0, fmt.Sprintf("invalid option -- '%c'", c)
		}
		if !strings.HasPrefix(spec[i+1:], ":") {
			o.given = append(o.given, optValue{string(c), ""})
			continue
		}
		if w == "" && !strings.HasPrefix(spec[i+1:], "::") {
			if len(rest) == 0 {
				return 0, fmt.Sprintf("option requires an argument -- '%c'", c)
			}
			w, used = rest[0], 1
		}
		o.given = append(o.given, optValue{string(c), w})
		return used, ""
	}
	return 0, ""
}

func (o *opts) long(w string, rest []string, long []string) (used int, problem string) {
	name, value, hasValue := strings.Cut(w, "=")
	var found []string
	for _, l := range long {
		full, _, _ := strings.Cut(l, "=")
		full = strings.TrimSuffix(full, ":")
		if full == name {
			found = []string{l}
			break
		}
		if strings.HasPrefix(full, name) {
			found = append(found, l)
		}
	}
	if len(found) == 0 {
		return 0, fmt.Sprintf("unrecognized option '--%s'", w)
	}
	full, short, ok := strings.Cut(found[0], "=")
	takes := strings.HasSuffix(full, ":")
	if !ok {
		short = strings.TrimSuffix(full, ":")
	}
	if takes && !hasValue {
		if len(rest) == 0 {
			return 0, fmt.Sprintf("option '--%s' requires an argument", strings.TrimSuffix(full, ":"))
		}
		value, used = rest[0], 1
	}
	o.given = append(o.given, optValue{short, value})
	return used, ""
}

func (p *Process) badOption(name, problem string) {
	p.errf("%s: %s\n", name, problem)
	p.usage()
}

// busyboxBanner is the first line of what Debian's busybox says of itself.
const busyboxBanner = "BusyBox v1.35.0 (Debian 1:1.35.0-4+deb12u1+b1) multi-call binary."

// usage is what a command prints after the message about a wrong command line.
func (p *Process) usage() int {
	name := baseName(p.Args[0])
	if p.busybox {
		p.errf("%s\n\nUsage: %s [OPTIONS] [ARGS]\n", busyboxBanner, name)
	} else if name == "tar" {
		p.errf("Try 'tar --help' or 'tar --usage' for more information.\n")
	} else if what, ok := shadowUsage[name]; ok {
		p.errf("Usage: %s [options]%s\n", name, what)
	} else {
		p.errf("Try '%s --help' for more information.\n", name)
	}
	return 1
}

// shadowUsage is the operands of the programs of Debian's package passwd, which
// begin their usage with them.
var shadowUsage = map[string]string{
	"useradd": " LOGIN", "userdel": " LOGIN", "usermod": " LOGIN", "groupadd": " GROUP", "groupdel": " GROUP", "groupmod": " GROUP",
	"passwd": " [LOGIN]", "chpasswd": "", "chsh": " [LOGIN]", "chage": " LOGIN", "gpasswd": " GROUP",
}

// missing says that operands are missing, as the flavour does.
func (p *Process) missing(what string) int {
	if !p.busybox {
		if what == "" {
			what = "missing operand"
		}
		p.errf("%s: %s\n", p.Args[0], what)
	}
	return p.usage()
}

// has reports whether any of the options was given.
func (o *opts) has(names ...string) bool {
	return slices.ContainsFunc(o.given, func(v optValue) bool { return slices.Contains(names, v.name) })
}

// get is the last value given for an option.
func (o *opts) get(name string) (string, bool) {
	for i := len(o.given) - 1; i >= 0; i-- {
		if o.given[i].name == name {
			return o.given[i].value, true
		}
	}
	return "", false
}

// all is the values given for an option, in order.
func (o *opts) all(name string) []string {
	var out []string
	for _, v := range o.given {
		if v.name == name {
			out = append(out, v.value)
		}
	}
	return out
}

// last is which of the options was given last, "" for none.
func (o *opts) last(names ...string) string {
	for i := len(o.given) - 1; i >= 0; i-- {
		if slices.Contains(names, o.given[i].name) {
			return o.given[i].name
		}
	}
	return ""
}

// say prints "NAME: text" to the standard error and returns the status 1.
func (p *Process) say(format string, args ...any) int {
	p.errf("%s: %s\n", p.Args[0], fmt.Sprintf(format, args...))
	return 1
}

// cannotOpen says that a file could not be opened for reading, in the words that
// the command of the flavour has for it.
func (p *Process) cannotOpen(name string, err error) int {
	cmd := baseName(p.Args[0])
	if p.busybox {
		switch cmd {
		case "cat", "tail", "uniq", "tac", "nl", "rev", "sha256sum", "sha1sum", "sha512sum", "md5sum", "dd", "tar", "cut", "paste", "fold", "cksum":
			return p.say("can't open '%s': %s", name, why(err))
		}
		return p.say("%s: %s", name, why(err))
	}
	switch cmd {
	case "head", "tail":
		return p.say("cannot open %s for reading: %s", quoted(name), why(err))
	case "sort":
		return p.say("cannot read: %s: %s", name, why(err))
	case "sed":
		return p.say("can't read %s: %s", name, why(err))
	}
	return p.say("%s: %s", name, why(err))
}

// quoted is a name in the quotes of GNU's messages: ‘x’ would need a locale, in
// the C locale of containers it is 'x'.
func quoted(name string) string { return "'" + name + "'" }

// quotedControls is quoted with the control characters shown, as in 'bash\r'.
func quotedControls(name string) string {
	return "'" + strings.NewReplacer("\r", `\r`, "\n", `\n`, "\t", `\t`).Replace(name) + "'"
}

// parseSize reads a number with an optional multiplier: k, K, M, G, T, KB, KiB,
// b (512), c (1), w (2), x joining factors.
func parseSize(text string) (int64, bool) {
	if a, b, ok := strings.Cut(text, "x"); ok && !strings.HasPrefix(text, "0x") {
		x, ok1 := parseSize(a)
		y, ok2 := parseSize(b)
		return x * y, ok1 && ok2 && (x == 0 || y <= (1<<62)/max(x, 1))
	}
	i := 0
	for i < len(text) && (text[i] >= '0' && text[i] <= '9') {
		i++
	}
	n, err := strconv.ParseInt(text[:i], 10, 64)
	if err != nil {
		return 0, false
	}
	var unit int64
	switch text[i:] {
	case "", "c", "B":
		unit = 1
	case "w":
		unit = 2
	case "b":
		unit = 512
	case "k", "K", "KiB":
		unit = 1 << 10
	case "m", "M", "MiB":
		unit = 1 << 20
	case "g", "G", "GiB":
		unit = 1 << 30
	case "t", "T", "TiB":
		unit = 1 << 40
	case "kB", "KB", "kD":
		unit = 1000
	case "MB", "MD":
		unit = 1000 * 1000
	case "GB", "GD":
		unit = 1000 * 1000 * 1000
	default:
		return 0, false
	}
	if n > (1<<62)/unit {
		return 0, false
	}
	return n * unit, true
}

func parseOctal(text string) (uint32, bool) {
	n, err := strconv.ParseUint(text, 8, 12)
	return uint32(n), err == nil && text != ""
}

// outf prints to the standard output without a buffer.
func (p *Process) outf(format string, args ...any) { fmt.Fprintf(p.Stdout, format, args...) }
