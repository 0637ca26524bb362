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
)

// A finder walks trees and asks its expression about each name.
type finder struct {
	p        *Process
	ctx      context.Context
	out      output
	words    []string // of the expression, while it is parsed
	expr     predicate
	min, max int
	depth    bool // contents before the directory
	follow   bool
	xdev     bool
	acts     bool // an action stands in the expression
	problem  string
	names    *names
	batches  []*batch
	status   int
	quit     bool
}

// found is one name with what find knows of it.
type found struct {
	name  string
	base  string
	st    overlay.Stat
	depth int
	prune bool
}

type predicate func(f *found) bool

func cmdFind(ctx context.Context, p *Process) int {
	f := &finder{p: p, ctx: ctx, max: -1, out: p.out()}
	defer f.out.Flush()
	words := p.Args[1:]
	for len(words) > 0 && (words[0] == "-L" || words[0] == "-H" || words[0] == "-P") {
		f.follow = words[0] == "-L"
		words = words[1:]
	}
	var starts []string
	for len(words) > 0 && !strings.HasPrefix(words[0], "-") && words[0] != "(" && words[0] != "!" {
		starts = append(starts, words[0])
		words = words[1:]
	}
	if len(starts) == 0 {
		starts = []string{"."}
	}
	f.words = words
	f.expr = func(*found) bool { return true }
	if len(words) > 0 {
		f.expr = f.or()
		if f.problem == "" && len(f.words) > 0 {
			f.problem = "unexpected " + quoted(f.words[0])
		}
	}
	if f.problem != "" {
		p.say("%s", f.problem)
		if p.busybox {
			p.usage()
		}
		return 1
	}
	if !f.acts {
		test := f.expr
		f.expr = func(at *found) bool {
			if test(at) {
				f.out.printf("%s\n", at.name)
			}
			return true
		}
	}
	for _, name := range starts {
		st, err := f.stat(name)
		if err != nil {
			f.fail(name, err)
			continue
		}
		f.visit(&found{name: name, base: path.Base(name), st: st})
	}
	for _, b := range f.batches {
		b.run()
	}
	return f.status
}

func (f *finder) fail(name string, err error) {
	f.status = 1
	if f.p.busybox {
		f.out.errf("find: %s: %s\n", name, why(err))
		return
	}
	f.out.errf("find: %s: %s\n", quoted(name), why(err))
}

func (f *finder) stat(name string) (overlay.Stat, error) {
	if f.follow {
		if st, err := f.p.stat(name); err == nil {
			return st, nil
		}
	}
	return f.p.lstat(name)
}

func (f *finder) visit(at *found) {
	f.p.k.turn(f.ctx)
	if f.quit {
		return
	}
	if !f.depth && at.depth >= f.min {
		f.expr(at)
	}
	if at.st.IsDir() && !at.prune && (f.max < 0 || at.depth < f.max) && !f.quit {
		f.children(at)
	}
	if f.depth && at.depth >= f.min && !f.quit {
		f.expr(at)
	}
}

func (f *finder) children(at *found) {
	list, err := f.p.readDir(at.name)
	if err != nil {
		if !isNotFound(err) {
			f.fail(at.name, err)
		}
		return
	}
	for _, e := range list {
		name := strings.TrimRight(at.name, "/") + "/" + e.Name
		st := e.Stat
		if f.follow && st.IsSymlink() {
			if to, err := f.p.stat(name); err == nil {
				st = to
			}
		}
		if _, _, m := f.p.where(name); f.xdev && m != nil {
			continue
		}
		f.visit(&found{name: name, base: e.Name, st: st, depth: at.depth + 1})
	}
}

func (f *finder) next() (string, bool) {
	if len(f.words) == 0 {
		return "", false
	}
	w := f.words[0]
	f.words = f.words[1:]
	return w, true
}

func (f *finder) or() predicate {
	left := f.and()
	for len(f.words) > 0 && (f.words[0] == "-o" || f.words[0] == "-or") {
		f.next()
		a, b := left, f.and()
		left = func(x *found) bool { return a(x) || b(x) }
	}
	return left
}

func (f *finder) and() predicate {
	left := f.not()
	for len(f.words) > 0 && f.words[0] != "-o" && f.words[0] != "-or" && f.words[0] != ")" && f.problem == "" {
		if f.words[0] == "-a" || f.words[0] == "-and" {
			f.next()
		}
		a, b := left, f.not()
		left = func(x *found) bool { return a(x) && b(x) }
	}
	return left
}

