package shell

import (
	"context"
	"errors"
	"io/fs"
	"path"
	"strings"
	"syscall"
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
