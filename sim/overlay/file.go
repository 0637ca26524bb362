package overlay

import (
	"errors"
	"io"
	"os"
	"sync"
	"syscall"

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
	buf     []byte      // written and not yet in the body
	off     int64       // where buf belongs
}

// A File is an open file or directory. A lower file that was opened for reading
// shows the copy once it is copied up under the same name. A File may be used by several goroutines; Read, Write and Seek share one
// position.
type File struct {
	v     *View
	name  string // as given to Open
	path  string // as resolved
	flags int
	refs  []ref

	h    *handle     // of a file of the upper; guarded by the mount's lock
	low  *tree.Inode // of a file of a lower layer
	char bool        // a character device
	dir  bool

	mu      sync.Mutex // guards what follows
	pos     int64
	rd      io.ReadCloser // reads the body from rdPos
	rdPos   int64
	version int // of the handle when rd was opened
	closed  bool
}

var (
	_ io.ReadWriteCloser = (*File)(nil)
	_ io.Seeker          = (*File)(nil)
	_ io.ReaderAt        = (*File)(nil)
	_ io.WriterAt        = (*File)(nil)
)

// Name is the path that was given to Open.
func (f *File) Name() string { return f.name }

// Path is where the file was when it was opened, without symbolic links.
func (f *File) Path() string { return f.path }

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

func (m *Mount) unread(f *File) {
	r := f.refs[0]
	if delete(m.readers[r], f); len(m.readers[r]) == 0 {
		delete(m.readers, r)
	}
}

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

func (m *Mount) update(h *handle, change func(*tree.Inode)) {
	if h.orphan != nil {
		change(h.orphan)
		return
	}
	m.upper.Update(h.ino, change)
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
	m.update(h, func(n *tree.Inode) { n.Body = b })
	h.buf = h.buf[:0]
	h.version++
	delete(m.dirty, h)
}

// size is the size of an open file, gathered writes counted.
func (m *Mount) size(h *handle) int64 {
	return max(m.inodeOf(h).Size(), h.off+int64(len(h.buf))*b2i(len(h.buf) > 0))
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
		m.update(h, func(n *tree.Inode) { n.Body = b })
		h.version++
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

// Write writes at the position, or at the end of a file opened with O_APPEND.
func (f *File) Write(p []byte) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	n, end, err := f.write(p, f.pos, f.flags&os.O_APPEND != 0)
	if err == nil {
		f.pos = end
	}
	return n, err
}

// WriteAt is pwrite(2): the position is left alone. On a file opened with
// O_APPEND it writes at the end, as Linux does.
func (f *File) WriteAt(p []byte, off int64) (int, error) {
	if off < 0 {
		return 0, fail("write", f.name, syscall.EINVAL)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	n, _, err := f.write(p, off, f.flags&os.O_APPEND != 0)
	return n, err
}

func (f *File) write(p []byte, off int64, atEnd bool) (n int, end int64, err error) {
	if f.closed || f.flags&(os.O_WRONLY|os.O_RDWR) == 0 {
		return 0, 0, fail("write", f.name, syscall.EBADF)
	}
	if f.char {
		n, err := f.device().write(p)
		return n, off, fail("write", f.name, err)
	}
	if len(p) == 0 {
		return 0, off, nil
	}
	m := f.v.m
	m.mu.Lock() // not begin: what is gathered stays gathered
	defer m.end()
	if atEnd {
		off = m.size(f.h)
	}
	end = off + int64(len(p))
	if end < off {
		return 0, 0, fail("write", f.name, syscall.EFBIG)
	}
	if err := m.write(f.h, off, p); err != nil {
		return 0, 0, fail("write", f.name, err)
	}
	m.update(f.h, func(n *tree.Inode) { n.MTime = m.o.Now(); f.v.c.dropPrivileges(n) })
	m.emit(Changed{Path: f.path, Bytes: int64(len(p))})
	return len(p), end, nil
}

// body is the content of f as it is now and its version.
func (f *File) body() (content.Body, int) {
	f.v.m.begin()
	defer f.v.m.end()
	switch {
	case f.h != nil:
		return f.v.m.inodeOf(f.h).Content(), f.h.version
	case f.low != nil:
		return f.low.Content(), 0
	}
	return content.Empty, 0
}

func (f *File) readable(op string) error {
	switch {
	case f.closed || f.flags&os.O_WRONLY != 0:
		return fail(op, f.name, syscall.EBADF)
	case f.dir:
		return fail(op, f.name, syscall.EISDIR)
	}
	return nil
}

// Read reads from the position on; a body that is made as it is read is read
// only once, from its start.
func (f *File) Read(p []byte) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.readable("read"); err != nil {
		return 0, err
	}
	if f.char {
		n, err := f.device().read(p)
		return n, failRead(f.name, err)
	}
	if len(p) == 0 {
		return 0, nil
	}
	body, version := f.body()
	if f.pos >= body.Size() {
		return 0, io.EOF
	}
	if f.rd == nil || f.rdPos != f.pos || f.version != version {
		if f.rd != nil {
			f.rd.Close()
			f.rd = nil
		}
		rd, err := content.Slice(body, f.pos, body.Size()-f.pos).Open()
		if err != nil {
			return 0, fail("read", f.name, err)
		}
		f.rd, f.rdPos, f.version = rd, f.pos, version
	}
	n, err := f.rd.Read(p)
	f.pos += int64(n)
	f.rdPos = f.pos
	if err == io.EOF && n > 0 {
		err = nil
	}
	return n, failRead(f.name, err)
}

