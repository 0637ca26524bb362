package archive_test

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/layerlab/layerlab/sim/archive"
	"github.com/layerlab/layerlab/sim/content"
)

func TestOpenSaysWhatItIsInstead(t *testing.T) {
	s := newSample(t)
	rootfs := pack(t, member{name: ".dockerenv"}, member{name: "bin/", dir: true}, member{name: "bin/sh", body: []byte("\x7fELF")}, member{name: "etc/", dir: true}, member{name: "usr/", dir: true}, member{name: "var/", dir: true})
	many := func() []byte {
		var m []member
		for i := range 6000 {
			m = append(m, member{name: fmt.Sprintf("usr/lib/f%04d", i)})
		}
		return pack(t, append(m, member{name: "bin/", dir: true}, member{name: "etc/", dir: true})...)
	}
	docker := s.layout(t, layoutOptions{docker: true})
	for _, tt := range []struct {
		name string
		file []byte
		want []string
	}{
		{"nothing", nil, []string{"x.tar is empty: it has 0 bytes"}},
		{"PNG", []byte("\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"), []string{"is a PNG picture", "expected a tar of docker save"}},
		{"JPEG", []byte("\xff\xd8\xff\xe0\x00\x10JFIF"), []string{"is a JPEG picture"}},
		{"zip", []byte("PK\x03\x04aaaa"), []string{"is a zip file", "unpack this file first"}},
		{"HTML", []byte("<!DOCTYPE html><html>"), []string{"is an HTML page"}},
		{"JSON", []byte(`{"a":1}`), []string{"is a JSON document"}},
		{"config alone", s.config, []string{"an image config without its layers"}},
		{"ELF", []byte("\x7fELF\x02\x01\x01"), []string{"an ELF program"}},
		{"PDF", []byte("%PDF-1.7"), []string{"a PDF document"}},
		{"cut xz", []byte("\xfd7zXZ\x00\x00\x04"), []string{"is damaged: it begins like xz", "expected a whole archive"}},
		{"text", []byte("hello you\nand more"), []string{`a text file beginning "hello you"`}},
		{"Dockerfile", []byte("FROM scratch\nCOPY a /\n"), []string{"is a Dockerfile", "open this one in the editor"}},
		{"noise", []byte{0, 1, 2, 3, 250}, []string{"is binary data beginning with the bytes 00 01 02 03 fa"}},
		{"the start of a tar", docker[:500], []string{"is the beginning of a tar archive, cut off"}},
		{"zeros", make([]byte, 100), []string{"is a run of zero bytes"}},
		{"an empty tar", make([]byte, 1024), []string{"is an empty tar archive"}},
		{"plain tar", pack(t, member{name: "readme", body: []byte("x")}), []string{"is a plain tar of 1 file (readme)", "neither manifest.json nor index.json"}},
		{"docker export", rootfs, []string{"is a root file system (.dockerenv, bin/, etc/, usr/, var/), as docker export writes it", "docker import FILE NAME"}},
		{"a big root file system", many(), []string{"plain tar of more than"}},
		{"Helm chart", pack(t, member{name: "app/Chart.yaml", body: []byte("name: app")}), []string{"is a Helm chart"}},
		{"one layer", s.tars[1], []string{"is a single layer (1 whiteout"}},
		{"layers alone", pack(t, member{name: "a/layer.tar", body: s.tars[0]}), []string{"without the manifest that puts them together"}},
		{"docker before 1.10", pack(t, member{name: "repositories", body: []byte("{}")}, member{name: "a/json", body: []byte("{}")}), []string{`entry "repositories"`, "before 1.10"}},
		{"gzip of a picture", gz([]byte("\x89PNG\r\n\x1a\nxx")), []string{"is gzip of something that is no tar: a PNG picture"}},
		{"gzip of a plain tar", gz(pack(t, member{name: "readme"})), []string{"is a plain tar of 1 file"}},
		{"bzip2 of no tar", []byte("BZh91AY&SY"), []string{"x.tar"}},
		{"gzip cut short", gz(docker)[:400], []string{"x.tar"}},
		{"zstd cut short", zst(docker)[:300], []string{"x.tar"}},
		{"manifest null", pack(t, member{name: "manifest.json", body: []byte("null")}), []string{`entry "manifest.json" is null`}},
		{"manifest no list", pack(t, member{name: "manifest.json", body: []byte("{}")}), []string{`entry "manifest.json" is not as Docker writes it`}},
		{"index no JSON", pack(t, member{name: "index.json", body: []byte("<")}, member{name: "oci-layout"}), []string{`entry "index.json" is no JSON document`}},
		{"index of nothing here", pack(t, member{name: "index.json", body: []byte(`{"manifests":[{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"sha256:` + strings.Repeat("a", 64) + `","size":3}]}`)}), []string{"names only manifests that are not in the archive: manifest aaaaaaaaaaaa"}},
		{"config missing", pack(t, member{name: "manifest.json", body: []byte(`[{"Config":"c.json","Layers":[]}]`)}), []string{`entry "manifest.json" names a config that is not there: "c.json" is not in the archive`}},
		{"config no config", pack(t, member{name: "manifest.json", body: []byte(`[{"Config":"c.json","Layers":[]}]`)}, member{name: "c.json", body: []byte("{}")}), []string{`entry "c.json" is no image config`, `no "rootfs"`}},
		{"name of 5,000 characters", pack(t, member{name: strings.Repeat("n", 5000), body: []byte("x")}), []string{"is a plain tar of 1 file"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := archive.Open(t.Context(), content.Bytes(tt.file), archive.Options{Name: "x.tar"})
			var e *archive.Error
			if !errors.As(err, &e) {
				t.Fatalf("error %v", err)
			}
			for _, w := range tt.want {
				if !strings.Contains(err.Error(), w) {
					t.Errorf("got:  %v\nwant: %q", err, w)
				}
			}
			if len(err.Error()) > 900 {
				t.Errorf("the message has %d bytes", len(err.Error()))
			}
		})
	}
}

