package catalog

import (
	"context"
	"io"
	"regexp"
	"strings"
	"testing"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/layerlab/layerlab/assets"
	"github.com/layerlab/layerlab/sim/content"
	"github.com/layerlab/layerlab/sim/image"
	"github.com/layerlab/layerlab/sim/layer"
	"github.com/layerlab/layerlab/sim/tree"
)

// versions are models that differ from another in a number: their large layers are
// not packed, which is most of the time that the test takes.
var versions = regexp.MustCompile(`^(python:3\.(9|10|11|13|14)|node:(18|22|24)|golang:1\.2[0-5])`)

// TestModels opens each model and holds the digests and sizes that it claims
// against its bytes.
func TestModels(t *testing.T) {
	done := map[digest.Digest]bool{}
	for _, name := range Names() {
		if listed[name].Model != name {
			continue // another name of the same image
		}
		im, layers, err := New(assets.Catalog{}, nil).Open(context.Background(), name)
		if err != nil {
			t.Fatal(err)
		}
		if err := image.Validate(im); err != nil {
			t.Error(err)
		}
		if d := im.Manifest.Annotations[ocispec.AnnotationDescription]; !strings.Contains(d, "model of ") || d != Describe(name) {
			t.Errorf("%s does not say that it is a model: %q", name, d)
		}
		for _, h := range layers {
			if done[h.DiffID] {
				continue
			}
			done[h.DiffID] = true
			if got := digestOf(t, h.Layer.Tar()); got != h.DiffID || h.Layer.DiffID != got {
				t.Errorf("%s: the tar is %s, the model says %s", name, got, h.DiffID)
			}
			if h.Layer.Size > 4<<20 && versions.MatchString(name) {
				continue
			}
			blob, d, err := layer.GzipBlob(context.Background(), h.Layer.Tar(), nil)
			if err != nil {
				t.Fatal(err)
			}
			if d != h.Digest || blob.Size() != h.Size {
				t.Errorf("%s: the blob is %s of %d bytes, the model says %s of %d", name, d, blob.Size(), h.Digest, h.Size)
			}
			if h.Size > 4<<20 {
				continue // the two below would only take time
			}
			if got := digestOf(t, h.Blob); got != h.Digest {
				t.Errorf("%s: reading the blob gives %s, not %s", name, got, h.Digest)
			}
			if got := digestOf(t, layer.InflatedBody(h.Blob, layer.Gzip, -1)); got != h.DiffID {
				t.Errorf("%s: inflating the blob gives %s, not %s", name, got, h.DiffID)
			}
		}
	}
}

func digestOf(t *testing.T, b content.Body) digest.Digest {
	t.Helper()
	rc, err := b.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer rc.Close()
	d, err := digest.FromReader(rc)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// TestBusyboxIsLikeTheRealOne holds the model against what is known of the real
// image: 284 entries, a tar of 2,129,920 bytes, a blob of 1,068,818, the config as BuildKit wrote it
// but for the DiffID.
func TestBusyboxIsLikeTheRealOne(t *testing.T) {
	im, layers, err := Open(context.Background(), "docker.io/library/busybox:1.36")
	if err != nil {
		t.Fatal(err)
	}
	l := layers[0].Layer
	if l.Entries != 284 || l.Size != 2129920 {
		t.Errorf("%d entries in %d bytes", l.Entries, l.Size)
	}
	if l.DiskUsage() != 2_048_000 {
		t.Errorf("takes %d bytes on disk, the real one 2048000", l.DiskUsage())
	}
	if d := layers[0].Size - 1068818; d < -1000 || d > 1000 {
		t.Errorf("the blob has %d bytes, the real one 1068818", layers[0].Size)
	}
	want := `{"architecture":"amd64","config":{"Env":["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"],"Cmd":["sh"],"WorkingDir":"/","ArgsEscaped":true},"created":"2023-11-14T22:13:20Z","history":[{"created":"2023-11-14T22:13:20Z","created_by":"ADD rootfs.tar / # buildkit","comment":"buildkit.dockerfile.v0"},{"created":"2023-11-14T22:13:20Z","created_by":"ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin","comment":"buildkit.dockerfile.v0","empty_layer":true},{"created":"2023-11-14T22:13:20Z","created_by":"CMD [\"sh\"]","comment":"buildkit.dockerfile.v0","empty_layer":true}],"os":"linux","rootfs":{"type":"layers","diff_ids":["` + l.DiffID.String() + `"]}}`
	if string(im.ConfigRaw) != want {
		t.Errorf("config is %s\nwant %s", im.ConfigRaw, want)
	}
	for p, mode := range map[string]uint32{
		"bin/busybox": tree.Regular | 0o755, "bin/sh": tree.Symlink | 0o777, "tmp": tree.Directory | 0o1777, "root": tree.Directory | 0o700, "bin/[": tree.Symlink | 0o777,
	} {
		if n := l.Tree.Get(p); n == nil || n.Mode != mode {
			t.Errorf("%s: %+v", p, n)
		}
	}
	if n := l.Tree.Get("etc/group"); n.Size() != 54 {
		t.Errorf("etc/group has %d bytes", n.Size())
	}
}

func TestProgramReadsTheSameEverywhere(t *testing.T) {
	b := program("bin/busybox", 20_001)
	rc, err := b.Open()
	if err != nil {
		t.Fatal(err)
	}
	whole, err := io.ReadAll(rc)
	if err != nil || len(whole) != 20_001 {
		t.Fatal(len(whole), err)
	}
	for _, off := range []int64{0, 1, 4095, 4096, 10_000, 19_990} {
		p := make([]byte, 9)
		if _, err := content.ReadAt(b, p, off); err != nil || string(p) != string(whole[off:off+9]) {
			t.Errorf("at %d: %q, %v; want %q", off, p, err, whole[off:off+9])
		}
	}
	if !strings.HasPrefix(string(whole), "\x7fELF") || !strings.Contains(string(whole[:4096]), "Layer Lab's model of /bin/busybox") {
		t.Errorf("starts with %q", whole[:200])
	}
}

func TestUnknownName(t *testing.T) {
	_, _, err := Open(context.Background(), "nosuch:1")
	if err == nil || !strings.Contains(err.Error(), `opening "nosuch:1": the catalogue has no such image`) {
		t.Error(err)
	}
	if Describe("nosuch") != "" {
		t.Error("described")
	}
}

func TestListingErrors(t *testing.T) {
	for in, want := range map[string]string{
		"d 0755":        "line 1 of the listing: want a type, a mode and a path",
		"\nd 999 a":     `line 2 of the listing: want an octal mode, not "999"`,
		"d 0755 a/b":    "its directory is not listed before it",
		"l t nowhere n": `no directory "nowhere"`,
		"l t":           "want \"l TARGET DIR NAME…\"",
		"m 0755 f x":    `want a size, not "x"`,
		"z 0755 f":      "want d, -, m or l",
	} {
		if _, err := parse(in); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %s", in, err, want)
		}
	}
}

