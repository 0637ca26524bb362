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

// A File is an open file or directory. A lower file that was opened for reading
// shows the copy once it is copied up under the same name. A File may be used by several goroutines; Read, Write and Seek share one
// position.
type File struct {
	v     *View
	name  string // as given to Open
	path  string // as resolved
	flags int
	refs  []ref

	// guarded by the mount's lock
	h      *handle     // of a file of the upper
	gone   *tree.Inode // of anything else: what it was when it lost its name
	lower  bool        // and whether it was a lower layer's
	number uint64      // and its number
	stamp  stamp       // and its times

	low  *tree.Inode // of a file of a lower layer
	char bool        // a character device, or
	fifo *charDevice // an end of a FIFO
	dir  bool

	mu      sync.Mutex // guards what follows
	pos     int64
	rd      io.ReadCloser // reads the body from rdPos
	rdPos   int64
	version int // of the handle when rd was opened
	closed  bool
	wrote   int64 // bytes, told to the trace by Close
}

var (
	_ io.ReadWriteCloser = (*File)(nil)
	_ io.Seeker          = (*File)(nil)
	_ io.ReaderAt        = (*File)(nil)
	_ io.WriterAt        = (*File)(nil)
)

// SetUser makes v's user the one whose rights count when f is used from now on: a
// descriptor that was given to another process.
func (f *File) SetUser(v *View) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.v = v
}

// Name is the path that was given to Open.
func (f *File) Name() string { return f.name }

// Path is where the file was when it was opened, without symbolic links.
func (f *File) Path() string { return f.path }

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
	if f.fifo != nil {
		return 0, fail("write", f.name, syscall.ESPIPE)
	}
	n, _, err := f.write(p, off, f.flags&os.O_APPEND != 0)
	return n, err
}

func (f *File) write(p []byte, off int64, atEnd bool) (n int, end int64, err error) {
	if f.closed || f.flags&(os.O_WRONLY|os.O_RDWR) == 0 || f.flags&OpenPath != 0 {
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
		return 0, 0, fail("write", f.name, syscall.EINVAL)
	}
	if err := m.write(f.h, off, p); err != nil {
		return 0, 0, fail("write", f.name, err)
	}
	m.update(f.h, f.v.written)
	f.wrote += int64(len(p))
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
	case f.closed || f.flags&(os.O_WRONLY|OpenPath) != 0:
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
	if f.fifo != nil {
		return 0, fail("read", f.name, syscall.ESPIPE)
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
	if f.closed || f.flags&OpenPath != 0 {
		return 0, fail("seek", f.name, syscall.EBADF)
	}
	if f.fifo != nil {
		return 0, fail("seek", f.name, syscall.ESPIPE)
	}
	if f.char {
		return 0, nil
	}
	switch whence {
	case io.SeekStart:
	case io.SeekCurrent:
		off += f.pos
	case io.SeekEnd:
		if f.dir {
			return 0, fail("seek", f.name, syscall.EINVAL)
		}
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
	if f.closed || f.flags&OpenPath != 0 {
		return fail("truncate", f.name, syscall.EBADF)
	}
	if size < 0 || f.char || f.flags&(os.O_WRONLY|os.O_RDWR) == 0 {
		return fail("truncate", f.name, syscall.EINVAL)
	}
	m := f.v.m
	m.begin()
	defer m.end()
	old := m.inodeOf(f.h).Content()
	b := content.Resize(old, size)
	if err := m.room(old, b); err != nil {
		return fail("truncate", f.name, err)
	}
	m.fill(f.h, b)
	m.update(f.h, f.v.written)
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
	switch {
	case f.h != nil:
		return statOf(f.path, m.inodeOf(f.h), m.stampOfHandle(f.h), m.top(), m.numberOfHandle(f.h)), nil
	case f.gone != nil:
		return statOf(f.path, f.gone, f.stamp, f.refs[0].layer, f.number), nil
	}
	return m.stat(f.path, m.walk(f.path).refs), nil
}

// ReadDir is View.ReadDir of an open directory. Of one that is removed it is
// ENOENT, as from getdents64(2); the C library takes that for the end.
func (f *File) ReadDir() ([]DirEntry, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed || f.flags&OpenPath != 0 {
		return nil, fail("readdir", f.name, syscall.EBADF)
	}
	if !f.dir {
		return nil, fail("readdir", f.name, syscall.ENOTDIR)
	}
	f.v.m.mu.Lock()
	p, gone := f.path, f.gone != nil
	f.v.m.mu.Unlock()
	if gone {
		return nil, fail("readdir", f.name, syscall.ENOENT)
	}
	return (&View{m: f.v.m, c: Cred{}}).ReadDir(p)
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
	if f.wrote > 0 {
		f.v.m.emit(Changed{Path: f.path, Bytes: f.wrote})
	}
	delete(f.v.m.files, f)
	if f.fifo != nil {
		f.fifo.close()
	}
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
