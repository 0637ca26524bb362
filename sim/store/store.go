// Package store is an engine's disk: images, their names, and the layers that
// they share.
//
// It behaves as Docker's containerd image store does. An image's ID is the
// digest of its target: the manifest, or the index that names the manifest. A
// name (repository and tag) points to one image; an image may have several names
// or none. A layer is kept once for each chain ID (the digest of it and all
// below it), a blob once for each digest: two images that begin alike share what
// they have in common, and removing one of them frees only what the other does
// not use.
package store

import (
	"cmp"
	"slices"
	"sync"
	"time"

	"github.com/distribution/reference"
	"github.com/opencontainers/go-digest"
	"github.com/tidwall/btree"

	"github.com/layerlab/layerlab/sim/archive"
	"github.com/layerlab/layerlab/sim/content"
	"github.com/layerlab/layerlab/sim/image"
	"github.com/layerlab/layerlab/sim/layer"
)

// A Held is a layer as the store keeps it: unpacked, and as its blob. It is not
// changed after it is added.
type Held struct {
	Layer     *layer.Layer  // nil while the layer is not unpacked, or could not be read
	Blob      content.Body  // the stored bytes; nil when they are not there
	Digest    digest.Digest // of the blob
	Size      int64         // of the blob
	MediaType string
	DiffID    digest.Digest
	ChainID   digest.Digest // set by Add
	// Below is the bytes of a snapshot under the layer that is no layer: of a layer
	// that was committed from a container, the container's init layer.
	Below int64

	once sync.Once
	disk int64
}

// DiskUsage is the bytes that the unpacked layer takes on disk, 0 for one that
// is not unpacked.
func (h *Held) DiskUsage() int64 {
	if h.Layer == nil {
		return 0
	}
	h.once.Do(func() { h.disk = h.Layer.DiskUsage() })
	return h.disk
}

// An Image is one image in the store. It is never changed after it is added.
type Image struct {
	*image.Image
	ID          digest.Digest // the target's digest
	Layers      []*Held
	Parent      digest.Digest     // the image it was committed from, or ""
	Annotations map[string]string // of the target's descriptor
	Index       *archive.Index    // what the target is, when it is no manifest
	Added       time.Time
}

// AddOptions is what an image is kept with. The zero value is right for an image
// that was just built.
type AddOptions struct {
	ID          digest.Digest // of the target, when it is not the manifest
	Index       *archive.Index
	Parent      digest.Digest
	Annotations map[string]string
	At          time.Time
	Packed      bool // its layers are only stored, not unpacked, until something runs on them
}

// A Ref is a name of an image.
type Ref struct {
	Name reference.NamedTagged
	ID   digest.Digest
}

// A Store holds images. It is not safe for concurrent use; its snapshots are
// independent of each other.
type Store struct {
	images btree.Map[digest.Digest, *Image]
	names  btree.Map[string, digest.Digest] // by full name: docker.io/library/busybox:1.36
	layers btree.Map[digest.Digest, kept]   // by chain ID
	blobs  btree.Map[digest.Digest, blob]   // manifests, configs and layers

	// unnamed is the images that were kept without a name before they got one.
	unnamed btree.Set[digest.Digest]
}

// kept is a layer and the number of images that have it. A packed one is there as
// a blob only: it takes no room on disk but that.
type kept struct {
	held   *Held
	refs   int
	packed bool
}

// usage is the bytes that the layer takes unpacked.
func (k kept) usage() int64 {
	if k.packed || k.held == nil {
		return 0
	}
	return k.held.DiskUsage() + k.held.Below
}

// blob is the size of a blob and the number of images that have it.
type blob struct {
	size int64
	refs int
}

// New is an empty store.
func New() *Store { return &Store{} }

// Snapshot is a store with the same content that can be changed without
// changing s. It takes the same short time for every store.
func (s *Store) Snapshot() *Store {
	return &Store{images: *s.images.Copy(), names: *s.names.Copy(), layers: *s.layers.Copy(), blobs: *s.blobs.Copy(), unnamed: *s.unnamed.Copy()}
}

// Add keeps an image and its layers, lowest first, and returns it as it is kept.
// Layers whose chain ID is there already are shared: the image's Layers are the
// ones kept. Adding an image again keeps the one there is, but fills in layers
// that it lacked.
func (s *Store) Add(im *image.Image, layers []*Held, o AddOptions) *Image {
	id := o.ID
	if id == "" {
		id = im.Digest
	}
	out := &Image{Image: im, ID: id, Parent: o.Parent, Annotations: o.Annotations, Index: o.Index, Added: o.At}
	old := s.Get(id)
	if old != nil {
		out.Parent, out.Added, out.Annotations = old.Parent, old.Added, old.Annotations
		if !s.named(id) {
			s.unnamed.Insert(id)
		}
	}
	chain := im.ChainIDs()
	for i, h := range layers {
		if i >= len(chain) {
			break
		}
		out.Layers = append(out.Layers, s.keep(h.at(chain[i]), o.Packed))
	}
	s.images.Set(id, out)
	s.count(out, +1)
	if old != nil {
		s.count(old, -1)
	}
	return out
}

