package shell

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/layerlab/layerlab/sim/overlay"
)

// cmdUsermod is usermod of the shadow utilities.
func cmdUsermod(ctx context.Context, p *Process) int {
	o, ok := p.getopt("ab:c:d:e:f:g:G:hl:Lmop:rR:P:s:u:Uv:V:w:W:Z:", "append=a", "badname=b", "comment:=c", "home:=d", "expiredate:=e", "inactive:=f", "gid:=g", "groups:=G", "login:=l", "lock=L", "move-home=m", "non-unique=o",
		"password:=p", "remove=r", "root:=R", "shell:=s", "uid:=u", "unlock=U", "add-subuids:=v", "add-subgids:=w")
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
	set := map[int]string{}
	for flag, field := range map[string]int{"c": 4, "d": 5, "s": 6, "l": 0} {
		if v, ok := o.get(flag); ok {
			set[field] = v
		}
	}
	if text, ok := o.get("u"); ok {
		n, err := strconv.Atoi(text)
		if err != nil || n < 0 {
			return p.badNumber("user", text)
		}
		if p.uidTaken(n) && n != u.uid && !o.has("o") {
			p.say("UID '%d' already exists", n)
			return 4
		}
		set[2] = text
	}
	if text, ok := o.get("g"); ok {
		gid, ok := p.knownGroup(text)
		if !ok {
			p.say("group '%s' does not exist", text)
			return 6
		}
		set[3] = strconv.Itoa(gid)
	}
	a := p.accounts()
	if list, ok := o.get("G"); ok {
		if status := p.joinGroups(a, u.name, list, o.has("a"), o.has("r")); status != 0 {
			return status
		}
	}
	if len(set) > 0 || o.has("p", "L", "U") {
		a.edit(passwdFile, u.name, func(f []string) []string {
			for i, v := range set {
				f[i] = v
			}
			return f
		})
	}
	a.password(u.name, o)
	if to, ok := o.get("l"); ok {
		a.edit(shadowFile, u.name, func(f []string) []string { f[0] = to; return f })
		for _, g := range p.groups() {
			if slices.Contains(g.members, u.name) {
				a.member(g.name, u.name, false)
				a.member(g.name, to, true)
			}
		}
	}
	if !a.end() {
		return 1
	}
	p.moveHome(ctx, u, set, o.has("m"))
	return 0
}

// joinGroups is -G: the list replaces the groups, or with -a adds to them.
func (p *Process) joinGroups(a *accounts, name, list string, add, remove bool) int {
	var want []string
	for g := range strings.SplitSeq(list, ",") {
		if g == "" {
			continue
		}
		if _, ok := p.knownGroup(g); !ok {
			p.say("group '%s' does not exist", g)
			return 6
		}
		want = append(want, p.groupName(g))
	}
	if !add && !remove {
		for _, g := range p.groups() {
			if slices.Contains(g.members, name) && !slices.Contains(want, g.name) {
				a.member(g.name, name, false)
			}
		}
	}
	for _, w := range want {
		if g, _ := p.groupByName(w); remove == slices.Contains(g.members, name) {
			a.member(w, name, !remove)
		}
	}
	return 0
}

// password is -p, -L and -U.
func (a *accounts) password(name string, o *opts) {
	text, given := o.get("p")
	if !given && !o.has("L", "U") {
		return
	}
	a.edit(shadowFile, name, func(f []string) []string {
		switch {
		case given:
			f[1] = text
		case o.has("L") && !strings.HasPrefix(f[1], "!"):
			f[1] = "!" + f[1]
		case o.has("U"):
			f[1] = strings.TrimPrefix(f[1], "!")
		}
		return f
	})
}

// moveHome gives the files of a home directory to the new numbers, and with -m
// moves it.
func (p *Process) moveHome(ctx context.Context, u user, set map[int]string, move bool) {
	home := u.home
	if to := set[5]; to != "" && move && p.exists(home) && !p.exists(to) {
		p.child([]string{"mv", home, to}).run(ctx, cmdMv)
		home = to
	}
	uid, e1 := strconv.Atoi(set[2])
	gid, e2 := strconv.Atoi(set[3])
	if e1 != nil && e2 != nil {
		return
	}
	p.walk(ctx, home, true, func(name string, st overlay.Stat) error {
		nu, ng := -1, -1
		if e1 == nil && int(st.UID) == u.uid {
			nu = uid
		}
		if e2 == nil && int(st.GID) == u.gid {
			ng = gid
		}
		if nu < 0 && ng < 0 {
			return nil
		}
		return p.chown(name, nu, ng, false)
	}, func(string, error) {})
}

func cmdGroupmod(_ context.Context, p *Process) int {
	o, ok := p.getopt("g:n:op:haU:", "gid:=g", "new-name:=n", "non-unique=o")
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
	a := p.accounts()
	if text, ok := o.get("g"); ok {
		n, err := strconv.Atoi(text)
		if err != nil {
			return p.badNumber("group", text)
		}
		if p.gidTaken(n) && n != g.gid && !o.has("o") {
			p.say("GID '%d' already exists", n)
			return 4
		}
		a.edit(groupFile, g.name, func(f []string) []string { f[2] = text; return f })
		for _, u := range p.users() {
			if u.gid == g.gid {
				a.edit(passwdFile, u.name, func(f []string) []string { f[3] = text; return f })
			}
		}
	}
	if to, ok := o.get("n"); ok {
		if _, taken := p.groupByName(to); taken && to != g.name {
			p.say("group '%s' already exists", to)
			return 9
		}
		for _, file := range []string{groupFile, gshadowFile} {
			a.edit(file, g.name, func(f []string) []string { f[0] = to; return f })
		}
	}
	return boolStatus(a.end())
}

