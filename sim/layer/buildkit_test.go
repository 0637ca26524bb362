package layer

import (
	"archive/tar"
	"bufio"
	"bytes"
	"encoding/hex"
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/opencontainers/go-digest"

	"github.com/layerlab/layerlab/sim/content"
)

// recorded is a layer of testdata/buildkit*.txt.
type recorded struct {
	by           string // the step that made it, where that was recorded
	diffID, blob digest.Digest
	size         int64
	tar          []byte // of the same entries, but with headers as this test writes them
}

func readRecorded(t *testing.T, file string) []recorded {
	t.Helper()
	f, err := os.Open("testdata/" + file)
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
		if by, ok := strings.CutPrefix(line, "# "); ok {
			if len(out) > 0 {
				out[len(out)-1].by = by
			}
			continue
		}
		var r recorded
		if n, _ := fmt.Sscanf(line, "layer %s %s %d", &r.diffID, &r.blob, &r.size); n == 3 {
			finish()
			out = append(out, r)
			continue
		}
		h, body := parseRecorded(t, line)
		if err := w.WriteHeader(h); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		w.Write([]byte(body))
	}
	finish()
	return out
}

// repeated is a body that is one byte many times over: "s"*70000.
var repeated = regexp.MustCompile(`"(.)"\*([0-9]+) `)

// parseRecorded is an entry of a recorded layer with a header that is unlike the
// one that BuildKit wrote wherever that must not matter.
func parseRecorded(t *testing.T, line string) (h *tar.Header, body string) {
	t.Helper()
	full := repeated.ReplaceAllStringFunc(line, func(s string) string {
		m := repeated.FindStringSubmatch(s)
		n, _ := strconv.Atoi(m[2])
		return strconv.Quote(strings.Repeat(m[1], n)) + " "
	})
	h = &tar.Header{Format: tar.FormatPAX, Uname: "somebody", Gname: "somegroup"}
	var sec int64
	var kind rune
	if _, err := fmt.Sscanf(full, "%q %c %o %d %d %d %q %q %d %d", &h.Name, &kind, &h.Mode, &h.Uid, &h.Gid, &sec, &h.Linkname, &body, &h.Devmajor, &h.Devminor); err != nil {
		t.Fatalf("%.200s: %v", line, err)
	}
	h.Typeflag, h.Size, h.ModTime = byte(kind), int64(len(body)), time.Unix(sec, 777)
	last := full[strings.LastIndexByte(full, ' ')+1:]
	if key, value, ok := strings.Cut(last, "="); ok {
		b, err := hex.DecodeString(value)
		if err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		h.PAXRecords = map[string]string{key: string(b), "SCHILY.xattr.user.note": "BuildKit leaves it out"}
	}
	if !utf8.ValidString(h.Name + h.Linkname) {
		h.Format = tar.FormatGNU
	}
	return h, body
}

// TestRecordedLayersComeOutAlike reads layers that a real BuildKit made (hard
// links, whiteouts among files, devices, long names, names that are no UTF-8,
// owners beyond octal, capabilities, times before 1970 and after 2242) and writes
// them anew: tar and blob are equal to the bit.
func TestRecordedLayersComeOutAlike(t *testing.T) {
	layers := append(readRecorded(t, "buildkit.txt"), readRecorded(t, "buildkit-steps.txt")...)
	if len(layers) != 5+31 {
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
			t.Errorf("layer %d (%.80s): tar is %s of %d bytes, want %s of %d", i, r.by, l.DiffID, l.Size, r.diffID, r.size)
		}
		if _, d, err := GzipBlob(ctx, l.Tar(), nil); err != nil || d != r.blob {
			t.Errorf("layer %d (%.80s): blob is %s, %v, want %s", i, r.by, d, err, r.blob)
		}
	}
}
