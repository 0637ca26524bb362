package cli

import (
	"errors"
	"io"

	"github.com/distribution/reference"

	"github.com/layerlab/layerlab/sim/catalog"
	"github.com/layerlab/layerlab/sim/engine"
)

// pull is `docker pull`: the catalogue stands in for the registry.
func (c *call) pull(args []string) error {
	ref, err := reference.ParseNormalizedNamed(args[0])
	if err != nil {
		return plain("%v", err)
	}
	if reference.IsNameOnly(ref) && !c.on("quiet") && !c.on("all-tags") {
		c.printf("Using default tag: latest\n")
	}
	w := c.out
	if c.on("quiet") {
		w = io.Discard
	}
	p, err := c.pullTo(w, args[0])
	if err != nil {
		return daemon(err)
	}
	if p.New && !c.on("quiet") {
		c.printf("Status: Downloaded newer image for %s\n", reference.FamiliarString(p.Ref))
	} else if !c.on("quiet") {
		c.printf("Status: Image is up to date for %s\n", reference.FamiliarString(p.Ref))
	}
	c.printf("%s\n", p.Ref)
	return nil
}

// pullTo pulls and prints the layers' lines and the digest.
func (c *call) pullTo(w io.Writer, name string) (*engine.Pulled, error) {
	p, err := c.e.Pull(c.ctx, name)
	if err != nil {
		var pe *engine.PullError
		if errors.As(err, &pe) {
			return nil, errors.New(pe.Msg + "\nlayer lab: " + catalog.Nearest(pe.Ref))
		}
		return nil, err
	}
	line := func(format string, args ...any) { writef(w, format, args...) }
	line("%s: Pulling from %s\n", p.Ref.Tag(), reference.Path(p.Ref))
	for _, d := range p.Layers {
		line("%s: Pulling fs layer\n", shortID(d.String()))
	}
	for _, d := range p.Layers {
		line("%s: Download complete\n%s: Pull complete\n", shortID(d.String()), shortID(d.String()))
	}
	line("Digest: %s\n", p.ID)
	if note := catalog.StandsIn(name); note != "" {
		line("layer lab: %s\n", note)
	}
	return p, nil
}

// push is `docker push`, as far as it goes without a registry.
func (c *call) push(args []string) error {
	ref, err := reference.ParseNormalizedNamed(args[0])
	if err != nil {
		return plain("%v", err)
	}
	if reference.IsNameOnly(ref) && !c.on("quiet") {
		c.printf("Using default tag: latest\n")
	}
	full := reference.TagNameOnly(ref)
	c.printf("The push refers to repository [%s]\n", full.Name())
	if _, err := c.e.Store().Resolve(full.String()); err != nil {
		return plain("tag does not exist: %s", reference.FamiliarString(full))
	}
	return plain("push access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed\n" +
		"(nothing leaves the simulator: there is no registry to push to)")
}
