package engine

import (
	"github.com/distribution/reference"
	"github.com/opencontainers/go-digest"
)

// replacedBy is the images that will lose one of the names to the image id.
func (e *Engine) replacedBy(names []reference.NamedTagged, id string) []digest.Digest {
	var out []digest.Digest
	for _, n := range names {
		if r, err := e.store.Resolve(n.String()); err == nil && r.Image.ID.String() != id {
			out = append(out, r.Image.ID)
		}
	}
	return out
}

// dropReplaced removes images that a build took the last name from: BuildKit on
// the containerd store leaves nothing dangling. A container that uses one keeps
// its layers, and the image goes all the same. Images that were there without a
// name before stay.
func (e *Engine) dropReplaced(ids []digest.Digest) {
	for _, id := range ids {
		if e.store.Get(id) == nil || len(e.store.Names(id)) > 0 || e.store.Unnamed(id) {
			continue
		}
		e.tellRemoved(id, e.store.Remove(id, e.Needs()))
	}
}
