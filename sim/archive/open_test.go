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
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/layerlab/layerlab/sim/archive"
	"github.com/layerlab/layerlab/sim/content"
	"github.com/layerlab/layerlab/sim/image"
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
