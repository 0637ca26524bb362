package shell

import (
	"archive/tar"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// errTarOption is an option that GNU tar refuses before it reads a file.
var errTarOption = errors.New("bad option")

// headerOptions reads what GNU tar's --owner, --group, --mode, --mtime and
// --numeric-owner put in place of what a file says of itself: how archives are
// made that are the same each time.
func (a *archiver) headerOptions() (func(*tar.Header), error) {
	var set []func(*tar.Header)
	if v, ok := a.o.get("owner"); ok {
		name, id, err := ownerOption(v, a.p.userID, a.owners.users)
		if err != nil {
			return nil, err
		}
		set = append(set, func(h *tar.Header) { h.Uname, h.Uid = name, orInt(id, h.Uid) })
	}
	if v, ok := a.o.get("group"); ok {
		name, id, err := ownerOption(v, a.p.groupID, a.owners.groups)
		if err != nil {
			return nil, err
		}
		set = append(set, func(h *tar.Header) { h.Gname, h.Gid = name, orInt(id, h.Gid) })
	}
	if a.o.has("numeric-owner") {
		set = append(set, func(h *tar.Header) { h.Uname, h.Gname = "", "" })
	}
	if v, ok := a.o.get("mode"); ok {
		if _, ok := a.p.parseMode(v, 0, false); !ok {
			return nil, fmt.Errorf("%w: Invalid mode given on option", errTarOption)
		}
		set = append(set, func(h *tar.Header) {
			if h.Typeflag != tar.TypeSymlink {
				m, _ := a.p.parseMode(v, uint32(h.Mode), h.Typeflag == tar.TypeDir)
				h.Mode = int64(m)
			}
		})
	}
	if v, ok := a.o.get("mtime"); ok {
		if at, ok := a.p.parseDate(v); ok {
			set = append(set, func(h *tar.Header) { h.ModTime = at.Truncate(1e9) })
		}
	}
	return func(h *tar.Header) {
		for _, f := range set {
			f(h)
		}
	}, nil
}

// ownerOption reads NAME, NAME:ID, :ID or ID. An id of -1 stands for the file's
// own, which a name that nobody has leaves.
func ownerOption(v string, idOf func(string) (int, bool), names map[int]string) (string, int, error) {
	name, number, both := strings.Cut(v, ":")
	if both {
		n, err := strconv.ParseUint(number, 10, 31)
		if err != nil {
			return "", 0, fmt.Errorf("%w: %s: Invalid owner or group ID", errTarOption, number)
		}
		if name == "" {
			name = names[int(n)]
		}
		return name, int(n), nil
	}
	id, ok := idOf(v)
	if !ok {
		return v, -1, nil
	}
	if _, err := strconv.Atoi(v); err == nil {
		v = names[id]
	}
	return v, id, nil
}

func orInt(n, other int) int {
	if n < 0 {
		return other
	}
	return n
}
