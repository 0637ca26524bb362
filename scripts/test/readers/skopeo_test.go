//go:build readers

package readers_test

import (
	"path/filepath"
	"strings"
	"testing"
)

func skopeo(t *testing.T, args ...string) string {
	t.Helper()
	return tool(t, "skopeo", append([]string{"--insecure-policy"}, args...)...)
}

// dockerRef and ociRef are an image of the sample as skopeo and buildah name it,
// in what docker save wrote and in the OCI layout of it alone.
func (s *sample) dockerRef(n string) string {
	if s.unnamed {
		return "docker-archive:" + s.docker
	}
	return "docker-archive:" + s.docker + ":" + n
}

func (s *sample) ociRef(n string) string {
	if s.unnamed {
		return "oci-archive:" + s.oci[n]
	}
	return "oci-archive:" + s.oci[n] + ":" + tagOf(n)
}

func tagOf(n string) string { return n[strings.LastIndex(n, ":")+1:] }

// TestSkopeoInspect asks skopeo for the documents that name an image's parts: it
// answers with the bytes that were written.
func TestSkopeoInspect(t *testing.T) {
	need(t, false, "skopeo")
	each(t, "skopeo", func(t *testing.T, s *sample) {
		for n, im := range s.images {
			if got := skopeo(t, "inspect", "--raw", "--config", s.dockerRef(n)); got != string(im.ConfigRaw) {
				t.Errorf("%s: the config of the docker archive is %s", n, got)
			}
			if got := skopeo(t, "inspect", "--raw", "--config", s.ociRef(n)); got != string(im.ConfigRaw) {
				t.Errorf("%s: the config of the OCI layout is %s", n, got)
			}
			if got := skopeo(t, "inspect", "--raw", s.ociRef(n)); got != string(im.ManifestRaw) {
				t.Errorf("%s: the manifest is %s", n, got)
			}
			if got := skopeo(t, "inspect", "--format", "{{.Digest}}", s.ociRef(n)); got != im.Image.Digest.String()+"\n" {
				t.Errorf("%s: the digest is %s, not %s", n, got, im.Image.Digest)
			}
		}
	})
}

// TestSkopeoCopy copies images out of what was written, into every form that
// skopeo can write, and loads them again. skopeo checks every digest on the way.
func TestSkopeoCopy(t *testing.T) {
	need(t, false, "skopeo")
	each(t, "skopeo", func(t *testing.T, s *sample) {
		for _, n := range s.different() {
			im := s.images[n]
			dir := t.TempDir()
			dest := func(kind, file string) string {
				out := kind + ":" + filepath.Join(dir, file)
				if !s.unnamed {
					out += ":" + strings.TrimPrefix(n, "example.org:5000/")
				}
				return out
			}
			// OCI to OCI is a copy: every digest stays. Into and out of a docker archive
			// layers are compressed anew, and the config of an image that skopeo takes for
			// Docker's loses Docker's own fields on its way into a layout.
			skopeo(t, "copy", "-q", s.ociRef(n), dest("oci-archive", "oci.tar"))
			s.comesBack(t, n, filepath.Join(dir, "oci.tar"), sameID)
			skopeo(t, "copy", "-q", s.ociRef(n), dest("docker-archive", "docker.tar"))
			s.comesBack(t, n, filepath.Join(dir, "docker.tar"), sameConfig)
			if len(im.Layers) > manyLayers { // every copy compresses them all
				continue
			}
			skopeo(t, "copy", "-q", s.dockerRef(n), dest("oci-archive", "oci2.tar"))
			s.comesBack(t, n, filepath.Join(dir, "oci2.tar"), sameLayers)
			skopeo(t, "copy", "-q", s.dockerRef(n), dest("docker-archive", "docker2.tar"))
			s.comesBack(t, n, filepath.Join(dir, "docker2.tar"), sameConfig)
		}
	})
}

// manyLayers is how many make a reader so slow that it is asked less.
const manyLayers = 20

// What an image that went through a tool still has of its digests.
const (
	sameLayers = iota // the DiffIDs
	sameConfig        // and the config's digest
	sameID            // and the manifest's
)

// comesBack loads an archive that a tool made of an image of the sample.
func (s *sample) comesBack(t *testing.T, n, file string, same int) {
	t.Helper()
	l := newLab(t, true)
	l.run("docker load -i " + l.give(file))
	all := l.Engine().Store().Images()
	if len(all) != 1 {
		t.Fatalf("%s: %d images were loaded from %s", n, len(all), filepath.Base(file))
	}
	s.keeps(t, n, all[0], same)
	savesTheSame(t, l)
}

// savesTheSame saves all images of a lab, and loads that elsewhere: everything has
// the digests that it had.
func savesTheSame(t *testing.T, l lab) {
	t.Helper()
	var args []string
	for _, im := range l.Engine().Store().Images() {
		names := l.Engine().Store().Names(im.ID)
		if len(names) == 0 {
			args = append(args, im.ID.String())
		}
		for _, n := range names {
			args = append(args, n.String())
		}
	}
	l.run("docker save -o again.tar " + strings.Join(args, " "))
	file := filepath.Join(t.TempDir(), "again.tar")
	l.take("again.tar", file)
	m := newLab(t, true)
	m.run("docker load -i " + m.give(file))
	const ids = "docker images -a --no-trunc --digests --format '{{.ID}} {{.Repository}} {{.Tag}} {{.Digest}}' | sort"
	if before, after := l.run(ids), m.run(ids); before != after {
		t.Errorf("before it was saved and loaded:\n%safter:\n%s", before, after)
	}
	for _, im := range l.Engine().Store().Images() {
		other := m.Engine().Store().Get(im.ID)
		if other == nil {
			t.Errorf("%s is not there after saving and loading", im.ID)
			continue
		}
		for i, h := range im.Layers {
			if g := other.Layers[i]; g.Digest != h.Digest || g.DiffID != h.DiffID || g.Size != h.Size || g.MediaType != h.MediaType {
				t.Errorf("layer %d of %s: %s %s %d %s was %s %s %d %s", i+1, im.ID, g.Digest, g.DiffID, g.Size, g.MediaType, h.Digest, h.DiffID, h.Size, h.MediaType)
			}
		}
	}
}
