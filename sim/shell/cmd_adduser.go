package shell

import (
	"context"
	"slices"
	"strconv"
	"strings"
)

// cmdAddUser is adduser: Debian's script, or the applet of busybox.
func cmdAddUser(ctx context.Context, p *Process) int {
	if p.busybox {
		return p.busyboxAdduser(ctx)
	}
	return p.debianAdduser(ctx)
}

func cmdAddGroup(ctx context.Context, p *Process) int {
	if p.busybox {
		return p.busyboxAddgroup()
	}
	return p.debianAddgroup()
}

// gecos is what busybox writes as a user's full name: Alpine's builds since 3.17
// write none.
func (p *Process) gecos() string {
	text, err := p.readAll(context.Background(), "/etc/alpine-release")
	if major, rest, ok := strings.Cut(text, "."); err == nil && ok {
		second, _, _ := strings.Cut(rest, ".")
		if n, err := strconv.Atoi(second); err == nil && (major != "3" || n >= 17) {
			return ""
		}
	}
	return "Linux User,,,"
}

// busyboxAdduser is the applet: a group of the user's own, or -G, which makes the
// user a member too; a home directory of mode 2755.
func (p *Process) busyboxAdduser(ctx context.Context) int {
	o, ok := p.getopt("h:g:s:G:DSHu:k:", "home:=h", "gecos:=g", "shell:=s", "ingroup:=G", "disabled-password=D", "empty-password=D", "system=S", "no-create-home=H", "uid:=u", "skel:=k")
	if !ok {
		return 1
	}
	if len(o.args) == 0 || len(o.args) > 2 {
		return p.usage()
	}
	name := o.args[0]
	if len(o.args) == 2 {
		return p.join(name, o.args[1])
	}
	group, hasGroup := o.get("G")
	system := o.has("S")
	if system && !hasGroup {
		group, hasGroup = "nogroup", true
	}
	gid := -1
	if hasGroup {
		if gid, ok = p.groupID(group); !ok {
			return p.say("unknown group %s", group)
		}
	}
	if _, ok := p.userByName(name); ok {
		return p.say("user '%s' in use", name)
	}
	low, high := 1000, 60000
	if system {
		low, high = 100, 999
	}
	taken := p.bothTaken(!hasGroup)
	uid := freeUp(low, high, taken)
	if text, ok := o.get("u"); ok {
		n, err := strconv.ParseUint(text, 10, 32)
		if err != nil {
			return p.say("invalid number '%s'", text)
		}
		if uid = int(n); taken(uid) {
			return p.say("uid '%d' in use", uid)
		}
	}
	if !hasGroup {
		gid = uid
		if _, ok := p.groupByName(name); ok {
			return p.say("group '%s' in use", name)
		}
	}
	home, sh, gecos := "/home/"+name, p.loginShell(), p.gecos()
	if system {
		sh = "/bin/false"
		if p.exists("/etc/alpine-release") {
			sh = "/sbin/nologin"
		}
	}
	for flag, to := range map[string]*string{"h": &home, "s": &sh, "g": &gecos} {
		if v, ok := o.get(flag); ok {
			*to = v
		}
	}
	a := p.accounts()
	a.add(passwdFile, "%s:x:%d:%d:%s:%s:%s", name, uid, gid, gecos, home, sh)
	a.add(shadowFile, "%s:!:%d:0:99999:7:::", name, p.days())
	if hasGroup {
		a.member(group, name, true)
	} else {
		a.add(groupFile, "%s:x:%d:", name, gid)
		a.add(gshadowFile, "%s:!::", name)
	}
	if !a.end() {
		return 1
	}
	if !o.has("H") {
		if p.exists(home) {
			p.chown(home, uid, gid, true)
			p.chmod(home, 0o2755)
		} else {
			p.makeHome(ctx, home, uid, gid, 0o2755)
		}
	}
	if !o.has("D") && !system {
		p.errf("Changing password for %s\nNew password: \n", name)
	}
	return 0
}

// loginShell is what get_shell_name of busybox finds: $SHELL, the shell of who
// asks, /bin/sh.
func (p *Process) loginShell() string {
	if sh := p.env("SHELL"); sh != "" {
		return sh
	}
	if u, ok := p.userByID(int(p.FS.Cred().UID)); ok && u.shell != "" {
		return u.shell
	}
	return "/bin/sh"
}

func (p *Process) busyboxAddgroup() int {
	o, ok := p.getopt("g:S", "gid:=g", "system=S")
	if !ok {
		return 1
	}
	switch len(o.args) {
	case 1:
	case 2:
		return p.join(o.args[0], o.args[1])
	default:
		return p.usage()
	}
	name := o.args[0]
	if _, ok := p.groupByName(name); ok {
		return p.say("group '%s' in use", name)
	}
	low, high := 1000, 60000
	if o.has("S") {
		low, high = 100, 999
	}
	gid := freeUp(low, high, p.gidTaken)
	if text, ok := o.get("g"); ok {
		n, err := strconv.ParseUint(text, 10, 32)
		if err != nil {
			return p.say("invalid number '%s'", text)
		}
		if gid = int(n); p.gidTaken(gid) {
			return p.say("gid '%d' in use", gid)
		}
	}
	a := p.accounts()
	a.add(groupFile, "%s:x:%d:", name, gid)
	a.add(gshadowFile, "%s:!::", name)
	return boolStatus(a.end())
}

