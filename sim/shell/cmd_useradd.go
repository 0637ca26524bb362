package shell

import (
	"context"
	"slices"
	"strconv"
	"strings"
)

var accountCommands map[string]Command

func init() {
	accountCommands = map[string]Command{
		"userdel": cmdUserdel, "groupdel": cmdGroupdel, "usermod": cmdUsermod, "groupmod": cmdGroupmod, "gpasswd": cmdGpasswd, "chsh": cmdChsh,
		"deluser": cmdDeluser, "delgroup": cmdDelgroup, "chage": cmdQuiet, "newusers": cmdCannot, "vipw": cmdCannot, "visudo": cmdQuiet, "nologin": cmdNologin, "sulogin": cmdCannot,
	}
}

func cmdNologin(context.Context, *Process) int { return 1 }

// validAccount is the rule of Debian's shadow utilities for names.
func validAccount(name string) bool {
	if name == "" || len(name) > 32 || strings.ContainsAny(name[:1], "-+~") || name == "." || name == ".." {
		return false
	}
	return !strings.ContainsAny(name, " :,/\t\n")
}

// badNumber says that an id is none, as useradd and groupadd do.
func (p *Process) badNumber(what, text string) int {
	p.say("invalid %s ID '%s'", what, text)
	return 3
}

// cmdGroupadd is groupadd of the shadow utilities; its exit statuses are those of
// groupadd(8).
func cmdGroupadd(ctx context.Context, p *Process) int {
	o, ok := p.getopt("fg:hK:op:rR:P:U:", "force=f", "gid:=g", "key:=K", "non-unique=o", "password:=p", "system=r", "root:=R", "prefix:=P", "users:=U")
	if !ok {
		return 2
	}
	if len(o.args) != 1 {
		p.usage()
		return 2
	}
	name := o.args[0]
	if _, ok := p.groupByName(name); ok {
		if o.has("f") {
			return 0
		}
		p.say("group '%s' already exists", name)
		return 9
	}
	if !validAccount(name) {
		p.say("'%s' is not a valid group name", name)
		return 3
	}
	gid := p.newGID(o.has("r"))
	if text, ok := o.get("g"); ok {
		n, err := strconv.ParseUint(text, 10, 32)
		if err != nil {
			return p.badNumber("group", text)
		}
		if p.gidTaken(int(n)) && !o.has("o") {
			if !o.has("f") {
				p.say("GID '%s' already exists", text)
				return 4
			}
		} else {
			gid = int(n)
		}
	}
	a := p.accounts()
	users, _ := o.get("U")
	a.add(groupFile, "%s:x:%d:%s", name, gid, users)
	a.add(gshadowFile, "%s:!::%s", name, users)
	if !a.end() {
		return 10
	}
	return 0
}

// newGID is the number of a new group: a system's from 999 down, others after
// the highest.
func (p *Process) newGID(system bool) int {
	if system {
		return freeDown(100, 999, p.gidTaken)
	}
	return freeAfter(1000, 60000, p.gidTaken)
}

