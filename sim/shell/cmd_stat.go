package shell

import (
	"context"
	"fmt"
	"path"
	"strconv"
	"strings"

	"github.com/layerlab/layerlab/sim/overlay"
	"github.com/layerlab/layerlab/sim/tree"
)

// device is the st_dev that stat and ls show: one overlay, one number.
const device = 0x2a

func cmdStat(_ context.Context, p *Process) int {
	o, ok := p.getopt("Lc:ft", "dereference=L", "format:=c", "printf:=P", "file-system=f", "terse=t")
	if !ok {
		return 1
	}
	if len(o.args) == 0 {
		return p.missing("missing operand")
	}
	n := p.ownerNames()
	status := 0
	for _, name := range o.args {
		get := p.lstat
		if o.has("L") {
			get = p.stat
		}
		st, err := get(name)
		if err != nil {
			status = 1
			if p.busybox {
				p.say("can't stat '%s': %s", name, why(err))
			} else {
				p.say("cannot statx %s: %s", quoted(name), why(err))
			}
			continue
		}
		if f, ok := o.get("P"); ok {
			f, _ = unescape(f, false)
			p.outf("%s", p.statFormat(f, name, st, n))
			continue
		}
		if f, ok := o.get("c"); ok {
			p.outf("%s\n", p.statFormat(f, name, st, n))
			continue
		}
		p.statLong(name, st, n)
	}
	return status
}

func typeName(st overlay.Stat) string {
	switch st.Type() {
	case tree.Directory:
		return "directory"
	case tree.Symlink:
		return "symbolic link"
	case tree.CharDevice:
		return "character special file"
	case tree.BlockDevice:
		return "block special file"
	case tree.FIFO:
		return "fifo"
	case tree.Socket:
		return "socket"
	}
	if st.Size == 0 {
		return "regular empty file"
	}
	return "regular file"
}

const statTime = "2006-01-02 15:04:05.000000000 -0700"

func (p *Process) statLong(name string, st overlay.Stat, n *names) {
	shown, dev := name, fmt.Sprintf("%d,%d", device>>8, device&0xff)
	if p.busybox {
		dev = fmt.Sprintf("%xh/%dd", device, device)
	}
	if st.IsSymlink() {
		if p.busybox {
			shown = "'" + name + "' -> '" + st.Target + "'"
		} else {
			shown = name + " -> " + st.Target
		}
	}
	when := st.MTime.Time().Format(statTime)
	p.outf("  File: %s\n  Size: %-10d\tBlocks: %-10d IO Block: 4096   %s\n", shown, st.Size, blocksOf(st), typeName(st))
	p.outf("Device: %s\tInode: %-10d  Links: %d", dev, st.Ino, st.Nlink)
	if p.isDevice(st) {
		p.outf("     Device type: %x,%x", st.Major, st.Minor)
	}
	p.outf("\nAccess: (%04o/%s)  Uid: (%5d/%8s)   Gid: (%5d/%8s)\n", st.Perm(), modeString(st.Mode), st.UID, n.user(st.UID), st.GID, n.group(st.GID))
	p.outf("Access: %s\nModify: %s\nChange: %s\n", when, when, when)
	if !p.busybox {
		p.outf(" Birth: -\n")
	}
}

// statFormat fills in the directives of stat -c.
func (p *Process) statFormat(format, name string, st overlay.Stat, n *names) string {
	var b strings.Builder
	for i := 0; i < len(format); i++ {
		if format[i] != '%' || i+1 == len(format) {
			b.WriteByte(format[i])
			continue
		}
		j := i + 1
		for j < len(format) && strings.IndexByte("-+ #0123456789.", format[j]) >= 0 {
			j++
		}
		if j == len(format) {
			break
		}
		b.WriteString(fmt.Sprintf("%"+format[i+1:j]+"s", p.statField(format[j], name, st, n)))
		i = j
	}
	return b.String()
}

func (p *Process) statField(c byte, name string, st overlay.Stat, n *names) string {
	switch c {
	case '%':
		return "%"
	case 'n':
		return name
	case 'N':
		if st.IsSymlink() {
			return "'" + name + "' -> '" + st.Target + "'"
		}
		if p.busybox {
			return name
		}
		return "'" + name + "'"
	case 's':
		return strconv.FormatInt(st.Size, 10)
	case 'a':
		return octal(st.Perm())
	case 'A':
		return modeString(st.Mode)
	case 'f':
		return strconv.FormatUint(uint64(st.Mode), 16)
	case 'u':
		return strconv.Itoa(int(st.UID))
	case 'g':
		return strconv.Itoa(int(st.GID))
	case 'U':
		return n.user(st.UID)
	case 'G':
		return n.group(st.GID)
	case 'F':
		return typeName(st)
	case 'h':
		return strconv.Itoa(int(st.Nlink))
	case 'i':
		return strconv.FormatUint(st.Ino, 10)
	case 'b':
		return strconv.FormatInt(blocksOf(st), 10)
	case 'B':
		return "512"
	case 'o':
		return "4096"
	case 'd':
		return strconv.Itoa(device)
	case 'D':
		return strconv.FormatInt(device, 16)
	case 't':
		return strconv.FormatUint(uint64(st.Major), 16)
	case 'T':
		return strconv.FormatUint(uint64(st.Minor), 16)
	case 'X', 'Y', 'Z':
		return strconv.FormatInt(st.MTime.Sec, 10)
	case 'W':
		return "0"
	case 'x', 'y', 'z':
		return st.MTime.Time().Format(statTime)
	case 'w':
		return "-"
	case 'm':
		if _, _, m := p.where(name); m != nil {
			return m.Path
		}
		return "/"
	}
	return "?"
}

