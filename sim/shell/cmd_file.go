package shell

import (
	"context"
	"errors"
	"io/fs"
	"path"
	"strconv"
	"strings"
	"syscall"

	"github.com/layerlab/layerlab/sim/tree"
)

var fileCommands map[string]Command

func init() {
	fileCommands = map[string]Command{
		"ls": cmdLs, "mkdir": cmdMkdir, "rmdir": cmdRmdir, "rm": cmdRm, "unlink": cmdUnlink, "cp": cmdCp, "mv": cmdMv, "ln": cmdLn, "link": cmdLink,
		"chmod": cmdChmod, "chown": cmdChown, "chgrp": cmdChgrp, "touch": cmdTouch, "install": cmdInstall, "stat": cmdStat,
		"du": cmdDu, "df": cmdDf, "find": cmdFind, "dd": cmdDd, "truncate": cmdTruncate, "fallocate": cmdFallocate,
		"readlink": cmdReadlink, "realpath": cmdRealpath, "mktemp": cmdMktemp, "mknod": cmdMknod, "mkfifo": cmdMkfifo,
		"tar": cmdTar, "gzip": cmdGzip, "gunzip": cmdGzip, "zcat": cmdGzip, "bzcat": cmdBzip2, "bunzip2": cmdBzip2, "basename": cmdBasename, "dirname": cmdDirname, "shred": cmdTouch, "sync": cmdTrue, "fsync": cmdTrue,
	}
}

func cmdTrue(context.Context, *Process) int { return 0 }

func cmdMkdir(ctx context.Context, p *Process) int {
	o, ok := p.getopt("pm:v", "parents=p", "mode:=m", "verbose=v")
	if !ok {
		return 1
	}
	if len(o.args) == 0 {
		return p.missing("")
	}
	mode := uint32(0o777)
	text, hasMode := o.get("m")
	if hasMode {
		var ok bool
		if mode, ok = p.parseMode(text, 0o777, true); !ok {
			return p.say("invalid mode %s", quoted(text))
		}
	}
	status := 0
	for _, name := range o.args {
		p.k.turn(ctx)
		var err error
		if o.has("p") {
			err = p.mkdirAll(name, o.has("v"))
		} else if err = p.mkdir(name, mode); err == nil && o.has("v") {
			p.created(name)
		}
		if err == nil && hasMode {
			err = p.chmod(name, mode)
		}
		if err != nil {
			status = 1
			bad := name
			var pe *fs.PathError
			if o.has("p") && errors.As(err, &pe) && pe.Op == "mkdir " {
				bad = pe.Path
			}
			if p.busybox {
				p.say("can't create directory '%s': %s", bad, why(err))
			} else {
				p.say("cannot create directory %s: %s", curly(bad), why(err))
			}
		}
	}
	return status
}

func (p *Process) created(name string) {
	if p.busybox {
		p.outf("created directory: '%s'\n", name)
		return
	}
	p.outf("mkdir: created directory %s\n", quoted(name))
}

// curly is a name in the quotation marks that GNU's programs use in a UTF-8
// locale; in the C locale, which containers have, they are plain.
func curly(name string) string { return quoted(name) }

// mkdirAll makes a directory and those above it, as mkdir -p does.
func (p *Process) mkdirAll(name string, verbose bool) error {
	parts := strings.Split(strings.TrimRight(name, "/"), "/")
	at := ""
	for i, part := range parts {
		at += part
		if part == "" || part == "." || part == ".." {
			at += "/"
			continue
		}
		st, err := p.stat(at)
		switch {
		case err == nil && st.IsDir():
		case err == nil:
			no := error(syscall.ENOTDIR)
			if i == len(parts)-1 {
				no = syscall.EEXIST
			}
			return &fs.PathError{Op: "mkdir ", Path: at, Err: no}
		default:
			if err := p.mkdir(at, 0o777); err != nil {
				return &fs.PathError{Op: "mkdir ", Path: at, Err: errnoOf(err)}
			}
			if verbose {
				p.created(at)
			}
		}
		at += "/"
	}
	return nil
}

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
	o, ok := p.getopt("rRfivd", "recursive=r", "force=f", "verbose=v", "dir=d", "no-preserve-root", "preserve-root")
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
		case base == "." || base == "..":
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

func cmdLn(_ context.Context, p *Process) int {
	o, ok := p.getopt("sfnvT:rbt:i", "symbolic=s", "force=f", "no-dereference=n", "verbose=v", "relative=r", "no-target-directory=T", "target-directory:=t")
	if strings.Contains(strings.Join(p.Args, " "), "T") {
		o, ok = p.getopt("sfnvTrbt:i", "symbolic=s", "force=f", "no-dereference=n", "verbose=v", "relative=r", "no-target-directory=T", "target-directory:=t")
	}
	if !ok {
		return 1
	}
	if len(o.args) == 0 {
		return p.missing("missing file operand")
	}
	targets, dest := o.args, "."
	if t, ok := o.get("t"); ok {
		dest = t
	} else if len(targets) > 1 {
		targets, dest = targets[:len(targets)-1], targets[len(targets)-1]
	}
	into := false
	if st, err := p.stat(dest); err == nil && st.IsDir() && !o.has("T") {
		into = true
		if l, err := p.lstat(dest); err == nil && l.IsSymlink() && o.has("n") {
			into = false
		}
	}
	status := 0
	for _, target := range targets {
		name := dest
		if into {
			name = path.Join(dest, path.Base(target))
			if dest == "." {
				name = "./" + path.Base(target)
			}
		}
		if err := p.makeLink(target, name, o); err != nil {
			status = 1
			p.linkError(target, name, o.has("s"), err)
		} else if o.has("v") {
			arrow := "=>"
			if o.has("s") || p.busybox {
				arrow = "->"
			}
			p.outf("'%s' %s '%s'\n", name, arrow, target)
		}
	}
	return status
}

