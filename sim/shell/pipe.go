package shell

import (
	"io"
	"syscall"
)

// pipeSize is how much a pipe holds before its writer waits, as on Linux.
const pipeSize = 64 << 10

// A pipe is pipe(2), or the inside of a FIFO.
type pipe struct {
	k                *kernel
	buf              []byte
	at               int // how much of buf has been read
	readers, writers int
	canRead          waitq
	canWrite         waitq
}

func (e *pipe) Read(b []byte) (int, error) {
	for len(e.buf) == 0 {
		if e.writers == 0 {
			return 0, io.EOF
		}
		if err := e.k.park(&e.canRead); err != nil {
			return 0, err
		}
	}
	n := copy(b, e.buf[e.at:])
	e.at += n
	if e.at == len(e.buf) {
		e.buf, e.at = e.buf[:0], 0
	}
	e.k.wakeAll(&e.canWrite)
	return n, nil
}

func (e *pipe) Write(b []byte) (int, error) {
	done := 0
	for len(b) > 0 {
		if e.readers == 0 {
			return done, syscall.EPIPE
		}
		if e.at > 0 && len(e.buf) == pipeSize {
			e.buf, e.at = e.buf[:copy(e.buf, e.buf[e.at:])], 0
		}
		room := pipeSize - len(e.buf)
		if room <= 0 {
			if err := e.k.park(&e.canWrite); err != nil {
				return done, err
			}
			continue
		}
		n := min(room, len(b))
		e.buf = append(e.buf, b[:n]...)
		b, done = b[n:], done+n
		e.k.wakeAll(&e.canRead)
	}
	return done, nil
}

func (e *pipe) closeRead() {
	e.readers--
	e.k.wakeAll(&e.canWrite)
}

func (e *pipe) closeWrite() {
	e.writers--
	e.k.wakeAll(&e.canRead)
}

// newPipe is the two ends of a new pipe.
func newPipe(k *kernel) (r, w *desc) {
	e := &pipe{k: k, readers: 1, writers: 1}
	return e.readEnd(), e.writeEnd()
}

func (e *pipe) readEnd() *desc {
	return &desc{refs: 1, r: e, close: e.closeRead, name: "pipe"}
}

func (e *pipe) writeEnd() *desc {
	return &desc{refs: 1, w: e, close: e.closeWrite, name: "pipe"}
}