func (f *finder) not() predicate {
	w, ok := f.next()
	switch {
	case !ok:
		f.problem = "expected an expression"
	case w == "!" || w == "-not":
		inner := f.not()
		return func(x *found) bool { return !inner(x) }
	case w == "(":
		inner := f.or()
		if w, _ := f.next(); w != ")" {
			f.problem = "missing ')'"
		}
		return inner
	default:
		return f.primary(w)
	}
	return func(*found) bool { return false }
}

// arg is the argument of the predicate w.
func (f *finder) arg(w string) string {
	a, ok := f.next()
	if !ok && f.problem == "" {
		f.problem = fmt.Sprintf("missing argument to `%s'", w)
		if f.p.busybox {
			f.problem = w + " requires an argument"
		}
	}
	return a
}

func (f *finder) primary(w string) predicate {
	switch w {
	case "-name", "-iname", "-path", "-ipath", "-wholename", "-regex", "-lname":
		return f.naming(w, f.arg(w))
	case "-type":
		kinds := f.arg(w)
		return func(x *found) bool {
			c := typeLetter(x.st.Mode)
			if c == '-' {
				c = 'f'
			}
			return strings.IndexByte(kinds, c) >= 0
		}
	case "-maxdepth", "-mindepth":
		n, err := strconv.Atoi(f.arg(w))
		if err != nil && f.problem == "" {
			f.problem = "invalid number"
		}
		if w == "-maxdepth" {
			f.max = n
		} else {
			f.min = n
		}
		return yes
	case "-depth", "-d":
		f.depth = true
		return yes
	case "-xdev", "-mount":
		f.xdev = true
		return yes
	case "-follow":
		f.follow = true
		return yes
	case "-noleaf", "-daystart", "-true":
		return yes
	case "-false":
		return func(*found) bool { return false }
	case "-prune":
		return func(x *found) bool { x.prune = true; return true }
	case "-quit":
		f.acts = true
		return func(*found) bool { f.quit = true; return true }
	case "-print", "-print0", "-printf", "-ls", "-delete", "-exec", "-execdir", "-ok":
		f.acts = true
		return f.action(w)
	}
	return f.property(w)
}

func yes(*found) bool { return true }

func (f *finder) naming(w, pat string) predicate {
	if strings.HasPrefix(w, "-i") {
		pat = strings.ToLower(pat)
	}
	return func(x *found) bool {
		switch w {
		case "-name":
			return glob(pat, x.base)
		case "-iname":
			return glob(pat, strings.ToLower(x.base))
		case "-ipath":
			return glob(pat, strings.ToLower(x.name))
		case "-lname":
			return x.st.IsSymlink() && glob(pat, x.st.Target)
		case "-regex":
			rx, err := posixRegexp("^("+pat+")$", true, false)
			return err == nil && rx.MatchString(x.name)
		}
		return glob(pat, x.name)
	}
}

// compareN reads +N (more), -N (less) or N and compares.
func compareN(text string, value func(*found) int64) (predicate, bool) {
	n, err := strconv.ParseInt(strings.TrimLeft(text, "+-"), 10, 64)
	if err != nil {
		return nil, false
	}
	return func(x *found) bool {
		v := value(x)
		switch text[0] {
		case '+':
			return v > n
		case '-':
			return v < n
		}
		return v == n
	}, true
}

func (f *finder) property(w string) predicate {
	switch w {
	case "-size":
		return f.size(f.arg(w))
	case "-empty":
		return func(x *found) bool {
			if x.st.IsDir() {
				list, err := f.p.readDir(x.name)
				return err == nil && len(list) == 0
			}
			return x.st.IsRegular() && x.st.Size == 0
		}
	case "-perm":
		return f.perm(f.arg(w))
	case "-newer", "-anewer", "-cnewer":
		ref := f.arg(w)
		st, err := f.p.stat(ref)
		if err != nil && f.problem == "" {
			f.problem = ref + ": " + why(err)
		}
		return func(x *found) bool { return st.MTime.Before(x.st.MTime) }
	case "-user", "-group", "-uid", "-gid":
		return f.owner(w, f.arg(w))
	case "-nouser", "-nogroup":
		n := f.p.ownerNames()
		return func(x *found) bool {
			_, user := n.users[int(x.st.UID)]
			_, group := n.groups[int(x.st.GID)]
			return w == "-nouser" && !user || w == "-nogroup" && !group
		}
	case "-mtime", "-mmin", "-atime", "-amin", "-ctime", "-cmin", "-links", "-inum":
		return f.counted(w, f.arg(w))
	case "-samefile":
		st, _ := f.p.stat(f.arg(w))
		return func(x *found) bool { return x.st.Ino == st.Ino }
	case "-executable", "-readable", "-writable":
		mask := map[string]uint32{"-executable": 1, "-readable": 4, "-writable": 2}[w]
		return func(x *found) bool { return f.p.access(x.name, mask) == nil }
	}
	if f.problem == "" {
		f.problem = fmt.Sprintf("unknown predicate `%s'", w)
		if f.p.busybox {
			f.problem = "unrecognized: " + w
		}
	}
	return yes
}

