package archive_test

import (
	"bytes"
	"io"
	"os"
	"slices"
	"testing"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/validate"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/layerlab/layerlab/sim/archive"
	"github.com/layerlab/layerlab/sim/content"
)

// source is an image that was read, to be written again.
func source(im archive.Image) archive.Source {
	s := archive.Source{Names: im.Names, Image: im.Image, Annotations: im.Annotations, Index: im.Index}
	for _, l := range im.Layers {
		s.Layers = append(s.Layers, l.Stored)
	}
	return s
}

func save(t testing.TB, images ...archive.Image) []byte {
	t.Helper()
	var sources []archive.Source
	for _, im := range images {
		sources = append(sources, source(im))
	}
	var b bytes.Buffer
	if err := archive.WriteDocker(t.Context(), &b, sources, archive.WriteOptions{}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// What Docker 29 saved comes out again byte for byte.
func TestWriteDockerIsDockersSave(t *testing.T) {
	want, err := os.ReadFile("testdata/docker29.tar")
	if err != nil {
		t.Fatal(err)
	}
	if got := save(t, open(t, want).Images...); !bytes.Equal(got, want) {
		t.Errorf("%d bytes, want %d", len(got), len(want))
	}
}

// load, save, load: the same digests, whatever the shape was; and saving what was
// saved gives the same bytes.
func TestLoadSaveLoad(t *testing.T) {
	s := newSample(t)
	for i, file := range [][]byte{
		s.legacy(t), s.podman(t, false),
		s.layout(t, layoutOptions{docker: true, store: gz, typ: ocispec.MediaTypeImageLayerGzip}),
		s.layout(t, layoutOptions{nested: true, name: "docker.io/library/n:1", store: zst, typ: ocispec.MediaTypeImageLayerZstd}),
	} {
		before := open(t, file).Images[0]
		saved := save(t, before)
		after := open(t, saved).Images[0]
		if before.Image.Digest != after.Image.Digest || before.Target.Digest != after.Target.Digest || before.Image.ConfigDigest != after.Image.ConfigDigest || !slices.Equal(before.Names, after.Names) {
			t.Errorf("%d: before %s %q, after %s %q", i, before.Target.Digest, before.Names, after.Target.Digest, after.Names)
		}
		if !bytes.Equal(saved, save(t, after)) {
			t.Errorf("%d: saving again gives other bytes", i)
		}
	}
}

// Other people's reader finds nothing to say.
func TestWrittenArchivesValidate(t *testing.T) {
	im, err := archive.Compressed(t.Context(), open(t, newSample(t).legacy(t)).Images[0], nil)
	if err != nil {
		t.Fatal(err)
	}
	saved := save(t, im)
	tag, err := name.NewTag("old/one:2")
	if err != nil {
		t.Fatal(err)
	}
	got, err := tarball.Image(func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(saved)), nil }, &tag)
	if err != nil {
		t.Fatal(err)
	}
	check(t, "docker archive", got, im)

	var b bytes.Buffer
	if err := archive.WriteOCI(t.Context(), &b, []archive.Source{source(im)}, archive.WriteOptions{}); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	unpack(t, b.Bytes(), dir)
	path, err := layout.FromPath(dir)
	if err != nil {
		t.Fatal(err)
	}
	digest, err := v1.NewHash(im.Image.Digest.String())
	if err != nil {
		t.Fatal(err)
	}
	if got, err = path.Image(digest); err != nil {
		t.Fatal(err)
	}
	check(t, "OCI layout", got, im)
}

func check(t *testing.T, what string, got v1.Image, im archive.Image) {
	t.Helper()
	if err := validate.Image(got); err != nil {
		t.Errorf("%s: %v", what, err)
	}
	if h, err := got.ConfigName(); err != nil || h.String() != im.Image.ConfigDigest.String() {
		t.Errorf("%s: config %v %v, want %s", what, h, err, im.Image.ConfigDigest)
	}
}

func TestWriteSeveralImages(t *testing.T) {
	s := newSample(t)
	one := open(t, s.legacy(t)).Images[0]
	two, err := archive.Compressed(t.Context(), one, nil)
	if err != nil {
		t.Fatal(err)
	}
	two.Names = []string{"other:1"}
	a := open(t, save(t, one, two))
	if len(a.Images) != 2 || !slices.Equal(a.Images[0].Names, one.Names) || !slices.Equal(a.Images[1].Names, two.Names) {
		t.Errorf("%d images: %q %q", len(a.Images), a.Images[0].Names, a.Images[1].Names)
	}
}

func TestWriteWithoutABlob(t *testing.T) {
	im := open(t, newSample(t).layout(t, layoutOptions{drop: 2})).Images[0]
	if err := archive.WriteDocker(t.Context(), io.Discard, []archive.Source{source(im)}, archive.WriteOptions{}); err == nil {
		t.Error("no error")
	}
	s := source(im)
	s.Layers = []content.Body{content.Empty}
	if err := archive.WriteDocker(t.Context(), io.Discard, []archive.Source{s}, archive.WriteOptions{}); err == nil {
		t.Error("no error")
	}
}
