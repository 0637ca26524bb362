package archive_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/layerlab/layerlab/sim/archive"
	"github.com/layerlab/layerlab/sim/content"
	"github.com/layerlab/layerlab/sim/image"
	"github.com/layerlab/layerlab/sim/layer"
)

// Two platforms of one index are two images, and the name is of one of them.
func TestOpenSeveralPlatforms(t *testing.T) {
	s := newSample(t)
	one := s.tars[0]
	members := []member{{name: blobPath(one), body: one}}
	var manifests []image.Descriptor
	for _, arch := range []string{"arm64", "amd64"} {
		var cfg image.Config
		cfg.OS, cfg.Architecture = "linux", arch
		cfg.RootFS.DiffIDs = s.diffIDs()[:1]
		im, err := image.New(cfg, []image.Descriptor{image.DescriptorOf(ocispec.MediaTypeImageLayer, one)})
		if err != nil {
			t.Fatal(err)
		}
		members = append(members, member{name: blobPath(im.ConfigRaw), body: im.ConfigRaw}, member{name: blobPath(im.ManifestRaw), body: im.ManifestRaw})
		manifests = append(manifests, image.DescriptorOf(ocispec.MediaTypeImageManifest, im.ManifestRaw))
	}
	inner := mustJSON(ocispec.Index{MediaType: ocispec.MediaTypeImageIndex, Manifests: manifests})
	outer := image.DescriptorOf(ocispec.MediaTypeImageIndex, inner)
	outer.Annotations = map[string]string{"org.opencontainers.image.ref.name": "h3/two:1"}
	members = append(members, member{name: blobPath(inner), body: inner}, member{name: "oci-layout"}, member{name: "index.json", body: mustJSON(ocispec.Index{Manifests: []image.Descriptor{outer}})})
	a := open(t, pack(t, members...))
	if len(a.Images) != 2 {
		t.Fatalf("%d images", len(a.Images))
	}
	arm, amd := a.Images[0], a.Images[1]
	if arm.Platform != "linux/arm64" || len(arm.Names) != 0 || len(arm.Notes) != 1 || arm.ID != arm.Image.Digest {
		t.Errorf("arm64: %q %q", arm.Names, arm.Notes)
	}
	if amd.Platform != "linux/amd64" || !slices.Equal(amd.Names, []string{"h3/two:1"}) || amd.ID != amd.Image.Digest {
		t.Errorf("amd64: %q %q", amd.Names, amd.Notes)
	}
}

// 300 layers are an image like any other, and it is said who refuses it.
func TestOpenManyLayers(t *testing.T) {
	var cfg image.Config
	cfg.OS, cfg.Architecture = "linux", "amd64"
	cfg.RootFS.Type = "layers"
	empty := make([]byte, 1024)
	names := make([]string, 300)
	for i := range names {
		names[i] = "l"
		cfg.RootFS.DiffIDs = append(cfg.RootFS.DiffIDs, "sha256:5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef")
	}
	im := open(t, pack(t, member{name: "l", body: empty}, member{name: "c", body: mustJSON(cfg)},
		member{name: "manifest.json", body: mustJSON([]map[string]any{{"Config": "c", "Layers": names}})})).Images[0]
	if len(im.Layers) != 300 || len(im.Notes) != 1 || !strings.Contains(im.Notes[0], "max depth exceeded") {
		t.Errorf("%d layers, notes %q", len(im.Layers), im.Notes)
	}
	if err := archive.Verify(t.Context(), im.Layers[299], nil, nil); err != nil {
		t.Error(err)
	}
}

// A body on a disk of 2 GB: only headers and JSON are read.
func TestOpenReadsLittle(t *testing.T) {
	s := newSample(t)
	head := s.legacy(t)
	head = head[:len(head)-1024]
	big := pack(t, member{name: "pad"})[:512]
	const size = 70 << 20
	parts := []content.Body{}
	for i := range 30 {
		h := bytes.Clone(big)
		copy(h[:8], "pad"+string(rune('a'+i)))
		setSize(h, size)
		parts = append(parts, content.Bytes(h), content.Zero(size))
	}
	parts = append(parts, content.Bytes(head), content.Zero(1024))
	whole := &reads{Body: content.Concat(parts...)}
	a, err := archive.Open(t.Context(), whole, archive.Options{})
	if err != nil || len(a.Images) != 1 {
		t.Fatal(err)
	}
	if whole.calls > 60 || whole.bytes > 4<<20 {
		t.Errorf("%d reads of %d bytes in all, for %d entries", whole.calls, whole.bytes, 41)
	}
}

