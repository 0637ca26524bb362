package shell

import (
	"context"
	"io"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

var runCommands map[string]Command

func init() {
	runCommands = map[string]Command{
		"env": cmdEnv, "printenv": cmdPrintenv, "xargs": cmdXargs, "which": cmdWhich, "nohup": cmdNohup, "timeout": cmdTimeout, "nice": cmdNohup,
		"time": cmdTime, "kill": cmdKill, "setsid": cmdNohup, "ionice": cmdNohup, "busybox": cmdBusybox, "stdbuf": cmdNohup,
	}
}

func cmdEnv(ctx context.Context, p *Process) int {
	o, ok := p.getopt("+iu:0C:S:v", "split-string:=S", "debug=v", "ignore-environment=i", "unset:=u", "null=0", "chdir:=C")
	if !ok {
		return 125
	}
	c := *p
	c.Env = slices.Clone(p.Env)
	words := o.args
	if text, ok := o.get("S"); ok {
		split, problem := splitQuoted(text)
		if problem != "" {
			p.say("no terminating quote in -S string")
			return 125
		}
		words = append(split, words...)
	}
	if len(words) > 0 && words[0] == "-" {
		words = words[1:]
		c.Env = nil
	}
	if o.has("i") {
		c.Env = nil
	}
	for _, name := range o.all("u") {
		c.Env = slices.DeleteFunc(c.Env, func(kv string) bool { return strings.HasPrefix(kv, name+"=") })
	}
	for len(words) > 0 && strings.Contains(words[0], "=") {
		name, value, _ := strings.Cut(words[0], "=")
		c.Env = setEnv(c.Env, name, value)
		words = words[1:]
	}
	if len(words) > 0 && o.has("0") && !p.busybox {
		p.say("cannot specify --null (-0) with command")
		p.usage()
		return 125
	}
	if dir, ok := o.get("C"); ok {
		c.Dir = logical(p.Dir, dir)
		st, err := p.stat(dir)
		if err == nil && !st.IsDir() {
			err = syscall.ENOTDIR
		}
		if err != nil {
			p.say("cannot change directory to %s: %s", quoted(dir), why(err))
			return 125
		}
	}
	if len(words) == 0 {
		end := "\n"
		if o.has("0") {
			end = "\x00"
		}
		for _, kv := range c.Env {
			p.outf("%s%s", kv, end)
		}
		return 0
	}
	return c.call(ctx, words)
}

func cmdPrintenv(_ context.Context, p *Process) int {
	o, ok := p.getopt("+0", "null=0")
	if !ok {
		return 2
	}
	end := "\n"
	if o.has("0") {
		end = "\x00"
	}
	if len(o.args) == 0 {
		for _, kv := range p.Env {
			p.outf("%s%s", kv, end)
		}
		return 0
	}
	status := 0
	for _, name := range o.args {
		v, ok := lookupEnv(p.Env, name)
		if !ok {
			status = 1
			continue
		}
		p.outf("%s%s", v, end)
	}
	return status
}

func cmdWhich(_ context.Context, p *Process) int {
	o, ok := p.getopt("as")
	if !ok {
		return 1
	}
	status := 0
	if len(o.args) == 0 && !p.busybox {
		return 1
	}
	for _, name := range o.args {
		file := name
		var err error
		if strings.Contains(name, "/") {
			err = p.access(name, 1)
		} else {
			file, err = p.lookPath(name)
		}
		if err != nil {
			if _, known := commands[name]; p.Host && known {
				p.outf("/usr/bin/%s\n", name)
				continue
			}
			status = 1
			continue
		}
		p.outf("%s\n", file)
		if !o.has("a") || strings.Contains(name, "/") {
			continue
		}
		for dir := range strings.SplitSeq(p.env("PATH"), ":") {
			if other := dir + "/" + name; other != file && p.access(other, 1) == nil {
				p.outf("%s\n", other)
			}
		}
	}
	return status
}

// cmdNohup runs the words after the options: nohup, nice and setsid change
// nothing that can be seen here.
func cmdNohup(ctx context.Context, p *Process) int {
	words := p.Args[1:]
	for len(words) > 0 && strings.HasPrefix(words[0], "-") {
		if (words[0] == "-n" || words[0] == "-c") && len(words) > 1 {
			words = words[1:]
		}
		words = words[1:]
	}
	if len(words) == 0 {
		p.missing("missing operand")
		if p.busybox {
			return 1
		}
		return 125
	}
	return p.call(ctx, words)
}

func cmdTime(ctx context.Context, p *Process) int {
	words := p.Args[1:]
	for len(words) > 0 && strings.HasPrefix(words[0], "-") {
		words = words[1:]
	}
	if len(words) == 0 {
		return 0
	}
	start := p.now()
	status := p.call(ctx, words)
	took := p.now().Sub(start)
	p.errf("real\t%dm %.2fs\nuser\t0m 0.00s\nsys\t0m 0.00s\n", int(took.Minutes()), (took % time.Minute).Seconds())
	return status
}

// cmdTimeout is timeout: the limit is on the virtual clock, where only sleep
// takes time.
func cmdTimeout(ctx context.Context, p *Process) int {
	o, ok := p.getopt("+s:k:v", "signal:=s", "kill-after:=k", "foreground", "preserve-status")
	if !ok {
		return 125
	}
	if len(o.args) < 2 {
		if p.busybox {
			p.missing("")
			return 125
		}
		p.usage()
		return 125
	}
	seconds, err := strconv.ParseFloat(strings.TrimRight(o.args[0], "smhd"), 64)
	if err != nil {
		p.say("invalid time interval %s", quoted(o.args[0]))
		p.usage()
		return 125
	}
	unit := map[byte]float64{'m': 60, 'h': 3600, 'd': 86400}[o.args[0][len(o.args[0])-1]]
	if unit > 0 {
		seconds *= unit
	}
	limit := time.Duration(min(seconds*float64(time.Second), 1<<60))
	c := *p
	group := &c
	inner := p.Sleep
	var slept time.Duration
	c.Sleep = func(ctx context.Context, d time.Duration) error {
		left := limit - slept
		if d <= left || limit == 0 {
			slept += d
			if inner == nil {
				return nil
			}
			return inner(ctx, d)
		}
		if inner != nil {
			if err := inner(ctx, left); err != nil {
				return err
			}
		}
		panic(stop{signal: 15, group: group})
	}
	status, over := p.k.inGroup(group, func() int { return c.call(ctx, o.args[1:]) })
	switch {
	case p.busybox && over: // it is the command itself that ends, timeout being its parent no more
		p.k.died = status - 128
		return status
	case !over:
		return status
	case o.has("v"):
		p.errf("%s: sending signal TERM to command %s\n", p.Args[0], quoted(o.args[1]))
	}
	if o.has("preserve-status") {
		return status
	}
	return 124
}

// inGroup runs f until a signal for the whole group ends it; over says that one did.
func (k *kernel) inGroup(group *Process, f func() int) (status int, over bool) {
	defer func() {
		if r := recover(); r != nil {
			end, ok := r.(stop)
			if !ok || end.group != group {
				panic(r)
			}
			status, over = 128+end.signal, true
		}
	}()
	status = k.survive(f)
	return status, status == 143
}

func cmdKill(_ context.Context, p *Process) int {
	if len(p.Args) < 2 {
		return p.missing("not enough arguments")
	}
	pid := p.Args[len(p.Args)-1]
	return p.say("can't kill pid %s: No such process", pid)
}

func cmdXargs(ctx context.Context, p *Process) int {
	o, ok := p.getopt("+0rn:I:L:d:P:ti::s:xE:a:oe::", "null=0", "no-run-if-empty=r", "max-args:=n", "replace:=I", "delimiter:=d", "max-procs:=P", "verbose=t", "max-lines:=L", "arg-file:=a", "exit=x", "eof:=E", "max-chars:=s", "open-tty=o")
	if !ok {
		return 1
	}
	words := o.args
	if len(words) == 0 {
		words = []string{"echo"}
	}
	var in io.Reader = p.in(ctx)
	if name, ok := o.get("a"); ok {
		f, err := p.readable(ctx, name, false)
		if err != nil {
			return p.cannotOpen(name, err)
		}
		defer f.Close()
		in = f
	}
	text, err := p.hold(in, maxScript)
	if err != nil {
		return p.say("%s", why(err))
	}
	repl, replacing := o.get("I")
	if text, ok := o.get("i"); ok {
		repl, replacing = orName(text, "{}"), true
	}
	var items []string
	d, delimited := o.get("d")
	switch {
	case o.has("0"):
		items = splitItems(string(text), "\x00")
	case delimited:
		d, _ = unescape(d, false)
		if p.busybox {
			text = []byte(strings.TrimSuffix(string(text), "\n"))
		}
		items = splitItems(string(text), d)
	case replacing || o.has("L"):
		for _, line := range splitItems(string(text), "\n") {
			if line = strings.TrimLeft(line, " \t"); line != "" {
				items = append(items, line)
			}
		}
	default:
		var problem string
		if items, problem = splitQuoted(string(text)); problem != "" {
			if !p.busybox && strings.HasPrefix(problem, "unmatched") {
				problem += "; by default quotes are special to xargs unless you use the -0 option"
			}
			return p.say("%s", problem)
		}
		if end, ok := o.get("E"); ok && end != "" {
			if i := slices.Index(items, end); i >= 0 {
				items = items[:i]
			}
		}
	}
	x := xargs{p: p, ctx: ctx, words: words, trace: o.has("t")}
	if replacing {
		for _, item := range items {
			args := make([]string, len(words))
			for i, w := range words {
				args[i] = strings.ReplaceAll(w, repl, item)
			}
			x.run(args)
		}
		return x.status
	}
	if len(items) == 0 {
		if !o.has("r") && !p.busybox || !o.has("r") && p.busybox {
			x.run(words)
		}
		return x.status
	}
	n := 2000
	for _, name := range []string{"n", "L"} {
		if text, ok := o.get(name); ok {
			if n, err = strconv.Atoi(text); err != nil || n < 1 {
				return p.say("invalid number '%s'", text)
			}
		}
	}
	for len(items) > 0 && !x.over {
		k := min(n, len(items))
		group := items[:k]
		if o.has("L") {
			group = strings.Fields(strings.Join(group, " "))
		}
		x.run(append(slices.Clone(words), group...))
		items = items[k:]
	}
	return x.status
}

type xargs struct {
	p      *Process
	ctx    context.Context
	words  []string
	trace  bool
	status int
	over   bool
}

func (x *xargs) run(args []string) {
	if x.over {
		return
	}
	if x.trace {
		x.p.errf("%s\n", strings.Join(args, " "))
	}
	c := *x.p
	c.fds = slices.Clone(x.p.fds)
	c.fds[0] = reading("/dev/null", "")
	c.sync()
	switch status := c.call(x.ctx, args); {
	case status == 0:
	case status == 126 || status == 127:
		x.status, x.over = status, true
	case status == 255:
		x.p.say("%s: exited with status 255; aborting", args[0])
		x.status, x.over = 124, true
	default:
		x.status = 123
	}
}

func splitItems(text, sep string) []string {
	if text == "" {
		return nil
	}
	return strings.Split(strings.TrimSuffix(text, sep), sep)
}

// splitQuoted splits at blanks; quotes and backslashes keep blanks together.
func splitQuoted(text string) (items []string, problem string) {
	var b strings.Builder
	inWord := false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; c {
		case ' ', '\t', '\n':
			if inWord {
				items = append(items, b.String())
				b.Reset()
				inWord = false
			}
		case '\'', '"':
			j := strings.IndexByte(text[i+1:], c)
			if j < 0 || strings.Contains(text[i+1:i+1+j], "\n") {
				kind := "single"
				if c == '"' {
					kind = "double"
				}
				return nil, "unmatched " + kind + " quote"
			}
			b.WriteString(text[i+1 : i+1+j])
			i += j + 1
			inWord = true
		case '\\':
			if i+1 < len(text) {
				i++
				b.WriteByte(text[i])
			}
			inWord = true
		default:
			b.WriteByte(c)
			inWord = true
		}
	}
	if inWord {
		items = append(items, b.String())
	}
	return items, ""
}
