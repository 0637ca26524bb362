package engine

import (
	"github.com/distribution/reference"
	"github.com/opencontainers/go-digest"

	"github.com/layerlab/layerlab/sim/event"
	"github.com/layerlab/layerlab/sim/store"
)

// RemoveOptions say how RemoveImage removes.
type RemoveOptions struct {
	Force   bool
	NoPrune bool // leave the parents that have no name
}

// RemoveImage is docker rmi for one name or ID. What was done before an error is
// in the list.
func (e *Engine) RemoveImage(arg string, o RemoveOptions) ([]store.Deletion, error) {
	done, err := e.store.Delete(arg, store.DeleteOptions{Force: o.Force, NoPrune: o.NoPrune, Needs: e.Needs()})
	for _, d := range done {
		switch {
		case d.Untagged != "":
			e.Tell(event.ImageUntagged{ID: d.Image.String(), Name: d.Untagged})
		case d.Stays:
			e.Tell(event.ImageKept{ID: d.Deleted.String(), For: e.called(e.store.Children(d.Deleted))})
		default:
			e.tellRemoved(d.Deleted, d.Freed)
		}
	}
	return done, err
}

// PruneImages is docker image prune: see store.Store.Prune. It returns what was
// done and how many bytes that gave back.
func (e *Engine) PruneImages(all bool, match func(*store.Image) bool) ([]store.Deletion, int64) {
	var freed int64
	done := e.store.Prune(all, match, e.Needs())
	for _, d := range done {
		if d.Untagged != "" && d.Untagged != d.Image.String() {
			e.Tell(event.ImageUntagged{ID: d.Image.String(), Name: d.Untagged})
		}
		freed += d.Freed.Reclaimed
		if len(d.Freed.Layers)+len(d.Freed.Kept)+len(d.Freed.Blobs) > 0 {
			id := d.Deleted
			if id == "" {
				id = d.Image
			}
			e.tellRemoved(id, d.Freed)
		}
	}
	return done, freed
}

// tellRemoved tells that an image is gone, and what with it and what not.
func (e *Engine) tellRemoved(id digest.Digest, f store.Freed) {
	ev := event.ImageRemoved{ID: id.String(), Freed: f.Bytes}
	for _, h := range f.Layers {
		ev.Layers = append(ev.Layers, event.LayerFate{DiffID: h.DiffID.String(), Bytes: h.DiskUsage() + h.Below + h.Size})
	}
	for _, k := range f.Kept {
		fate := event.LayerFate{DiffID: k.Layer.DiffID.String(), Bytes: k.Bytes, Images: e.called(k.Images), Cache: k.Cached}
		fate.Containers = append(fate.Containers, k.Containers...)
		ev.Kept = append(ev.Kept, fate)
	}
	e.Tell(ev)
}

// called is images by their first name, those without one by their short ID.
func (e *Engine) called(ids []digest.Digest) []string {
	var out []string
	for _, id := range ids {
		if names := e.store.Names(id); len(names) > 0 {
			out = append(out, reference.FamiliarString(names[0]))
		} else {
			out = append(out, id.Encoded()[:12])
		}
	}
	return out
}
