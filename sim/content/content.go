// Package content is about bytes that need not be in memory.
//
// A [Body] is the content of one file or one blob: it has a size and can be
// read, and where the bytes are is its own business. A body may be literal
// bytes, a slice of another body (a file inside a tar that lies on the person's
// disk), a run of zeros, several bodies one after another (a rope), the
// inflated form of a compressed body, or a recipe that makes the bytes when they
// are read. Bodies never change: writing to a file makes a new body that shares
// what it can with the old one (see [Splice]).
//
// The names used here:
//
//   - hole: a run of zeros that takes no memory and, in a sparse tar, no space;
//   - slice: a window of another body, by offset and size;
//   - rope: bodies joined end to end;
//   - recipe: a function that makes the bytes, the same each time.
package content

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"sort"
)

// A Body is the immutable bytes of one file or blob. It is safe for concurrent
// use.
type Body interface {
	// Size is the number of bytes, known without reading them.
	Size() int64
	// Open returns a reader of all the bytes from the first. Reading fails
	// with the error of whatever the bytes come from; a body whose source is
	// shorter than promised fails with io.ErrUnexpectedEOF.
	Open() (io.ReadCloser, error)
}

// Random is a Body that can be read cheaply at any offset.
type Random interface {
	Body
	io.ReaderAt
}

// An OpenerAt is a Body that can be opened at an offset for less than reading
// and dropping all that lies before it: an inflated body that remembers how far
// its last reader got.
type OpenerAt interface {
	Body
	// OpenAt returns a reader of the bytes from off to the end.
	OpenAt(off int64) (io.ReadCloser, error)
}

// openAt is a reader of b's bytes from off, by the cheapest way that b has.
func openAt(b Body, off int64) (io.ReadCloser, error) {
	if o, ok := b.(OpenerAt); ok {
		return o.OpenAt(off)
	}
	rc, err := b.Open()
	if err != nil {
		return nil, err
	}
	if _, err := io.CopyN(io.Discard, rc, off); err != nil {
		rc.Close()
		return nil, unexpected(err)
	}
	return rc, nil
}

// Empty is the body of an empty file.
var Empty Body = literal(nil)

type literal []byte

// Bytes is a body of literal bytes. The caller must not change b afterwards.
func Bytes(b []byte) Body {
	if len(b) == 0 {
		return Empty
	}
	return literal(b)
}

// String is a body of the bytes of s.
func String(s string) Body { return Bytes([]byte(s)) }

func (l literal) Size() int64                  { return int64(len(l)) }
func (l literal) Open() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(l)), nil }
func (l literal) ReadAt(p []byte, off int64) (int, error) {
	return bytes.NewReader(l).ReadAt(p, off)
}

type zeros int64

// Zero is a hole: n zero bytes that take no memory. It panics if n is negative.
func Zero(n int64) Body {
	if n < 0 {
		panic("content: negative hole")
	}
	if n == 0 {
		return Empty
	}
	return zeros(n)
}

func (z zeros) Size() int64 { return int64(z) }
func (z zeros) Open() (io.ReadCloser, error) {
	return io.NopCloser(io.NewSectionReader(z, 0, int64(z))), nil
}
func (z zeros) ReadAt(p []byte, off int64) (int, error) {
	if off < 0 {
		return 0, errors.New("content: negative offset")
	}
	if off >= int64(z) {
		return 0, io.EOF
	}
	n := len(p)
	var err error
	if int64(n) > int64(z)-off {
		n, err = int(int64(z)-off), io.EOF
	}
	clear(p[:n])
	return n, err
}

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

type slice struct {
	of        Body
	off, size int64
}

// Slice is the size bytes of b from off. It panics when they are not all inside
// b. Slices of slices, ropes and holes are resolved, so that they do not pile up.
func Slice(b Body, off, size int64) Body {
	if off < 0 || size < 0 || off > b.Size()-size {
		panic(fmt.Sprintf("content: slice %d+%d of %d bytes", off, size, b.Size()))
	}
	if size == 0 {
		return Empty
	}
	if off == 0 && size == b.Size() {
		return b
	}
	switch b := b.(type) {
	case literal:
		return literal(b[off : off+size : off+size])
	case zeros:
		return zeros(size)
	case slice:
		return Slice(b.of, b.off+off, size)
	case *rope:
		return b.slice(off, size)
	}
	return slice{b, off, size}
}

