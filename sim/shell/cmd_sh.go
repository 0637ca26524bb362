package shell

import (
	"context"
	"errors"
	"io"
	"path"
	"strings"
)

// maxScript is the most bytes of a script that are read.
const maxScript = 4 << 20

// dialectOf is the shell that a process is, by its program.
func dialectOf(p *Process) dialect {
	switch {
	case p.busybox:
		return ash
	case strings.HasPrefix(path.Base(p.path), "bash") || len(p.Args) > 0 && path.Base(p.Args[0]) == "bash":
		return bash
	}
	return dash
}

// cmdSh is sh, ash, dash and bash.
func cmdSh(ctx context.Context, p *Process) int {
	own := p.clone()
	s := newInterp(ctx, own, p.Args[0])
	s.name = p.Args[0]
	s.setDialect(dialectOf(p))
	words := p.Args[1:]
	if len(words) > 0 && words[0] == "--version" && s.dialect == bash {
		defer own.closeAll()
		return cmdBashVersion(ctx, own)
	}
	minusC, stdin, login := false, false, false
	for i := 0; i < len(words); i++ {
		w := words[i]
		if len(w) < 2 || w[0] != '-' && w[0] != '+' || w == "--" {
			break
		}
		if w[1] != '-' && strings.HasSuffix(w, "o") { // the option's name follows
			i++
		}
		if w[0] == '+' {
			continue
		}
		minusC = minusC || !strings.HasPrefix(w, "--") && strings.Contains(w, "c")
		stdin = stdin || strings.Contains(w, "s") && !strings.HasPrefix(w, "--")
		login = login || w == "-l" || w == "--login"
	}
	for len(words) > 0 && (words[0] == "--login" || words[0] == "--norc" || words[0] == "--noprofile" || words[0] == "--posix") {
		words = words[1:]
	}
	rest, _, err := s.options(words)
	if err != nil {
		s.msg("%v", err)
		own.closeAll()
		return 2
	}
	var script io.Reader
	switch {
	case minusC:
		if len(rest) == 0 {
			s.msg("-c requires an argument")
			own.closeAll()
			return 2
		}
		s.source = "-c"
		script = strings.NewReader(rest[0])
		if len(rest) > 1 {
			s.name, s.named = rest[1], true
			s.params = rest[2:]
		}
		if s.dialect == bash {
			s.name = p.Args[0]
			if len(rest) > 1 {
				s.name = rest[1]
			}
		}
	case len(rest) == 0 || stdin:
		s.params = rest
		script = own.in(ctx)
	default:
		text, err := own.readAll(ctx, rest[0])
		if err != nil {
			defer own.closeAll()
			return s.noScript(rest[0], err)
		}
		s.name, s.named = rest[0], true
		s.params = rest[1:]
		script = strings.NewReader(text)
	}
	return s.finish(func() {
		if login {
			if text, err := own.readAll(ctx, "/etc/profile"); err == nil {
				s.eval(strings.NewReader(text))
			}
		}
		s.eval(script)
	})
}

// noScript says that the script could not be opened.
func (s *interp) noScript(name string, err error) int {
	switch {
	case s.dialect == bash:
		s.p.errf("%s: %s: %s\n", s.name, name, why(err))
		if !isNotFound(err) {
			return 126
		}
		return 127
	case s.dialect == dash:
		s.p.errf("%s: 0: cannot open %s: %s\n", s.name, name, strings.Replace(why(err), " or directory", "", 1))
	default:
		s.p.errf("%s: can't open '%s': %s\n", s.name, name, why(err))
	}
	return 2
}

// readAll is the text of a file, up to maxScript bytes.
func (p *Process) readAll(ctx context.Context, name string) (string, error) {
	f, err := p.readable(ctx, name, false)
	if err != nil {
		return "", err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxScript+1))
	if err == nil && len(text) > maxScript {
		err = errors.New("file is too large to be a script")
	}
	return string(text), err
}

// cmdBusybox is busybox itself: busybox APPLET …, busybox --list.
func cmdBusybox(ctx context.Context, p *Process) int {
	args := p.Args[1:]
	if len(args) == 0 || args[0] == "--help" {
		p.outf(busyboxBanner + "\n\nUsage: busybox [function [arguments]...]\n   or: busybox --list\n")
		return 0
	}
	if args[0] == "--list" {
		for _, name := range strings.Fields(appletList) {
			p.outf("%s\n", name)
		}
		return 0
	}
	if args[0] == "--install" {
		return 0
	}
	c := p.child(args)
	prog := c.applet(args[0], args)
	if prog == nil {
		if strings.Contains(" "+appletList+" ", " "+args[0]+" ") {
			p.lacks(args[0])
		}
		p.errf("%s: applet not found\n", args[0])
		return 127
	}
	return c.runProgram(ctx, prog)
}
