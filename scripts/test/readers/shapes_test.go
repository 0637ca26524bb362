//go:build readers

package readers_test

import (
	"archive/tar"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"

	"github.com/layerlab/layerlab/sim/store"
)

// A shape is a form of image archive that is met in the wild.
type shape struct {
	name  string
	same  int  // what it keeps of the digests
	root  bool // only root can make it
	need  []string
	index bool // it names an index
	make  func(t *testing.T, s *sample, n, file string)
}

const shapeName = "readers/shape:1"

// shapes are those with plain layers first: a real engine that has the same layers
// compressed already takes those.
var shapes = []shape{
	{"docker save before 25", sameConfig, false, nil, false, func(t *testing.T, s *sample, n, file string) {
		s.legacy(t, n, file, false)
	}},
	{"nix dockerTools, links and all in gzip", sameConfig, false, []string{"gzip"}, false, func(t *testing.T, s *sample, n, file string) {
		s.legacy(t, n, file, true)
		tool(t, "gzip", "-n", file)
		if err := os.Rename(file+".gz", file); err != nil {
			t.Fatal(err)
		}
	}},
	{"skopeo copy to docker-archive", sameConfig, false, []string{"skopeo"}, false, func(t *testing.T, s *sample, n, file string) {
		skopeo(t, "copy", "-q", s.ociRef(n), "docker-archive:"+file+":"+shapeName)
	}},
	{"podman save --format=docker-archive", sameLayers, true, []string{"buildah"}, false, func(t *testing.T, s *sample, n, file string) {
		buildahPush(t, s, n, "docker-archive:"+file+":"+shapeName)
	}},
	{"crane save, kaniko --tar-path", sameConfig, false, nil, false, func(t *testing.T, s *sample, n, file string) {
		tag, err := name.NewTag(shapeName)
		if err == nil {
			err = tarball.WriteToFile(file, tag, s.registryImage(t, n))
		}
		if err != nil {
			t.Fatal(err)
		}
	}},
	{"crane pull --format=oci, with ./ before names", sameID, false, []string{"tar"}, false, func(t *testing.T, s *sample, n, file string) {
		dir := t.TempDir()
		path, err := layout.Write(dir, empty.Index)
		if err == nil {
			err = path.AppendImage(s.registryImage(t, n), layout.WithAnnotations(map[string]string{"org.opencontainers.image.ref.name": "docker.io/" + shapeName, "com.example.foreign": "kept"}))
		}
		if err != nil {
			t.Fatal(err)
		}
		tool(t, "tar", "-cf", file, "-C", dir, ".")
	}},
	{"an index of two platforms", sameConfig, false, []string{"tar"}, true, func(t *testing.T, s *sample, n, file string) {
		im := s.registryImage(t, n)
		other := platform(t, im, "arm64")
		dir := t.TempDir()
		index := mutate.AppendManifests(empty.Index,
			mutate.IndexAddendum{Add: other, Descriptor: v1.Descriptor{Platform: &v1.Platform{OS: "linux", Architecture: "arm64"}}},
			mutate.IndexAddendum{Add: im, Descriptor: v1.Descriptor{Platform: &v1.Platform{OS: "linux", Architecture: "amd64"}}})
		path, err := layout.Write(dir, empty.Index)
		if err == nil {
			err = path.AppendIndex(index, layout.WithAnnotations(map[string]string{"io.containerd.image.name": "docker.io/" + shapeName}))
		}
		if err != nil {
			t.Fatal(err)
		}
		tool(t, "tar", "-cf", file, "-C", dir, "blobs", "index.json", "oci-layout")
	}},
	{"skopeo copy with zstd", sameConfig, false, []string{"skopeo"}, false, func(t *testing.T, s *sample, n, file string) {
		skopeo(t, "copy", "-q", "--dest-compress-format", "zstd", s.ociRef(n), "oci-archive:"+file+":docker.io/"+shapeName)
	}},
	{"podman save --format=oci-archive", sameLayers, true, []string{"buildah"}, false, func(t *testing.T, s *sample, n, file string) {
		buildahPush(t, s, n, "oci-archive:"+file+":docker.io/"+shapeName)
	}},
}

func buildahPush(t *testing.T, s *sample, n, to string) {
	t.Helper()
	b := newBuildahStore(t)
	policy := filepath.Join(filepath.Dir(b.args[1]), "policy.json")
	id := strings.Fields(b.run("pull", "--quiet", "--signature-policy", policy, s.ociRef(n)))
	b.run("push", "--quiet", "--signature-policy", policy, id[len(id)-1], to)
}

// registryImage is an image of the sample as go-containerregistry holds it.
func (s *sample) registryImage(t *testing.T, n string) v1.Image {
	t.Helper()
	h, err := v1.NewHash(s.images[n].Image.Digest.String())
	if err != nil {
		t.Fatal(err)
	}
	index, err := layout.ImageIndexFromPath(s.layout)
	if err != nil {
		t.Fatal(err)
	}
	im, err := index.Image(h)
	if err != nil {
		t.Fatal(err)
	}
	return im
}