func cmdDu(ctx context.Context, p *Process) int {
	o, ok := p.getopt("aAsShHkmbcdlLxd:0", "all=a", "summarize=s", "human-readable=h", "bytes=b", "apparent-size=A", "total=c", "max-depth:=d", "one-file-system=x")
	if strings.Contains(strings.Join(p.Args, " "), "-d") || !ok {
		o, ok = p.getopt("aAsShHkmbclLxd:0", "all=a", "summarize=s", "human-readable=h", "bytes=b", "apparent-size=A", "total=c", "max-depth:=d", "one-file-system=x")
	}
	if !ok {
		return 1
	}
	u := &usage{p: p, ctx: ctx, o: o, depth: -1, seen: map[uint64]bool{}, out: p.out()}
	defer u.out.Flush()
	if d, ok := o.get("d"); ok {
		u.depth, _ = strconv.Atoi(d)
	}
	if o.has("s") {
		u.depth = 0
	}
	args := o.args
	if len(args) == 0 {
		args = []string{"."}
	}
	var total int64
	for _, name := range args {
		st, err := p.lstat(name)
		if err != nil {
			if p.busybox {
				u.out.errf("du: %s: %s\n", name, why(err))
			} else {
				u.out.errf("du: cannot access %s: %s\n", quoted(name), why(err))
			}
			u.status = 1
			continue
		}
		total += u.visit(name, st, 0)
	}
	if o.has("c") {
		u.show(total, "total")
	}
	return u.status
}

// usage adds up what du counts.
type usage struct {
	p      *Process
	ctx    context.Context
	o      *opts
	depth  int
	seen   map[uint64]bool
	out    output
	status int
}

func (u *usage) visit(name string, st overlay.Stat, depth int) int64 {
	u.p.k.turn(u.ctx)
	if st.Nlink > 1 && !st.IsDir() {
		if u.seen[st.Ino] {
			return 0
		}
		u.seen[st.Ino] = true
	}
	n := blocksOf(st) * 512
	if u.o.has("b", "A") {
		n = st.Size
	}
	if st.IsDir() {
		list, err := u.p.readDir(name)
		if err != nil {
			u.status = 1
			if u.p.busybox {
				u.out.errf("du: can't open '%s': %s\n", name, why(err))
			} else {
				u.out.errf("du: cannot read directory %s: %s\n", quoted(name), why(err))
			}
		}
		for _, e := range list {
			child := strings.TrimRight(name, "/") + "/" + e.Name
			if name == "/" {
				child = "/" + e.Name
			}
			if _, _, m := u.p.where(child); m != nil && m.Type != "" {
				continue // a file system of the machine, not of the image
			}
			n += u.visit(child, e.Stat, depth+1)
		}
	}
	if (u.depth < 0 || depth <= u.depth) && (st.IsDir() || u.o.has("a") || depth == 0) {
		u.show(n, name)
	}
	return n
}

func (u *usage) show(n int64, name string) {
	text := ""
	switch {
	case u.o.last("h", "k", "m", "b") == "h" && u.p.busybox:
		text = humanBusybox(n)
		if n < 1024 {
			text = strconv.FormatInt(n, 10)
		}
	case u.o.last("h", "k", "m", "b") == "h":
		text = humanGNU(n)
	case u.o.last("h", "k", "m", "b") == "m":
		text = strconv.FormatInt((n+(1<<20)-1)>>20, 10)
	case u.o.has("b"):
		text = strconv.FormatInt(n, 10)
	default:
		text = strconv.FormatInt((n+1023)/1024, 10)
	}
	u.out.printf("%s\t%s\n", text, name)
}

func cmdDf(_ context.Context, p *Process) int {
	o, ok := p.getopt("hkmPTaiB:", "human-readable=h", "portability=P", "all=a", "inodes=i", "print-type=T")
	if !ok {
		return 1
	}
	args := o.args
	show := o.args
	if len(args) == 0 {
		args, show = []string{"/", "/dev"}, []string{"/", "/dev"}
	}
	avail := "Available"
	if o.has("h") {
		avail = "Available"
		if !p.busybox {
			avail = "Avail"
		}
		p.outf("%-20s %9s %9s %9s Use%% Mounted on\n", "Filesystem", "Size", "Used", avail)
	} else {
		p.outf("%-20s %9s %9s %9s Use%% Mounted on\n", "Filesystem", "1K-blocks", "Used", avail)
	}
	status := 0
	for i := range args {
		if _, err := p.stat(show[i]); err != nil {
			status = p.say("%s: %s", show[i], why(err))
			continue
		}
		name, at := "overlay", "/"
		v, _, m := p.where(show[i])
		if m != nil {
			name, at = m.Type, m.Path
		}
		fs := v.Statfs()
		percent := int64(0)
		if fs.Total > 0 {
			percent = (fs.Used*100 + fs.Total - 1) / fs.Total
		}
		if o.has("h") {
			p.outf("%-20s %9s %9s %9s %3d%% %s\n", name, humanGNU(fs.Total), humanGNU(fs.Used), humanGNU(fs.Total-fs.Used), percent, at)
			continue
		}
		p.outf("%-20s %9d %9d %9d %3d%% %s\n", name, fs.Total/1024, fs.Used/1024, (fs.Total-fs.Used)/1024, percent, at)
	}
	return status
}

