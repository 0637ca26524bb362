package shell

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
)

var userCommands map[string]Command

func init() {
	userCommands = map[string]Command{
		"id": cmdID, "whoami": cmdWhoami, "groups": cmdGroups, "logname": cmdLogname, "who": cmdTrue, "users": cmdTrue, "getent": cmdGetent,
		"adduser": cmdAddUser, "useradd": cmdAddUser, "addgroup": cmdAddGroup, "groupadd": cmdAddGroup, "su": cmdSu, "chpasswd": cmdTrue, "passwd": cmdTrue,
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

// appendLine adds a line to a file of /etc and says what went wrong.
func (p *Process) appendLine(ctx context.Context, file, line string, perm uint32) bool {
	d, err := p.open(ctx, file, os.O_WRONLY|os.O_CREATE|os.O_APPEND, perm)
	if err == nil {
		_, err = d.Write([]byte(line + "\n"))
		d.release()
	}
	if err != nil {
		p.say("%s: %s", file, why(err))
	}
	return err == nil
}

// freeID is the first number from low that is not taken.
func freeID(taken []int, low, high int, up bool) int {
	if up {
		for n := low; n <= high; n++ {
			if !slices.Contains(taken, n) {
				return n
			}
		}
	}
	for n := high; n >= low; n-- {
		if !slices.Contains(taken, n) {
			return n
		}
	}
	return high + 1
}

func (p *Process) takenIDs() []int {
	var out []int
	for _, u := range p.users() {
		out = append(out, u.uid)
	}
	for _, g := range p.groups() {
		out = append(out, g.gid)
	}
	return out
}

func (p *Process) addGroup(ctx context.Context, name string, gid int) bool {
	if !p.appendLine(ctx, "/etc/group", fmt.Sprintf("%s:x:%d:", name, gid), 0o644) {
		return false
	}
	if p.exists("/etc/gshadow") {
		p.appendLine(ctx, "/etc/gshadow", name+":!::", 0o640)
	}
	return true
}

func cmdAddGroup(ctx context.Context, p *Process) int {
	o, ok := p.getopt("g:Srf", "gid:=g", "system=S")
	if !ok {
		return 1
	}
	if len(o.args) == 0 {
		return p.missing("")
	}
	name := o.args[len(o.args)-1]
	if len(o.args) == 2 && baseName(p.Args[0]) == "addgroup" { // addgroup USER GROUP
		return p.join(ctx, o.args[0], name)
	}
	for _, g := range p.groups() {
		if g.name == name {
			if p.busybox {
				return p.say("group '%s' in use", name)
			}
			p.say("group '%s' already exists", name)
			return 9
		}
	}
	gid := freeID(p.takenIDs(), 1000, 59999, true)
	if o.has("S", "r") {
		gid = freeID(p.takenIDs(), 100, 999, p.busybox)
	}
	if text, ok := o.get("g"); ok {
		n, err := strconv.Atoi(text)
		if err != nil {
			return p.say("invalid number '%s'", text)
		}
		gid = n
	}
	return boolStatus(p.addGroup(ctx, name, gid))
}

// join puts a user into a group.
func (p *Process) join(ctx context.Context, name, grp string) int {
	if _, ok := p.userByName(name); !ok {
		return p.say("unknown user %s", name)
	}
	text, err := p.readAll(ctx, "/etc/group")
	if err != nil {
		return p.say("/etc/group: %s", why(err))
	}
	lines := strings.Split(text, "\n")
	done := false
	for i, line := range lines {
		if strings.HasPrefix(line, grp+":") {
			done = true
			f := strings.Split(line, ":")
			members := strings.Split(f[len(f)-1], ",")
			if slices.Contains(members, name) {
				continue
			}
			if f[len(f)-1] != "" {
				lines[i] += ","
			}
			lines[i] += name
		}
	}
	if !done {
		return p.say("unknown group %s", grp)
	}
	return p.rewrite(ctx, "/etc/group", strings.Join(lines, "\n"))
}

func (p *Process) rewrite(ctx context.Context, file, text string) int {
	d, err := p.open(ctx, file, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o644)
	if err == nil {
		_, err = d.Write([]byte(text))
		d.release()
	}
	if err != nil {
		return p.say("%s: %s", file, why(err))
	}
	return 0
}

func cmdAddUser(ctx context.Context, p *Process) int {
	o, ok := p.getopt("h:g:s:G:SDHu:k:c:d:mMrNUp:e:lo", "uid:=u", "home:=h", "home-dir:=d", "shell:=s", "ingroup:=G", "system=S", "disabled-password=D", "disabled-login=D",
		"gecos:=c", "no-create-home=H", "create-home=m", "comment:=c", "gid:=g", "groups:=G", "no-user-group=N", "user-group=U", "password:=p", "group=U", "quiet=q")
	if !ok {
		return 1
	}
	if len(o.args) == 0 {
		return p.missing("")
	}
	if len(o.args) == 2 && baseName(p.Args[0]) == "adduser" {
		return p.join(ctx, o.args[0], o.args[1])
	}
	name := o.args[0]
	if _, ok := p.userByName(name); ok {
		if p.busybox {
			return p.say("user '%s' in use", name)
		}
		p.say("user '%s' already exists", name)
		return 9
	}
	useradd := baseName(p.Args[0]) == "useradd"
	system := o.has("S", "r")
	uid := freeID(p.takenIDs(), 1000, 59999, true)
	if system {
		uid = freeID(p.takenIDs(), 100, 999, p.busybox)
	}
	if text, ok := o.get("u"); ok {
		n, err := strconv.Atoi(text)
		if err != nil {
			return p.say("invalid number '%s'", text)
		}
		uid = n
	}
	home, sh, gecos := "/home/"+name, "/bin/sh", ""
	if p.busybox && !useradd {
		gecos = "Linux User,,,"
		if system {
			sh = "/sbin/nologin"
			gecos = "Linux User,,,"
		}
	}
	for option, to := range map[string]*string{"s": &sh, "c": &gecos} {
		if v, ok := o.get(option); ok {
			*to = v
		}
	}
	if v, ok := o.get("d"); ok {
		home = v
	}
	if v, ok := o.get("h"); ok {
		home = v
	}
	if v, ok := o.get("g"); ok && p.busybox && !useradd {
		gecos = v
	}
	gid := uid
	groupName, hasGroup := o.get("G")
	if useradd {
		groupName, hasGroup = o.get("g")
	}
	switch {
	case hasGroup:
		if gid, ok = p.groupID(groupName); !ok {
			return p.say("unknown group %s", groupName)
		}
	case !slices.Contains(p.takenIDs(), uid) || useradd:
		if !p.addGroup(ctx, name, gid) {
			return 1
		}
	}
	if !p.appendLine(ctx, "/etc/passwd", fmt.Sprintf("%s:x:%d:%d:%s:%s:%s", name, uid, gid, gecos, home, sh), 0o644) {
		return 1
	}
	if p.exists("/etc/shadow") {
		p.appendLine(ctx, "/etc/shadow", fmt.Sprintf("%s:!:%d:0:99999:7:::", name, p.now().Unix()/86400), 0o640)
	}
	create := !o.has("H", "M") && !(useradd && !o.has("m")) && !(system && useradd)
	if create && !p.exists(home) {
		p.mkdirAll(home, false)
		p.chmod(home, 0o2755)
		if useradd {
			p.chmod(home, 0o755)
		}
		p.chown(home, uid, gid, true)
	}
	if more, ok := o.get("G"); ok && useradd {
		for g := range strings.SplitSeq(more, ",") {
			p.join(ctx, name, g)
		}
	}
	return 0
}

// cmdSu is su: another user for a shell or a command.
func cmdSu(ctx context.Context, p *Process) int {
	o, ok := p.getopt("lmpc:s:", "login=l", "command:=c", "shell:=s")
	if !ok {
		return 1
	}
	who, rest := "root", o.args
	for len(rest) > 0 {
		w := rest[0]
		rest = rest[1:]
		if w != "-" {
			who = w
			break
		}
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
	c.Env = setEnv(setEnv(p.Env, "HOME", u.home), "USER", u.name)
	sh := orName(u.shell, "/bin/sh")
	if s, ok := o.get("s"); ok {
		sh = s
	}
	args := []string{sh}
	if cmd, ok := o.get("c"); ok {
		args = append(args, "-c", cmd)
	}
	return c.call(ctx, append(args, rest...))
}
