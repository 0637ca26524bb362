package overlay

import (
	"bytes"
	"io"
	"reflect"

	"github.com/layerlab/layerlab/sim/content"
	"github.com/layerlab/layerlab/sim/tree"
)

// Changes is what docker diff says: how the merged tree differs from the lower
// layers alone. It is not a listing of the upper: a file that was copied up and
// left as it was does not appear, and what an opaque directory hides appears name
// by name. Parents come before what is in them; in a directory the additions and
// changes come first, sorted, then the deletions (github.com/moby/go-archive,
// changes.go).
func (m *Mount) Changes() []Change {
	m.begin()
	defer m.end()
	if m.upper == nil {
		return nil
	}
	d := differ{m: m}
	d.dir("", tree.Root, m.roots(false), false)
	return d.out
}

type differ struct {
	m   *Mount
	out []Change
}

func (d *differ) add(kind byte, p string) { d.out = append(d.out, Change{kind, p}) }

// dir tells the changes in the upper directory i, of which the lower layers have
// base; whole says that nothing of base shines through.
func (d *differ) dir(p string, i tree.Ino, base []ref, whole bool) {
	m := d.m
	var gone []string
	for name, c := range m.upper.Children(i) {
		was, _ := m.find(base, name)
		if m.upper.Inode(c).IsWhiteout() {
			if len(was) > 0 && !whole {
				gone = append(gone, name)
			}
			continue
		}
		d.name(p+"/"+name, c, was, whole)
	}
	if whole {
		for _, b := range m.list(base) {
			if c := m.upper.Child(i, b.name); c == 0 || m.upper.Inode(c).IsWhiteout() {
				gone = append(gone, b.name)
			}
		}
	}
	for _, name := range gone {
		d.add('D', p+"/"+name)
	}
}

func (d *differ) name(p string, i tree.Ino, was []ref, whole bool) {
	n := d.m.upper.Inode(i)
	at := len(d.out)
	told := true
	switch {
	case len(was) == 0:
		d.add('A', p)
	case statDiffers(d.m.wasInode(was), n):
		d.add('C', p)
	default:
		told = false
	}
	if !n.IsDir() {
		return
	}
	if len(was) > 0 && !d.m.wasInode(was).IsDir() {
		was = nil
	}
	d.dir(p, i, was, whole || n.Opaque)
	if !told && len(d.out) > at {
		d.add('C', p)
		copy(d.out[at+1:], d.out[at:])
		d.out[at] = Change{'C', p}
	}
}

func (m *Mount) wasInode(was []ref) *tree.Inode {
	_, n := m.face(was)
	return n
}

// sameOwner reports whether mode, owner, device and file capabilities are equal.
func sameOwner(a, b *tree.Inode) bool {
	return a.Mode == b.Mode && a.UID == b.UID && a.GID == b.GID && a.Major == b.Major && a.Minor == b.Minor &&
		a.Xattrs[capability] == b.Xattrs[capability]
}

// statDiffers is docker diff's notion of a change: of a directory the times do
// not count, of a file a time without nanoseconds equals every time in its second.
func statDiffers(was, is *tree.Inode) bool {
	if !sameOwner(was, is) {
		return true
	}
	if is.IsDir() {
		return false
	}
	a, b := was.MTime, is.MTime
	sameTime := a.Sec == b.Sec && (a.Nsec == b.Nsec || a.Nsec == 0 || b.Nsec == 0)
	return !sameTime || was.Size() != is.Size()
}

// sameDirent is BuildKit's notion of an object that needs no entry in a layer
// (util/overlay/overlay_linux.go): equal stat, and equal bytes where the times have
// no nanoseconds and so prove nothing.
func sameDirent(was, is *tree.Inode) bool {
	if !sameOwner(was, is) {
		return false
	}
	if is.IsDir() {
		return true
	}
	if was.Size() != is.Size() || was.MTime.Sec != is.MTime.Sec {
		return false
	}
	if was.MTime.Nsec != 0 || is.MTime.Nsec != 0 {
		return was.MTime.Nsec == is.MTime.Nsec
	}
	switch {
	case is.IsSymlink():
		return was.Target == is.Target
	case is.IsRegular():
		return sameBytes(was.Content(), is.Content())
	}
	return true
}

// sameBytes compares two bodies of one size; what cannot be read is not the same.
func sameBytes(a, b content.Body) bool {
	if reflect.ValueOf(a).Comparable() && reflect.ValueOf(b).Comparable() && a == b {
		return true
	}
	ra, err := a.Open()
	if err != nil {
		return false
	}
	defer ra.Close()
	rb, err := b.Open()
	if err != nil {
		return false
	}
	defer rb.Close()
	const size = 64 << 10
	pa, pb := make([]byte, size), make([]byte, size)
	for {
		na, ea := io.ReadFull(ra, pa)
		nb, eb := io.ReadFull(rb, pb)
		if !bytes.Equal(pa[:na], pb[:nb]) {
			return false
		}
		if ea != nil || eb != nil {
			return end(ea) && end(eb)
		}
	}
}

func end(err error) bool { return err == io.EOF || err == io.ErrUnexpectedEOF }
