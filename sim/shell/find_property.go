package shell

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

func (f *finder) naming(w, pat string) predicate {
	if strings.HasPrefix(w, "-i") && w != "-iregex" {
		pat = strings.ToLower(pat)
	}
	return func(x *found) bool {
		switch w {
		case "-name":
			return glob(pat, x.base)
		case "-iname":
			return glob(pat, strings.ToLower(x.base))
		case "-ipath", "-iwholename":
			return glob(pat, strings.ToLower(x.name))
		case "-lname":
			return x.st.IsSymlink() && glob(pat, x.st.Target)
		case "-iregex":
			rx, err := f.regex(pat, true)
			return err == nil && rx.MatchString(x.name)
		case "-regex":
			rx, err := f.regex(pat, false)
			return err == nil && rx.MatchString(x.name)
		}
		return glob(pat, x.name)
	}
}

// kind is -type and -xtype, which asks what a symbolic link leads to.
func (f *finder) kind(w, kinds string) predicate {
	if bad := strings.Trim(kinds, "bcdpfls,"); bad != "" && !f.p.busybox && f.problem == "" {
		f.problem = "Unknown argument to " + w + ": " + bad[:1]
	}
	return func(x *found) bool {
		st := x.st
		if w == "-xtype" {
			if to, err := f.p.stat(x.name); err == nil {
				st = to
			}
		}
		c := typeLetter(st.Mode)
		if c == '-' {
			c = 'f'
		}
		return strings.IndexByte(kinds, c) >= 0
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
		return f.newer(f.arg(w))
	case "-newermt", "-newerat", "-newerct":
		text := f.arg(w)
		t, ok := f.p.parseDate(text)
		if !ok && f.problem == "" {
			f.problem = "I cannot figure out how to interpret " + quoted(text) + " as a date or time"
		}
		return func(x *found) bool { return x.st.MTime.Time().After(t) }
	case "-newermm":
		return f.newer(f.arg(w))
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
		} else if !strings.HasPrefix(w, "-") {
			f.problem = fmt.Sprintf("paths must precede expression: `%s'", w)
		}
	}
	return yes
}

// newer is -newer: the name was changed after the file ref was.
func (f *finder) newer(ref string) predicate {
	st, err := f.p.stat(ref)
	if err != nil && f.problem == "" {
		f.problem = quoted(ref) + ": " + why(err)
		if f.p.busybox {
			f.problem = ref + ": " + why(err)
		}
	}
	return func(x *found) bool { return st.MTime.Before(x.st.MTime) }
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
		if !f.p.busybox {
			f.problem = fmt.Sprintf("invalid argument `%s' to `%s'", text, w)
		}
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
		if !f.p.busybox {
			f.problem = fmt.Sprintf("invalid -size type `%s'", text[max(0, len(text)-1):])
		}
		return yes
	}
	return p
}

func (f *finder) perm(text string) predicate {
	mode, ok := f.p.parseMode(strings.TrimLeft(text, "-/"), 0, false)
	if !ok || !f.p.busybox && len(text) > 1 && text[0] == '+' && isDigit(text[1]) {
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
		switch kind := map[bool]string{true: "user", false: "group"}[w == "-user" || w == "-uid"]; {
		case f.p.busybox:
			f.problem = "unknown user " + text
		case kind == "user":
			f.problem = quoted(text) + " is not the name of a known user"
		default:
			f.problem = quoted(text) + " is not the name of an existing group"
		}
	}
	return func(x *found) bool {
		if w == "-user" || w == "-uid" {
			return int(x.st.UID) == id
		}
		return int(x.st.GID) == id
	}
}

// regex is the pattern of -regex in its syntax: -regextype says which. The usual
// one is that of Emacs, basic but for + and ?, which repeat.
func (f *finder) regex(pat string, fold bool) (*posixRx, error) {
	switch f.syntax {
	case "posix-basic", "posix-minimal-basic", "grep", "sed", "ed":
		return posixRegexp("^\\("+pat+"\\)$", false, fold)
	case "", "emacs", "findutils-default":
		if !f.p.busybox {
			return posixRegexp("^("+fromEmacs(pat)+")$", true, fold)
		}
	}
	return posixRegexp("^("+pat+")$", true, fold)
}

// fromEmacs is a regular expression of Emacs as an extended one: groups,
// alternatives and counts are the operators with a backslash.
func fromEmacs(pat string) string {
	var b strings.Builder
	for i := 0; i < len(pat); i++ {
		c := pat[i]
		switch {
		case c == '\\' && i+1 < len(pat):
			i++
			if strings.IndexByte("(){}|", pat[i]) < 0 {
				b.WriteByte('\\')
			}
			b.WriteByte(pat[i])
		case c == '[':
			end := bracketEnd(pat[i:])
			b.WriteString(pat[i : i+end])
			i += end - 1
		case strings.IndexByte("(){}|", c) >= 0:
			b.WriteByte('\\')
			b.WriteByte(c)
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}

// bracketEnd is the length of the bracket expression that text begins with.
func bracketEnd(text string) int {
	from := 1
	if strings.HasPrefix(text[from:], "^") {
		from++
	}
	if strings.HasPrefix(text[from:], "]") {
		from++
	}
	for i := from; i < len(text); i++ {
		if strings.HasPrefix(text[i:], "[:") {
			if j := strings.Index(text[i:], ":]"); j > 0 {
				i += j + 1
			}
			continue
		}
		if text[i] == ']' {
			return i + 1
		}
	}
	return len(text)
}
