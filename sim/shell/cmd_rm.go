package shell

import (
	"context"
	"errors"
	"path"
	"strings"
	"syscall"
)

func cmdRmdir(_ context.Context, p *Process) int {
	o, ok := p.getopt("pv", "parents=p", "ignore-fail-on-non-empty=i", "verbose=v")
	if !ok {
		return 1
	}
	if len(o.args) == 0 {
		return p.missing("")
	}
	status := 0
	for _, name := range o.args {
		for {
			if o.has("v") {
				p.outf("rmdir: removing directory, '%s'\n", name)
			}
			if err := p.rmdir(name); err != nil {
				if o.has("i") && errors.Is(err, syscall.ENOTEMPTY) {
					break
				}
				status = 1
				if p.busybox {
					p.say("'%s': %s", name, why(err))
				} else {
					p.say("failed to remove %s: %s", quoted(name), why(err))
				}
				break
			}
			if !o.has("p") || path.Dir(name) == "." || path.Dir(name) == "/" {
				break
			}
			name = path.Dir(name)
		}
	}
	return status
}

func cmdUnlink(_ context.Context, p *Process) int {
	if len(p.Args) != 2 {
		return p.missing("")
	}
	if err := p.unlink(p.Args[1]); err != nil {
		if p.busybox {
			return p.say("can't remove file '%s': %s", p.Args[1], why(err))
		}
		return p.say("cannot unlink %s: %s", quoted(p.Args[1]), why(err))
	}
	return 0
}

func cmdRm(ctx context.Context, p *Process) int {
	o, ok := p.getopt("rRfiIvd", "one-file-system", "interactive:=i", "recursive=r", "force=f", "verbose=v", "dir=d", "no-preserve-root", "preserve-root")
	if !ok {
		return 1
	}
	r := remover{p: p, ctx: ctx, recursive: o.has("r", "R"), force: o.last("f", "i") == "f", verbose: o.has("v"), dirs: o.has("d")}
	if len(o.args) == 0 {
		if r.force {
			return 0
		}
		return p.missing("")
	}
	for _, name := range o.args {
		base := path.Base(name)
		switch {
		case name == "" && r.force:
			continue
		case name != "" && (base == "." || base == ".."):
			if p.busybox {
				p.say("can't remove '.' or '..'")
			} else {
				p.say("refusing to remove '.' or '..' directory: skipping %s", quoted(name))
			}
			r.status = 1
			continue
		case path.Clean(p.abs(name)) == "/" && r.recursive && !o.has("no-preserve-root") && !p.busybox:
			p.say("it is dangerous to operate recursively on '/'\nrm: use --no-preserve-root to override this failsafe")
			r.status = 1
			continue
		}
		if p.busybox && len(name) > 1 {
			name = strings.TrimRight(name, "/")
		}
		r.remove(name)
	}
	return r.status
}

type remover struct {
	p                               *Process
	ctx                             context.Context
	recursive, force, verbose, dirs bool
	status                          int
}

func (r *remover) fail(name string, err error) {
	r.status = 1
	if r.p.busybox {
		r.p.say("can't remove '%s': %s", name, why(err))
		return
	}
	r.p.say("cannot remove %s: %s", quoted(name), why(err))
}

// remove takes away name with all below it.
func (r *remover) remove(name string) {
	r.p.k.turn(r.ctx)
	st, err := r.p.lstat(name)
	if err != nil {
		if !r.force || !isNotFound(err) {
			r.fail(name, err)
		}
		return
	}
	if !st.IsDir() {
		r.done(name, "", r.p.unlink(name))
		return
	}
	if !r.recursive {
		if r.dirs {
			r.done(name, "directory: ", r.p.rmdir(name))
			return
		}
		r.status = 1
		if r.p.busybox {
			r.p.say("'%s' is a directory", name)
		} else {
			r.p.say("cannot remove %s: Is a directory", quoted(name))
		}
		return
	}
	list, err := r.p.readDir(name)
	if err != nil {
		r.fail(name, err)
		return
	}
	for _, e := range list {
		r.remove(strings.TrimRight(name, "/") + "/" + e.Name)
	}
	r.done(name, "directory: ", r.p.rmdir(name))
}

func (r *remover) done(name, what string, err error) {
	if err != nil {
		r.fail(name, err)
		return
	}
	if r.verbose {
		if what != "" && !r.p.busybox {
			what = "directory "
		}
		if r.p.busybox {
			what = ""
		}
		r.p.outf("removed %s'%s'\n", what, name)
	}
}