// A file cut anywhere is told as such, or is whole but for the zero blocks at
// its end.
func TestOpenTruncatedAnywhere(t *testing.T) {
	file := newSample(t).layout(t, layoutOptions{docker: true})
	whole := len(bytes.TrimRight(file, "\x00")) // to the end of the last entry's bytes
	for n := 1; n < len(file); n += 97 {
		a, err := archive.Open(t.Context(), content.Bytes(file[:n]), archive.Options{})
		var e *archive.Error
		told := errors.As(err, &e) || err == nil && slices.ContainsFunc(a.Notes, func(s string) bool { return strings.Contains(s, "no end mark") })
		if n < whole && !told {
			t.Errorf("cut at %d: %v", n, err)
		}
	}
	_, err := archive.Open(t.Context(), content.Bytes(file[:5000]), archive.Options{Name: "x.tar"})
	want := `is truncated: the entry begins at byte `
	if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), `entry "blobs/sha256/`) {
		t.Errorf("got %v, want %q", err, want)
	}
}

// A header that claims 8 EiB, or 1 TiB in a sparse file of 10 kB, costs nothing.
func TestOpenLyingSizes(t *testing.T) {
	file := pack(t, member{name: "manifest.json", body: []byte("[]")}, member{name: "huge", body: []byte("x")})
	setSize(file[1024:1536], 1<<63-1)
	_, err := archive.Open(t.Context(), content.Bytes(file), archive.Options{Name: "x.tar"})
	if err == nil || !strings.Contains(err.Error(), `entry "huge" is truncated`) {
		t.Error(err)
	}
}

func TestOpenLinksThatLeadNowhere(t *testing.T) {
	s := newSample(t)
	id := strings.TrimPrefix(digestOf(s.config), "sha256:")
	file := pack(t,
		member{name: id + ".json", body: s.config},
		member{name: "a", link: "b"}, member{name: "b", link: "a"}, member{name: "self", hard: "self"}, member{name: "up", link: "../../../etc/passwd"},
		member{name: "manifest.json", body: []byte(`[{"Config":"` + id + `.json","Layers":["a","self","up"]}]`)})
	im := open(t, file).Images[0]
	for i, want := range []string{"leads in a circle", "hard link to itself", `a link to "etc/passwd", which is not in the archive`} {
		if got := im.Layers[i].Missing; !strings.Contains(got, want) {
			t.Errorf("layer %d: %q, want %q", i+1, got, want)
		}
	}
}

func TestOpenFewerAndMoreLayers(t *testing.T) {
	s := newSample(t)
	id := strings.TrimPrefix(digestOf(s.config), "sha256:")
	with := func(layers string) archive.Image {
		return open(t, pack(t, member{name: id + ".json", body: s.config}, member{name: "1", body: s.tars[0]},
			member{name: "manifest.json", body: []byte(`[{"Config":"` + id + `.json","RepoTags":["A:b:c","ok"],"Layers":[` + layers + `]}]`)})).Images[0]
	}
	for _, layers := range []string{``, `"1"`, `"1","1","1","1","1"`} {
		im := with(layers)
		if len(im.Layers) != 3 || len(im.Notes) == 0 || len(im.Names) != 1 || im.Names[0] != "ok:latest" {
			t.Errorf("%s: %d layers, notes %q, names %q", layers, len(im.Layers), im.Notes, im.Names)
		}
	}
}

// A config that is not what its name says loads, as it does in Docker, and says
// so; in an OCI layout the name is the digest, and the image is refused.
func TestOpenChangedConfig(t *testing.T) {
	s := newSample(t)
	changed := bytes.Replace(s.config, []byte("amd64"), []byte("arm64"), 1)
	legacy := bytes.Replace(s.legacy(t), s.config, changed, 1)
	im := open(t, legacy).Images[0]
	if len(im.Notes) != 1 || !strings.Contains(im.Notes[0], "config digest does not match: expected sha256:") || im.Platform != "linux/arm64" {
		t.Errorf("%s, notes %q", im.Platform, im.Notes)
	}
	oci := bytes.Replace(s.layout(t, layoutOptions{docker: true}), s.config, changed, 1)
	_, err := archive.Open(t.Context(), content.Bytes(oci), archive.Options{})
	if err == nil || !strings.Contains(err.Error(), "names a config that is damaged: config digest does not match: expected sha256:") {
		t.Error(err)
	}
}
