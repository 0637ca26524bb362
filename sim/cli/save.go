package cli

import (
	"io"
	"strings"

	"github.com/distribution/reference"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/layerlab/layerlab/sim/archive"
	"github.com/layerlab/layerlab/sim/store"
)

// save is `docker save`. A repository without a tag means all its tags.
func (c *call) save(args []string) error {
	platforms, err := c.platforms()
	if err != nil {
		return err
	}
	file := c.str("output")
	if file == "" && c.tty {
		return plain("cowardly refusing to save to a terminal. Use the -o flag or redirect")
	}
	if file != "" {
		if err := c.checkOutput(file); err != nil {
			return plain("failed to save image: %v", err)
		}
	}
	sources, err := c.sources(args, platforms)
	if err != nil {
		return err
	}
	return c.writeOut(file, func(w io.Writer) error {
		return archive.WriteDocker(c.ctx, w, sources, archive.WriteOptions{Pause: c.s.pause})
	})
}

// sources are the images of names and IDs, as they are asked for: the archive's
// index has them in that order, one twice if it was named twice.
func (c *call) sources(args []string, platforms []ocispec.Platform) ([]archive.Source, error) {
	var out []archive.Source
	add := func(im *store.Image, name reference.Named, shown string) error {
		if len(platforms) == 1 && !provides(im, platforms) {
			return daemon(plain("no suitable export target found: image with reference %s was found but does not provide the specified platform (%s)", shown, platformText(platforms[0])))
		}
		s := archive.Source{Image: im.Image, Annotations: im.Annotations, Index: im.Index}
		for i, h := range im.Layers {
			if h.Blob == nil {
				return plain("failed to save image: layer %d of %s is not there", i+1, im.ID)
			}
			s.Layers = append(s.Layers, h.Blob)
		}
		if name != nil {
			s.Names = []string{name.String()}
		}
		out = append(out, s)
		return nil
	}
	for _, a := range args {
		if named, err := reference.ParseNormalizedNamed(a); err == nil && reference.IsNameOnly(named) {
			found := false
			for _, r := range c.e.Store().Refs() {
				if r.Name.Name() == named.Name() {
					if err := add(c.e.Store().Get(r.ID), r.Name, reference.FamiliarString(r.Name)); err != nil {
						return nil, err
					}
					found = true
				}
			}
			if found {
				continue
			}
		}
		r, err := c.e.Store().Resolve(a)
		if err != nil {
			return nil, daemon(err)
		}
		var name reference.Named
		shown := a
		if r.Name != nil && !strings.Contains(a, "@") {
			name, shown = r.Name, reference.FamiliarString(r.Name)
		}
		if err := add(r.Image, name, shown); err != nil {
			return nil, err
		}
	}
	return out, nil
}