func (f *finder) counted(w, text string) predicate {
	p, ok := compareN(text, func(x *found) int64 {
		age := f.p.now().Sub(x.st.MTime.Time())
		switch w {
		case "-mmin", "-amin", "-cmin":
			return int64((age + time.Minute - 1) / time.Minute)
		case "-links":
			return int64(x.st.Nlink)
		case "-inum":
			return int64(x.st.Ino)
		}
		return int64(age / (24 * time.Hour))
	})
	if !ok {
		f.problem = "invalid number '" + text + "'"
		return yes
	}
	return p
}

func (f *finder) size(text string) predicate {
	unit := int64(512)
	digits := text
	if text != "" {
		switch text[len(text)-1] {
		case 'c':
			unit, digits = 1, text[:len(text)-1]
		case 'w':
			unit, digits = 2, text[:len(text)-1]
		case 'b':
			digits = text[:len(text)-1]
		case 'k':
			unit, digits = 1<<10, text[:len(text)-1]
		case 'M':
			unit, digits = 1<<20, text[:len(text)-1]
		case 'G':
			unit, digits = 1<<30, text[:len(text)-1]
		}
	}
	p, ok := compareN(digits, func(x *found) int64 { return (x.st.Size + unit - 1) / unit })
	if !ok {
		f.problem = fmt.Sprintf("invalid number '%s'", text)
		return yes
	}
	return p
}

func (f *finder) perm(text string) predicate {
	mode, ok := f.p.parseMode(strings.TrimLeft(text, "-/"), 0, false)
	if !ok {
		f.problem = fmt.Sprintf("invalid mode '%s'", text)
		return yes
	}
	return func(x *found) bool {
		have := x.st.Perm()
		switch {
		case strings.HasPrefix(text, "-"):
			return have&mode == mode
		case strings.HasPrefix(text, "/"):
			return mode == 0 || have&mode != 0
		}
		return have == mode
	}
}

func (f *finder) owner(w, text string) predicate {
	var id int
	var ok bool
	if w == "-user" || w == "-uid" {
		id, ok = f.p.userID(text)
	} else {
		id, ok = f.p.groupID(text)
	}
	if !ok && f.problem == "" {
		f.problem = fmt.Sprintf("unknown user %s", text)
	}
	return func(x *found) bool {
		if w == "-user" || w == "-uid" {
			return int(x.st.UID) == id
		}
		return int(x.st.GID) == id
	}
}

// batch is -exec … {} +.
type batch struct {
	f     *finder
	words []string
	names []string
}

func (b *batch) run() {
	if len(b.names) == 0 {
		return
	}
	args := append(slices.Clone(b.words), b.names...)
	b.names = nil
	b.f.out.Flush()
	if b.f.p.call(b.f.ctx, args) != 0 {
		b.f.status = 1
	}
}

func (f *finder) action(w string) predicate {
	switch w {
	case "-print":
		return func(x *found) bool { f.out.printf("%s\n", x.name); return true }
	case "-print0":
		return func(x *found) bool { f.out.printf("%s\x00", x.name); return true }
	case "-printf":
		format, _ := unescape(f.arg(w), false)
		return func(x *found) bool { f.out.WriteString(f.format(format, x)); return true }
	case "-ls":
		return func(x *found) bool {
			f.out.printf("%9d %6d %s %3d %-8s %-8s %8d %s %s\n", x.st.Ino, blocksOf(x.st)/2, modeString(x.st.Mode), x.st.Nlink,
				f.owners().user(x.st.UID), f.owners().group(x.st.GID), x.st.Size, x.st.MTime.Time().Format("Jan _2 15:04"), x.name)
			return true
		}
	case "-delete":
		f.depth = true
		return f.remove
	}
	return f.execAction(w)
}

