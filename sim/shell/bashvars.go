package shell

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// bashVersion is the version of Debian 12's bash.
const bashVersion = "5.2.15(1)-release"

// A frame is a function that runs, or a file that is read by source.
type frame struct{ name, file string }

// bashParameter is the value of a variable that bash keeps itself.
func (s *interp) bashParameter(name string) (variable, bool) {
	switch name {
	case "BASH_VERSION":
		return str(bashVersion), true
	case "BASH_VERSINFO":
		return variable{Set: true, IsList: true, List: []string{"5", "2", "15", "1", "release", "x86_64-pc-linux-gnu"}}, true
	case "UID", "EUID":
		return str(strconv.Itoa(int(s.p.FS.Cred().UID))), true
	case "HOSTNAME":
		return str(orName(s.p.Hostname, "localhost")), true
	case "OSTYPE":
		return str("linux-gnu"), true
	case "MACHTYPE":
		return str("x86_64-pc-linux-gnu"), true
	case "HOSTTYPE":
		return str("x86_64"), true
	case "FUNCNAME", "BASH_SOURCE":
		v := variable{Set: len(s.frames) > 0, IsList: true}
		for _, f := range slices.Backward(s.frames) {
			if name == "FUNCNAME" {
				v.List = append(v.List, f.name)
			} else {
				v.List = append(v.List, f.file)
			}
		}
		if s.source == "" && len(s.frames) > 0 && name == "FUNCNAME" {
			v.List = append(v.List, "main")
		}
		if name == "BASH_SOURCE" && s.source == "" && !s.inter {
			v.Set, v.List = true, append(v.List, s.name)
		}
		return v, true
	}
	return variable{}, false
}

// onlyInput is the file of $(< file), which bash reads itself; nil for any other
// substitution.
func onlyInput(cs *syntax.CmdSubst) *syntax.Redirect {
	if len(cs.Stmts) != 1 {
		return nil
	}
	st := cs.Stmts[0]
	if st.Cmd != nil || len(st.Redirs) != 1 || st.Redirs[0].Op != syntax.RdrIn || st.Negated || st.Background {
		return nil
	}
	return st.Redirs[0]
}

// copyInput prints the file of $(< file).
func (s *interp) copyInput(w io.Writer, r *syntax.Redirect) {
	name := s.literal(r.Word)
	text, err := s.p.readAll(s.ctx, name)
	if err != nil {
		s.msg("%s: %s", name, why(err))
		s.substs = 1
		s.last = 1
		return
	}
	io.WriteString(w, text)
	s.substs, s.last = 0, 0
}

// builtinMapfile is mapfile and readarray: the lines of the input in an array.
func builtinMapfile(s *interp, args []string) int {
	o, ok := s.p.getoptOf(args, "d:n:O:s:tu:C:c:")
	if !ok {
		return 2
	}
	name := "MAPFILE"
	if len(o.args) > 0 {
		name = o.args[0]
	}
	text, err := s.p.hold(s.p.in(s.ctx), maxLines)
	if err != nil {
		return 1
	}
	delim := "\n"
	if d, ok := o.get("d"); ok {
		if delim = "\x00"; d != "" {
			delim = d[:1]
		}
	}
	list := strings.SplitAfter(string(text), delim)
	if list[len(list)-1] == "" {
		list = list[:len(list)-1]
	}
	skip, _ := o.get("s")
	if n, _ := strconv.Atoi(skip); n > 0 {
		list = list[min(n, len(list)):]
	}
	limit, _ := o.get("n")
	if n, _ := strconv.Atoi(limit); n > 0 {
		list = list[:min(n, len(list))]
	}
	if o.has("t") {
		for i := range list {
			list[i] = strings.TrimSuffix(list[i], delim)
		}
	}
	s.assign(name, variable{Set: true, IsList: true, List: list})
	return 0
}

// builtinPrintf is printf; bash's -v puts the text into a variable.
func builtinPrintf(s *interp, args []string) int {
	plain := asBuiltin(cmdPrintf)
	if s.dialect != bash || len(args) < 4 || args[1] != "-v" {
		return plain(s, args)
	}
	var text strings.Builder
	c := s.fork()
	defer c.p.closeAll()
	c.p.setFd(1, &desc{refs: 1, name: "pipe", w: &text, k: s.p.k})
	status := plain(c, append(args[:1:1], args[3:]...))
	s.assign(args[2], str(text.String()))
	return status
}

// kindOfName is what type -t prints, "" for what is nothing.
func (s *interp) kindOfName(name string) string {
	switch {
	case slices.Contains(keywords, name):
		return "keyword"
	case s.funcs[name] != nil:
		return "function"
	}
	if _, ok := s.lookupBuiltin(name); ok || name == "exec" {
		return "builtin"
	}
	c := s.p.child([]string{name})
	c.Env = s.exports()
	if _, err := c.lookPath(name); err == nil {
		return "file"
	}
	return ""
}

// errTrap runs what trap … ERR says, where set -e would end the shell.
func (s *interp) errTrap() {
	body, ok := s.traps["ERR"]
	if !ok || body == "" || s.inTrap || s.dialect != bash {
		return
	}
	status := s.last
	s.inTrap = true
	s.guard(func() { s.eval(strings.NewReader(body)) })
	s.inTrap = false
	if s.ctl.kind == goOn {
		s.last = status
	}
}

// cmdBashVersion is bash --version.
func cmdBashVersion(_ context.Context, p *Process) int {
	fmt.Fprintf(p.Stdout, "GNU bash, version %s (x86_64-pc-linux-gnu)\nCopyright (C) 2022 Free Software Foundation, Inc.\nLicense GPLv3+: GNU GPL version 3 or later <http://gnu.org/licenses/gpl.html>\n\nThis is free software; you are free to change and redistribute it.\nThere is NO WARRANTY, to the extent permitted by law.\n", bashVersion)
	return 0
}