func cmdGpasswd(_ context.Context, p *Process) int {
	o, ok := p.getopt("a:d:rRA:M:", "add:=a", "delete:=d")
	if !ok {
		return 2
	}
	if len(o.args) != 1 {
		p.usage()
		return 2
	}
	g, ok := p.groupByName(o.args[0])
	if !ok {
		p.say("group '%s' does not exist in /etc/group", o.args[0])
		return 3
	}
	a := p.accounts()
	if name, ok := o.get("a"); ok {
		if _, ok := p.userByName(name); !ok {
			p.say("user '%s' does not exist", name)
			return 3
		}
		p.outf("Adding user %s to group %s\n", name, g.name)
		if !slices.Contains(g.members, name) {
			a.member(g.name, name, true)
		}
	}
	if name, ok := o.get("d"); ok {
		p.outf("Removing user %s from group %s\n", name, g.name)
		if !slices.Contains(g.members, name) {
			p.say("user '%s' is not a member of '%s'", name, g.name)
			return 3
		}
		a.member(g.name, name, false)
	}
	return boolStatus(a.end())
}

func cmdChsh(_ context.Context, p *Process) int {
	o, ok := p.getopt("s:hR:", "shell:=s")
	if !ok {
		return 1
	}
	name := p.ownerNames().user(p.FS.Cred().UID)
	if len(o.args) > 0 {
		name = o.args[0]
	}
	sh, ok := o.get("s")
	if !ok {
		return p.cannot(p.Args)
	}
	a := p.accounts()
	if !a.edit(passwdFile, name, func(f []string) []string { f[len(f)-1] = sh; return f }) {
		return p.say("user '%s' does not exist", name)
	}
	return boolStatus(a.end())
}

// cmdChpasswd is chpasswd: "user:password" lines. A password is kept as a mark of
// its length only; nothing here checks one.
func cmdChpasswd(ctx context.Context, p *Process) int {
	o, ok := p.getopt("emc:s:", "encrypted=e", "md5=m", "crypt-method:=c")
	if !ok {
		return 1
	}
	lines, status := p.lines(ctx, nil, '\n')
	a := p.accounts()
	for i, line := range lines {
		name, password, ok := strings.Cut(line, ":")
		switch _, known := p.userByName(name); {
		case !ok:
			return p.say("line %d: missing new password", i+1)
		case !known && p.busybox:
			return p.say("unknown user %s", name)
		case !known:
			p.say("line %d: user '%s' does not exist", i+1, name)
			status = 1
			continue
		}
		if !o.has("e") {
			password = p.crypt()
		}
		change := func(f []string) []string {
			f[1] = password
			if len(f) == 9 {
				f[2] = strconv.FormatInt(p.days(), 10)
			}
			return f
		}
		if !a.edit(shadowFile, name, change) {
			a.edit(passwdFile, name, change)
		}
		if p.busybox {
			p.outf("chpasswd: password for '%s' changed\n", name)
		}
	}
	if !a.end() {
		return 1
	}
	return status
}

// crypt is a made-up hash in the form of yescrypt, which no password opens.
func (p *Process) crypt() string {
	const letters = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	b := p.random(65)
	for i := range b {
		b[i] = letters[b[i]&63]
	}
	return "$y$j9T$" + string(b[:22]) + "$" + string(b[22:])
}

// cmdPasswd is passwd -l, -u, -d and -e.
func cmdPasswd(ctx context.Context, p *Process) int {
	o, ok := p.getopt("lude:SqakniwxR:", "lock=l", "unlock=u", "delete=d", "expire=e", "status=S", "stdin=i")
	if !ok {
		return 2
	}
	name := p.ownerNames().user(p.FS.Cred().UID)
	if len(o.args) > 0 {
		name = o.args[0]
	}
	if _, ok := p.userByName(name); !ok {
		if p.busybox {
			return p.say("unknown user %s", name)
		}
		return p.say("user '%s' does not exist", name)
	}
	if o.has("S") {
		return p.passwordStatus(name)
	}
	if !o.has("l", "u", "d", "e") {
		return p.cannot(p.Args)
	}
	a := p.accounts()
	change := func(f []string) []string {
		switch {
		case o.has("e"):
			f[2] = "0"
		case o.has("d"):
			f[1] = ""
		case o.has("l") && !strings.HasPrefix(f[1], "!"):
			f[1] = "!" + f[1]
		case o.has("u"):
			f[1] = strings.TrimPrefix(f[1], "!")
		}
		return f
	}
	if !a.edit(shadowFile, name, change) {
		a.edit(passwdFile, name, change)
	}
	if !a.end() {
		return 1
	}
	if p.busybox {
		p.outf("passwd: password for %s changed by root\n", name)
	} else {
		p.outf("passwd: password changed.\n")
	}
	return 0
}

// passwordStatus is passwd -S: name, state, date of the last change, and the
// periods.
func (p *Process) passwordStatus(name string) int {
	for _, f := range p.table(shadowFile) {
		if len(f) < 8 || f[0] != name {
			continue
		}
		state := "P"
		switch {
		case f[1] == "":
			state = "NP"
		case strings.HasPrefix(f[1], "!"), strings.HasPrefix(f[1], "*"):
			state = "L"
		}
		days, _ := strconv.ParseInt(f[2], 10, 64)
		p.outf("%s %s %s %s %s %s %s\n", name, state, time.Unix(days*86400, 0).UTC().Format("01/02/2006"), orName(f[3], "-1"), orName(f[4], "-1"), orName(f[5], "-1"), orName(f[6], "-1"))
		return 0
	}
	return p.say("user '%s' does not exist", name)
}