// reads counts what is read of a body.
type reads struct {
	content.Body
	calls, bytes int
}

func (r *reads) ReadAt(p []byte, off int64) (int, error) {
	r.calls++
	r.bytes += len(p)
	return content.ReadAt(r.Body, p, off)
}

// Docker 25.0.0 saved manifests without their layers, or with the layers out of
// order, and manifest.json right (moby#47065, moby#47150).
func TestOpenDocker25WrongManifest(t *testing.T) {
	s := newSample(t)
	for _, order := range [][]int{{}, {1, 0, 2}} {
		var members []member
		var wrong []image.Descriptor
		var paths []string
		for _, l := range s.tars {
			members = append(members, member{name: blobPath(l), body: l})
			paths = append(paths, blobPath(l))
		}
		for _, i := range order {
			wrong = append(wrong, image.DescriptorOf(ocispec.MediaTypeImageLayer, s.tars[i]))
		}
		im, err := image.Assemble(s.config, wrong)
		if err != nil {
			t.Fatal(err)
		}
		members = append(members, member{name: blobPath(s.config), body: s.config}, member{name: blobPath(im.ManifestRaw), body: im.ManifestRaw}, member{name: "oci-layout"},
			member{name: "index.json", body: mustJSON(ocispec.Index{Manifests: []image.Descriptor{image.DescriptorOf(ocispec.MediaTypeImageManifest, im.ManifestRaw)}})},
			member{name: "manifest.json", body: mustJSON([]map[string]any{{"Config": blobPath(s.config), "Layers": paths}})})
		got := open(t, pack(t, members...)).Images[0]
		if len(got.Notes) != 1 || !strings.Contains(got.Notes[0], "manifest.json is followed") {
			t.Errorf("order %v: notes %q", order, got.Notes)
		}
		for i, l := range got.Layers {
			if err := archive.Verify(t.Context(), l, nil, nil); err != nil || l.DiffID != s.diffIDs()[i] {
				t.Errorf("order %v: layer %d: %v", order, i+1, err)
			}
		}
		if err := image.Validate(got.Image); err != nil || got.ID != got.Image.Digest {
			t.Errorf("order %v: %v", order, err)
		}
	}
}

