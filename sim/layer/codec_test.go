package layer

import (
	"bytes"
	"compress/gzip"
	"encoding/hex"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/klauspost/compress/zstd"

	"github.com/layerlab/layerlab/internal/hazard"
	"github.com/layerlab/layerlab/sim/content"
	"github.com/layerlab/layerlab/sim/tree"
)

func gzipped(s string) []byte {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	io.WriteString(w, s)
	w.Close()
	return b.Bytes()
}

func zstded(t *testing.T, s string) []byte {
	t.Helper()
	w, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	return w.EncodeAll([]byte(s), nil)
}

func unhex(s string) []byte {
	b, err := hex.DecodeString(s)
	if err != nil {
		panic(err)
	}
	return b
}

var (
	bzip2Hello = unhex("425a68393141592653591931653d00000081000244a000219a68334d07338bb9229c28480c98b29e80")
	xzHello    = unhex("fd377a585a000004e6d6b4460200210116000000742fe5a301000468656c6c6f00000000b137b9dbe5da1e9b00011d05b82d80af1fb6f37d010000000004595a")
	skippable  = append(unhex("502a4d1806000000"), "notice"...)
)

func TestInflate(t *testing.T) {
	long := strings.Repeat("some words again and again, ", 20_000)
	for name, test := range map[string]struct {
		blob  []byte
		codec Codec
		want  string
	}{
		"plain":               {[]byte("plain"), Plain, "plain"},
		"nothing":             {nil, Plain, ""},
		"gzip":                {gzipped(long), Gzip, long},
		"gzip members":        {append(gzipped("one "), append(gzipped(""), gzipped(long)...)...), Gzip, "one " + long},
		"zstd":                {zstded(t, long), Zstd, long},
		"zstd frames":         {append(zstded(t, "one "), append(bytes.Clone(skippable), zstded(t, long)...)...), Zstd, "one " + long},
		"zstd skippable":      {append(bytes.Clone(skippable), zstded(t, "text")...), Zstd, "text"},
		"zstd skippable last": {append(zstded(t, "text"), skippable...), Zstd, "text"},
		"bzip2":               {bzip2Hello, Bzip2, "hello"},
		"xz":                  {xzHello, XZ, "hello"},
		"xz streams":          {append(bytes.Clone(xzHello), xzHello...), XZ, "hellohello"},
	} {
		t.Run(name, func(t *testing.T) {
			if c := Detect(test.blob[:min(len(test.blob), DetectLen)]); c != test.codec {
				t.Fatalf("taken for %s", c)
			}
			b := InflatedBody(content.Bytes(test.blob), test.codec, -1)
			if got, err := content.ReadAll(b, 1<<20); err != nil || string(got) != test.want || b.Size() != int64(len(test.want)) {
				t.Errorf("%d bytes, %v; want %d", len(got), err, len(test.want))
			}
			rc, err := b.Open()
			if err != nil {
				t.Fatal(err)
			}
			defer rc.Close()
			if err := iotest.TestReader(onlyReader{rc}, []byte(test.want)); err != nil {
				t.Error(err)
			}
		})
	}
}

type onlyReader struct{ io.Reader }

func TestDamagedBlobs(t *testing.T) {
	long := strings.Repeat("some words again and again, ", 20_000)
	g, z := gzipped(long), zstded(t, long)
	flipped := bytes.Clone(g)
	flipped[len(flipped)-5] ^= 1 // in the checksum
	for name, test := range map[string]struct {
		blob  []byte
		codec Codec
		want  string
	}{
		"cut gzip":          {g[:len(g)/2], Gzip, "inflating gzip: unexpected EOF"},
		"cut gzip header":   {g[:5], Gzip, "reading the gzip header: unexpected EOF"},
		"flipped gzip":      {flipped, Gzip, "inflating gzip: gzip: invalid checksum"},
		"gzip and garbage":  {append(gzipped("x"), "garbage"...), Gzip, "inflating gzip"},
		"cut zstd":          {z[:len(z)/2], Zstd, "inflating zstd: unexpected EOF"},
		"huge zstd window":  {unhex("28b52ffd00b8010000"), Zstd, "inflating zstd"},
		"bzip2 of nonsense": {[]byte("BZh9nonsense"), Bzip2, "inflating bzip2"},
		"cut xz header":     {[]byte("\xfd7zXZ\x00"), XZ, "reading the xz header: xz: data is truncated"},
		"cut xz":            {xzHello[:len(xzHello)-9], XZ, "inflating xz: xz: data is truncated"},
		"huge xz window":    {unhex("fd377a585a000004e6d6b4460200210128000000e6a011b3010004"), XZ, "dictionary size exceeds max"},
		"no such codec":     {[]byte("x"), Codec(9), "unknown codec 9"},
	} {
		t.Run(name, func(t *testing.T) {
			r, err := NewInflater(bytes.NewReader(test.blob), test.codec)
			if err == nil {
				_, err = io.Copy(io.Discard, r)
				r.Close()
			}
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("%v, want %q", err, test.want)
			}
			if b := InflatedBody(content.Bytes(test.blob), test.codec, -1); b.Size() < 0 {
				t.Errorf("size is %d", b.Size())
			}
		})
	}
}

