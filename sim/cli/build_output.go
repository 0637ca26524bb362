package cli

import (
	"io"
	"strings"
	"time"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/layerlab/layerlab/sim/archive"
	"github.com/layerlab/layerlab/sim/build"
	"github.com/layerlab/layerlab/sim/container"
	"github.com/layerlab/layerlab/sim/content"
	"github.com/layerlab/layerlab/sim/layer"
)

// An output is one --output of a build: what is made of the result, and where it
// goes.
type output struct {
	kind  string // its type: "local", "tar", "oci", "docker", "image", "registry"
	dest  string // a path of the learner's machine, "-" or "" for the standard output
	attrs map[string]string
	as    build.Output
}

// parseOutput reads --output: DIR, "-" for a tar on the standard output, or
// type=…,dest=… (buildx's util/buildflags/export.go).
func parseOutput(spec string) (output, error) {
	o := output{attrs: map[string]string{}}
	switch {
	case spec == "-":
		o.kind, o.dest = "tar", spec
	case !strings.Contains(spec, ",") && !strings.HasPrefix(spec, "type="):
		o.kind, o.dest = "local", spec
	default:
		for _, field := range strings.Split(spec, ",") {
			k, v, ok := strings.Cut(field, "=")
			if !ok {
				return o, &statusError{"ERROR: invalid value " + field, 1}
			}
			switch k = strings.ToLower(strings.TrimSpace(k)); k {
			case "type":
				o.kind = v
			case "dest":
				o.dest = v
			default:
				o.attrs[k] = v
			}
		}
	}
	if o.kind == "" {
		return o, &statusError{"ERROR: type is required for output", 1}
	}
	return o, nil
}

func (o output) on(attr string) bool {
	v, ok := o.attrs[attr]
	return ok && (v == "true" || v == "1" || v == "")
}

// outputs reads --output, --load and --push.
func (c *call) outputs() ([]output, error) {
	var out []output
	for _, spec := range c.list("output") {
		if spec == "" {
			continue
		}
		o, err := parseOutput(spec)
		if err != nil {
			return nil, err
		}
		if (o.kind == "local" || o.kind == "tar") && c.str("iidfile") != "" {
			return nil, &statusError{"ERROR: local and tar exporters are incompatible with image ID file", 1}
		}
		out = append(out, o)
	}
	if c.on("push") {
		out = append(out, output{kind: "registry"})
	}
	return out, nil
}

// checkOutputs says what of the outputs cannot be done before anything is built,
// and enters them into the build's options (buildx's build.CreateExports).
func (c *call) checkOutputs(list []output, o *build.Options) error {
	for i := range list {
		out := &list[i]
		switch out.kind {
		case "local":
			out.as = build.OutputFiles
			if out.dest == "" {
				return buildFailed("dest is required for local exporter")
			}
			if out.dest == "-" {
				return buildFailed("dest cannot be stdout for local exporter")
			}
			if st, err := c.fs.Stat(c.abs(out.dest)); err == nil && !st.IsDir() {
				return buildFailed("destination directory %s is a file", out.dest)
			}
		case "tar", "oci":
			if out.as = build.OutputTar; out.kind == "oci" {
				out.as = build.OutputOCI
			}
			if err := c.checkFile(out); err != nil {
				return err
			}
		case "docker":
			if out.dest == "" {
				out.as = build.OutputImage
				break
			}
			out.as = build.OutputDocker
			if err := c.checkFile(out); err != nil {
				return err
			}
		case "image":
			out.as = build.OutputImage
		case "registry":
			return buildFailed("failed to solve: the simulator has no registry to push to")
		default:
			return buildFailed("failed to solve: exporter %q could not be found", out.kind)
		}
		o.RewriteTimestamp = o.RewriteTimestamp || out.on("rewrite-timestamp")
		if out.as == build.OutputImage {
			if err := c.imageOutput(out, o); err != nil {
				return err
			}
		}
		o.Outputs = append(o.Outputs, out.as)
	}
	return nil
}

// checkFile looks whether an output can go where it shall.
func (c *call) checkFile(out *output) error {
	switch out.dest {
	case "":
		if out.dest = "-"; c.tty {
			return buildFailed("dest file is required for %s exporter. refusing to write to console", out.kind)
		}
	case "-":
	default:
		if st, err := c.fs.Stat(c.abs(out.dest)); err == nil && st.IsDir() && out.attrs["tar"] != "false" {
			return buildFailed("destination file %s is a directory", out.dest)
		}
	}
	if out.attrs["tar"] == "false" {
		return buildFailed("the simulator writes %s as a tar only", out.kind)
	}
	return nil
}

// imageOutput takes what an output says of the image: its name, and whether
// its layers are unpacked.
func (c *call) imageOutput(out *output, o *build.Options) error {
	if name := out.attrs["name"]; name != "" {
		if err := addTag(o, name); err != nil {
			return err
		}
	}
	if v, ok := out.attrs["unpack"]; ok {
		o.Packed = v != "" && !out.on("unpack")
	}
	c.unpackConflict = c.unpackConflict || out.on("rewrite-timestamp") && !o.Packed
	return nil
}

// writeOutputs puts what was built where the outputs want it.
func (c *call) writeOutputs(list []output, o build.Options, r *build.Result) error {
	for _, out := range list {
		var err error
		switch out.as {
		case build.OutputFiles:
			err = c.writeFiles(out.dest, r)
		case build.OutputTar:
			t := container.Merged(r.Mount, nil)
			err = c.writeDest(out.dest, func(w io.Writer) error {
				return layer.WriteTar(c.ctx, w, t, layer.WriteOptions{Pause: c.s.pause})
			})
		case build.OutputDocker, build.OutputOCI:
			err = c.writeArchive(out, o, r)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (c *call) writeDest(dest string, write func(io.Writer) error) error {
	if dest == "-" {
		dest = ""
	}
	return c.writeOut(dest, write)
}

// writeFiles puts the files of the result into a directory, beside and over what
// is there. They are the learner's.
func (c *call) writeFiles(dest string, r *build.Result) error {
	dir := c.abs(dest)
	if err := c.fs.MkdirAll(dir, 0o755); err != nil {
		return buildFailed("failed to solve: mkdir %s: %s", dest, errno(err))
	}
	u := &unpacker{c: c, to: c.fs, dir: dir, owner: &[2]uint32{}, fail: func(err error) error {
		return buildFailed("failed to solve: %v", err)
	}}
	if err := u.entry(r.Mount.Root(), "/", "."); err != nil {
		return err
	}
	return u.settle()
}

func (c *call) writeArchive(out output, o build.Options, r *build.Result) error {
	source := archive.Source{Image: r.Image, Names: o.Tags, Platform: &ocispec.Platform{OS: r.Image.Config.OS, Architecture: r.Image.Config.Architecture, Variant: r.Image.Config.Variant}}
	if name := out.attrs["name"]; name != "" {
		source.Names = strings.Split(name, ",")
	}
	if at := r.Image.Config.Created; at != nil {
		source.Annotations = map[string]string{ocispec.AnnotationCreated: at.UTC().Format(time.RFC3339)}
	}
	for _, h := range r.Layers {
		source.Layers = append(source.Layers, content.Body(h.Blob))
	}
	write := archive.WriteOCI
	if out.as == build.OutputDocker {
		write = archive.WriteDocker
	}
	return c.writeDest(out.dest, func(w io.Writer) error {
		return write(c.ctx, w, []archive.Source{source}, archive.WriteOptions{Pause: c.s.pause})
	})
}
