package shell

import (
	"context"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/layerlab/layerlab/sim/overlay"
	"github.com/layerlab/layerlab/sim/tree"
)

type lister struct {
	p      *Process
	o      *opts
	out    output
	ctx    context.Context
	names  *names
	status int
	shown  bool // something was printed before
}

type listed struct {
	name string
	st   overlay.Stat
	path string
}

func cmdLs(ctx context.Context, p *Process) int {
	o, ok := p.getopt("1AaCxdLHRFplinshrSXvctukmgoGQqNUbfBZw:T:I:", "all=a", "almost-all=A", "directory=d", "recursive=R", "reverse=r",
		"human-readable=h", "inode=i", "size=s", "numeric-uid-gid=n", "classify=F", "color", "full-time", "group-directories-first",
		"time-style:", "dereference=L", "no-group=G", "sort:", "color:")
	if !ok {
		if p.busybox {
			return 1
		}
		return 2
	}
	l := &lister{p: p, o: o, out: p.out(), ctx: ctx}
	defer l.out.Flush()
	if l.long() {
		l.names = p.ownerNames()
	}
	args := o.args
	if len(args) == 0 {
		args = []string{"."}
	}
	var files, dirs []listed
	for _, name := range args {
		st, err := l.stat(name)
		if err != nil {
			l.fail(name, err)
			continue
		}
		e := listed{name, st, name}
		if st.IsDir() && !o.has("d") {
			dirs = append(dirs, e)
		} else {
			files = append(files, e)
		}
	}
	l.sort(files)
	l.sort(dirs)
	if len(files) > 0 {
		l.print(files)
		l.shown = true
	}
	for _, d := range dirs {
		l.dir(d.name, len(args) > 1 || o.has("R"))
	}
	return l.status
}

func (l *lister) long() bool { return l.o.has("l", "n", "g", "o", "full-time") }

// stat is of a word of the command line: links to directories are followed
// unless the listing is long.
func (l *lister) stat(name string) (overlay.Stat, error) {
	if l.o.has("L", "H") {
		return l.p.stat(name)
	}
	st, err := l.p.lstat(name)
	if err == nil && st.IsSymlink() && !l.long() && !l.o.has("d", "F") {
		if to, err := l.p.stat(name); err == nil && (to.IsDir() || l.p.busybox) {
			return to, nil
		}
	}
	if err == nil && strings.HasSuffix(name, "/") {
		return l.p.stat(name)
	}
	return st, err
}

func (l *lister) fail(name string, err error) {
	l.status = 1
	if l.p.busybox {
		l.out.errf("ls: %s: %s\n", name, why(err))
		return
	}
	l.status = 2
	l.out.errf("ls: cannot access %s: %s\n", quoted(name), why(err))
}

func (l *lister) dir(name string, title bool) {
	l.p.k.turn(l.ctx)
	list, err := l.p.readDir(name)
	if err != nil {
		if l.p.busybox {
			l.out.errf("ls: can't open '%s': %s\n", name, why(err))
		} else {
			l.out.errf("ls: cannot open directory %s: %s\n", quoted(name), why(err))
		}
		l.status = max(l.status, 1)
		if !l.p.busybox && !l.o.has("R") {
			l.status = 2
		}
		return
	}
	if title {
		if l.shown {
			l.out.WriteByte('\n')
		}
		l.out.printf("%s:\n", name)
	}
	l.shown = true
	var es []listed
	if l.o.has("a", "f") {
		for _, dot := range []string{".", ".."} {
			if st, err := l.p.stat(name + "/" + dot); err == nil {
				es = append(es, listed{dot, st, name + "/" + dot})
			}
		}
	}
	for _, e := range list {
		if e.Name[0] == '.' && !l.o.has("a", "A", "f") {
			continue
		}
		full := strings.TrimRight(name, "/") + "/" + e.Name
		st := e.Stat
		if l.o.has("L") {
			if to, err := l.p.stat(full); err == nil {
				st = to
			}
		}
		es = append(es, listed{e.Name, st, full})
	}
	l.sort(es)
	if l.long() || l.o.has("s") {
		var blocks int64
		for _, e := range es {
			blocks += blocksOf(e.st)
		}
		switch {
		case l.o.has("h") && l.p.busybox:
			l.out.printf("total %-7s\n", l.human(blocks*512))
		case l.o.has("h"):
			l.out.printf("total %s\n", l.human(blocks*512))
		default:
			l.out.printf("total %d\n", blocks/2)
		}
	}
	l.print(es)
	if !l.o.has("R") {
		return
	}
	for _, e := range es {
		if e.st.IsDir() && e.name != "." && e.name != ".." && !(l.o.has("L") && false) {
			l.dir(e.path, true)
		}
	}
}

