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
			user, group, both = strings.Cut(text, ".")
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
	o, ok := p.getopt("RhvcfLHP", "recursive=R", "no-dereference=h", "verbose=v", "changes=c", "silent=f", "reference:")
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
	status := 0
	for _, name := range o.args {
		p.walk(ctx, name, o.has("R"), func(at string, st overlay.Stat) error {
			return p.chown(at, uid, gid, !o.has("h") && (!st.IsSymlink() || !o.has("R")))
		}, func(name string, err error) {
			status = 1
			p.changeFailed("ownership", name, err, o.has("f"))
		})
	}
	return status
}
