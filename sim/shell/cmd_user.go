package shell

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

var userCommands map[string]Command

func init() {
	userCommands = map[string]Command{
		"id": cmdID, "whoami": cmdWhoami, "groups": cmdGroups, "logname": cmdLogname, "who": cmdTrue, "users": cmdTrue, "getent": cmdGetent,
		"adduser": cmdAddUser, "useradd": cmdUseradd, "addgroup": cmdAddGroup, "groupadd": cmdGroupadd, "su": cmdSu, "chpasswd": cmdChpasswd, "passwd": cmdPasswd,
	}
}

func cmdWhoami(_ context.Context, p *Process) int {
	uid := p.FS.Cred().UID
	if u, ok := p.userByID(int(uid)); ok {
		p.outf("%s\n", u.name)
		return 0
	}
	if p.busybox {
		return p.say("unknown uid %d", uid)
	}
	return p.say("cannot find name for user ID %d", uid)
}

func cmdLogname(_ context.Context, p *Process) int {
	if p.busybox {
		return p.say("getlogin: No such device or address")
	}
	return p.say("no login name")
}

// identity is a user with all groups.
type identity struct {
	uid, gid int
	groups   []int
}

func (p *Process) identity(name string) (identity, bool) {
	if name == "" {
		c := p.FS.Cred()
		id := identity{uid: int(c.UID), gid: int(c.GID), groups: []int{int(c.GID)}}
		for _, g := range c.Groups {
			if !slices.Contains(id.groups, int(g)) {
				id.groups = append(id.groups, int(g))
			}
		}
		return id, true
	}
	u, ok := p.userByName(name)
	if !ok {
		if n, err := strconv.Atoi(name); err == nil {
			u, ok = p.userByID(n)
		}
		if !ok {
			return identity{}, false
		}
	}
	id := identity{uid: u.uid, gid: u.gid, groups: []int{u.gid}}
	for _, g := range p.groups() {
		if slices.Contains(g.members, u.name) && g.gid != u.gid {
			id.groups = append(id.groups, g.gid)
		}
	}
	return id, true
}

func cmdID(_ context.Context, p *Process) int {
	o, ok := p.getopt("ugGnrz", "user=u", "group=g", "groups=G", "name=n", "real=r")
	if !ok {
		return 1
	}
	who := ""
	if len(o.args) > 0 {
		who = o.args[0]
	}
	id, ok := p.identity(who)
	if !ok {
		if p.busybox {
			return p.say("unknown user %s", who)
		}
		return p.say("%s: no such user", quoted(who))
	}
	n := p.ownerNames()
	show := func(id int, name func(uint32) string) string {
		if o.has("n") {
			return name(uint32(id))
		}
		return strconv.Itoa(id)
	}
	switch {
	case o.has("u"):
		p.outf("%s\n", show(id.uid, n.user))
	case o.has("g"):
		p.outf("%s\n", show(id.gid, n.group))
	case o.has("G"):
		var words []string
		for _, g := range id.groups {
			words = append(words, show(g, n.group))
		}
		p.outf("%s\n", strings.Join(words, " "))
	default:
		named := func(id int, m map[int]string) string {
			if name, ok := m[id]; ok {
				return fmt.Sprintf("%d(%s)", id, name)
			}
			return strconv.Itoa(id)
		}
		var words []string
		for _, g := range id.groups {
			words = append(words, named(g, n.groups))
		}
		text := fmt.Sprintf("uid=%s gid=%s", named(id.uid, n.users), named(id.gid, n.groups))
		if !p.busybox || who != "" || len(p.FS.Cred().Groups) > 0 {
			text += " groups=" + strings.Join(words, ",")
		}
		p.outf("%s\n", text)
	}
	return 0
}

func cmdGroups(_ context.Context, p *Process) int {
	who := ""
	if len(p.Args) > 1 {
		who = p.Args[1]
	}
	id, ok := p.identity(who)
	if !ok {
		if p.busybox {
			return p.say("unknown user %s", who)
		}
		return p.say("%s: no such user", quoted(who))
	}
	n := p.ownerNames()
	var words []string
	for _, g := range id.groups {
		words = append(words, n.group(uint32(g)))
	}
	prefix := ""
	if who != "" && !p.busybox {
		prefix = who + " : "
	}
	p.outf("%s%s\n", prefix, strings.Join(words, " "))
	return 0
}

func cmdGetent(ctx context.Context, p *Process) int {
	if len(p.Args) < 2 {
		return p.missing("wrong number of arguments")
	}
	file, ok := map[string]string{"passwd": "/etc/passwd", "group": "/etc/group", "shadow": "/etc/shadow", "hosts": "/etc/hosts", "services": "/etc/services"}[p.Args[1]]
	if !ok {
		p.errf("Unknown database: %s\n", p.Args[1])
		return 1
	}
	text, err := p.readAll(ctx, file)
	if err != nil {
		return 2
	}
	if len(p.Args) == 2 {
		p.outf("%s", text)
		return 0
	}
	status := 0
	for _, key := range p.Args[2:] {
		hit := false
		for line := range strings.SplitSeq(text, "\n") {
			f := strings.Split(line, ":")
			if p.Args[1] == "hosts" {
				f = strings.Fields(line)
				slices.Reverse(f)
			}
			if line != "" && (f[0] == key || len(f) > 2 && f[2] == key) {
				p.outf("%s\n", line)
				hit = true
				break
			}
		}
		if !hit {
			status = 2
		}
	}
	return status
}

// cmdSu is su: another user for a shell or a command.
func cmdSu(ctx context.Context, p *Process) int {
	o, ok := p.getopt("lmpc:s:", "login=l", "command:=c", "shell:=s")
	if !ok {
		return 1
	}
	who, rest := "root", o.args
	login := o.has("l")
	for len(rest) > 0 {
		w := rest[0]
		rest = rest[1:]
		if w != "-" {
			who = w
			break
		}
		login = true
	}
	u, ok := p.userByName(who)
	if !ok {
		return p.say("unknown user %s", who)
	}
	cred := p.FS.Cred()
	if cred.UID != 0 && u.uid != int(cred.UID) {
		return p.say("must be suid to work properly")
	}
	id, _ := p.identity(who)
	cred.UID, cred.GID, cred.Groups = uint32(u.uid), uint32(u.gid), nil
	for _, g := range id.groups {
		cred.Groups = append(cred.Groups, uint32(g))
	}
	c := *p
	c.FS = p.FS.Mount().As(cred)
	sh := orName(u.shell, "/bin/sh")
	c.Env = p.Env
	if login {
		c.Env = []string{"PATH=/usr/local/bin:/usr/bin:/bin:/usr/local/games:/usr/games", "SHELL=" + sh, "LOGNAME=" + u.name}
		if u.uid == 0 || p.busybox {
			c.Env[0] = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
		}
		if st, err := p.stat(u.home); err == nil && st.IsDir() {
			c.Dir = u.home
		}
	}
	c.Env = setEnv(setEnv(c.Env, "HOME", u.home), "USER", u.name)
	if s, ok := o.get("s"); ok {
		sh = s
	}
	args := []string{sh}
	if cmd, ok := o.get("c"); ok {
		args = append(args, "-c", cmd)
	}
	return c.call(ctx, append(args, rest...))
}
