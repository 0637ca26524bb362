package shell

import (
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"
)

type builtinFunc func(s *interp, args []string) int

// specialBuiltin are those whose errors end a shell and whose prefix
// assignments stay (POSIX, Special Built-In Utilities).
var specialBuiltin = map[string]bool{
	".": true, ":": true, "break": true, "continue": true, "eval": true, "exec": true, "exit": true,
	"export": true, "readonly": true, "return": true, "set": true, "shift": true, "source": true,
	"times": true, "trap": true, "unset": true,
}

var builtins map[string]builtinFunc

func init() {
	builtins = map[string]builtinFunc{
		":": builtinTrue, "true": builtinTrue, "false": func(*interp, []string) int { return 1 },
		".": builtinDot, "source": builtinDot, "alias": builtinAlias, "unalias": builtinUnalias,
		"break": builtinBreak, "continue": builtinBreak, "cd": builtinCd, "chdir": builtinCd,
		"command": builtinCommand, "eval": builtinEval, "exit": builtinExit, "return": builtinReturn,
		"export": builtinExport, "readonly": builtinExport, "local": builtinLocal, "declare": builtinLocal, "typeset": builtinLocal,
		"getopts": builtinGetopts, "hash": builtinHash, "help": builtinHelp, "history": builtinTrue,
		"jobs": builtinJobs, "fg": builtinTrue, "bg": builtinTrue, "kill": builtinKill, "let": builtinLet,
		"pwd": builtinPwd, "read": builtinRead, "set": builtinSet, "shift": builtinShift, "times": builtinTimes,
		"trap": builtinTrap, "type": builtinType, "ulimit": builtinUlimit, "umask": builtinUmask,
		"unset": builtinUnset, "wait": builtinWait, "echo": asBuiltin(cmdEcho), "printf": builtinPrintf, "mapfile": builtinMapfile, "readarray": builtinMapfile,
		"test": asBuiltin(cmdTest), "[": asBuiltin(cmdTest), "[[": asBuiltin(cmdTest), "shopt": builtinTrue, "builtin": builtinBuiltin,
	}
}

// bashOnly are builtins that other shells do not have.
var bashOnly = []string{"mapfile", "readarray", "declare", "typeset", "shopt", "builtin"}

// notDash are builtins that Debian's dash lacks.
var notDash = []string{"source", "let", "help", "history"}

func (s *interp) lookupBuiltin(name string) (builtinFunc, bool) {
	b, ok := builtins[name]
	if s.dialect != bash && slices.Contains(bashOnly, name) || s.dialect == dash && slices.Contains(notDash, name) {
		return nil, false
	}
	return b, ok
}

// asBuiltin is a command that the shell runs itself.
func asBuiltin(c Command) builtinFunc {
	return func(s *interp, args []string) int {
		p := *s.p
		p.Args = args
		p.Env = s.exports()
		p.busybox = s.dialect == ash
		p.sync()
		if s.dialect != ash && args[0] != "[" {
			s.builtin = ""
		}
		p.Args = append([]string{s.shellName(args[0])}, args[1:]...)
		return c(s.ctx, &p)
	}
}

// shellName is how a command that is built in calls itself in messages.
func (s *interp) shellName(cmd string) string {
	switch {
	case s.inter || s.dialect == ash && (cmd == "test" || cmd == "[" || cmd == "[[" || cmd == "printf" || cmd == "echo"):
		if cmd == "[" || cmd == "[[" || cmd == "test" {
			return s.name + ":" + cmd
		}
		return s.name
	case s.dialect == bash:
		return fmt.Sprintf("%s: line %d: %s", s.name, s.line, cmd)
	}
	return fmt.Sprintf("%s: %d: %s", s.name, s.line, cmd)
}

func builtinTrue(*interp, []string) int { return 0 }

func builtinHelp(s *interp, _ []string) int {
	names := make([]string, 0, len(builtins))
	for name := range builtins {
		names = append(names, name)
	}
	slices.Sort(names)
	fmt.Fprintf(s.p.Stdout, "Built-in commands:\n------------------\n\t%s\n", strings.Join(names, " "))
	return 0
}

func builtinEval(s *interp, args []string) int {
	base := s.base
	if s.dialect == ash {
		s.base += s.line - 1
	} else {
		s.builtin = ""
	}
	s.last = 0
	s.eval(strings.NewReader(strings.Join(args[1:], " ")))
	s.base = base
	return s.last
}

func builtinExit(s *interp, args []string) int {
	status := s.last
	if len(args) > 1 {
		n, err := strconv.Atoi(args[1])
		if err != nil || n < 0 && s.dialect != bash {
			if s.dialect == bash {
				s.msg("%s: numeric argument required", args[1])
				s.ctl = control{kind: ctlExit}
				return 2
			}
			s.die(2, "Illegal number: %s", args[1])
		}
		status = n & 255
	}
	s.ctl = control{kind: ctlExit}
	return status
}

