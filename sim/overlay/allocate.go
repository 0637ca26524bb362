package overlay

import (
	"os"
	"syscall"

	"github.com/layerlab/layerlab/sim/content"
	"github.com/layerlab/layerlab/sim/tree"
)

// Allocate is fallocate(2) with the mode 0, or FALLOC_FL_KEEP_SIZE if keep is set:
// the file grows to off+size bytes, or stays as large as it is. No room is taken
// for it here; asking for more than there is fails with ENOSPC.
func (f *File) Allocate(off, size int64, keep bool) error {
	return f.allocate(off, size, func(old content.Body) (content.Body, error) {
		if size > f.v.m.o.MaxBytes-f.v.m.used() {
			return nil, syscall.ENOSPC
		}
		if keep || off+size <= old.Size() {
			return old, nil
		}
		return content.Resize(old, off+size), nil
	})
}

// PunchHole is fallocate(2) with FALLOC_FL_PUNCH_HOLE and FALLOC_FL_KEEP_SIZE: what
// of the file lies in the range is zeros from now on.
func (f *File) PunchHole(off, size int64) error {
	return f.allocate(off, size, func(old content.Body) (content.Body, error) {
		if off >= old.Size() {
			return old, nil
		}
		end := min(off+size, old.Size())
		return content.Concat(content.Slice(old, 0, off), content.Zero(end-off), content.Slice(old, end, old.Size()-end)), nil
	})
}

func (f *File) allocate(off, size int64, change func(content.Body) (content.Body, error)) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	m := f.v.m
	m.begin()
	defer m.end()
	switch {
	case f.closed || f.flags&OpenPath != 0 || f.flags&(os.O_WRONLY|os.O_RDWR) == 0:
		return fail("fallocate", f.name, syscall.EBADF)
	case f.fifo != nil:
		return fail("fallocate", f.name, syscall.ESPIPE)
	case f.h == nil || m.fnode(f).Type() != tree.Regular:
		return fail("fallocate", f.name, syscall.ENODEV)
	case off < 0 || size <= 0:
		return fail("fallocate", f.name, syscall.EINVAL)
	case off+size < 0:
		return fail("fallocate", f.name, syscall.EFBIG)
	}
	old := m.inodeOf(f.h).Content()
	b, err := change(old)
	if err == nil {
		err = m.room(old, b)
	}
	if err != nil {
		return fail("fallocate", f.name, err)
	}
	m.fill(f.h, b)
	m.update(f.h, f.v.written)
	m.emit(Changed{Path: f.path})
	return nil
}