// blocksOf is st_blocks; only files and directories take any.
func blocksOf(st overlay.Stat) int64 {
	if st.IsSymlink() {
		return 0
	}
	return st.Blocks
}

func (l *lister) sort(es []listed) {
	o := l.o
	if o.has("U", "f") {
		return
	}
	slices.SortStableFunc(es, func(a, b listed) int {
		c := 0
		switch o.last("S", "t", "X", "v", "c", "u") {
		case "S":
			c = int(max(-1, min(1, b.st.Size-a.st.Size)))
		case "t":
			if b.st.MTime.Before(a.st.MTime) {
				c = -1
			} else if a.st.MTime.Before(b.st.MTime) {
				c = 1
			}
		case "X":
			c = strings.Compare(path.Ext(a.name), path.Ext(b.name))
		case "v":
			c = compareVersions(a.name, b.name)
		}
		if o.has("group-directories-first") && a.st.IsDir() != b.st.IsDir() {
			if a.st.IsDir() {
				return -1
			}
			return 1
		}
		if c == 0 {
			c = strings.Compare(a.name, b.name)
		}
		if o.has("r") {
			return -c
		}
		return c
	})
}

func (l *lister) print(es []listed) {
	switch {
	case l.long():
		l.printLong(es)
		return
	case l.o.has("m"):
		var words []string
		for _, e := range es {
			words = append(words, e.name+l.suffix(e))
		}
		l.out.printf("%s\n", strings.Join(words, ", "))
		return
	case l.o.last("C", "x", "1") == "C" || l.o.last("C", "x", "1") == "x":
		l.columns(es)
		return
	}
	width := 0
	for _, e := range es {
		width = max(width, len(strconv.FormatInt(blocksOf(e.st)/2, 10)))
	}
	for _, e := range es {
		l.lead(e, width, 0)
		l.out.printf("%s%s\n", e.name, l.suffix(e))
	}
}

// lead prints what -i and -s put before a name.
func (l *lister) lead(e listed, width, inoWidth int) {
	if l.o.has("i") {
		if l.p.busybox {
			l.out.printf("%7d ", e.st.Ino)
		} else {
			l.out.printf("%*d ", inoWidth, e.st.Ino)
		}
	}
	if l.o.has("s") {
		if l.p.busybox {
			width = 6
		}
		l.out.printf("%*d ", width, blocksOf(e.st)/2)
	}
}

func (l *lister) suffix(e listed) string {
	if l.o.has("p") && e.st.IsDir() {
		return "/"
	}
	if !l.o.has("F") {
		return ""
	}
	switch {
	case e.st.IsDir():
		return "/"
	case e.st.IsSymlink():
		return "@"
	case e.st.Type() == tree.FIFO:
		return "|"
	case e.st.Type() == tree.Socket:
		return "="
	case e.st.IsRegular() && e.st.Mode&0o111 != 0:
		return "*"
	}
	return ""
}

func (l *lister) columns(es []listed) {
	gap := 2
	width := 0
	for _, e := range es {
		width = max(width, len([]rune(e.name+l.suffix(e))))
	}
	width += gap
	cols := max(1, 80/width)
	rows := (len(es) + cols - 1) / cols
	for r := range rows {
		line := ""
		for c := range cols {
			i := c*rows + r
			if l.o.last("C", "x") == "x" {
				i = r*cols + c
			}
			if i >= len(es) {
				break
			}
			text := es[i].name + l.suffix(es[i])
			line += text + strings.Repeat(" ", width-len([]rune(text)))
		}
		l.out.printf("%s\n", strings.TrimRight(line, " "))
	}
}

