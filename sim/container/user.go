package container

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/layerlab/layerlab/sim/overlay"
)

// files is a container's union mount with the questions that starting a process
// asks of it.
type files struct{ m *overlay.Mount }

// who is a user as a process of it runs.
type who struct {
	uid, gid uint32
	groups   []uint32
	home     string
}

// A UserError is a user or group that the image does not know.
type UserError struct{ Kind, Name, File string }

func (e *UserError) Error() string {
	return fmt.Sprintf("unable to find %s %s: no matching entries in %s file", e.Kind, e.Name, e.File)
}

// Owner is the user and group that the container's user is, a name or a number
// as in the image's configuration, by its /etc/passwd and /etc/group.
func (c *Container) Owner(user string) (uid, gid uint32, err error) {
	w, err := c.files().lookupUser(user)
	return w.uid, w.gid, err
}

// lookupUser finds "user", "uid", "user:group" or "uid:gid" as Docker does
// (moby/sys/user GetExecUser): names must be in /etc/passwd and /etc/group,
// numbers need not be.
func (f files) lookupUser(spec string) (who, error) {
	name, group, _ := strings.Cut(spec, ":")
	if name == "" {
		name = "0"
	}
	w := who{home: "/"}
	id, numErr := strconv.ParseUint(name, 10, 32)
	found, login := false, name
	for _, l := range f.lines("/etc/passwd", 7) {
		if l[0] == name || (numErr == nil && l[2] == name) {
			w.uid, w.gid, w.home, login, found = number(l[2]), number(l[3]), l[5], l[0], true
			break
		}
	}
	if !found {
		if numErr != nil {
			return who{}, &UserError{"user", name, "passwd"}
		}
		w.uid = uint32(id)
	}
	if group != "" {
		return f.lookupGroup(w, group)
	}
	w.groups = []uint32{w.gid}
	for _, l := range f.lines("/etc/group", 4) {
		for member := range strings.SplitSeq(l[3], ",") {
			if g := number(l[2]); member == login && !slices.Contains(w.groups, g) {
				w.groups = append(w.groups, g)
			}
		}
	}
	return w, nil
}

func (f files) lookupGroup(w who, group string) (who, error) {
	for _, l := range f.lines("/etc/group", 4) {
		if l[0] == group || l[2] == group {
			w.gid = number(l[2])
			w.groups = []uint32{w.gid}
			return w, nil
		}
	}
	id, err := strconv.ParseUint(group, 10, 32)
	if err != nil {
		return who{}, &UserError{"group", group, "group"}
	}
	w.gid = uint32(id)
	w.groups = []uint32{w.gid}
	return w, nil
}

// lines are the colon-separated lines of a file with at least n fields.
func (f files) lines(name string, n int) [][]string {
	b, err := f.m.Root().ReadFile(name)
	if err != nil {
		return nil
	}
	var out [][]string
	for l := range strings.Lines(string(b)) {
		if fields := strings.Split(strings.TrimSpace(l), ":"); len(fields) >= n {
			out = append(out, fields)
		}
	}
	return out
}

func number(s string) uint32 {
	n, _ := strconv.ParseUint(s, 10, 32)
	return uint32(n)
}
