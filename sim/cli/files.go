package cli

import (
	"io"

	"github.com/distribution/reference"

	"github.com/layerlab/layerlab/sim/engine"
)

// diff is `docker diff`.
func (c *call) diff(args []string) error {
	ct, err := c.e.Container(args[0])
	if err != nil {
		return daemon(err)
	}
	for _, ch := range ct.Diff() {
		c.printf("%c %s\n", ch.Kind, ch.Path)
	}
	return nil
}

// commit is `docker commit`.
func (c *call) commit(args []string) error {
	o := engine.CommitOptions{Author: c.str("author"), Message: c.str("message"), Changes: c.list("change")}
	if len(args) > 1 {
		o.Name = args[1]
		ref, err := reference.ParseNormalizedNamed(o.Name)
		if err != nil {
			return plain("%v", err)
		}
		if _, ok := ref.(reference.Digested); ok {
			return plain("refusing to create a tag with a digest reference")
		}
	}
	ct, err := c.e.Container(args[0])
	if err != nil {
		return daemon(err)
	}
	im, err := c.e.Commit(c.ctx, ct, o)
	if err != nil {
		return daemon(err)
	}
	c.printf("%s\n", im.ID)
	return nil
}

// export is `docker export`.
func (c *call) export(args []string) error {
	file := c.str("output")
	if file == "" && c.tty {
		return plain("cowardly refusing to save to a terminal. Use the -o flag or redirect")
	}
	if file != "" {
		if err := c.checkOutput(file); err != nil {
			return plain("failed to export container: %v", err)
		}
	}
	ct, err := c.e.Container(args[0])
	if err != nil {
		return daemon(err)
	}
	return c.writeOut(file, func(w io.Writer) error { return ct.Export(c.ctx, w, c.s.pause) })
}
