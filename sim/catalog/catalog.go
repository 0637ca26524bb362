// Package catalog holds model base images: images that are not shipped but made,
// from a list of names and a recipe for the bytes.
//
// A model has the names, types, modes, owners, times and sizes of a real image,
// and the real text of small files. The bytes of its programs are made up, with
// about the real compression ratio, so the model's digests are its own. It says
// so itself: in the annotation org.opencontainers.image.description of its
// manifest and at the start of each made-up file.
//
// The small models are in the program. The others are pictures ([Picture]) in
// data files, which a [Source] gives when an image is first used: text, packed
// with zstd, in assets/catalog, made by scripts/catalog from the distributions'
// own package lists. Of these the program has the names, one line each ([List]).
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
	"github.com/layerlab/layerlab/sim/tree"
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
func Names() []string { return slices.Sorted(maps.Keys(listed)) }

// Describe is one sentence that says what the model of that name is a model of,
// and what of it is real; "" when there is no such model.
func Describe(ref string) string { return listed[familiar(ref)].About }

// familiar is a reference as people write it: "docker.io/library/busybox:1.36" is
// "busybox:1.36".
func familiar(ref string) string {
	named, err := reference.ParseNormalizedNamed(ref)
	if err != nil {
		return ref
	}
	return reference.FamiliarString(reference.TagNameOnly(named))
}

// A Catalog opens model images.
type Catalog struct {
	source Source
	pause  func(context.Context) error
	kept   loaded
}

// New is a catalogue with its data files in s, which may be nil: then it has what
// is in the program alone. pause, if not nil, is called every few milliseconds of
// work.
func New(s Source, pause func(context.Context) error) *Catalog {
	return &Catalog{source: s, pause: pause}
}

// Open is Catalog.Open with the images that need no data file.
func Open(ctx context.Context, ref string) (*image.Image, []*store.Held, error) {
	return New(nil, nil).Open(ctx, ref)
}

// Open makes the model image of a name, short or full, with its layers ready for
// a store, lowest first. Nothing of it is kept but the data file's text.
func (c *Catalog) Open(ctx context.Context, ref string) (*image.Image, []*store.Held, error) {
	name := listed[familiar(ref)].Model
	if m := models[name]; m != nil {
		im, held, err := m.open(ctx)
		if err != nil {
			return nil, nil, fmt.Errorf("making the model of %s: %w", name, err)
		}
		return im, []*store.Held{held}, nil
	}
	if name == "" {
		return nil, nil, fmt.Errorf("opening %q: the catalogue has no such image; it has %q", ref, Names())
	}
	p, held, err := c.layers(ctx, name)
	if err != nil {
		return nil, nil, err
	}
	cfg := p.Config
	cfg.RootFS.Type, cfg.RootFS.DiffIDs = "layers", nil
	var blobs []image.Descriptor
	for _, h := range held {
		cfg.RootFS.DiffIDs = append(cfg.RootFS.DiffIDs, h.DiffID)
		blobs = append(blobs, image.Descriptor{MediaType: h.MediaType, Digest: h.Digest, Size: h.Size})
	}
	plain, err := image.New(cfg, blobs)
	if err != nil {
		return nil, nil, fmt.Errorf("making the model of %s: %w", name, err)
	}
	im, err := annotate(plain, p.About)
	if err != nil {
		return nil, nil, fmt.Errorf("making the model of %s: %w", name, err)
	}
	return im, held, nil
}

// layers is the picture of an image with all layers, those below it first.
func (c *Catalog) layers(ctx context.Context, name string) (*Picture, []*store.Held, error) {
	about := "the model of " + name
	text, err := c.kept.load(ctx, c.source, listed[name].File, about)
	if err != nil {
		return nil, nil, err
	}
	p, err := ParsePicture(text)
	if err != nil {
		return nil, nil, fmt.Errorf("making %s: %q: %w", about, listed[name].File, err)
	}
	var held []*store.Held
	if p.From != "" {
		if _, held, err = c.layers(ctx, p.From); err != nil {
			return nil, nil, err
		}
	}
	var lower []*tree.Tree
	for _, h := range held {
		lower = append(lower, h.Layer.Tree)
	}
	for i := range p.Layers {
		l := &p.Layers[i]
		t, err := c.Tree(ctx, l, lower)
		if err != nil {
			return nil, nil, fmt.Errorf("making %s: layer %d: %w", about, i+1, err)
		}
		held, lower = append(held, l.held(t)), append(lower, t)
	}
	return p, held, nil
}

// Tree makes the files of a layer of a picture; lower are the layers below it, the
// lowest first.
func (c *Catalog) Tree(ctx context.Context, l *PictureLayer, lower []*tree.Tree) (*tree.Tree, error) {
	alike := ""
	if l.Like != "" {
		text, err := c.kept.load(ctx, c.source, l.Like, "the list of files in "+l.Like)
		if err != nil {
			return nil, err
		}
		p, err := ParsePicture(text)
		if err != nil {
			return nil, fmt.Errorf("%q: %w", l.Like, err)
		}
		if l.Which >= len(p.Layers) {
			return nil, fmt.Errorf("%q has %d layers, no %d", l.Like, len(p.Layers), l.Which+1)
		}
		alike = p.Layers[l.Which].List
	}
	return l.Tree(ctx, alike, lower, c.pause)
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
