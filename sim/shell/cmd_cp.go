package shell

import (
	"context"
	"errors"
	"io"
	"os"
	"path"
	"strings"
	"syscall"

	"github.com/layerlab/layerlab/sim/content"
	"github.com/layerlab/layerlab/sim/overlay"
	"github.com/layerlab/layerlab/sim/tree"
)

// A copier copies files and trees, for cp, mv across file systems and install.
type copier struct {
	p         *Process
	ctx       context.Context
	recursive bool
	follow    bool // symbolic links become what they lead to
	mode      bool // keep modes, owners, times
	owner     bool
	times     bool
	force     bool
	update    bool
	keepOld   bool // -n
	verbose   bool
	links     bool // hard links stay hard links
	hard      bool // -l: link instead of copying
	symbolic  bool // -s
	status    int
	seen      map[uint64]string
}

const cpOptions = "aAdfiHlLnpPrRsTuvxt:b"

func cmdCp(ctx context.Context, p *Process) int {
	o, ok := p.getopt(cpOptions, "archive=a", "recursive=r", "force=f", "preserve=p", "no-dereference=P", "dereference=L", "no-clobber=n",
		"target-directory:=t", "no-target-directory=T", "update=u", "verbose=v", "link=l", "symbolic-link=s", "one-file-system=x", "reflink", "sparse:", "parents")
	if !ok {
		return 1
	}
	c := &copier{p: p, ctx: ctx, seen: map[uint64]string{}}
	c.recursive = o.has("a", "r", "R")
	all := o.has("a", "p")
	c.mode, c.owner, c.times = all, all, all
	for _, v := range o.all("p") {
		if v != "" {
			c.mode, c.owner, c.times = strings.Contains(v, "mode") || v == "all", strings.Contains(v, "owner") || v == "all", strings.Contains(v, "times") || v == "all"
		}
	}
	c.follow = o.last("a", "d", "P", "L", "H", "r", "R") == "L" || !c.recursive && !o.has("d", "P")
	c.links = o.has("a", "d")
	c.force, c.update, c.keepOld, c.verbose = o.has("f"), o.has("u"), o.has("n"), o.has("v")
	c.hard, c.symbolic = o.has("l"), o.has("s")
	sources, dest, into, status := p.destination(o)
	if status != 0 {
		return status
	}
	for _, src := range sources {
		to := dest
		if into {
			to = strings.TrimRight(dest, "/") + "/" + path.Base(src)
			if base := path.Base(src); base == ".." || base == "." || base == "/" {
				to = strings.TrimRight(dest, "/") + "/."
			}
			if o.has("parents") {
				to = strings.TrimRight(dest, "/") + "/" + strings.TrimLeft(src, "/")
				if err := p.mkdirAll(path.Dir(to), false); err != nil {
					c.fail(err, "cannot make directory %s", quoted(path.Dir(to)))
				}
			}
		}
		c.copy(src, to)
	}
	return c.status
}

// destination splits the operands of cp, mv and install into sources and where
// they go, and says whether that is a directory to go into.
func (p *Process) destination(o *opts) (sources []string, dest string, into bool, status int) {
	if t, ok := o.get("t"); ok {
		if st, err := p.stat(t); err != nil || !st.IsDir() {
			if err == nil {
				err = syscall.ENOTDIR
			}
			return nil, "", false, p.say("target directory %s: %s", quoted(t), why(err))
		}
		return o.args, t, true, 0
	}
	switch len(o.args) {
	case 0:
		return nil, "", false, p.missing("missing file operand")
	case 1:
		return nil, "", false, p.missing("missing destination file operand after " + quoted(o.args[0]))
	}
	sources, dest = o.args[:len(o.args)-1], o.args[len(o.args)-1]
	st, err := p.stat(dest)
	into = err == nil && st.IsDir() && !o.has("T")
	if len(sources) > 1 && !into {
		if p.busybox {
			return nil, "", false, p.say("can't create '%s': %s", dest+"/"+path.Base(sources[0]), notDirWhy(err))
		}
		return nil, "", false, p.say("target %s: %s", quoted(dest), notDirWhy(err))
	}
	return sources, dest, into, 0
}

