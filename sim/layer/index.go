package layer

import (
	"archive/tar"
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"math"
	"strconv"

	"github.com/opencontainers/go-digest"

	"github.com/layerlab/layerlab/sim/content"
)

// The sane limits of a layer.
const (
	defaultMaxEntries = 2 << 20
	maxNotes          = 1000
)

// An Error says what is wrong with a layer tar, and where.
type Error struct {
	Entry  string // the entry's name as it is in the tar, "" when it is not known
	Number int    // the entry's number, from 1
	Offset int64  // of the entry's header in the uncompressed tar, in bytes
	Err    error
}

func (e *Error) Error() string {
	if e.Entry == "" {
		return fmt.Sprintf("reading entry %d at byte %d: %v", e.Number, e.Offset, e.Err)
	}
	return fmt.Sprintf("reading entry %q at byte %d: %v", shorten(e.Entry), e.Offset, e.Err)
}

func (e *Error) Unwrap() error { return e.Err }

// Index reads a layer tar's headers and gives the layer. When tar is
// content.Random and no digest is wanted, bodies are seeked over; otherwise every
// byte is read. Bodies are not held: they are windows of tar.
//
// Whiteouts and opaque marks hide what the layers below have, never what this
// tar holds, whatever the order of its entries (image-spec layer.md,
// "Whiteouts"). A directory that is both whited out and made anew becomes opaque.
//
// What is merely odd ends up in the layer's Notes. A tar that is cut short or
// that lies about a size, a name that Linux could not store and an entry of
// unknown type are errors, of type *Error.
func Index(ctx context.Context, tar content.Body, o IndexOptions) (*Layer, error) {
	s, done, err := newSource(ctx, tar, o)
	if err != nil {
		return nil, fmt.Errorf("opening the layer: %w", err)
	}
	defer done()
	return index(s, tar, o.Digest)
}

// IndexStream is Index over a stream, which is read once and to its very end:
// bytes after the end marker are part of the size and of the digest. tar is the
// body that the stream was opened from; file bodies are recorded as windows of it.
func IndexStream(ctx context.Context, r io.Reader, tar content.Body, o IndexOptions) (*Layer, error) {
	return index(&source{ctx: ctx, opts: o, stream: r, window: streamWindow}, tar, o.Digest)
}

func index(s *source, body content.Body, withDigest bool) (*Layer, error) {
	if withDigest {
		s.hash = sha256.New()
	}
	_, random := content.AsRandom(body)
	b := newBuilder(&tarBody{body}, random)
	if err := b.readAll(s); err != nil {
		return nil, err
	}
	size, err := s.drain()
	if err != nil {
		return nil, err
	}
	b.finish()
	l := b.l
	l.Size, l.tar, l.usage = size, body, diskUsage(l.Tree, storedSize)
	if sized, ok := body.(interface{ SetSize(int64) }); ok {
		sized.SetSize(size)
	}
	if s.hash != nil {
		l.DiffID = digest.NewDigest(digest.SHA256, s.hash)
	}
	if s.opts.Progress != nil {
		s.opts.Progress(size)
	}
	return l, nil
}

// readAll reads every header and gives each entry to the builder.
func (b *builder) readAll(s *source) error {
	limit := s.opts.MaxEntries
	if limit <= 0 {
		limit = defaultMaxEntries
	}
	var e entry
	for next := int64(0); ; next = roundUp(e.end) {
		last, name := e, e.name()
		h, err := s.header(next)
		if err == io.EOF || err == io.ErrUnexpectedEOF {
			if size, short := s.shorterThan(last.end); short {
				err := fmt.Errorf("its %d bytes end at byte %d, but the tar has only %d: %w", last.end-last.data, last.end, size, io.ErrUnexpectedEOF)
				return &Error{name, b.l.Entries, last.start, err}
			}
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return &Error{"", b.l.Entries + 1, next, err}
		}
		e = entry{h: h, start: next, data: s.pos}
		if err := e.measure(s.captured); err != nil {
			return &Error{h.Name, b.l.Entries + 1, next, err}
		}
		if h.Typeflag == tar.TypeXGlobalHeader {
			continue
		}
		if b.l.Entries++; b.l.Entries > limit {
			return &Error{h.Name, b.l.Entries, e.start, fmt.Errorf("the tar has more than %d entries", limit)}
		}
		if b.l.Entries%pauseEvery == 0 {
			if err := s.tick(); err != nil {
				return err
			}
		}
		if err := b.add(e); err != nil {
			return &Error{h.Name, b.l.Entries, e.start, err}
		}
		if b.t.Names() > limit { // a long path can imply a thousand directories
			return &Error{h.Name, b.l.Entries, e.start, fmt.Errorf("the layer has more than %d names", limit)}
		}
	}
}

// entry is one entry of a layer tar and where it lies.
type entry struct {
	h      *tar.Header
	start  int64 // of its first header block
	data   int64 // of its first data byte
	end    int64 // after its last data byte
	sparse bool
	spans  []span
}

func (e *entry) name() string {
	if e.h == nil {
		return ""
	}
	return e.h.Name
}

// measure finds out where the entry's data ends and reads its sparse map.
func (e *entry) measure(header []byte) (err error) {
	e.end = e.data
	switch e.h.Typeflag {
	case tar.TypeLink, tar.TypeSymlink, tar.TypeChar, tar.TypeBlock, tar.TypeDir, tar.TypeFifo, tar.TypeXGlobalHeader:
		return nil
	}
	e.spans, e.sparse, err = sparseMap(e.h, header)
	if err != nil {
		return err
	}
	if !e.sparse {
		e.end = e.data + e.h.Size
		return e.checkEnd()
	}
	// The header's size is the file's; what the tar holds says another field.
	at, ok := mainHeader(header)
	if !ok {
		return errSparse
	}
	stored, ok := number(header[at+124 : at+136])
	if s := e.h.PAXRecords["size"]; s != "" {
		stored, err = strconv.ParseInt(s, 10, 64)
		ok = err == nil && stored >= 0
	}
	if !ok {
		return errSparse
	}
	if e.h.PAXRecords["GNU.sparse.major"] == "1" {
		e.end = e.start + int64(at) + block + stored
	} else {
		e.end = e.data + stored
	}
	return e.checkEnd()
}

func (e *entry) checkEnd() error {
	if e.end < e.data || e.end > math.MaxInt64-block {
		return fmt.Errorf("its size of %d bytes is impossible", e.h.Size)
	}
	return nil
}
