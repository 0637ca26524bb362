package shell

import (
	"context"
	"io"
	"os"
	"strings"
)

// A sedScript is a compiled script of sed (POSIX sed(1) with the extensions of
// GNU and busybox: -i, -E, s///I, addr,+n, first~step, 0,/re/).
type sedScript struct {
	cmds   []*sedCmd
	labels map[string]int
}

func cmdSed(ctx context.Context, p *Process) int {
	spec, long := "ni::e:f:rEszu", []string{"quiet=n", "silent=n", "expression:=e", "file:=f", "regexp-extended=E", "separate=s", "unbuffered=u", "follow-symlinks", "posix", "in-place=i", "null-data=z"}
	if p.busybox {
		if len(p.Args) > 1 && p.Args[1] == "--version" {
			p.outf("This is not GNU sed version 4.0\n")
			return 0
		}
		spec, long = "ni::e:f:rE", []string{"quiet=n", "silent=n", "expression:=e", "file:=f", "regexp-extended=E", "in-place=i"}
	}
	o, ok := p.getopt(spec, long...)
	if !ok {
		return 1
	}
	var script []string
	for _, v := range o.given {
		switch v.name {
		case "e":
			script = append(script, v.value)
		case "f":
			text, err := p.scriptText(ctx, v.value)
			if err != nil {
				if p.busybox {
					return p.say("%s: %s", v.value, why(err))
				}
				return p.say("couldn't open file %s: %s", v.value, why(err))
			}
			script = append(script, strings.TrimSuffix(text, "\n"))
		}
	}
	files := o.args
	if len(script) == 0 {
		if len(files) == 0 {
			if p.busybox {
				return p.usage()
			}
			p.errf("Usage: sed [OPTION]... {script-only-if-no-other-script} [input-file]...\n")
			return 1
		}
		script, files = files[:1], files[1:]
	}
	parser := &sedParser{text: strings.Join(script, "\n"), extended: o.has("r", "E"), busybox: p.busybox}
	prog := parser.parse()
	if parser.problem != "" {
		if p.busybox {
			return p.say("%s", parser.problem)
		}
		if parser.nowhere {
			return p.say("%s", parser.problem)
		}
		return p.say("-e expression #1, char %d: %s", parser.at, parser.problem)
	}
	s := &sed{p: p, ctx: ctx, prog: prog, quiet: o.has("n"), sep: '\n', files: files, written: map[string]*desc{}}
	defer s.close()
	if o.has("z") {
		s.sep = 0
	}
	if o.has("i") {
		suffix, _ := o.get("i")
		return s.inPlace(suffix)
	}
	if o.has("s") {
		for _, f := range files {
			s.files = []string{f}
			s.run(s.p.Stdout)
		}
		return s.status
	}
	if len(s.files) == 0 {
		s.files = []string{"-"}
	}
	s.run(p.Stdout)
	return s.status
}

// inPlace edits each file: the output takes its place when it was read whole.
func (s *sed) inPlace(suffix string) int {
	files := s.files
	for _, name := range files {
		st, err := s.p.stat(name)
		if err != nil {
			s.status = s.p.cannotOpen(name, err)
			if !s.p.busybox {
				s.status = 2
			}
			continue
		}
		if !st.IsRegular() {
			s.p.say("couldn't edit %s: not a regular file", name)
			s.status = 4
			continue
		}
		var b strings.Builder
		s.files = []string{name}
		s.quitting = false
		s.reset()
		s.run(&b)
		if s.quitting {
			s.rest(&b)
		}
		if err := s.replace(name, suffix, b.String()); err != nil {
			s.status = s.p.say("couldn't open temporary file: %s", why(err))
		}
	}
	return s.status
}

// replace writes a new file beside name and renames it over it, as sed -i does:
// the old file's inode is left behind.
func (s *sed) replace(name, suffix, text string) error {
	p := s.p
	st, err := p.stat(name)
	if err != nil {
		return err
	}
	temp := name + "sed" + string(rune('A'+p.k.guess()>>40%26)) + "tmp"
	d, err := p.open(s.ctx, temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = io.WriteString(d, text)
	d.release()
	if err != nil {
		p.unlink(temp)
		return err
	}
	p.chown(temp, int(st.UID), int(st.GID), true)
	p.chmod(temp, st.Perm())
	if suffix != "" {
		backup := name + suffix
		if strings.Contains(suffix, "*") {
			backup = strings.ReplaceAll(suffix, "*", name)
		}
		if err := p.rename(name, backup); err != nil {
			return err
		}
	}
	return p.rename(temp, name)
}