// at is the layer with a chain ID. The same changeset higher up in a stack is
// another layer.
func (h *Held) at(chainID digest.Digest) *Held {
	if h.ChainID == "" {
		h.ChainID = chainID
	}
	if h.ChainID == chainID {
		return h
	}
	return &Held{Layer: h.Layer, Blob: h.Blob, Digest: h.Digest, Size: h.Size, MediaType: h.MediaType, DiffID: h.DiffID, ChainID: chainID, Below: h.Below}
}

// keep is the layer of this chain ID that the store keeps from now on: the one
// it has, unless the new one has what that lacks. It is packed as long as no image
// had it unpacked.
func (s *Store) keep(h *Held, packed bool) *Held {
	old, ok := s.layers.Get(h.ChainID)
	packed = packed && (!ok || old.packed)
	if ok && old.packed && !packed {
		old.packed = false
		s.layers.Set(h.ChainID, old)
	}
	if !ok || old.held.lacks(h) {
		s.layers.Set(h.ChainID, kept{h, old.refs, packed})
		if ok {
			s.replace(old.held, h)
		}
		return h
	}
	return old.held
}

func (h *Held) lacks(other *Held) bool {
	return h.Layer == nil && other.Layer != nil || h.Blob == nil && other.Blob != nil
}

// replace puts a fuller layer in place of one in all images that have it.
func (s *Store) replace(old, h *Held) {
	for _, im := range s.images.Values() {
		if !slices.Contains(im.Layers, old) {
			continue
		}
		c := *im
		c.Layers = slices.Clone(im.Layers)
		for i, l := range c.Layers {
			if l == old {
				c.Layers[i] = h
			}
		}
		s.images.Set(im.ID, &c)
	}
}

// count adds by to the references of all that an image has, and forgets what has
// none left.
func (s *Store) count(im *Image, by int) {
	for _, h := range im.Layers {
		k, _ := s.layers.Get(h.ChainID)
		if k.held == nil {
			k.held = h
		}
		if k.refs += by; k.refs > 0 {
			s.layers.Set(h.ChainID, k)
		} else {
			s.layers.Delete(h.ChainID)
		}
	}
	for d, size := range im.blobs() {
		b, _ := s.blobs.Get(d)
		if b.refs += by; b.refs > 0 {
			s.blobs.Set(d, blob{size, b.refs})
		} else {
			s.blobs.Delete(d)
		}
	}
}

// Get is the image with the given ID, or nil.
func (s *Store) Get(id digest.Digest) *Image {
	im, _ := s.images.Get(id)
	return im
}

// Images is all images, newest first.
func (s *Store) Images() []*Image {
	all := s.images.Values()
	slices.SortStableFunc(all, func(a, b *Image) int {
		if c := b.created().Compare(a.created()); c != 0 {
			return c
		}
		return cmp.Compare(a.ID, b.ID)
	})
	return all
}

func (im *Image) created() time.Time {
	if c := im.Config.Created; c != nil {
		return *c
	}
	return time.Time{}
}

// Layer is the layer with the given chain ID, or nil.
func (s *Store) Layer(chainID digest.Digest) *Held {
	k, _ := s.layers.Get(chainID)
	return k.held
}

// Compressed is a layer of the store with the given DiffID whose blob is
// compressed, or nil.
func (s *Store) Compressed(diffID digest.Digest) *Held {
	var found *Held
	s.layers.Scan(func(_ digest.Digest, k kept) bool {
		if k.held.DiffID == diffID && k.held.Blob != nil && k.held.Digest != diffID && (found == nil || k.held.Digest > found.Digest) {
			found = k.held
		}
		return true
	})
	return found
}

// SharedBy is the number of images that have the layer with the given chain ID.
func (s *Store) SharedBy(chainID digest.Digest) int {
	k, _ := s.layers.Get(chainID)
	return k.refs
}

// Packed reports whether the layer with the given chain ID is there as a blob only.
func (s *Store) Packed(chainID digest.Digest) bool {
	k, _ := s.layers.Get(chainID)
	return k.packed
}

// Counts is how many layers and blobs a store keeps.
type Counts struct{ Images, Layers, Blobs int }

// Kept is how much the store keeps.
func (s *Store) Kept() Counts { return Counts{s.images.Len(), s.layers.Len(), s.blobs.Len()} }

// Blobs is the sizes of all blobs that are kept, by digest.
func (s *Store) Blobs() map[digest.Digest]int64 {
	out := make(map[digest.Digest]int64, s.blobs.Len())
	s.blobs.Scan(func(d digest.Digest, b blob) bool {
		out[d] = b.size
		return true
	})
	return out
}
