package shell

import (
	"context"
	"slices"
	"strconv"
	"strings"
)

// A user is a line of /etc/passwd, a group one of /etc/group.
type user struct {
	name     string
	uid, gid int
	gecos    string
	home     string
	shell    string
}

type group struct {
	name    string
	gid     int
	members []string
}

func (p *Process) table(file string) [][]string {
	text, err := p.readAll(context.Background(), file)
	if err != nil {
		return nil
	}
	var out [][]string
	for line := range strings.SplitSeq(text, "\n") {
		if line != "" && line[0] != '#' {
			out = append(out, strings.Split(line, ":"))
		}
	}
	return out
}

func (p *Process) users() []user {
	var out []user
	for _, f := range p.table("/etc/passwd") {
		if len(f) < 7 {
			continue
		}
		uid, e1 := strconv.Atoi(f[2])
		gid, e2 := strconv.Atoi(f[3])
		if e1 == nil && e2 == nil {
			out = append(out, user{f[0], uid, gid, f[4], f[5], f[6]})
		}
	}
	return out
}

func (p *Process) groups() []group {
	var out []group
	for _, f := range p.table("/etc/group") {
		if len(f) < 4 {
			continue
		}
		if gid, err := strconv.Atoi(f[2]); err == nil {
			g := group{name: f[0], gid: gid}
			if f[3] != "" {
				g.members = strings.Split(f[3], ",")
			}
			out = append(out, g)
		}
	}
	return out
}

func (p *Process) userByName(name string) (user, bool) {
	us := p.users()
	i := slices.IndexFunc(us, func(u user) bool { return u.name == name })
	if i < 0 {
		return user{}, false
	}
	return us[i], true
}

func (p *Process) userByID(uid int) (user, bool) {
	us := p.users()
	i := slices.IndexFunc(us, func(u user) bool { return u.uid == uid })
	if i < 0 {
		return user{}, false
	}
	return us[i], true
}

// userID is the number of a user by name, or the number that text is.
func (p *Process) userID(text string) (int, bool) {
	if u, ok := p.userByName(text); ok {
		return u.uid, true
	}
	n, err := strconv.ParseUint(text, 10, 32)
	return int(n), err == nil
}

func (p *Process) groupID(text string) (int, bool) {
	for _, g := range p.groups() {
		if g.name == text {
			return g.gid, true
		}
	}
	n, err := strconv.ParseUint(text, 10, 32)
	return int(n), err == nil
}

// names caches the names of owners for one command.
type names struct {
	p      *Process
	users  map[int]string
	groups map[int]string
}

func (p *Process) ownerNames() *names {
	n := &names{p, map[int]string{}, map[int]string{}}
	for _, u := range slices.Backward(p.users()) {
		n.users[u.uid] = u.name
	}
	for _, g := range slices.Backward(p.groups()) {
		n.groups[g.gid] = g.name
	}
	return n
}

func (n *names) user(uid uint32) string {
	if name, ok := n.users[int(uid)]; ok {
		return name
	}
	return strconv.Itoa(int(uid))
}

func (n *names) group(gid uint32) string {
	if name, ok := n.groups[int(gid)]; ok {
		return name
	}
	return strconv.Itoa(int(gid))
}
