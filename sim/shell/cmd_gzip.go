package shell

import (
	"bufio"
	"compress/bzip2"
	"compress/gzip"
	"context"
	"io"
	"os"
	"strconv"
	"strings"
)

func itoa(n int) string     { return strconv.Itoa(n) }
func itoa64(n int64) string { return strconv.FormatInt(n, 10) }

// peeker is a reader whose first bytes can be looked at.
type peeker struct{ *bufio.Reader }

func newPeeker(r io.Reader) peeker { return peeker{bufio.NewReaderSize(r, 32<<10)} }

func (p peeker) peek(n int) []byte {
	b, _ := p.Peek(n)
	return b
}

func cmdGzip(ctx context.Context, p *Process) int {
	o, ok := p.getopt("cdfkntvlqN123456789t", "stdout=c", "to-stdout=c", "decompress=d", "uncompress=d", "force=f", "keep=k", "verbose=v", "best=9", "fast=1", "test=t", "no-name=n")
	if !ok {
		return 1
	}
	g := &zipper{p: p, ctx: ctx, o: o, unpack: o.has("d"), level: gzip.DefaultCompression}
	switch baseName(p.Args[0]) {
	case "zcat":
		g.unpack, g.stdout = true, true
	case "gunzip":
		g.unpack = true
	}
	g.stdout = g.stdout || o.has("c", "t")
	for n := 1; n <= 9; n++ {
		if o.has(strconv.Itoa(n)) {
			g.level = n
		}
	}
	if len(o.args) == 0 {
		o.args = []string{"-"}
	}
	for _, name := range o.args {
		g.file(name)
	}
	return g.status
}

type zipper struct {
	p      *Process
	ctx    context.Context
	o      *opts
	unpack bool
	stdout bool
	level  int
	status int
}

func (g *zipper) say(format string, args ...any) {
	name := g.p.Args[0]
	if !g.p.busybox {
		name = "gzip"
	}
	g.p.errf(name+": "+format+"\n", args...)
	g.status = 1
}

func (g *zipper) file(name string) {
	p := g.p
	if name == "-" {
		if err := g.convert(p.Stdout, p.in(g.ctx), name); err != nil {
			g.problem("stdin", err)
		}
		return
	}
	st, err := p.stat(name)
	if err != nil {
		shown := name
		if g.unpack && !p.busybox && !strings.HasSuffix(name, ".gz") {
			shown += ".gz"
		}
		g.say("%s: %s", shown, why(err))
		return
	}
	if st.IsDir() {
		if p.busybox {
			g.say("can't remove file '%s': Is a directory", name)
		} else {
			g.say("%s is a directory -- ignored", name)
		}
		return
	}
	to := name + ".gz"
	if g.unpack && !g.stdout {
		base, ok := strings.CutSuffix(name, ".gz")
		if tgz, isTgz := strings.CutSuffix(name, ".tgz"); isTgz {
			base, ok = tgz+".tar", true
		}
		if !ok {
			if p.busybox {
				g.say("%s: unknown suffix - ignored", name)
			} else {
				g.say("%s: unknown suffix -- ignored", name)
			}
			return
		}
		to = base
	}
	r, err := p.readable(g.ctx, name, false)
	if err != nil {
		g.say("%s: %s", name, why(err))
		return
	}
	defer r.Close()
	if g.stdout {
		if err := g.convert(p.Stdout, r, name); err != nil {
			g.problem(name, err)
		}
		return
	}
	if p.exists(to) && !g.o.has("f") {
		if p.busybox {
			g.say("can't open '%s': File exists", to)
		} else {
			g.say("%s already exists; not overwritten", to)
		}
		return
	}
	d, err := p.open(g.ctx, to, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, st.Perm())
	if err != nil {
		g.say("%s: %s", to, why(err))
		return
	}
	err = g.convert(d, r, name)
	d.release()
	if err != nil {
		p.unlink(to)
		g.problem(name, err)
		return
	}
	p.chown(to, int(st.UID), int(st.GID), true)
	p.chmod(to, st.Perm())
	p.utimes(to, st.MTime, true)
	if !g.o.has("k") {
		p.unlink(name)
	}
}

func (g *zipper) problem(name string, err error) {
	switch {
	case err == gzip.ErrHeader && g.p.busybox:
		g.say("no gzip/bzip2/xz magic")
	case err == gzip.ErrHeader:
		g.p.errf("\ngzip: %s: not in gzip format\n", name)
		g.status = 1
	case err == io.ErrUnexpectedEOF && g.p.busybox:
		g.say("unexpected end of file")
	case err == io.ErrUnexpectedEOF:
		g.p.errf("\ngzip: %s: unexpected end of file\n", name)
		g.status = 1
	default:
		g.say("%s: %v", name, why(err))
	}
}

func (g *zipper) convert(w io.Writer, r io.Reader, name string) error {
	if g.o.has("t") {
		w = io.Discard
	}
	if g.unpack {
		in := newPeeker(r)
		if head := in.peek(2); len(head) > 0 && string(head) != "\x1f\x8b" {
			return gzip.ErrHeader
		}
		z, err := gzip.NewReader(in)
		if err == io.EOF {
			err = io.ErrUnexpectedEOF
		}
		if err != nil {
			return err
		}
		_, err = io.Copy(struct{ io.Writer }{w}, z)
		return err
	}
	z, err := gzip.NewWriterLevel(w, g.level)
	if err != nil {
		return err
	}
	if _, err := io.Copy(z, r); err != nil {
		return err
	}
	return z.Close()
}

// cmdBzip2 is bunzip2 and bzcat.
func cmdBzip2(ctx context.Context, p *Process) int {
	o, ok := p.getopt("cdfk")
	if !ok {
		return 1
	}
	return p.inputs(ctx, o.args, func(name string, r io.Reader) error {
		var w io.Writer = p.Stdout
		if baseName(p.Args[0]) != "bzcat" && !o.has("c") && name != "-" {
			d, err := p.open(ctx, strings.TrimSuffix(name, ".bz2"), os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o666)
			if err != nil {
				return err
			}
			defer d.release()
			w = d
		}
		_, err := io.Copy(struct{ io.Writer }{w}, bzip2.NewReader(r))
		return err
	})
}
