package overlay

import (
	"github.com/layerlab/layerlab/sim/content"
	"github.com/layerlab/layerlab/sim/tree"
)

// gather is how many bytes of small writes are kept before they go into a body.
const gather = 64 << 10

// A handle is an inode of the upper that has open files. Short writes, one
// behind the other, are gathered in it.
type handle struct {
	ino     tree.Ino
	refs    int
	version int         // grows whenever the body is replaced
	orphan  *tree.Inode // the inode itself once its last name is gone
	stamp   stamp       // of the orphan
	number  uint64      // of the orphan
	unborn  bool        // an orphan that may still get its first name
	buf     []byte      // written and not yet in the body
	off     int64       // where buf belongs
}

// numberOfHandle is st_ino of an open file.
func (m *Mount) numberOfHandle(h *handle) uint64 {
	if h.orphan != nil {
		return h.number
	}
	return m.number([]ref{{m.top(), h.ino}})
}

// hold is the handle of an inode of the upper for one more open file.
func (m *Mount) hold(i tree.Ino) *handle {
	h := m.open[i]
	if h == nil {
		h = &handle{ino: i, version: 1}
		m.open[i] = h
	}
	h.refs++
	return h
}

// read remembers that f shows a file of a lower layer.
func (m *Mount) read(f *File) {
	r := f.refs[0]
	if m.readers[r] == nil {
		m.readers[r] = map[*File]bool{}
	}
	m.readers[r][f] = true
}

// unread takes read back.
func (m *Mount) unread(f *File) {
	r := f.refs[0]
	if delete(m.readers[r], f); len(m.readers[r]) == 0 {
		delete(m.readers, r)
	}
}

// drop gives back what hold gave.
func (m *Mount) drop(h *handle) {
	m.flush(h)
	if h.refs--; h.refs > 0 {
		return
	}
	if h.orphan == nil {
		delete(m.open, h.ino)
	} else if m.measured {
		m.held -= content.Held(h.orphan.Content())
	}
}

// inodeOf is the inode of an open file.
func (m *Mount) inodeOf(h *handle) *tree.Inode {
	if h.orphan != nil {
		return h.orphan
	}
	return m.upper.Inode(h.ino)
}

// update changes the inode of an open file, and its change time.
func (m *Mount) update(h *handle, change change) error {
	if h.orphan != nil {
		if err := change(h.orphan, &h.stamp); err != nil {
			return err
		}
		h.stamp.c = m.o.Now()
		return nil
	}
	return m.set(h.ino, change)
}

// fill gives an open file another body.
func (m *Mount) fill(h *handle, b content.Body) {
	h.version++
	if h.orphan != nil {
		h.orphan.Body = b
		return
	}
	m.upper.Update(h.ino, func(n *tree.Inode) { n.Body = b })
}

// stampOfHandle is the access and change times of an open file.
func (m *Mount) stampOfHandle(h *handle) stamp {
	if h.orphan != nil {
		return h.stamp
	}
	return m.stampAt(h.ino)
}

// flush puts what was gathered into the body.
func (m *Mount) flush(h *handle) {
	if len(h.buf) == 0 {
		return
	}
	old := m.inodeOf(h).Content()
	b := content.Splice(old, h.off, h.buf)
	if m.measured {
		m.held += content.Held(b) - content.Held(old)
	}
	m.fill(h, b)
	h.buf = h.buf[:0]
	delete(m.dirty, h)
}

// size is the size of an open file, gathered writes counted.
func (m *Mount) size(h *handle) int64 {
	return max(m.inodeOf(h).Size(), (h.off+int64(len(h.buf)))*b2i(len(h.buf) > 0))
}

// write is pwrite(2).
func (m *Mount) write(h *handle, off int64, p []byte) error {
	if len(h.buf) > 0 && off != h.off+int64(len(h.buf)) {
		m.flush(h)
	}
	if m.used()+int64(len(h.buf)+len(p)) > m.o.MaxBytes || len(p) >= gather {
		m.flush(h)
		old := m.inodeOf(h).Content()
		b := content.Splice(old, off, p)
		if err := m.room(old, b); err != nil {
			return err
		}
		m.fill(h, b)
		return nil
	}
	if len(h.buf) == 0 {
		h.off = off
		m.dirty[h] = true
	}
	if h.buf = append(h.buf, p...); len(h.buf) >= gather {
		m.flush(h)
	}
	return nil
}
