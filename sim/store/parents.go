package store

import "github.com/opencontainers/go-digest"

// Children is the images that were committed from containers of the given one,
// newest first.
func (s *Store) Children(id digest.Digest) []digest.Digest {
	var out []digest.Digest
	for _, im := range s.Images() {
		if im.Parent == id {
			out = append(out, im.ID)
		}
	}
	return out
}

// Intermediate reports whether an image has no name and is another's parent:
// Docker lists it with --all only, and does not count it.
func (s *Store) Intermediate(id digest.Digest) bool {
	return !s.named(id) && len(s.Children(id)) > 0
}

// intermediate is all images of which Intermediate is true.
func (s *Store) intermediate() map[digest.Digest]bool {
	out := map[digest.Digest]bool{}
	s.images.Scan(func(_ digest.Digest, im *Image) bool {
		if im.Parent != "" && s.Get(im.Parent) != nil && !s.named(im.Parent) {
			out[im.Parent] = true
		}
		return true
	})
	return out
}

// named reports whether an image has a name.
func (s *Store) named(id digest.Digest) bool {
	found := false
	s.names.Scan(func(_ string, of digest.Digest) bool {
		found = of == id
		return !found
	})
	return found
}

// parents is the images that an image was committed from, the nearest first; none
// when one of them is gone.
func (s *Store) parents(id digest.Digest) []digest.Digest {
	var out []digest.Digest
	seen := map[digest.Digest]bool{id: true}
	for im := s.Get(id); im.Parent != "" && !seen[im.Parent]; {
		seen[im.Parent] = true
		if im = s.Get(im.Parent); im == nil {
			return nil
		}
		out = append(out, im.ID)
	}
	return out
}
