package archive_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/opencontainers/go-digest"

	"github.com/layerlab/layerlab/internal/hazard"
	"github.com/layerlab/layerlab/sim/archive"
	"github.com/layerlab/layerlab/sim/content"
	"github.com/layerlab/layerlab/sim/image"
	"github.com/layerlab/layerlab/sim/layer"
)

// openBudget is what opening an archive and reading its layers may cost. A layer is
// named in four bytes of JSON and takes some hundred when it is read; a frame of
// zstd may ask for a window of 128 MiB each time that it is opened.
var openBudget = hazard.Budget{Base: 1 << 30, Factor: 2000}

// maxFuzz is the size above which an input of a fuzz target says nothing that a
// smaller one does not.
const maxFuzz = 256 << 10

// FuzzOpen reads files that claim to be archives.
func FuzzOpen(f *testing.F) {
	s := newSample(f)
	gzipped := layoutOptions{docker: true, nested: true, absent: true, store: gz, typ: "application/vnd.oci.image.layer.v1.tar+gzip"}
	real29, err := os.ReadFile("testdata/docker29.tar")
	if err != nil {
		f.Fatal(err)
	}
	for _, b := range [][]byte{s.legacy(f), s.podman(f, true), s.podman(f, false), s.layout(f, gzipped), s.layout(f, layoutOptions{dot: true}), gz(s.legacy(f)), zst(s.layout(f, gzipped)), real29, []byte("\x89PNG")} {
		f.Add(b)
	}
	for _, b := range hazard.Blobs() {
		if b.Refused == "" && b.Size < 1<<20 && !strings.Contains(b.Name, "window") {
			f.Add(b.Bytes)
		}
	}
	for _, h := range hazard.All() {
		if len(h.Bytes) < 16<<10 {
			f.Add(h.Bytes)
		}
	}
	f.Fuzz(checkFile)
}

// FuzzManifest reads archives whose documents are anything: manifest.json,
// index.json, a manifest and a config. In them @1 stands for the digest of the
// manifest, @c for that of the config and @l for that of a layer, so that
// they go on naming each other while they change.
func FuzzManifest(f *testing.F) {
	for _, d := range documents() {
		f.Add(d[0], d[1], d[2], d[3])
	}
	tar := hazard.Build(hazard.Entry{Name: "a/"}, hazard.Entry{Name: "a/b", Body: "x"})
	f.Fuzz(func(t *testing.T, docker, index, manifest, config string) {
		if len(docker)+len(index)+len(manifest)+len(config) > maxFuzz {
			return
		}
		checkFile(t, withDocuments(t, tar, docker, index, manifest, config))
	})
}

// withDocuments is an archive of the documents and a layer; an empty one is left
// out.
func withDocuments(t testing.TB, tar []byte, docker, index, manifest, config string) []byte {
	known := []string{"@l", digestOf(tar)}
	put := func(doc, as string) []byte {
		b := []byte(strings.NewReplacer(known...).Replace(doc))
		if as != "" {
			known = append(known, as, digestOf(b))
		}
		return b
	}
	members := []member{{name: "layer.tar", body: tar}, {name: blobPath(tar), body: tar}}
	for _, d := range []struct{ text, as, name string }{{config, "@c", "config.json"}, {manifest, "@1", ""}, {index, "", "index.json"}, {docker, "", "manifest.json"}} {
		if d.text == "" {
			continue
		}
		b := put(d.text, d.as)
		if d.name != "" {
			members = append(members, member{name: d.name, body: b})
		}
		members = append(members, member{name: blobPath(b), body: b})
	}
	return pack(t, members...)
}

// documents are seeds: manifest.json, index.json, manifest, config.
func documents() [][4]string {
	config := `{"os":"linux","architecture":"amd64","rootfs":{"type":"layers","diff_ids":["@l"]},"history":[{"created_by":"x"},{"created":"2023-11-14T22:13:20Z","empty_layer":true}],"config":{"Env":["A=1"]}}`
	manifest := `{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"@c","size":0},"layers":[{"mediaType":"application/vnd.oci.image.layer.v1.tar","digest":"@l","size":0}]}`
	index := `{"schemaVersion":2,"manifests":[{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"@1","size":0,"platform":{"os":"linux","architecture":"amd64"},"annotations":{"io.containerd.image.name":"docker.io/library/a:1"}}]}`
	attested := strings.Replace(index, `"manifests":[`, `"manifests":[{"digest":"@c","annotations":{"vnd.docker.reference.type":"attestation-manifest","vnd.docker.reference.digest":"@1"}},`, 1)
	docker := `[{"Config":"config.json","RepoTags":["a:1","b"],"Layers":["layer.tar"],"LayerSources":{}}]`
	oci := strings.ReplaceAll(docker, "config.json", "blobs/sha256/x")
	return [][4]string{
		{docker, "", "", config},
		{docker, index, manifest, config},
		{"", index, manifest, config},
		{"", attested, manifest, config},
		{oci, index, manifest, config},
		{"null", index, manifest, config},
		{"[]", `{"manifests":null}`, manifest, config},
		{"", `{"manifests":[{"mediaType":"application/vnd.oci.image.index.v1+json","digest":"@1"},{"digest":"@1"}]}`, index, config},
		{"", `{"manifests":[{"digest":"@1"}]}`, `{"config":{"digest":""},"layers":[{"digest":"x"}]}`, config},
		{"", `{"manifests":[{"digest":"@1"}]}`, `{"config":{"digest":"@c"},"layers":[{"digest":"x"},{"digest":""},{"digest":"sha512:00"},{"digest":"md5:00"}]}`, config},
		{`[{"Config":"config.json","Layers":["layer.tar","layer.tar"]},{"Config":"../config.json","Layers":null}]`, "", "", config},
		{docker, "", "", `{"rootfs":{"type":"layers","diff_ids":null},"history":null}`},
	}
}

