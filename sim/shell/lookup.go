package shell

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"syscall"

	"github.com/layerlab/layerlab/sim/content"
)

// A program is what execve(2) would run.
type program struct {
	run        Command
	name       string // that the command goes by, its argv[0]
	args       []string
	path       string
	busybox    bool
	standalone bool
}

// lackError is a program that is in the image and that this package does not know.
type lackError struct{ name string }

func (e *lackError) Error() string {
	return fmt.Sprintf("%q is a program of the image that the simulator does not have", e.name)
}

func isNotFound(err error) bool {
	var l *lackError
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) || errors.As(err, &l)
}

func isDir(err error) bool { return errors.Is(err, syscall.EISDIR) }

// find is the program that name means, searched in $PATH of p.Env when it has
// no slash.
func (p *Process) find(name string) (*program, error) {
	if c, ok := p.Extra[name]; ok {
		return &program{run: c, args: p.Args, name: name}, nil
	}
	if name == "" {
		return nil, pathErr("exec", name, syscall.ENOENT)
	}
	if strings.Contains(name, "/") {
		return p.load(name, p.Args, 0)
	}
	if p.standalone && standaloneSet[name] {
		if prog := p.applet(name, p.Args); prog != nil {
			return prog, nil
		}
	}
	file, err := p.lookPath(name)
	if err == nil {
		return p.load(file, p.Args, 0)
	}
	if p.Host {
		if c, ok := commands[name]; ok {
			return &program{run: c, args: p.Args, name: name, path: "/usr/bin/" + name}, nil
		}
	}
	return nil, err
}

// lookPath is the first file of that name in $PATH that may be executed.
func (p *Process) lookPath(name string) (string, error) {
	list, ok := lookupEnv(p.Env, "PATH")
	if !ok {
		list = "/sbin:/usr/sbin:/bin:/usr/bin"
	}
	var err error = pathErr("exec", name, syscall.ENOENT)
	for dir := range strings.SplitSeq(list, ":") {
		if dir == "" {
			dir = "."
		}
		file := dir + "/" + name
		st, e := p.stat(file)
		if e != nil || st.IsDir() {
			if e != nil && errors.Is(e, fs.ErrPermission) {
				err = e
			}
			continue
		}
		if e := p.access(file, 1); e != nil {
			err = e
			continue
		}
		return file, nil
	}
	return "", err
}

// maxInterpreters is how often a script's interpreter may be a script (Linux,
// BINPRM_MAX_RECURSION).
const maxInterpreters = 4

// load is the program in a file: a script with #!, an ELF file that is known by
// its name, a busybox.
func (p *Process) load(file string, args []string, depth int) (*program, error) {
	st, err := p.stat(file)
	if err != nil {
		if p.Host && !p.exists(file) && isHostBin(path.Dir(file)) {
			if c, ok := commands[path.Base(file)]; ok {
				return &program{run: c, args: args, name: args[0], path: file}, nil
			}
		}
		return nil, err
	}
	if st.IsDir() {
		return nil, pathErr("exec", file, syscall.EISDIR)
	}
	if !st.IsRegular() {
		return nil, pathErr("exec", file, syscall.EACCES)
	}
	if err := p.access(file, 1); err != nil {
		return nil, err
	}
	body, err := p.programBody(file)
	if err != nil {
		return nil, err
	}
	head := make([]byte, min(256, body.Size()))
	if n, err := content.ReadAt(body, head, 0); n < len(head) {
		return nil, err
	}
	if bytes.HasPrefix(head, []byte("#!")) {
		if c, ok := knownScript(file, head); ok {
			return &program{run: c, args: args, name: path.Base(file), path: file}, nil
		}
		return p.script(file, head, args, depth)
	}
	if prog := p.binary(file, args); prog != nil {
		return prog, nil
	}
	if !bytes.HasPrefix(head, []byte("\x7fELF")) && bytes.IndexByte(head, 0) < 0 {
		return nil, &noExec{file} // execve says ENOEXEC, a shell then reads it as a script
	}
	return &program{run: lacking(file), args: args, name: path.Base(file), path: file}, nil
}

// programBody is the content of a program. The kernel may read it where the user
// may not, and it is not told as a read: every command would be one of /bin/busybox.
func (p *Process) programBody(file string) (content.Body, error) {
	v, sub, _ := p.where(p.follow(file))
	real, err := v.Realpath(sub)
	if err != nil {
		return nil, err
	}
	if n, _, ok := v.Mount().Lookup(real); ok {
		return n.Content(), nil
	}
	return nil, pathErr("exec", file, syscall.ENOENT)
}

// noExec is a text file without #!.
type noExec struct{ file string }

func (e *noExec) Error() string { return e.file + ": exec format error" }
func (e *noExec) Unwrap() error { return syscall.ENOEXEC }

func isHostBin(dir string) bool {
	return dir == "/bin" || dir == "/usr/bin" || dir == "/usr/local/bin" || dir == "/sbin" || dir == "/usr/sbin"
}

