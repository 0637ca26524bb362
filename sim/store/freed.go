package store

import (
	"slices"

	"github.com/opencontainers/go-digest"
)

// A User is a container that uses an image.
type User struct {
	ID      string          // of the container
	Name    string          // of the container
	Image   digest.Digest   // ID
	Asked   string          // the image as the container was given it: a name or an ID
	Layers  []digest.Digest // chain IDs of the layers that it stands on
	Running bool
}

// Needs is what else than images holds on to what is stored.
type Needs struct {
	Users []User
	// Cached says of a blob, by digest, and of an unpacked layer, by chain ID,
	// whether the build cache holds it; nil: it holds nothing.
	Cached func(digest.Digest) bool
}

func (n Needs) cached(d digest.Digest) bool { return n.Cached != nil && n.Cached(d) }

// on is the names of the containers that stand on a layer.
func (n Needs) on(chainID digest.Digest) []string {
	var out []string
	for _, u := range n.Users {
		if slices.Contains(u.Layers, chainID) {
			out = append(out, u.Name)
		}
	}
	return out
}

// Freed is what removing an image gave back, and what not.
type Freed struct {
	// Bytes is by how much Total became less: unpacked layers and blobs that no
	// image has any more.
	Bytes int64
	// Reclaimed is what docker image prune counts: blobs and unpacked layers that
	// are gone from the disk. What a container stands on and what the build cache
	// holds is not, and what a commit put below a layer is not counted.
	Reclaimed int64
	Layers    []*Held         // gone from the disk, topmost first
	Kept      []Kept          // layers that stay, topmost first
	Blobs     []digest.Digest // gone from the disk, in the order of their digests
}

// A Kept is a layer of an image that was removed, and why it stays.
type Kept struct {
	Layer      *Held
	Bytes      int64           // that stay on disk because of it
	Images     []digest.Digest // that have it, newest first
	Containers []string        // that stand on it, by name
	Cached     bool            // the build cache holds it, or its blob
}

// Remove takes an image, its names and what only it has. It asks nobody; Delete
// is what docker rmi does. Removing what is not there frees nothing.
func (s *Store) Remove(id digest.Digest, n Needs) Freed {
	im := s.Get(id)
	if im == nil {
		return Freed{}
	}
	before, was := s.Total(), map[digest.Digest]kept{}
	for _, h := range im.Layers {
		was[h.ChainID], _ = s.layers.Get(h.ChainID)
	}
	for _, name := range s.Names(id) {
		s.Untag(name)
	}
	s.unnamed.Delete(id)
	s.count(im, -1)
	s.images.Delete(id)
	f := Freed{Bytes: before - s.Total()}
	for d, size := range im.blobs() {
		if _, ok := s.blobs.Get(d); !ok && !n.cached(d) {
			f.Blobs = append(f.Blobs, d)
			f.Reclaimed += size
		}
	}
	slices.Sort(f.Blobs)
	for _, h := range slices.Backward(im.Layers) {
		if k := s.stays(h, was[h.ChainID], n); k != nil {
			f.Kept = append(f.Kept, *k)
		} else {
			f.Layers = append(f.Layers, h)
		}
		if s.Layer(h.ChainID) == nil && len(n.on(h.ChainID)) == 0 && !n.cached(h.ChainID) && !was[h.ChainID].packed {
			f.Reclaimed += h.DiskUsage()
		}
	}
	return f
}

// stays says why a layer of an image that is gone is still there, nil when it is
// not.
func (s *Store) stays(h *Held, was kept, n Needs) *Kept {
	k := &Kept{Layer: h, Containers: n.on(h.ChainID), Cached: n.cached(h.Digest) || n.cached(h.ChainID)}
	for _, im := range s.Images() {
		if slices.ContainsFunc(im.Layers, func(l *Held) bool { return l.ChainID == h.ChainID }) {
			k.Images = append(k.Images, im.ID)
		}
	}
	unpacked := len(k.Images)+len(k.Containers) > 0 || n.cached(h.ChainID)
	if !unpacked && !k.Cached {
		return nil
	}
	if unpacked {
		k.Bytes = was.usage()
	}
	if _, ok := s.blobs.Get(h.Digest); ok || n.cached(h.Digest) {
		k.Bytes += h.Size
	}
	return k
}