// checkFile opens a file. An archive that is accepted holds what it says: the
// documents have their digests, each image a layer for each DiffID, and what
// verifies can be written and opened again as the same.
func checkFile(t *testing.T, b []byte) {
	if len(b) > 4*maxFuzz {
		return
	}
	hazard.Spend(t, len(b), openBudget, func() {
		a, err := archive.Open(t.Context(), content.Bytes(b), archive.Options{Name: "x"})
		if err != nil {
			var e *archive.Error
			if !errors.As(err, &e) || len(err.Error()) > 4000 {
				t.Errorf("the message is a %T of %d bytes: %.100s", err, len(err.Error()), err)
			}
			return
		}
		if len(a.Notes) > 110 {
			t.Errorf("%d notes", len(a.Notes))
		}
		for i, im := range a.Images {
			if i < 20 {
				checkImage(t, im)
			}
		}
	})
}

func checkImage(t *testing.T, im archive.Image) {
	if digest.FromBytes(im.Image.ManifestRaw) != im.Image.Digest || digest.FromBytes(im.Image.ConfigRaw) != im.Image.ConfigDigest {
		t.Errorf("image %s: its documents have other digests", im.Image.Digest)
	}
	if len(im.Layers) != len(im.Image.DiffIDs()) {
		t.Errorf("%d layers for %d DiffIDs", len(im.Layers), len(im.Image.DiffIDs()))
	}
	for _, r := range im.Image.Rows() {
		image.Instruction(r.History.CreatedBy)
	}
	im.Image.ChainIDs()
	valid := image.Validate(im.Image) == nil
	for i, l := range im.Layers {
		if l.Missing == "" && l.Stored == nil {
			t.Errorf("layer %s is neither there nor missing", l.Entry)
		}
		if i < 20 {
			valid = checkLayer(t, l) && valid
		}
	}
	if valid && len(im.Layers) < 20 {
		checkSaved(t, im)
	}
}

// checkLayer reports whether the layer verifies; it is then what it says.
func checkLayer(t *testing.T, l archive.Blob) bool {
	stop := &atMost{pauses: 64}
	if err := archive.Verify(t.Context(), l, nil, stop.pause); err != nil {
		return false
	}
	body, err := l.Tar()
	if err != nil {
		t.Errorf("it verifies, but %v", err)
		return false
	}
	if got := sumOf(t, l.Stored); l.Digest != "" && got != l.Digest.String() {
		t.Errorf("its blob verifies as %s, but is %s", l.Digest, got)
	}
	if got := sumOf(t, body); l.DiffID != "" && got != l.DiffID.String() {
		t.Errorf("its tar verifies as %s, but is %s", l.DiffID, got)
	}
	layer.Index(t.Context(), body, layer.IndexOptions{})
	return true
}

func sumOf(t *testing.T, b content.Body) string {
	rc, err := b.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer rc.Close()
	h := sha256.New()
	if _, err := io.Copy(h, rc); err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("sha256:%x", h.Sum(nil))
}

// checkSaved saves a valid image, opens that, and saves it again.
func checkSaved(t *testing.T, im archive.Image) {
	saved := save(t, im)
	a, err := archive.Open(t.Context(), content.Bytes(saved), archive.Options{})
	if err != nil || len(a.Images) == 0 {
		t.Fatalf("opening what was saved: %v", err)
	}
	again := a.Images[0]
	if again.Image.Digest != im.Image.Digest || again.Image.ConfigDigest != im.Image.ConfigDigest || again.Target.Digest != im.Target.Digest && im.Index != nil || !slices.Equal(again.Names, im.Names) {
		t.Errorf("saved %s %s %q, opened %s %s %q", im.ID, im.Image.Digest, im.Names, again.ID, again.Image.Digest, again.Names)
	}
	if !bytes.Equal(save(t, again), saved) {
		t.Error("saved again it has other bytes")
	}
}

// atMost gives work up after so many pauses: whoever waits can always stop.
type atMost struct{ pauses int }

var errEnough = errors.New("enough")

func (a *atMost) pause(ctx context.Context) error {
	if a.pauses--; a.pauses < 0 {
		return errEnough
	}
	return ctx.Err()
}