// join is adduser USER GROUP.
func (p *Process) join(name, grp string) int {
	g, hasGroup := p.groupByName(grp)
	_, hasUser := p.userByName(name)
	if p.busybox {
		switch {
		case !hasUser:
			return p.say("unknown user %s", name)
		case !hasGroup:
			return p.say("unknown group %s", grp)
		case slices.Contains(g.members, name):
			return 0
		}
	} else {
		switch {
		case !hasUser:
			return p.say("The user `%s' does not exist.", name)
		case !hasGroup:
			return p.say("The group `%s' does not exist.", grp)
		case slices.Contains(g.members, name):
			p.say("The user `%s' is already a member of `%s'.", name, grp)
			return 0
		}
		p.outf("Adding user `%s' to group `%s' ...\n", name, grp)
	}
	a := p.accounts()
	a.member(grp, name, true)
	if !a.end() {
		return 1
	}
	if !p.busybox {
		p.outf("Done.\n")
	}
	return 0
}

// cmdDeluser is deluser: a user, or with a second word one out of a group.
func cmdDeluser(ctx context.Context, p *Process) int {
	o, ok := p.getopt("q", "remove-home=r", "system=S", "quiet=q", "remove-all-files=R", "force=f", "group=g")
	if !ok {
		return 1
	}
	if o.has("g") {
		return p.deleteGroup(o.args)
	}
	if len(o.args) == 2 {
		return p.leave(o.args[0], o.args[1])
	}
	if len(o.args) != 1 {
		return p.usage()
	}
	u, ok := p.userByName(o.args[0])
	if !ok {
		if p.busybox {
			return p.say("unknown user %s", o.args[0])
		}
		p.say("The user `%s' does not exist.", o.args[0])
		return 2
	}
	if !p.busybox && !o.has("q") {
		p.outf("Removing user `%s' ...\n", u.name)
	}
	a := p.accounts()
	a.edit(passwdFile, u.name, drop)
	a.edit(shadowFile, u.name, drop)
	a.leaveAll(u.name)
	if g, ok := p.groupByName(u.name); ok && g.gid == u.gid {
		a.edit(groupFile, u.name, drop)
		a.edit(gshadowFile, u.name, drop)
	}
	for _, file := range []string{subuidFile, subgidFile} {
		a.edit(file, u.name, drop)
	}
	if !a.end() {
		return 1
	}
	if o.has("r", "R") {
		p.child([]string{"rm", "-rf", u.home}).run(ctx, cmdRm)
	}
	if !p.busybox && !o.has("q") {
		p.outf("Done.\n")
	}
	return 0
}

func cmdDelgroup(_ context.Context, p *Process) int {
	o, ok := p.getopt("q", "system=S", "quiet=q", "only-if-empty=e")
	if !ok {
		return 1
	}
	if len(o.args) == 2 {
		return p.leave(o.args[0], o.args[1])
	}
	return p.deleteGroup(o.args)
}

func (p *Process) deleteGroup(names []string) int {
	if len(names) != 1 {
		return p.usage()
	}
	g, ok := p.groupByName(names[0])
	if !ok {
		if p.busybox {
			return p.say("unknown group %s", names[0])
		}
		p.say("The group `%s' does not exist.", names[0])
		return 3
	}
	for _, u := range p.users() {
		if u.gid == g.gid && p.busybox {
			return p.say("'%s' still has '%s' as their primary group!", u.name, g.name)
		} else if u.gid == g.gid {
			p.say("`%s' still has `%s' as their primary group!", u.name, g.name)
			return 1
		}
	}
	if !p.busybox {
		p.outf("Removing group `%s' ...\n", g.name)
	}
	a := p.accounts()
	a.edit(groupFile, g.name, drop)
	a.edit(gshadowFile, g.name, drop)
	if !a.end() {
		return 1
	}
	if !p.busybox {
		p.outf("Done.\n")
	}
	return 0
}

func (p *Process) leave(name, grp string) int {
	g, ok := p.groupByName(grp)
	switch _, isUser := p.userByName(name); {
	case !isUser && p.busybox:
		return p.say("unknown user %s", name)
	case !ok && p.busybox:
		return p.say("unknown group %s", grp)
	case !ok:
		p.say("The group `%s' does not exist.", grp)
		return 3
	case !isUser:
		p.say("The user `%s' does not exist.", name)
		return 2
	case !slices.Contains(g.members, name):
		if p.busybox {
			return p.say("can't find %s in %s", name, groupFile)
		}
		p.say("The user `%s' is not a member of group `%s'.", name, grp)
		return 6
	}
	if !p.busybox {
		p.outf("Removing user `%s' from group `%s' ...\n", name, grp)
	}
	a := p.accounts()
	a.member(grp, name, false)
	if !a.end() {
		return 1
	}
	if !p.busybox {
		p.outf("Done.\n")
	}
	return 0
}
