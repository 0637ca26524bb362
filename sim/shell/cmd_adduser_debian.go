package shell

import (
	"context"
	"regexp"
	"strconv"
	"strings"
)

// debianAdduser is Debian's adduser 3.134: --system accounts have neither home
// nor shell unless they are named; others get a home of mode 700 and the group
// users.
func (p *Process) debianAdduser(ctx context.Context) int {
	o, ok := p.getopt("c:hvq", "system=S", "group=G", "ingroup:=i", "gid:=g", "uid:=u", "home:=d", "shell:=s", "no-create-home=H", "disabled-password=D", "disabled-login=L", "gecos:=c", "comment:=c",
		"quiet=q", "force-badname=b", "allow-badname=b", "allow-bad-names=b", "firstuid:=f", "lastuid:=l", "add_extra_groups=x", "add-extra-groups=x", "debug=v", "conf:=C", "encrypt-home=e")
	if !ok {
		return 1
	}
	if len(o.args) == 0 || len(o.args) > 2 {
		return p.say("Only one or two names allowed.")
	}
	name := o.args[0]
	if len(o.args) == 2 {
		return p.join(name, o.args[1])
	}
	tell := func(format string, args ...any) {
		if !o.has("q") {
			p.outf(format+"\n", args...)
		}
	}
	system := o.has("S")
	if _, ok := p.userByName(name); ok {
		if system {
			tell("The system user `%s' already exists. Exiting.", name)
			return 0
		}
		return p.say("The user `%s' already exists.", name)
	}
	if !system && !o.has("b") && !debianName.MatchString(name) {
		return p.say("Please enter a username matching the regular expression\n            configured via the NAME_REGEX configuration variable.  Use the\n            `--allow-bad-names' option to relax this check or reconfigure\n            NAME_REGEX in configuration.")
	}
	u := &newUser{name: name, password: "!", system: system, subIDs: !system}
	low, high := 1000, 59999
	if system {
		low, high = 100, 999
	}
	u.uid = freeUp(low, high, p.bothTaken(!system))
	if text, ok := o.get("u"); ok {
		n, err := strconv.Atoi(text)
		if err != nil {
			return p.say("Option `--uid' requires a number.")
		}
		if u.uid = n; p.uidTaken(n) {
			return p.say("The UID %d is already in use.", n)
		}
	}
	if home, ok := o.get("d"); ok && p.exists(home) && !o.has("H") {
		p.say("Warning: The home dir %s you specified already exists.", home)
	}
	if home, ok := o.get("d"); ok && o.has("H") && !p.exists(home) {
		p.say("Warning: The home dir %s you specified can't be accessed: No such file or directory", home)
	}
	if system {
		tell("Adding system user `%s' (UID %d) ...", name, u.uid)
	} else {
		tell("Adding user `%s' ...", name)
	}
	into, status := p.primaryGroup(o, u, tell)
	if status != 0 {
		return status
	}
	u.home, u.shell = "/home/"+name, "/bin/bash"
	if system {
		u.home, u.shell = "/nonexistent", "/usr/sbin/nologin"
		tell("Adding new user `%s' (UID %d) with group `%s' ...", name, u.uid, into)
	} else {
		tell("Adding new user `%s' (%d) with group `%s (%d)' ...", name, u.uid, into, u.gid)
		if o.has("L") {
			u.shell = "/usr/sbin/nologin"
		}
	}
	for flag, to := range map[string]*string{"d": &u.home, "s": &u.shell} {
		if v, ok := o.get(flag); ok {
			*to = v
		}
	}
	if status := u.add(p); status != 0 {
		return status
	}
	if text, ok := o.get("c"); ok { // chfn -f, which writes the file once more
		a := p.accounts()
		a.edit(passwdFile, name, func(f []string) []string { f[4] = fullName(text); return f })
		if !a.end() {
			return 1
		}
	}
	p.debianHome(ctx, o, u, tell)
	if _, ok := p.groupByName("users"); ok && !system {
		tell("Adding new user `%s' to supplemental / extra groups `users' ...", name)
		tell("Adding user `%s' to group `users' ...", name)
		a := p.accounts()
		a.member("users", name, true)
		return boolStatus(a.end())
	}
	return 0
}

