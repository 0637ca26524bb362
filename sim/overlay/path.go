package overlay

import (
	"strings"
	"syscall"
)

// The limits of path_resolution(7).
const (
	maxPath  = 4096 // bytes of a path, the terminating zero counted
	maxName  = 255
	maxLinks = 40
)

// A kind tells what the last component of a path is; the calls that make and
// remove names treat all but a plain name specially.
type kind int

const (
	plainName kind = iota
	dot
	dotDot
	rootOnly // the path is "/"
)

// A last is a path followed up to its last component.
type last struct {
	dir   *dentry
	name  string
	kind  kind
	slash bool // a slash follows the name
}

// A walker follows one path as one user; it counts symbolic links.
type walker struct {
	m     *Mount
	c     *Cred
	links int
	seen  func(Event) // is told every name that is looked up and every link that is followed; nil: nobody is
}

func (v *View) walker() *walker { return &walker{m: v.m, c: &v.c} }

// parentOf follows p from the directory at to its last component, which is not
// looked up. Every directory that is passed must be searchable.
func (w *walker) parentOf(at *dentry, p string) (last, error) {
	if p == "" {
		return last{}, syscall.ENOENT
	}
	if len(p) >= maxPath {
		return last{}, syscall.ENAMETOOLONG
	}
	if p[0] == '/' {
		at = w.m.root()
	}
	p = strings.TrimLeft(p, "/")
	if p == "" {
		return last{dir: at, kind: rootOnly, slash: true}, nil
	}
	for {
		if !w.c.may(w.m.inode(at), mayExec) {
			return last{}, syscall.EACCES
		}
		name, rest, slash := strings.Cut(p, "/")
		rest = strings.TrimLeft(rest, "/")
		l := last{dir: at, name: name, slash: slash}
		switch name {
		case ".":
			l.kind = dot
		case "..":
			l.kind = dotDot
		}
		if rest == "" {
			return l, nil
		}
		next, err := w.enter(l)
		if err != nil {
			return last{}, err
		}
		at, p = next, rest
	}
}

// enter is the directory that l leads to in the middle of a path.
func (w *walker) enter(l last) (*dentry, error) {
	d, err := w.final(l)
	if err != nil {
		return nil, err
	}
	if d, err = w.follow(d); err != nil {
		return nil, err
	}
	if !w.m.inode(d).IsDir() {
		return nil, syscall.ENOTDIR
	}
	return d, nil
}

// lookup is the dentry of l, which need not exist.
func (w *walker) lookup(l last) (*dentry, error) {
	switch l.kind {
	case rootOnly, dot:
		return l.dir, nil
	case dotDot:
		if l.dir.parent == nil {
			return l.dir, nil
		}
		return l.dir.parent, nil
	}
	if len(l.name) > maxName {
		return nil, syscall.ENAMETOOLONG
	}
	return w.m.child(l.dir, l.name), nil
}

// final is the dentry of l, which must exist.
func (w *walker) final(l last) (*dentry, error) {
	d, err := w.lookup(l)
	if err == nil && w.seen != nil && l.kind == plainName {
		w.seen(w.asked(l))
	}
	if err == nil && !d.exists() {
		err = syscall.ENOENT
	}
	return d, err
}

// follow is d, or what it leads to if it is a symbolic link.
func (w *walker) follow(d *dentry) (*dentry, error) {
	n := w.m.inode(d)
	if !n.IsSymlink() {
		return d, nil
	}
	if w.links++; w.links > maxLinks {
		return nil, syscall.ELOOP
	}
	if w.seen != nil {
		w.seen(Followed{Path: d.path(), Target: n.Target})
	}
	return w.resolve(d.parent, n.Target, true)
}

// resolve is the object at p, seen from the directory at. A symbolic link at the
// end is followed if follow is set or a slash comes after it.
func (w *walker) resolve(at *dentry, p string, follow bool) (*dentry, error) {
	l, err := w.parentOf(at, p)
	if err != nil {
		return nil, err
	}
	d, err := w.final(l)
	if err != nil {
		w.trace(l)
		return nil, err
	}
	w.trace(l)
	if follow || l.slash {
		if d, err = w.follow(d); err != nil {
			return nil, err
		}
	}
	if l.slash && !w.m.inode(d).IsDir() {
		return nil, syscall.ENOTDIR
	}
	return d, nil
}

// trace tells how the last component of a path was searched, layer by layer.
func (w *walker) trace(l last) {
	if w.m.o.Trace == nil || w.m.o.Changes || l.kind != plainName {
		return
	}
	w.m.emit(w.asked(l))
}

// asked is how each layer that has the directory of l answers for its name.
func (w *walker) asked(l last) Lookup {
	d := &dentry{parent: l.dir, name: l.name}
	var steps []LookupStep
	for _, r := range l.dir.refs {
		t := w.m.tree(r.layer)
		step := LookupStep{Layer: r.layer, Found: NotFound}
		if n := t.Inode(t.Child(r.ino, l.name)); n != nil {
			switch {
			case n.IsWhiteout():
				step.Found = WhiteoutMark
			case !n.IsDir():
				step.Found = OtherFile
			case n.Opaque:
				step.Found = OpaqueDirectory
			default:
				step.Found = PlainDirectory
			}
		}
		steps = append(steps, step)
		if step.Found != NotFound && step.Found != PlainDirectory {
			break
		}
	}
	return Lookup{Path: d.path(), Steps: steps}
}

// at resolves p from the root.
func (v *View) at(p string, follow bool) (*dentry, error) {
	at, rest, err := v.start(p)
	if err != nil {
		return nil, err
	}
	return v.walker().resolve(at, rest, follow)
}
