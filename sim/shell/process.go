package shell

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

// now is the virtual time.
func (p *Process) now() time.Time {
	if p.Now == nil {
		return time.Unix(0, 0).UTC()
	}
	return p.Now().UTC()
}

// env is the value of an environment variable, "" when it is not set.
func (p *Process) env(name string) string {
	v, _ := lookupEnv(p.Env, name)
	return v
}

func lookupEnv(env []string, name string) (string, bool) {
	for i := len(env) - 1; i >= 0; i-- {
		if v, ok := strings.CutPrefix(env[i], name+"="); ok {
			return v, true
		}
	}
	return "", false
}

func setEnv(env []string, name, value string) []string {
	env = slices.Clone(env)
	for i, kv := range env {
		if strings.HasPrefix(kv, name+"=") {
			env[i] = name + "=" + value
			return env
		}
	}
	return append(env, name+"="+value)
}

// errf prints to the standard error.
func (p *Process) errf(format string, args ...any) {
	fmt.Fprintf(p.Stderr, format, args...)
}

// prepare makes a Process that came from outside ready to run: kernel, mounts,
// descriptors.
func (p *Process) prepare(ctx context.Context) *Process {
	c := *p
	if c.k == nil {
		c.k = newKernel(p.Budget, p.Pause)
		c.k.ctx = ctx
	}
	if c.PID == 0 {
		c.PID = 1
	}
	if c.Dir == "" {
		c.Dir = "/"
	}
	if c.k.mounts == nil {
		c.k.mounts = append(c.systemMounts(c.now()), p.Mounts...)
		if p.ReadOnly {
			c.k.root = &Mounted{Path: "/", View: p.FS, ReadOnly: true, Type: "overlay"}
		}
	}
	if c.fds == nil {
		in, out, errs := c.Stdin, c.Stdout, c.Stderr
		if isEmpty(in) {
			in = eof{}
		}
		if out == nil {
			out = io.Discard
		}
		if errs == nil {
			errs = io.Discard
		}
		c.fds = []*desc{extern(c.k, "stdin", in, nil), extern(c.k, "stdout", nil, out), extern(c.k, "stderr", nil, errs)}
	}
	c.sync()
	return &c
}

// sync makes the streams those of descriptors 0, 1 and 2.
func (p *Process) sync() {
	p.Stdin, p.Stdout, p.Stderr = p.fd(0), p.fd(1), p.fd(2)
}

func (p *Process) fd(n int) *desc {
	if n < 0 || n >= len(p.fds) {
		return nil
	}
	return p.fds[n]
}

// setFd puts d at the number n and lets go of what was there.
func (p *Process) setFd(n int, d *desc) {
	for len(p.fds) <= n {
		p.fds = append(p.fds, nil)
	}
	p.fds[n].release()
	p.fds[n] = d
	if n < 3 {
		p.sync()
	}
}

// clone is p with descriptors of its own, as after fork(2).
func (p *Process) clone() *Process {
	c := *p
	c.fds = slices.Clone(p.fds)
	for _, d := range c.fds {
		d.dup()
	}
	c.sync()
	return &c
}

func (p *Process) closeAll() {
	for i, d := range p.fds {
		d.release()
		p.fds[i] = nil
	}
	p.sync()
}

// child is a process for args that uses the descriptors of p while p waits.
func (p *Process) child(args []string) *Process {
	c := *p
	c.Args = args
	c.PID = p.k.pid()
	c.sync()
	return &c
}

// run runs a command that is known, as the process p.
func (p *Process) run(ctx context.Context, c Command) int {
	p.k.command(ctx)
	return p.k.survive(func() int { return c(ctx, p) })
}

// survive runs f and turns a signal that ends its process into a status. What
// ends the whole run goes on.
func (k *kernel) survive(f func() int) (exit int) {
	defer func() {
		if r := recover(); r != nil {
			end, ok := r.(stop)
			if !ok || end.signal == 0 || end.group != nil {
				panic(r)
			}
			exit = 128 + end.signal
			k.died = end.signal
		}
	}()
	return f()
}

// call finds and runs a program as env, xargs and find do. verb is what the
// message says that it could not do.
func (p *Process) call(ctx context.Context, args []string) int {
	c := p.child(args)
	prog, err := c.find(args[0])
	if err != nil {
		return p.cannotRun(args[0], err)
	}
	return c.runProgram(ctx, prog)
}

func (p *Process) cannotRun(name string, err error) int {
	if l, ok := err.(*lackError); ok {
		p.lacks(l.name)
	}
	status := 126
	text := why(err)
	if isNotFound(err) {
		status, text = 127, "No such file or directory"
	}
	if isDir(err) {
		text = "Permission denied"
	}
	if p.busybox && p.Args[0] == "xargs" {
		p.errf("xargs: %s: %s\n", name, text)
	} else if p.busybox {
		p.errf("%s: can't execute '%s': %s\n", p.Args[0], name, text)
	} else if base := baseName(p.Args[0]); base == "find" || base == "env" || base == "nohup" || base == "timeout" || base == "nice" {
		verb := ""
		if base == "timeout" {
			verb = "failed to run command "
		}
		p.errf("%s: %s%s: %s\n", p.Args[0], verb, quotedControls(name), text)
		if base == "env" && strings.ContainsAny(name, " \t\r\n") {
			p.errf("%s: use -[v]S to pass options in shebang lines\n", p.Args[0])
		}
	} else {
		p.errf("%s: %s: %s\n", p.Args[0], name, text)
	}
	return status
}

func (p *Process) lacks(name string) {
	if p.Lacks != nil {
		p.Lacks(name)
	}
}

// output is a buffered standard output; the command flushes it at its end.
type output struct {
	*bufio.Writer
	p *Process
}

func (p *Process) out() output { return output{bufio.NewWriterSize(p.Stdout, 8192), p} }

// printf prints to the buffer.
func (o output) printf(format string, args ...any) { fmt.Fprintf(o.Writer, format, args...) }

// errf flushes and prints to the standard error, so that the order stays.
func (o output) errf(format string, args ...any) {
	o.Flush()
	o.p.errf(format, args...)
}
