package store

import (
	"maps"
	"slices"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/layerlab/layerlab/sim/image"
)

// Usage is what an image takes on disk, in bytes, as Docker 29 counts it (moby
// daemon/containerd/image_list.go).
type Usage struct {
	Disk    int64 // unpacked layers and content: DISK USAGE
	Content int64 // manifest, config and layer blobs: CONTENT SIZE
	// Shared is the unpacked layers and blobs that other images have too. What a
	// commit put below a layer is not in it, and images that Intermediate is true
	// of do not count as others.
	Shared int64
	Unique int64 // Disk - Shared
	Own    int64 // what would come free if this image alone were removed
}

// Usage is what the image with the given ID takes, zero when there is none.
func (s *Store) Usage(id digest.Digest) Usage {
	im := s.Get(id)
	if im == nil {
		return Usage{}
	}
	u := Usage{Content: im.contentSize()}
	u.Disk = u.Content
	packed, hidden := s.isPacked(im), s.hidden(id)
	for _, h := range im.Layers {
		k, _ := s.layers.Get(h.ChainID)
		if k.refs == 1 {
			u.Own += k.usage()
		}
		if k.refs-hidden[h.ChainID] > 1 && !k.packed {
			u.Shared += h.DiskUsage()
		}
		if !packed { // Docker asks for the topmost snapshot, and takes none for no bytes at all
			u.Disk += k.usage()
		}
	}
	for d, size := range im.blobs() {
		b, _ := s.blobs.Get(d)
		if b.refs == 1 {
			u.Own += size
		}
		if b.refs-hidden[d] > 1 {
			u.Shared += size
		}
	}
	u.Unique = u.Disk - u.Shared
	return u
}

// hidden is how many images that Docker does not count have each layer, by chain
// ID, and each blob; the image id itself counts.
func (s *Store) hidden(id digest.Digest) map[digest.Digest]int {
	var out map[digest.Digest]int
	for other := range s.intermediate() {
		if other == id {
			continue
		}
		if out == nil {
			out = map[digest.Digest]int{}
		}
		im := s.Get(other)
		for _, h := range im.Layers {
			out[h.ChainID]++
		}
		for d := range im.blobs() {
			out[d]++
		}
	}
	return out
}

// isPacked reports whether the image's topmost layer is only stored.
func (s *Store) isPacked(im *Image) bool {
	if len(im.Layers) == 0 {
		return false
	}
	k, _ := s.layers.Get(im.Layers[len(im.Layers)-1].ChainID)
	return k.packed
}

// Unpack notes that the layers of an image are unpacked: something runs on them.
func (s *Store) Unpack(im *Image) {
	for _, h := range im.Layers {
		if k, ok := s.layers.Get(h.ChainID); ok && k.packed {
			k.packed = false
			s.layers.Set(h.ChainID, k)
		}
	}
}

// contentSize is the bytes of the manifests, the configs and the layers that
// they name, a layer counted as often as it is named. An index is not counted.
func (im *Image) contentSize() int64 {
	n := int64(len(im.ManifestRaw) + len(im.ConfigRaw))
	for _, h := range im.Layers {
		if h.Blob != nil {
			n += h.Size
		}
	}
	if im.Index != nil {
		for _, b := range im.Index.Blobs {
			if !isIndex(b.Descriptor.MediaType) {
				n += b.Descriptor.Size
			}
		}
	}
	return n
}

func isIndex(mediaType string) bool {
	return mediaType == ocispec.MediaTypeImageIndex || mediaType == image.MediaTypeDockerIndex
}

// Blobs is the digests of the blobs that an image has: manifests, configs and
// layers, each once, in bytewise order. A top-level index is not among them.
func (im *Image) Blobs() []digest.Digest { return slices.Sorted(maps.Keys(im.blobs())) }

// blobs is the blobs that an image has, each once, with their sizes.
func (im *Image) blobs() map[digest.Digest]int64 {
	out := map[digest.Digest]int64{
		im.Digest:       int64(len(im.ManifestRaw)),
		im.ConfigDigest: int64(len(im.ConfigRaw)),
	}
	for _, h := range im.Layers {
		if h.Blob != nil {
			out[h.Digest] = h.Size
		}
	}
	if im.Index != nil {
		for _, b := range im.Index.Blobs {
			if !isIndex(b.Descriptor.MediaType) {
				out[b.Descriptor.Digest] = b.Descriptor.Size
			}
		}
	}
	return out
}

// Total is what all images take together, each unpacked layer and each blob
// counted once: the SIZE of images in docker system df.
func (s *Store) Total() int64 {
	var n int64
	s.layers.Scan(func(_ digest.Digest, k kept) bool {
		n += k.usage()
		return true
	})
	s.blobs.Scan(func(_ digest.Digest, b blob) bool {
		n += b.size
		return true
	})
	return n
}

// LayerUsage is what the unpacked layers of the image take: the read-only part
// of a container's virtual size.
func (im *Image) LayerUsage() int64 {
	var n int64
	for _, h := range im.Layers {
		n += h.DiskUsage() + h.Below
	}
	return n
}

// HistorySizes is the SIZE column of docker history, one for each row of the
// image's Rows: the disk usage of the row's layer, 0 for a row without and for a
// layer that is not unpacked.
func (s *Store) HistorySizes(im *Image) []int64 {
	rows := im.Rows()
	sizes := make([]int64, len(rows))
	for i, r := range rows {
		if r.Layer >= 0 && r.Layer < len(im.Layers) {
			if k, _ := s.layers.Get(im.Layers[r.Layer].ChainID); !k.packed {
				sizes[i] = im.Layers[r.Layer].DiskUsage()
			}
		}
	}
	return sizes
}
