package engine

import (
	"context"
	"fmt"
	"slices"

	"github.com/opencontainers/go-digest"

	"github.com/layerlab/layerlab/sim/archive"
	"github.com/layerlab/layerlab/sim/image"
	"github.com/layerlab/layerlab/sim/layer"
	"github.com/layerlab/layerlab/sim/store"
)

// LoadOptions say how an archive is loaded.
type LoadOptions struct {
	// Layers are layers that were already indexed (by workers), by the DiffID
	// that was computed from their bytes. Those not in it are indexed here, one
	// after another.
	Layers map[digest.Digest]*layer.Layer
	// Progress is told the bytes of layers passed, of all that are to be read.
	Progress func(done, total int64)
}

// Loaded is an image that Load put into the store.
type Loaded struct {
	ID    digest.Digest
	Names []string // familiar: "app:1"; none for an unnamed image
}

// A LoadError is an image of an archive that could not be loaded.
type LoadError struct {
	Image string // its name, or ID
	Layer int    // from 1; 0 when it is not about one layer
	Of    int
	Entry string // of the archive, or ""
	Err   error
}

func (e *LoadError) Error() string {
	out := "loading " + e.Image + ": "
	if e.Layer > 0 {
		out += fmt.Sprintf("layer %d of %d", e.Layer, e.Of)
		if e.Entry != "" {
			out += fmt.Sprintf(" (%s)", e.Entry)
		}
		out += ": "
	}
	return out + e.Err.Error()
}

// Unwrap is the cause.
func (e *LoadError) Unwrap() error { return e.Err }

// Load puts the images of an opened archive into the store. Every layer is read
// and its blob digest and DiffID checked before anything is stored; if one image
// fails, nothing of the archive is kept, and what was loaded before is as it was.
// The error is a *LoadError.
func (e *Engine) Load(ctx context.Context, a *archive.Archive, o LoadOptions) ([]Loaded, error) {
	images, err := e.known(ctx, a.Images)
	if err != nil {
		return nil, err
	}
	var total, done int64
	for _, im := range images {
		for _, b := range im.Layers {
			total += b.StoredSize
		}
	}
	held := make([][]*store.Held, len(images))
	read := map[digest.Digest]*layer.Layer{} // of this archive, by DiffID
	for i, im := range images {
		name := nameOf(im)
		if err := image.Validate(im.Image); err != nil {
			return nil, &LoadError{Image: name, Err: err}
		}
		if want := im.Image.DiffIDs(); len(want) != len(im.Layers) {
			return nil, &LoadError{Image: name, Err: fmt.Errorf("it has %d layers and its config lists %d DiffIDs", len(im.Layers), len(want))}
		}
		for n, b := range im.Layers {
			l := o.Layers[b.DiffID]
			if l == nil {
				l = read[b.DiffID]
			}
			if l == nil {
				var err error
				base := done
				l, err = e.readLayer(ctx, a.Images[i].Layers[n], func(n int64) { // what was given, not what is known of it
					if o.Progress != nil {
						o.Progress(base+n, total)
					}
				})
				if err != nil {
					return nil, &LoadError{Image: name, Layer: n + 1, Of: len(im.Layers), Entry: b.Entry, Err: err}
				}
				read[b.DiffID] = l
			}
			if done += b.StoredSize; o.Progress != nil {
				o.Progress(done, total)
			}
			held[i] = append(held[i], &store.Held{
				Layer: l, Blob: b.Stored, Digest: b.Digest, Size: b.StoredSize, MediaType: b.MediaType, DiffID: b.DiffID,
			})
		}
	}
	var out []Loaded
	for i, im := range images {
		names, err := parseNames(im.Names)
		if err != nil {
			return out, &LoadError{Image: nameOf(im), Err: err}
		}
		kept := e.keep(im.Image, held[i], names, store.AddOptions{ID: im.Target.Digest, Index: im.Index, Annotations: im.Annotations})
		out = append(out, Loaded{kept.ID, shortNames(names)})
	}
	return out, nil
}

// known is the images with those that came without a manifest, as docker save
// wrote them before Docker 25, naming the compressed blobs that the store has of
// their layers already: so they get the ID that Docker 29 gives them.
func (e *Engine) known(ctx context.Context, images []archive.Image) ([]archive.Image, error) {
	out := slices.Clone(images)
	for i, im := range out {
		var err error
		out[i], err = archive.Reuse(ctx, im, func(b archive.Blob) archive.Blob {
			if h := e.store.Compressed(b.DiffID); h != nil && h.Blob != nil {
				b.Digest, b.Stored, b.StoredSize, b.Codec = h.Digest, h.Blob, h.Size, layer.Gzip
			}
			return b
		}, e.pause)
		if err != nil {
			return nil, &LoadError{Image: nameOf(im), Err: err}
		}
	}
	return out, nil
}

func nameOf(im archive.Image) string {
	if len(im.Names) > 0 {
		return fmt.Sprintf("image %q", im.Names[0])
	}
	return "image " + im.Image.Digest.String()
}

// readLayer checks a stored layer's digests and indexes it.
func (e *Engine) readLayer(ctx context.Context, b archive.Blob, progress func(int64)) (*layer.Layer, error) {
	switch {
	case b.Missing != "" && b.Stored == nil:
		return nil, fmt.Errorf("it is not there: %s", b.Missing)
	case b.Missing != "":
		return nil, archive.Verify(ctx, b, progress, e.pause)
	}
	if b.Digest != "" && b.Codec != layer.Plain {
		if err := archive.Verify(ctx, b, progress, e.pause); err != nil {
			return nil, err
		}
	}
	tar, err := b.Tar()
	if err != nil {
		return nil, err
	}
	o := layer.IndexOptions{Digest: true, Pause: e.pause}
	if b.Codec == layer.Plain {
		o.Progress = progress
	}
	l, err := layer.Index(ctx, tar, o)
	if err != nil {
		return nil, err
	}
	if l.DiffID != b.DiffID {
		return nil, &archive.Mismatch{What: "DiffID", Expected: b.DiffID, Got: l.DiffID}
	}
	return l, nil
}
