package layer

import (
	"bufio"
	"bytes"
	"compress/bzip2"
	"fmt"
	"io"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"github.com/xi2/xz"
)

// Codec is how a stored blob is compressed.
type Codec int

// The codecs that are told apart. Layers are plain, gzip or zstd; ADD and import
// also take bzip2 and xz.
const (
	Plain Codec = iota
	Gzip
	Zstd
	Bzip2
	XZ
)

var codecNames = [...]string{"plain", "gzip", "zstd", "bzip2", "xz"}

func (c Codec) String() string {
	if c < 0 || int(c) >= len(codecNames) {
		return fmt.Sprintf("Codec(%d)", int(c))
	}
	return codecNames[c]
}

// DetectLen is the number of bytes that Detect wants to see.
const DetectLen = 16

// Detect tells the codec of a blob by its first bytes, never by its name or media
// type: there are gzip layers named .tar, and zstd ones named .tar.gz. What is
// none of the others is Plain.
func Detect(head []byte) Codec {
	switch {
	case bytes.HasPrefix(head, []byte{0x1f, 0x8b, 8}):
		return Gzip
	case bytes.HasPrefix(head, []byte{0x28, 0xb5, 0x2f, 0xfd}):
		return Zstd
	case len(head) >= 4 && head[0]&0xf0 == 0x50 && bytes.Equal(head[1:4], []byte{0x2a, 0x4d, 0x18}): // a skippable frame first
		return Zstd
	case len(head) >= 10 && bytes.HasPrefix(head, []byte("BZh")) && head[3] >= '1' && head[3] <= '9' && bzip2Block(head[4:10]):
		return Bzip2
	case bytes.HasPrefix(head, []byte("\xfd7zXZ\x00")):
		return XZ
	}
	return Plain
}

// bzip2Block reports whether b is the magic of a bzip2 block, or of the end.
func bzip2Block(b []byte) bool {
	return string(b) == "1AY&SY" || string(b) == "\x17\x72\x45\x38\x50\x90"
}

// maxZstdWindow is the memory that a zstd frame may ask for: what the zstd
// command allows too. Tests allow less.
var maxZstdWindow uint64 = 128 << 20

// readAhead is how much of a blob is read at once: each read may be a round trip
// to the person's disk.
const readAhead = 64 << 10

// maxXZDictionary is the memory that an xz block may ask for: that of xz -9.
const maxXZDictionary = 64 << 20

// NewInflater returns a reader of the inflated bytes of r: all members of a gzip
// file, all frames of a zstd file, skippable ones passed over, all streams of xz. Its memory is
// bounded by the format's window, for zstd by 128 MiB, for xz by 64 MiB. r is read 64 KiB at a time.
// Reading fails when the data is damaged or cut short. Closing it does not close r.
func NewInflater(r io.Reader, c Codec) (io.ReadCloser, error) {
	if c == Plain {
		return io.NopCloser(r), nil
	}
	ahead := bufio.NewReaderSize(r, readAhead)
	r = ahead
	switch c {
	case Gzip:
		z, err := gzip.NewReader(r)
		if err != nil {
			return nil, fmt.Errorf("reading the gzip header: %w", cutShort(err))
		}
		z.Multistream(false)
		return &inflater{&members{z, ahead}, z.Close, c}, nil
	case Zstd:
		z, err := zstd.NewReader(r, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(maxZstdWindow))
		if err != nil {
			return nil, fmt.Errorf("reading the zstd header: %w", cutShort(err))
		}
		return &inflater{z, func() error { z.Close(); return nil }, c}, nil
	case Bzip2:
		return &inflater{bzip2.NewReader(r), func() error { return nil }, c}, nil
	case XZ:
		z, err := xz.NewReader(r, maxXZDictionary)
		if err != nil {
			return nil, fmt.Errorf("reading the xz header: %w", cutShort(err))
		}
		return &inflater{z, func() error { return nil }, c}, nil
	}
	return nil, fmt.Errorf("inflating: unknown codec %d", int(c))
}

// members reads the members of a gzip file one after another. The library does so
// too, but takes a file that is cut off in the header of a member for one that
// ends before it.
type members struct {
	z *gzip.Reader
	r *bufio.Reader
}

func (m *members) Read(p []byte) (int, error) {
	n, err := m.z.Read(p)
	if err != io.EOF {
		return n, err
	}
	if _, err := m.r.Peek(1); err != nil {
		return n, err // the end, if it is io.EOF
	}
	if err := m.z.Reset(m.r); err != nil {
		return n, cutShort(err)
	}
	m.z.Multistream(false)
	return n, nil
}

// inflater says of an error what was being read.
type inflater struct {
	r     io.Reader
	close func() error
	codec Codec
}

func (i *inflater) Read(p []byte) (int, error) {
	n, err := i.r.Read(p)
	if err != nil && err != io.EOF {
		err = fmt.Errorf("inflating %s: %w", i.codec, err)
	}
	return n, err
}

func (i *inflater) Close() error { return i.close() }

func cutShort(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}