func (p *Process) makeLink(target, name string, o *opts) error {
	if o.has("f") && p.exists(name) {
		if a, err := p.lstat(target); err == nil && !o.has("s") {
			if b, err := p.lstat(name); err == nil && a.Ino == b.Ino && a.Layer == b.Layer {
				return nil
			}
		}
		if st, err := p.lstat(name); err == nil && st.IsDir() {
			return pathErr("link", name, syscall.EISDIR)
		}
		if err := p.unlink(name); err != nil {
			return err
		}
	}
	if !o.has("s") {
		return p.link(target, name)
	}
	if o.has("r") {
		target = relative(path.Dir(path.Clean(p.abs(name))), path.Clean(p.abs(target)))
	}
	return p.symlink(target, name)
}

func (p *Process) linkError(target, name string, symbolic bool, err error) {
	switch {
	case p.busybox && !symbolic && isNotFound(err) && !p.exists(target):
		p.say("%s: %s", target, why(err))
	case p.busybox:
		p.say("%s: %s", name, why(err))
	case symbolic:
		p.say("failed to create symbolic link %s: %s", quoted(name), why(err))
	case isNotFound(err) && !p.exists(target):
		p.say("failed to access %s: %s", quoted(target), why(err))
	default:
		p.say("failed to create hard link %s: %s", quoted(name), why(err))
	}
}

// relative is the path to target from the directory dir, both clean.
func relative(dir, target string) string {
	a := strings.Split(strings.Trim(dir, "/"), "/")
	b := strings.Split(strings.Trim(target, "/"), "/")
	if a[0] == "" {
		a = nil
	}
	i := 0
	for i < len(a) && i < len(b) && a[i] == b[i] {
		i++
	}
	parts := append(strings.Split(strings.Repeat("../", len(a)-i), "/"), b[i:]...)
	return path.Join(parts...)
}

func cmdLink(_ context.Context, p *Process) int {
	if len(p.Args) != 3 {
		return p.missing("")
	}
	if err := p.link(p.Args[1], p.Args[2]); err != nil {
		return p.say("cannot create link '%s' to '%s': %s", p.Args[2], p.Args[1], why(err))
	}
	return 0
}

func cmdMknod(_ context.Context, p *Process) int {
	o, ok := p.getopt("m:", "mode:=m")
	if !ok {
		return 1
	}
	if len(o.args) < 2 {
		return p.missing("missing operand")
	}
	mode := uint32(0o666)
	if text, ok := o.get("m"); ok {
		mode, _ = p.parseMode(text, mode, false)
	}
	types := map[string]uint32{"p": tree.FIFO, "c": tree.CharDevice, "u": tree.CharDevice, "b": tree.BlockDevice}
	kind, ok := types[o.args[1]]
	if !ok {
		p.say("invalid device type %s", quoted(o.args[1]))
		return p.usage()
	}
	var major, minor uint64
	if kind != tree.FIFO {
		if len(o.args) != 4 {
			return p.missing("missing operand")
		}
		var e1, e2 error
		major, e1 = strconv.ParseUint(o.args[2], 0, 32)
		minor, e2 = strconv.ParseUint(o.args[3], 0, 32)
		if e1 != nil || e2 != nil {
			return p.say("invalid number '%s'", o.args[2])
		}
	}
	if err := p.mknod(o.args[0], kind|mode, uint32(major), uint32(minor)); err != nil {
		return p.say("%s: %s", o.args[0], why(err))
	}
	return 0
}

func cmdMkfifo(_ context.Context, p *Process) int {
	o, ok := p.getopt("m:", "mode:=m")
	if !ok {
		return 1
	}
	if len(o.args) == 0 {
		return p.missing("")
	}
	mode := uint32(0o666)
	if text, ok := o.get("m"); ok {
		mode, _ = p.parseMode(text, mode, false)
	}
	status := 0
	for _, name := range o.args {
		if err := p.mknod(name, tree.FIFO|mode, 0, 0); err != nil {
			if p.busybox {
				status = p.say("%s: %s", name, why(err))
			} else {
				status = p.say("cannot create fifo %s: %s", quoted(name), why(err))
			}
		}
	}
	return status
}

func cmdBasename(_ context.Context, p *Process) int {
	o, ok := p.getopt("+as:z", "multiple=a", "suffix:=s")
	if !ok {
		return 1
	}
	if len(o.args) == 0 {
		return p.missing("")
	}
	suffix, several := o.get("s")
	names := o.args
	if !several && !o.has("a") {
		if len(names) > 1 {
			suffix = names[1]
		}
		names = names[:1]
	}
	for _, name := range names {
		base := path.Base(name)
		if name == "" {
			base = ""
		}
		if base != suffix {
			base = strings.TrimSuffix(base, suffix)
		}
		p.outf("%s\n", base)
	}
	return 0
}

func cmdDirname(_ context.Context, p *Process) int {
	o, ok := p.getopt("z")
	if !ok {
		return 1
	}
	if len(o.args) == 0 {
		return p.missing("")
	}
	for _, name := range o.args {
		trimmed := strings.TrimRight(name, "/")
		dir := "."
		if i := strings.LastIndexByte(trimmed, '/'); i >= 0 {
			dir = strings.TrimRight(trimmed[:i], "/")
			if dir == "" {
				dir = "/"
			}
		} else if trimmed == "" && name != "" {
			dir = "/"
		}
		p.outf("%s\n", dir)
	}
	return 0
}