func builtinReturn(s *interp, args []string) int {
	status := builtinExit(s, args)
	if s.ctl.kind == ctlExit {
		s.ctl = control{kind: ctlReturn}
	}
	return status
}

func builtinBreak(s *interp, args []string) int {
	n := 1
	if len(args) > 1 {
		var err error
		if n, err = strconv.Atoi(args[1]); err != nil || n < 1 {
			s.die(2, "Illegal number: %s", args[1])
		}
	}
	if s.loops == 0 {
		return 0
	}
	s.ctl = control{kind: ctlBreak, n: min(n, s.loops)}
	if args[0] == "continue" {
		s.ctl.kind = ctlContinue
	}
	return 0
}

func builtinShift(s *interp, args []string) int {
	n := 1
	if len(args) > 1 {
		n, _ = strconv.Atoi(args[1])
	}
	if n > len(s.params) || n < 0 {
		if s.dialect == dash {
			s.die(2, "can't shift that many")
		}
		return 1
	}
	s.params = s.params[n:]
	return 0
}

func builtinCd(s *interp, args []string) int {
	physical := false
	words := args[1:]
	for len(words) > 0 && (words[0] == "-L" || words[0] == "-P" || words[0] == "--") {
		physical = physical || words[0] == "-P"
		words = words[1:]
	}
	dir, show := "", false
	switch {
	case len(words) == 0:
		if dir = s.value("HOME"); dir == "" {
			return 0
		}
	case words[0] == "-":
		dir, show = s.value("OLDPWD"), true
	default:
		dir = words[0]
	}
	to := logical(s.p.Dir, dir)
	if cdpath := s.value("CDPATH"); cdpath != "" && dir != "" && dir[0] != '/' && dir[0] != '.' {
		for part := range strings.SplitSeq(cdpath, ":") {
			if st, err := s.p.stat(path.Join(part, dir)); err == nil && st.IsDir() {
				to, show = logical(s.p.Dir, path.Join(part, dir)), part != ""
				break
			}
		}
	}
	if err := s.chdir(to, physical); err != nil {
		switch s.dialect {
		case bash:
			s.msg("%s: %s", dir, why(err))
			return 1
		case dash:
			s.msg("can't cd to %s", dir)
			return 2
		}
		s.msg("can't cd to %s: %s", dir, why(err))
		return 2
	}
	if show {
		fmt.Fprintln(s.p.Stdout, s.p.Dir)
	}
	return 0
}

func (s *interp) chdir(to string, physical bool) error {
	st, err := s.p.stat(to)
	if err != nil {
		return err
	}
	if !st.IsDir() {
		return errNotDir
	}
	if err := s.p.access(to, 1); err != nil {
		return err
	}
	if physical {
		if real, err := s.p.realpath(to); err == nil {
			to = real
		}
	}
	for name, dir := range map[string]string{"OLDPWD": s.p.Dir, "PWD": to} {
		v := str(dir)
		v.Exported = true
		s.vars[name] = v
	}
	s.p.Dir = to
	return nil
}

func builtinPwd(s *interp, args []string) int {
	dir := s.p.Dir
	if len(args) > 1 && args[1] == "-P" {
		if real, err := s.p.realpath(dir); err == nil {
			dir = real
		}
	}
	fmt.Fprintln(s.p.Stdout, dir)
	return 0
}

func builtinDot(s *interp, args []string) int {
	if len(args) < 2 {
		if s.dialect == bash {
			s.msg("filename argument required")
		}
		return 2
	}
	file := args[1]
	if !strings.Contains(file, "/") {
		found := false
		for dir := range strings.SplitSeq(s.value("PATH"), ":") {
			if st, err := s.p.stat(dir + "/" + file); err == nil && st.IsRegular() {
				file, found = dir+"/"+file, true
				break
			}
		}
		if !found && s.dialect == ash {
			s.die(2, "%s: not found", file)
		}
	}
	text, err := s.p.readAll(s.ctx, file)
	if err != nil {
		switch s.dialect {
		case bash:
			s.builtin = ""
			s.msg("%s: %s", args[1], why(err))
			return 1
		case dash:
			if !strings.Contains(args[1], "/") {
				s.die(2, "%s: not found", args[1])
			}
			s.die(2, "cannot open %s: %s", args[1], strings.Replace(why(err), "No such file or directory", "No such file", 1))
		}
		s.die(2, "can't open '%s': %s", args[1], why(err))
	}
	params, was, source, base := s.params, s.builtin, s.source, s.base
	if len(args) > 2 && s.dialect != dash {
		s.params = args[2:]
	}
	s.builtin, s.source, s.base = "", "", 0
	if s.dialect != bash {
		s.builtin = file
	}
	s.last = 0
	s.frames = append(s.frames, frame{"source", args[1]})
	s.eval(strings.NewReader(text))
	s.frames = s.frames[:len(s.frames)-1]
	s.params, s.builtin, s.source, s.base = params, was, source, base
	if s.ctl.kind == ctlReturn {
		s.ctl = control{}
	}
	return s.last
}

