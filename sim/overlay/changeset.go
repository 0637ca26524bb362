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
func (m *Mount) Changeset() *tree.Tree {
	if s := m.ship(false); s != nil {
		return s.out
	}
	return tree.New(tree.Time{})
}

// CommitChangeset is the layer that docker commit ships: as Changeset, but made by
// walking the merged tree beside that of the lower layers (continuity fs,
// doubleWalkDiff), in which names of one inode are not torn apart. When a file gets
// a further name, its old names are shipped too, as links to the first name that
// is new: one that the walk has passed by follows that name at once, with the
// directories that it lies in, any other comes in its turn.
//
// order is the paths of all entries as they come, relative ("a/b"), for
// layer.WriteOptions; nil when they come in the order of a walk.
func (m *Mount) CommitChangeset() (t *tree.Tree, order []string) {
	s := m.ship(true)
	if s == nil {
		return tree.New(tree.Time{}), nil
	}
	if s.late {
		order = s.order
	}
	return s.out, order
}

// ship makes the changeset, nil where there is no upper directory.
func (m *Mount) ship(commit bool) *shipper {
	m.begin()
	defer m.end()
	if m.upper == nil {
		return nil
	}
	s := &shipper{m: m, out: tree.New(tree.Time{}), names: map[tree.Ino]tree.Ino{}, passed: map[tree.Ino][]unchanged{}, commit: commit}
	root := m.upper.Inode(tree.Root)
	s.out.Update(tree.Root, func(n *tree.Inode) {
		n.Mode, n.UID, n.GID, n.MTime, n.Xattrs = root.Mode, root.UID, root.GID, root.MTime, root.Xattrs
	})
	s.dir(&shipped{ino: tree.Root}, tree.Root, m.roots(false))
	return s
}

// A shipper makes a changeset.
type shipper struct {
	m      *Mount
	out    *tree.Tree
	names  map[tree.Ino]tree.Ino // by inode of the upper, for hard links
	commit bool

	passed map[tree.Ino][]unchanged // names that need no entry so far, by inode of the upper
	order  []string                 // of the entries of a commit
	late   bool                     // some of them do not come in their turn
}

// unchanged is a name in the upper that needs no entry.
type unchanged struct {
	dir  *shipped
	name string
}

// A shipped directory gets its entry when something in it needs one.
type shipped struct {
	up   *shipped
	name string
	node *tree.Inode
	ino  tree.Ino // in the changeset; 0 while it has none
	path string   // of a commit's, with a slash at its end; "" for the root
}

func (s *shipper) make(d *shipped) tree.Ino {
	if d.ino == 0 {
		d.ino = s.add(d.up, d.name, d.node)
	}
	return d.ino
}

// add gives the directory d a name, after what d itself needs.
func (s *shipper) add(d *shipped, name string, n *tree.Inode) tree.Ino {
	dir := s.make(d)
	s.told(d, name)
	return s.out.Add(dir, name, tree.Inode{
		Mode: n.Mode, UID: n.UID, GID: n.GID, MTime: n.MTime, Major: n.Major, Minor: n.Minor,
		Target: n.Target, Body: n.Body, Xattrs: n.Xattrs,
	})
}

func (s *shipper) whiteout(d *shipped, name string) {
	w := tree.Whiteout(tree.Time{})
	s.add(d, name, &w)
}

func (s *shipper) link(d *shipped, name string, first tree.Ino) {
	dir := s.make(d)
	s.told(d, name)
	s.out.Link(dir, name, first)
}

// told notes that the next entry is that of a name of d.
func (s *shipper) told(d *shipped, name string) {
	if s.commit {
		s.order = append(s.order, d.path+name)
	}
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
		case n.Nlink < 2 || !s.commit:
		case s.names[i] != 0:
			s.link(d, name, s.names[i])
		default:
			s.passed[i] = append(s.passed[i], unchanged{d, name})
		}
		return
	}
	sub := &shipped{up: d, name: name, node: n}
	if s.commit {
		sub.path = d.path + name + "/"
	}
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

// file ships a file that is not as it was below, or a further name of it, and the
// names of it that were passed by.
func (s *shipper) file(d *shipped, name string, i tree.Ino, n *tree.Inode) {
	if first := s.names[i]; first != 0 {
		s.link(d, name, first)
		return
	}
	s.names[i] = s.add(d, name, n)
	for _, u := range s.passed[i] {
		s.late = true
		s.link(u.dir, u.name, s.names[i])
	}
}
