package archive_test

import (
	"bytes"
	"fmt"
	"slices"
	"testing"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"pgregory.net/rapid"

	"github.com/layerlab/layerlab/internal/hazard"
	"github.com/layerlab/layerlab/sim/archive"
	"github.com/layerlab/layerlab/sim/content"
	"github.com/layerlab/layerlab/sim/image"
)

// drawImages are images of a few layers that they share, each stored in one of
// the ways that there are.
func drawImages(t *rapid.T) []archive.Source {
	var pool [][]byte
	for i := range 4 {
		pool = append(pool, hazard.Build(hazard.Entry{Name: fmt.Sprintf("f%d", i), Body: fmt.Sprint(i)}))
	}
	stores := []struct {
		store func([]byte) []byte
		typ   string
	}{{plain, ocispec.MediaTypeImageLayer}, {gz, ocispec.MediaTypeImageLayerGzip}, {gzMembers, ocispec.MediaTypeImageLayerGzip}, {zst, ocispec.MediaTypeImageLayerZstd}}
	names := rapid.SampledFrom([]string{"a:1", "a:2", "b:latest", "reg.example:5000/c/d:x", "e/f:1"})
	used := map[string]bool{}
	var out []archive.Source
	for i := range rapid.IntRange(1, 4).Draw(t, "images") {
		var cfg image.Config
		cfg.OS, cfg.Architecture, cfg.Author = "linux", "amd64", fmt.Sprint(i)
		var layers []image.Descriptor
		var s archive.Source
		for range rapid.IntRange(0, 4).Draw(t, "layers") {
			tar := rapid.SampledFrom(pool).Draw(t, "layer")
			how := rapid.SampledFrom(stores).Draw(t, "store")
			blob := how.store(tar)
			cfg.RootFS.DiffIDs = append(cfg.RootFS.DiffIDs, digest.FromBytes(tar))
			layers = append(layers, image.DescriptorOf(how.typ, blob))
			s.Layers = append(s.Layers, content.Bytes(blob))
		}
		var err error
		if s.Image, err = image.New(cfg, layers); err != nil {
			t.Fatal(err)
		}
		for _, n := range rapid.SliceOfNDistinct(names, 0, 3, rapid.ID[string]).Draw(t, "names") {
			if !used[n] {
				used[n] = true
				s.Names = append(s.Names, n)
			}
		}
		out = append(out, s)
	}
	return out
}

// TestSaveLoadSave writes random images as docker save and as an OCI layout, opens
// that, compares, and writes it again: the same bytes.
func TestSaveLoadSave(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		images := drawImages(t)
		write := archive.WriteDocker
		if rapid.Bool().Draw(t, "as an OCI layout") {
			write = archive.WriteOCI
		}
		var once, twice bytes.Buffer
		if err := write(t.Context(), &once, images, archive.WriteOptions{}); err != nil {
			t.Fatal(err)
		}
		a, err := archive.Open(t.Context(), content.Bytes(once.Bytes()), archive.Options{})
		if err != nil || len(a.Images) != len(images) || len(a.Notes) > 0 {
			t.Fatalf("%v: %+v", err, a)
		}
		var again []archive.Source
		for i, im := range a.Images {
			if im.Image.Digest != images[i].Image.Digest || !slices.Equal(im.Names, images[i].Names) || len(im.Notes) > 0 {
				t.Fatalf("image %d is %s %q, notes %q; was %s %q", i, im.Image.Digest, im.Names, im.Notes, images[i].Image.Digest, images[i].Names)
			}
			for j, l := range im.Layers {
				if err := archive.Verify(t.Context(), l, nil, nil); err != nil {
					t.Fatalf("image %d, layer %d: %v", i, j+1, err)
				}
			}
			again = append(again, source(im))
		}
		if err := write(t.Context(), &twice, again, archive.WriteOptions{}); err != nil || !bytes.Equal(once.Bytes(), twice.Bytes()) {
			t.Fatalf("written again it is %d bytes, was %d: %v", twice.Len(), once.Len(), err)
		}
	})
}
