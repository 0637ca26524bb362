// Package archive reads and writes image tarballs in every shape that is met.
//
// The words of the field:
//
//   - docker archive: the tar that docker save writes. A file manifest.json names
//     each image's config, its names and its layers. Before Docker 25 a layer was
//     "<id>/layer.tar" and the config "<id>.json"; since then the tar is an OCI
//     layout too;
//   - OCI layout: oci-layout, index.json and blobs/<algorithm>/<hex>
//     (image-spec image-layout.md);
//   - index: a list of manifests, one for each platform; an index may list
//     indexes;
//   - attestation: a manifest in an index that says how an image was made; it is
//     no image;
//   - foreign layer: a layer that is not in the archive but at a URL.
//
// [Open] indexes the outer tar by seeking over the bodies: it reads headers and
// the few JSON files, nothing else, so that a 2 GB archive costs a few
// milliseconds. Layers are slices of the file. Only when the outer file itself
// is compressed must it be inflated from its start to its end.
package archive

import (
	"context"
	"io"

	"github.com/opencontainers/go-digest"

	"github.com/layerlab/layerlab/sim/content"
	"github.com/layerlab/layerlab/sim/image"
	"github.com/layerlab/layerlab/sim/layer"
)

// The kinds of archive that Open tells apart.
const (
	KindDocker       = "docker archive"                 // manifest.json, <id>/layer.tar or <sha>.tar
	KindDockerOCI    = "docker archive with OCI layout" // manifest.json and index.json
	KindOCI          = "OCI layout"                     // index.json alone
	KindDockerExport = "docker export"                  // a root file system: not an image
)

// An Archive is the images that one file holds.
type Archive struct {
	Kind   string
	Images []Image
	Notes  []string // what is odd about the file as a whole
	Size   int64    // bytes of the file
	// Outer is how the file itself is compressed. Unless it is Plain, every
	// layer that is read costs inflating the file up to it.
	Outer layer.Codec
}

// An Image is one image of an archive.
type Image struct {
	Names       []string          // as docker load would tag it: "busybox:1.36"
	Platform    string            // "linux/amd64", "linux/arm64/v8"
	Image       *image.Image      // manifest and config
	Layers      []Blob            // lowest first, one for each DiffID
	Annotations map[string]string // of the descriptor that names the image
	Notes       []string
}

// A Blob is one stored layer.
type Blob struct {
	Digest     digest.Digest // of the stored bytes; "" where no manifest says it
	DiffID     digest.Digest // of the uncompressed tar, as the config has it
	MediaType  string
	Codec      layer.Codec  // told by the first bytes, never by name
	Entry      string       // the name in the archive
	Stored     content.Body // the stored bytes; nil when missing
	StoredSize int64
	Missing    string // why the layer cannot be read; "" when it can
}

// Tar is the uncompressed layer tar. Its size is only known, and its bytes can
// only be read at random, when the layer is stored plain. It fails when the
// layer is missing or no tar.
func (b Blob) Tar() (content.Body, error) { panic("stub") }

// Options says how an archive is opened.
type Options struct {
	Name string // the file's name, for messages
	// Progress is told the bytes of the file passed so far.
	Progress func(done int64)
	// Pause is called every few milliseconds of work: it yields to the page, or
	// answers ctx.Err().
	Pause func(context.Context) error
}

// Open reads the index of the image archive f, which should be a
// content.Random. Its errors are of type *Error and say what f is instead.
func Open(ctx context.Context, f content.Body, o Options) (*Archive, error) { panic("stub") }

// An Error says why a file is not an image archive that can be read.
type Error struct {
	File     string // the file's name, or ""
	Entry    string // the entry of the tar that is at fault, or ""
	Problem  string // what is wrong, and what the file seems to be
	Expected string // what was expected, or what can be done
}

// Error is the whole of it in one line.
func (e *Error) Error() string { panic("stub") }

// A Mismatch is bytes that have not the digest that names them.
type Mismatch struct {
	What     string // "blob digest", "DiffID", "config digest", "manifest digest"
	Expected digest.Digest
	Got      digest.Digest
}

// Error says both digests.
func (m *Mismatch) Error() string {
	return m.What + " does not match: expected " + m.Expected.String() + ", got " + m.Got.String()
}

// Verify reads a layer to its end and checks its blob digest and its DiffID.
// progress, if not nil, is told the stored bytes read so far; pause as in
// Options. It fails with a *Mismatch.
func Verify(ctx context.Context, b Blob, progress func(done int64), pause func(context.Context) error) error {
	panic("stub")
}

// A Source is one image to be written.
type Source struct {
	Names       []string // full names to tag it with: "docker.io/library/busybox:1.36"
	Image       *image.Image
	Layers      []content.Body    // the stored blobs, as Image.Manifest.Layers names them
	Annotations map[string]string // of the descriptor in the index, kept from where it was loaded
}

// WriteDocker writes images as docker save of Docker 29 with the containerd
// image store does, byte for byte (containerd core/images/archive/exporter.go).
func WriteDocker(ctx context.Context, w io.Writer, images []Source) error { panic("stub") }

// WriteOCI writes images as an OCI layout alone.
func WriteOCI(ctx context.Context, w io.Writer, images []Source) error { panic("stub") }