func cmdReadlink(_ context.Context, p *Process) int {
	o, ok := p.getopt("fnvqems", "canonicalize=f", "canonicalize-existing=e", "canonicalize-missing=m", "no-newline=n")
	if !ok {
		return 1
	}
	if len(o.args) == 0 {
		return p.missing("")
	}
	status := 0
	for _, name := range o.args {
		var to string
		var err error
		switch {
		case o.has("e"):
			to, err = p.realpath(name)
		case o.has("f", "m"):
			to, err = p.canonical(name, o.has("m"))
		default:
			to, err = p.readlink(name)
		}
		if err != nil {
			status = 1
			if o.has("v") {
				p.say("%s: %s", name, why(err))
			}
			continue
		}
		if o.has("n") {
			p.outf("%s", to)
		} else {
			p.outf("%s\n", to)
		}
	}
	return status
}

// canonical is the path without links of a name whose last part (or with
// missing, any part) need not exist.
func (p *Process) canonical(name string, missing bool) (string, error) {
	to, err := p.realpath(name)
	if err == nil || !isNotFound(err) {
		return to, err
	}
	name = path.Clean(p.abs(name))
	if st, e := p.lstat(name); e == nil && st.IsSymlink() {
		t := st.Target
		if !path.IsAbs(t) {
			t = path.Join(path.Dir(name), t)
		}
		if t != name {
			return p.canonical(t, missing)
		}
	}
	if name == "/" {
		return "/", nil
	}
	dir, err := p.realpath(path.Dir(name))
	if err != nil && missing {
		dir, err = p.canonical(path.Dir(name), true)
	}
	return path.Join(dir, path.Base(name)), err
}

func cmdRealpath(_ context.Context, p *Process) int {
	o, ok := p.getopt("emqsz", "canonicalize-existing=e", "canonicalize-missing=m", "quiet=q", "no-symlinks=s", "relative-to:")
	if !ok {
		return 1
	}
	if len(o.args) == 0 {
		return p.missing("")
	}
	status := 0
	for _, name := range o.args {
		to, err := p.canonical(name, o.has("m"))
		if o.has("e") && err == nil {
			to, err = p.realpath(name)
		}
		if o.has("s") {
			to, err = path.Clean(p.abs(name)), nil
		}
		if err != nil {
			status = 1
			if !o.has("q") {
				p.say("%s: %s", name, why(err))
			}
			continue
		}
		if base, ok := o.get("relative-to"); ok {
			to = relative(path.Clean(p.abs(base)), to)
		}
		p.outf("%s\n", to)
	}
	return status
}

func cmdMktemp(_ context.Context, p *Process) int {
	o, ok := p.getopt("dqtup:", "directory=d", "quiet=q", "dry-run=u", "tmpdir:=p", "suffix:")
	if !ok {
		return 1
	}
	template := "tmp.XXXXXX"
	dir, hasDir := o.get("p")
	if !p.busybox {
		template = "tmp.XXXXXXXXXX"
	}
	if len(o.args) > 0 {
		template = o.args[0]
	}
	if len(o.args) == 0 || o.has("t") || hasDir {
		if !hasDir || dir == "" {
			dir = p.env("TMPDIR")
		}
		if dir == "" {
			dir = "/tmp"
		}
		template = dir + "/" + template
	}
	suffix, _ := o.get("suffix")
	stem := strings.TrimRight(template, "X")
	xs := len(template) - len(stem)
	if xs < 3 || p.busybox && xs < 6 {
		if p.busybox {
			return p.say("(null): Invalid argument")
		}
		return p.say("too few X's in template %s", quoted(template))
	}
	const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
	for range 100 {
		name := stem
		for range xs {
			name += string(letters[p.k.guess()>>33%uint64(len(letters))])
		}
		name += suffix
		if p.exists(name) {
			continue
		}
		var err error
		switch {
		case o.has("u"):
		case o.has("d"):
			err = p.mkdir(name, 0o700)
		default:
			err = p.mknod(name, tree.Regular|0o600, 0, 0)
		}
		if err != nil {
			if p.busybox {
				return p.say("(null): %s", why(err))
			}
			return p.say("failed to create file via template %s: %s", quoted(template), why(err))
		}
		p.outf("%s\n", name)
		return 0
	}
	return 1
}
