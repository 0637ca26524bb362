package build

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/layerlab/layerlab/sim/overlay"
)

// account is a line of /etc/passwd.
type account struct {
	name     string
	uid, gid uint32
	home     string
}

// accounts reads /etc/passwd; a file that is not there has none.
func accounts(v *overlay.View) []account {
	var out []account
	for _, f := range fieldsOf(v, "/etc/passwd") {
		if len(f) < 4 {
			continue
		}
		uid, err1 := strconv.ParseUint(f[2], 10, 32)
		gid, err2 := strconv.ParseUint(f[3], 10, 32)
		if err1 != nil || err2 != nil {
			continue
		}
		a := account{name: f[0], uid: uint32(uid), gid: uint32(gid)}
		if len(f) > 5 {
			a.home = f[5]
		}
		out = append(out, a)
	}
	return out
}

// group is a line of /etc/group.
type group struct {
	name    string
	gid     uint32
	members []string
}

func groups(v *overlay.View) []group {
	var out []group
	for _, f := range fieldsOf(v, "/etc/group") {
		if len(f) < 3 {
			continue
		}
		gid, err := strconv.ParseUint(f[2], 10, 32)
		if err != nil {
			continue
		}
		g := group{name: f[0], gid: uint32(gid)}
		if len(f) > 3 {
			g.members = strings.Split(f[3], ",")
		}
		out = append(out, g)
	}
	return out
}

// fieldsOf is the lines of a file of accounts, split at colons.
func fieldsOf(v *overlay.View, p string) [][]string {
	text, err := v.ReadFile(p)
	if err != nil {
		return nil
	}
	var out [][]string
	for line := range strings.SplitSeq(string(text), "\n") {
		if line = strings.TrimSpace(line); line != "" && line[0] != '#' {
			out = append(out, strings.Split(line, ":"))
		}
	}
	return out
}

// chownTo is the owner that --chown names. A user or group that the image's
// files do not know is root: BuildKit does not fail there. A user given by number
// alone has the group of the same number.
func chownTo(v *overlay.View, chown string) *owner {
	if chown == "" {
		return nil
	}
	user, grp, hasGroup := strings.Cut(chown, ":")
	o := &owner{}
	if id, ok := numericID(user); ok {
		o.uid, o.gid = id, id
	} else if user != "" {
		for _, a := range accounts(v) {
			if a.name == user {
				o.uid, o.gid = a.uid, a.gid
				break
			}
		}
	}
	if !hasGroup {
		return o
	}
	if id, ok := numericID(grp); ok || grp == "" {
		o.gid = id
		return o
	}
	for _, g := range groups(v) {
		if g.name == grp {
			o.gid = g.gid
			break
		}
	}
	return o
}

// canName fails if a step gives an owner by a name and there are no files in which
// it could stand: on scratch, and in the layer of --link.
func (n *node) canName() error {
	noFiles, owner := n.base == nil, ""
	switch op := n.op.(type) {
	case *mkdirOp:
		owner = op.User
	case *copyOp:
		noFiles = noFiles || op.Link
		owner = op.Actions[0].Chown
	}
	if noFiles && ownerByName(owner) {
		return errors.New("invalid user index: -1")
	}
	return nil
}

// login is the user that USER names, as a process of it runs.
func login(v *overlay.View, user string) (cred overlay.Cred, home string, err error) {
	cred = overlay.Cred{Umask: 0o022}
	home = "/"
	name, grp, hasGroup := strings.Cut(user, ":")
	if name == "" {
		name = "0"
	}
	found := false
	for _, a := range accounts(v) {
		if a.name == name || strconv.FormatUint(uint64(a.uid), 10) == name {
			cred.UID, cred.GID, home, found = a.uid, a.gid, a.home, true
			name = a.name
			break
		}
	}
	if !found {
		id, perr := strconv.ParseUint(name, 10, 31)
		if perr != nil {
			return cred, "", fmt.Errorf("unable to find user %s: no matching entries in passwd file", name)
		}
		cred.UID = uint32(id)
	}
	if home == "" {
		home = "/"
	}
	if hasGroup && grp != "" {
		gid, ok := numericID(grp)
		for _, g := range groups(v) {
			if g.name == grp {
				gid, ok = g.gid, true
				break
			}
		}
		if !ok {
			return cred, "", fmt.Errorf("unable to find group %s: no matching entries in group file", grp)
		}
		cred.GID = gid
		cred.Groups = []uint32{gid}
		return cred, home, nil
	}
	cred.Groups = []uint32{cred.GID} // BuildKit lists the user's own group too
	for _, g := range groups(v) {
		for _, m := range g.members {
			if found && m == name && g.gid != cred.GID {
				cred.Groups = append(cred.Groups, g.gid)
			}
		}
	}
	return cred, home, nil
}
