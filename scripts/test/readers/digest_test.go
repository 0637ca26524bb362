//go:build readers

package readers_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/tarball"

	"github.com/layerlab/layerlab/scripts/internal/busybox"
	"github.com/layerlab/layerlab/sim/cli"
)

// TestDigests plays the transcripts in which a real BuildKit made images with a
// fixed clock, on the base that they were recorded with, and hands those images
// to everybody: the IDs are BuildKit's, to the digit.
func TestDigests(t *testing.T) {
	base := filepath.Join(t.TempDir(), "busybox.tar")
	if err := busybox.Save(t.Context(), base); err != nil {
		if os.Getenv("LAYERLAB_BASE") == "" {
			lacking(t, "the base cannot be made here: "+err.Error())
		}
		base = os.Getenv("LAYERLAB_BASE")
	}
	for _, transcript := range []string{"digest_scratch", "digest_reproducible"} {
		t.Run(transcript, func(t *testing.T) {
			text, err := os.ReadFile("../../../sim/cli/testdata/transcripts/" + transcript + ".txtar")
			if err != nil {
				t.Fatal(err)
			}
			l := newLab(t, true)
			l.run("docker load -i " + l.give(base))
			got, err := cli.Play(l.Engine(), string(text))
			if err != nil {
				t.Fatal(err)
			}
			if want, got := idsIn(string(text)), idsIn(got); want != got || want == "" {
				t.Fatalf("BuildKit made\n%s, the simulator\n%s", want, got)
			}
			saved := filepath.Join(t.TempDir(), "saved.tar")
			l.run("docker tag r:1 readers/digests:1; docker save -o saved.tar readers/digests:1")
			l.take("saved.tar", saved)
			s := &sample{recipe: recipe{name: transcript}, docker: saved, images: l.images(), trees: map[string]fsTree{}}
			for n, im := range s.images {
				s.trees[n] = treeOf(t, im)
				s.everybody(t, n)
			}
		})
	}
}

// idsIn is what `lab ids` printed in a transcript.
func idsIn(text string) string {
	_, after, _ := strings.Cut(text, "\n$ lab ids r:1\n")
	before, _, _ := strings.Cut(after, "\n$ ")
	return before
}

// everybody has each reader read an image.
func (s *sample) everybody(t *testing.T, n string) {
	t.Helper()
	im := s.images[n]
	tag, err := name.NewTag(n)
	if err != nil {
		t.Fatal(err)
	}
	got, err := tarball.ImageFromPath(s.docker, &tag)
	if err != nil {
		t.Fatal(err)
	}
	s.holds(t, n, im, got, false)
	t.Run("skopeo", func(t *testing.T) {
		need(t, false, "skopeo")
		if got := skopeo(t, "inspect", "--format", "{{.Digest}}", "oci-archive:"+s.docker+":"+tagOf(n)); got != im.Image.Digest.String()+"\n" {
			t.Errorf("the digest is %s, not %s", got, im.Image.Digest)
		}
	})
	t.Run("umoci", func(t *testing.T) {
		need(t, true, "umoci", "tar")
		bundle := filepath.Join(t.TempDir(), "bundle")
		tool(t, "umoci", "unpack", "--image", unpacked(t, s.docker)+":"+tagOf(n), bundle)
		tree, err := ofDir(filepath.Join(bundle, "rootfs"))
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range differences(s.trees[n], tree, view{}) {
			t.Error(d)
		}
	})
	t.Run("docker", func(t *testing.T) {
		engine, err := live()
		if err != nil {
			t.Skip(err)
		}
		engine.docker(t, `docker load -i "$FILE"`, s.docker)
		t.Cleanup(func() { engine.docker(t, "docker rmi -f "+n, "") })
		if got := strings.TrimSpace(engine.docker(t, "docker image inspect --format '{{.Id}}' "+n, "")); got != im.ID.String() {
			t.Errorf("Docker gives it the ID %s, not %s", got, im.ID)
		}
	})
}
