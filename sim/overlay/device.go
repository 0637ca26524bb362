package overlay

import (
	"io"
	"syscall"

	"github.com/layerlab/layerlab/sim/tree"
)

// A charDevice is what a character device does. They are the ones of mem(4) that
// need no machine.
type charDevice struct {
	read, write func(p []byte) (int, error)
	close       func() // of an end of a FIFO, under the mount's lock
}

func swallow(p []byte) (int, error) { return len(p), nil }
func zeros(p []byte) (int, error)   { clear(p); return len(p), nil }

var (
	devNull = &charDevice{read: func([]byte) (int, error) { return 0, io.EOF }, write: swallow}
	devZero = &charDevice{read: zeros, write: swallow}
	devFull = &charDevice{read: zeros, write: func([]byte) (int, error) { return 0, syscall.ENOSPC }}
)

// memory is the device that n stands for, or nil.
func memory(n *tree.Inode) *charDevice {
	if n.Major != 1 {
		return nil
	}
	switch n.Minor {
	case 3:
		return devNull
	case 5:
		return devZero
	case 7:
		return devFull
	}
	return nil
}

func (f *File) device() *charDevice {
	if f.fifo != nil {
		return f.fifo
	}
	return memory(f.low)
}
