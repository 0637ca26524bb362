package cli

import (
	"context"
	"strconv"
	"strings"

	"github.com/layerlab/layerlab/sim/container"
	"github.com/layerlab/layerlab/sim/inspect"
	"github.com/layerlab/layerlab/sim/layer"
	"github.com/layerlab/layerlab/sim/shell"
	"github.com/layerlab/layerlab/sim/store"
)

const labUsage = `Usage:  lab COMMAND

What the simulator knows and Docker does not tell

Commands:
  tree IMAGE            the image's merged file tree, one path a line
  layers IMAGE          each layer's DiffID, size and entries, in the order of its tar
  ids IMAGE             the digests of manifest, config and layers
  xray IMAGE PATH       every layer that has the path, which one wins, what hides the others
  about IMAGE           what an image is: of what it is a model, and what of that is real
  models [WORD]         the model images that there are, those with WORD in their name
  waste IMAGE           bytes that are stored and never seen, the largest first
  build [--until LINE] [docker build's flags] PATH
                        build up to the step that holds the line
  date [+DAYSd | DAY]   the lab's clock; moves it and the packages' repositories on

IMAGE is a name or an ID; xray takes a container too.`

// lab is the command `lab` of the terminal's shell.
func (s *Session) lab(ctx context.Context, p *shell.Process) int {
	c := s.newCall(ctx, p)
	return c.exit(c.labCommand(p.Args[1:]))
}

func (c *call) labCommand(args []string) error {
	if len(args) == 0 || args[0] == "help" || args[0] == "--help" || args[0] == "-h" {
		c.printf("%s\n", labUsage)
		return nil
	}
	verbs := map[string]struct {
		n  int
		do func(args []string) error
	}{
		"tree": {1, c.labTree}, "layers": {1, c.labLayers}, "ids": {1, c.labIDs}, "xray": {2, c.labXRay}, "waste": {1, c.labWaste}, "about": {1, c.labAbout},
	}
	switch args[0] {
	case "build":
		return c.labBuild(args[1:])
	case "models":
		return c.labModels(args[1:])
	case "date":
		return c.labDate(args[1:])
	}
	v, ok := verbs[args[0]]
	switch {
	case !ok:
		return plain("lab: unknown command: %q\n\n%s", args[0], labUsage)
	case len(args)-1 != v.n:
		return plain("lab: %q takes %d arguments, not %d\n\n%s", args[0], v.n, len(args)-1, labUsage)
	}
	return v.do(args[1:])
}

// image is an image with its layers, all of them read.
func (c *call) image(name string) (*store.Image, []*layer.Layer, error) {
	im, err := c.resolve(name)
	if err != nil {
		return nil, nil, err
	}
	var layers []*layer.Layer
	for i, h := range im.Layers {
		if h.Layer == nil {
			return nil, nil, plain("layer %d of %d of %s was not read", i+1, len(im.Layers), name)
		}
		layers = append(layers, h.Layer)
	}
	return im, layers, nil
}

func (c *call) labTree(args []string) error {
	_, layers, err := c.image(args[0])
	if err != nil {
		return err
	}
	return inspect.WriteTree(c.ctx, c.out, layers, inspect.Options{Pause: c.s.pause})
}

func (c *call) labLayers(args []string) error {
	_, layers, err := c.image(args[0])
	if err != nil {
		return err
	}
	return inspect.WriteLayers(c.ctx, c.out, layers, inspect.Options{Pause: c.s.pause})
}

func (c *call) labIDs(args []string) error {
	im, err := c.resolve(args[0])
	if err != nil {
		return err
	}
	return inspect.WriteIDs(c.out, im.ID, im.Image)
}

// labXRay prints one line for each layer: what it has at the path.
func (c *call) labXRay(args []string) error {
	p := "/" + strings.Trim(args[1], "/")
	if ct, err := c.e.Container(args[0]); err == nil {
		c.xrayContainer(ct, p)
		return nil
	}
	im, layers, err := c.image(args[0])
	if err != nil {
		return err
	}
	mnt := mountOf(layers)
	steps := map[int]string{}
	for _, r := range im.Rows() {
		if r.Layer >= 0 {
			steps[r.Layer] = ellipsis(r.History.CreatedBy, 60)
		}
	}
	for _, v := range mnt.XRay(p) {
		if v.Layer < len(layers) {
			c.printf("layer %-3d %s  %s\n", v.Layer+1, xrayText(v, len(layers)), steps[v.Layer])
		}
	}
	return nil
}

func (c *call) xrayContainer(ct *container.Container, p string) {
	n := len(ct.Layers())
	for _, v := range ct.Mount().XRay(p) {
		switch {
		case v.Layer < n:
			c.printf("layer %-3d %s\n", v.Layer+1, xrayText(v, n))
		case v.Layer > n:
			c.printf("container %s\n", xrayText(v, n))
		}
	}
}

// labWaste prints what is dead, the largest first, and the sum of it.
func (c *call) labWaste(args []string) error {
	_, layers, err := c.image(args[0])
	if err != nil {
		return err
	}
	r, err := inspect.Waste(c.ctx, layers, inspect.Options{Pause: c.s.pause})
	if err != nil {
		return err
	}
	for _, d := range r.Dead {
		c.printf("%10s  layer %-3d %-22s by layer %-3d %s\n", size(d.Bytes), d.Layer+1, d.Cause, d.By+1, d.Path)
	}
	c.printf("%s of %s in %d layers are dead (efficiency %.1f %%)\n", size(r.Wasted), size(r.Bytes), len(layers), 100*r.Efficiency())
	return nil
}

// labBuild is `docker build` up to a line: `lab build --until 4 -t x .`
func (c *call) labBuild(args []string) error {
	until := 0
	var rest []string
	for i := 0; i < len(args); i++ {
		v, ok := strings.CutPrefix(args[i], "--until=")
		if args[i] == "--until" && i+1 < len(args) {
			i++
			v, ok = args[i], true
		}
		if !ok {
			rest = append(rest, args[i])
			continue
		}
		n, err := strconv.Atoi(v)
		if err != nil || n < 1 {
			return plain("lab build: --until takes a line of the Dockerfile, not %q", v)
		}
		until = n
	}
	a := actions["build"]
	a.do = func(c *call, args []string) error { return c.buildUntil(args[0], until) }
	cmd := c.command("build", a)
	cmd.SetArgs(rest)
	return cmd.ExecuteContext(c.ctx)
}
