package shell

import (
	"context"
	"path"
	"strings"

	"github.com/layerlab/layerlab/sim/tree"
)

func cmdReadlink(_ context.Context, p *Process) int {
	o, ok := p.getopt("fnvqemsz", "zero=z", "canonicalize=f", "canonicalize-existing=e", "canonicalize-missing=m", "no-newline=n")
	if !ok {
		return 1
	}
	if len(o.args) == 0 {
		return p.missing("")
	}
	status := 0
	for _, name := range o.args {
		var to string
		var err error
		switch {
		case o.has("e"):
			to, err = p.realpath(name)
		case o.has("f", "m"):
			to, err = p.canonical(name, o.has("m"))
		default:
			to, err = p.readlink(name)
		}
		if err != nil {
			status = 1
			if o.has("v") {
				p.say("%s: %s", name, why(err))
			}
			continue
		}
		if o.has("n") {
			p.outf("%s", to)
		} else if o.has("z") {
			p.outf("%s\x00", to)
		} else {
			p.outf("%s\n", to)
		}
	}
	return status
}

// canonical is the path without links of a name whose last part (or with
// missing, any part) need not exist.
func (p *Process) canonical(name string, missing bool) (string, error) {
	to, err := p.realpath(name)
	if err == nil || !isNotFound(err) {
		return to, err
	}
	name = path.Clean(p.abs(name))
	if st, e := p.lstat(name); e == nil && st.IsSymlink() {
		t := st.Target
		if !path.IsAbs(t) {
			t = path.Join(path.Dir(name), t)
		}
		if t != name {
			return p.canonical(t, missing)
		}
	}
	if name == "/" {
		return "/", nil
	}
	dir, err := p.realpath(path.Dir(name))
	if err != nil && missing {
		dir, err = p.canonical(path.Dir(name), true)
	}
	return path.Join(dir, path.Base(name)), err
}

func cmdRealpath(_ context.Context, p *Process) int {
	o, ok := p.getopt("emqsz", "canonicalize-existing=e", "canonicalize-missing=m", "quiet=q", "no-symlinks=s", "relative-to:")
	if !ok {
		return 1
	}
	if len(o.args) == 0 {
		return p.missing("")
	}
	status := 0
	for _, name := range o.args {
		to, err := p.canonical(name, o.has("m"))
		if o.has("e") && err == nil {
			to, err = p.realpath(name)
		}
		if o.has("s") {
			to, err = path.Clean(p.abs(name)), nil
		}
		if err != nil {
			status = 1
			if !o.has("q") {
				p.say("%s: %s", name, why(err))
			}
			continue
		}
		if base, ok := o.get("relative-to"); ok {
			to = relative(path.Clean(p.abs(base)), to)
		}
		p.outf("%s\n", to)
	}
	return status
}

func cmdMktemp(_ context.Context, p *Process) int {
	o, ok := p.getopt("dqtup:", "directory=d", "quiet=q", "dry-run=u", "tmpdir:=p", "suffix:")
	if !ok {
		return 1
	}
	template := "tmp.XXXXXX"
	dir, hasDir := o.get("p")
	if !p.busybox {
		template = "tmp.XXXXXXXXXX"
	}
	if len(o.args) > 0 {
		template = o.args[0]
	}
	if len(o.args) == 0 || o.has("t") || hasDir {
		if !hasDir || dir == "" {
			dir = p.env("TMPDIR")
		}
		if dir == "" {
			dir = "/tmp"
		}
		template = dir + "/" + template
	}
	suffix, _ := o.get("suffix")
	stem := strings.TrimRight(template, "X")
	xs := len(template) - len(stem)
	if xs < 3 || p.busybox && xs < 6 {
		if p.busybox {
			return p.say("(null): Invalid argument")
		}
		return p.say("too few X's in template %s", quoted(template))
	}
	const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
	for range 100 {
		name := stem
		for range xs {
			name += string(letters[p.k.guess()>>33%uint64(len(letters))])
		}
		name += suffix
		if p.exists(name) {
			continue
		}
		var err error
		switch {
		case o.has("u"):
		case o.has("d"):
			err = p.mkdir(name, 0o700)
		default:
			err = p.mknod(name, tree.Regular|0o600, 0, 0)
		}
		if err != nil {
			if p.busybox {
				return p.say("(null): %s", why(err))
			}
			return p.say("failed to create file via template %s: %s", quoted(template), why(err))
		}
		p.outf("%s\n", name)
		return 0
	}
	return 1
}
