package overlay

import (
	"syscall"

	"github.com/layerlab/layerlab/sim/content"
	"github.com/layerlab/layerlab/sim/tree"
)

// copyUp sees to it that the upper has d, and returns its number there. Missing
// parents are made first, with the owner, mode, times and attributes that they
// have in the merged view; the times of directories that are in the upper
// already do not change. why is told to the trace. Without data a regular file
// comes up empty. A hard link is not kept: the copy has one name.
func (m *Mount) copyUp(d *dentry, why string, data bool) (tree.Ino, error) {
	if m.upper == nil {
		return 0, syscall.EROFS
	}
	if d.refs[0].layer == m.top() {
		return d.refs[0].ino, nil
	}
	var parents []string
	dir := m.copyUpDirs(d.parent, &parents)
	from, n := m.face(d.refs)
	var bytes int64
	body := content.Body(nil)
	if n.IsRegular() && data {
		body = n.Body
		bytes = n.Size()
		if err := m.room(content.Empty, n.Content()); err != nil {
			return 0, err
		}
	}
	i := m.raise(d, dir, n, body)
	m.emit(CopiedUp{Path: d.path(), From: from, Bytes: bytes, Kind: n.Type(), Why: why, Parents: parents})
	return i, nil
}

// copyUpDirs is copyUp for the directories that lead to something.
func (m *Mount) copyUpDirs(d *dentry, done *[]string) tree.Ino {
	if d.refs[0].layer == m.top() {
		return d.refs[0].ino
	}
	dir := m.copyUpDirs(d.parent, done)
	_, n := m.face(d.refs)
	*done = append(*done, d.path())
	return m.raise(d, dir, n, nil)
}

// raise puts a copy of n into the upper directory dir and makes d show it.
func (m *Mount) raise(d *dentry, dir tree.Ino, n *tree.Inode, body content.Body) tree.Ino {
	number := m.number(d.refs)
	links := n.Nlink
	c := tree.Inode{
		Mode: n.Mode, UID: n.UID, GID: n.GID, MTime: n.MTime,
		Major: n.Major, Minor: n.Minor, Target: n.Target, Body: body, Xattrs: n.Xattrs,
	}
	i := m.upper.Add(dir, d.name, c)
	m.stamps.Set(i, stamp{n.MTime, m.o.Now()})
	m.mark(dir)
	m.follow(d, i)
	if n.IsDir() {
		d.refs = append([]ref{{m.top(), i}}, d.refs...)
	} else {
		d.refs = []ref{{m.top(), i}}
	}
	if n.IsDir() || links < 2 {
		m.origin.Set(i, number)
	}
	return i
}

// follow lets the files that are open under the name d show the copy i from now
// on, as the kernel does since 4.19.
func (m *Mount) follow(d *dentry, i tree.Ino) {
	for f := range m.readers[d.refs[0]] {
		if f.path == d.path() {
			m.unread(f)
			f.h = m.hold(i)
		}
	}
}

// number is st_ino: layer and inode in one, and that of the lower object for
// what was copied up from it.
func (m *Mount) number(refs []ref) uint64 {
	r := refs[0]
	if r.layer == m.top() {
		if n, ok := m.origin.Get(r.ino); ok {
			return n
		}
	}
	return uint64(r.layer+1)<<32 | uint64(r.ino)
}

// touch sets the modification time of a directory of the upper, one of whose
// names was changed.
func (m *Mount) touch(dir tree.Ino) {
	now := m.o.Now()
	m.set(dir, func(n *tree.Inode, _ *stamp) error { n.MTime = now; return nil })
}
