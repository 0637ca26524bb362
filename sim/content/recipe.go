package content

import (
	"io"
)

type fromReaderAt struct {
	r    io.ReaderAt
	size int64
}

// FromReaderAt is a body of the first size bytes that r gives. r must be safe
// for concurrent use; it is never closed.
func FromReaderAt(r io.ReaderAt, size int64) Body { return fromReaderAt{r, size} }

func (f fromReaderAt) Size() int64 { return f.size }
func (f fromReaderAt) Open() (io.ReadCloser, error) {
	return io.NopCloser(exact(io.NewSectionReader(f.r, 0, f.size), f.size)), nil
}
func (f fromReaderAt) ReadAt(p []byte, off int64) (int, error) {
	if off < 0 {
		return 0, errNegative
	}
	return io.NewSectionReader(f.r, 0, f.size).ReadAt(p, off)
}

type recipe struct {
	size int64
	open func() (io.ReadCloser, error)
}

// Recipe is a body whose bytes are made by open each time they are read. open
// must give the same size bytes every time.
func Recipe(size int64, open func() (io.ReadCloser, error)) Body { return recipe{size, open} }

func (r recipe) Size() int64                  { return r.size }
func (r recipe) Open() (io.ReadCloser, error) { return r.open() }
