package archive

import (
	"archive/tar"
	"errors"
	"fmt"
	"strings"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/layerlab/layerlab/sim/content"
	"github.com/layerlab/layerlab/sim/image"
	"github.com/layerlab/layerlab/sim/layer"
)

// layer finds a layer's bytes. d is what a manifest says of it, if there is one.
// A layer that cannot be had says why, and the image is shown without it.
func (f *finder) layer(name string, d ocispec.Descriptor, diffID digest.Digest) Blob {
	b := Blob{Digest: d.Digest, DiffID: diffID, MediaType: d.MediaType, Entry: name, StoredSize: d.Size}
	if why := unsupported(d.MediaType); why != "" {
		b.Missing = why
	}
	if d.Digest != "" && d.Digest.Validate() != nil {
		b.Missing = fmt.Sprintf("the manifest names it by the digest %q, which is none", shorten(string(d.Digest)))
		return b
	}
	if name == "" {
		b.Missing = "nothing says where it is"
		return b
	}
	e, err := f.out.find(name)
	switch {
	case err != nil && (len(d.URLs) > 0 || foreign(d.MediaType)):
		b.Missing = "it is a foreign layer, which is not kept in archives but fetched from its owner"
		if len(d.URLs) > 0 {
			b.Missing += ": " + shorten(d.URLs[0])
		}
		return b
	case err != nil:
		b.Missing = err.Error()
		return b
	case e.sparse:
		b.Missing = fmt.Sprintf("%q is stored as a sparse file, which an image archive never has: it was packed again by `tar --sparse`", shorten(e.name))
		return b
	}
	b.Entry = e.name
	b.Stored = f.out.body(e)
	b.Codec = layer.Detect(e.head)
	if b.Digest == "" && d.Digest == "" && b.Codec != layer.Plain {
		b.Digest = blobDigest(e)
	}
	if d.Size != 0 && d.Size != e.size && b.Missing == "" {
		b.Missing = fmt.Sprintf("%q has %d bytes, the manifest says %d", shorten(e.name), e.size, d.Size)
		b.Stored = nil
	}
	b.StoredSize = e.size
	switch {
	case b.Missing != "":
	case b.Codec == layer.Bzip2 || b.Codec == layer.XZ:
		b.Missing = "it is compressed by " + codecName(b.Codec) + ", which no image format allows"
	case b.Codec == layer.Plain && e.size > 0 && !isTar(e.head):
		b.Missing = "it is no tar but " + describe(e.head, "")
	}
	return b
}

// blobDigest is the digest that a compressed layer's name in an OCI layout gives.
// In other archives a file is named for its DiffID or an ID of Docker's own.
func blobDigest(e *entry) digest.Digest {
	if e.typ == tar.TypeReg && strings.HasPrefix(e.name, "blobs/") {
		return digestInName(e.name)
	}
	return ""
}

func foreign(mediaType string) bool {
	return mediaType == image.MediaTypeDockerForeign || strings.HasPrefix(mediaType, "application/vnd.oci.image.layer.nondistributable.")
}

// Tar is the uncompressed layer tar. It can be read at random when the layer is
// stored plain; otherwise it is inflated from its start each time it is opened,
// and its size is what layer.InflatedBody makes of an unknown one. It fails when
// the layer is missing.
func (b Blob) Tar() (content.Body, error) {
	switch {
	case b.Missing != "":
		return nil, errors.New("reading layer: " + b.Missing)
	case b.Stored == nil:
		return nil, errors.New("reading layer: its bytes are not there")
	case b.Codec == layer.Plain:
		return b.Stored, nil
	}
	return layer.InflatedBody(b.Stored, b.Codec, -1), nil
}
