package shell

import (
	"io"
	"syscall"

	"github.com/layerlab/layerlab/sim/overlay"
)

// A desc is an open file description: what descriptors of one or more processes
// share, its offset with it.
type desc struct {
	refs  int
	name  string // for messages and /proc/self/fd
	r     io.Reader
	w     io.Writer
	file  *overlay.File // of a regular file
	close func()
	k     *kernel
}

// Read reads, and fails with EBADF when the file is not open for reading.
func (d *desc) Read(b []byte) (int, error) {
	if d == nil || d.r == nil {
		return 0, syscall.EBADF
	}
	return d.r.Read(b)
}

// Write writes all of b. Writing to a pipe that nobody reads ends the process
// with SIGPIPE, as it does by default on Unix.
func (d *desc) Write(b []byte) (int, error) {
	if d == nil || d.w == nil {
		return 0, syscall.EBADF
	}
	if d.k != nil {
		d.k.spend(int64(len(b)))
	}
	n, err := d.w.Write(b)
	if err == syscall.EPIPE {
		panic(stop{signal: 13})
	}
	return n, err
}

func (d *desc) dup() *desc {
	if d != nil {
		d.refs++
	}
	return d
}

func (d *desc) release() {
	if d == nil {
		return
	}
	d.refs--
	if d.refs == 0 && d.close != nil {
		d.close()
	}
}

// ends of a stream that came from outside this package
func extern(k *kernel, name string, r io.Reader, w io.Writer) *desc {
	if d, ok := r.(*desc); ok && d != nil {
		return d.dup()
	}
	if d, ok := w.(*desc); ok && d != nil {
		return d.dup()
	}
	return &desc{refs: 1, name: name, r: r, w: w, k: k}
}

// isEmpty reports that nothing was given for the stream.
func isEmpty(r io.Reader) bool { return r == nil }
