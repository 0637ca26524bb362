//go:build readers

package readers_test

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/validate"

	"github.com/layerlab/layerlab/sim/store"
)

const registry = "go-containerregistry"

// TestRegistryDocker reads what docker save wrote with go-containerregistry's
// package tarball.
func TestRegistryDocker(t *testing.T) {
	each(t, registry, func(t *testing.T, s *sample) {
		for n, im := range s.images {
			var tag *name.Tag
			if !s.unnamed {
				got, err := name.NewTag(n)
				if err != nil {
					t.Fatal(err)
				}
				tag = &got
			}
			got, err := tarball.ImageFromPath(s.docker, tag)
			if err != nil {
				t.Fatalf("%s: %v", n, err)
			}
			// That package makes a manifest of its own, with Docker's media types.
			s.holds(t, n, im, got, false)
		}
	})
}

// TestRegistryLayout reads it as an OCI layout, manifest and all.
func TestRegistryLayout(t *testing.T) {
	each(t, registry, func(t *testing.T, s *sample) {
		index, err := layout.ImageIndexFromPath(s.layout)
		if err != nil {
			t.Fatal(err)
		}
		if err := validate.Index(index); err != nil {
			t.Errorf("validate.Index: %v", err)
		}
		for n, im := range s.images {
			h, err := v1.NewHash(im.Image.Digest.String())
			if err != nil {
				t.Fatal(err)
			}
			got, err := index.Image(h)
			if err != nil {
				t.Fatalf("%s: %v", n, err)
			}
			s.holds(t, n, im, got, true)
		}
	})
}

// holds compares an image as the library reads it with what was written.
func (s *sample) holds(t *testing.T, n string, im *store.Image, got v1.Image, manifest bool) {
	t.Helper()
	if err := validate.Image(got); err != nil {
		t.Errorf("%s: validate.Image: %v", n, err)
	}
	if raw, err := got.RawConfigFile(); err != nil || !bytes.Equal(raw, im.ConfigRaw) {
		t.Errorf("%s: the config is %s %v, want %s", n, raw, err, im.ConfigRaw)
	}
	if raw, err := got.RawManifest(); manifest && (err != nil || !bytes.Equal(raw, im.ManifestRaw)) {
		t.Errorf("%s: the manifest is %s %v, want %s", n, raw, err, im.ManifestRaw)
	}
	layers, err := got.Layers()
	if err != nil {
		t.Fatal(err)
	}
	var digests, diffs []string
	for _, l := range layers {
		d, err1 := l.Digest()
		diff, err2 := l.DiffID()
		if err1 != nil || err2 != nil {
			t.Fatal(err1, err2)
		}
		digests, diffs = append(digests, d.String()), append(diffs, diff.String())
	}
	var wantDigests, wantDiffs []string
	for _, h := range im.Layers {
		wantDigests, wantDiffs = append(wantDigests, h.Digest.String()), append(wantDiffs, h.DiffID.String())
	}
	if !slices.Equal(digests, wantDigests) || !slices.Equal(diffs, wantDiffs) {
		t.Errorf("%s: the layers are %q %q, want %q %q", n, digests, diffs, wantDigests, wantDiffs)
	}
	flat := mutate.Extract(got)
	defer flat.Close()
	tree, err := ofTar(flat)
	if err != nil {
		t.Fatalf("%s: mutate.Extract: %v", n, err)
	}
	v := s.views[registry]
	v.noImplied = true
	for _, d := range differences(s.trees[n], tree, v) {
		t.Errorf("%s: mutate.Extract: %s", n, d)
	}
}

// TestWrittenTwice saves everything again after loading it: the same bytes.
func TestWrittenTwice(t *testing.T) {
	each(t, "", func(t *testing.T, s *sample) {
		l := newLab(t, true)
		l.run("docker load -i " + l.give(s.docker))
		for n, im := range l.images() {
			if want := s.images[n]; want == nil || want.ID != im.ID {
				t.Errorf("%s: loaded with the ID %s", n, im.ID)
			}
		}
		save := s.save
		if s.unnamed {
			save = s.names()[0]
		}
		l.run("docker save -o again.tar " + save)
		again := filepath.Join(t.TempDir(), "again.tar")
		l.take("again.tar", again)
		a, err1 := os.ReadFile(s.docker)
		b, err2 := os.ReadFile(again)
		if err1 != nil || err2 != nil || !bytes.Equal(a, b) {
			t.Errorf("saved again: %d bytes, before %d %v %v", len(b), len(a), err1, err2)
		}
		for n, file := range s.oci {
			s.comesBack(t, n, file, sameID)
		}
	})
}
