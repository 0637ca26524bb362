package shell

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/layerlab/layerlab/sim/overlay"
)

// accounts changes /etc/passwd and its like as the shadow utilities and busybox
// do: the old file is kept under the name with "-", the new one takes its place.
// All changes are made by end, so that a file is written once.
type accounts struct {
	p     *Process
	lines map[string][]string // by file
	order []string            // of the files that change
}

const (
	passwdFile, groupFile, shadowFile, gshadowFile = "/etc/passwd", "/etc/group", "/etc/shadow", "/etc/gshadow"
	subuidFile, subgidFile                         = "/etc/subuid", "/etc/subgid"
)

func (p *Process) accounts() *accounts { return &accounts{p: p, lines: map[string][]string{}} }

// read is the lines of a file; ok is false when it is not there.
func (a *accounts) read(file string) ([]string, bool) {
	if l, ok := a.lines[file]; ok {
		return l, true
	}
	text, err := a.p.readAll(context.Background(), file)
	if err != nil {
		return nil, false
	}
	var l []string
	if text = strings.TrimSuffix(text, "\n"); text != "" {
		l = strings.Split(text, "\n")
	}
	return l, true
}

func (a *accounts) set(file string, lines []string) {
	if !slices.Contains(a.order, file) {
		a.order = append(a.order, file)
	}
	a.lines[file] = lines
}

// add appends a line to a file that is there. Passwd and group are made when they
// are not.
func (a *accounts) add(file, format string, args ...any) {
	l, ok := a.read(file)
	if !ok && file != passwdFile && file != groupFile {
		return
	}
	a.set(file, append(slices.Clone(l), fmt.Sprintf(format, args...)))
}

// edit changes the fields of the line that begins with name; fields nil takes the
// line away. It reports whether there was one.
func (a *accounts) edit(file, name string, change func(fields []string) []string) bool {
	l, _ := a.read(file)
	for i, line := range l {
		if rest, ok := strings.CutPrefix(line, name+":"); ok {
			f := change(append([]string{name}, strings.Split(rest, ":")...))
			l = slices.Clone(l)
			if f == nil {
				l = slices.Delete(l, i, i+1)
			} else {
				l[i] = strings.Join(f, ":")
			}
			a.set(file, l)
			return true
		}
	}
	return false
}

func drop([]string) []string { return nil }

// member puts a user into a group or takes one out, in group and gshadow.
func (a *accounts) member(group, name string, in bool) {
	for _, file := range []string{groupFile, gshadowFile} {
		a.edit(file, group, func(f []string) []string {
			last := len(f) - 1
			var list []string
			for m := range strings.SplitSeq(f[last], ",") {
				if m != "" && m != name {
					list = append(list, m)
				}
			}
			if in {
				list = append(list, name)
			}
			f[last] = strings.Join(list, ",")
			return f
		})
	}
}

// end writes what changed. busybox keeps the old file by a link, the shadow
// utilities by a copy with its owner, mode and time.
func (a *accounts) end() bool {
	for _, file := range a.order {
		if !a.write(file, strings.Join(a.lines[file], "\n")+"\n") {
			return false
		}
	}
	return true
}

func (a *accounts) write(file, text string) bool {
	p := a.p
	if text == "\n" {
		text = ""
	}
	fail := func(err error) bool {
		if p.busybox {
			p.say("%s: %s", file, why(err))
		} else {
			p.say("cannot lock %s; try again later.", file)
		}
		return false
	}
	st, err := p.stat(file)
	perm := uint32(0o644)
	if err == nil {
		perm = st.Perm()
		p.unlink(file + "-")
		if err := a.backup(file, st); err != nil {
			return fail(err)
		}
	}
	fresh := file + "+"
	d, e := p.open(context.Background(), fresh, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, perm)
	if e != nil {
		return fail(e)
	}
	d.Write([]byte(text))
	d.release()
	if err == nil {
		p.chown(fresh, int(st.UID), int(st.GID), true)
		p.chmod(fresh, perm)
	}
	if err := p.rename(fresh, file); err != nil {
		return fail(err)
	}
	return true
}

func (a *accounts) backup(file string, st overlay.Stat) error {
	p := a.p
	if p.busybox {
		return p.link(file, file+"-")
	}
	body, err := p.body(file)
	if err != nil {
		return err
	}
	d, err := p.open(context.Background(), file+"-", os.O_WRONLY|os.O_CREATE|os.O_TRUNC, st.Perm())
	if err != nil {
		return err
	}
	d.release()
	p.setBody(file+"-", body, nil)
	p.chown(file+"-", int(st.UID), int(st.GID), true)
	p.chmod(file+"-", st.Perm())
	return p.utimes(file+"-", st.MTime, true)
}

// days is the day of a password's change: since 1970.
func (p *Process) days() int64 { return p.now().Unix() / 86400 }

func (p *Process) uidTaken(id int) bool { _, ok := p.userByID(id); return ok }

func (p *Process) gidTaken(id int) bool {
	return slices.ContainsFunc(p.groups(), func(g group) bool { return g.gid == id })
}

func (p *Process) groupByName(name string) (group, bool) {
	gs := p.groups()
	i := slices.IndexFunc(gs, func(g group) bool { return g.name == name })
	if i < 0 {
		return group{}, false
	}
	return gs[i], true
}

// freeUp is the first free number from low on, freeDown the first from high down;
// next is the one after the highest that is taken in the range.
func freeUp(low, high int, taken func(int) bool) int {
	for n := low; n <= high; n++ {
		if !taken(n) {
			return n
		}
	}
	return -1
}

func freeDown(low, high int, taken func(int) bool) int {
	for n := high; n >= low; n-- {
		if !taken(n) {
			return n
		}
	}
	return -1
}

func freeAfter(low, high int, taken func(int) bool) int {
	for n := high; n >= low; n-- {
		if taken(n) {
			if n < high {
				return n + 1
			}
			return freeUp(low, high, taken)
		}
	}
	return low
}

// subIDs gives a user the next 65,536 numbers of /etc/subuid and /etc/subgid.
func (a *accounts) subIDs(name string) {
	for _, file := range []string{subuidFile, subgidFile} {
		l, ok := a.read(file)
		if !ok {
			continue
		}
		next := 100000
		for _, line := range l {
			var from, n int
			if f := strings.Split(line, ":"); len(f) == 3 {
				fmt.Sscan(f[1], &from)
				fmt.Sscan(f[2], &n)
			}
			next = max(next, from+n)
		}
		a.add(file, "%s:%d:65536", name, next)
	}
}

// makeHome makes a home directory with what is in skel.
func (p *Process) makeHome(ctx context.Context, home string, uid, gid int, mode uint32) {
	p.mkdirAll(home, false)
	if p.isRealDir("/etc/skel") {
		c := p.child([]string{"cp", "-R", "/etc/skel/.", home})
		c.run(ctx, cmdCp)
		p.walk(ctx, home, true, func(name string, _ overlay.Stat) error { return p.chown(name, uid, gid, false) }, func(string, error) {})
	}
	p.chown(home, uid, gid, true)
	p.chmod(home, mode)
}
