package shell

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
)

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
