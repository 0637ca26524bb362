package cli

import (
	"strings"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/layerlab/layerlab/sim/catalog"
)

// labAbout says what an image is: one that is here by its own description, another
// as the catalogue has it.
func (c *call) labAbout(args []string) error {
	name := args[0]
	if im, err := c.resolve(name); err == nil {
		about := im.Image.Manifest.Annotations[ocispec.AnnotationDescription]
		if about == "" {
			about = "An image that was built or loaded here; what it stands on is told by the first rows of docker history."
		}
		c.printf("%s\n", about)
	} else if l, ok := catalog.Lookup(name); ok {
		c.printf("%s\n", l.About)
	} else {
		return plain("layer lab: %s", catalog.Nearest(name))
	}
	if note := catalog.StandsIn(name); note != "" {
		c.printf("%s.\n", strings.ToUpper(note[:1])+note[1:])
	}
	return nil
}

// labModels lists the models: their names, their sizes, and how many further tags
// lead to each.
func (c *call) labModels(args []string) error {
	if len(args) > 1 {
		return plain("lab: \"models\" takes one word at most, not %d", len(args))
	}
	tags := map[string]int{}
	for _, l := range catalog.List() {
		tags[l.Model]++
	}
	for _, l := range catalog.List() {
		if l.Model == l.Name && (len(args) == 0 || strings.Contains(l.Name, args[0])) {
			c.printf("%-44s %10s  %d tags\n", l.Name, size(l.Size), tags[l.Name])
		}
	}
	return nil
}
