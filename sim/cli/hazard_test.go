package cli_test

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/layerlab/layerlab/sim/content"
)

// tarOf is a tar of files, in the order given: name, content, name, content, …
func tarOf(t *testing.T, files ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for i := 0; i < len(files); i += 2 {
		h := &tar.Header{Name: files[i], Mode: 0o644, Size: int64(len(files[i+1])), Typeflag: tar.TypeReg, Format: tar.FormatPAX}
		if err := w.WriteHeader(h); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(files[i+1])); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// savedOf is a docker archive as it was before Docker 25. stored are the layers'
// bytes as they lie in it, nil for one that is left out.
func savedOf(t *testing.T, name string, layers, stored [][]byte) []byte {
	t.Helper()
	type config struct {
		Architecture string         `json:"architecture"`
		OS           string         `json:"os"`
		Config       map[string]any `json:"config"`
		RootFS       map[string]any `json:"rootfs"`
	}
	var diffs, names, files []string
	for i, l := range layers {
		sum := sha256.Sum256(l)
		diffs = append(diffs, "sha256:"+hex.EncodeToString(sum[:]))
		names = append(names, fmt.Sprintf("%064x/layer.tar", i))
		if stored[i] != nil {
			files = append(files, names[i], string(stored[i]))
		}
	}
	cfg, err := json.Marshal(config{"amd64", "linux", map[string]any{"Cmd": []string{"/f"}}, map[string]any{"type": "layers", "diff_ids": diffs}})
	if err != nil {
		t.Fatal(err)
	}
	manifest, err := json.Marshal([]map[string]any{{"Config": "config.json", "RepoTags": []string{name}, "Layers": names}})
	if err != nil {
		t.Fatal(err)
	}
	return tarOf(t, append(files, "config.json", string(cfg), "manifest.json", string(manifest))...)
}

// TestBadFiles loads what cannot be loaded: each is told from the others, in
// words that name what is wrong, and what was there before stays.
func TestBadFiles(t *testing.T) {
	one, two := tarOf(t, "f", strings.Repeat("1", 3000)), tarOf(t, "g", strings.Repeat("2", 3000))
	good := savedOf(t, "good:1", [][]byte{one, two}, [][]byte{one, two})
	flipped := bytes.Clone(two)
	flipped[700] ^= 1
	long := tarOf(t, strings.Repeat("123456789/", 500)+"f", "x")
	for _, f := range []struct {
		name  string
		bytes []byte
		want  []string
	}{
		{"empty.tar", nil, []string{"unrecognized image format", "0 bytes"}},
		{"a.png", append([]byte("\x89PNG\r\n\x1a\n"), make([]byte, 4000)...), []string{"archive/tar: invalid tar header", "PNG"}},
		{"short.tar", good[:5000], []string{"truncated"}},
		{"flipped.tar", savedOf(t, "x:1", [][]byte{one, two}, [][]byte{one, flipped}), []string{`"x:1"`, "layer 2 of 2", "DiffID does not match: expected sha256:", "got sha256:", "Nothing of the file was loaded"}},
		{"missing.tar", savedOf(t, "x:1", [][]byte{one, two}, [][]byte{one, nil}), []string{"not in the archive", fmt.Sprintf("%064x/layer.tar", 1)}},
		{"long.tar", savedOf(t, "x:1", [][]byte{long}, [][]byte{long}), []string{"layer 1 of 1", "5001 bytes long", "4095"}},
		{"plain.tar", one, []string{"plain tar", "manifest.json"}},
	} {
		t.Run(f.name, func(t *testing.T) {
			s := newTerm(t)
			s.give("good.tar", good)
			s.run("docker load -i /mnt/good.tar")
			before := s.run("docker images; lab tree good:1")
			s.give(f.name, f.bytes)
			out, exit := s.try("docker load -i " + f.name)
			if exit != 1 {
				t.Errorf("exit %d", exit)
			}
			for _, w := range f.want {
				if !strings.Contains(out, w) {
					t.Errorf("the answer does not say %q:\n%s", w, out)
				}
			}
			if after := s.run("docker images; lab tree good:1"); after != before {
				t.Errorf("what was there changed:\n%s\n%s", before, after)
			}
		})
	}
}

func (s term) give(name string, b []byte) {
	s.t.Helper()
	if err := s.Engine().Give(name, content.Bytes(b)); err != nil {
		s.t.Fatal(err)
	}
}

// TestManyLayers loads 300 layers: Docker 29 takes them too, because containerd
// mounts them with one call for each directory.
func TestManyLayers(t *testing.T) {
	var layers [][]byte
	for i := range 300 {
		layers = append(layers, tarOf(t, fmt.Sprintf("f%d", i), "x"))
	}
	s := newTerm(t)
	s.give("many.tar", savedOf(t, "many:1", layers, layers))
	s.run("docker load -i many.tar")
	s.want("docker history -q many:1 | wc -l; lab tree many:1 | wc -l", "300\n300\n")
}

// TestHugeSparseFile loads an image with a file of 1 TiB that takes 10 KB.
func TestHugeSparseFile(t *testing.T) {
	const size = 1 << 40
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	body := "1\n0\n512\n" + strings.Repeat("\x00", 504) + strings.Repeat("D", 512)
	h := &tar.Header{Name: "GNUSparseFile.0/big", Mode: 0o644, Size: int64(len(body)), Typeflag: tar.TypeReg, Format: tar.FormatPAX, PAXRecords: map[string]string{
		"LAYERLAB.size": fmt.Sprint(size),
	}}
	if err := w.WriteHeader(h); err != nil {
		t.Fatal(err)
	}
	fmt.Fprint(w, body)
	w.Close()
	// archive/tar does not write GNU.sparse records: they are put in by hand, in
	// place of a record of the same length.
	raw := sparseRecords(t, b.Bytes(), size)
	s := newTerm(t)
	s.give("sparse.tar", savedOf(t, "sparse:1", [][]byte{raw}, [][]byte{raw}))
	s.run("docker load -i sparse.tar")
	out := s.run("lab layers sparse:1 | tail -1")
	if !strings.Contains(out, fmt.Sprint(size)) || !strings.Contains(out, "/big") {
		t.Errorf("the layer lists %q", out)
	}
}

// sparseRecords writes the extended header of a GNU sparse file (format 1.0) into
// the first PAX header of a tar.
func sparseRecords(t *testing.T, b []byte, size int64) []byte {
	t.Helper()
	records := ""
	for _, kv := range []string{"GNU.sparse.major=1", "GNU.sparse.minor=0", "GNU.sparse.name=big", fmt.Sprintf("GNU.sparse.realsize=%d", size)} {
		n := len(kv) + 3
		if n >= 10 {
			n = len(kv) + 4
		}
		records += fmt.Sprintf("%d %s\n", n, kv)
	}
	out := bytes.Clone(b)
	for i := range 512 {
		out[512+i] = 0
	}
	copy(out[512:], records)
	copy(out[124:136], fmt.Sprintf("%011o\x00", len(records)))
	sum := 0
	copy(out[148:156], "        ")
	for _, c := range out[:512] {
		sum += int(c)
	}
	copy(out[148:156], fmt.Sprintf("%06o\x00 ", sum))
	return out
}
