package overlay

import (
	"cmp"
	"path"
	"strings"
	"syscall"

	"github.com/layerlab/layerlab/sim/tree"
)

// At is v with relative paths that begin in the directory dir, as the calls with
// "at" in their names have it (openat(2)): with nil they begin at the root again.
// dir may have been opened with OpenPath. A path on a directory that is removed in
// the meantime fails with ENOENT, on anything but a directory with ENOTDIR.
func (v *View) At(dir *File) *View { return &View{m: v.m, c: v.c, from: dir, to: dir} }

// To is v with another directory for the new name of Link and Rename, as
// linkat(2) and renameat2(2) have two.
func (v *View) To(dir *File) *View { return &View{m: v.m, c: v.c, from: v.from, to: dir} }

// target is v as the new name of a call with two is seen.
func (v *View) target() *View { return &View{m: v.m, c: v.c, from: v.to, to: v.to} }

// start is the directory in which the path p begins, and what of p is left: out of
// a directory that is removed ".." still leads to the one that it was in.
func (v *View) start(p string) (at *dentry, rest string, err error) {
	if v.from == nil || strings.HasPrefix(p, "/") {
		return v.m.root(), p, nil
	}
	switch {
	case p == "":
		return nil, "", syscall.ENOENT
	case len(p) >= maxPath:
		return nil, "", syscall.ENAMETOOLONG
	case v.from.gone != nil && v.from.gone.IsDir() && !v.c.may(v.from.gone, mayExec):
		return nil, "", syscall.EACCES
	case v.from.gone != nil && v.from.gone.IsDir():
		first, rest, _ := strings.Cut(p, "/")
		if up := v.m.walk(path.Dir(v.from.path)); first == ".." && up.exists() {
			return up, cmp.Or(strings.TrimLeft(rest, "/"), "."), nil
		}
		return nil, "", syscall.ENOENT
	}
	if v.from.h != nil || !v.m.fnode(v.from).IsDir() {
		return nil, "", syscall.ENOTDIR
	}
	return v.m.walk(v.from.path), p, nil
}

// parentOf is walker.parentOf from where p begins.
func (v *View) parentOf(w *walker, p string) (last, error) {
	at, rest, err := v.start(p)
	if err != nil {
		return last{}, err
	}
	return w.parentOf(at, rest)
}

// The open files of a mount know where they are: what renames and removes names
// tells them.

// moved tells the open files at and below the path old that it is new now.
func (m *Mount) moved(old, new string) {
	for f := range m.files {
		if rest, ok := below(f.path, old); ok {
			f.path = new + rest
		}
	}
}

// swapped is moved in both directions.
func (m *Mount) swapped(a, b string) {
	for f := range m.files {
		if rest, ok := below(f.path, a); ok {
			f.path = b + rest
		} else if rest, ok := below(f.path, b); ok {
			f.path = a + rest
		}
	}
}

// below is what of the path p comes after dir, and whether p is dir or in it.
func below(p, dir string) (string, bool) {
	rest, ok := strings.CutPrefix(p, dir)
	return rest, ok && (rest == "" || rest[0] == '/')
}

// lose lets the open files at and below the path p keep what they have, before
// the name goes.
func (m *Mount) lose(p string) {
	for f := range m.files {
		if _, ok := below(f.path, p); !ok || f.gone != nil || f.h != nil {
			continue
		}
		d := m.walk(f.path)
		n := copyOf(m.inode(d))
		f.lower = d.refs[0].layer != m.top()
		f.number, f.stamp = m.number(d.refs), m.stampOf(d.refs)
		if n.IsDir() && d.merged() {
			n.Nlink = 1
		} else if !f.lower {
			n.Nlink = lessOne(n)
		}
		if !f.lower {
			f.stamp.c = m.o.Now()
		}
		f.gone = n
	}
}

// lessOne is the link count of n when a name of it goes: none for a directory.
func lessOne(n *tree.Inode) uint32 {
	if n.IsDir() {
		return 0
	}
	return n.Nlink - 1
}
