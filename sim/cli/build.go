package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/layerlab/layerlab/sim/build"
	"github.com/layerlab/layerlab/sim/catalog"
)

// buildFailed is an error that `docker build` says before it builds.
func buildFailed(format string, args ...any) error {
	return &statusError{"ERROR: failed to build: " + fmt.Sprintf(format, args...), 1}
}

// build is `docker build`, which is buildx's.
func (c *call) build(args []string) error { return c.buildUntil(args[0], 0) }

// buildUntil builds the context, up to the step that holds the line until of the
// Dockerfile if that is not 0.
func (c *call) buildUntil(where string, until int) error {
	o, err := c.buildOptions()
	if err != nil {
		return err
	}
	o.UntilLine = until
	outputs, err := c.outputs()
	if err != nil {
		return err
	}
	quiet, err := c.progressFlag()
	if err != nil {
		return err
	}
	if err := c.buildTags(&o); err != nil {
		return err
	}
	if err := c.checkOutputs(outputs, &o); err != nil {
		return err
	}
	if err := c.workerFlags(); err != nil {
		return err
	}
	dir, err := c.buildContext(where, &o)
	if err != nil {
		return err
	}
	if err := c.findContexts(&o); err != nil {
		return err
	}
	switch method := c.str("call"); {
	case c.on("check") || method == "check" || method == "lint":
		return c.check(dir, o, quiet)
	case method != "" && method != "build":
		return buildFailed("the simulator does not know --call=%s; it knows check", method)
	}
	w := build.Plain(c.err)
	var told func(build.Event)
	if !quiet && c.str("progress") != "none" {
		told = w.Event
	}
	r, err := c.e.Build(c.ctx, dir, o, told)
	if err != nil {
		return c.buildError(w, err, told != nil)
	}
	if told != nil {
		w.Finish(nil)
	}
	if c.unpackConflict {
		// BuildKit names the image first and notices when it unpacks it.
		return buildFailed("failed to solve: exporter option \"rewrite-timestamp\" conflicts with \"unpack\"")
	}
	if err := c.writeOutputs(outputs, o, r); err != nil {
		return err
	}
	return c.tellBuilt(o, r, quiet)
}

// progressFlag reads --progress, and whether only the image's ID is to be shown.
func (c *call) progressFlag() (quiet bool, err error) {
	progress := c.str("progress")
	quiet = c.on("quiet") || progress == "quiet"
	switch progress {
	case "", "auto", "quiet":
	case "plain", "tty", "none", "rawjson":
		if quiet && progress != "none" {
			return quiet, &statusError{"ERROR: progress=" + progress + " and quiet cannot be used together", 1}
		}
		if progress == "rawjson" {
			return quiet, &statusError{"ERROR: the simulator does not write --progress=rawjson", 1}
		}
	default:
		return quiet, &statusError{"ERROR: invalid progress mode " + progress, 1}
	}
	return quiet, nil
}

// tellBuilt says which image was built: to the terminal if only that is wanted,
// to --iidfile and to --metadata-file.
func (c *call) tellBuilt(o build.Options, r *build.Result, quiet bool) error {
	id := ""
	if r.Image != nil {
		id = r.Image.Digest.String()
	}
	if quiet {
		c.printf("%s\n", id)
	}
	if f := c.str("iidfile"); f != "" {
		if err := c.fs.WriteFile(c.abs(f), []byte(id), 0o644); err != nil {
			return &statusError{"ERROR: writing image ID file: open " + f + ": " + errno(err), 1}
		}
	}
	f := c.str("metadata-file")
	if f == "" {
		return nil
	}
	meta, err := json.MarshalIndent(metadata(o, r), "", "  ")
	if err == nil {
		err = c.fs.WriteFile(c.abs(f), meta, 0o644)
	}
	if err != nil {
		return &statusError{"ERROR: open " + f + ": " + errno(err), 1}
	}
	return nil
}

// metadata is what --metadata-file tells of an image.
func metadata(o build.Options, r *build.Result) map[string]any {
	out := map[string]any{}
	if im := r.Image; im != nil {
		out["containerimage.config.digest"] = im.ConfigDigest
		out["containerimage.digest"] = im.Digest
		out["containerimage.descriptor"] = map[string]any{"mediaType": im.Manifest.MediaType, "digest": im.Digest, "size": len(im.ManifestRaw)}
	}
	if len(o.Tags) > 0 && r.Image != nil {
		names := ""
		for i, t := range o.Tags {
			if i > 0 {
				names += ","
			}
			names += t
		}
		out["image.name"] = names
	}
	return out
}

func (c *call) buildError(w *build.PlainWriter, err error, shown bool) error {
	if errors.Is(err, context.Canceled) {
		return err
	}
	if shown {
		w.Finish(err)
	} else {
		c.eprintf("%s", build.FailureText(err))
	}
	if _, rest, ok := strings.Cut(err.Error(), "failed to resolve source metadata for "); ok && strings.HasSuffix(rest, ": not found") {
		ref, _, _ := strings.Cut(rest, ": ")
		c.eprintf("layer lab: %s\n", catalog.Nearest(ref))
	}
	return silent(1)
}

// check is `docker build --check`: the linter's findings, nothing is built.
func (c *call) check(dir string, o build.Options, quiet bool) error {
	w := build.Plain(c.err)
	told := w.Event
	if quiet || c.str("progress") == "none" {
		told = nil
	}
	found, err := c.e.Check(c.ctx, dir, o, told)
	if err != nil {
		return c.buildError(w, err, told != nil)
	}
	c.printf("%s", found.Text())
	c.eprintf("%s", found.Failure())
	if !found.Clean() {
		return silent(1)
	}
	return nil
}
