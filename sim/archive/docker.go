package archive

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/layerlab/layerlab/sim/image"
	"github.com/layerlab/layerlab/sim/layer"
)

// A dockerItem is one image in manifest.json. Other fields (Parent,
// LayerSources) are passed over.
type dockerItem struct {
	Config   string
	RepoTags []string
	Layers   []string
}

// docker reads manifest.json. Images that the index has given already only get
// the names of theirs.
func (f *finder) docker() error {
	raw, err := f.out.read("manifest.json")
	if err != nil {
		return f.out.fail("manifest.json", "cannot be read: "+err.Error(), "")
	}
	if bytes.Equal(bytes.TrimSpace(raw), []byte("null")) {
		return f.out.fail("manifest.json", "is null: it names no image", "a list of images")
	}
	var items []dockerItem
	if err := json.Unmarshal(raw, &items); err != nil {
		return f.out.fail("manifest.json", "is not as Docker writes it: "+err.Error(), "a list of objects with Config, RepoTags and Layers")
	}
	if len(items) > maxManifests {
		f.a.note("manifest.json names %d images: all after %d are passed over", len(items), maxManifests)
		items = items[:maxManifests]
	}
	for _, item := range items {
		f.item(item)
	}
	return nil
}

func (f *finder) item(item dockerItem) {
	named := digestInName(item.Config)
	strict := ocispec.Descriptor{}
	if strings.HasPrefix(clean(item.Config), "blobs/") {
		strict.Digest = named
	}
	config, err := f.config(item.Config, strict)
	if err != nil {
		first := f.broken == nil
		f.problem("manifest.json", err.Error(), "")
		var e *Error
		if first && f.a.Kind == KindDocker && !f.out.has(clean(item.Config)) && errors.As(f.broken, &e) {
			e.Docker = fmt.Sprintf("image config %q not found", item.Config)
		}
		return
	}
	var names []string
	if n := len(item.RepoTags); n > maxNames {
		f.a.note("manifest.json has %d names for one image: all after %d are passed over", n, maxNames)
		item.RepoTags = item.RepoTags[:maxNames]
	}
	for _, tag := range item.RepoTags {
		if n := familiar(tag); n != "" {
			names = append(names, n)
		} else {
			f.a.note("%q is no valid name of an image", shorten(tag))
		}
	}
	if !f.affords(item.Config, len(item.Layers), 0) {
		return
	}
	sum := digest.FromBytes(config)
	if f.known(sum, item, names) || f.refused[sum] {
		return
	}
	parsed, _, err := image.ParseConfig(config)
	if err != nil {
		f.problem(item.Config, "is no image config: "+err.Error(), "")
	}
	if err != nil || !f.affords(item.Config, 0, len(parsed.RootFS.DiffIDs)) {
		f.refused[sum] = true
		return
	}
	out := Image{Platform: platformName(parsed.Platform), Names: names}
	if got := sum; named != "" && got != named {
		// Docker gives such a config its own digest and asks no more.
		out.note("%v: it was changed after it was saved, or is named for something else", &Mismatch{"config digest", named, got})
	}
	f.dockerLayers(&out, item, parsed.RootFS.DiffIDs)
	if err := out.makeManifest(config); err != nil {
		f.problem(item.Config, "is no image config: "+err.Error(), "")
		return
	}
	out.Notes = append(out.Notes, out.Image.Notes...)
	for _, n := range names {
		f.named(len(f.a.Images), n)
	}
	if len(names) == 0 {
		f.named(len(f.a.Images), "")
	}
	f.a.Images = append(f.a.Images, out)
}

// makeManifest gives the image a manifest of the layers as they are stored.
func (im *Image) makeManifest(config []byte) error {
	descriptors := make([]image.Descriptor, len(im.Layers))
	for i, l := range im.Layers {
		descriptors[i] = image.Descriptor{MediaType: l.MediaType, Digest: l.Digest, Size: l.StoredSize}
	}
	made, err := image.Import(config, descriptors)
	if err != nil {
		return err
	}
	im.Image, im.Made, im.Index = made, true, nil
	im.Target = image.DescriptorOf(image.MediaTypeDockerManifest, made.ManifestRaw)
	return nil
}

// maxAlike is how many manifests of the same config are looked at: they differ in
// how the layers are stored, for which there are three ways.
const maxAlike = 16

