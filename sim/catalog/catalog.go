// Package catalog holds model base images: images that are not shipped but made,
// from a list of names and a recipe for the bytes.
//
// A model has the names, types, modes, owners, times and sizes of a real image,
// and the real text of small files. The bytes of its programs are made up, with
// about the real compression ratio, so the model's digests are its own. It says
// so itself: in the annotation org.opencontainers.image.description of its
// manifest and at the start of each made-up file.
package catalog

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/distribution/reference"
	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/layerlab/layerlab/sim/content"
	"github.com/layerlab/layerlab/sim/image"
	"github.com/layerlab/layerlab/sim/layer"
	"github.com/layerlab/layerlab/sim/store"
)

// model is one image of the catalogue, with one layer.
type model struct {
	listing     string // see parse
	description string
	config      func() image.Config
	annotations map[string]string // of the layer's descriptor

	// The blob's digest and size are known beforehand, so that opening a model
	// does not compress it. A test holds them to the truth.
	blob digest.Digest
	size int64
}

// models by their familiar name.
var models = map[string]*model{"busybox:1.36": &busybox}

// Names is the familiar names of all models, sorted.
func Names() []string { return slices.Sorted(maps.Keys(models)) }

// Describe is one sentence that says what the model of that name is a model of,
// and what of it is real; "" when there is no such model.
func Describe(ref string) string {
	if m := models[familiar(ref)]; m != nil {
		return m.description
	}
	return ""
}

// familiar is a reference as people write it: "docker.io/library/busybox:1.36" is
// "busybox:1.36".
func familiar(ref string) string {
	named, err := reference.ParseNormalizedNamed(ref)
	if err != nil {
		return ref
	}
	return reference.FamiliarString(reference.TagNameOnly(named))
}

// Open makes the model image of a name, short or full, with its layers ready for
// a store, lowest first. Nothing of it is kept.
func Open(ctx context.Context, ref string) (*image.Image, []*store.Held, error) {
	m := models[familiar(ref)]
	if m == nil {
		return nil, nil, fmt.Errorf("opening %q: the catalogue has no such image; it has %q", ref, Names())
	}
	im, held, err := m.open(ctx)
	if err != nil {
		return nil, nil, fmt.Errorf("making the model of %s: %w", familiar(ref), err)
	}
	return im, []*store.Held{held}, nil
}

func (m *model) open(ctx context.Context) (*image.Image, *store.Held, error) {
	t, err := parse(m.listing)
	if err != nil {
		return nil, nil, err
	}
	l, err := layer.New(ctx, t, layer.WriteOptions{})
	if err != nil {
		return nil, nil, err
	}
	cfg := m.config()
	cfg.RootFS.DiffIDs = []digest.Digest{l.DiffID}
	plain, err := image.New(cfg, []image.Descriptor{{
		MediaType: ocispec.MediaTypeImageLayerGzip, Digest: m.blob, Size: m.size, Annotations: m.annotations,
	}})
	if err != nil {
		return nil, nil, err
	}
	im, err := annotate(plain, m.description)
	if err != nil {
		return nil, nil, err
	}
	return im, &store.Held{
		Layer: l, Blob: m.stored(l.Tar()), Digest: m.blob, Size: m.size,
		MediaType: ocispec.MediaTypeImageLayerGzip, DiffID: l.DiffID,
	}, nil
}

// stored is the gzip blob, whose size and digest are known.
func (m *model) stored(tar content.Body) content.Body { return layer.GzipBody(tar, m.size) }
