package shell

import (
	"context"
	"strconv"
	"strings"

	"github.com/layerlab/layerlab/sim/overlay"
)

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