// known adds names to the images that the index has for a config. It is false
// when there are none, or when the index has them wrong: Docker 25.0.0 wrote
// manifests without layers, or with layers out of order (moby#47065, moby#47150),
// and manifest.json right.
func (f *finder) known(config digest.Digest, item dockerItem, names []string) bool {
	images := f.byConfig[config]
	if len(images) == 0 {
		return false
	}
	images = images[:min(len(images), maxAlike)]
	// Two manifests may have one config: the layers plain, and compressed.
	if same := slices.DeleteFunc(slices.Clone(images), func(i int) bool { return !f.a.Images[i].stores(item) }); len(same) > 0 {
		images = same
	}
	for _, i := range images {
		im := &f.a.Images[i]
		if wrong := im.disagrees(item); wrong != "" {
			im.Layers, im.Notes = nil, slices.Clone(im.Image.Notes)
			im.note("index.json %s; manifest.json is followed", wrong)
			f.dockerLayers(im, item, im.Image.DiffIDs())
			if err := im.makeManifest(im.Image.ConfigRaw); err != nil {
				im.note("%v", err)
			}
		}
		for _, n := range names {
			if !slices.Contains(im.Names, n) {
				im.addName(n)
				f.named(i, n)
			}
		}
	}
	return true
}

// stores reports whether the image's layers are those files.
func (im *Image) stores(item dockerItem) bool {
	return slices.EqualFunc(im.Layers, item.Layers, func(l Blob, name string) bool { return l.Entry == clean(name) })
}

// disagrees says how the manifest's layers differ from those of manifest.json,
// when it is manifest.json that fits the config.
func (im *Image) disagrees(item dockerItem) string {
	diffs := im.Image.DiffIDs()
	if len(item.Layers) != len(diffs) {
		return ""
	}
	if n := len(im.Image.Manifest.Layers); n != len(diffs) {
		return fmt.Sprintf("has a manifest with %s for %d DiffIDs", plural(n, "layer", "layers"), len(diffs))
	}
	plain := map[digest.Digest]bool{}
	for _, d := range diffs {
		plain[d] = true
	}
	for i, l := range im.Image.Manifest.Layers {
		// Only a plain layer shows its DiffID in its name.
		if d := digestInName(item.Layers[i]); d == diffs[i] && l.Digest != d && plain[l.Digest] {
			return "has the layers out of order"
		}
	}
	return ""
}

// dockerLayers makes the layers of manifest.json. Where their number is not that
// of the DiffIDs, those whose file is named for a DiffID find their place.
func (f *finder) dockerLayers(im *Image, item dockerItem, diffs []digest.Digest) {
	names := item.Layers
	if len(names) != len(diffs) {
		byDiff := map[digest.Digest]string{}
		for _, n := range names {
			byDiff[digestInName(n)] = n
		}
		aligned := make([]string, 0, len(diffs))
		for _, d := range diffs {
			if n, ok := byDiff[d]; ok {
				aligned = append(aligned, n)
			}
		}
		if len(aligned) == len(diffs) {
			im.note("manifest.json names %s, the config has %d: they are put together by their digests", plural(len(names), "layer", "layers"), len(diffs))
			names = aligned
		}
	}
	for i, n := range names {
		var diffID digest.Digest
		if i < len(diffs) {
			diffID = diffs[i]
		}
		im.Layers = append(im.Layers, f.layer(n, ocispec.Descriptor{}, diffID))
	}
	im.align(diffs)
	for i := range im.Layers {
		l := &im.Layers[i]
		l.MediaType = dockerMediaType(l.Codec)
		if l.Digest == "" && l.Codec == layer.Plain {
			l.Digest = l.DiffID
		}
	}
}

func dockerMediaType(c layer.Codec) string {
	switch c {
	case layer.Gzip:
		return image.MediaTypeDockerLayerGzip
	case layer.Zstd:
		return image.MediaTypeDockerLayerZstd
	}
	return image.MediaTypeDockerLayer
}

// digestInName is the digest that a file is named for: "<hex>.json", "<hex>.tar",
// "sha256:<hex>", "blobs/sha256/<hex>". It is "" for all other names.
func digestInName(name string) digest.Digest {
	base := path.Base(name)
	if dir := path.Dir(clean(name)); dir != "." && dir != "/" && !strings.HasPrefix(dir, "blobs/") {
		return ""
	}
	base = strings.TrimPrefix(base, "sha256:")
	for _, ext := range []string{".json", ".tar.gz", ".tar.zst", ".tar"} {
		base = strings.TrimSuffix(base, ext)
	}
	d := digest.NewDigestFromEncoded(digest.SHA256, base)
	if d.Validate() != nil {
		return ""
	}
	return d
}
