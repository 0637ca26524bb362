// Package sample makes large image archives for measurements: the same bytes each
// time, from nothing.
package sample

import (
	"archive/tar"
	"bufio"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
)

// Layers is how many layers the archive has.
const Layers = 10

// Crowd is how many files lie in one directory of it, /var/crowd.
const Crowd = 20000

// Archive writes a docker-archive as docker save of today writes it, with plain
// layers that are of about size bytes together: many small files, one directory
// with very many, and a few large files. The bytes are the same each time.
func Archive(file string, size int64) error {
	f, err := os.Create(file)
	if err != nil {
		return err
	}
	defer f.Close()
	w := bufio.NewWriterSize(f, 1<<20)
	if err := writeArchive(w, Layers, func(w io.Writer, i int) error { return Layer(w, i, size/Layers) }); err != nil {
		return err
	}
	if err := w.Flush(); err != nil {
		return err
	}
	return f.Close()
}

// writeArchive writes an archive of so many layers, each of which layer writes, the
// same bytes each time.
func writeArchive(w io.Writer, layers int, layer func(w io.Writer, number int) error) error {
	out := tar.NewWriter(w)
	config := ocispec.Image{Platform: ocispec.Platform{Architecture: "amd64", OS: "linux"}, RootFS: ocispec.RootFS{Type: "layers"}}
	manifest := ocispec.Manifest{MediaType: ocispec.MediaTypeImageManifest}
	manifest.SchemaVersion = 2
	var names []string
	for i := range layers {
		h, n := sha256.New(), counter(0)
		if err := layer(io.MultiWriter(h, &n), i); err != nil {
			return err
		}
		d := digest.NewDigest(digest.SHA256, h)
		name := blobName(d)
		if err := out.WriteHeader(&tar.Header{Name: name, Mode: 0o644, Size: int64(n), Format: tar.FormatPAX}); err != nil {
			return err
		}
		if err := layer(out, i); err != nil {
			return err
		}
		names = append(names, name)
		created := time.Unix(1700000000+int64(i), 0).UTC()
		config.RootFS.DiffIDs = append(config.RootFS.DiffIDs, d)
		config.History = append(config.History, ocispec.History{Created: &created, CreatedBy: fmt.Sprintf("RUN /bin/sh -c make layer-%d # buildkit", i), Comment: "buildkit.dockerfile.v0"})
		manifest.Layers = append(manifest.Layers, ocispec.Descriptor{MediaType: ocispec.MediaTypeImageLayer, Digest: d, Size: int64(n)})
	}
	return writeMetadata(out, config, manifest, names)
}

func writeMetadata(out *tar.Writer, config ocispec.Image, manifest ocispec.Manifest, names []string) error {
	blob := func(kind string, v any) (ocispec.Descriptor, error) {
		b, err := json.Marshal(v)
		if err != nil {
			return ocispec.Descriptor{}, err
		}
		d := digest.FromBytes(b)
		return ocispec.Descriptor{MediaType: kind, Digest: d, Size: int64(len(b))}, put(out, blobName(d), b)
	}
	c, err := blob(ocispec.MediaTypeImageConfig, config)
	if err != nil {
		return err
	}
	manifest.Config = c
	m, err := blob(ocispec.MediaTypeImageManifest, manifest)
	if err != nil {
		return err
	}
	m.Annotations = map[string]string{"io.containerd.image.name": "docker.io/library/large:bench", "org.opencontainers.image.ref.name": "bench"}
	index := ocispec.Index{MediaType: ocispec.MediaTypeImageIndex, Manifests: []ocispec.Descriptor{m}}
	index.SchemaVersion = 2
	for _, file := range []struct {
		name string
		v    any
	}{
		{"index.json", index},
		{"manifest.json", []any{map[string]any{"Config": blobName(c.Digest), "RepoTags": []string{"large:bench"}, "Layers": names}}},
		{"oci-layout", ocispec.ImageLayout{Version: ocispec.ImageLayoutVersion}},
	} {
		b, err := json.Marshal(file.v)
		if err != nil {
			return err
		}
		if err := put(out, file.name, b); err != nil {
			return err
		}
	}
	return out.Close()
}

func put(out *tar.Writer, name string, b []byte) error {
	if err := out.WriteHeader(&tar.Header{Name: name, Mode: 0o644, Size: int64(len(b))}); err != nil {
		return err
	}
	_, err := out.Write(b)
	return err
}

func blobName(d digest.Digest) string { return "blobs/sha256/" + d.Encoded() }

type counter int64

func (c *counter) Write(p []byte) (int, error) { *c += counter(len(p)); return len(p), nil }

// Layer writes the layer tar of the given number, of about size bytes: two thirds of its bytes
// in one file, the rest in small ones. The first layer has the crowd.
func Layer(w io.Writer, number int, size int64) error {
	out := tar.NewWriter(w)
	b := &noise{x: uint64(number)*0x9E3779B97F4A7C15 + 1}
	file := func(name string, n int64) error {
		if err := out.WriteHeader(&tar.Header{Name: name, Mode: 0o644, Size: n, ModTime: time.Unix(1700000000, 0)}); err != nil {
			return err
		}
		_, err := io.CopyN(out, b, n)
		return err
	}
	if number == 0 {
		for i := range Crowd {
			if err := file(fmt.Sprintf("var/crowd/entry-%05d", i), 0); err != nil {
				return err
			}
		}
	}
	if err := file(fmt.Sprintf("opt/large-%d.bin", number), size*2/3); err != nil {
		return err
	}
	for left := size / 3; left > 0; {
		n := int64(b.next()%16000) + 100
		if err := file(fmt.Sprintf("usr/lib/package-%02d/part-%d/%06x", b.next()%50, number, b.next()%0xffffff), n); err != nil {
			return err
		}
		left -= n + 512
	}
	if number > 0 { // something of the layer below goes
		if err := file(fmt.Sprintf("opt/.wh.large-%d.bin", number-1), 0); err != nil {
			return err
		}
	}
	return out.Close()
}

// noise is bytes that look random and are the same each time (xorshift).
type noise struct{ x uint64 }

func (n *noise) next() uint64 {
	n.x ^= n.x << 13
	n.x ^= n.x >> 7
	n.x ^= n.x << 17
	return n.x
}

func (n *noise) Read(p []byte) (int, error) {
	for i := 0; i < len(p); i += 8 {
		v := n.next()
		for j := i; j < min(i+8, len(p)); j++ {
			p[j] = byte(v)
			v >>= 8
		}
	}
	return len(p), nil
}
