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
		"adduser": cmdAddUser, "useradd": cmdUseradd, "addgroup": cmdAddGroup, "groupadd": cmdGroupadd, "su": cmdSu, "runuser": cmdSu, "chpasswd": cmdChpasswd, "passwd": cmdPasswd,
	}
}

func cmdWhoami(_ context.Context, p *Process) int {
	if len(p.Args) > 1 && !p.busybox && !strings.HasPrefix(p.Args[1], "-") {
		p.say("extra operand %s", quoted(p.Args[1]))
		return p.usage()
	}
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
	if !p.busybox {
		if text := o.idProblem(); text != "" {
			return p.say("%s", text)
		}
	}
	if len(o.args) < 2 {
		o.args = append(o.args, "")[:1]
	}
	status := 0
	for _, who := range o.args {
		status = max(status, p.showID(o, who))
	}
	return status
}

// idProblem is what GNU's id says of options that do not go together.
func (o *opts) idProblem() string {
	kinds := 0
	for _, k := range []string{"u", "g", "G"} {
		if o.has(k) {
			kinds++
		}
	}
	switch {
	case kinds > 1:
		return `cannot print "only" of more than one choice`
	case kinds == 0 && o.has("n", "r"):
		return "cannot print only names or real IDs in default format"
	case kinds == 0 && o.has("z"):
		return "option --zero not permitted in default format"
	}
	return ""
}

func (p *Process) showID(o *opts, who string) int {
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
	names := p.Args[1:]
	if len(names) == 0 || p.busybox {
		names = append(names, "")[:1]
	}
	status := 0
	for _, who := range names {
		status = max(status, p.showGroups(who))
	}
	return status
}

func (p *Process) showGroups(who string) int {
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
	const help = "Try `getent --help' or `getent --usage' for more information.\n"
	if len(p.Args) < 2 {
		p.errf("getent: wrong number of arguments\n")
		p.outf(help)
		return 1
	}
	file, ok := map[string]string{"passwd": "/etc/passwd", "group": "/etc/group", "shadow": "/etc/shadow", "hosts": "/etc/hosts", "services": "/etc/services"}[p.Args[1]]
	if !ok {
		p.errf("Unknown database: %s\n", p.Args[1])
		p.outf(help)
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
