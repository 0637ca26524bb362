package store

import (
	"maps"
	"slices"
	"strings"

	"github.com/distribution/reference"
	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/layerlab/layerlab/sim/image"
)

// dangling is under what name an image without one is kept.
func dangling(id digest.Digest) string { return "moby-dangling@" + id.String() }

// Prune removes names and images that no container uses, as docker image prune
// does with the containerd image store (moby daemon/containerd/image_prune.go):
// images without a name, or all with all set, of those that match lets through.
// It goes by names: a container keeps the name that it was made with, or when it
// was made with an ID one name of that image; the others go. The lines come in
// the order of the full names. An image whose manifest the build cache holds
// loses its names only.
func (s *Store) Prune(all bool, match func(*Image) bool, n Needs) []Deletion {
	entries, count := s.entries()
	prune := map[string]digest.Digest{}
	for name, id := range entries {
		if (all || name == dangling(id)) && match(s.Get(id)) {
			prune[name] = id
		}
	}
	used := spare(prune, n.Users)
	for _, name := range slices.Sorted(maps.Keys(prune)) {
		id := prune[name]
		if count[id] > 1 {
			count[id]--
		} else if used[id] {
			delete(prune, name)
		}
	}
	var out []Deletion
	for _, name := range slices.Sorted(maps.Keys(prune)) {
		out = append(out, s.pruneOne(name, prune[name], n)...)
	}
	return out
}

// entries is the images by all names that they are kept under, and how many of
// these each has.
func (s *Store) entries() (byName map[string]digest.Digest, count map[digest.Digest]int) {
	byName, count = map[string]digest.Digest{}, map[digest.Digest]int{}
	s.names.Scan(func(full string, id digest.Digest) bool {
		byName[full] = id
		count[id]++
		return true
	})
	s.images.Scan(func(id digest.Digest, _ *Image) bool {
		if count[id] == 0 || s.unnamed.Contains(id) {
			byName[dangling(id)] = id
			count[id]++
		}
		return true
	})
	return byName, count
}

// spare takes the names that containers use out of those to prune, and returns
// the images that containers were given by ID or digest.
func spare(prune map[string]digest.Digest, users []User) map[digest.Digest]bool {
	used := map[digest.Digest]bool{}
	for _, u := range users {
		delete(prune, dangling(u.Image))
		if strings.HasPrefix(u.Image.String(), "sha256:"+strings.TrimPrefix(u.Asked, "sha256:")) || strings.HasSuffix(u.Asked, "@"+u.Image.String()) {
			used[u.Image] = true
		}
		ref, err := reference.ParseNormalizedNamed(u.Asked)
		if err != nil {
			continue
		}
		name := reference.TagNameOnly(ref)
		delete(prune, name.String())
		if t, ok := name.(reference.NamedTagged); ok {
			delete(prune, key(t))
		}
	}
	return used
}

// pruneOne takes one name, and with the last of an image the image.
func (s *Store) pruneOne(name string, id digest.Digest, n Needs) []Deletion {
	im := s.Get(id)
	untagged := Deletion{Untagged: id.String(), Image: id}
	if name != dangling(id) {
		ref := named(name)
		s.Untag(ref)
		untagged.Untagged = reference.FamiliarString(ref)
		if s.named(id) || s.Unnamed(id) {
			return []Deletion{untagged}
		}
	} else if s.named(id) {
		s.Christen(id)
		return []Deletion{untagged}
	}
	out := []Deletion{untagged}
	freed := s.Remove(id, n)
	for _, d := range im.manifests() {
		if slices.Contains(freed.Blobs, d) || d == im.ID && im.Index != nil {
			out = append(out, Deletion{Deleted: d})
		}
	}
	if len(out) == 1 {
		out[0].Freed = freed
	} else {
		out[1].Freed = freed
	}
	return out
}

// manifests is the digests of what an image's target is and names: its index,
// the manifests in it, or its manifest alone.
func (im *Image) manifests() []digest.Digest {
	out := []digest.Digest{im.ID}
	if im.ID != im.Digest {
		out = append(out, im.Digest)
	}
	if im.Index != nil {
		for _, b := range im.Index.Blobs {
			if t := b.Descriptor.MediaType; (t == ocispec.MediaTypeImageManifest || t == image.MediaTypeDockerManifest || isIndex(t)) && !slices.Contains(out, b.Descriptor.Digest) {
				out = append(out, b.Descriptor.Digest)
			}
		}
	}
	return out
}
