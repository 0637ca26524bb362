package layer

import (
	"archive/tar"
	"bufio"
	"bytes"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/opencontainers/go-digest"

	"github.com/layerlab/layerlab/sim/content"
)

// recorded is a layer of testdata/buildkit.txt.
type recorded struct {
	diffID, blob digest.Digest
	size         int64
	tar          []byte // of the same entries, but with headers as this test writes them
}

func readRecorded(t *testing.T) []recorded {
	t.Helper()
	f, err := os.Open("testdata/buildkit.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var out []recorded
	var b bytes.Buffer
	var w *tar.Writer
	finish := func() {
		if w != nil {
			w.Close()
			out[len(out)-1].tar = bytes.Clone(b.Bytes())
		}
		b.Reset()
		w = tar.NewWriter(&b)
	}
	for lines := bufio.NewScanner(f); lines.Scan(); {
		line := lines.Text()
		if strings.HasPrefix(line, "#") {
			continue
		}
		var r recorded
		if n, _ := fmt.Sscanf(line, "layer %s %s %d", &r.diffID, &r.blob, &r.size); n == 3 {
			finish()
			out = append(out, r)
			continue
		}
		h := &tar.Header{Format: tar.FormatPAX}
		var sec int64
		var body string
		var kind rune
		if _, err := fmt.Sscanf(line, "%q %c %o %d %d %d %q %q %d %d", &h.Name, &kind, &h.Mode, &h.Uid, &h.Gid, &sec, &h.Linkname, &body, &h.Devmajor, &h.Devminor); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		if strings.Contains(h.Name, "\xe9") {
			h.Format = tar.FormatGNU
		}
		h.Typeflag, h.Size, h.ModTime = byte(kind), int64(len(body)), time.Unix(sec, 777)
		h.Uname, h.Gname = "somebody", "somegroup"
		if err := w.WriteHeader(h); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		w.Write([]byte(body))
	}
	finish()
	return out
}

// TestRecordedLayersComeOutAlike reads layers that a real BuildKit made (hard
// links, whiteouts among files, devices, long names, names that are no UTF-8,
// owners beyond octal) and writes them anew: tar and blob are equal to the bit.
func TestRecordedLayersComeOutAlike(t *testing.T) {
	layers := readRecorded(t)
	if len(layers) != 5 {
		t.Fatalf("%d layers are recorded", len(layers))
	}
	for i, r := range layers {
		l, err := Index(ctx, content.Bytes(r.tar), IndexOptions{})
		if err != nil {
			t.Fatal(err)
		}
		l, err = New(ctx, l.Tree, WriteOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if l.DiffID != r.diffID || l.Size != r.size {
			t.Errorf("layer %d: tar is %s of %d bytes, want %s of %d", i, l.DiffID, l.Size, r.diffID, r.size)
		}
		if _, d, err := GzipBlob(ctx, l.Tar(), nil); err != nil || d != r.blob {
			t.Errorf("layer %d: blob is %s, %v, want %s", i, d, err, r.blob)
		}
	}
}