func (s slice) Size() int64 { return s.size }
func (s slice) Open() (io.ReadCloser, error) {
	if r, ok := s.of.(io.ReaderAt); ok {
		return io.NopCloser(exact(io.NewSectionReader(r, s.off, s.size), s.size)), nil
	}
	rc, err := openAt(s.of, s.off)
	if err != nil {
		return nil, err
	}
	return struct {
		io.Reader
		io.Closer
	}{exact(io.LimitReader(rc, s.size), s.size), rc}, nil
}
func (s slice) ReadAt(p []byte, off int64) (int, error) {
	if off < 0 {
		return 0, errors.New("content: negative offset")
	}
	if off >= s.size {
		return 0, io.EOF
	}
	short := false
	if int64(len(p)) > s.size-off {
		p, short = p[:s.size-off], true
	}
	n, err := ReadAt(s.of, p, s.off+off)
	if err == nil && short {
		err = io.EOF
	}
	return n, err
}

// Origin is where the bytes of b lie: the body that b is a slice of, and the
// offset of b in it. For a body that is no slice it is b itself and 0.
func Origin(b Body) (of Body, off int64) {
	if s, ok := b.(slice); ok {
		return s.of, s.off
	}
	return b, 0
}

type rope struct {
	parts []Body
	ends  []int64 // ends[i] is the offset just after parts[i]
}

// Concat is the bodies one after another. Neighbouring holes become one, empty
// bodies vanish, ropes are flattened.
func Concat(bodies ...Body) Body {
	r := &rope{}
	for _, b := range bodies {
		r.push(b)
	}
	switch len(r.parts) {
	case 0:
		return Empty
	case 1:
		return r.parts[0]
	}
	return r
}

func (r *rope) push(b Body) {
	switch b := b.(type) {
	case *rope:
		for _, p := range b.parts {
			r.push(p)
		}
		return
	case zeros:
		if n := len(r.parts); n > 0 {
			if z, ok := r.parts[n-1].(zeros); ok {
				r.parts[n-1] = z + b
				r.ends[n-1] += int64(b)
				return
			}
		}
	}
	if b.Size() == 0 {
		return
	}
	r.parts = append(r.parts, b)
	r.ends = append(r.ends, r.Size()+b.Size())
}

func (r *rope) Size() int64 {
	if len(r.ends) == 0 {
		return 0
	}
	return r.ends[len(r.ends)-1]
}

func (r *rope) slice(off, size int64) Body {
	out := &rope{}
	for i := r.find(off); i < len(r.parts) && size > 0; i++ {
		start := r.ends[i] - r.parts[i].Size()
		n := min(size, r.ends[i]-off)
		out.push(Slice(r.parts[i], off-start, n))
		off, size = off+n, size-n
	}
	return Concat(out)
}

// find is the part that holds the byte at off.
func (r *rope) find(off int64) int {
	return sort.Search(len(r.ends), func(i int) bool { return r.ends[i] > off })
}

func (r *rope) Open() (io.ReadCloser, error) { return &ropeReader{parts: r.parts}, nil }

