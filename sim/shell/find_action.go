package shell

import (
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"
)

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
		c, name := f.p, x.name
		if w == "-execdir" {
			there := *f.p
			there.Dir = logical(there.Dir, path.Dir(x.name))
			c, name = &there, "./"+x.base
		}
		for i, s := range words {
			args[i] = strings.ReplaceAll(s, "{}", name)
		}
		f.out.Flush()
		return c.call(f.ctx, args) == 0
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
		case 'H':
			text = x.start
		case 'Y':
			to, err := f.p.stat(x.name)
			text = strings.Replace(string(typeLetter(to.Mode)), "-", "f", 1)
			if err != nil {
				text = "N"
			}
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
			text = x.st.MTime.Time().Format("Mon Jan _2 15:04:05.000000000") + x.st.MTime.Time().Format("0 2006")
		default:
			text = "%" + string(c)
		}
		fmt.Fprintf(&b, width, text)
	}
	return b.String()
}