// fullName is the comment field that chfn makes of a full name.
func fullName(text string) string {
	if strings.Contains(text, ",") {
		return text
	}
	return text + ",,,"
}

// debianName is NAME_REGEX of adduser.conf(5).
var debianName = regexp.MustCompile("^[a-z][-a-z0-9_]*$")

// primaryGroup is --ingroup, --gid, a group of the user's own, or nogroup.
func (p *Process) primaryGroup(o *opts, u *newUser, tell func(string, ...any)) (name string, status int) {
	for _, flag := range []string{"i", "g"} {
		if text, ok := o.get(flag); ok {
			gid, ok := p.knownGroup(text)
			if !ok {
				return "", p.say("The group `%s' does not exist.", text)
			}
			u.gid = gid
			return p.groupName(text), 0
		}
	}
	if u.system && !o.has("G") {
		u.gid = 65534
		return "nogroup", 0
	}
	if g, ok := p.groupByName(u.name); ok {
		if u.system {
			u.gid = g.gid
			return g.name, 0
		}
		return "", p.say("The group `%s' already exists.", u.name)
	}
	u.ownGroup = true
	u.gid = u.uid
	if p.gidTaken(u.gid) {
		u.gid = freeUp(u.uid, 59999, p.gidTaken)
	}
	if u.system {
		tell("Adding new group `%s' (GID %d) ...", u.name, u.gid)
	} else {
		tell("Adding new group `%s' (%d) ...", u.name, u.gid)
	}
	return u.name, 0
}

func (p *Process) debianHome(ctx context.Context, o *opts, u *newUser, tell func(string, ...any)) {
	switch {
	case u.home == "/nonexistent":
		tell("Not creating `%s'.", u.home)
	case o.has("H") && u.system:
		tell("Not creating home directory `%s'.", u.home)
	case o.has("H"):
		tell("Not creating home directory `%s'.", u.home)
	case p.exists(u.home):
		p.homeExists(u)
	case u.system:
		tell("Creating home directory `%s' ...", u.home)
		p.mkdirAll(u.home, false)
		p.chown(u.home, u.uid, u.gid, true)
		p.chmod(u.home, 0o755)
	default:
		tell("Creating home directory `%s' ...", u.home)
		tell("Copying files from `/etc/skel' ...")
		p.makeHome(ctx, u.home, u.uid, u.gid, 0o700)
	}
}

// homeExists says that a home directory was there before its user.
func (p *Process) homeExists(u *newUser) {
	p.say("The home directory `%s' already exists.  Not touching this directory.", u.home)
	if st, err := p.stat(u.home); err == nil && st.UID != uint32(u.uid) {
		p.say("Warning: The home directory `%s' does not belong to the user you are currently creating.", u.home)
	}
}

func (p *Process) debianAddgroup() int {
	o, ok := p.getopt("hvq", "system=S", "gid:=g", "quiet=q", "force-badname=b", "firstgid:=f", "lastgid:=l", "debug=v")
	if !ok {
		return 1
	}
	if len(o.args) == 0 || len(o.args) > 2 {
		return p.say("Only one or two names allowed.")
	}
	if len(o.args) == 2 {
		return p.say("addgroup with two arguments is an unspecified operation.")
	}
	name := o.args[0]
	tell := func(format string, args ...any) {
		if !o.has("q") {
			p.outf(format+"\n", args...)
		}
	}
	if _, ok := p.groupByName(name); ok {
		if o.has("S") {
			if !o.has("q") {
				p.say("The group `%s' already exists as a system group. Exiting.", name)
			}
			return 0
		}
		return p.say("The group `%s' already exists.", name)
	}
	low, high := 1000, 59999
	if o.has("S") {
		low, high = 100, 999
	}
	gid := freeUp(low, high, p.gidTaken)
	if text, ok := o.get("g"); ok {
		n, err := strconv.Atoi(text)
		if err != nil {
			return p.say("Option `--gid' requires a number.")
		}
		if gid = n; p.gidTaken(n) {
			return p.say("The GID %d is already in use.", n)
		}
	}
	tell("Adding group `%s' (GID %d) ...", name, gid)
	a := p.accounts()
	a.add(groupFile, "%s:x:%d:", name, gid)
	a.add(gshadowFile, "%s:!::", name)
	if !a.end() {
		return 1
	}
	tell("Done.")
	return 0
}