func (p *Process) script(file string, head []byte, args []string, depth int) (*program, error) {
	if depth >= maxInterpreters {
		return nil, pathErr("exec", file, syscall.ELOOP)
	}
	line, _, _ := strings.Cut(string(head[2:]), "\n")
	line = strings.TrimRight(strings.TrimLeft(line, " \t"), " \t")
	interp, arg, _ := strings.Cut(line, " ")
	arg = strings.Trim(arg, " \t")
	words := []string{interp}
	if arg != "" {
		words = append(words, arg)
	}
	words = append(append(words, file), args[1:]...)
	if interp == "" {
		return nil, &noExec{file}
	}
	return p.load(interp, words, depth+1)
}

// multiCall is programs that look at the name under which they are called.
var multiCall = map[string][]string{
	"adduser": {"addgroup"}, "deluser": {"delgroup"}, "xz": {"unxz", "xzcat", "lzma", "unlzma", "lzcat"}, "bzip2": {"bunzip2", "bzcat"},
	"mawk": {"awk"}, "su": {"runuser"}, "pgrep": {"pkill"}, "unzip": {"zipinfo"}, "lzmainfo": {}, "hostname": {"dnsdomainname", "domainname", "nisdomainname", "ypdomainname"},
}

// binary is the program that a file which is no script stands for, judged by
// where its name leads. It is nil for one that is not known.
func (p *Process) binary(file string, args []string) *program {
	real, err := p.realpath(file)
	if err != nil {
		real = file
	}
	base := path.Base(real)
	if strings.HasPrefix(base, "busybox") {
		name := path.Base(args[0])
		if prog := p.applet(name, args); prog != nil {
			prog.path = real
			prog.busybox = true
			return prog
		}
		if name := path.Base(file); name != base {
			return nil
		}
		return &program{run: cmdBusybox, args: args, name: "busybox", path: real, busybox: true, standalone: p.standaloneShell()}
	}
	if name := path.Base(file); slices.Contains(multiCall[base], name) {
		base = name
	}
	for _, name := range []string{base, path.Base(file)} {
		if c, ok := known(name); ok {
			return &program{run: c, args: args, name: name, path: real}
		}
	}
	return nil
}

// applet is the busybox applet of that name.
func (p *Process) applet(name string, args []string) *program {
	if name == "busybox" {
		return &program{run: cmdBusybox, args: args, name: name, busybox: true, standalone: p.standaloneShell()}
	}
	c, ok := commands[name]
	if !ok {
		c, ok = programs[name]
	}
	if !ok || !isApplet(name) {
		return nil
	}
	return &program{run: c, args: args, name: name, path: "/bin/busybox", busybox: true, standalone: p.standaloneShell()}
}

// standaloneShell reports whether the image's busybox was built to run its
// applets without a file: Debian's is, Alpine's and the hard-linked one of the
// busybox project are not.
func (p *Process) standaloneShell() bool {
	if p.standalone {
		return true
	}
	if p.exists("/etc/alpine-release") {
		return false
	}
	to, err := p.readlink("/bin/sh")
	return err == nil && path.Base(to) == "busybox"
}

// runProgram runs what find found, as the process p.
func (p *Process) runProgram(ctx context.Context, prog *program) int {
	c := *p
	c.Args = prog.args
	if prog.busybox && prog.name != "sh" && prog.name != "ash" {
		c.Args = append([]string{prog.name}, prog.args[1:]...)
	}
	c.path = prog.path
	c.busybox = prog.busybox
	c.standalone = prog.standalone
	if c.sayGNUVersion(prog) {
		return 0
	}
	if p.k.depth >= maxDepth {
		return p.say("can't fork: Resource temporarily unavailable")
	}
	p.k.depth++
	defer func() { p.k.depth-- }()
	return c.run(ctx, prog.run)
}

// execError is why runc would not start name, in its words.
func (p *Process) execError(name string, err error) error {
	var lack *lackError
	var no *noExec
	switch {
	case errors.As(err, &lack):
		p.lacks(lack.name)
		return &NotExecutable{name, fmt.Sprintf("exec: %q: %v", name, err)}
	case errors.As(err, &no):
		return &NotExecutable{name, fmt.Sprintf("exec %s: exec format error", no.file)}
	case isNotFound(err) && !strings.Contains(name, "/"):
		return &NotFound{name, fmt.Sprintf("exec: %q: executable file not found in $PATH", name)}
	case isNotFound(err) && !p.exists(name):
		return &NotFound{name, fmt.Sprintf("exec: %q: stat %s: no such file or directory", name, name)}
	case isNotFound(err):
		return &NotFound{name, fmt.Sprintf("exec %s: no such file or directory", name)}
	case isDir(err):
		return &NotExecutable{name, fmt.Sprintf("exec: %q: is a directory: permission denied", name)}
	}
	return &NotExecutable{name, fmt.Sprintf("exec: %q: permission denied", name)}
}
