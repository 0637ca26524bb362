package shell

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

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
			rx, err := posixRegexp("^("+pat+")$", f.extended(), w == "-iregex")
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

// extended reports whether -regex reads extended expressions: -regextype says so.
// The usual syntax is that of Emacs, taken here as a basic one with + and ?.
func (f *finder) extended() bool {
	switch f.syntax {
	case "posix-basic", "grep", "sed", "ed":
		return false
	}
	return true
}
