package overlay

import (
	"cmp"
	"slices"

	"github.com/layerlab/layerlab/sim/tree"
)

// Changeset is the layer that a commit or a build step ships, as BuildKit's
// overlay differ makes it from the upper directory (util/overlay, Changes):
//
//   - what is as it was below gets no entry, even if it was copied up; a directory
//     whose content changed is there with its real owner, mode and time;
//   - whiteouts of names that the lower layers do not have are left out;
//   - an opaque directory is told by whiteouts, one for each lower name that it
//     hides, and is not marked;
//   - sockets are left out; names of one inode stay one inode.
//
// The tree is the caller's own.
func (m *Mount) Changeset() *tree.Tree { return m.changeset(false) }

// CommitChangeset is the layer that docker commit ships: as Changeset, but made by
// comparing the merged tree with that of the lower layers, in which names of one
// inode are not torn apart. When a file gets a further name, the old name is
// shipped too, as a link.
func (m *Mount) CommitChangeset() *tree.Tree { return m.changeset(true) }

func (m *Mount) changeset(commit bool) *tree.Tree {
	m.begin()
	defer m.end()
	out := tree.New(tree.Time{})
	if m.upper == nil {
		return out
	}
	root := m.upper.Inode(tree.Root)
	out.Update(tree.Root, func(n *tree.Inode) {
		n.Mode, n.UID, n.GID, n.MTime, n.Xattrs = root.Mode, root.UID, root.GID, root.MTime, root.Xattrs
	})
	s := shipper{m: m, out: out, names: map[tree.Ino]tree.Ino{}}
	s.dir(&shipped{ino: tree.Root}, tree.Root, m.roots(false))
	for _, u := range s.unchanged {
		if first := s.names[u.ino]; first != 0 && commit {
			out.Link(s.make(u.dir), u.name, first)
		}
	}
	return out
}

// A shipper makes a changeset.
type shipper struct {
	m     *Mount
	out   *tree.Tree
	names map[tree.Ino]tree.Ino // by inode of the upper, for hard links

	unchanged []unchanged
}

// unchanged is a name in the upper that needs no entry.
type unchanged struct {
	dir  *shipped
	name string
	ino  tree.Ino
}

// A shipped directory gets its entry when something in it needs one.
type shipped struct {
	up   *shipped
	name string
	node *tree.Inode
	ino  tree.Ino // in the changeset; 0 while it has none
}

func (s *shipper) make(d *shipped) tree.Ino {
	if d.ino == 0 {
		d.ino = s.add(s.make(d.up), d.name, d.node)
	}
	return d.ino
}

func (s *shipper) add(dir tree.Ino, name string, n *tree.Inode) tree.Ino {
	return s.out.Add(dir, name, tree.Inode{
		Mode: n.Mode, UID: n.UID, GID: n.GID, MTime: n.MTime, Major: n.Major, Minor: n.Minor,
		Target: n.Target, Body: n.Body, Xattrs: n.Xattrs,
	})
}

func (s *shipper) whiteout(d *shipped, name string) {
	s.out.Add(s.make(d), name, tree.Whiteout(tree.Time{}))
}

// dir ships the upper directory i, of which the lower layers have base.
func (s *shipper) dir(d *shipped, i tree.Ino, base []ref) {
	for name, c := range s.m.upper.Children(i) {
		was, _ := s.m.find(base, name)
		if s.m.upper.Inode(c).IsWhiteout() {
			if len(was) > 0 {
				s.whiteout(d, name)
			}
			continue
		}
		s.name(d, name, c, was, false)
	}
}

// whole ships the upper directory i, through which nothing of base shines.
func (s *shipper) whole(d *shipped, i tree.Ino, base []ref) {
	type pair struct {
		name string
		ino  tree.Ino
		was  []ref
	}
	var pairs []pair
	for _, b := range s.m.list(base) {
		pairs = append(pairs, pair{name: b.name, was: b.refs})
	}
	for name, c := range s.m.upper.Children(i) {
		if s.m.upper.Inode(c).IsWhiteout() {
			continue
		}
		at, found := slices.BinarySearchFunc(pairs, name, func(p pair, name string) int { return cmp.Compare(p.name, name) })
		if found {
			pairs[at].ino = c
		} else {
			pairs = slices.Insert(pairs, at, pair{name: name, ino: c})
		}
	}
	for _, p := range pairs {
		if p.ino == 0 {
			s.whiteout(d, p.name)
		} else {
			s.name(d, p.name, p.ino, p.was, true)
		}
	}
}

func (s *shipper) name(d *shipped, name string, i tree.Ino, was []ref, whole bool) {
	n := s.m.upper.Inode(i)
	changed := len(was) == 0 || !sameDirent(s.m.wasInode(was), n)
	if !n.IsDir() {
		switch {
		case n.Type() == tree.Socket:
		case changed:
			s.file(d, name, i, n)
		case n.Nlink > 1:
			s.unchanged = append(s.unchanged, unchanged{d, name, i})
		}
		return
	}
	sub := &shipped{up: d, name: name, node: n}
	if changed {
		s.make(sub)
	}
	there := len(was) > 0
	if there && !s.m.wasInode(was).IsDir() {
		was = nil
	}
	if there && (whole || n.Opaque) {
		s.whole(sub, i, was)
	} else {
		s.dir(sub, i, was)
	}
}

func (s *shipper) file(d *shipped, name string, i tree.Ino, n *tree.Inode) {
	dir := s.make(d)
	if first := s.names[i]; first != 0 {
		s.out.Link(dir, name, first)
		return
	}
	s.names[i] = s.add(dir, name, n)
}
