package archive_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/layerlab/layerlab/sim/image"
)

// A member is one entry of a tar that a test writes.
type member struct {
	name string
	body []byte
	link string // a symbolic link to it
	hard string // a hard link to it
	dir  bool
}

// pack writes a tar.
func pack(t testing.TB, members ...member) []byte {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, m := range members {
		h := &tar.Header{Name: m.name, Mode: 0o644, Size: int64(len(m.body)), Typeflag: tar.TypeReg}
		switch {
		case m.link != "":
			h.Typeflag, h.Linkname = tar.TypeSymlink, m.link
		case m.hard != "":
			h.Typeflag, h.Linkname = tar.TypeLink, m.hard
		case m.dir:
			h.Typeflag, h.Mode = tar.TypeDir, 0o755
		}
		if err := w.WriteHeader(h); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(m.body); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func gz(b []byte) []byte {
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	w.Write(b)
	w.Close()
	return out.Bytes()
}

// gzMembers is gzip in two members, as bgzip and `cat a.gz b.gz` give it.
func gzMembers(b []byte) []byte {
	half := len(b) / 2
	return append(gz(b[:half]), gz(b[half:])...)
}

func zst(b []byte) []byte {
	w, _ := zstd.NewWriter(nil)
	return w.EncodeAll(b, nil)
}

// A sample is an image from which archives in every shape are made: three
// layers, the third the same as the first.
type sample struct {
	config []byte
	tars   [][]byte
}

func newSample(t testing.TB) sample {
	one := pack(t, member{name: "etc/", dir: true}, member{name: "etc/motd", body: []byte("hello\n")})
	two := pack(t, member{name: "etc/.wh.motd"}, member{name: "big", body: bytes.Repeat([]byte("x"), 5000)})
	s := sample{tars: [][]byte{one, two, one}}
	var cfg image.Config
	cfg.OS, cfg.Architecture = "linux", "amd64"
	cfg.RootFS.Type = "layers"
	for _, l := range s.tars {
		cfg.RootFS.DiffIDs = append(cfg.RootFS.DiffIDs, digest.FromBytes(l))
	}
	cfg.History = []ocispec.History{{CreatedBy: "one"}, {CreatedBy: "two"}, {CreatedBy: "three"}}
	var err error
	if s.config, err = json.Marshal(cfg); err != nil {
		t.Fatal(err)
	}
	return s
}

func (s sample) diffIDs() (out []digest.Digest) {
	for _, l := range s.tars {
		out = append(out, digest.FromBytes(l))
	}
	return out
}

func mustJSON(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return b
}

func blobPath(b []byte) string { return "blobs/sha256/" + digest.FromBytes(b).Encoded() }

// legacy is docker save before 1.25: <id>/layer.tar, and the third layer a link
// to the first as of 1.12.
func (s sample) legacy(t testing.TB) []byte {
	id := strings.TrimPrefix(string(digest.FromBytes(s.config)), "sha256:")
	a, b, c := strings.Repeat("a", 64), strings.Repeat("b", 64), strings.Repeat("c", 64)
	return pack(t,
		member{name: a + "/", dir: true}, member{name: a + "/VERSION", body: []byte("1.0")}, member{name: a + "/json", body: []byte("{}")}, member{name: a + "/layer.tar", body: s.tars[0]},
		member{name: b + "/", dir: true}, member{name: b + "/layer.tar", body: s.tars[1]},
		member{name: c + "/", dir: true}, member{name: c + "/layer.tar", link: "../" + a + "/layer.tar"},
		member{name: id + ".json", body: s.config},
		member{name: "manifest.json", body: mustJSON([]map[string]any{{"Config": id + ".json", "RepoTags": []string{"old/one:1", "old/one:2"}, "Layers": []string{a + "/layer.tar", b + "/layer.tar", c + "/layer.tar"}, "LayerSources": map[string]int{}}})},
		member{name: "repositories", body: []byte(`{"old/one":{"1":"` + c + `"}}`)})
}

// podman is a docker-archive of podman and buildah: <diffid>.tar, and the legacy
// names as links to them.
func (s sample) podman(t testing.TB, hard bool) []byte {
	id := strings.TrimPrefix(string(digest.FromBytes(s.config)), "sha256:")
	var members []member
	var names []string
	for i, l := range s.tars {
		name := digest.FromBytes(l).Encoded() + ".tar"
		if !slices.Contains(names, name) {
			members = append(members, member{name: name, body: l})
		}
		link := member{name: fmt.Sprintf("%064d/layer.tar", i), link: "../" + name}
		if hard {
			link = member{name: link.name, hard: name}
		}
		members = append(members, link)
		names = append(names, link.name)
	}
	members = append(members, member{name: id + ".json", body: s.config},
		member{name: "manifest.json", body: mustJSON([]map[string]any{{"Config": id + ".json", "RepoTags": []string{"localhost/p:1"}, "Layers": names}})})
	return pack(t, members...)
}

// A layoutOption changes how an OCI layout is made.
type layoutOptions struct {
	store   func([]byte) []byte // how layers are stored
	typ     string              // their media type
	docker  bool                // with manifest.json too
	nested  bool                // index.json names an index
	dot     bool                // names begin with ./
	name    string
	absent  bool // the index names a manifest that is not there, and an attestation
	drop    int  // the layer whose blob is left out, from 1
	flip    int  // the layer of which one byte is changed, from 1
	empty   int  // the layer whose blob has no bytes, from 1
	noIndex bool // manifests is null
}

func plain(b []byte) []byte { return b }

func (s sample) layout(t testing.TB, o layoutOptions) []byte {
	if o.store == nil {
		o.store, o.typ = plain, ocispec.MediaTypeImageLayer
	}
	members := []member{{name: "blobs/", dir: true}, {name: "blobs/sha256/", dir: true}}
	var layers []image.Descriptor
	var paths []string
	for i, l := range s.tars {
		b := o.store(l)
		layers = append(layers, image.DescriptorOf(o.typ, b))
		paths = append(paths, blobPath(b))
		m := member{name: blobPath(b), body: b}
		switch i + 1 {
		case o.drop:
			continue
		case o.flip:
			m.body = bytes.Clone(b)
			m.body[len(b)/3] ^= 0x40
		case o.empty:
			m.body = nil
		}
		if !slices.ContainsFunc(members, func(x member) bool { return x.name == m.name }) {
			members = append(members, m)
		}
	}
	im, err := image.Assemble(s.config, layers)
	if err != nil {
		t.Fatal(err)
	}
	members = append(members, member{name: blobPath(s.config), body: s.config}, member{name: blobPath(im.ManifestRaw), body: im.ManifestRaw})
	desc := image.DescriptorOf(ocispec.MediaTypeImageManifest, im.ManifestRaw)
	manifests := []image.Descriptor{desc}
	if o.absent {
		gone := image.DescriptorOf(ocispec.MediaTypeImageManifest, []byte("gone"))
		gone.Platform = &ocispec.Platform{OS: "linux", Architecture: "arm64", Variant: "v8"}
		att := image.DescriptorOf(ocispec.MediaTypeImageManifest, []byte("attestation"))
		att.Platform = &ocispec.Platform{OS: "unknown", Architecture: "unknown"}
		att.Annotations = map[string]string{"vnd.docker.reference.type": "attestation-manifest", "vnd.docker.reference.digest": string(desc.Digest)}
		manifests = append(manifests, gone, att)
	}
	if o.nested {
		inner := mustJSON(ocispec.Index{MediaType: ocispec.MediaTypeImageIndex, Manifests: manifests})
		members = append(members, member{name: blobPath(inner), body: inner})
		manifests = []image.Descriptor{image.DescriptorOf(ocispec.MediaTypeImageIndex, inner)}
	}
	if o.name != "" {
		manifests[0].Annotations = map[string]string{"io.containerd.image.name": o.name}
	}
	if o.noIndex {
		manifests = nil
	}
	members = append(members, member{name: "oci-layout", body: []byte(`{"imageLayoutVersion":"1.0.0"}`)}, member{name: "index.json", body: mustJSON(ocispec.Index{Manifests: manifests})})
	if o.docker {
		members = append(members, member{name: "manifest.json", body: mustJSON([]map[string]any{{"Config": blobPath(s.config), "RepoTags": []string{"x:1"}, "Layers": paths}})})
	}
	if o.dot {
		for i := range members {
			members[i].name = "./" + members[i].name
		}
	}
	return pack(t, members...)
}

func digestOf(b []byte) string { return string(digest.FromBytes(b)) }

// unpack writes a tar's files to a folder.
func unpack(t *testing.T, b []byte, dir string) {
	t.Helper()
	r := tar.NewReader(bytes.NewReader(b))
	for {
		h, err := r.Next()
		if err == io.EOF {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		p := filepath.Join(dir, filepath.FromSlash(h.Name))
		if h.Typeflag == tar.TypeDir {
			err = os.MkdirAll(p, 0o755)
		} else {
			var body []byte
			if body, err = io.ReadAll(r); err == nil {
				err = os.WriteFile(p, body, 0o644)
			}
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// setSize changes the size in a tar header.
func setSize(header []byte, size int64) {
	field := header[124:136]
	binary.BigEndian.PutUint32(field, 0x80000000)
	binary.BigEndian.PutUint64(field[4:], uint64(size))
	copy(header[148:156], "        ")
	sum := 0
	for _, c := range header {
		sum += int(c)
	}
	copy(header[148:156], fmt.Sprintf("%06o\x00 ", sum))
}
