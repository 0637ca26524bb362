package archive

import (
	"bufio"
	"context"
	"fmt"
	"io"

	"github.com/layerlab/layerlab/sim/content"
	"github.com/layerlab/layerlab/sim/image"
	"github.com/layerlab/layerlab/sim/layer"
)

// maxCaptured is how many bytes of JSON are kept from a tar that can only be read
// from its start.
const maxCaptured = 64 << 20

// A stream reads an inflated tar once. It cannot seek, so entries that may be
// JSON documents are kept on the way.
type stream struct {
	ctx   context.Context
	r     *bufio.Reader
	pos   int64
	pause func(context.Context) error
	since int64
	held  int64

	stopped bool // the work was given up
}

func (s *stream) Read(p []byte) (int, error) {
	n, err := s.r.Read(p)
	s.pos += int64(n)
	if s.since += int64(n); s.since > 1<<20 {
		s.since = 0
		if e := s.tick(); e != nil {
			return n, e
		}
	}
	return n, err
}

func (s *stream) tick() error {
	err := s.ctx.Err()
	if s.pause != nil {
		err = s.pause(s.ctx)
	}
	s.stopped = err != nil
	return err
}

// counted tells how much of the stored file has been read.
type counted struct {
	r    io.Reader
	n    int64
	tell func(int64)
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	if c.tell != nil {
		c.tell(c.n)
	}
	return n, err
}

// scanCompressed indexes a tar that is itself compressed, by inflating it once
// from end to end. What is JSON is kept; the layers become slices of the inflated
// file, and reading one inflates the file again up to it.
func (out *outer) scanCompressed(ctx context.Context, f content.Body, codec layer.Codec) error {
	rc, err := f.Open()
	if err != nil {
		return err
	}
	defer rc.Close()
	inflated, err := layer.NewInflater(&counted{r: rc, tell: out.o.Progress}, codec)
	if err != nil {
		return out.fail("", fmt.Sprintf("is damaged: it begins like %s, but %v", codecName(codec), err), "a whole archive")
	}
	defer inflated.Close()
	s := &stream{ctx: ctx, r: bufio.NewReaderSize(inflated, 64<<10), pause: out.o.Pause}
	out.tar = content.Recipe(-1, nil) // the size is not known yet
	head, _ := s.r.Peek(headBytes)
	if !isTar(head) {
		return out.fail("", fmt.Sprintf("is %s of something that is no tar: %s", codecName(codec), describe(head, "")), "an image archive")
	}
	peek := func(n int) []byte {
		p, _ := s.r.Peek(n)
		return append([]byte(nil), p...)
	}
	if err := out.scan(&capture{s: s, out: out}, func() int64 { return s.pos }, peek); err != nil {
		return err
	}
	if out.rootfs {
		return nil // no image: what is left need not be read
	}
	if _, err := io.Copy(io.Discard, s); err != nil {
		if s.stopped {
			return err
		}
		return out.fail("", fmt.Sprintf("is damaged after byte %d of the inflated tar: %v", s.pos, err), "a whole archive; copy or download it again")
	}
	out.tar = layer.InflatedBody(f, codec, s.pos)
	return nil
}

// capture is the stream as archive/tar reads it: when the tar reader skips the
// body of the last entry, a body that looks like JSON is kept instead.
type capture struct {
	s   *stream
	out *outer
}

// Read passes bytes on, and keeps those of a JSON body.
func (c *capture) Read(p []byte) (int, error) {
	at := c.s.pos
	n, err := c.s.Read(p)
	order := c.out.order
	if len(order) == 0 {
		return n, err
	}
	e := order[len(order)-1]
	if at < e.off || at >= e.off+e.size || e.size > image.MaxJSON || len(e.head) == 0 || !looksJSON(e.head) {
		return n, err
	}
	if e.json == nil {
		if c.s.held += e.size; c.s.held > maxCaptured {
			return n, fmt.Errorf("more than %d bytes of JSON in the archive", maxCaptured)
		}
		e.json = make([]byte, 0, e.size)
	}
	e.json = append(e.json, p[:min(int64(n), e.off+e.size-at)]...)
	return n, err
}

func looksJSON(head []byte) bool {
	for _, c := range head {
		switch c {
		case ' ', '\t', '\r', '\n':
			continue
		case '{', '[', 'n': // n: null
			return true
		}
		return false
	}
	return false
}

func codecName(c layer.Codec) string {
	switch c {
	case layer.Gzip:
		return "gzip"
	case layer.Zstd:
		return "zstd"
	case layer.Bzip2:
		return "bzip2"
	case layer.XZ:
		return "xz"
	}
	return "plain"
}