func (l *lister) printLong(es []listed) {
	type row struct{ mode, links, user, group, size, when string }
	rows := make([]row, len(es))
	var w [5]int
	blocks, ino := 0, 0
	for i, e := range es {
		r := row{mode: modeString(e.st.Mode), links: strconv.Itoa(int(e.st.Nlink)), when: l.when(e.st.MTime.Time())}
		r.user, r.group = strconv.Itoa(int(e.st.UID)), strconv.Itoa(int(e.st.GID))
		if !l.o.has("n") {
			r.user, r.group = l.names.user(e.st.UID), l.names.group(e.st.GID)
		}
		r.size = l.size(e.st)
		rows[i] = r
		for j, f := range []string{r.links, r.user, r.group, r.size} {
			w[j] = max(w[j], len(f))
		}
		blocks = max(blocks, len(strconv.FormatInt(blocksOf(e.st)/2, 10)))
		ino = max(ino, len(strconv.FormatUint(e.st.Ino, 10)))
	}
	for i, e := range es {
		r := rows[i]
		l.lead(e, blocks, ino)
		owner := ""
		if l.p.busybox {
			owner = fmt.Sprintf("%-8s %-8s ", cutTo(r.user, 8), cutTo(r.group, 8))
		} else {
			if !l.o.has("g") {
				owner += fmt.Sprintf("%-*s ", w[1], r.user)
			}
			if !l.o.has("o", "G") {
				owner += fmt.Sprintf("%-*s ", w[2], r.group)
			}
		}
		if l.p.busybox {
			l.out.printf("%s %4s %s%s %s ", r.mode, r.links, owner, r.size, r.when)
		} else {
			l.out.printf("%s %*s %s%*s %s ", r.mode, w[0], r.links, owner, w[3], r.size, r.when)
		}
		l.out.WriteString(e.name)
		if e.st.IsSymlink() {
			l.out.WriteString(" -> " + e.st.Target)
			if to, err := l.p.stat(e.path); err == nil && l.o.has("F") {
				l.out.WriteString(l.suffix(listed{"", to, ""}))
			}
		} else {
			l.out.WriteString(l.suffix(e))
		}
		l.out.WriteByte('\n')
	}
}

func cutTo(s string, n int) string { return s[:min(len(s), n)] }

func (l *lister) size(st overlay.Stat) string {
	device := st.Type() == tree.CharDevice || st.Type() == tree.BlockDevice
	switch {
	case device && l.p.busybox:
		return fmt.Sprintf("%4d, %3d", st.Major, st.Minor)
	case device:
		return fmt.Sprintf("%d, %d", st.Major, st.Minor)
	case l.o.has("h") && l.p.busybox:
		return fmt.Sprintf("%9s", l.human(st.Size))
	case l.o.has("h"):
		return l.human(st.Size)
	case l.p.busybox:
		return fmt.Sprintf("%9d", st.Size)
	}
	return strconv.FormatInt(st.Size, 10)
}

func (l *lister) human(n int64) string {
	if l.p.busybox {
		return humanBusybox(n)
	}
	return humanGNU(n)
}

// humanBusybox is a size as busybox writes it: 4.0K, 12.3M, one digit after the
// point below 100.
func humanBusybox(n int64) string {
	if n < 1024 {
		return strconv.FormatInt(n, 10)
	}
	x := float64(n)
	for _, unit := range "KMGTPE" {
		x /= 1024
		if x < 1024 {
			return fmt.Sprintf("%.1f%c", x, unit)
		}
	}
	return strconv.FormatInt(n, 10)
}

// humanGNU is a size as GNU writes it: rounded up, a digit after the point below 10.
func humanGNU(n int64) string {
	if n < 1024 {
		return strconv.FormatInt(n, 10)
	}
	unit := int64(1024)
	for _, c := range "KMGTPE" {
		tenths := (n*10 + unit - 1) / unit
		if tenths < 100 {
			return fmt.Sprintf("%d.%d%c", tenths/10, tenths%10, c)
		}
		if whole := (n + unit - 1) / unit; whole < 1024 || c == 'P' {
			return fmt.Sprintf("%d%c", whole, c)
		}
		unit *= 1024
	}
	return strconv.FormatInt(n, 10)
}

// when is a time as ls -l writes it: with the year when it is half a year off.
func (l *lister) when(t time.Time) string {
	if l.o.has("full-time") {
		if l.p.busybox {
			return t.Format("2006-01-02 15:04:05 -0700")
		}
		return t.Format("2006-01-02 15:04:05.000000000 -0700")
	}
	age := l.p.now().Sub(t)
	const halfYear = 31556952 * time.Second / 2
	if age > halfYear || age < -15*time.Minute && l.p.busybox || age < 0 && !l.p.busybox && age < -time.Second {
		return t.Format("Jan _2  2006")
	}
	return t.Format("Jan _2 15:04")
}