// platform is an image for another architecture.
func platform(t *testing.T, im v1.Image, arch string) v1.Image {
	t.Helper()
	cfg, err := im.ConfigFile()
	if err != nil {
		t.Fatal(err)
	}
	cfg = cfg.DeepCopy()
	cfg.Architecture = arch
	out, err := mutate.ConfigFile(im, cfg)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// legacy writes an image as Docker before 25 did, with plain layers; with links, a
// layer that is there twice is a symbolic link the second time.
func (s *sample) legacy(t *testing.T, n, file string, links bool) {
	t.Helper()
	im := s.images[n]
	out := newTar()
	var names []string
	seen := map[string]string{}
	for i, h := range im.Layers {
		dir := fmt.Sprintf("%064x", i+1)
		entry := dir + "/layer.tar"
		names = append(names, entry)
		out.dir(dir, 0o755).file(dir+"/VERSION", 0o644, "1.0").file(dir+"/json", 0o644, `{"id":"`+dir+`"}`)
		if first := seen[h.DiffID.String()]; first != "" && links {
			out.symlink(entry, "../"+first)
			continue
		}
		seen[h.DiffID.String()] = entry
		rc, err := h.Layer.Tar().Open()
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(rc)
		rc.Close()
		if err != nil {
			t.Fatal(err)
		}
		out.add(tar.Header{Name: entry, Mode: 0o644}, string(body))
	}
	config := im.ConfigDigest.Encoded() + ".json"
	manifest, err := json.Marshal([]map[string]any{{"Config": config, "RepoTags": []string{shapeName}, "Layers": names}})
	if err != nil {
		t.Fatal(err)
	}
	out.file(config, 0o644, string(im.ConfigRaw)).file("manifest.json", 0o644, string(manifest))
	if err := os.WriteFile(file, out.bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}

// TestShapes loads what other tools write of an image, and saves it again. With a
// real engine, its answers are the same.
func TestShapes(t *testing.T) {
	engine, none := live()
	samples := all(t)
	s := samples[slices.IndexFunc(samples, func(s *sample) bool { return s.name == "shapes" })]
	n := s.names()[0]
	for _, sh := range shapes {
		t.Run(sh.name, func(t *testing.T) {
			need(t, sh.root, sh.need...)
			file := filepath.Join(t.TempDir(), "shape.tar")
			sh.make(t, s, n, file)
			l := newLab(t, true)
			said := l.run("docker load -i " + l.give(file))
			got := l.amd64()
			s.keeps(t, n, got, sh.same)
			savesTheSame(t, l)
			if none != nil {
				return
			}
			theirs := engine.docker(t, `docker load -i "$FILE"`, file)
			defer engine.docker(t, "docker rmi -f "+shapeName+" $(docker images -q localhost/readers/shape) >/dev/null 2>&1 || true", "")
			if a, b := lines(theirs), lines(said); !slices.Equal(a, b) {
				t.Errorf("Docker says %q, we %q", a, b)
			}
			if sh.index {
				return // Docker gives it the ID of the index, we that of the manifest for this platform
			}
			id := strings.TrimSpace(engine.docker(t, "docker image inspect --format '{{.Id}}' "+loadedName(theirs), ""))
			if r, err := l.Engine().Store().Resolve(loadedName(said)); err != nil || r.Image.ID.String() != id {
				t.Errorf("Docker gives it the ID %s, we %v %v", id, r.Image, err)
			}
		})
	}
}

func lines(s string) []string {
	out := strings.Split(strings.TrimSpace(s), "\n")
	slices.Sort(out)
	return out
}

func loadedName(said string) string {
	first := lines(said)[0]
	return strings.TrimSpace(first[strings.Index(first, ": ")+2:])
}

// amd64 is the lab's image of this platform.
func (l lab) amd64() *store.Image {
	l.t.Helper()
	for _, im := range l.Engine().Store().Images() {
		if im.Config.Architecture == "amd64" {
			return im
		}
	}
	l.t.Fatal("no image for amd64")
	return nil
}

// keeps compares an image that was loaded with the one of the sample that it is.
func (s *sample) keeps(t *testing.T, n string, got *store.Image, same int) {
	t.Helper()
	im := s.images[n]
	if !slices.Equal(got.DiffIDs(), im.DiffIDs()) {
		t.Errorf("the layers are %s, want %s", got.DiffIDs(), im.DiffIDs())
	}
	if same >= sameConfig && !bytes.Equal(got.ConfigRaw, im.ConfigRaw) {
		t.Errorf("the config is %s, want %s", got.ConfigRaw, im.ConfigRaw)
	}
	if same == sameID && got.ID != im.ID {
		t.Errorf("the ID is %s, want %s", got.ID, im.ID)
	}
	for _, d := range differences(s.trees[n], treeOf(t, got), view{}) {
		t.Error(d)
	}
}
