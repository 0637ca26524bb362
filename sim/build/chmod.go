package build

import (
	"errors"
	"strings"

	"github.com/layerlab/layerlab/sim/tree"
)

// A modeChange is --chmod with letters: what to do to a file's mode.
type modeChange []modeClause

type modeClause struct {
	who  uint32 // mask of the bits of user, group and others that are meant
	op   byte   // '+', '-' or '='
	perm string // of rwxXst, or one of ugo to copy from
}

// errModeSyntax is what BuildKit says of --chmod=xyz.
var errModeSyntax = errors.New("invalid syntax")

// parseMode reads "u=rwX,go=rX" as chmod(1) does, with a umask of 0.
func parseMode(s string) (modeChange, error) {
	var out modeChange
	for clause := range strings.SplitSeq(s, ",") {
		rest := strings.TrimLeft(clause, "ugoa")
		who := uint32(0)
		for _, c := range clause[:len(clause)-len(rest)] {
			who |= map[rune]uint32{'u': 0o4700, 'g': 0o2070, 'o': 0o0007, 'a': 0o7777}[c]
		}
		if who == 0 {
			who = 0o7777
		}
		if rest == "" || !strings.ContainsRune("+-=", rune(rest[0])) {
			return nil, errModeSyntax
		}
		for rest != "" {
			op := rest[0]
			rest = rest[1:]
			n := strings.IndexAny(rest, "+-=")
			if n < 0 {
				n = len(rest)
			}
			perm := rest[:n]
			rest = rest[n:]
			if strings.Trim(perm, "rwxXst") != "" && !(len(perm) == 1 && strings.Contains("ugo", perm)) {
				return nil, errModeSyntax
			}
			out = append(out, modeClause{who, op, perm})
		}
	}
	return out, nil
}

// apply is a mode (type and permissions) after the change.
func (m modeChange) apply(mode uint32) uint32 {
	for _, c := range m {
		bits := c.bits(mode) & c.who
		switch c.op {
		case '+':
			mode |= bits
		case '-':
			mode &^= bits
		case '=':
			// As BSD has it: the sticky bit stays, and g=u leaves set-id bits alone.
			clear := c.who &^ tree.Sticky
			if strings.Contains("ugo", c.perm) && c.perm != "" {
				clear &= 0o777
			}
			mode = mode&^clear | bits
		}
	}
	return mode
}

// bits is the permissions that a clause speaks of.
func (c modeClause) bits(mode uint32) uint32 {
	all := func(b uint32) uint32 { return b | b<<3 | b<<6 }
	var out uint32
	for _, p := range c.perm {
		switch p {
		case 'r':
			out |= all(4)
		case 'w':
			out |= all(2)
		case 'x':
			out |= all(1)
		case 'X':
			if mode&tree.TypeMask == tree.Directory || mode&0o111 != 0 {
				out |= all(1)
			}
		case 's':
			out |= tree.SetUID | tree.SetGID
		case 't':
			out |= tree.Sticky
		case 'u':
			out |= all(mode >> 6 & 7)
		case 'g':
			out |= all(mode >> 3 & 7)
		case 'o':
			out |= all(mode & 7)
		}
	}
	return out
}