// What docker load gives an archive without a manifest: the layers as they are,
// but for those whose compressed blob the engine has.
func TestReuse(t *testing.T) {
	im := open(t, newSample(t).legacy(t)).Images[0]
	same, err := archive.Reuse(t.Context(), im, func(b archive.Blob) archive.Blob { return b }, nil)
	if err != nil || same.ID != im.ID {
		t.Errorf("%v: %s, was %s", err, same.ID, im.ID)
	}
	packed := gz(newSample(t).tars[1])
	got, err := archive.Reuse(t.Context(), im, func(b archive.Blob) archive.Blob {
		if b.DiffID == newSample(t).diffIDs()[1] {
			b.Stored, b.StoredSize, b.Codec = content.Bytes(packed), int64(len(packed)), layer.Gzip
			b.Digest = digest.FromBytes(packed)
		}
		return b
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{image.MediaTypeDockerLayer, image.MediaTypeDockerLayerGzip, image.MediaTypeDockerLayer}
	for i, l := range got.Image.Manifest.Layers {
		if l.MediaType != want[i] || l.Digest != got.Layers[i].Digest || l.Size != got.Layers[i].StoredSize {
			t.Errorf("layer %d: %s %s", i+1, l.MediaType, l.Digest)
		}
		if err := archive.Verify(t.Context(), got.Layers[i], nil, nil); err != nil {
			t.Error(err)
		}
	}
}

// An image with an attestation, as BuildKit makes it: the index is the target, and
// it and the attestation are saved again.
func TestAttestationIsKept(t *testing.T) {
	s := newSample(t)
	im, err := image.Assemble(s.config, []image.Descriptor{image.DescriptorOf(ocispec.MediaTypeImageLayer, s.tars[0]), image.DescriptorOf(ocispec.MediaTypeImageLayer, s.tars[1]), image.DescriptorOf(ocispec.MediaTypeImageLayer, s.tars[2])})
	if err != nil {
		t.Fatal(err)
	}
	statement, empty := []byte(`{"_type":"https://in-toto.io/Statement/v0.1"}`), []byte("{}")
	attestation := mustJSON(ocispec.Manifest{
		MediaType: ocispec.MediaTypeImageManifest, Config: image.DescriptorOf(ocispec.MediaTypeEmptyJSON, empty),
		Layers: []image.Descriptor{image.DescriptorOf("application/vnd.in-toto+json", statement)},
	})
	att := image.DescriptorOf(ocispec.MediaTypeImageManifest, attestation)
	att.Platform = &ocispec.Platform{OS: "unknown", Architecture: "unknown"}
	att.Annotations = map[string]string{"vnd.docker.reference.type": "attestation-manifest", "vnd.docker.reference.digest": im.Digest.String()}
	inner := mustJSON(ocispec.Index{MediaType: ocispec.MediaTypeImageIndex, Manifests: []image.Descriptor{image.DescriptorOf(ocispec.MediaTypeImageManifest, im.ManifestRaw), att}})
	target := func(name string) image.Descriptor {
		d := image.DescriptorOf(ocispec.MediaTypeImageIndex, inner)
		d.Annotations = map[string]string{"io.containerd.image.name": "docker.io/library/" + name}
		return d
	}
	members := []member{{name: "oci-layout"}, {name: "index.json", body: mustJSON(ocispec.Index{Manifests: []image.Descriptor{target("a:1"), target("a:2")}})}}
	for _, b := range [][]byte{s.tars[0], s.tars[1], s.config, im.ManifestRaw, statement, empty, attestation, inner} {
		members = append(members, member{name: blobPath(b), body: b})
	}
	a := open(t, pack(t, members...))
	got := a.Images[0]
	if len(a.Images) != 1 || got.ID.String() != digestOf(inner) || got.Image.Digest != im.Digest || !slices.Equal(got.Names, []string{"a:1", "a:2"}) {
		t.Errorf("%d images, ID %s, names %q", len(a.Images), got.ID, got.Names)
	}
	if len(a.Notes) != 1 || !strings.Contains(a.Notes[0], "attestation of "+im.Digest.Encoded()[:12]) {
		t.Errorf("notes %q", a.Notes)
	}
	again := open(t, save(t, got))
	if again.Images[0].ID != got.ID || len(again.Images[0].Index.Blobs) != 3 || len(again.Notes) != 1 {
		t.Errorf("saved and loaded: %s with %d blobs, notes %q", again.Images[0].ID, len(again.Images[0].Index.Blobs), again.Notes)
	}
}

// An image that was unpacked into a folder and packed again with the folder, and
// one in which a name occurs twice.
func TestOpenPackedByHand(t *testing.T) {
	s := newSample(t)
	id := strings.TrimPrefix(digestOf(s.config), "sha256:")
	list := []byte(`[{"Config":"` + id + `.json","Layers":["1","2","1"]}]`)
	a := open(t, pack(t, member{name: "img/", dir: true}, member{name: "img/" + id + ".json", body: s.config}, member{name: "img/1", body: s.tars[1]},
		member{name: "img/1", body: s.tars[0]}, member{name: "img/2", body: s.tars[1]}, member{name: "img/manifest.json", body: list}))
	if len(a.Notes) != 2 || !strings.Contains(a.Notes[0], `in the folder "img"`) || !strings.Contains(a.Notes[1], "1 name occurs twice") {
		t.Errorf("notes %q", a.Notes)
	}
	for i, l := range a.Images[0].Layers {
		if err := archive.Verify(t.Context(), l, nil, nil); err != nil {
			t.Errorf("layer %d: %v", i+1, err)
		}
	}
}

// Indexes that name each other and themselves, many times over, end.
func TestOpenIndexesInCircles(t *testing.T) {
	deep := mustJSON(ocispec.Index{MediaType: ocispec.MediaTypeImageIndex})
	var members []member
	for range 20 {
		d := image.DescriptorOf(ocispec.MediaTypeImageIndex, deep)
		members = append(members, member{name: blobPath(deep), body: deep})
		deep = mustJSON(ocispec.Index{MediaType: ocispec.MediaTypeImageIndex, Manifests: slices.Repeat([]image.Descriptor{d}, 50)})
	}
	a := open(t, pack(t, append(members, member{name: "oci-layout"}, member{name: "index.json", body: deep})...))
	if len(a.Images) != 0 || len(a.Notes) == 0 || len(a.Notes) > 100 {
		t.Errorf("%d images, %d notes", len(a.Images), len(a.Notes))
	}
}