func (r *rope) ReadAt(p []byte, off int64) (int, error) {
	if off < 0 {
		return 0, errors.New("content: negative offset")
	}
	n := 0
	for i := r.find(off); i < len(r.parts) && n < len(p); i++ {
		start := r.ends[i] - r.parts[i].Size()
		want := min(int64(len(p)-n), r.ends[i]-off)
		m, err := ReadAt(r.parts[i], p[n:n+int(want)], off-start)
		n, off = n+m, off+int64(m)
		if int64(m) < want {
			return n, unexpected(err)
		}
	}
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

type ropeReader struct {
	parts []Body
	cur   io.ReadCloser
}

func (r *ropeReader) Read(p []byte) (int, error) {
	for {
		if r.cur == nil {
			if len(r.parts) == 0 {
				return 0, io.EOF
			}
			rc, err := r.parts[0].Open()
			if err != nil {
				return 0, err
			}
			r.cur, r.parts = rc, r.parts[1:]
		}
		n, err := r.cur.Read(p)
		if err == io.EOF {
			r.cur.Close()
			r.cur, err = nil, nil
		}
		if n > 0 || err != nil || len(p) == 0 {
			return n, err
		}
	}
}

func (r *ropeReader) Close() error {
	if r.cur == nil {
		return nil
	}
	return r.cur.Close()
}

// chunk is the size up to which small writes are gathered in one literal.
const chunk = 64 << 10

// Splice is b with p written at off, as pwrite(2) does it: what was there is
// replaced, a gap after the end becomes a hole, the body grows where needed.
// Long runs of zeros become holes. p is copied; b is unchanged and what of it
// remains is shared.
func Splice(b Body, off int64, p []byte) Body {
	if len(p) == 0 {
		return b
	}
	end := off + int64(len(p))
	if off == b.Size() {
		return appendBytes(b, p)
	}
	if off > b.Size() {
		return appendBytes(Concat(b, Zero(off-b.Size())), p)
	}
	tail := Empty
	if end < b.Size() {
		tail = Slice(b, end, b.Size()-end)
	}
	return Concat(appendBytes(Slice(b, 0, off), p), tail)
}

// Resize is b cut or extended with a hole to size bytes, as truncate(2) does it.
func Resize(b Body, size int64) Body {
	if size <= b.Size() {
		return Slice(b, 0, size)
	}
	return Concat(b, Zero(size-b.Size()))
}

func appendBytes(b Body, p []byte) Body {
	if len(p) >= 512 && allZero(p) {
		return Concat(b, Zero(int64(len(p))))
	}
	// A small write is gathered into the literal before it, so that a loop of
	// short appends does not make a rope of thousands of parts.
	var head []Body
	last := b
	if r, ok := b.(*rope); ok {
		head, last = r.parts[:len(r.parts)-1], r.parts[len(r.parts)-1]
	}
	if l, ok := last.(literal); ok && len(l)+len(p) <= chunk {
		joined := make(literal, 0, len(l)+len(p))
		joined = append(append(joined, l...), p...)
		if len(head) == 0 {
			return joined
		}
		out := &rope{parts: make([]Body, 0, len(head)+1), ends: make([]int64, 0, len(head)+1)}
		for _, h := range head {
			out.push(h)
		}
		out.push(joined)
		return out
	}
	return Concat(b, Bytes(bytes.Clone(p)))
}

func allZero(p []byte) bool {
	for _, c := range p {
		if c != 0 {
			return false
		}
	}
	return true
}

// ReadAt reads len(p) bytes of b from off, like io.ReaderAt. For a body that
// can only be read from the start, everything before off is read and dropped.
func ReadAt(b Body, p []byte, off int64) (int, error) {
	if r, ok := b.(io.ReaderAt); ok {
		return r.ReadAt(p, off)
	}
	if off < 0 {
		return 0, errors.New("content: negative offset")
	}
	if off >= b.Size() {
		return 0, io.EOF
	}
	rc, err := openAt(b, off)
	if err != nil {
		return 0, err
	}
	defer rc.Close()
	n, err := io.ReadFull(rc, p)
	if err == io.ErrUnexpectedEOF && off+int64(n) == b.Size() {
		err = io.EOF
	}
	return n, err
}

// ReadAll reads the whole of b, which must not be larger than limit bytes.
func ReadAll(b Body, limit int64) ([]byte, error) {
	if b.Size() > limit {
		return nil, fmt.Errorf("%d bytes is more than the %d that are read at once", b.Size(), limit)
	}
	if l, ok := b.(literal); ok {
		return bytes.Clone(l), nil
	}
	rc, err := b.Open()
	if err != nil {
		return nil, err
	}
	defer rc.Close()
	p := make([]byte, b.Size())
	if _, err := io.ReadFull(rc, p); err != nil {
		return nil, unexpected(err)
	}
	return p, nil
}

// Held is the number of literal bytes that b itself keeps in memory: what a
// file costs beyond its metadata.
func Held(b Body) int64 {
	switch b := b.(type) {
	case literal:
		return int64(len(b))
	case *rope:
		var n int64
		for _, p := range b.parts {
			n += Held(p)
		}
		return n
	}
	return 0
}

// Stored is the number of bytes of b that are not holes: what a file takes in
// a sparse-aware store. A hole inside a slice of another body counts as stored.
func Stored(b Body) int64 {
	switch b := b.(type) {
	case zeros:
		return 0
	case *rope:
		var n int64
		for _, p := range b.parts {
			n += Stored(p)
		}
		return n
	}
	return b.Size()
}

// Parts is the bodies that b is joined from, in order: b alone unless it is a
// rope. The result is to be read only.
func Parts(b Body) []Body {
	if r, ok := b.(*rope); ok {
		return r.parts
	}
	return []Body{b}
}

// IsHole reports whether b is nothing but a hole.
func IsHole(b Body) bool {
	_, ok := b.(zeros)
	return ok
}

// exact turns an early end of r into io.ErrUnexpectedEOF.
func exact(r io.Reader, size int64) io.Reader { return &exactReader{r, size} }

type exactReader struct {
	r    io.Reader
	left int64
}

func (e *exactReader) Read(p []byte) (int, error) {
	if e.left <= 0 {
		return 0, io.EOF
	}
	n, err := e.r.Read(p)
	e.left -= int64(n)
	if err == io.EOF && e.left > 0 {
		err = io.ErrUnexpectedEOF
	}
	return n, err
}

func unexpected(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}
