package shell

import (
	"context"
	"errors"
	"path"
	"strings"
	"syscall"
)

func cmdMv(ctx context.Context, p *Process) int {
	o, ok := p.getopt("finTt:vub", "force=f", "no-clobber=n", "target-directory:=t", "no-target-directory=T", "verbose=v", "update=u", "interactive=i")
	if !ok {
		return 1
	}
	sources, dest, into, status := p.destination(o)
	if status != 0 {
		return status
	}
	c := &copier{p: p, ctx: ctx, recursive: true, mode: true, owner: true, times: true, links: true, seen: map[uint64]string{}}
	for _, src := range sources {
		to := dest
		if into {
			to = strings.TrimRight(dest, "/") + "/" + path.Base(src)
		}
		c.move(src, to, o)
	}
	return c.status
}

// move renames src, or copies and deletes it where rename(2) fails with EXDEV:
// on overlayfs it does so for a directory of a lower layer.
func (c *copier) move(src, to string, o *opts) {
	p := c.p
	st, err := p.lstat(src)
	if err != nil {
		if p.busybox {
			c.fail(err, "can't rename '%s'", src)
		} else {
			c.fail(err, "cannot stat '%s'", src)
		}
		return
	}
	if old, err := p.lstat(to); err == nil {
		if o.has("n") || o.has("u") && !old.MTime.Before(st.MTime) {
			return
		}
		if old.Path == st.Path {
			if !p.busybox {
				c.fail(nil, "'%s' and '%s' are the same file", src, to)
			}
			return
		}
		if old.IsDir() && !st.IsDir() {
			if p.busybox {
				c.fail(syscall.EISDIR, "can't rename '%s'", src)
			} else {
				c.fail(nil, "cannot overwrite directory '%s' with non-directory", to)
			}
			return
		}
	}
	err = p.rename(src, to)
	if errors.Is(err, syscall.EXDEV) {
		c.across(src, to)
	} else if err != nil {
		switch {
		case p.busybox:
			c.fail(err, "can't rename '%s'", src)
		case errors.Is(err, syscall.EINVAL):
			c.fail(nil, "cannot move '%s' to a subdirectory of itself, '%s'", src, to)
		case errors.Is(err, syscall.ENOTEMPTY):
			c.fail(err, "cannot move '%s' to '%s'", src, to)
		default:
			c.fail(err, "cannot move '%s' to '%s'", src, to)
		}
		return
	}
	if o.has("v") && c.status == 0 {
		if p.busybox {
			p.outf("'%s' -> '%s'\n", src, to)
		} else {
			p.outf("renamed '%s' -> '%s'\n", src, to)
		}
	}
}

func (c *copier) across(src, to string) {
	p := c.p
	if old, err := p.lstat(to); err == nil {
		if old.IsDir() {
			err = p.rmdir(to)
		} else {
			err = p.unlink(to)
		}
		if err != nil {
			c.problem(err, "can't rename '%s'", "cannot move '%s'", src)
			return
		}
	}
	before := c.status
	c.status = 0
	c.copy(src, to)
	if c.status == 0 {
		r := remover{p: p, ctx: c.ctx, recursive: true, force: true}
		r.remove(src)
		c.status = r.status
	}
	c.status = max(c.status, before)
}

func cmdInstall(ctx context.Context, p *Process) int {
	o, ok := p.getopt("cdDpsm:o:g:t:vTC", "directory=d", "mode:=m", "owner:=o", "group:=g", "target-directory:=t", "preserve-timestamps=p", "verbose=v")
	if !ok {
		return 1
	}
	mode := uint32(0o755)
	if m, ok := o.get("m"); ok {
		if mode, ok = p.parseMode(m, 0, false); !ok {
			return p.say("invalid mode %s", quoted(m))
		}
	}
	uid, gid := -1, -1
	if u, has := o.get("o"); has {
		if uid, ok = p.userID(u); !ok {
			return p.say("invalid user %s", quoted(u))
		}
	}
	if g, has := o.get("g"); has {
		if gid, ok = p.groupID(g); !ok {
			return p.say("invalid group %s", quoted(g))
		}
	}
	finish := func(name string) int {
		if uid >= 0 || gid >= 0 {
			if err := p.chown(name, uid, gid, true); err != nil {
				return p.say("cannot change ownership of %s: %s", quoted(name), why(err))
			}
		}
		if err := p.chmod(name, mode); err != nil {
			return p.say("cannot change permissions of %s: %s", quoted(name), why(err))
		}
		return 0
	}
	status := 0
	if o.has("d") {
		for _, name := range o.args {
			if err := p.mkdirAll(name, false); err != nil {
				status = p.say("cannot create directory %s: %s", quoted(name), why(err))
				continue
			}
			status = max(status, finish(name))
		}
		return status
	}
	if o.has("D") && len(o.args) == 2 {
		p.mkdirAll(path.Dir(o.args[1]), false)
	}
	sources, dest, into, status := p.destination(o)
	if status != 0 {
		return status
	}
	c := &copier{p: p, ctx: ctx, follow: true, times: o.has("p"), force: true, verbose: o.has("v")}
	for _, src := range sources {
		to := dest
		if into {
			to = strings.TrimRight(dest, "/") + "/" + path.Base(src)
		}
		if p.exists(to) {
			p.unlink(to)
		}
		before := c.status
		c.status = 0
		c.copy(src, to)
		if c.status == 0 {
			c.status = max(before, finish(to))
		}
	}
	return c.status
}