// cmdUseradd is useradd of the shadow utilities; its exit statuses are those of
// useradd(8).
func cmdUseradd(ctx context.Context, p *Process) int {
	o, ok := p.getopt("b:c:d:De:f:Fg:G:hk:K:lmMNop:rR:P:s:u:UZ:", "badname=B", "base-dir:=b", "comment:=c", "home-dir:=d", "home:=d", "defaults=D", "expiredate:=e", "inactive:=f", "add-subids-for-system=F",
		"gid:=g", "groups:=G", "skel:=k", "key:=K", "no-log-init=l", "create-home=m", "no-create-home=M", "no-user-group=N", "non-unique=o", "password:=p", "system=r", "root:=R", "prefix:=P", "shell:=s", "uid:=u", "user-group=U", "selinux-user:=Z", "btrfs-subvolume-home=S")
	if !ok {
		return 2
	}
	if len(o.args) != 1 {
		p.usage()
		return 2
	}
	name := o.args[0]
	if !validAccount(name) && !o.has("B") {
		p.say("invalid user name '%s': use --badname to ignore", name)
		return 3
	}
	gid, hasGroup := -1, false
	if text, ok := o.get("g"); ok {
		if gid, hasGroup = p.knownGroup(text); !hasGroup {
			p.say("group '%s' does not exist", text)
			return 6
		}
	}
	var more []string
	if list, ok := o.get("G"); ok {
		for g := range strings.SplitSeq(list, ",") {
			if _, ok := p.knownGroup(g); !ok {
				p.say("group '%s' does not exist", g)
				return 6
			}
			more = append(more, p.groupName(g))
		}
	}
	if _, ok := p.userByName(name); ok {
		p.say("user '%s' already exists", name)
		return 9
	}
	own := !hasGroup && !o.has("N")
	if _, ok := p.groupByName(name); ok && own {
		p.say("group %s exists - if you want to add this user to that group, use -g.", name)
		return 9
	}
	uid := 0
	if text, ok := o.get("u"); ok {
		n, err := strconv.ParseUint(text, 10, 32)
		if err != nil {
			return p.badNumber("user", text)
		}
		if uid = int(n); p.uidTaken(uid) && !o.has("o") {
			p.say("UID %d is not unique", uid)
			return 4
		}
	} else if o.has("r") {
		uid = freeDown(100, 999, p.bothTaken(own))
	} else {
		uid = freeAfter(1000, 60000, p.bothTaken(own))
	}
	u := &newUser{name: name, uid: uid, gid: gid, system: o.has("r"), groups: more, subIDs: !o.has("r") && (uid == 0 || !o.has("u") || uid >= 1000 && uid <= 60000) || o.has("F"), ownGroup: own}
	if !hasGroup && o.has("N") {
		u.gid = 100
	}
	if own {
		fits := uid >= 1000 && uid <= 60000
		if o.has("r") {
			fits = uid >= 100 && uid <= 999
		}
		if u.gid = uid; p.gidTaken(uid) || !fits {
			u.gid = p.newGID(o.has("r"))
		}
	}
	base, _ := o.get("b")
	u.home = strings.TrimSuffix(orName(base, "/home"), "/") + "/" + name
	if d, ok := o.get("d"); ok {
		u.home = d
	}
	u.gecos, _ = o.get("c")
	u.shell = "/bin/sh"
	if s, ok := o.get("s"); ok {
		u.shell = s
	}
	u.password = "!"
	if s, ok := o.get("p"); ok {
		u.password = s
	}
	if status := u.add(p); status != 0 {
		return status
	}
	if o.has("m") && !o.has("M") {
		if p.exists(u.home) {
			p.say("warning: the home directory %s already exists.", u.home)
			p.say("Not copying any file from skel directory into it.")
			return 0
		}
		p.makeHome(ctx, u.home, u.uid, u.gid, 0o755)
	}
	return 0
}

// bothTaken tells the user ids that are taken; with group, those of groups too.
func (p *Process) bothTaken(group bool) func(int) bool {
	return func(n int) bool { return p.uidTaken(n) || group && p.gidTaken(n) }
}

// knownGroup is the number of a group by name or by number; one that there is.
func (p *Process) knownGroup(text string) (int, bool) {
	if g, ok := p.groupByName(text); ok {
		return g.gid, true
	}
	n, err := strconv.Atoi(text)
	return n, err == nil && p.gidTaken(n)
}

func (p *Process) groupName(text string) string {
	if _, ok := p.groupByName(text); ok {
		return text
	}
	n, _ := strconv.Atoi(text)
	return p.ownerNames().group(uint32(n))
}

// newUser is a line of /etc/passwd to be, with what goes with it.
type newUser struct {
	name, gecos, home, shell, password string
	uid, gid                           int
	system, subIDs, ownGroup           bool
	groups                             []string
}

