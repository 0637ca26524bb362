// Package busybox makes the base image that the transcripts were recorded with,
// busybox:1.36, out of the program that Debian's package busybox-static installs.
// The catalogue's model of that image has all its names, but not its program, so
// digests that depend on the base can only be compared with the real one.
package busybox

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"github.com/opencontainers/go-digest"
	specs "github.com/opencontainers/image-spec/specs-go"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/layerlab/layerlab/sim/archive"
	"github.com/layerlab/layerlab/sim/catalog"
	"github.com/layerlab/layerlab/sim/content"
	"github.com/layerlab/layerlab/sim/image"
	"github.com/layerlab/layerlab/sim/layer"
	"github.com/layerlab/layerlab/sim/tree"
)

// Package is the Debian package, and Program where it puts its one file.
const (
	Package = "busybox-static"
	Program = "/bin/busybox"
)

// The digests of the program and of the image, as it was recorded.
const (
	programDigest digest.Digest = "sha256:3d9f2889d6782537624a4e1a10e68a2ddd53e0ee8bac02676f27308f42ec6bf6"
	ID            digest.Digest = "sha256:a00362450f525269c7592b08378f6c8fd8e1b4bc1419c8dd314f99fb4900ca98"
)

// ErrOther says that this machine's busybox is another.
var ErrOther = errors.New("not the busybox of Debian 12 for amd64")

// Save writes busybox:1.36 as docker save does. It fails where the program is not
// there, or not the one of Debian 12 for amd64 (1:1.35.0-4+deb12u1).
func Save(ctx context.Context, file string) error {
	program, err := os.ReadFile(Program)
	if err != nil {
		return err
	}
	if got := digest.FromBytes(program); got != programDigest {
		return fmt.Errorf("%s: %w: its SHA-256 is %s, not %s", Program, ErrOther, got.Encoded(), programDigest.Encoded())
	}
	source, err := assemble(ctx, program)
	if err != nil {
		return fmt.Errorf("making busybox:1.36: %w", err)
	}
	if source.Image.Digest != ID {
		return fmt.Errorf("making busybox:1.36: its manifest's digest is %s, not %s", source.Image.Digest, ID)
	}
	f, err := os.Create(file)
	if err != nil {
		return err
	}
	err = archive.WriteDocker(ctx, f, []archive.Source{*source}, archive.WriteOptions{})
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	return err
}

// assemble puts the program into the model, and writes manifest and config as
// BuildKit wrote those of the base.
func assemble(ctx context.Context, program []byte) (*archive.Source, error) {
	model, held, err := catalog.Open(ctx, "busybox:1.36")
	if err != nil {
		return nil, err
	}
	if len(held) != 1 {
		return nil, fmt.Errorf("the model has %d layers, not 1", len(held))
	}
	t := held[0].Layer.Tree.Snapshot()
	at := t.Lookup("bin/busybox")
	if at == 0 {
		return nil, fmt.Errorf("the model has no %s", Program)
	}
	t.Update(at, func(n *tree.Inode) { n.Body = content.Bytes(program) })
	l, err := layer.New(ctx, t, layer.WriteOptions{})
	if err != nil {
		return nil, err
	}
	blob, d, err := layer.GzipBlob(ctx, l.Tar(), nil)
	if err != nil {
		return nil, err
	}
	cfg := model.Config
	cfg.RootFS.DiffIDs = []digest.Digest{l.DiffID}
	config, err := sorted(cfg)
	if err != nil {
		return nil, err
	}
	m := ocispec.Manifest{
		Versioned: specs.Versioned{SchemaVersion: 2}, MediaType: ocispec.MediaTypeImageManifest,
		Config: image.DescriptorOf(ocispec.MediaTypeImageConfig, config),
		Layers: []ocispec.Descriptor{{
			MediaType: ocispec.MediaTypeImageLayerGzip, Digest: d, Size: blob.Size(), Annotations: model.Manifest.Layers[0].Annotations,
		}},
	}
	manifest, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return nil, err
	}
	im, err := image.Parse(manifest, config)
	if err != nil {
		return nil, err
	}
	return &archive.Source{
		Names: []string{"busybox:1.36"}, Image: im, Layers: []content.Body{blob},
		Annotations: map[string]string{"config.digest": im.ConfigDigest.String()},
	}, nil
}

// sorted is a config with its fields in the order of their names, as BuildKit
// writes them.
func sorted(cfg image.Config) ([]byte, error) {
	raw, err := json.Marshal(cfg)
	if err != nil {
		return nil, err
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(raw, &fields); err != nil {
		return nil, err
	}
	return json.Marshal(fields)
}