func builtinCommand(s *interp, args []string) int {
	words := args[1:]
	for len(words) > 0 && strings.HasPrefix(words[0], "-") && len(words[0]) > 1 {
		switch words[0] {
		case "-v", "-V":
			status := 0
			if s.dialect != bash && len(words) > 2 {
				words = words[:2] // ash and dash look at the first name only
			}
			for _, name := range words[1:] {
				if !s.describe(name, words[0] == "-v") {
					status = 127
					if s.dialect == bash {
						status = 1
					}
				}
			}
			return status
		}
		words = words[1:]
	}
	if len(words) == 0 {
		return 0
	}
	s.builtin = ""
	if b, ok := s.lookupBuiltin(words[0]); ok {
		s.builtin = words[0]
		return s.unspecial(b, words)
	}
	return s.external(words, nil)
}

// unspecial runs a builtin under the name of another one: its errors do not end
// the shell (POSIX, command).
func (s *interp) unspecial(b builtinFunc, words []string) (status int) {
	if s.dialect == bash || words[0] == "eval" {
		return b(s, words)
	}
	defer func() {
		if r := recover(); r != nil {
			end, ok := r.(fatal)
			if !ok {
				panic(r)
			}
			status = end.status
		}
	}()
	return b(s, words)
}

func builtinBuiltin(s *interp, args []string) int {
	if len(args) < 2 {
		return 0
	}
	b, ok := s.lookupBuiltin(args[1])
	if !ok {
		s.msg("%s: not a shell builtin", args[1])
		return 1
	}
	s.builtin = args[1]
	return b(s, args[1:])
}

func builtinType(s *interp, args []string) int {
	status := 0
	if len(args) > 1 && args[1] == "-t" && s.dialect == bash {
		for _, name := range args[2:] {
			if kind := s.kindOfName(name); kind != "" {
				fmt.Fprintln(s.p.Stdout, kind)
			} else {
				status = 1
			}
		}
		return status
	}
	for _, name := range args[1:] {
		if !s.describe(name, false) {
			status = 127
			if s.dialect == bash {
				status = 1
			}
		}
	}
	return status
}

var keywords = []string{"if", "then", "else", "elif", "fi", "do", "done", "case", "esac", "while", "until", "for", "{", "}", "!", "in", "function", "[["}

// describe says what name is, for type and command -v, and whether it is
// anything.
func (s *interp) describe(name string, short bool) bool {
	say := func(brief, long string) bool {
		if short {
			long = brief
		}
		fmt.Fprintln(s.p.Stdout, long)
		return true
	}
	if slices.Contains(keywords, name) {
		return say(name, name+" is a shell keyword")
	}
	if a, ok := s.aliases[name]; ok {
		return say("alias "+name+"='"+a+"'", name+" is an alias for "+a)
	}
	if _, ok := s.funcs[name]; ok {
		if s.dialect == dash {
			return say(name, name+" is a shell function")
		}
		return say(name, name+" is a function")
	}
	if _, ok := s.lookupBuiltin(name); ok || name == "exec" {
		if specialBuiltin[name] && s.dialect != bash {
			return say(name, name+" is a special shell builtin")
		}
		return say(name, name+" is a shell builtin")
	}
	c := s.p.child([]string{name})
	c.Env = s.exports()
	prog, err := c.find(name)
	if err == nil {
		switch {
		case s.p.standalone && standaloneSet[name]:
			return say(name, name+" is "+name)
		case strings.Contains(name, "/"):
			return say(name, name+" is "+name)
		}
		file := prog.path
		if f, err := c.lookPath(name); err == nil {
			file = f
		}
		return say(file, name+" is "+file)
	}
	if _, e := s.p.stat(name); e == nil && s.dialect == dash && strings.Contains(name, "/") {
		return say(name, name+" is "+name) // dash asks no more of a path than that it is there
	}
	if file, e := c.lookPath(name); e == nil {
		return say(file, name+" is "+file)
	}
	if !short {
		if s.dialect == bash {
			s.msg("%s: not found", name)
		} else {
			fmt.Fprintf(s.p.Stdout, "%s: not found\n", name)
		}
	}
	return false
}

// builtinHash is hash: a name that PATH does not have is an error. What is found
// is not kept.
func builtinHash(s *interp, args []string) (status int) {
	for _, name := range args[1:] {
		if strings.HasPrefix(name, "-") || strings.Contains(name, "/") {
			continue
		}
		_, fn := s.funcs[name]
		_, builtin := s.lookupBuiltin(name)
		c := s.p.child([]string{name})
		c.Env = s.exports()
		if _, err := c.find(name); err != nil && !fn && !builtin {
			s.msg("%s: not found", name)
			status = 1
		}
	}
	return status
}

func builtinLet(s *interp, args []string) int {
	n := int64(0)
	for _, a := range args[1:] {
		n = s.calculate(a)
	}
	return boolStatus(n != 0)
}
