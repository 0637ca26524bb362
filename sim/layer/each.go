package layer

import (
	"archive/tar"
	"context"
	"fmt"
	"io"
)

// An Entry is one entry of a layer tar.
type Entry struct {
	Header *tar.Header
	Name   string    // cleaned and absolute, "/a/b"
	Body   io.Reader // a file's bytes, holes included; valid until the visit returns
}

// Each calls visit for the tar's entries in order, duplicates and markers
// included, global headers not; the tar is read again. It stops at the first
// error that visit answers, and answers it. A sparse file's size may be far more
// than the tar's: visit decides how much of a body it reads.
func (l *Layer) Each(ctx context.Context, visit func(Entry) error) error {
	s, done, err := newSource(ctx, l.tar, IndexOptions{})
	if err != nil {
		return fmt.Errorf("opening the layer: %w", err)
	}
	defer done()
	tr := tar.NewReader(s)
	for n := 1; ; n++ {
		h, err := tr.Next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return &Error{"", n, s.pos, err}
		}
		if h.Typeflag == tar.TypeXGlobalHeader {
			n--
			continue
		}
		p, _ := clean(h.Name)
		if err := visit(Entry{h, p, tr}); err != nil {
			return err
		}
	}
}
