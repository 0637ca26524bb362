package shell

import (
	"context"
	"path"
	"strconv"
	"strings"
)

// cmdSu is su and runuser: another user for a shell or a command. Both are of
// util-linux in Debian.
func cmdSu(ctx context.Context, p *Process) int {
	o, ok := p.getopt("+lmpc:s:u:g:G:P", "login=l", "command:=c", "shell:=s", "user:=u", "group:=g", "supp-group:=G", "preserve-environment=m", "pty=P")
	if !ok {
		return 1
	}
	who, login, rest := o.suOperands()
	named, direct := o.get("u") // runuser -u USER COMMAND runs no shell
	if direct {
		who, rest = named, o.args
	}
	u, ok := p.userByName(who)
	if !ok {
		if p.busybox {
			return p.say("unknown user %s", who)
		}
		return p.say("user %s does not exist or the user entry does not contain all the required fields", who)
	}
	cred := p.FS.Cred()
	if cred.UID != 0 && u.uid != int(cred.UID) {
		return p.say("must be suid to work properly")
	}
	if direct && len(rest) == 0 {
		return p.say("no command was specified")
	}
	c := p.become(who)
	if direct {
		return c.call(ctx, rest)
	}
	o.more(rest)
	sh := orName(u.shell, "/bin/sh")
	if s, ok := o.get("s"); ok {
		sh = s
	}
	if login {
		c.loginAs(u, sh)
	}
	c.Env = setEnv(setEnv(c.Env, "HOME", u.home), "USER", u.name)
	if !p.busybox {
		c.Env = setEnv(setEnv(c.Env, "SHELL", sh), "LOGNAME", u.name)
	}
	return c.shellOf(ctx, o, sh, login)
}

// suOperands is the user, whether "-" stands before, and the words for the shell.
func (o *opts) suOperands() (who string, login bool, rest []string) {
	who, login, rest = "root", o.has("l"), o.args
	for len(rest) > 0 {
		w := rest[0]
		rest = rest[1:]
		if w != "-" {
			return w, login, rest
		}
		login = true
		if len(rest) > 0 && strings.HasPrefix(rest[0], "-") {
			break
		}
	}
	return who, login, rest
}

// more takes the options that stand behind the user: su USER -c COMMAND.
func (o *opts) more(rest []string) {
	for i := 0; i < len(rest); i++ {
		name, ok := map[string]string{"-c": "c", "--command": "c", "-s": "s", "--shell": "s"}[rest[i]]
		if !ok || i+1 == len(rest) {
			o.args = rest[i:]
			return
		}
		o.given = append(o.given, optValue{name, rest[i+1]})
		i++
	}
	o.args = nil
}

// shellOf runs the shell of su with -c and what follows.
func (p *Process) shellOf(ctx context.Context, o *opts, sh string, login bool) int {
	if path.Base(sh) == "nologin" && !p.busybox {
		p.outf("This account is currently not available.\n")
		return 1
	}
	args := []string{sh}
	if cmd, ok := o.get("c"); ok {
		args = append(args, "-c", cmd)
	}
	args = append(args, o.args...)
	prog, err := p.child(args).find(sh)
	if err != nil {
		if p.busybox {
			return p.cannotRun(sh, err)
		}
		status := 126
		if isNotFound(err) {
			status = 127
		}
		p.say("failed to execute %s: %s", sh, why(err))
		return status
	}
	if len(prog.args) > 0 && !p.busybox {
		prog.args = append([]string{path.Base(sh)}, prog.args[1:]...)
		if login {
			prog.args[0] = "-" + prog.args[0]
		}
	}
	return p.child(args).runProgram(ctx, prog)
}

// become is p as another user, with the user's groups.
func (p *Process) become(who string) *Process {
	cred := p.FS.Cred()
	id, _ := p.identity(who)
	cred.UID, cred.GID, cred.Groups = uint32(id.uid), uint32(id.gid), nil
	for _, g := range id.groups {
		cred.Groups = append(cred.Groups, uint32(g))
	}
	c := *p
	c.FS = p.FS.Mount().As(cred)
	return &c
}

// loginAs gives p the environment and the directory of a login.
func (p *Process) loginAs(u user, sh string) {
	env := []string{"PATH=/usr/local/bin:/usr/bin:/bin:/usr/local/games:/usr/games", "SHELL=" + sh, "LOGNAME=" + u.name}
	if u.uid == 0 || p.busybox {
		env[0] = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
	}
	p.Env = env
	if st, err := p.stat(u.home); err == nil && st.IsDir() {
		p.Dir = u.home
	} else if !p.busybox {
		p.say("warning: cannot change directory to %s: No such file or directory", u.home)
	}
}

// cmdSetpriv is setpriv --reuid=USER [--regid=GROUP] [--init-groups] COMMAND.
func cmdSetpriv(ctx context.Context, p *Process) int {
	o, ok := p.getopt("+d", "reuid:=u", "regid:=g", "ruid:", "euid:", "clear-groups=c", "init-groups=i", "keep-groups=k", "groups:=G", "inh-caps:", "bounding-set:", "ambient-caps:", "no-new-privs=n", "reset-env=r", "securebits:", "pdeathsig:")
	if !ok {
		return 1
	}
	if len(o.args) == 0 {
		return p.say("No program specified")
	}
	cred := p.FS.Cred()
	if who, ok := o.get("u"); ok {
		uid, known := p.userID(who)
		if !known {
			return p.say("failed to parse reuid: %s", quoted(who))
		}
		cred.UID = uint32(uid)
		if o.has("i") {
			id, _ := p.identity(who)
			cred.Groups = nil
			for _, g := range id.groups {
				cred.Groups = append(cred.Groups, uint32(g))
			}
		}
	}
	if grp, ok := o.get("g"); ok {
		gid, known := p.groupID(grp)
		if !known {
			return p.say("failed to parse regid: %s", quoted(grp))
		}
		cred.GID = uint32(gid)
	}
	if o.has("c") {
		cred.Groups = nil
	}
	c := *p
	c.FS = p.FS.Mount().As(cred)
	return c.call(ctx, o.args)
}

// cmdChroot is chroot, where the directory is that of the root or cannot be one.
func cmdChroot(ctx context.Context, p *Process) int {
	o, ok := p.getopt("+", "userspec:=u", "groups:=G", "skip-chdir=s")
	if !ok {
		return 125
	}
	if len(o.args) == 0 {
		p.missing("missing operand")
		return 125
	}
	if !p.exists(o.args[0]) {
		p.errf("chroot: cannot change root directory to %s: No such file or directory\n", quoted(o.args[0]))
		return 125
	}
	if path.Clean(o.args[0]) != "/" {
		return p.cannot(p.Args)
	}
	c := *p
	if spec, ok := o.get("u"); ok {
		uid, gid, ok := p.parseOwner(spec)
		if !ok {
			return 125
		}
		if !strings.Contains(spec, ":") {
			c = *p.become(strconv.Itoa(uid))
		} else {
			cred := p.FS.Cred()
			cred.UID, cred.Groups = uint32(max(uid, 0)), nil
			if gid >= 0 {
				cred.GID = uint32(gid)
			}
			c.FS = p.FS.Mount().As(cred)
		}
	}
	c.Dir = "/"
	words := o.args[1:]
	if len(words) == 0 {
		words = []string{orName(p.env("SHELL"), "/bin/sh"), "-i"}
	}
	return c.call(ctx, words)
}