// TestDebianIsLikeTheRealOne holds the models against Debian's images of the
// time: 117 MB and 74.8 MB of files, 48.5 MB and 28.2 MB to download.
func TestDebianIsLikeTheRealOne(t *testing.T) {
	for name, want := range map[string]struct{ files, blob float64 }{"debian:bookworm": {117, 48.5}, "debian:bookworm-slim": {74.8, 28.2}} {
		im, layers, err := New(assets.Catalog{}, nil).Open(context.Background(), name)
		if err != nil {
			t.Fatal(err)
		}
		l := layers[0].Layer
		if files, blob := float64(l.Bytes)/1e6, float64(layers[0].Size)/1e6; files < want.files*0.97 || files > want.files*1.03 || blob < want.blob*0.95 || blob > want.blob*1.05 {
			t.Errorf("%s: %.1f MB of files, %.1f MB packed; the real one has %v", name, files, blob, want)
		}
		if h := im.Config.History; len(h) != 1 || len(im.Config.Config.Cmd) != 1 || im.Config.Config.Cmd[0] != "bash" {
			t.Errorf("%s: %+v", name, im.Config)
		}
		for p, mode := range map[string]uint32{
			"usr/bin/bash": tree.Regular | 0o755, "bin": tree.Symlink | 0o777, "usr/bin/passwd": tree.Regular | 0o4755, "tmp": tree.Directory | 0o1777,
			"etc/shadow": tree.Regular | 0o640, "usr/bin/chage": tree.Regular | 0o2755, "usr/bin/awk": tree.Symlink | 0o777, "etc/apt/apt.conf.d/docker-clean": tree.Regular | 0o644,
		} {
			if n := l.Tree.Get(p); n == nil || n.Mode != mode {
				t.Errorf("%s: %s: %+v", name, p, n)
			}
		}
		if n := l.Tree.Get("etc/shadow"); n.GID != 42 {
			t.Errorf("%s: /etc/shadow is group %d's", name, n.GID)
		}
		slim := strings.HasSuffix(name, "slim")
		if has := l.Tree.Get("usr/share/man/man1/gzip.1.gz") != nil; has == slim {
			t.Errorf("%s: manual pages: %v", name, has)
		}
		if l.Tree.Get("usr/share/doc/bash/copyright") == nil {
			t.Errorf("%s has no copyright file", name)
		}
	}
}

func TestWithoutTheDataFiles(t *testing.T) {
	_, _, err := Open(context.Background(), "debian:bookworm")
	if err == nil || err.Error() != "the model of debian:bookworm could not be loaded: this program has no catalogue; busybox and scratch are there without it" {
		t.Error(err)
	}
}

func TestPatterns(t *testing.T) {
	drop := []string{"/usr/share/doc/*", "!/usr/share/doc/*/copyright"}
	for p, want := range map[string]bool{"/usr/share/doc": false, "/usr/share/doc/a/b/c": true, "/usr/share/doc/a/copyright": false, "/usr/share/docs": false} {
		if dropped(drop, p) != want {
			t.Errorf("%s: dropped is %v", p, !want)
		}
	}
}
