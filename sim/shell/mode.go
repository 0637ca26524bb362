package shell

import (
	"context"
	"strings"

	"github.com/layerlab/layerlab/sim/overlay"
	"github.com/layerlab/layerlab/sim/tree"
)

// parseMode reads an octal or symbolic mode as chmod takes it; old is the mode
// that it changes.
func (p *Process) parseMode(text string, old uint32, dir bool) (uint32, bool) {
	if n, ok := parseOctal(text); ok {
		return n & tree.PermMask, true
	}
	if text != "" && strings.IndexByte("+-=", text[0]) >= 0 && !p.busybox {
		if n, ok := parseOctal(text[1:]); ok { // GNU: digits behind an operator
			return operated(text[0], old, n) & tree.PermMask, true
		}
	}
	return symbolicMode(text, old, dir, p.FS.Cred().Umask)
}

// operated is old with bits added, taken away, or in its place.
func operated(op byte, old, bits uint32) uint32 {
	switch op {
	case '+':
		return old | bits
	case '-':
		return old &^ bits
	}
	return bits
}

// symbolicMode applies clauses like u+rwx,go=,a-x,+X to old. Clauses without
// u, g, o or a leave the bits of the umask alone (POSIX chmod(1)).
func symbolicMode(text string, old uint32, dir bool, umask uint32) (uint32, bool) {
	mode := old & tree.PermMask
	for clause := range strings.SplitSeq(text, ",") {
		i := 0
		var who uint32
		for i < len(clause) && strings.IndexByte("ugoa", clause[i]) >= 0 {
			who |= map[byte]uint32{'u': 0o4700, 'g': 0o2070, 'o': 0o1007, 'a': 0o7777}[clause[i]]
			i++
		}
		limit := uint32(0o7777)
		if who == 0 {
			who, limit = 0o7777, ^umask
		}
		if i == len(clause) {
			return 0, false
		}
		for i < len(clause) {
			op := clause[i]
			if strings.IndexByte("+-=", op) < 0 {
				return 0, false
			}
			i++
			bits, n := modeBits(clause[i:], mode, dir)
			i += n
			if i < len(clause) && strings.IndexByte("+-=", clause[i]) < 0 {
				return 0, false
			}
			// s means nothing for others, t nothing for user and group alone.
			bits &= who & limit
			switch op {
			case '+':
				mode |= bits
			case '-':
				mode &^= bits
			case '=':
				keep := ^who
				if dir {
					keep |= 0o6000
				}
				mode = mode&(keep|^uint32(0o7777)) | bits
			}
		}
	}
	return mode & tree.PermMask, true
}

func modeBits(s string, mode uint32, dir bool) (bits uint32, used int) {
	for used < len(s) {
		switch s[used] {
		case 'r':
			bits |= 0o444
		case 'w':
			bits |= 0o222
		case 'x':
			bits |= 0o111
		case 'X':
			if dir || mode&0o111 != 0 {
				bits |= 0o111
			}
		case 's':
			bits |= 0o6000
		case 't':
			bits |= 0o1000
		case 'u':
			bits |= mode >> 6 & 7 * 0o111
		case 'g':
			bits |= mode >> 3 & 7 * 0o111
		case 'o':
			bits |= mode & 7 * 0o111
		default:
			return bits, used
		}
		used++
	}
	return bits, used
}

// modeString is the mode as ls -l writes it: drwxr-xr-x.
func modeString(mode uint32) string {
	b := []byte("?rwxrwxrwx")
	for i := range 9 {
		if mode&(1<<(8-i)) == 0 {
			b[i+1] = '-'
		}
	}
	special := func(bit uint32, at int, set, unset byte) {
		if mode&bit != 0 {
			if b[at] == 'x' {
				b[at] = set
			} else {
				b[at] = unset
			}
		}
	}
	special(tree.SetUID, 3, 's', 'S')
	special(tree.SetGID, 6, 's', 'S')
	special(tree.Sticky, 9, 't', 'T')
	b[0] = typeLetter(mode)
	return string(b)
}

func typeLetter(mode uint32) byte {
	switch mode & tree.TypeMask {
	case tree.Directory:
		return 'd'
	case tree.Symlink:
		return 'l'
	case tree.CharDevice:
		return 'c'
	case tree.BlockDevice:
		return 'b'
	case tree.FIFO:
		return 'p'
	case tree.Socket:
		return 's'
	}
	return '-'
}

// walk calls visit for name and, with recursive, for all below it, parents
// first. Symbolic links below name are not followed.
func (p *Process) walk(ctx context.Context, name string, recursive bool, visit func(name string, st overlay.Stat) error, fail func(name string, err error)) {
	st, err := p.lstat(name)
	if err != nil {
		fail(name, err)
		return
	}
	p.walkFrom(ctx, name, st, recursive, visit, fail)
}

