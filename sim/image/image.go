// Package image is about what makes an image of a stack of layers: a manifest,
// a config and digests that hold them together.
//
// The words of the field (OCI image-spec, Docker image spec):
//
//   - config: a JSON document with the command, environment and so on of the
//     image, the DiffIDs of its layers and the history of the steps that made them;
//   - manifest: a JSON document that names the config and the stored layers by
//     digest;
//   - DiffID: SHA-256 of a layer's uncompressed tar;
//   - chain ID: one digest for a layer and all below it, so that the same changeset
//     on another base is another thing;
//   - image ID: the digest of the manifest for a store that keeps content as
//     containerd does, of the config for Docker's older store.
//
// An [Image] keeps both documents as the bytes they are: a digest is of bytes,
// and bytes written anew by another program are other bytes.
package image

import (
	dockerspec "github.com/moby/docker-image-spec/specs-go/v1"
	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
)

// Config is an image config: the OCI fields with Docker's Healthcheck, OnBuild
// and Shell.
type Config = dockerspec.DockerOCIImage

// Descriptor names a blob by digest, size and media type.
type Descriptor = ocispec.Descriptor

// An Image is a manifest and a config. It is never changed after it is made.
type Image struct {
	Manifest     ocispec.Manifest
	ManifestRaw  []byte
	Digest       digest.Digest // of ManifestRaw: the image ID
	Config       Config
	ConfigRaw    []byte
	ConfigDigest digest.Digest
}

// Parse is the image of a manifest and a config as they are stored.
func Parse(manifestRaw, configRaw []byte) (*Image, error) { panic("stub") }

// New is the image of a config and its layers, with the bytes that BuildKit's
// exporter would write for them. cfg.RootFS.DiffIDs has one entry for each layer.
func New(cfg Config, layers []Descriptor) (*Image, error) { panic("stub") }

// DiffIDs is the layers' DiffIDs, lowest first.
func (im *Image) DiffIDs() []digest.Digest { return im.Config.RootFS.DiffIDs }

// ChainIDs is the chain ID of each layer, lowest first.
func (im *Image) ChainIDs() []digest.Digest { panic("stub") }

// A Row is one row of an image's history.
type Row struct {
	History ocispec.History
	Layer   int    // the layer it made, -1 for a row that only changed the config
	Note    string // what does not fit, or ""
}

// Rows is the history with the layer that each row made, oldest first. A layer
// without history has a row of its own at the end.
func (im *Image) Rows() []Row { panic("stub") }

// Validate checks what the specification demands of an image.
func Validate(im *Image) error { panic("stub") }
