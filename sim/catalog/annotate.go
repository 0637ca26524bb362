package catalog

import (
	"encoding/json"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/layerlab/layerlab/sim/image"
)

// annotate is an image with the description in its manifest, which is written as
// BuildKit writes one.
func annotate(im *image.Image, description string) (*image.Image, error) {
	man := im.Manifest
	man.Annotations = map[string]string{ocispec.AnnotationDescription: description}
	raw, err := json.MarshalIndent(man, "", "  ")
	if err != nil {
		return nil, err
	}
	return image.Parse(raw, im.ConfigRaw)
}
