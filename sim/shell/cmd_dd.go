package shell

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/layerlab/layerlab/sim/content"
	"github.com/layerlab/layerlab/sim/tree"
)

type ddSpec struct {
	in, out          string
	ibs, obs, count  int64 // count <0: all
	skip, seek       int64
	notrunc, append_ bool
	quiet            string
	conv             map[string]bool
}

func cmdDd(ctx context.Context, p *Process) int {
	d := ddSpec{ibs: 512, obs: 512, count: -1, conv: map[string]bool{}}
	for _, w := range p.Args[1:] {
		key, value, ok := strings.Cut(w, "=")
		if !ok {
			if p.busybox {
				return p.usage()
			}
			p.say("unrecognized operand %s", quoted(w))
			return p.usage()
		}
		if bad := d.set(key, value); bad != "" {
			if p.busybox {
				return p.say("%s", bad)
			}
			p.say("%s", bad)
			return p.usage()
		}
	}
	return d.run(ctx, p)
}

func (d *ddSpec) set(key, value string) (problem string) {
	number := func(to *int64, least int64) string {
		n, ok := parseSize(value)
		if !ok || n < least {
			return fmt.Sprintf("invalid number '%s'", value)
		}
		*to = n
		return ""
	}
	switch key {
	case "if":
		d.in = value
	case "of":
		d.out = value
	case "bs":
		if p := number(&d.ibs, 1); p != "" {
			return p
		}
		d.obs = d.ibs
	case "ibs":
		return number(&d.ibs, 1)
	case "obs", "cbs":
		return number(&d.obs, 1)
	case "count":
		return number(&d.count, 0)
	case "skip", "iseek":
		return number(&d.skip, 0)
	case "seek", "oseek":
		return number(&d.seek, 0)
	case "status":
		d.quiet = value
	case "conv", "oflag", "iflag":
		for c := range strings.SplitSeq(value, ",") {
			d.notrunc = d.notrunc || c == "notrunc"
			d.append_ = d.append_ || c == "append"
			d.conv[c] = true
		}
	default:
		return fmt.Sprintf("unrecognized operand '%s=%s'", key, value)
	}
	return ""
}

func (d *ddSpec) run(ctx context.Context, p *Process) int {
	body, status := d.input(ctx, p)
	if status != 0 {
		return status
	}
	n := body.Size()
	if d.conv["sync"] && n%d.ibs != 0 {
		body = content.Concat(body, content.Zeros(d.ibs-n%d.ibs))
	}
	if d.conv["ucase"] || d.conv["lcase"] {
		b, err := content.ReadAll(body, maxHeld)
		if err != nil {
			return p.say("%v", err)
		}
		text := strings.ToUpper(string(b))
		if d.conv["lcase"] {
			text = strings.ToLower(string(b))
		}
		body = content.String(text)
	}
	if status := d.write(ctx, p, body); status != 0 {
		return status
	}
	if d.quiet == "none" {
		return 0
	}
	records := func(n, bs int64) string {
		part := 0
		if n%bs != 0 {
			part = 1
		}
		return fmt.Sprintf("%d+%d", n/bs, part)
	}
	p.errf("%s records in\n%s records out\n", records(n, d.ibs), records(body.Size(), d.obs))
	if d.quiet == "noxfer" || p.busybox { // Debian's busybox is built without the third line
		return 0
	}
	size := body.Size()
	const seconds = 0.001 // on the virtual clock nothing takes time
	human := ""
	if size >= 1000 {
		human = fmt.Sprintf(" (%s, %s)", siBytes(size), iecBytes(size))
		if size < 1024 {
			human = fmt.Sprintf(" (%s)", siBytes(size))
		}
	}
	p.errf("%d bytes%s copied, %g s, %s/s\n", size, human, seconds, siBytes(size*1000))
	return 0
}

func siBytes(n int64) string {
	return scaledBytes(n, 1000, []string{"kB", "MB", "GB", "TB"})
}

