package shell

import "strings"

// gnuPackages is the packages of GNU's tools and the tools that say their version
// as "NAME (GNU PACKAGE) VERSION".
var gnuPackages = map[string]string{
	"coreutils": "arch b2sum base32 base64 basename cat chgrp chmod chown cksum comm cp csplit cut date dd df dirname du env expand expr factor fmt fold groups head hostid id install join link ln logname ls " +
		"md5sum mkdir mkfifo mknod mktemp mv nice nl nohup nproc numfmt od paste pathchk pr printenv ptx readlink realpath rm rmdir seq sha1sum sha224sum sha256sum sha384sum sha512sum shred shuf sleep sort split stat stdbuf stty sum " +
		"sync tac tail tee timeout touch tr truncate tsort tty uname unexpand uniq unlink wc who whoami yes",
	"findutils": "find xargs", "diffutils": "diff cmp diff3 sdiff", "grep": "grep", "sed": "sed", "tar": "tar",
}

// gnuVersion is the first line of what a GNU tool of the image says to --version;
// the number is that of the installed package, so there is none where the image
// has no list of packages.
func (p *Process) gnuVersion(tool string) (string, bool) {
	for pkg, tools := range gnuPackages {
		if !setOf(tools)[tool] {
			continue
		}
		if v := p.installed(pkg); v != "" && p.exists("/var/lib/dpkg/status") {
			return tool + " (GNU " + pkg + ") " + v, true
		}
	}
	return "", false
}

// sayGNUVersion answers TOOL --version.
func (p *Process) sayGNUVersion(prog *program) bool {
	if prog.busybox || len(prog.args) != 2 || prog.args[1] != "--version" {
		return false
	}
	line, ok := p.gnuVersion(strings.TrimPrefix(baseName(prog.args[0]), "-"))
	if ok {
		p.outf("%s\nLicense GPLv3+: GNU GPL version 3 or later <https://gnu.org/licenses/gpl.html>.\nThis is free software: you are free to change and redistribute it.\nThere is NO WARRANTY, to the extent permitted by law.\n", line)
	}
	return ok
}
