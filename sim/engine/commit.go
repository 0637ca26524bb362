package engine

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/distribution/reference"
	"github.com/opencontainers/go-digest"
	specs "github.com/opencontainers/image-spec/specs-go"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/layerlab/layerlab/sim/container"
	"github.com/layerlab/layerlab/sim/content"
	"github.com/layerlab/layerlab/sim/event"
	"github.com/layerlab/layerlab/sim/image"
	"github.com/layerlab/layerlab/sim/layer"
	"github.com/layerlab/layerlab/sim/store"
)

// CommitOptions say what an image that is committed or imported is to be.
type CommitOptions struct {
	Name    string // "" for none
	Author  string
	Message string
	Changes []string // Dockerfile instructions: "CMD […]", "ENV A=1"
	// Platform is what an imported image is for; linux/amd64 where it is not set.
	Platform ocispec.Platform
}

// Commit makes an image of a container: its image's layers and its writable
// layer frozen on top (moby daemon/containerd/image_commit.go). Nothing written
// means no further layer.
func (e *Engine) Commit(ctx context.Context, c *container.Container, o CommitOptions) (*store.Image, error) {
	names, err := optionalName(o.Name)
	if err != nil {
		return nil, err
	}
	base, err := e.baseOf(ctx, c)
	if err != nil {
		return nil, err
	}
	cfg := base.Config
	cfg.Config = c.Run.Config
	//lint:ignore SA1019 an image of Docker has the field, its child by commit has not
	cfg.Config.ArgsEscaped = false
	cfg.Config.Shell, cfg.Config.OnBuild = nil, nil // no container has these
	if len(cfg.Config.Labels) == 0 {
		cfg.Config.Labels = nil
	}
	if err := applyChanges(&cfg, o.Changes); err != nil {
		return nil, err
	}
	held, err := e.freeze(ctx, c)
	if err != nil {
		return nil, err
	}
	at := e.now
	cfg.Created, cfg.Author = &at, o.Author
	cfg.History = append(cfg.History[:len(cfg.History):len(cfg.History)], ocispec.History{
		Created: &at, CreatedBy: strings.Join(c.Run.Config.Cmd, " "), Author: o.Author, Comment: o.Message, EmptyLayer: held == nil,
	})
	layers := base.Layers[:len(base.Layers):len(base.Layers)]
	if held != nil {
		layers = append(layers, held)
		cfg.RootFS.DiffIDs = append(cfg.RootFS.DiffIDs[:len(cfg.RootFS.DiffIDs):len(cfg.RootFS.DiffIDs)], held.DiffID)
	}
	im, err := assemble(cfg, base.Manifest.Layers, layers)
	if err != nil {
		return nil, err
	}
	var parent digest.Digest
	if e.store.Get(base.ID) != nil {
		parent = base.ID
	}
	kept := e.keep(im, layers, names, store.AddOptions{Parent: parent})
	e.Advance(writing)
	e.Tell(event.ContainerCommitted{ID: c.ID, Name: c.Name, ImageID: kept.ID.String()})
	return kept, nil
}

// baseOf is the image that a container was made from. One that a later build has
// replaced is no longer in the store; the container still has its layers, which
// are packed again, and knows its configuration and history.
func (e *Engine) baseOf(ctx context.Context, c *container.Container) (*store.Image, error) {
	if im := e.store.Get(digestOf(c.ImageID)); im != nil {
		return im, nil
	}
	out := &store.Image{Image: &image.Image{Config: c.Run}, ID: digestOf(c.ImageID)}
	for i, l := range c.Layers() {
		h := e.store.Layer(c.Chain[i])
		if h == nil {
			var err error
			if h, err = e.hold(ctx, l); err != nil {
				return nil, err
			}
		}
		out.Layers = append(out.Layers, h)
		out.Manifest.Layers = append(out.Manifest.Layers, image.Descriptor{MediaType: h.MediaType, Digest: h.Digest, Size: h.Size})
	}
	return out, nil
}

// freeze is a container's writable layer as a layer, nil when it is empty.
func (e *Engine) freeze(ctx context.Context, c *container.Container) (*store.Held, error) {
	t, order := c.Changeset()
	if t.Names() == 0 {
		return nil, nil
	}
	l, err := layer.New(ctx, t, layer.WriteOptions{Order: order, Pause: e.pause})
	if err != nil {
		return nil, fmt.Errorf("freezing the layer of container %s: %w", c.Name, err)
	}
	held, err := e.hold(ctx, l)
	if err != nil {
		return nil, err
	}
	held.Below = c.InitUsage()
	e.Tell(event.LayerCommitted{By: "docker commit " + c.Name, DiffID: l.DiffID.String(), Size: l.DiskUsage(), Files: l.Entries})
	return held, nil
}

// hold compresses a layer as it is stored.
func (e *Engine) hold(ctx context.Context, l *layer.Layer) (*store.Held, error) {
	blob, d, err := layer.GzipBlob(ctx, l.Tar(), e.pause)
	if err != nil {
		return nil, fmt.Errorf("compressing layer %s: %w", l.DiffID, err)
	}
	return &store.Held{Layer: l, Blob: blob, Digest: d, Size: blob.Size(), MediaType: ocispec.MediaTypeImageLayerGzip, DiffID: l.DiffID}, nil
}