func iecBytes(n int64) string {
	return scaledBytes(n, 1024, []string{"KiB", "MiB", "GiB", "TiB"})
}

func scaledBytes(n int64, base float64, units []string) string {
	if float64(n) < base {
		return fmt.Sprintf("%d B", n)
	}
	x := float64(n)
	unit := ""
	for _, unit = range units {
		if x /= base; x < base {
			break
		}
	}
	if x < 10 {
		return fmt.Sprintf("%.1f %s", x, unit)
	}
	return fmt.Sprintf("%.0f %s", x, unit)
}

// maxEndless is how much dd takes of an input that never ends, maxHeld how much
// of one whose bytes have to be held.
const (
	maxEndless = 1 << 40
	maxHeld    = 256 << 20
)

// input is what dd reads, as a body: a file is not read for it, zeros are a hole.
func (d *ddSpec) input(ctx context.Context, p *Process) (content.Body, int) {
	limit := int64(-1)
	if d.count >= 0 {
		if d.count > maxEndless/d.ibs {
			d.count = maxEndless / d.ibs
		}
		limit = d.count * d.ibs
	}
	var from *desc
	if d.in == "" {
		from = p.fd(0).dup()
	} else {
		if st, err := p.stat(d.in); err == nil && st.IsRegular() {
			body, err := p.body(d.in)
			if err != nil {
				return nil, d.cannot(p, d.in, err)
			}
			skip := min(body.Size(), d.skip*d.ibs)
			n := body.Size() - skip
			if limit >= 0 {
				n = min(n, limit)
			}
			return content.Slice(body, skip, n), 0
		}
		var err error
		if from, err = p.open(ctx, d.in, os.O_RDONLY, 0); err != nil {
			return nil, d.cannot(p, d.in, err)
		}
	}
	defer from.release()
	if from.name == "/dev/zero" {
		if limit < 0 {
			limit = maxEndless // runs into the end of the disk
		}
		return content.Zeros(limit), 0
	}
	var r io.Reader = &reader{p, ctx, from}
	if d.skip > 0 {
		io.CopyN(io.Discard, r, d.skip*d.ibs)
	}
	if limit >= 0 {
		r = io.LimitReader(r, limit)
	}
	b, err := io.ReadAll(io.LimitReader(r, maxHeld+1))
	if err != nil {
		return nil, p.say("%s: %s", orName(d.in, "standard input"), why(err))
	}
	if len(b) > maxHeld {
		return nil, p.say("writing: No space left on device")
	}
	return content.Bytes(b), 0
}

func orName(name, other string) string {
	if name == "" {
		return other
	}
	return name
}

func (d *ddSpec) cannot(p *Process, name string, err error) int {
	if p.busybox {
		return p.say("can't open '%s': %s", name, why(err))
	}
	return p.say("failed to open %s: %s", quoted(name), why(err))
}

func (d *ddSpec) write(ctx context.Context, p *Process, body content.Body) int {
	if d.out == "" {
		return d.stream(ctx, p, p.fd(1), body)
	}
	old := content.Empty
	st, err := p.stat(d.out)
	if err == nil && st.IsRegular() && (d.notrunc || d.append_ || d.seek > 0) {
		if old, err = p.body(d.out); err != nil {
			return d.cannot(p, d.out, err)
		}
	}
	flags := os.O_WRONLY | os.O_CREATE
	if !d.notrunc && d.seek == 0 && !d.append_ {
		flags |= os.O_TRUNC
	}
	to, err := p.open(ctx, d.out, flags, 0o666)
	if err != nil {
		return d.cannot(p, d.out, err)
	}
	defer to.release()
	if to.file == nil {
		return d.stream(ctx, p, to, body)
	}
	at := d.seek * d.obs
	if d.append_ {
		at = old.Size()
	}
	whole := content.Concat(content.Slice(old, 0, min(at, old.Size())), content.Zero(max(0, at-old.Size())), content.Dense(body))
	if end := at + body.Size(); d.notrunc && old.Size() > end {
		whole = content.Concat(whole, content.Slice(old, end, old.Size()-end))
	}
	if whole.Size() == 0 {
		return 0
	}
	if err := p.setBody(d.out, whole, nil); err != nil {
		if p.busybox {
			return p.say("error writing '%s': %s", d.out, why(err))
		}
		return p.say("error writing %s: %s", quoted(d.out), why(err))
	}
	return 0
}