func notDirWhy(err error) string {
	if err != nil {
		return why(err)
	}
	return "Not a directory"
}

func (c *copier) fail(err error, format string, args ...any) {
	c.status = 1
	text := ""
	if err != nil {
		text = ": " + why(err)
	}
	c.p.say(format+"%s", append(args, text)...)
}

// say picks the words of the flavour.
func (c *copier) problem(err error, busy, gnu string, name string) {
	if c.p.busybox {
		c.fail(err, busy, name)
		return
	}
	c.fail(err, gnu, name)
}

func (c *copier) copy(src, dst string) {
	c.p.k.turn(c.ctx)
	st, err := c.p.lstat(src)
	if err == nil && (c.follow || strings.HasSuffix(src, "/")) {
		st, err = c.p.stat(src)
	}
	if err != nil {
		c.problem(err, "can't stat '%s'", "cannot stat '%s'", src)
		return
	}
	if st.IsDir() {
		c.dir(src, dst, st)
		return
	}
	old, oldErr := c.p.lstat(dst)
	if oldErr == nil {
		if real, err := c.p.stat(dst); err == nil && real.Path == st.Path && real.Ino == st.Ino && !c.p.isDevice(real) {
			c.problem(nil, "'%s' and '"+dst+"' are the same file", "'%s' and '"+dst+"' are the same file", src)
			return
		}
		if c.keepOld || c.update && !old.MTime.Before(st.MTime) {
			return
		}
		if old.IsDir() {
			if c.p.busybox {
				c.fail(nil, "'%s' is a directory", dst)
			} else {
				c.fail(nil, "cannot overwrite directory '%s' with non-directory", dst)
			}
			return
		}
	}
	if c.links && st.Nlink > 1 {
		if first, ok := c.seen[st.Ino]; ok {
			if oldErr == nil {
				c.p.unlink(dst)
			}
			if err := c.p.link(first, dst); err != nil {
				c.problem(err, "can't create link '%s'", "cannot create hard link '%s'", dst)
			}
			return
		}
		c.seen[st.Ino] = dst
	}
	if c.special(src, dst, st, oldErr == nil) {
		c.said(src, dst)
		return
	}
	if err := c.file(src, dst, st, oldErr == nil); err != nil {
		c.openProblem(err, src, dst)
		return
	}
	c.said(src, dst)
}

func (p *Process) isDevice(st overlay.Stat) bool {
	return st.Type() == tree.CharDevice || st.Type() == tree.BlockDevice
}

func (c *copier) said(src, dst string) {
	if c.verbose {
		c.p.outf("'%s' -> '%s'\n", src, dst)
	}
}

type copyError struct {
	reading bool
	err     error
}

func (e *copyError) Error() string { return e.err.Error() }

func (e *copyError) Unwrap() error { return e.err }

func (c *copier) openProblem(err error, src, dst string) {
	var ce *copyError
	if errors.As(err, &ce) && ce.reading {
		c.problem(err, "can't open '%s'", "cannot open '%s' for reading", src)
		return
	}
	c.problem(err, "can't create '%s'", "cannot create regular file '%s'", dst)
}

// special copies what is not a regular file. It reports whether it has done it.
func (c *copier) special(src, dst string, st overlay.Stat, exists bool) bool {
	var err error
	switch {
	case c.hard:
		err = c.p.link(src, dst)
	case c.symbolic:
		err = c.p.symlink(src, dst)
	case st.IsSymlink():
		if exists {
			c.p.unlink(dst)
		}
		if err = c.p.symlink(st.Target, dst); err == nil && c.owner {
			c.p.chown(dst, int(st.UID), int(st.GID), false)
		}
		if err == nil && c.times && !c.p.busybox {
			c.p.utimes(dst, st.MTime, false)
		}
	case !st.IsRegular() && c.recursive:
		if exists {
			c.p.unlink(dst)
		}
		if err = c.p.mknod(dst, st.Mode, st.Major, st.Minor); err == nil {
			c.keep(dst, st)
		}
	default:
		return false
	}
	if err != nil {
		c.problem(err, "can't create '%s'", "cannot create '%s'", dst)
	}
	return true
}

