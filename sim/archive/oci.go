package archive

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/layerlab/layerlab/sim/image"
)

// manifest makes an image of a manifest that an index names.
func (f *finder) manifest(d ocispec.Descriptor, raw []byte, to target) {
	name := nameOf(to.desc)
	if i, ok := f.seen[d.Digest]; ok { // named twice, as an image with two tags is
		if i >= 0 {
			f.a.Images[i].addName(name)
		}
		return
	}
	f.seen[d.Digest] = -1
	var m ocispec.Manifest
	if err := json.Unmarshal(raw, &m); err != nil {
		f.problem(blobName(d.Digest), "is no JSON document: "+err.Error(), "an image manifest")
		return
	}
	if what := notImage(d, m); what != "" {
		f.a.note("%s is passed over: %s", short(d.Digest), what)
		f.extra(d, to)
		return
	}
	if m.Config.Digest == "" {
		f.problem(blobName(d.Digest), "names no config", "an image manifest")
		return
	}
	config, err := f.config(blobName(m.Config.Digest), m.Config)
	if err != nil {
		f.problem(blobName(d.Digest), err.Error(), "")
		return
	}
	im, err := image.Parse(raw, config)
	if err != nil {
		f.problem(blobName(m.Config.Digest), "is no image config: "+err.Error(), "")
		return
	}
	out := Image{Image: im, Annotations: to.desc.Annotations, Target: to.desc, Index: to.index, Notes: slices.Clone(im.Notes)}
	out.addName(name)
	out.Platform = platformName(im.Config.Platform)
	diffs := im.DiffIDs()
	if !f.affords(blobName(d.Digest), len(m.Layers), len(diffs)) {
		return
	}
	for i, l := range m.Layers {
		var diffID digest.Digest
		if i < len(diffs) {
			diffID = diffs[i]
		}
		out.Layers = append(out.Layers, f.layer(blobName(l.Digest), l, diffID))
	}
	out.align(diffs)
	f.seen[d.Digest] = len(f.a.Images)
	f.byConfig[im.ConfigDigest] = append(f.byConfig[im.ConfigDigest], len(f.a.Images))
	f.a.Images = append(f.a.Images, out)
}

// notImage says what a manifest is that is not an image's, or "".
func notImage(d ocispec.Descriptor, m ocispec.Manifest) string {
	if p := d.Platform; p != nil && p.OS == "unknown" && p.Architecture == "unknown" {
		return "an attestation or another document about an image, of no platform"
	}
	for _, l := range m.Layers {
		if l.MediaType == "application/vnd.in-toto+json" {
			return "an attestation: it says how an image was made, it is no image"
		}
	}
	switch t := m.Config.MediaType; t {
	case "", ocispec.MediaTypeImageConfig, image.MediaTypeDockerConfig:
		return ""
	default:
		if m.ArtifactType != "" {
			t = m.ArtifactType
		}
		return "an artifact of type " + shorten(t) + ", not a container image"
	}
}

// config reads an image config and checks it against what names it.
func (f *finder) config(name string, d ocispec.Descriptor) ([]byte, error) {
	if d.Digest != "" {
		if err := d.Digest.Validate(); err != nil {
			return nil, &partError{"names a config by the digest \"" + shorten(string(d.Digest)) + "\": " + err.Error()}
		}
	}
	raw, err := f.out.read(name)
	if err != nil {
		return nil, &partError{"names a config that is not there: " + err.Error()}
	}
	if d.Digest == "" {
		return raw, nil
	}
	if got := d.Digest.Algorithm().FromBytes(raw); got != d.Digest {
		return nil, &partError{"names a config that is damaged: " + (&Mismatch{"config digest", d.Digest, got}).Error()}
	}
	return raw, nil
}

// affords reports whether an image of so many layers and DiffIDs is within the
// limits, and says so if it is not.
func (f *finder) affords(entry string, layers, diffs int) bool {
	most := max(layers, diffs)
	if most > maxLayers {
		f.problem(entry, fmt.Sprintf("names %d layers", most), fmt.Sprintf("at most %d", maxLayers))
		return false
	}
	if f.layers += most; f.layers > maxAllLayers {
		f.problem(entry, "is passed over", fmt.Sprintf("an archive of at most %d layers in all its images", maxAllLayers))
		return false
	}
	return true
}

// A partError is a problem worded to follow the name of an entry.
type partError struct{ problem string }

func (e *partError) Error() string { return e.problem }

// align gives the image one layer for each DiffID, and notes what is too much or
// too little.
func (im *Image) align(diffs []digest.Digest) {
	have := len(im.Layers)
	switch {
	case have < len(diffs):
		im.note("the config has %d DiffIDs, but only %s named", len(diffs), plural(have, "layer is", "layers are"))
		for _, d := range diffs[have:] {
			im.Layers = append(im.Layers, Blob{DiffID: d, Missing: "no layer is named for DiffID " + short(d)})
		}
	case have > len(diffs):
		im.note("%s named, but the config has only %d: the last are passed over", plural(have, "layer is", "layers are"), len(diffs))
		im.Layers = im.Layers[:len(diffs)]
	}
	missing := 0
	for _, l := range im.Layers {
		if l.Missing != "" {
			missing++
		}
	}
	if missing > 0 {
		im.note("%s cannot be read", plural(missing, "layer", "layers"))
	}
}

func (im *Image) addName(name string) {
	if name != "" && len(im.Names) < maxNames && !slices.Contains(im.Names, name) {
		im.Names = append(im.Names, name)
	}
}
