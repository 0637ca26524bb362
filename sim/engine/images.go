package engine

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/distribution/reference"
	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/layerlab/layerlab/sim/build"
	"github.com/layerlab/layerlab/sim/catalog"
	"github.com/layerlab/layerlab/sim/event"
	"github.com/layerlab/layerlab/sim/image"
	"github.com/layerlab/layerlab/sim/store"
)

func digestOf(s string) digest.Digest { return digest.Digest(s) }

// tag gives an image a name and tells it.
func (e *Engine) tag(ref reference.NamedTagged, id digest.Digest) {
	replaced := e.store.Tag(ref, id)
	e.Tell(event.ImageTagged{ID: id.String(), Name: reference.FamiliarString(ref), Replaced: replaced.String()})
}

// Tag gives the image src (a name or ID) the name dst. A dst that is no name
// gives reference's error.
func (e *Engine) Tag(src, dst string) error {
	r, err := e.store.Resolve(src)
	if err != nil {
		return err
	}
	ref, err := reference.ParseNormalizedNamed(dst)
	if err != nil {
		return err
	}
	named, ok := reference.TagNameOnly(ref).(reference.NamedTagged)
	if !ok {
		return errors.New("refusing to create a tag with a digest reference")
	}
	e.tag(named, r.Image.ID)
	e.store.Christen(r.Image.ID)
	return nil
}

// Usages is how many containers use each image.
func (e *Engine) Usages() map[digest.Digest]int {
	out := map[digest.Digest]int{}
	for _, c := range e.containers {
		out[digestOf(c.ImageID)]++
	}
	return out
}

// fromCatalog puts a model image of the catalogue into the store. Its error is
// for a program: errors.Is(err, fs.ErrNotExist) when there is none of that name.
func (e *Engine) fromCatalog(ctx context.Context, name string) (*store.Image, error) {
	ref, err := reference.ParseNormalizedNamed(name)
	if err != nil {
		return nil, err
	}
	named, ok := reference.TagNameOnly(ref).(reference.NamedTagged)
	if !ok || !slices.Contains(models(), reference.FamiliarString(named)) {
		return nil, fmt.Errorf("%s: not found: %w", reference.TagNameOnly(ref), fs.ErrNotExist)
	}
	im, held, err := e.openModel(ctx, reference.FamiliarString(named))
	if err != nil {
		return nil, err
	}
	return e.keep(im, held, []reference.NamedTagged{named}, store.AddOptions{}), nil
}

// keep puts an image into the store under names and tells it.
func (e *Engine) keep(im *image.Image, held []*store.Held, names []reference.NamedTagged, o store.AddOptions) *store.Image {
	o.At = e.now
	kept := e.store.Add(im, held, o)
	ev := event.ImageLoaded{ID: kept.ID.String(), Layers: len(held)}
	for _, h := range held {
		ev.Bytes += h.Size
	}
	for _, n := range names {
		ev.Names = append(ev.Names, reference.FamiliarString(n))
	}
	e.Tell(ev)
	for _, n := range names {
		e.tag(n, kept.ID)
	}
	return kept
}

// A Pulled is what Pull did.
type Pulled struct {
	Ref    reference.NamedTagged
	ID     digest.Digest
	Layers []digest.Digest // blobs that were not there before
	New    bool
}

// Pull gets an image from the catalogue, which stands in for the registry. An
// image that the catalogue does not hold gives a *PullError.
func (e *Engine) Pull(ctx context.Context, name string) (*Pulled, error) {
	ref, err := reference.ParseNormalizedNamed(name)
	if err != nil {
		return nil, err
	}
	named, ok := reference.TagNameOnly(ref).(reference.NamedTagged)
	if !ok {
		return nil, &PullError{ref.String(), fmt.Sprintf("failed to resolve reference %q: %s: not found", ref, ref)}
	}
	had := map[digest.Digest]bool{}
	for _, im := range e.store.Images() {
		had[im.ID] = true
		for _, h := range im.Layers {
			had[h.Digest] = true
		}
	}
	im, err := e.fromCatalog(ctx, name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, notInCatalog(named)
	} else if err != nil {
		return nil, err
	}
	out := &Pulled{Ref: named, ID: im.ID, New: !had[im.ID]}
	for _, h := range im.Layers {
		if !had[h.Digest] {
			out.Layers = append(out.Layers, h.Digest)
		}
	}
	return out, nil
}

// notInCatalog answers as Docker does: for a repository that is known, the tag
// was not found; for another, access was denied.
func notInCatalog(ref reference.NamedTagged) error {
	for _, n := range models() {
		if known, err := reference.ParseNormalizedNamed(n); err == nil && known.Name() == ref.Name() {
			return &PullError{ref.String(), fmt.Sprintf("failed to resolve reference %q: %s: not found", ref, ref)}
		}
	}
	return &PullError{ref.String(), fmt.Sprintf("pull access denied for %s, repository does not exist or may require 'docker login'", reference.FamiliarName(ref))}
}

// bases finds base images for the builder: in the store, then in the catalogue.
type bases struct{ e *Engine }

// Resolve implements build.Images.
func (b bases) Resolve(ctx context.Context, name string) (*build.Base, error) {
	ref, err := reference.ParseNormalizedNamed(name)
	if err != nil {
		return nil, err
	}
	full := reference.TagNameOnly(ref).String()
	r, err := b.e.store.Resolve(name)
	im := r.Image
	if err != nil {
		if im, err = b.e.fromCatalog(ctx, name); err != nil {
			return nil, fmt.Errorf("%s: %w", full, err)
		}
	}
	b.e.store.Unpack(im)
	b.e.holdBase(im)
	return &build.Base{Name: full, Image: im.Image, Layers: im.Layers, Note: standIn(full, im)}, nil
}

// standIn is what to tell of a base that stands in for another: a model that goes
// by a name near to its own.
func standIn(name string, im *store.Image) string {
	l, ok := catalog.Lookup(name)
	if !ok || im.Image.Manifest.Annotations[ocispec.AnnotationDescription] != l.About {
		return "" // another image by that name
	}
	return catalog.StandsIn(name)
}

// shortNames are the familiar forms of names.
func shortNames(refs []reference.NamedTagged) []string {
	var out []string
	for _, r := range refs {
		out = append(out, reference.FamiliarString(r))
	}
	return out
}

// parseNames are normalised names with tags.
func parseNames(names []string) ([]reference.NamedTagged, error) {
	var out []reference.NamedTagged
	for _, n := range names {
		ref, err := reference.ParseNormalizedNamed(strings.TrimSpace(n))
		if err != nil {
			return nil, fmt.Errorf("invalid tag %q: %w", n, err)
		}
		tagged, ok := reference.TagNameOnly(ref).(reference.NamedTagged)
		if !ok {
			return nil, fmt.Errorf("invalid tag %q: it has a digest", n)
		}
		out = append(out, tagged)
	}
	return out, nil
}