func (p *Process) walkFrom(ctx context.Context, name string, st overlay.Stat, recursive bool, visit func(name string, st overlay.Stat) error, fail func(name string, err error)) {
	p.k.turn(ctx)
	if err := visit(name, st); err != nil {
		fail(name, err)
		return
	}
	if !recursive || !st.IsDir() {
		return
	}
	list, err := p.readDir(name)
	if err != nil {
		fail(name, err)
		return
	}
	for _, e := range list {
		p.walkFrom(ctx, strings.TrimRight(name, "/")+"/"+e.Name, e.Stat, true, visit, fail)
	}
}

func cmdChmod(ctx context.Context, p *Process) int {
	args := p.Args
	// A mode like -x looks like an option: put it behind "--".
	for i, w := range args[1:] {
		if len(w) > 1 && w[0] == '-' && strings.Trim(w[1:], "rwxXstugo,+=-") == "" && strings.Trim(w[1:], "R") != "" && !strings.HasPrefix(w, "--") {
			moved := append([]string{}, args[:i+1]...)
			moved = append(moved, args[i+2:]...)
			args = append([]string{moved[0]}, filterDash(moved[1:])...)
			rest := operands(moved[1:])
			args = append(args, "--", w)
			args = append(args, rest...)
			break
		}
		if w == "--" {
			break
		}
	}
	o, ok := p.getoptOf(args, "Rvcf", "recursive=R", "verbose=v", "changes=c", "silent=f", "quiet=f", "reference:")
	if !ok {
		return 1
	}
	if ref, ok := o.get("reference"); ok {
		st, err := p.stat(ref)
		if err != nil {
			return p.say("failed to get attributes of %s: %s", quoted(ref), why(err))
		}
		o.args = append([]string{"0" + octal(st.Perm())}, o.args...)
	}
	if len(o.args) < 2 {
		if !p.busybox && len(o.args) == 1 {
			return p.missing("missing operand after " + quoted(o.args[0]))
		}
		return p.missing("missing operand")
	}
	text := o.args[0]
	if _, ok := p.parseMode(text, 0, false); !ok {
		if p.busybox {
			return p.say("invalid mode '%s'", text)
		}
		p.say("invalid mode: %s", quoted(text))
		return p.usage()
	}
	status := 0
	for _, name := range o.args[1:] {
		fail := func(name string, err error) {
			status = 1
			p.changeFailed("permissions", name, err, o.has("f"))
		}
		p.walk(ctx, name, o.has("R"), func(at string, st overlay.Stat) error {
			if st.IsSymlink() {
				if at != name {
					return nil
				}
				to, err := p.stat(at)
				if err != nil {
					return err
				}
				st = to
			}
			mode, _ := p.parseMode(text, st.Mode, st.IsDir())
			if n, ok := parseOctal(text); ok && st.IsDir() && len(text) < 5 && n&0o6000 == 0 && !p.busybox {
				mode |= st.Mode & 0o6000 // GNU keeps set-id bits of directories
			}
			if err := p.chmod(at, mode); err != nil {
				return err
			}
			switch {
			case o.has("v", "c") && mode != st.Perm():
				p.outf("mode of '%s' changed from %04o (%s) to %04o (%s)\n", at, st.Perm(), modeString(st.Perm())[1:], mode, modeString(mode)[1:])
			case o.has("v") && p.busybox:
				p.outf("mode of '%s' changed to %04o (%s)\n", at, mode, modeString(mode)[1:])
			case o.has("v"):
				p.outf("mode of '%s' retained as %04o (%s)\n", at, mode, modeString(mode)[1:])
			}
			return nil
		}, fail)
	}
	return status
}

// filterDash is the options among words, operands the rest.
func filterDash(words []string) (out []string) {
	for _, w := range words {
		if len(w) > 1 && w[0] == '-' {
			out = append(out, w)
		}
	}
	return out
}

func operands(words []string) (out []string) {
	for _, w := range words {
		if len(w) <= 1 || w[0] != '-' {
			out = append(out, w)
		}
	}
	return out
}

// changeFailed says that an attribute of a file could not be changed, as chmod
// and chown do; quiet is their -f.
func (p *Process) changeFailed(attribute, name string, err error, quiet bool) {
	switch {
	case quiet:
	case p.busybox:
		p.say("%s: %s", name, why(err))
	case isNotFound(err):
		if st, e := p.lstat(name); e == nil && st.IsSymlink() && isNotFound(err) {
			p.say("cannot operate on dangling symlink %s", quoted(name))
		} else {
			p.say("cannot access %s: %s", quoted(name), why(err))
		}
	default:
		p.say("changing %s of %s: %s", attribute, quoted(name), why(err))
	}
}
