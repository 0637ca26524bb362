package build

import (
	"context"
	"fmt"
	"os"
	"testing"

	"github.com/layerlab/layerlab/sim/archive"
	"github.com/layerlab/layerlab/sim/content"
	"github.com/layerlab/layerlab/sim/layer"
	"github.com/layerlab/layerlab/sim/store"
)

// baseEnv names a file with docker save's busybox:1.36, for the tests that hold
// digests against a real engine's: the archive is too big to be committed.
const baseEnv = "LAYERLAB_BASE"

// withBusybox gives the lab busybox:1.36 from the file that the environment
// names. Without it the test ends and says so.
func (l *lab) withBusybox() *lab {
	l.t.Helper()
	name := os.Getenv(baseEnv)
	if name == "" {
		fmt.Printf("%s did not run: %s names no busybox.tar\n", l.t.Name(), baseEnv)
		l.t.SkipNow()
	}
	raw, err := os.ReadFile(name)
	if err != nil {
		l.t.Fatal(err)
	}
	ctx := context.Background()
	a, err := archive.Open(ctx, content.Bytes(raw), archive.Options{})
	if err != nil {
		l.t.Fatal(err)
	}
	im := a.Images[0]
	base := &Base{Name: "docker.io/library/busybox:1.36", Image: im.Image}
	for _, b := range im.Layers {
		tar, err := b.Tar()
		if err != nil {
			l.t.Fatal(err)
		}
		idx, err := layer.Index(ctx, tar, layer.IndexOptions{Digest: true})
		if err != nil {
			l.t.Fatal(err)
		}
		base.Layers = append(base.Layers, &store.Held{Layer: idx, Blob: b.Stored, Digest: b.Digest, Size: b.StoredSize, MediaType: b.MediaType, DiffID: b.DiffID})
	}
	l.images[base.Name] = base
	return l
}

// The transcript digest_reproducible.
func TestDigestsOnBusyboxAreBuildKits(t *testing.T) {
	l := newLab(t).withBusybox().write("run.sh", "#!/bin/sh\necho run\n", "conf/a.ini", "a=1\n", "conf/b.ini", "b=2\n", "Dockerfile", `FROM busybox:1.36
WORKDIR /app
COPY run.sh conf/ ./
RUN echo built > stamp && mkdir -p cache/tmp && chmod 700 cache && ln -s stamp latest
RUN rm -r cache && mkdir cache && echo again > cache/x
ENV MODE=prod
CMD ["./run.sh"]
`)
	if err := l.host.Root().Chmod("/ctx/run.sh", 0o755); err != nil {
		t.Fatal(err)
	}
	res := l.build(Options{BuildArgs: map[string]*string{"SOURCE_DATE_EPOCH": ptr("1700000000")}, RewriteTimestamp: true})
	got := []string{res.Image.Digest.String(), res.Image.ConfigDigest.String()}
	for _, h := range res.Layers {
		got = append(got, h.DiffID.String())
	}
	want := []string{
		"sha256:8a25e333b76afa284f2bb4fd9d06a0a6d5712922670c9924e52d497400799a30",
		"sha256:200cd3adf7c40645c186c488877038ab9e8ef23059488a22e36561f8cddfe44a",
		"sha256:24029a5b0c410aff3189e108d8e1d351a42ceadf7d1468f45b3adbba3e63b89c",
		"sha256:8102f9539f30466d2765282855b67b200a05c388d7b0233d20a6c7a543fbfb60",
		"sha256:8dde42e85fee61d15b1d3b8a5fb96a8fc10a33d2584c0a2012925a8128e54863",
		"sha256:71be3241608e955cf6fd3c8a15bfd3279e1d4526a37098dd449b8881d5b8a031",
		"sha256:8172f0edadf8d119ea29adeeb59b0351e56fe9028c2f28e0901482ae498d93c5",
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("digest %d: got %s, want %s", i, got[i], want[i])
		}
	}
	if t.Failed() {
		t.Log(made(res, 1), string(res.Image.ConfigRaw), string(res.Image.ManifestRaw))
	}
}
