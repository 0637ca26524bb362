package overlay

import (
	"io"
	"os"
	"syscall"
)

// A fifo is the bytes between the open ends of a named pipe (fifo(7)). It is there
// as long as one of them is open. Nobody waits: where the kernel would, a call
// fails, open with ENXIO, read and write with EAGAIN.
type fifo struct {
	readers, writers int
	waiting          []byte
}

// fifoSize is how many bytes are kept for a reader (pipe(7)).
const fifoSize = 64 << 10

// openFIFO is open(2) of a FIFO: f becomes an end of it.
func (m *Mount) openFIFO(f *File) error {
	number := m.number(f.refs)
	p := m.fifos[number]
	if p == nil {
		p = &fifo{}
	}
	reads, writes := f.flags&os.O_WRONLY == 0, f.flags&(os.O_WRONLY|os.O_RDWR) != 0
	waits := f.flags&OpenNonblock == 0
	switch {
	case reads && waits && p.writers == 0:
		return syscall.ENXIO
	case writes && !reads && p.readers == 0:
		return syscall.ENXIO
	}
	if m.fifos == nil {
		m.fifos = map[uint64]*fifo{}
	}
	m.fifos[number] = p
	if reads {
		p.readers++
	}
	if writes {
		p.writers++
	}
	f.char, f.fifo = true, &charDevice{
		read:  func(b []byte) (int, error) { m.mu.Lock(); defer m.mu.Unlock(); return p.read(b) },
		write: func(b []byte) (int, error) { m.mu.Lock(); defer m.mu.Unlock(); return p.write(b) },
		close: func() {
			if reads {
				p.readers--
			}
			if writes {
				p.writers--
			}
			if p.readers+p.writers == 0 {
				delete(m.fifos, number)
			}
		},
	}
	return nil
}

func (p *fifo) read(b []byte) (int, error) {
	switch {
	case len(b) == 0:
		return 0, nil
	case len(p.waiting) > 0:
		n := copy(b, p.waiting)
		p.waiting = p.waiting[n:]
		return n, nil
	case p.writers == 0:
		return 0, io.EOF
	}
	return 0, syscall.EAGAIN
}

func (p *fifo) write(b []byte) (int, error) {
	room := fifoSize - len(p.waiting)
	switch {
	case len(b) == 0:
		return 0, nil
	case p.readers == 0:
		return 0, syscall.EPIPE
	case room == 0, len(b) <= pageSize && len(b) > room: // a short write is whole or not at all
		return 0, syscall.EAGAIN
	}
	n := min(len(b), room)
	p.waiting = append(p.waiting, b[:n]...)
	return n, nil
}
