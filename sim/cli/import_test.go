package cli_test

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"fmt"
	"testing"

	"github.com/klauspost/compress/zstd"
)

// TestImportStores imports one tar as it is and compressed. As a real engine does,
// what is gzip or zstd already is stored as it came, all else as gzip; the layer
// is the same.
func TestImportStores(t *testing.T) {
	plain := tarOf(t, "f", "one\n", "d/g", "two\n")
	var gz bytes.Buffer
	z, err := gzip.NewWriterLevel(&gz, gzip.NoCompression) // not what we would write
	if err != nil {
		t.Fatal(err)
	}
	z.Write(plain)
	z.Close()
	enc, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	var ours bytes.Buffer
	z = gzip.NewWriter(&ours)
	z.Write(plain)
	z.Close()
	s := newTerm(t)
	for _, f := range []struct {
		name, mediaType string
		bytes, blob     []byte
	}{
		{"plain.tar", "gzip", plain, ours.Bytes()},
		{"gz.tar", "gzip", gz.Bytes(), gz.Bytes()},
		{"zstd.tar", "zstd", enc.EncodeAll(plain, nil), enc.EncodeAll(plain, nil)},
	} {
		s.give(f.name, f.bytes)
		s.run("docker import " + f.name + " i:1")
		want := fmt.Sprintf("layer sha256:%x sha256:%x\n", sha256.Sum256(f.blob), sha256.Sum256(plain))
		s.want("lab ids i:1 | tail -1", want)
		r, err := s.Engine().Store().Resolve("i:1")
		if err != nil {
			t.Fatal(err)
		}
		if got := r.Image.Manifest.Layers[0].MediaType; got != "application/vnd.oci.image.layer.v1.tar+"+f.mediaType {
			t.Errorf("%s: the layer's media type is %s", f.name, got)
		}
		s.want("lab tree i:1 | grep -c /", "3\n")
	}
}

// TestImportNothing imports what has no files: a real engine makes an image of it.
func TestImportNothing(t *testing.T) {
	s := newTerm(t)
	s.give("empty.tar", nil)
	s.give("zero.tar", make([]byte, 1024))
	s.run("docker import empty.tar e:1; docker import zero.tar z:1")
	s.want("lab ids e:1 | tail -1", "layer sha256:30e6fa98fb48c2b132824d1ac5e2243c0be9e9082ff32598d34d7687ca7f6c7f sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\n")
	s.want("lab ids z:1 | tail -1", "layer sha256:4f4fb700ef54461cfa02571ae0db9a0dc1e0cdb5577484a6d75e68dc38e8acc1 sha256:5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef\n")
}
