package shell

import (
	"errors"
	"io/fs"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"mvdan.cc/sh/v3/syntax"
)

// maxFd is one more than the largest descriptor number.
const maxFd = 256

// redirect applies the redirections in order. undo puts back what was there;
// forget lets go of it, after undo or, for exec, without. After an error what was
// done is undone already.
func (s *interp) redirect(rs []*syntax.Redirect) (undo, forget func(), ok bool) {
	type saved struct {
		fd  int
		old *desc
	}
	var was []saved
	undo = func() {
		for i := len(was) - 1; i >= 0; i-- {
			s.p.setFd(was[i].fd, was[i].old.dup())
		}
	}
	forget = func() {
		for _, w := range was {
			w.old.release()
		}
	}
	put := func(fd int, d *desc) {
		was = append(was, saved{fd, s.p.fd(fd).dup()})
		s.p.setFd(fd, d)
	}
	for _, r := range rs {
		fds, d, err := s.guardedTarget(r)
		if err != nil {
			undo()
			forget()
			if err != errSaid {
				s.msg("%v", err)
			}
			return nil, nil, false
		}
		for i, fd := range fds {
			if i > 0 {
				d = d.dup()
			}
			put(fd, d)
		}
	}
	return undo, forget, true
}

// errSaid is an error of which the message is already out.
var errSaid = errors.New("said")

// guardedTarget is target for a here-document whose expansion may fail: ash and
// dash then only give up the command.
func (s *interp) guardedTarget(r *syntax.Redirect) (fds []int, d *desc, err error) {
	if r.Hdoc != nil && s.dialect != bash && !s.inter {
		defer func() {
			if r := recover(); r != nil {
				if _, ok := r.(fatal); !ok {
					panic(r)
				}
				err = errSaid
			}
		}()
	}
	return s.target(r)
}

// notRedirected is the status of a command whose redirections failed.
func (s *interp) notRedirected() int {
	if s.dialect == dash {
		return 2
	}
	return 1
}

// target is the descriptors that r sets and what they become (nil: closed).
func (s *interp) target(r *syntax.Redirect) ([]int, *desc, error) {
	fd := 0
	switch r.Op {
	case syntax.RdrOut, syntax.AppOut, syntax.RdrClob, syntax.DplOut, syntax.RdrAll, syntax.AppAll:
		fd = 1
	}
	if r.N != nil {
		n, err := strconv.Atoi(r.N.Value)
		if err != nil || n >= maxFd {
			return nil, nil, errors.New(r.N.Value + ": Bad file descriptor")
		}
		fd = n
	}
	fds := []int{fd}
	switch r.Op {
	case syntax.Hdoc, syntax.DashHdoc:
		return fds, s.hereDoc(r), nil
	case syntax.WordHdoc:
		return fds, reading("here-string", s.literal(r.Word)+"\n"), nil
	case syntax.DplIn, syntax.DplOut:
		return s.duplicate(r, fd)
	}
	name := s.literal(r.Word)
	flags := os.O_RDONLY
	switch r.Op {
	case syntax.RdrOut, syntax.RdrClob, syntax.RdrAll:
		flags = os.O_WRONLY | os.O_CREATE | os.O_TRUNC
		if s.opt.noclobber && r.Op != syntax.RdrClob {
			if st, err := s.p.stat(name); err == nil && st.IsRegular() {
				return nil, nil, s.cannot(name, flags, syscall.EEXIST)
			}
		}
	case syntax.AppOut, syntax.AppAll:
		flags = os.O_WRONLY | os.O_CREATE | os.O_APPEND
	case syntax.RdrInOut:
		flags = os.O_RDWR | os.O_CREATE
	}
	if r.Op == syntax.RdrAll || r.Op == syntax.AppAll {
		fds = []int{1, 2}
	}
	d, err := s.p.open(s.ctx, name, flags, 0o666)
	if err != nil {
		return nil, nil, s.cannot(name, flags, err)
	}
	return fds, d, nil
}

// cannot is the error of a redirection, in the dialect's words.
func (s *interp) cannot(name string, flags int, err error) error {
	no := errnoOf(err)
	if s.dialect == bash {
		if no == syscall.EEXIST {
			return errors.New(name + ": cannot overwrite existing file")
		}
		return errors.New(name + ": " + why(err))
	}
	verb, text := "open", why(err)
	if flags&os.O_CREATE != 0 {
		verb = "create"
	}
	if errors.Is(err, fs.ErrNotExist) {
		text = "no such file"
		if verb == "create" {
			text = "nonexistent directory"
		}
	}
	if s.dialect == dash {
		if errors.Is(err, fs.ErrNotExist) {
			text = "No such file"
			if verb == "create" {
				text = "Directory nonexistent"
			}
		}
		return errors.New("cannot " + verb + " " + name + ": " + text)
	}
	return errors.New("can't " + verb + " " + name + ": " + text)
}

func (s *interp) duplicate(r *syntax.Redirect, fd int) ([]int, *desc, error) {
	word := s.literal(r.Word)
	if word == "-" {
		return []int{fd}, nil, nil
	}
	n, err := strconv.Atoi(strings.TrimSuffix(word, "-"))
	if err != nil {
		if r.Op == syntax.DplOut && r.N == nil && s.dialect != dash {
			d, err := s.p.open(s.ctx, word, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o666)
			if err != nil {
				return nil, nil, s.cannot(word, os.O_CREATE, err)
			}
			return []int{1, 2}, d, nil
		}
		return nil, nil, errors.New(word + ": bad file descriptor")
	}
	d := s.p.fd(n)
	if d == nil {
		return nil, nil, errors.New(word + ": Bad file descriptor")
	}
	return []int{fd}, d.dup(), nil
}

func (s *interp) hereDoc(r *syntax.Redirect) *desc {
	if r.Hdoc == nil {
		return reading("here-document", "")
	}
	text := hereText(r.Hdoc)
	if !isQuoted(r.Word) {
		text = s.document(r.Hdoc)
	}
	if r.Op == syntax.DashHdoc {
		lines := strings.SplitAfter(text, "\n")
		for i, line := range lines {
			lines[i] = strings.TrimLeft(line, "\t")
		}
		text = strings.Join(lines, "")
	}
	return reading("here-document", text)
}

// isQuoted reports whether any part of the word that ends a here-document is
// quoted: then nothing is expanded in it.
func isQuoted(w *syntax.Word) bool {
	return slices.ContainsFunc(w.Parts, func(part syntax.WordPart) bool {
		lit, ok := part.(*syntax.Lit)
		return !ok || strings.Contains(lit.Value, `\`)
	})
}

// hereText is the text of a here-document as it stands in the script.
func hereText(w *syntax.Word) string {
	var b strings.Builder
	for _, part := range w.Parts {
		if lit, ok := part.(*syntax.Lit); ok {
			b.WriteString(lit.Value)
		}
	}
	return b.String()
}

// reading is a descriptor from which text is read.
func reading(name, text string) *desc {
	return &desc{refs: 1, name: name, r: strings.NewReader(text)}
}

// logical is the directory dir as cd takes it: ".." goes back lexically.
func logical(cwd, dir string) string {
	if !path.IsAbs(dir) {
		dir = cwd + "/" + dir
	}
	return path.Clean(dir)
}
