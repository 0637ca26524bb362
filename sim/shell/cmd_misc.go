package shell

import (
	"bytes"
	"context"
	"os"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/layerlab/layerlab/sim/tree"
)

// cmdSudo runs its words as root, who asks already.
func cmdSudo(ctx context.Context, p *Process) int {
	o, ok := p.getopt("+u:g:EHinSsbkp:", "user:=u", "group:=g", "preserve-env=E", "set-home=H", "login=i", "non-interactive=n")
	if !ok {
		return 1
	}
	words := o.args
	env := p.Env
	for len(words) > 0 && strings.Contains(words[0], "=") {
		name, value, _ := strings.Cut(words[0], "=")
		env = setEnv(env, name, value)
		words = words[1:]
	}
	if len(words) == 0 {
		return p.missing("a command is needed")
	}
	c := *p
	c.Env = env
	if who, ok := o.get("u"); ok {
		return c.as(ctx, who, words)
	}
	return c.call(ctx, words)
}

// cmdGosu is gosu and su-exec: USER[:GROUP] COMMAND.
func cmdGosu(ctx context.Context, p *Process) int {
	if len(p.Args) == 2 && (p.Args[1] == "--version" || p.Args[1] == "nobody") {
		p.outf("1.14 (go1.19.8 on linux/amd64; gc)\n") // Debian 12's
		return 0
	}
	if len(p.Args) < 3 {
		p.errf("Usage: %s user-spec command [args]\n", baseName(p.Args[0]))
		return 1
	}
	return p.as(ctx, p.Args[1], p.Args[2:])
}

// as runs words as another user.
func (p *Process) as(ctx context.Context, who string, words []string) int {
	name, grp, hasGroup := strings.Cut(who, ":")
	cred := p.FS.Cred()
	uid, ok := p.userID(name)
	if !ok {
		p.errf("error: failed switching to %q: unable to find user %s: no matching entries in passwd file\n", who, name)
		return 1
	}
	cred.UID, cred.Groups = uint32(uid), nil
	c := *p
	if id, ok := p.identity(name); ok {
		cred.GID = uint32(id.gid)
		for _, g := range id.groups {
			cred.Groups = append(cred.Groups, uint32(g))
		}
	}
	if u, ok := p.userByID(uid); ok {
		c.Env = setEnv(p.Env, "HOME", u.home)
	}
	if hasGroup {
		gid, ok := p.groupID(grp)
		if !ok {
			p.errf("error: failed switching to %q: unable to find group %s: no matching entries in group file\n", who, grp)
			return 1
		}
		cred.GID, cred.Groups = uint32(gid), []uint32{uint32(gid)}
	}
	c.FS = p.FS.Mount().As(cred)
	return c.call(ctx, words)
}

// cmdFlock runs a command; nobody else holds a lock here.
func cmdFlock(ctx context.Context, p *Process) int {
	o, ok := p.getopt("+sxuneoFw:c:E:", "shared=s", "exclusive=x", "nonblock=n", "wait:=w", "timeout:=w", "command:=c")
	if !ok {
		return 1
	}
	if len(o.args) == 0 {
		return p.missing("not enough arguments")
	}
	if d, err := p.open(ctx, o.args[0], os.O_RDONLY|os.O_CREATE, 0o666); err == nil {
		d.release()
	}
	words := o.args[1:]
	if text, ok := o.get("c"); ok {
		words = []string{"/bin/sh", "-c", text}
	} else if len(words) == 2 && words[0] == "-c" {
		words = []string{"/bin/sh", "-c", words[1]}
	}
	if len(words) == 0 {
		return 0
	}
	return p.call(ctx, words)
}

// cmdDos2unix is dos2unix and unix2dos: line ends, in place or through.
func cmdDos2unix(ctx context.Context, p *Process) int {
	o, ok := p.getopt("udqkfonmv", "quiet=q")
	if !ok {
		return 1
	}
	toUnix := baseName(p.Args[0]) == "dos2unix" && !o.has("d") || o.has("u")
	convert := func(b []byte) []byte {
		b = bytes.ReplaceAll(b, []byte("\r\n"), []byte("\n"))
		if !toUnix {
			b = bytes.ReplaceAll(b, []byte("\n"), []byte("\r\n"))
		}
		return b
	}
	if len(o.args) == 0 {
		b, err := p.hold(p.in(ctx), maxScript)
		p.Stdout.Write(convert(b))
		return boolStatus(err == nil)
	}
	status := 0
	for _, name := range o.args {
		text, err := p.readAll(ctx, name)
		if err != nil {
			status = p.say("%s: %s", name, why(err))
			continue
		}
		if !o.has("q") && !p.busybox {
			p.errf("%s: converting file %s to %s format...\n", baseName(p.Args[0]), name, map[bool]string{true: "Unix", false: "DOS"}[toUnix])
		}
		st, _ := p.stat(name)
		if status = p.write(ctx, name, string(convert([]byte(text))), 0o666); status == 0 {
			p.chmod(name, st.Perm())
		}
	}
	return status
}

// cmdFile is file: what a file is, by its type and its first bytes.
func cmdFile(_ context.Context, p *Process) int {
	o, ok := p.getopt("bLiIkszN", "brief=b", "dereference=L", "mime=i", "mime-type=I")
	if !ok {
		return 1
	}
	width := 0
	for _, name := range o.args {
		width = max(width, len(name)+1)
	}
	for _, name := range o.args {
		kind := p.kindOf(name, o.has("L"))
		if o.has("b") {
			p.outf("%s\n", kind)
		} else {
			p.outf("%-*s %s\n", width, name+":", kind)
		}
	}
	return 0
}

func (p *Process) kindOf(name string, follow bool) string {
	st, err := p.lstat(name)
	if follow && err == nil {
		st, err = p.stat(name)
	}
	if err != nil {
		return "cannot open `" + name + "' (" + why(err) + ")"
	}
	switch st.Type() {
	case tree.Directory:
		return "directory"
	case tree.Symlink:
		return "symbolic link to " + st.Target
	case tree.FIFO:
		return "fifo (named pipe)"
	case tree.CharDevice:
		return "character special (" + strconv.Itoa(int(st.Major)) + "/" + strconv.Itoa(int(st.Minor)) + ")"
	}
	if st.Size == 0 {
		return "empty"
	}
	head, err := p.head(name, 4096)
	switch {
	case err != nil:
		return "regular file, no read permission"
	case strings.HasPrefix(head, "\x7fELF"):
		return "ELF 64-bit LSB executable, x86-64, version 1 (SYSV), dynamically linked, stripped"
	case strings.HasPrefix(head, "#!"):
		line, _, _ := strings.Cut(strings.TrimSpace(head[2:]), "\n")
		if strings.HasSuffix(line, "/sh") {
			return "POSIX shell script, ASCII text executable"
		}
		return "a " + line + " script, ASCII text executable"
	case strings.HasPrefix(head, "\x1f\x8b"):
		return "gzip compressed data"
	case strings.HasPrefix(head, "PK\x03\x04"):
		return "Zip archive data, at least v2.0 to extract"
	case strings.HasPrefix(head, "\xfd7zXZ"):
		return "XZ compressed data"
	case strings.HasPrefix(head, "\x89PNG"):
		return "PNG image data"
	case strings.ContainsRune(head, 0):
		return "data"
	case strings.Contains(head, "\r\n"):
		return "ASCII text, with CRLF line terminators"
	case strings.IndexFunc(head, func(r rune) bool { return r > 127 }) < 0:
		return "ASCII text"
	case utf8.ValidString(head):
		return "Unicode text, UTF-8 text"
	}
	return "ISO-8859 text"
}
