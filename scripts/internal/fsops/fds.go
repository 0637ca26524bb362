package fsops

import (
	"slices"
	"syscall"
)

// maxFDs is how many descriptors there may be, as `ulimit -n` has it.
const maxFDs = 1024

// firstFD is the lowest number that open gives: 0, 1 and 2 are taken.
const firstFD = 3

// An open is what one or several descriptors stand for (an open file description,
// open(2)): they share its position.
type open struct {
	h       Handle
	refs    int
	pending []Entry // of a directory: read and not yet answered
}

type fdTable struct {
	sys System
	fds []*open // by number, nil where it is free; the first three are not used
}

// add gives o the lowest free number from least on.
func (t *fdTable) add(o *open, least int) (int, error) {
	for fd := max(least, firstFD); fd < maxFDs; fd++ {
		if t.get(fd) == nil {
			t.put(fd, o)
			return fd, nil
		}
	}
	return 0, syscall.EMFILE
}

// full reports whether there is no number left.
func (t *fdTable) full() bool {
	return len(t.fds) == maxFDs && !slices.Contains(t.fds[firstFD:], nil)
}

func (t *fdTable) put(fd int, o *open) {
	for len(t.fds) <= fd {
		t.fds = append(t.fds, nil)
	}
	t.fds[fd] = o
	o.refs++
}

func (t *fdTable) get(fd int) *open {
	if fd < 0 || fd >= len(t.fds) {
		return nil
	}
	return t.fds[fd]
}

func (t *fdTable) close(fd int) error {
	o := t.get(fd)
	if o == nil {
		return syscall.EBADF
	}
	t.fds[fd] = nil
	if o.refs--; o.refs > 0 {
		return nil
	}
	return t.sys.Close(o.h)
}

func (t *fdTable) closeAll() {
	for fd, o := range t.fds {
		if o != nil {
			t.close(fd) // what is lost is lost
		}
	}
}

// open is the open file of a descriptor in the field name.
func (c *call) open(name string) (*open, error) {
	if o := c.s.fds.get(int(c.num(name, -1))); o != nil {
		return o, nil
	}
	return nil, syscall.EBADF
}

// dir is where the relative paths of a call begin.
func (c *call) dir(name string) Dir {
	fd := c.num(name, atFDCWD)
	if fd == atFDCWD {
		return atCwd
	}
	if o := c.s.fds.get(int(fd)); o != nil {
		return o.h
	}
	return badFD
}
