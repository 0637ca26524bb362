//go:build readers

package readers_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A buildahStore is a place for buildah's images, of a test's own.
type buildahStore struct {
	t    *testing.T
	args []string
}

func newBuildahStore(t *testing.T) buildahStore {
	t.Helper()
	dir, err := os.MkdirTemp("", "lab-buildah-") // short: the kernel bounds mount options
	if err != nil {
		t.Fatal(err)
	}
	policy := filepath.Join(dir, "policy.json")
	if err := os.WriteFile(policy, []byte(`{"default":[{"type":"insecureAcceptAnything"}]}`), 0o644); err != nil {
		t.Fatal(err)
	}
	b := buildahStore{t, []string{"--root", filepath.Join(dir, "s"), "--runroot", filepath.Join(dir, "r"), "--storage-driver", "overlay"}}
	t.Cleanup(func() {
		try(t, "buildah", append(b.args, "rm", "--all")...)
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	return b
}

func (b buildahStore) run(args ...string) string {
	b.t.Helper()
	return strings.TrimSpace(tool(b.t, "buildah", append(b.args[:len(b.args):len(b.args)], args...)...))
}

// TestBuildahMount has buildah unpack every image and mounts a container of it.
func TestBuildahMount(t *testing.T) {
	need(t, true, "buildah")
	devices := mayMakeDevices(t)
	each(t, "buildah", func(t *testing.T, s *sample) {
		if s.devices && !devices {
			t.Skip("this root may not make devices")
		}
		b := newBuildahStore(t)
		for _, n := range s.different() {
			for i, ref := range []string{s.dockerRef(n), s.ociRef(n)} {
				if i > 0 && len(s.images[n].Layers) > 2 { // the same layers once more
					continue
				}
				name := b.run("from", "--quiet", "--signature-policy", filepath.Join(filepath.Dir(b.args[1]), "policy.json"), ref)
				got, err := ofDir(b.run("mount", name))
				if err != nil {
					t.Fatal(err)
				}
				for _, d := range differences(s.trees[n], got, s.views["buildah"]) {
					t.Errorf("%s: %s", ref, d)
				}
				b.run("rm", name)
			}
		}
	})
}