// file copies one file. A regular file is not read: the copy gets its body.
func (c *copier) file(src, dst string, st overlay.Stat, exists bool) error {
	if err := c.p.access(src, 4); err != nil {
		return &copyError{true, err}
	}
	if exists && c.force {
		if err := c.p.access(dst, 2); err != nil {
			c.p.unlink(dst)
			exists = false
		}
	}
	to, err := c.p.open(c.ctx, dst, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, st.Perm()&0o777)
	if err != nil {
		return err
	}
	defer to.release()
	if st.IsRegular() && to.file != nil {
		body, err := c.p.body(src)
		if err != nil {
			return &copyError{true, err}
		}
		if body.Size() > 0 {
			if c.p.busybox { // which writes what it reads, where GNU cp leaves holes
				body = content.Dense(body)
			}
			if err := c.p.setBody(dst, body, nil); err != nil {
				return err
			}
		}
		c.p.k.spend(min(body.Size(), 4096))
	} else {
		from, err := c.p.readable(c.ctx, src, false)
		if err != nil {
			return &copyError{true, err}
		}
		defer from.Close()
		if _, err := io.Copy(struct{ io.Writer }{to}, from); err != nil {
			return err
		}
	}
	c.keep(dst, st)
	return nil
}

// keep gives dst the owner, mode and times of st, as far as is asked for.
func (c *copier) keep(dst string, st overlay.Stat) {
	if c.owner {
		if err := c.p.chown(dst, int(st.UID), int(st.GID), true); err != nil {
			c.p.chown(dst, -1, int(st.GID), true)
		}
	}
	if c.mode {
		c.p.chmod(dst, st.Perm())
	}
	if c.times {
		at := st.MTime
		if c.p.busybox {
			at.Nsec = 0 // busybox keeps whole seconds
		}
		c.p.utimes(dst, at, true)
	}
}

func (c *copier) dir(src, dst string, st overlay.Stat) {
	if !c.recursive {
		if c.p.busybox {
			c.fail(nil, "omitting directory '%s'", src)
		} else {
			c.fail(nil, "-r not specified; omitting directory '%s'", src)
		}
		return
	}
	a, b := path.Clean(c.p.abs(src)), path.Clean(c.p.abs(dst))
	if b == a || strings.HasPrefix(b, strings.TrimRight(a, "/")+"/") {
		if c.p.busybox {
			c.fail(nil, "recursion detected, omitting directory '%s'", dst)
		} else {
			c.fail(nil, "cannot copy a directory, '%s', into itself, '%s'", src, dst)
		}
		return
	}
	made := false
	if old, err := c.p.stat(dst); err != nil {
		if err := c.p.mkdir(dst, st.Perm()|0o700); err != nil {
			c.problem(err, "can't create directory '%s'", "cannot create directory '%s'", dst)
			return
		}
		made = true
	} else if !old.IsDir() {
		if c.p.busybox {
			c.fail(nil, "target '%s' is not a directory", dst)
		} else {
			c.fail(nil, "cannot overwrite non-directory '%s' with directory '%s'", dst, src)
		}
		return
	}
	c.said(src, dst)
	list, err := c.p.readDir(src)
	if err != nil {
		c.problem(err, "can't open '%s'", "cannot access '%s'", src)
		return
	}
	follow := c.follow
	for _, e := range list {
		c.copy(strings.TrimRight(src, "/")+"/"+e.Name, strings.TrimRight(dst, "/")+"/"+e.Name)
	}
	c.follow = follow
	if made && !c.mode {
		if umask := c.p.FS.Cred().Umask; st.Perm()&0o700 != 0o700 {
			c.p.chmod(dst, st.Perm()&^umask)
		}
	}
	c.keep(dst, st)
}