// add writes the files in the order of useradd.
func (u *newUser) add(p *Process) int {
	switch {
	case u.system && u.uid > 999:
		p.errf("useradd warning: %s's uid %d is greater than SYS_UID_MAX 999\n", u.name, u.uid)
	case !u.system && (u.uid < 1000 || u.uid > 60000):
		p.errf("useradd warning: %s's uid %d outside of the UID_MIN 1000 and UID_MAX 60000 range.\n", u.name, u.uid)
	}
	a := p.accounts()
	a.add(passwdFile, "%s:x:%d:%d:%s:%s:%s", u.name, u.uid, u.gid, u.gecos, u.home, u.shell)
	if u.system {
		a.add(shadowFile, "%s:%s:%d::::::", u.name, u.password, p.days())
	} else {
		a.add(shadowFile, "%s:%s:%d:0:99999:7:::", u.name, u.password, p.days())
	}
	if u.ownGroup {
		a.add(groupFile, "%s:x:%d:", u.name, u.gid)
		a.add(gshadowFile, "%s:!::", u.name)
	}
	for _, g := range u.groups {
		a.member(g, u.name, true)
	}
	if u.subIDs {
		a.subIDs(u.name)
	}
	if !a.end() {
		return 1
	}
	return 0
}

func cmdUserdel(ctx context.Context, p *Process) int {
	o, ok := p.getopt("frhR:P:Z", "force=f", "remove=r")
	if !ok {
		return 2
	}
	if len(o.args) != 1 {
		p.usage()
		return 2
	}
	u, ok := p.userByName(o.args[0])
	if !ok {
		p.say("user '%s' does not exist", o.args[0])
		return 6
	}
	if u.uid == int(p.FS.Cred().UID) && !o.has("f") {
		p.say("user %s is currently used by process 1", u.name)
		return 8
	}
	a := p.accounts()
	a.edit(passwdFile, u.name, drop)
	a.edit(shadowFile, u.name, drop)
	a.leaveAll(u.name)
	if g, ok := p.groupByName(u.name); ok && g.gid == u.gid && !slices.ContainsFunc(g.members, func(m string) bool { return m != u.name }) {
		a.edit(groupFile, u.name, drop)
		a.edit(gshadowFile, u.name, drop)
	}
	for _, file := range []string{subuidFile, subgidFile} {
		a.edit(file, u.name, drop)
	}
	if !a.end() {
		return 1
	}
	if o.has("r") {
		if !p.exists("/var/mail/" + u.name) {
			p.say("%s mail spool (/var/mail/%s) not found", u.name, u.name)
		}
		if !p.exists(u.home) {
			p.say("%s home directory (%s) not found", u.name, u.home)
		} else {
			p.child([]string{"rm", "-rf", u.home}).run(ctx, cmdRm)
		}
	}
	return 0
}

// leaveAll takes a user out of all groups.
func (a *accounts) leaveAll(name string) {
	for _, g := range a.p.groups() {
		if slices.Contains(g.members, name) {
			a.member(g.name, name, false)
		}
	}
}

func cmdGroupdel(_ context.Context, p *Process) int {
	o, ok := p.getopt("fhR:P:", "force=f")
	if !ok {
		return 2
	}
	if len(o.args) != 1 {
		p.usage()
		return 2
	}
	g, ok := p.groupByName(o.args[0])
	if !ok {
		p.say("group '%s' does not exist", o.args[0])
		return 6
	}
	for _, u := range p.users() {
		if u.gid == g.gid && !o.has("f") {
			p.say("cannot remove the primary group of user '%s'", u.name)
			return 8
		}
	}
	a := p.accounts()
	a.edit(groupFile, g.name, drop)
	a.edit(gshadowFile, g.name, drop)
	return boolStatus(a.end())
}
