package shell

import (
	"context"
	"strconv"
	"strings"

	"github.com/layerlab/layerlab/sim/overlay"
)

func octal(n uint32) string { return strconv.FormatUint(uint64(n), 8) }

func cmdChgrp(ctx context.Context, p *Process) int {
	return p.changeOwner(ctx, func(text string) (int, int, bool) {
		gid, ok := p.groupID(text)
		if !ok {
			if p.busybox {
				p.say("unknown group %s", text)
			} else {
				p.say("invalid group: %s", quoted(text))
			}
		}
		return -1, gid, ok
	})
}

func cmdChown(ctx context.Context, p *Process) int {
	return p.changeOwner(ctx, p.parseOwner)
}

// parseOwner reads USER, USER:GROUP, USER: and :GROUP; -1 leaves one as it is.
func (p *Process) parseOwner(text string) (uid, gid int, ok bool) {
	uid, gid = -1, -1
	user, group, both := strings.Cut(text, ":")
	if !both && strings.Contains(text, ".") {
		if _, found := p.userID(text); !found {
			if user, group, both = strings.Cut(text, "."); !p.busybox {
				p.say("warning: '.' should be ':': %s", quoted(text))
			}
		}
	}
	if user != "" {
		if uid, ok = p.userID(user); !ok {
			if p.busybox {
				p.say("unknown user %s", user)
			} else {
				p.say("invalid user: %s", quoted(text))
			}
			return 0, 0, false
		}
	}
	switch {
	case group != "":
		if gid, ok = p.groupID(group); !ok {
			if p.busybox {
				p.say("unknown group %s", group)
			} else {
				p.say("invalid group: %s", quoted(text))
			}
			return 0, 0, false
		}
	case both && user != "":
		if u, found := p.userByID(uid); found {
			gid = u.gid
		}
	}
	return uid, gid, true
}

func (p *Process) changeOwner(ctx context.Context, parse func(string) (int, int, bool)) int {
	o, ok := p.getopt("RhvcfLHP", "recursive=R", "no-dereference=h", "verbose=v", "changes=c", "silent=f", "quiet=f", "reference:", "from:", "dereference=d", "preserve-root")
	if !ok {
		return 1
	}
	var uid, gid int
	if ref, has := o.get("reference"); has {
		st, err := p.stat(ref)
		if err != nil {
			return p.say("failed to get attributes of %s: %s", quoted(ref), why(err))
		}
		uid, gid = int(st.UID), int(st.GID)
	} else {
		if len(o.args) < 2 {
			if !p.busybox && len(o.args) == 1 {
				return p.missing("missing operand after " + quoted(o.args[0]))
			}
			return p.missing("missing operand")
		}
		if uid, gid, ok = parse(o.args[0]); !ok {
			return 1
		}
		o.args = o.args[1:]
	}
	fromUID, fromGID := -1, -1
	if text, has := o.get("from"); has {
		if fromUID, fromGID, ok = p.parseOwner(text); !ok {
			return 1
		}
	}
	n := p.ownerNames()
	status := 0
	for _, name := range o.args {
		p.walk(ctx, name, o.has("R"), func(at string, st overlay.Stat) error {
			followed := !o.has("h") && (!st.IsSymlink() || !o.has("R"))
			if followed && st.IsSymlink() {
				if to, err := p.stat(at); err == nil {
					st = to
				}
			}
			if fromUID >= 0 && fromUID != int(st.UID) || fromGID >= 0 && fromGID != int(st.GID) {
				return nil
			}
			err := p.chown(at, uid, gid, followed)
			if err == nil && !p.busybox && o.has("v", "c") {
				p.sayOwner(o, at, st, uid, gid, n)
			}
			return err
		}, func(name string, err error) {
			status = 1
			p.changeFailed("ownership", name, err, o.has("f"))
		})
	}
	return status
}

// sayOwner is what chown and chgrp print with -v, and with -c when something
// changed.
func (p *Process) sayOwner(o *opts, name string, st overlay.Stat, uid, gid int, n *names) {
	was, is := n.user(st.UID)+":"+n.group(st.GID), ""
	what := "ownership"
	switch {
	case uid < 0:
		what, was, is = "group", n.group(st.GID), n.group(uint32(gid))
		if baseName(p.Args[0]) != "chgrp" {
			what, is = "ownership", ":"+is
			was = n.user(st.UID) + ":" + was
		}
	case gid < 0:
		was, is = n.user(st.UID), n.user(uint32(uid))
	default:
		is = n.user(uint32(uid)) + ":" + n.group(uint32(gid))
	}
	switch {
	case uid >= 0 && uid != int(st.UID) || gid >= 0 && gid != int(st.GID):
		p.outf("changed %s of %s from %s to %s\n", what, quoted(name), was, is)
	case o.has("v"):
		p.outf("%s of %s retained as %s\n", what, quoted(name), is)
	}
}
