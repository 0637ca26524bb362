package shell

import (
	"context"
	"strconv"
	"strings"
)

var infoCommands map[string]Command

func init() {
	infoCommands = map[string]Command{
		"true": cmdTrue, "false": func(context.Context, *Process) int { return 1 }, "pwd": cmdPwd, "date": cmdDate, "uname": cmdUname, "arch": cmdArch,
		"hostname": cmdHostname, "nproc": cmdNproc, "seq": cmdSeq, "expr": cmdExpr, "yes": cmdYes, "sleep": cmdSleep, "usleep": cmdSleep,
		"clear": cmdClear, "reset": cmdClear, "tty": cmdTty, "uptime": cmdUptime, "free": cmdFree, "ps": cmdPs, "mount": cmdMount, "factor": cmdFactor,
	}
}

func cmdPwd(_ context.Context, p *Process) int {
	dir := p.Dir
	if real, err := p.realpath(dir); err == nil && !(len(p.Args) > 1 && p.Args[1] == "-L") {
		dir = real
	}
	p.outf("%s\n", dir)
	return 0
}

func cmdUname(_ context.Context, p *Process) int {
	o, ok := p.getopt("amnrspvio", "all=a", "machine=m", "nodename=n", "kernel-release=r", "kernel-name=s", "kernel-version=v", "operating-system=o")
	if !ok {
		return 1
	}
	if len(o.args) > 0 && !p.busybox {
		return p.missing("extra operand " + quoted(o.args[0]))
	}
	var out []string
	add := func(option, text string) {
		if o.has(option, "a") || option == "s" && len(o.given) == 0 {
			out = append(out, text)
		}
	}
	add("s", "Linux")
	add("n", p.hostname())
	add("r", kernelRelease)
	add("v", "#1 SMP")
	add("m", "x86_64")
	if !o.has("a") {
		add("p", "unknown")
		add("i", "unknown")
	}
	add("o", "GNU/Linux")
	p.outf("%s\n", strings.Join(out, " "))
	return 0
}

func cmdArch(_ context.Context, p *Process) int { p.outf("x86_64\n"); return 0 }

func (p *Process) hostname() string { return orName(p.Hostname, "localhost") }

func cmdHostname(_ context.Context, p *Process) int {
	o, ok := p.getopt("sfidF:")
	if !ok {
		return 1
	}
	if len(o.args) > 0 {
		return p.say("sethostname: Operation not permitted")
	}
	if o.has("i") {
		p.outf("127.0.0.1\n")
		return 0
	}
	p.outf("%s\n", p.hostname())
	return 0
}

func cmdNproc(_ context.Context, p *Process) int {
	o, ok := p.getopt("", "all", "ignore:")
	if !ok {
		return 1
	}
	if len(o.args) > 0 && !p.busybox {
		return p.missing("extra operand " + quoted(o.args[0]))
	}
	text, _ := o.get("ignore")
	less, _ := strconv.Atoi(text)
	p.outf("%d\n", max(1, 2-less))
	return 0
}

func cmdClear(_ context.Context, p *Process) int {
	if !p.busybox && p.env("TERM") == "" {
		p.errf("TERM environment variable not set.\n")
		return 1
	}
	p.outf("\x1b[H\x1b[J")
	return 0
}

func cmdTty(_ context.Context, p *Process) int {
	o, ok := p.getopt("s", "silent=s", "quiet=s")
	if !ok {
		return 2
	}
	if !o.has("s") {
		p.outf("not a tty\n")
	}
	return 1
}

func cmdUptime(_ context.Context, p *Process) int {
	p.outf(" %s up 1 min,  load average: 0.00, 0.00, 0.00\n", p.now().Format("15:04:05"))
	return 0
}

func cmdFree(_ context.Context, p *Process) int {
	p.outf("              total        used        free      shared  buff/cache   available\nMem:        4194304      524288     3145728           0      524288     3670016\nSwap:             0           0           0\n")
	return 0
}

func cmdPs(_ context.Context, p *Process) int {
	if p.busybox {
		user := p.ownerNames().user(p.FS.Cred().UID)
		p.outf("PID   USER     COMMAND\n    1 %-8s sh\n%5d %-8s %s\n", user, p.PID, user, strings.Join(p.Args, " "))
		return 0
	}
	p.outf("    PID TTY          TIME CMD\n      1 ?        00:00:00 sh\n%7d ?        00:00:00 ps\n", p.PID)
	return 0
}

// cmdMount shows what is mounted; a container may not mount anything.
func cmdMount(ctx context.Context, p *Process) int {
	if len(p.Args) > 1 {
		if p.busybox {
			return p.say("permission denied (are you root?)")
		}
		p.say("%s: permission denied.", p.Args[len(p.Args)-1])
		return 32
	}
	text, err := p.readAll(ctx, "/proc/mounts")
	if err != nil {
		return p.say("%s", why(err))
	}
	for line := range strings.Lines(text) {
		if f := strings.Fields(line); len(f) >= 4 {
			p.outf("%s on %s type %s (%s)\n", f[0], f[1], f[2], f[3])
		}
	}
	return 0
}