func failRead(name string, err error) error {
	if err == nil || err == io.EOF {
		return err
	}
	return fail("read", name, err)
}

// ReadAt is pread(2).
func (f *File) ReadAt(p []byte, off int64) (int, error) {
	f.mu.Lock()
	err := f.readable("read")
	f.mu.Unlock()
	if err != nil {
		return 0, err
	}
	if off < 0 {
		return 0, fail("read", f.name, syscall.EINVAL)
	}
	if f.char {
		n, err := f.device().read(p)
		return n, failRead(f.name, err)
	}
	body, _ := f.body()
	n, err := content.ReadAt(body, p, off)
	return n, failRead(f.name, err)
}

// Seek is lseek(2) with io.SeekStart, io.SeekCurrent and io.SeekEnd.
func (f *File) Seek(off int64, whence int) (int64, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed {
		return 0, fail("seek", f.name, syscall.EBADF)
	}
	if f.char {
		return 0, nil
	}
	switch whence {
	case io.SeekStart:
	case io.SeekCurrent:
		off += f.pos
	case io.SeekEnd:
		b, _ := f.body()
		off += b.Size()
	default:
		return 0, fail("seek", f.name, syscall.EINVAL)
	}
	if off < 0 {
		return 0, fail("seek", f.name, syscall.EINVAL)
	}
	f.pos = off
	return off, nil
}

// Truncate is ftruncate(2).
func (f *File) Truncate(size int64) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed {
		return fail("truncate", f.name, syscall.EBADF)
	}
	if size < 0 || f.char || f.flags&(os.O_WRONLY|os.O_RDWR) == 0 {
		return fail("truncate", f.name, syscall.EINVAL)
	}
	m := f.v.m
	m.begin()
	defer m.end()
	old := m.inodeOf(f.h).Content()
	if old.Size() == size {
		return nil
	}
	b := content.Resize(old, size)
	if err := m.room(old, b); err != nil {
		return fail("truncate", f.name, err)
	}
	m.update(f.h, func(n *tree.Inode) { n.Body, n.MTime = b, m.o.Now(); f.v.c.dropPrivileges(n) })
	f.h.version++
	m.emit(Changed{Path: f.path})
	return nil
}

// Stat is fstat(2).
func (f *File) Stat() (Stat, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed {
		return Stat{}, fail("fstat", f.name, syscall.EBADF)
	}
	m := f.v.m
	m.begin()
	defer m.end()
	if f.h != nil {
		return statOf(f.path, m.inodeOf(f.h), m.top(), m.number([]ref{{m.top(), f.h.ino}})), nil
	}
	if n := m.tree(f.refs[0].layer).Inode(f.refs[0].ino); n == nil {
		return Stat{}, fail("fstat", f.name, syscall.ESTALE)
	}
	return m.stat(f.path, f.refs), nil
}

// ReadDir is View.ReadDir of an open directory.
func (f *File) ReadDir() ([]DirEntry, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed {
		return nil, fail("readdir", f.name, syscall.EBADF)
	}
	if !f.dir {
		return nil, fail("readdir", f.name, syscall.ENOTDIR)
	}
	return f.v.ReadDir(f.path)
}

// Close gives the file back. A second Close fails with EBADF.
func (f *File) Close() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed {
		return fail("close", f.name, syscall.EBADF)
	}
	f.closed = true
	var err error
	if f.rd != nil {
		err = f.rd.Close()
		f.rd = nil
	}
	f.v.m.mu.Lock()
	if f.h != nil {
		f.v.m.drop(f.h)
	} else {
		f.v.m.unread(f)
	}
	f.v.m.end()
	if err != nil && !errors.Is(err, os.ErrClosed) {
		return fail("close", f.name, err)
	}
	return nil
}