// assemble writes config and manifest as the daemon does: the config compact, the
// manifest of a commit indented by four spaces and with the media type first, that
// of an import compact. known are the descriptors of the first layers as their
// manifest had them, nil for an import.
func assemble(cfg image.Config, known []ocispec.Descriptor, layers []*store.Held) (*image.Image, error) {
	configRaw, err := json.Marshal(cfg)
	if err != nil {
		return nil, fmt.Errorf("writing image config: %w", err)
	}
	m := ocispec.Manifest{
		Versioned: specs.Versioned{SchemaVersion: 2},
		MediaType: ocispec.MediaTypeImageManifest,
		Config:    image.DescriptorOf(ocispec.MediaTypeImageConfig, configRaw),
		Layers:    []ocispec.Descriptor{},
	}
	write := json.Marshal
	for i, h := range layers {
		if i < len(known) {
			m.Layers = append(m.Layers, known[i])
			continue
		}
		m.Layers = append(m.Layers, ocispec.Descriptor{MediaType: h.MediaType, Digest: h.Digest, Size: h.Size})
	}
	if known != nil {
		write = func(any) ([]byte, error) {
			return json.MarshalIndent(struct {
				MediaType string `json:"mediaType"`
				ocispec.Manifest
			}{m.MediaType, m}, "", "    ")
		}
	}
	raw, err := write(m)
	if err != nil {
		return nil, fmt.Errorf("writing image manifest: %w", err)
	}
	return image.Parse(raw, configRaw)
}

// Import makes an image of one tar of files, plain or compressed, as `docker
// import` does: what is gzip or zstd already is stored as it came, all else is
// compressed with gzip (moby daemon/containerd/image_import.go).
func (e *Engine) Import(ctx context.Context, files content.Body, o CommitOptions) (*store.Image, error) {
	names, err := optionalName(o.Name)
	if err != nil {
		return nil, err
	}
	tar, codec, err := plainTar(files)
	if err != nil {
		return nil, err
	}
	l, err := layer.Index(ctx, tar, layer.IndexOptions{Digest: true, Pause: e.pause})
	if err != nil {
		return nil, fmt.Errorf("failed to unpack image: %w", err)
	}
	held, err := e.holdAsIs(ctx, l, files, codec)
	if err != nil {
		return nil, err
	}
	at := e.now
	var cfg image.Config
	cfg.Created, cfg.Platform = &at, o.Platform
	if cfg.OS == "" {
		cfg.Platform = ocispec.Platform{OS: "linux", Architecture: "amd64"}
	}
	cfg.RootFS = ocispec.RootFS{Type: "layers", DiffIDs: []digest.Digest{l.DiffID}}
	if o.Message == "" {
		o.Message = "Imported from -"
	}
	cfg.History = []ocispec.History{{Created: &at, Comment: o.Message}}
	if err := applyChanges(&cfg, o.Changes); err != nil {
		return nil, err
	}
	im, err := assemble(cfg, nil, []*store.Held{held})
	if err != nil {
		return nil, err
	}
	e.Tell(event.LayerCommitted{By: "docker import", DiffID: l.DiffID.String(), Size: l.DiskUsage(), Files: l.Entries})
	kept := e.keep(im, []*store.Held{held}, names, store.AddOptions{})
	e.Advance(writing)
	return kept, nil
}

// writing is how long a commit or an import takes: two in one line are made at
// two times and so are two images, as on a real engine.
const writing = 28094161 * time.Nanosecond

// importTypes are the media types of layers that are stored as they were imported.
var importTypes = map[layer.Codec]string{layer.Gzip: ocispec.MediaTypeImageLayerGzip, layer.Zstd: ocispec.MediaTypeImageLayerZstd}

// holdAsIs stores a layer as the bytes that it came as, if images may have such
// layers, and else compresses it.
func (e *Engine) holdAsIs(ctx context.Context, l *layer.Layer, stored content.Body, c layer.Codec) (*store.Held, error) {
	mediaType, ok := importTypes[c]
	if !ok {
		return e.hold(ctx, l)
	}
	rc, err := stored.Open()
	if err != nil {
		return nil, err
	}
	defer rc.Close()
	hash := sha256.New()
	buf := make([]byte, 256<<10)
	for {
		n, err := rc.Read(buf)
		hash.Write(buf[:n])
		if err == io.EOF {
			break
		}
		if err == nil {
			err = e.pause(ctx)
		}
		if err != nil {
			return nil, fmt.Errorf("reading what is imported: %w", err)
		}
	}
	d := digest.NewDigest(digest.SHA256, hash)
	return &store.Held{Layer: l, Blob: stored, Digest: d, Size: stored.Size(), MediaType: mediaType, DiffID: l.DiffID}, nil
}

// plainTar is the body of a tar that may be compressed, and how it is.
func plainTar(b content.Body) (content.Body, layer.Codec, error) {
	head := make([]byte, 512)
	n, err := content.ReadAt(b, head, 0)
	if err != nil && err != io.EOF && n == 0 && b.Size() > 0 {
		return nil, layer.Plain, err
	}
	codec := layer.Detect(head[:n])
	if codec == layer.Plain {
		return b, codec, nil
	}
	return layer.InflatedBody(b, codec, -1), codec, nil
}

func optionalName(name string) ([]reference.NamedTagged, error) {
	if name == "" {
		return nil, nil
	}
	ref, err := reference.ParseNormalizedNamed(name)
	if err != nil {
		return nil, err
	}
	named, ok := reference.TagNameOnly(ref).(reference.NamedTagged)
	if !ok {
		return nil, conflict("refusing to create a tag with a digest reference")
	}
	return []reference.NamedTagged{named}, nil
}
