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
	Order  []Named  // the names of the images as they stand in the file
	Notes  []string // what is odd about the file as a whole
	Size   int64    // bytes of the file
	// Outer is how the file itself is compressed. Unless it is Plain, every
	// layer that is read costs inflating the file up to it.
	Outer layer.Codec
}

// A Named is one name that an archive gives to an image: docker load answers with
// one line for each. The same name can come twice.
type Named struct {
	Name  string // "" for an image without a name
	Image int    // of Archive.Images
}

// An Image is one image of an archive.
type Image struct {
	Names       []string          // as docker load would tag it: "busybox:1.36"
	Platform    string            // "linux/amd64", "linux/arm64/v8"
	Image       *image.Image      // manifest and config
	Layers      []Blob            // lowest first, one for each DiffID
	Annotations map[string]string // of the descriptor that names the image
	Notes       []string

	// ID is the image ID that Docker shows: the digest of Target, or of the
	// manifest where the archive holds several platforms of one index.
	ID digest.Digest
	// Target is what a name points to: the manifest, or the index that has the
	// manifest of this platform.
	Target image.Descriptor
	Index  *Index // what Target is, when it is an index and this its only image here
	// Made says that the archive has no manifest and one was made, as docker load
	// does: see Reuse.
	Made bool
}

// An Index is the image index that an image was reached by, with what else it
// names and the archive has: attestations, and inner indexes.
type Index struct {
	Digest    digest.Digest
	MediaType string
	Raw       []byte
	Blobs     []Extra
}

// An Extra is a blob that belongs to an index and is no part of an image.
type Extra struct {
	Descriptor image.Descriptor
	Body       content.Body
}

// A Blob is one stored layer.
type Blob struct {
	Digest     digest.Digest // of the stored bytes; "" where no manifest says it
	DiffID     digest.Digest // of the uncompressed tar, as the config has it
	MediaType  string
	Codec      layer.Codec  // told by the first bytes, never by name
	Entry      string       // the name in the archive
	Stored     content.Body // the stored bytes; nil when they are not there
	StoredSize int64
	Missing    string // why it cannot be read as a layer; "" when it can
}

// Options says how an archive is opened.
type Options struct {
	Name string // the file's name, for messages
	// Progress is told the bytes of the file passed so far.
	Progress func(done int64)
	// Pause is called every few milliseconds of work: it yields to the page, or
	// answers ctx.Err().
	Pause func(context.Context) error
}
