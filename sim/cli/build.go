package cli

import (
	"context"
	"errors"
	"fmt"
	"path"
	"strings"

	"github.com/distribution/reference"

	"github.com/layerlab/layerlab/sim/build"
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
	dir, err := c.buildContext(where, &o)
	if err != nil {
		return err
	}
	if c.on("check") || c.str("call") == "check" {
		return c.check(dir, o)
	}
	progress := c.str("progress")
	quiet := c.on("quiet") || progress == "quiet"
	switch progress {
	case "", "auto", "plain", "tty", "quiet", "none":
	case "rawjson":
		return buildFailed("the simulator does not write --progress=rawjson")
	default:
		return buildFailed("invalid progress mode %s", progress)
	}
	w := build.Plain(c.err)
	var told func(build.Event)
	if !quiet && progress != "none" {
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
	id := r.Image.Digest.String()
	if quiet {
		c.printf("%s\n", id)
	}
	if f := c.str("iidfile"); f != "" {
		if err := c.fs.WriteFile(c.abs(f), []byte(id), 0o644); err != nil {
			return buildFailed("failed to write the image ID file: %s", errno(err))
		}
	}
	return nil
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
	return silent(1)
}

// buildOptions is what the flags say.
func (c *call) buildOptions() (build.Options, error) {
	o := build.Options{Target: c.str("target"), NoCache: c.on("no-cache"), BuildArgs: map[string]*string{}, Labels: map[string]string{}}
	for _, t := range c.list("tag") {
		if err := addTag(&o, t); err != nil {
			return o, err
		}
	}
	for _, a := range c.list("build-arg") {
		k, v, set := strings.Cut(a, "=")
		if !set {
			if own := c.withValue(k); own != nil {
				_, v, set = strings.Cut(own[0], "=")
			}
		}
		if o.BuildArgs[k] = nil; set {
			o.BuildArgs[k] = &v
		}
	}
	for _, l := range c.list("label") {
		k, v, _ := strings.Cut(l, "=")
		o.Labels[k] = v
	}
	for _, names := range c.list("no-cache-filter") {
		o.NoCacheFilter = append(o.NoCacheFilter, strings.Split(names, ",")...)
	}
	if err := c.secrets(&o); err != nil {
		return o, err
	}
	for _, out := range c.list("output") {
		if err := c.output(&o, out); err != nil {
			return o, err
		}
	}
	return o, nil
}

func addTag(o *build.Options, tag string) error {
	ref, err := reference.ParseNormalizedNamed(tag)
	if err != nil {
		msg := err.Error()
		if strings.Contains(msg, "must be lowercase") {
			msg = "repository name must be lowercase"
		}
		return buildFailed("invalid tag %q: %s", tag, msg)
	}
	o.Tags = append(o.Tags, reference.TagNameOnly(ref).String())
	return nil
}

// output reads --output type=image,name=…,rewrite-timestamp=true.
func (c *call) output(o *build.Options, spec string) error {
	if !strings.Contains(spec, "=") {
		return buildFailed("the simulator does not write the result to %q; it keeps it as an image", spec)
	}
	unpack := true
	for _, kv := range strings.Split(spec, ",") {
		k, v, _ := strings.Cut(kv, "=")
		switch k {
		case "type":
			if v != "image" && v != "docker" {
				return buildFailed("the simulator does not know the output type %q; it knows image", v)
			}
		case "name":
			if err := addTag(o, v); err != nil {
				return err
			}
		case "rewrite-timestamp":
			o.RewriteTimestamp = v == "true" || v == "1" || v == ""
		case "unpack":
			unpack = v == "true" || v == "1" || v == ""
		}
	}
	o.Packed = !unpack
	c.unpackConflict = o.RewriteTimestamp && unpack
	return nil
}

// buildContext finds the context directory and the Dockerfile.
func (c *call) buildContext(where string, o *build.Options) (dir string, err error) {
	file := c.str("file")
	switch {
	case where == "-":
		text, err := c.readIn()
		if err != nil {
			return "", err
		}
		if o.Source, err = readSmall(text); err != nil {
			return "", buildFailed("reading the Dockerfile: %v", err)
		}
		return c.emptyContext()
	case strings.Contains(where, "://") || strings.HasPrefix(where, "git@"):
		return "", buildFailed("unable to prepare context: the simulator has no network for %s", where)
	}
	dir = c.abs(where)
	st, err := c.fs.Stat(dir)
	if err != nil || !st.IsDir() {
		return "", buildFailed("unable to prepare context: path %q not found", where)
	}
	if file == "-" {
		text, err := c.readIn()
		if err == nil {
			o.Source, err = readSmall(text)
		}
		return dir, err
	}
	if file == "" {
		return dir, nil
	}
	return dir, c.dockerfileFlag(file, dir, o)
}

// dockerfileFlag takes -f, which is relative to where it was typed.
func (c *call) dockerfileFlag(file, dir string, o *build.Options) error {
	p := c.abs(file)
	if parent := path.Dir(p); parent != dir {
		if _, err := c.fs.Stat(parent); err != nil {
			return buildFailed("resolve : lstat %s: %s", path.Dir(file), errno(err))
		}
	}
	if rel, ok := strings.CutPrefix(p, strings.TrimSuffix(dir, "/")+"/"); ok {
		o.Dockerfile = rel
		return nil
	}
	o.Dockerfile = path.Base(p)
	src, err := c.fs.ReadFile(p)
	if err != nil {
		return buildFailed("failed to solve: failed to read dockerfile: open %s: %s", path.Base(p), errno(err))
	}
	o.Source = src
	return nil
}

// emptyContext is a directory with nothing in it, for `docker build -`.
func (c *call) emptyContext() (string, error) {
	const dir = "/tmp/.docker-empty-context"
	if err := c.fs.MkdirAll(dir, 0o755); err != nil {
		return "", buildFailed("unable to prepare context: %s", errno(err))
	}
	return dir, nil
}

// check is `docker build --check`: the linter's findings, nothing is built.
func (c *call) check(dir string, o build.Options) error {
	w := build.Plain(c.err)
	found, err := c.e.Check(c.ctx, dir, o, w.Event)
	if err != nil {
		return c.buildError(w, err, true)
	}
	c.printf("%s", found.Text())
	c.eprintf("%s", found.Failure())
	if !found.Clean() {
		return silent(1)
	}
	return nil
}
