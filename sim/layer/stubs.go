package layer

import (
	"archive/tar"
	"context"
	"io"

	"github.com/opencontainers/go-digest"

	"github.com/layerlab/layerlab/sim/content"
	"github.com/layerlab/layerlab/sim/tree"
)

// An Entry is one entry of a layer tar.
type Entry struct {
	Header *tar.Header
	Name   string // cleaned, "/a/b"
	Body   io.Reader
}

func (l *Layer) DiskUsage() int64                                        { panic("stub") }
func (l *Layer) Each(ctx context.Context, visit func(Entry) error) error { panic("stub") }
func (l *Layer) Encode(w io.Writer) error                                { panic("stub") }
func Decode(r io.Reader, tar content.Body) (*Layer, error)               { panic("stub") }
func Index(ctx context.Context, tar content.Body, o IndexOptions) (*Layer, error) {
	panic("stub")
}
func IndexStream(ctx context.Context, r io.Reader, tar content.Body, o IndexOptions) (*Layer, error) {
	panic("stub")
}
func New(ctx context.Context, t *tree.Tree, o WriteOptions) (*Layer, error) { panic("stub") }
func WriteTar(ctx context.Context, w io.Writer, t *tree.Tree, o WriteOptions) error {
	panic("stub")
}
func Empty() *Layer                                                      { panic("stub") }
func Detect(head []byte) Codec                                           { panic("stub") }
func NewInflater(r io.Reader, c Codec) (io.ReadCloser, error)            { panic("stub") }
func InflatedBody(stored content.Body, c Codec, size int64) content.Body { panic("stub") }
func GzipBlob(ctx context.Context, tar content.Body, pause func(context.Context) error) (blob content.Body, d digest.Digest, err error) {
	panic("stub")
}
func Flatten(layers []*Layer) *tree.Tree { panic("stub") }
