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
// the containerd store leaves nothing dangling. Images that a container uses
// stay, without a name, and those that were there without one before.
func (e *Engine) dropReplaced(ids []digest.Digest) {
	used := e.Usages()
	for _, id := range ids {
		if e.store.Get(id) == nil || len(e.store.Names(id)) > 0 || e.store.Unnamed(id) || used[id] > 0 {
			continue
		}
		e.tellRemoved(id, e.store.Remove(id, e.Needs()))
	}
}
