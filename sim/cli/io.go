package cli

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"syscall"

	"github.com/layerlab/layerlab/sim/content"
	"github.com/layerlab/layerlab/sim/engine"
	"github.com/layerlab/layerlab/sim/overlay"
	"github.com/layerlab/layerlab/sim/store"
	"github.com/layerlab/layerlab/sim/tree"
)

func (c *call) printf(format string, args ...any)  { fmt.Fprintf(c.out, format, args...) }
func (c *call) eprintf(format string, args ...any) { fmt.Fprintf(c.err, format, args...) }

// abs is a path of the learner's machine as it was typed, made absolute.
func (c *call) abs(name string) string {
	if path.IsAbs(name) {
		return path.Clean(name)
	}
	return path.Join(c.dir, name)
}

// errno is the C library's word for an error, as Go programs print it: "no such
// file or directory".
func errno(err error) string {
	var no syscall.Errno
	if errors.As(err, &no) {
		return strings.ToLower(overlay.Message(err))
	}
	if errors.Is(err, fs.ErrNotExist) {
		return "no such file or directory"
	}
	return err.Error()
}

// openFile is the content of a file of the learner's machine. A name that is not
// in the working directory is looked for among the files from the outside too.
// The second result is the path where it was found.
func (c *call) openFile(name string) (content.Body, string, error) {
	p := c.abs(name)
	st, err := c.fs.Stat(p)
	if err != nil && !path.IsAbs(name) {
		if q := path.Join(engine.Given, name); q != p {
			if st2, err2 := c.fs.Stat(q); err2 == nil {
				p, st, err = q, st2, nil
			}
		}
	}
	if err != nil {
		return nil, p, plain("open %s: %s", name, errno(err))
	}
	if st.IsDir() {
		return nil, p, plain("read %s: is a directory", name)
	}
	b, err := c.fs.Body(p)
	if err != nil {
		return nil, p, plain("open %s: %s", name, errno(err))
	}
	return b, p, nil
}

// maxStdin is how much of a pipe is taken as an archive.
const maxStdin = 1 << 30

// readIn is all of the standard input as a body.
func (c *call) readIn() (content.Body, error) {
	out := content.Empty
	buf := make([]byte, 256<<10)
	for {
		n, err := c.in.Read(buf)
		out = content.Splice(out, out.Size(), buf[:n])
		if out.Size() > maxStdin {
			return nil, plain("reading standard input: more than %d bytes", maxStdin)
		}
		if err == io.EOF {
			return out, nil
		}
		if err != nil {
			return nil, err
		}
	}
}

// createFile makes a file of the learner's machine for a command's output.
func (c *call) createFile(name string, perm uint32) (*overlay.File, error) {
	return c.fs.Open(c.abs(name), os.O_WRONLY|os.O_CREATE|os.O_TRUNC, perm)
}

// writeOut writes to the file name, or to the standard output when name is "".
// A file that could not be finished is removed.
func (c *call) writeOut(name string, write func(io.Writer) error) error {
	if name == "" {
		return write(c.out)
	}
	f, err := c.createFile(name, 0o600)
	if err != nil {
		return plain("open %s: %s", name, errno(err))
	}
	err = write(f)
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		_ = c.fs.Unlink(c.abs(name))
	}
	return err
}

// checkOutput says what Docker says when a file cannot be made (moby/sys
// atomicwriter): the name must be free or that of a file, not of a link to one.
func (c *call) checkOutput(name string) error {
	if dir := path.Dir(name); dir != "." && dir != ".." {
		if st, err := c.fs.Stat(c.abs(dir)); err != nil {
			return fmt.Errorf("invalid output path: stat %s: %s", dir, errno(err))
		} else if !st.IsDir() {
			return fmt.Errorf("invalid output path: stat %s: not a directory", dir)
		}
	}
	st, err := c.fs.Lstat(c.abs(name))
	switch dir, base := path.Split(c.abs(name)); {
	case dir == "/dev/" && slices.Contains([]string{"null", "zero", "full", "tty", "random", "urandom"}, base):
		st.Mode = tree.CharDevice
	case dir == "/dev/" && slices.Contains([]string{"stdin", "stdout", "stderr"}, base):
		st.Mode = tree.Symlink
	case err != nil:
		return nil
	}
	switch st.Type() {
	case tree.Regular:
		return nil
	case tree.Directory:
		return errors.New("cannot write to a directory")
	case tree.Symlink:
		return errors.New("cannot write to a symbolic link directly")
	case tree.FIFO:
		return errors.New("cannot write to a named pipe (FIFO)")
	case tree.Socket:
		return errors.New("cannot write to a socket")
	case tree.CharDevice:
		return errors.New("cannot write to a character device file")
	}
	return errors.New("cannot write to a block device file")
}

func isNotFound(err error) bool {
	var image *store.NotFound
	var container *engine.NotFound
	return errors.As(err, &image) || errors.As(err, &container)
}

func writef(w io.Writer, format string, args ...any) { fmt.Fprintf(w, format, args...) }

// readSmall is a body that is text.
func readSmall(b content.Body) ([]byte, error) { return content.ReadAll(b, 1<<20) }
