package shell

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"syscall"
)

var errNotDir error = syscall.ENOTDIR

var signals = []string{"EXIT", "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2", "PIPE", "ALRM", "TERM"}

// signalNumber is the number of a signal by name or number, -1 for none.
func signalNumber(name string) int {
	if n, err := strconv.Atoi(name); err == nil && n >= 0 && n < 65 {
		return n
	}
	return slices.Index(signals, strings.TrimPrefix(strings.ToUpper(name), "SIG"))
}

func signalName(n int) string {
	if n < len(signals) {
		return signals[n]
	}
	return strconv.Itoa(n)
}

func builtinTrap(s *interp, args []string) int {
	words := args[1:]
	if len(words) > 0 && words[0] == "--" {
		words = words[1:]
	}
	if len(words) == 0 || words[0] == "-p" {
		for n := range signals {
			if body, ok := s.traps[signalName(n)]; ok {
				fmt.Fprintf(s.p.Stdout, "trap -- %s %s\n", quoteSh(body), signalName(n))
			}
		}
		return 0
	}
	action := words[0]
	names := words[1:]
	if len(names) == 0 {
		names, action = words, "-"
	}
	status := 0
	for _, name := range names {
		n := signalNumber(name)
		if n < 0 {
			if strings.EqualFold(name, "ERR") && s.dialect == bash {
				if s.traps["ERR"] = action; action == "-" {
					delete(s.traps, "ERR")
				}
			}
			if strings.EqualFold(name, "ERR") || strings.EqualFold(name, "DEBUG") || strings.EqualFold(name, "RETURN") {
				continue
			}
			if s.dialect == dash {
				s.p.errf("trap: %s: bad trap\n", name)
			} else {
				s.msg("%s: invalid signal specification", name)
			}
			status = 1
			continue
		}
		if action == "-" {
			delete(s.traps, signalName(n))
		} else {
			s.traps[signalName(n)] = action
		}
	}
	return status
}

func builtinKill(s *interp, args []string) int {
	signal, words := 15, args[1:]
	if len(words) > 1 && words[0] == "-l" {
		return s.signalNames(words[1:])
	}
	if s.dialect == ash && (len(words) == 0 || len(words) == 1 && strings.HasPrefix(words[0], "-") && words[0] != "-l") {
		s.p.errf("%s: you need to specify whom to kill\n", s.name)
		return 1
	}
	if len(words) > 0 && words[0] == "-l" {
		for n, name := range signals[1:] {
			fmt.Fprintf(s.p.Stdout, "%2d) %s\n", n+1, name)
		}
		return 0
	}
	if len(words) > 0 && strings.HasPrefix(words[0], "-") {
		name := words[0][1:]
		words = words[1:]
		if name == "s" && len(words) > 0 {
			name, words = words[0], words[1:]
		}
		if signal = signalNumber(name); signal < 0 {
			if s.dialect == ash {
				s.p.errf("%s: bad signal name '%s'\n", s.name, name)
				return 1
			}
			s.msg("invalid signal '%s'", name)
			return 1
		}
	}
	status := 0
	for _, w := range words {
		pid, err := strconv.Atoi(w)
		switch {
		case err != nil && s.dialect == ash:
			s.p.errf("%s: invalid number '%s'\n", s.name, w)
			status = 1
		case err != nil:
			s.msg("invalid number '%s'", w)
			status = 1
		case pid == s.pidVar || pid == s.p.PID:
			s.signal(signal)
		case s.jobByPID(pid) != nil:
			if j := s.jobByPID(pid); !j.task.done && signal != 0 {
				s.p.k.kill(j.task, signal)
			}
		case signal == 0 && pid == 1:
		case s.dialect == ash:
			s.p.errf("%s: can't kill pid %d: No such process\n", s.name, pid)
			status = 1
		default:
			s.msg("can't kill pid %d: No such process", pid)
			status = 1
		}
	}
	return status
}

// signalNames is kill -l with words: names become numbers, numbers names.
func (s *interp) signalNames(words []string) int {
	for _, w := range words {
		n, err := strconv.Atoi(w)
		switch {
		case err != nil && signalNumber(w) < 0:
			s.p.errf("%s: unknown signal '%s'\n", s.name, w)
			return 1
		case err != nil:
			fmt.Fprintln(s.p.Stdout, signalNumber(w))
		default:
			if n > 128 {
				n -= 128
			}
			fmt.Fprintln(s.p.Stdout, orName(signalName(n), w))
		}
	}
	return 0
}

