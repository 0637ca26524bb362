package archive_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/layerlab/layerlab/sim/archive"
	"github.com/layerlab/layerlab/sim/content"
	"github.com/layerlab/layerlab/sim/image"
	"github.com/layerlab/layerlab/sim/layer"
)

func open(t testing.TB, b []byte) *archive.Archive {
	t.Helper()
	a, err := archive.Open(t.Context(), content.Bytes(b), archive.Options{Name: "x.tar"})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// Every shape of archive gives the same image: three layers whose bytes are
// those that the config promises.
func TestOpenEveryShape(t *testing.T) {
	s := newSample(t)
	oci := func(o layoutOptions) []byte { return s.layout(t, o) }
	gzipped := layoutOptions{store: gz, typ: ocispec.MediaTypeImageLayerGzip}
	named := gzipped
	named.name, named.nested, named.absent = "docker.io/library/n:1", true, true
	docker := gzipped
	docker.docker = true
	for _, tt := range []struct {
		name  string
		file  []byte
		kind  string
		names []string
	}{
		{"docker save 1.12 to 24", s.legacy(t), archive.KindDocker, []string{"old/one:1", "old/one:2"}},
		{"podman with symbolic links", s.podman(t, false), archive.KindDocker, []string{"localhost/p:1"}},
		{"podman with hard links", s.podman(t, true), archive.KindDocker, []string{"localhost/p:1"}},
		{"docker 25, plain layers", oci(layoutOptions{docker: true}), archive.KindDockerOCI, []string{"x:1"}},
		{"docker 25, manifests null", oci(layoutOptions{docker: true, noIndex: true}), archive.KindDockerOCI, []string{"x:1"}},
		{"docker 29", oci(docker), archive.KindDockerOCI, []string{"x:1"}},
		{"OCI plain", oci(layoutOptions{}), archive.KindOCI, nil},
		{"OCI gzip, nested index, platforms absent", oci(named), archive.KindOCI, []string{"n:1"}},
		{"OCI gzip in members", oci(layoutOptions{store: gzMembers, typ: ocispec.MediaTypeImageLayerGzip}), archive.KindOCI, nil},
		{"OCI zstd", oci(layoutOptions{store: zst, typ: ocispec.MediaTypeImageLayerZstd}), archive.KindOCI, nil},
		{"OCI zstd said to be gzip", oci(layoutOptions{store: zst, typ: ocispec.MediaTypeImageLayerGzip}), archive.KindOCI, nil},
		{"names with ./", oci(layoutOptions{dot: true, docker: true}), archive.KindDockerOCI, []string{"x:1"}},
		{"outer gzip", gz(s.legacy(t)), archive.KindDocker, []string{"old/one:1", "old/one:2"}},
		{"outer gzip in members", gzMembers(oci(docker)), archive.KindDockerOCI, []string{"x:1"}},
		{"outer zstd", zst(oci(docker)), archive.KindDockerOCI, []string{"x:1"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a := open(t, tt.file)
			if a.Kind != tt.kind || len(a.Images) != 1 {
				t.Fatalf("%s with %d images, notes %q; want %s with one", a.Kind, len(a.Images), a.Notes, tt.kind)
			}
			im := a.Images[0]
			if im.Platform != "linux/amd64" || !slices.Equal(im.Names, tt.names) {
				t.Errorf("platform %s, names %q, want %q", im.Platform, im.Names, tt.names)
			}
			if diff := cmp.Diff(s.diffIDs(), im.Image.DiffIDs()); diff != "" {
				t.Error(diff)
			}
			if len(im.Layers) != 3 {
				t.Fatalf("%d layers", len(im.Layers))
			}
			for i, l := range im.Layers {
				if err := archive.Verify(t.Context(), l, nil, nil); err != nil {
					t.Errorf("layer %d: %v", i+1, err)
				}
				if l.DiffID != s.diffIDs()[i] || l.StoredSize != l.Stored.Size() {
					t.Errorf("layer %d: DiffID %s, %d of %d bytes", i+1, l.DiffID, l.StoredSize, l.Stored.Size())
				}
			}
			if err := image.Validate(im.Image); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestOpenDocker29Save(t *testing.T) {
	b, err := os.ReadFile("testdata/docker29.tar")
	if err != nil {
		t.Fatal(err)
	}
	a := open(t, b)
	im := a.Images[0]
	if got, want := im.Image.Digest.String(), "sha256:5a536a504c38b8eff8b73124a43ea71dfa82a59750cf6ed31dcf79646a22428b"; got != want || im.Target.Digest.String() != want {
		t.Errorf("image %s, target %s, want %s", got, im.Target.Digest, want)
	}
	if im.Names[0] != "h3/r:1" || len(a.Notes)+len(im.Notes) != 0 {
		t.Errorf("names %q, notes %q %q", im.Names, a.Notes, im.Notes)
	}
	for i, l := range im.Layers {
		if err := archive.Verify(t.Context(), l, nil, nil); err != nil {
			t.Errorf("layer %d: %v", i+1, err)
		}
	}
}

func TestOpenSaysWhatIsMissing(t *testing.T) {
	s := newSample(t)
	for _, tt := range []struct {
		name string
		file []byte
		want string // of layer 2
	}{
		{"blob left out", s.layout(t, layoutOptions{drop: 2}), "is not in the archive"},
		{"blob of no bytes", s.layout(t, layoutOptions{empty: 2}), "has 0 bytes, the manifest says"},
		{"foreign", s.layout(t, layoutOptions{store: gz, typ: image.MediaTypeDockerForeign, drop: 2}), "foreign layer"},
		{"encrypted", s.layout(t, layoutOptions{store: gz, typ: ocispec.MediaTypeImageLayerGzip + "+encrypted"}), "encrypted"},
		{"not a layer", s.layout(t, layoutOptions{store: gz, typ: "application/vnd.wasm.content.layer.v1+wasm"}), "not a file system layer"},
		{"not a tar", s.layout(t, layoutOptions{store: func(b []byte) []byte { return []byte("<html>" + digestOf(b)) }, typ: ocispec.MediaTypeImageLayer}), "no tar but an HTML page"},
	} {
		im := open(t, tt.file).Images[0]
		if !strings.Contains(im.Layers[1].Missing, tt.want) {
			t.Errorf("%s: %q, want %q", tt.name, im.Layers[1].Missing, tt.want)
		}
		if _, err := im.Layers[1].Tar(); err == nil {
			t.Errorf("%s: Tar has no error", tt.name)
		}
		if len(im.Notes) == 0 || !strings.Contains(im.Notes[0], "cannot be read") {
			t.Errorf("%s: notes %q", tt.name, im.Notes)
		}
	}
}

func TestVerifyFindsOneFlippedByte(t *testing.T) {
	s := newSample(t)
	for _, o := range []layoutOptions{{flip: 2}, {flip: 2, store: gz, typ: ocispec.MediaTypeImageLayerGzip}, {flip: 2, store: zst, typ: ocispec.MediaTypeImageLayerZstd}} {
		im := open(t, s.layout(t, o)).Images[0]
		for i, l := range im.Layers {
			err := archive.Verify(t.Context(), l, nil, nil)
			var m *archive.Mismatch
			if wrong := i == 1; errors.As(err, &m) != wrong || !wrong && err != nil {
				t.Errorf("layer %d: %v", i+1, err)
			}
			if m != nil && !strings.HasPrefix(m.Error(), "blob digest does not match: expected sha256:") {
				t.Error(m)
			}
		}
	}
	// In an archive that names no blob digest the DiffID tells.
	legacy := bytes.Replace(s.legacy(t), []byte("xxxxxxxx"), []byte("xxxxyxxx"), 1)
	err := archive.Verify(t.Context(), open(t, legacy).Images[0].Layers[1], nil, nil)
	var m *archive.Mismatch
	if !errors.As(err, &m) || m.Expected != s.diffIDs()[1] {
		t.Error(err)
	}
}

func TestOpenStops(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	s := newSample(t)
	for _, b := range [][]byte{s.legacy(t), gz(bytes.Repeat(s.legacy(t), 200))} {
		if _, err := archive.Open(ctx, content.Bytes(b), archive.Options{}); err != nil && !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	}
}

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
	same, err := archive.Reuse(im, func(b archive.Blob) archive.Blob { return b })
	if err != nil || same.ID != im.ID {
		t.Errorf("%v: %s, was %s", err, same.ID, im.ID)
	}
	packed := gz(newSample(t).tars[1])
	got, err := archive.Reuse(im, func(b archive.Blob) archive.Blob {
		if b.DiffID == newSample(t).diffIDs()[1] {
			b.Stored, b.StoredSize, b.Codec = content.Bytes(packed), int64(len(packed)), layer.Gzip
			b.Digest = digest.FromBytes(packed)
		}
		return b
	})
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
