package archive

import (
	"archive/tar"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"

	"github.com/distribution/reference"
	"github.com/opencontainers/go-digest"
	specs "github.com/opencontainers/image-spec/specs-go"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/layerlab/layerlab/sim/content"
	"github.com/layerlab/layerlab/sim/image"
)

// A Source is one image to be written.
type Source struct {
	Names       []string // to tag it with: "busybox:1.36"; none for an image saved by ID
	Image       *image.Image
	Layers      []content.Body    // the stored blobs, as Image.Manifest.Layers names them
	Annotations map[string]string // of the descriptor in the index, kept from where it was loaded
	Index       *Index            // the index that it was reached by, if any
	Platform    *ocispec.Platform // for the descriptor in the index; nil leaves it out
}

// WriteOptions says how an archive is written.
type WriteOptions struct {
	Progress func(done int64)            // bytes of blobs written so far
	Pause    func(context.Context) error // called every few milliseconds
}

// WriteDocker writes images as docker save of Docker 29 with the containerd image
// store does, byte for byte (containerd core/images/archive/exporter.go): a USTAR
// tar, its entries sorted by name, everything owned by 0:0 and of 1970, layers as
// they are stored.
func WriteDocker(ctx context.Context, w io.Writer, images []Source, o WriteOptions) error {
	return write(ctx, w, images, o, true)
}

// WriteOCI writes images as an OCI layout alone, without Docker's manifest.json
// (image-spec image-layout.md).
func WriteOCI(ctx context.Context, w io.Writer, images []Source, o WriteOptions) error {
	return write(ctx, w, images, o, false)
}

func write(ctx context.Context, w io.Writer, images []Source, o WriteOptions, docker bool) error {
	l := &layout{files: map[string]file{}}
	for _, im := range images {
		if err := l.add(im); err != nil {
			return fmt.Errorf("writing image %s: %w", short(im.Image.Digest), err)
		}
	}
	l.put("oci-layout", 0o444, []byte(`{"imageLayoutVersion":"1.0.0"}`))
	index, err := json.Marshal(ocispec.Index{
		Versioned: specs.Versioned{SchemaVersion: 2}, MediaType: ocispec.MediaTypeImageIndex, Manifests: l.manifests,
	})
	if err != nil {
		return fmt.Errorf("writing index.json: %w", err)
	}
	l.put("index.json", 0o644, index)
	if docker {
		manifest, err := json.Marshal(l.items)
		if err != nil {
			return fmt.Errorf("writing manifest.json: %w", err)
		}
		l.put("manifest.json", 0o644, manifest)
	}
	return l.writeTo(ctx, w, o)
}

// A layout is the files of an archive that is being put together.
type layout struct {
	files     map[string]file
	manifests []ocispec.Descriptor
	items     []*savedItem
	byDigest  map[digest.Digest]*savedItem
}

type file struct {
	mode int64
	body content.Body
}

// A savedItem is an entry of manifest.json, its fields in containerd's order.
type savedItem struct {
	Config   string
	RepoTags []string
	Layers   []string
}

func (l *layout) put(name string, mode int64, b []byte) {
	l.files[name] = file{mode, content.Bytes(b)}
}

func (l *layout) blob(d ocispec.Descriptor, b content.Body) error {
	if err := d.Digest.Validate(); err != nil {
		return fmt.Errorf("blob %q: %w", d.Digest, err)
	}
	if b == nil {
		return fmt.Errorf("the content of blob %s is not there", d.Digest)
	}
	l.files[blobName(d.Digest)] = file{0o444, b}
	return nil
}

func (l *layout) add(s Source) error {
	im := s.Image
	mediaType := im.Manifest.MediaType
	if mediaType == "" {
		mediaType = ocispec.MediaTypeImageManifest
	}
	target := image.DescriptorOf(mediaType, im.ManifestRaw)
	if len(s.Layers) != len(im.Manifest.Layers) {
		return fmt.Errorf("%d layers given, the manifest has %d", len(s.Layers), len(im.Manifest.Layers))
	}
	errs := []error{l.blob(target, content.Bytes(im.ManifestRaw)), l.blob(im.Manifest.Config, content.Bytes(im.ConfigRaw))}
	item := &savedItem{Config: blobName(im.Manifest.Config.Digest)}
	for i, d := range im.Manifest.Layers {
		errs = append(errs, l.blob(d, s.Layers[i]))
		item.Layers = append(item.Layers, blobName(d.Digest))
	}
	if x := s.Index; x != nil {
		target = image.DescriptorOf(x.MediaType, x.Raw)
		errs = append(errs, l.blob(target, content.Bytes(x.Raw)))
		for _, b := range x.Blobs {
			errs = append(errs, l.blob(b.Descriptor, b.Body))
		}
	}
	l.name(s, target, item, im.Digest)
	return errors.Join(errs...)
}

// name enters the image into index.json, once for each name, and into
// manifest.json.
func (l *layout) name(s Source, target ocispec.Descriptor, item *savedItem, id digest.Digest) {
	if l.byDigest == nil {
		l.byDigest = map[digest.Digest]*savedItem{}
	}
	if have := l.byDigest[id]; have != nil {
		item = have
	} else {
		l.byDigest[id] = item
		l.items = append(l.items, item)
	}
	target.Platform = s.Platform
	kept := maps.Clone(s.Annotations)
	delete(kept, annotationName)
	delete(kept, annotationTag)
	if len(s.Names) == 0 {
		target.Annotations = kept
		l.manifests = append(l.manifests, target)
		return
	}
	for _, n := range s.Names {
		d := target
		d.Annotations = maps.Clone(kept)
		if d.Annotations == nil {
			d.Annotations = map[string]string{}
		}
		full, tag := n, ""
		if ref, err := reference.ParseNormalizedNamed(n); err == nil {
			ref = reference.TagNameOnly(ref)
			full, n = ref.String(), reference.FamiliarString(ref)
			if t, ok := ref.(reference.Tagged); ok {
				tag = t.Tag()
			}
		}
		d.Annotations[annotationName] = full
		if tag != "" {
			d.Annotations[annotationTag] = tag
		}
		l.manifests = append(l.manifests, d)
		item.RepoTags = append(item.RepoTags, n)
	}
}

func (l *layout) writeTo(ctx context.Context, w io.Writer, o WriteOptions) error {
	tw := tar.NewWriter(w)
	for _, dir := range l.dirs() {
		if err := tw.WriteHeader(&tar.Header{Typeflag: tar.TypeDir, Name: dir, Mode: 0o755}); err != nil {
			return fmt.Errorf("writing %s: %w", dir, err)
		}
	}
	var done int64
	for _, name := range slices.Sorted(maps.Keys(l.files)) {
		f := l.files[name]
		if err := tw.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: name, Mode: f.mode, Size: f.body.Size()}); err != nil {
			return fmt.Errorf("writing %s: %w", name, err)
		}
		rc, err := f.body.Open()
		if err != nil {
			return fmt.Errorf("writing %s: %w", name, err)
		}
		_, err = io.Copy(tw, &ticking{ctx: ctx, r: rc, pause: o.Pause, tell: func(n int64) {
			if o.Progress != nil {
				o.Progress(done + n)
			}
		}})
		if err = errors.Join(err, rc.Close()); err != nil {
			return fmt.Errorf("writing %s: %w", name, err)
		}
		done += f.body.Size()
	}
	return tw.Close()
}

// dirs is the folders of the blobs, in order: they sort before every file.
func (l *layout) dirs() []string {
	seen := map[string]bool{}
	for name := range l.files {
		for i, c := range name {
			if c == '/' {
				seen[name[:i+1]] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(seen))
}