// signal is the shell getting a signal.
func (s *interp) signal(n int) {
	body, ok := s.traps[signalName(n)]
	switch {
	case n == 0:
	case ok && n != 9:
		s.builtin = ""
		s.eval(strings.NewReader(body))
	case s.pidVar == 1 && !s.p.Host: // the kernel spares the first process of a container
	case s.inter && (n == 15 || n == 3):
	default:
		panic(stop{signal: n})
	}
}

func (s *interp) jobByPID(pid int) *job {
	for _, j := range s.jobs {
		if j.pid == pid {
			return j
		}
	}
	return nil
}

func builtinWait(s *interp, args []string) int {
	if len(args) == 1 {
		for _, j := range s.jobs {
			s.p.k.join(j.task)
		}
		return 0
	}
	status := 0
	for _, w := range args[1:] {
		if w == "-n" {
			continue
		}
		pid, _ := strconv.Atoi(strings.TrimPrefix(w, "%"))
		j := s.jobByPID(pid)
		if strings.HasPrefix(w, "%") && pid > 0 && pid <= len(s.jobs) {
			j = s.jobs[pid-1]
		}
		if j == nil {
			status = 127
			continue
		}
		status = s.p.k.join(j.task)
	}
	return status
}

func builtinJobs(s *interp, _ []string) int {
	for i, j := range s.jobs {
		if !j.task.done {
			fmt.Fprintf(s.p.Stdout, "[%d]+  Running\n", i+1)
		}
	}
	return 0
}

func builtinTimes(s *interp, _ []string) int {
	fmt.Fprint(s.p.Stdout, "0m0.000000s 0m0.000000s\n0m0.000000s 0m0.000000s\n")
	return 0
}

func builtinUlimit(s *interp, args []string) int {
	if len(args) > 2 {
		return 0
	}
	if len(args) == 2 && args[1] == "-n" {
		fmt.Fprintln(s.p.Stdout, "1048576")
		return 0
	}
	fmt.Fprintln(s.p.Stdout, "unlimited")
	return 0
}

func builtinUmask(s *interp, args []string) int {
	cred := s.p.FS.Cred()
	if len(args) == 1 {
		fmt.Fprintf(s.p.Stdout, "%04o\n", cred.Umask)
		return 0
	}
	if args[1] == "-S" {
		allowed := ^cred.Umask & 0o777
		fmt.Fprintf(s.p.Stdout, "u=%s,g=%s,o=%s\n", rwx(allowed>>6), rwx(allowed>>3), rwx(allowed))
		return 0
	}
	mask, ok := parseOctal(args[1])
	if !ok {
		allowed, ok2 := symbolicMode(args[1], ^cred.Umask&0o777, false, 0)
		if !ok2 {
			s.die(2, "Illegal mode: %s", args[1])
		}
		mask = ^allowed & 0o777
	}
	cred.Umask = mask & 0o777
	s.p.FS = s.p.FS.Mount().As(cred)
	return 0
}

func rwx(bits uint32) string {
	out := ""
	for i, c := range "rwx" {
		if bits&(4>>i) != 0 {
			out += string(c)
		}
	}
	return out
}

func builtinAlias(s *interp, args []string) int {
	if len(args) == 1 {
		names := make([]string, 0, len(s.aliases))
		for name := range s.aliases {
			names = append(names, name)
		}
		slices.Sort(names)
		for _, name := range names {
			fmt.Fprintf(s.p.Stdout, "%s=%s\n", name, quoteSh(s.aliases[name]))
		}
		return 0
	}
	status := 0
	for _, w := range args[1:] {
		name, text, set := strings.Cut(w, "=")
		if set {
			s.aliases[name] = text
		} else if text, ok := s.aliases[name]; ok {
			fmt.Fprintf(s.p.Stdout, "%s=%s\n", name, quoteSh(text))
		} else {
			if s.dialect == dash {
				s.p.errf("alias: %s not found\n", name)
			} else {
				s.msg("%s not found", name)
			}
			status = 1
		}
	}
	return status
}

func builtinUnalias(s *interp, args []string) int {
	status := 0
	for _, name := range args[1:] {
		if name == "-a" {
			clear(s.aliases)
		} else if _, ok := s.aliases[name]; !ok && s.dialect != ash {
			if status = 1; s.dialect == dash {
				s.p.errf("unalias: %s not found\n", name)
			} else {
				s.msg("%s: not found", name)
			}
		}
		delete(s.aliases, name)
	}
	return status
}