func (f *finder) owners() *names {
	if f.names == nil {
		f.names = f.p.ownerNames()
	}
	return f.names
}

func (f *finder) remove(x *found) bool {
	if x.name == "." || x.name == ".." {
		return true
	}
	call := f.p.unlink
	if x.st.IsDir() {
		call = f.p.rmdir
	}
	if err := call(x.name); err != nil {
		f.status = 1
		if f.p.busybox {
			f.out.errf("find: %s: %s\n", x.name, why(err))
		} else {
			f.out.errf("find: cannot delete %s: %s\n", quoted(x.name), why(err))
		}
		return false
	}
	return true
}

func (f *finder) execAction(w string) predicate {
	end := slices.IndexFunc(f.words, func(s string) bool { return s == ";" })
	if plus := slices.Index(f.words, "+"); plus > 0 && f.words[plus-1] == "{}" && (end < 0 || plus < end) {
		b := &batch{f: f, words: slices.Clone(f.words[:plus-1])}
		f.words = f.words[plus+1:]
		f.batches = append(f.batches, b)
		return func(x *found) bool {
			if b.names = append(b.names, x.name); len(b.names) >= 2000 {
				b.run()
			}
			return true
		}
	}
	if end <= 0 {
		f.problem = fmt.Sprintf("missing argument to `%s'", w)
		if f.p.busybox {
			f.problem = w + " requires an argument"
		}
		return yes
	}
	words := slices.Clone(f.words[:end])
	f.words = f.words[end+1:]
	return func(x *found) bool {
		args := make([]string, len(words))
		for i, s := range words {
			args[i] = strings.ReplaceAll(s, "{}", x.name)
		}
		f.out.Flush()
		return f.p.call(f.ctx, args) == 0
	}
}

// format fills in the directives of -printf.
func (f *finder) format(format string, x *found) string {
	var b strings.Builder
	for i := 0; i < len(format); i++ {
		if format[i] != '%' || i+1 == len(format) {
			b.WriteByte(format[i])
			continue
		}
		j := i + 1
		for j < len(format)-1 && strings.IndexByte("-0123456789.", format[j]) >= 0 {
			j++
		}
		width := "%" + format[i+1:j] + "s"
		i = j
		text := ""
		switch c := format[j]; c {
		case '%':
			text = "%"
		case 'p':
			text = x.name
		case 'f':
			text = x.base
		case 'h':
			text = path.Dir(x.name)
		case 'P':
			parts := strings.Split(x.name, "/")
			text = strings.Join(parts[max(0, len(parts)-x.depth):], "/")
		case 'd':
			text = strconv.Itoa(x.depth)
		case 'm':
			text = octal(x.st.Perm())
		case 'M':
			text = modeString(x.st.Mode)
		case 's':
			text = strconv.FormatInt(x.st.Size, 10)
		case 'k':
			text = strconv.FormatInt(blocksOf(x.st)/2, 10)
		case 'b':
			text = strconv.FormatInt(blocksOf(x.st), 10)
		case 'l':
			text = x.st.Target
		case 'n':
			text = strconv.Itoa(int(x.st.Nlink))
		case 'i':
			text = strconv.FormatUint(x.st.Ino, 10)
		case 'u':
			text = f.owners().user(x.st.UID)
		case 'g':
			text = f.owners().group(x.st.GID)
		case 'U':
			text = strconv.Itoa(int(x.st.UID))
		case 'G':
			text = strconv.Itoa(int(x.st.GID))
		case 'y':
			text = strings.Replace(string(typeLetter(x.st.Mode)), "-", "f", 1)
		case 'T', 'A', 'C':
			if i+1 < len(format) {
				i++
				switch format[i] {
				case '@':
					text = fmt.Sprintf("%d.%09d0", x.st.MTime.Sec, x.st.MTime.Nsec)
				default:
					text = strftime("%"+format[i:i+1], x.st.MTime.Time())
				}
			}
		case 't':
			text = x.st.MTime.Time().Format("Mon Jan _2 15:04:05.0000000000 2006")
		default:
			text = "%" + string(c)
		}
		fmt.Fprintf(&b, width, text)
	}
	return b.String()
}
