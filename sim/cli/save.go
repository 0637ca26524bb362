package cli

import (
	"io"

	"github.com/distribution/reference"

	"github.com/layerlab/layerlab/sim/archive"
	"github.com/layerlab/layerlab/sim/content"
	"github.com/layerlab/layerlab/sim/store"
)

// save is `docker save`. A repository without a tag means all its tags.
func (c *call) save(args []string) error {
	file := c.str("output")
	if file == "" && c.tty {
		return plain("cowardly refusing to save to a terminal. Use the -o flag or redirect")
	}
	if file != "" {
		if err := c.checkOutput(file); err != nil {
			return plain("failed to save image: %v", err)
		}
	}
	sources, err := c.sources(args)
	if err != nil {
		return err
	}
	return c.writeOut(file, func(w io.Writer) error {
		return archive.WriteDocker(c.ctx, w, sources, archive.WriteOptions{Pause: c.s.pause})
	})
}

// sources are the images of names and IDs, each once, with the names they were
// asked for by.
func (c *call) sources(args []string) ([]archive.Source, error) {
	var order []*store.Image
	names := map[*store.Image][]string{}
	add := func(im *store.Image, name reference.Named) {
		if _, ok := names[im]; !ok {
			order = append(order, im)
			names[im] = nil
		}
		if name != nil {
			names[im] = append(names[im], name.String())
		}
	}
	for _, a := range args {
		if named, err := reference.ParseNormalizedNamed(a); err == nil && reference.IsNameOnly(named) {
			found := false
			for _, r := range c.e.Store().Refs() {
				if r.Name.Name() == named.Name() {
					add(c.e.Store().Get(r.ID), r.Name)
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
		if r.Name != nil {
			add(r.Image, r.Name)
		} else {
			add(r.Image, nil)
		}
	}
	var out []archive.Source
	for _, im := range order {
		var blobs []content.Body
		for i, h := range im.Layers {
			if h.Blob == nil {
				return nil, plain("failed to save image: layer %d of %s is not there", i+1, im.ID)
			}
			blobs = append(blobs, h.Blob)
		}
		out = append(out, archive.Source{Names: names[im], Image: im.Image, Layers: blobs, Annotations: im.Annotations, Index: im.Index})
	}
	return out, nil
}
