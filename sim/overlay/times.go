package overlay

import (
	"syscall"

	"github.com/layerlab/layerlab/sim/tree"
)

// A stamp is the two times that a layer does not carry. They are kept for what was
// made or changed since the mount began; all else has its modification time for
// both.
type stamp struct{ a, c tree.Time }

// SetTime is one of the two times of utimensat(2): a Time, TimeNow or TimeOmit.
type SetTime struct {
	tree.Time
	now, omit bool
}

// SetTo is a given time for Utimens.
func SetTo(t tree.Time) SetTime { return SetTime{Time: t} }

// TimeNow is UTIME_NOW, the time of the call; TimeOmit is UTIME_OMIT, the time
// that there is.
var (
	TimeNow  = SetTime{now: true}
	TimeOmit = SetTime{omit: true}
)

// stampOf is the access and change times of refs.
func (m *Mount) stampOf(refs []ref) stamp {
	layer, n := m.face(refs)
	if layer == m.top() {
		return m.stampAt(refs[0].ino)
	}
	return stamp{n.MTime, n.MTime}
}

// stampAt is those of an inode of the upper.
func (m *Mount) stampAt(i tree.Ino) stamp {
	if s, ok := m.stamps.Get(i); ok {
		return s
	}
	n := m.upper.Inode(i)
	return stamp{n.MTime, n.MTime}
}

// A change is what a call does to an inode of the upper. With an error it has
// done nothing.
type change func(*tree.Inode, *stamp) error

// set changes an inode of the upper, whose change time becomes now.
func (m *Mount) set(i tree.Ino, change change) (err error) {
	s := m.stampAt(i)
	m.upper.Update(i, func(n *tree.Inode) { err = change(n, &s) })
	if err == nil {
		s.c = m.o.Now()
		m.stamps.Set(i, s)
	}
	return err
}

// mark sets the change time of an inode of the upper to now.
func (m *Mount) mark(i tree.Ino) { m.set(i, func(*tree.Inode, *stamp) error { return nil }) }

// unstamp forgets the times of what is about to leave the upper with the name
// of i; what keeps other names has changed.
func (m *Mount) unstamp(i tree.Ino) {
	n := m.upper.Inode(i)
	if n.IsDir() {
		for _, c := range m.upper.Children(i) {
			m.unstamp(c)
		}
	} else if n.Nlink > 1 {
		m.mark(i)
		return
	}
	m.stamps.Delete(i)
	m.origin.Delete(i)
}

// Utimens is utimensat(2). To set both to now the right to write is enough,
// anything else is the owner's.
func (v *View) Utimens(p string, atime, mtime SetTime) error {
	return v.utimens(p, atime, mtime, true)
}

// Lutimens is Utimens of a symbolic link itself.
func (v *View) Lutimens(p string, atime, mtime SetTime) error {
	return v.utimens(p, atime, mtime, false)
}

func (v *View) utimens(p string, atime, mtime SetTime, follow bool) error {
	if atime.omit && mtime.omit {
		return nil // the path is not even looked at
	}
	return v.change("utimes", p, follow, v.mayUtime(atime, mtime), v.setTimes(atime, mtime))
}

// Utimes sets both times to mtime.
func (v *View) Utimes(p string, mtime tree.Time) error {
	return v.Utimens(p, SetTo(mtime), SetTo(mtime))
}

// Lutimes is Utimes of a symbolic link itself.
func (v *View) Lutimes(p string, mtime tree.Time) error {
	return v.Lutimens(p, SetTo(mtime), SetTo(mtime))
}

// Touch sets both times to now, which everyone may do who may write.
func (v *View) Touch(p string) error { return v.Utimens(p, TimeNow, TimeNow) }

func (v *View) mayUtime(atime, mtime SetTime) func(*tree.Inode) error {
	return func(n *tree.Inode) error {
		switch {
		case v.c.owns(n):
			return nil
		case !atime.now || !mtime.now:
			return syscall.EPERM
		case !v.c.may(n, mayWrite):
			return syscall.EACCES
		}
		return nil
	}
}

func (v *View) setTimes(atime, mtime SetTime) change {
	now := v.m.o.Now
	return func(n *tree.Inode, s *stamp) error {
		s.a = atime.or(s.a, now)
		n.MTime = mtime.or(n.MTime, now)
		return nil
	}
}

// or is the time that t sets in place of old.
func (t SetTime) or(old tree.Time, now func() tree.Time) tree.Time {
	switch {
	case t.omit:
		return old
	case t.now:
		return now()
	}
	return t.Time
}
