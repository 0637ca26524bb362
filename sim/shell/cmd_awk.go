package shell

import (
	"context"
	"errors"
	"io"
	"os"
	"regexp"
	"strings"

	"github.com/layerlab/layerlab/sim/shell/awk"
)

func cmdAwk(ctx context.Context, p *Process) int {
	o, ok := p.getopt("+F:v:f:e:", "field-separator:=F", "assign:=v", "file:=f")
	if !ok {
		return 1
	}
	source := o.all("e")
	for _, name := range o.all("f") {
		text, err := p.scriptText(ctx, name)
		if err != nil {
			return p.cannotOpen(name, err)
		}
		source = append(source, text)
	}
	args := o.args
	if len(source) == 0 {
		if len(args) == 0 {
			if p.busybox {
				return p.usage()
			}
			p.errf("usage: awk [-F fs][-v var=value][prog | -f progfile][file ...]\n")
			return 2
		}
		source, args = args[:1], args[1:]
	}
	prog, err := awk.Compile(strings.Join(source, "\n"))
	if err != nil {
		return p.awkError(err)
	}
	vars := o.all("v")
	if fs, ok := o.get("F"); ok {
		if fs == "t" && !p.busybox {
			fs = `\t`
		}
		vars = append([]string{"FS=" + fs}, vars...)
	}
	for _, v := range vars {
		if !strings.Contains(v, "=") {
			return p.usage()
		}
	}
	warned := false
	exit, err := prog.Run(awk.Config{
		Args: args, Vars: vars, Environ: p.Env, Stdin: p.in(ctx), Stdout: p.Stdout,
		Open: func(name string) (io.ReadCloser, error) {
			r, err := p.readable(ctx, name, false)
			if err != nil {
				return nil, errors.New(name + ": " + why(err))
			}
			return r, nil
		},
		Create: func(name string, add bool) (io.WriteCloser, error) { return p.create(ctx, name, add) },
		Command: func(line string, in io.Reader, out io.Writer) int {
			return p.system(ctx, line, in, out)
		},
		Regexp:  func(expr string) (*regexp.Regexp, error) { return awkRegexp(expr, false) },
		Fold:    func(expr string) (*regexp.Regexp, error) { return awkRegexp(expr, true) },
		Busybox: p.busybox,
		Turn:    func() { p.k.turn(ctx) },
		Random:  p.k.guess,
		Now:     func() int64 { return p.now().Unix() },
		Warn:    func(text string) { warned = true; p.say("%s", text) },
	})
	if err != nil {
		return p.awkError(err)
	}
	if p.busybox && exit == 2 && warned {
		exit = 1
	}
	return exit
}

func (p *Process) awkError(err error) int {
	var e *awk.Error
	if p.busybox && errors.As(err, &e) {
		text := e.Text
		if strings.HasPrefix(text, "syntax error") {
			text = "Unexpected token"
		}
		switch {
		case text == "division by zero":
			text = "Division by zero"
		case strings.HasSuffix(text, " not defined"):
			text = "Call to undefined function"
		}
		p.errf("awk: cmd. line:%d: %s\n", max(e.Line, 1), text)
		return 1
	}
	p.errf("awk: %v\n", err)
	return 2
}

// create opens a file for writing as an io.WriteCloser.
func (p *Process) create(ctx context.Context, name string, add bool) (io.WriteCloser, error) {
	flags := os.O_WRONLY | os.O_CREATE | os.O_TRUNC
	if add {
		flags = os.O_WRONLY | os.O_CREATE | os.O_APPEND
	}
	d, err := p.open(ctx, name, flags, 0o666)
	if err != nil {
		return nil, errors.New(name + ": " + why(err))
	}
	return releaser{d}, nil
}

type releaser struct{ *desc }

func (r releaser) Close() error { r.release(); return nil }

// system runs a line with sh -c, with other streams.
func (p *Process) system(ctx context.Context, line string, in io.Reader, out io.Writer) int {
	c := p.clone()
	defer c.closeAll()
	if d, ok := in.(*reader); !ok || d.d != p.fd(0) {
		c.setFd(0, extern(p.k, "pipe", in, nil))
	}
	if out != io.Writer(p.fd(1)) {
		c.setFd(1, extern(p.k, "pipe", nil, out))
	}
	return c.call(ctx, []string{"sh", "-c", line})
}

// awkRegexp compiles an expression of awk, which has no back-references.
func awkRegexp(expr string, fold bool) (*regexp.Regexp, error) {
	rx, err := posixRegexp(expr, true, fold)
	if err != nil {
		return nil, err
	}
	return rx.Regexp, nil
}

// scriptText is the program in a file; - is the standard input.
func (p *Process) scriptText(ctx context.Context, name string) (string, error) {
	if name != "-" {
		return p.readAll(ctx, name)
	}
	text, err := p.hold(p.in(ctx), maxScript)
	return string(text), err
}
