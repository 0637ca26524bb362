package shell

import (
	"context"
	"fmt"
	"path"
	"strings"
)

// programs are commands of images that the learner's own machine does not have:
// what configures a distribution, and the compilers and interpreters of which
// the simulator knows some answers.
var programs = map[string]Command{}

func init() {
	for _, group := range []map[string]Command{systemCommands, networkCommands, accountCommands, toolCommands} {
		for name, c := range group {
			programs[name] = c
		}
	}
}

// known is the command that a program file of the image stands for, by its name;
// a version at the name's end is left out: python3.11, gcc-12, php83.
func known(name string) (Command, bool) {
	if c, ok := commands[name]; ok && c != nil {
		return c, true
	}
	if c, ok := programs[name]; ok {
		return c, true
	}
	i := strings.LastIndexByte(name, '-')
	if i > 0 && strings.Count(name, "-") >= 3 && strings.Contains(name, "linux") { // x86_64-linux-gnu-gcc-12
		_, rest, _ := strings.Cut(name, "linux-")
		_, tool, _ := strings.Cut(rest, "-")
		return known(tool)
	}
	short := strings.TrimRight(strings.TrimRight(name, "0123456789."), "-")
	if short != name && short != "" {
		if c, ok := programs[short]; ok {
			return c, true
		}
	}
	return nil, false
}

// knownScript is the command that a script of the image stands for, when its
// interpreter is a program that cannot run: pip is known, python is not needed.
func knownScript(file string, head []byte) (Command, bool) {
	line, _, _ := strings.Cut(string(head[2:]), "\n")
	words := strings.Fields(line)
	if len(words) == 0 {
		return nil, false
	}
	interp := path.Base(words[0])
	if interp == "env" && len(words) > 1 {
		interp = path.Base(words[len(words)-1])
	}
	switch strings.TrimRight(interp, "0123456789.") {
	case "python", "perl", "node", "ruby", "php":
		return known(path.Base(file))
	}
	return nil, false
}

// aside begins what the simulator itself says among the output of a command.
const aside = "layer lab: "

// noProcessor is the status of what cannot run: found, and not to be executed
// (POSIX 2.8.2).
const noProcessor = 126

// cannot says that a program does not run here and how to step around it.
func (p *Process) cannot(words []string) int {
	what := strings.Join(words, " ")
	if len(what) > 100 {
		what = what[:100] + "…"
	}
	p.errf("%s%s: cannot run: the lab has files and a shell, but no processor for the programs of an image.\n", aside, what)
	p.errf("%sWhere only its result matters, put a file in its place (head -c 2M /dev/urandom > FILE, also with the real Docker) or COPY one; or end the command with \"|| true\".\n", aside)
	p.lacks(baseName(words[0]))
	return noProcessor
}

// madeUp tells of a file that stands for what a program would have written.
func (p *Process) madeUp(tool, name string, size int64) {
	p.errf("%s%s does not run here: %s (%s) is made up, of a usual size.\n", aside, tool, name, siBytes(size))
}

// skipped tells that a program did not run and that the build goes on as if it had
// succeeded: for what only checks, or writes what cannot be known.
func (p *Process) skipped(what, left string) int {
	p.errf("%s%s: the simulator cannot run programs; it is taken as done, and %s.\n", aside, what, left)
	return 0
}

// lacking is a Command for a program of the image that is not known.
func lacking(file string) Command {
	return func(_ context.Context, p *Process) int {
		return p.cannot(append([]string{path.Base(file)}, p.Args[1:]...))
	}
}

// version is the version of a program: of the environment's variable that
// official images set, or of an installed package.
func (p *Process) version(variable string, packages ...string) string {
	if v := p.env(variable); variable != "" && v != "" {
		return v
	}
	for _, name := range packages {
		if v := p.installed(name); v != "" {
			return v
		}
	}
	return ""
}

// installed is the upstream version of an installed package of Debian or Alpine.
func (p *Process) installed(name string) string {
	for file, form := range map[string][2]string{"/var/lib/dpkg/status": {"Package: ", "Version: "}, "/lib/apk/db/installed": {"P:", "V:"}} {
		text, err := p.readAll(context.Background(), file)
		if err != nil {
			continue
		}
		at := ""
		for line := range strings.SplitSeq(text, "\n") {
			if v, ok := strings.CutPrefix(line, form[0]); ok {
				at = v
			} else if v, ok := strings.CutPrefix(line, form[1]); ok && at == name {
				if _, upstream, ok := strings.Cut(v, ":"); ok {
					v = upstream
				}
				v, _, _ = strings.Cut(v, "-")
				v, _, _ = strings.Cut(v, "+")
				return v
			}
		}
	}
	return ""
}

// sayVersion prints a version in the words of a program; false when it is not known.
func (p *Process) sayVersion(format, version string) int {
	if version == "" {
		return p.cannot(p.Args)
	}
	fmt.Fprintf(p.Stdout, format+"\n", version)
	return 0
}
