package view

import (
	"strings"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/layerlab/layerlab/web/state"
)

// modelOf is what an image of the catalogue says of itself: that it is a model, and
// of what. It is "" for every other image.
func modelOf(im *state.Image) string {
	if im.Source == nil {
		return ""
	}
	if about := im.Source.Manifest.Annotations[ocispec.AnnotationDescription]; strings.HasPrefix(about, "A model of ") {
		return about
	}
	return ""
}

// modelLayers is the layers of all models, by chain ID, with what the model says of
// itself: an image that is built on a model has them too.
func modelLayers(s *state.State) map[string]string {
	out := map[string]string{}
	for _, im := range s.World.Images {
		if about := modelOf(im); about != "" {
			for _, l := range im.Layers {
				out[l.ChainID] = about
			}
		}
	}
	return out
}
