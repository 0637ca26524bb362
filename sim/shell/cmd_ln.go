package shell

import (
	"context"
	"path"
	"strconv"
	"strings"
	"syscall"

	"github.com/layerlab/layerlab/sim/tree"
)

func cmdLn(_ context.Context, p *Process) int {
	o, ok := p.getopt("sfnvT:rbt:iLPS:", "symbolic=s", "logical=L", "physical=P", "backup=b", "force=f", "no-dereference=n", "verbose=v", "relative=r", "no-target-directory=T", "target-directory:=t")
	if strings.Contains(strings.Join(p.Args, " "), "T") {
		o, ok = p.getopt("sfnvTrbt:iLPS:", "symbolic=s", "logical=L", "physical=P", "backup=b", "force=f", "no-dereference=n", "verbose=v", "relative=r", "no-target-directory=T", "target-directory:=t")
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
	if !into && !p.busybox && !o.has("T") && (len(targets) > 1 || o.has("t")) {
		if st, err := p.stat(dest); err == nil && !st.IsDir() {
			return p.say("target %s: Not a directory", quoted(dest))
		}
		return p.say("target %s: No such file or directory", quoted(dest))
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
	if o.has("b") && p.exists(name) {
		if err := p.rename(name, name+"~"); err != nil {
			return err
		}
	}
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
	case p.isRealDir(target):
		p.say("%s: hard link not allowed for directory", target)
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

func (p *Process) isRealDir(name string) bool {
	st, err := p.lstat(name)
	return err == nil && st.IsDir()
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
