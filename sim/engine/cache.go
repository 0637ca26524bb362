package engine

import (
	"maps"
	"slices"

	"github.com/opencontainers/go-digest"

	"github.com/layerlab/layerlab/sim/build"
	"github.com/layerlab/layerlab/sim/store"
)

// CacheUsage is what the build cache holds.
type CacheUsage struct {
	Entries, InUse    int
	Size, Reclaimable int64 // bytes
}

// CacheEntries is what the build cache holds, the oldest first.
func (e *Engine) CacheEntries() []build.CacheEntry {
	out := e.cache.Entries()
	slices.SortStableFunc(out, func(a, b build.CacheEntry) int { return a.Created.Compare(b.Created) })
	return out
}

// inImages are the layers that some image has.
func (e *Engine) inImages() map[digest.Digest]bool {
	out := map[digest.Digest]bool{}
	for _, im := range e.store.Images() {
		for _, d := range im.DiffIDs() {
			out[d] = true
		}
	}
	return out
}

// CacheUsage is what the build cache takes: results that an image has too are in
// use, the others could be given back.
func (e *Engine) CacheUsage() CacheUsage {
	var out CacheUsage
	used := e.inImages()
	for _, c := range e.CacheEntries() {
		out.Entries++
		out.Size += c.Size
		if c.Held != nil && used[c.Held.DiffID] {
			out.InUse++
		} else {
			out.Reclaimable += c.Size
		}
	}
	return out
}

// PruneCache forgets all results of builds and gives what they were.
func (e *Engine) PruneCache() []build.CacheEntry {
	out := e.CacheEntries()
	e.cache.Prune()
	e.bases = nil
	return out
}

// cacheHolds says of each blob, and of each unpacked layer by its chain ID, whether
// the build cache holds it: the blobs that its results were exported as, and all of
// the images that builds began with.
func (e *Engine) cacheHolds() func(digest.Digest) bool {
	held := map[digest.Digest]bool{}
	for _, c := range e.cache.Entries() {
		if c.Held != nil {
			held[c.Held.Digest] = true
		}
	}
	for _, blobs := range e.bases {
		for _, d := range blobs {
			held[d] = true
		}
	}
	return func(d digest.Digest) bool { return held[d] }
}

// holdBase notes that a build began with an image.
func (e *Engine) holdBase(im *store.Image) {
	if _, ok := e.bases[im.ID]; ok {
		return
	}
	e.bases = maps.Clone(e.bases)
	if e.bases == nil {
		e.bases = map[digest.Digest][]digest.Digest{}
	}
	e.bases[im.ID] = append(im.Blobs(), im.ChainIDs()...)
}

// BuiltUpon reports whether a build began with an image since the cache was last
// emptied. BuildKit notes of such an image which repository it is of.
func (e *Engine) BuiltUpon(id digest.Digest) bool {
	_, ok := e.bases[id]
	return ok
}