// TestIndexOfCutBlob says that a layer whose blob is cut short is not taken for a
// short layer.
func TestIndexOfCutBlob(t *testing.T) {
	blob := gzipped(string(manyFiles(3000)))
	_, err := Index(ctx, InflatedBody(content.Bytes(blob[:len(blob)/2]), Gzip, -1), IndexOptions{Digest: true})
	if !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Error(err)
	}
}

// TestWalkInflatesOnce reads every file of a compressed layer in order and counts
// how often its blob is opened.
func TestWalkInflatesOnce(t *testing.T) {
	blob := content.Bytes(gzipped(string(manyFiles(500))))
	opens := 0
	stored := content.Recipe(blob.Size(), func() (io.ReadCloser, error) {
		opens++
		return blob.Open()
	})
	l, err := Index(ctx, InflatedBody(stored, Gzip, -1), IndexOptions{})
	if err != nil {
		t.Fatal(err)
	}
	l.Tree.Walk(func(p string, _ tree.Ino, n *tree.Inode) bool {
		if n.IsRegular() {
			p := make([]byte, 10)
			if _, err := content.ReadAt(n.Body, p, 100); err != nil {
				t.Fatal(err)
			}
			if _, err := content.ReadAll(n.Body, 1<<20); err != nil {
				t.Fatal(err)
			}
		}
		return true
	})
	if opens > 3 {
		t.Errorf("the blob was opened %d times", opens)
	}
}

func TestEach(t *testing.T) {
	for name, want := range map[string]string{
		"duplicates":    `/t "first" /t "second!" `,
		"global-header": `/a "x" `,
		"opaque-last":   `/a "" /a/n "x" /a/.wh..wh..opq "" `,
		"hardlinks":     `/t "data" /h "" /d/h2 "" `,
		"empty":         "",
	} {
		var got strings.Builder
		err := hazardLayer(t, name).Each(ctx, func(e Entry) error {
			b, err := io.ReadAll(e.Body)
			got.WriteString(e.Name + ` "` + string(b) + `" `)
			return err
		})
		if err != nil || got.String() != want {
			t.Errorf("%s: %s, %v; want %s", name, got.String(), err, want)
		}
	}
	stop := errors.New("seen enough")
	if err := hazardLayer(t, "hardlinks").Each(ctx, func(Entry) error { return stop }); err != stop {
		t.Error(err)
	}
}

func TestEmpty(t *testing.T) {
	l, err := Index(ctx, Empty().Tar(), IndexOptions{Digest: true})
	if err != nil || l.DiffID != Empty().DiffID || l.Size != Empty().Size || l.Entries != 0 || l.DiskUsage() != 4096 {
		t.Errorf("%+v, %v", l, err)
	}
}

// TestFlattenResolvesLinksToLowerLayers says what a hard link to another layer's
// file becomes, and one to nothing.
func TestFlattenResolvesLinksToLowerLayers(t *testing.T) {
	lower, err := Index(ctx, content.Bytes(hazard.Build(hazard.Entry{Name: "bin/lower", Body: "low"})), IndexOptions{})
	if err != nil {
		t.Fatal(err)
	}
	top := hazardLayer(t, "hardlink-lower")
	if got, want := list(t, Flatten([]*Layer{lower, top})), "d bin\n- bin/lower nlink=2 \"low\"\n- h nlink=2 \"low\"\n"; got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	if got := list(t, Flatten([]*Layer{top})); got != "" {
		t.Errorf("a link to nothing becomes %s", got)
	}
}
