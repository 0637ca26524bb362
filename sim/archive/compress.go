package archive

import (
	"context"
	"fmt"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/layerlab/layerlab/sim/image"
	"github.com/layerlab/layerlab/sim/layer"
)

// Compressed is the image with its plain layers stored as gzip and a manifest
// that names them so, as it is sent to a registry. It costs reading and
// compressing every layer. A missing layer is an error.
func Compressed(ctx context.Context, im Image, pause func(context.Context) error) (Image, error) {
	layers := make([]Blob, len(im.Layers))
	descriptors := make([]image.Descriptor, len(im.Layers))
	for i, b := range im.Layers {
		if _, err := b.Tar(); err != nil {
			return Image{}, fmt.Errorf("compressing layer %d: %w", i+1, err)
		}
		if b.Codec == layer.Plain {
			blob, d, err := layer.GzipBlob(ctx, b.Stored, pause)
			if err != nil {
				return Image{}, fmt.Errorf("compressing layer %d: %w", i+1, err)
			}
			b.Codec, b.Stored, b.StoredSize, b.Digest = layer.Gzip, blob, blob.Size(), d
			b.MediaType = ocispec.MediaTypeImageLayerGzip
			if im.Made {
				b.MediaType = image.MediaTypeDockerLayerGzip
			}
		}
		if b.Digest == "" { // a compressed layer of an archive without a manifest
			d, _, err := b.sums(ctx, nil, pause)
			if err != nil {
				return Image{}, fmt.Errorf("compressing layer %d: %w", i+1, err)
			}
			b.Digest = d
		}
		layers[i] = b
		descriptors[i] = image.Descriptor{MediaType: b.MediaType, Digest: b.Digest, Size: b.StoredSize}
		if !im.Made && i < len(im.Image.Manifest.Layers) {
			descriptors[i].Annotations = im.Image.Manifest.Layers[i].Annotations
		}
	}
	return im.with(layers, descriptors)
}

// Reuse is an image without a manifest as docker load keeps it. Plain layers
// stay plain, but for one of which the engine has a compressed blob already
// (containerd core/images/archive/importer.go, resolveLayers): known is asked for
// it, and answers the layer it is given when there is none. Layers that are
// compressed in the archive, as crane and kaniko write them, stay as they are; what
// no name tells, their digests, costs reading them. Other images are given back
// as they are.
func Reuse(ctx context.Context, im Image, known func(Blob) Blob, pause func(context.Context) error) (Image, error) {
	if !im.Made {
		return im, nil
	}
	layers := make([]Blob, len(im.Layers))
	descriptors := make([]image.Descriptor, len(im.Layers))
	for i, b := range im.Layers {
		if b.Codec == layer.Plain && b.Missing == "" {
			b = known(b)
			b.MediaType = dockerMediaType(b.Codec)
		}
		if b.Digest == "" && b.Missing == "" && b.Stored != nil {
			d, _, err := b.sums(ctx, nil, pause)
			if err != nil {
				return Image{}, fmt.Errorf("layer %d of %d (%s): %w", i+1, len(im.Layers), b.Entry, err)
			}
			b.Digest = d
		}
		layers[i] = b
		descriptors[i] = image.Descriptor{MediaType: b.MediaType, Digest: b.Digest, Size: b.StoredSize}
	}
	return im.with(layers, descriptors)
}

// with is the image with its layers stored otherwise.
func (im Image) with(layers []Blob, descriptors []image.Descriptor) (Image, error) {
	make := image.Assemble
	if im.Made {
		make = image.Import
	}
	made, err := make(im.Image.ConfigRaw, descriptors)
	if err != nil {
		return Image{}, err
	}
	im.Image, im.Layers, im.Index = made, layers, nil
	im.Target = image.DescriptorOf(made.Manifest.MediaType, made.ManifestRaw)
	im.ID = made.Digest
	return im, nil
}