func (d *ddSpec) stream(ctx context.Context, p *Process, to *desc, body content.Body) int {
	if to != nil && to.name == "/dev/null" {
		return 0
	}
	r, err := body.Open()
	if err != nil {
		return p.say("%s", why(err))
	}
	defer r.Close()
	buf := make([]byte, 32<<10)
	for {
		p.k.turn(ctx)
		n, err := r.Read(buf)
		if n > 0 {
			if _, err := to.Write(buf[:n]); err != nil {
				return p.say("error writing '%s': %s", orName(d.out, "standard output"), why(err))
			}
		}
		if err == io.EOF {
			return 0
		}
		if err != nil {
			return p.say("%s", why(err))
		}
	}
}

func cmdTruncate(_ context.Context, p *Process) int {
	o, ok := p.getopt("cs:r:o", "size:=s", "no-create=c", "reference:=r")
	if !ok {
		return 1
	}
	text, has := o.get("s")
	ref, hasRef := o.get("r")
	if !has && !hasRef {
		return p.missing("you must specify either '--size' or '--reference'")
	}
	if len(o.args) == 0 {
		return p.missing("missing file operand")
	}
	if p.busybox && strings.ContainsAny(text[:min(1, len(text))], "+-<>/%") {
		return p.say("invalid number '%s'", text)
	}
	status := 0
	for _, name := range o.args {
		st, err := p.stat(name)
		if err != nil && isNotFound(err) {
			if o.has("c") {
				continue
			}
			err = p.mknod(name, tree.Regular|0o666, 0, 0)
		}
		var size int64
		if hasRef {
			r, e := p.stat(ref)
			if e != nil {
				return p.say("cannot stat %s: %s", quoted(ref), why(e))
			}
			size = r.Size
		} else if size, ok = newSize(text, st.Size); !ok {
			if p.busybox {
				return p.say("invalid number '%s'", text)
			}
			return p.say("Invalid number: %s", quoted(text))
		}
		if err == nil {
			err = p.truncate(name, size)
		}
		if err != nil {
			if p.busybox {
				status = p.say("%s: open: %s", name, why(err))
			} else {
				status = p.say("cannot open %s for writing: %s", quoted(name), why(err))
			}
		}
	}
	return status
}

// newSize reads the SIZE of truncate: +, -, <, >, / and % change the old size.
func newSize(text string, old int64) (int64, bool) {
	if text == "" {
		return 0, false
	}
	op := text[0]
	n, ok := parseSize(strings.TrimLeft(text, "+-<>/%"))
	if !ok {
		return 0, false
	}
	switch op {
	case '+':
		n = old + n
	case '-':
		n = max(0, old-n)
	case '<':
		n = min(old, n)
	case '>':
		n = max(old, n)
	case '/':
		n = old / max(n, 1) * n
	case '%':
		n = (old + n - 1) / max(n, 1) * n
	}
	return n, true
}

func cmdFallocate(_ context.Context, p *Process) int {
	o, ok := p.getopt("l:o:n", "length:=l")
	if !ok {
		return 1
	}
	text, _ := o.get("l")
	size, ok := parseSize(text)
	if !ok || len(o.args) != 1 {
		return p.missing("no length argument specified")
	}
	if err := p.setBody(o.args[0], content.Zeros(size), nil); err != nil {
		return p.say("%s: %s", o.args[0], why(err))
	}
	return 0
}
