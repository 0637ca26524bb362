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
	"encoding/json"
	"fmt"
	"slices"

	dockerspec "github.com/moby/docker-image-spec/specs-go/v1"
	"github.com/opencontainers/go-digest"
	"github.com/opencontainers/image-spec/identity"
	specs "github.com/opencontainers/image-spec/specs-go"
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
	Notes        []string // what of the config could not be read
}

// MaxJSON is the size in bytes above which a manifest or config is not read;
// containerd and registries refuse far smaller ones.
const MaxJSON = 16 << 20

// Parse is the image of a manifest and a config as they are stored. The bytes
// are kept as they are. It fails when one of them is no JSON object of its kind:
// a config must have a rootfs of type "layers" (image-spec config.md).
func Parse(manifestRaw, configRaw []byte) (*Image, error) {
	im := &Image{
		ManifestRaw: manifestRaw, Digest: digest.FromBytes(manifestRaw),
		ConfigRaw: configRaw, ConfigDigest: digest.FromBytes(configRaw),
	}
	if err := json.Unmarshal(manifestRaw, &im.Manifest); err != nil {
		return nil, fmt.Errorf("reading image manifest: %w", err)
	}
	var err error
	if im.Config, im.Notes, err = ParseConfig(configRaw); err != nil {
		return nil, err
	}
	return im, nil
}

// Import is the image of a stored config and its layers, for an archive that has
// no manifest. The manifest is written as containerd's importer writes it: Docker
// media types, no indent (containerd core/images/archive/importer.go).
func Import(configRaw []byte, layers []Descriptor) (*Image, error) {
	m := ocispec.Manifest{
		Versioned: specs.Versioned{SchemaVersion: 2},
		MediaType: MediaTypeDockerManifest,
		Config:    Descriptor{MediaType: MediaTypeDockerConfig, Digest: digest.FromBytes(configRaw), Size: int64(len(configRaw))},
		Layers:    layers,
	}
	raw, err := json.Marshal(m)
	if err != nil {
		return nil, fmt.Errorf("writing image manifest: %w", err)
	}
	return Parse(raw, configRaw)
}

// The media types that Docker had before the OCI's, still met everywhere.
const (
	MediaTypeDockerManifest  = "application/vnd.docker.distribution.manifest.v2+json"
	MediaTypeDockerIndex     = "application/vnd.docker.distribution.manifest.list.v2+json"
	MediaTypeDockerConfig    = "application/vnd.docker.container.image.v1+json"
	MediaTypeDockerLayer     = "application/vnd.docker.image.rootfs.diff.tar"
	MediaTypeDockerLayerGzip = "application/vnd.docker.image.rootfs.diff.tar.gzip"
	MediaTypeDockerLayerZstd = "application/vnd.docker.image.rootfs.diff.tar.zstd"
	MediaTypeDockerForeign   = "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip"
)

// DiffIDs is the layers' DiffIDs, lowest first.
func (im *Image) DiffIDs() []digest.Digest { return im.Config.RootFS.DiffIDs }

// ChainIDs is the chain ID of each layer, lowest first (image-spec config.md,
// "Layer ChainID").
func (im *Image) ChainIDs() []digest.Digest { return ChainIDs(im.DiffIDs()) }

// ChainIDs is the chain IDs of a stack of DiffIDs: the first is the first DiffID,
// each further one the digest of the one before, a space and the DiffID.
func ChainIDs(diffIDs []digest.Digest) []digest.Digest {
	return identity.ChainIDs(slices.Clone(diffIDs))
}
