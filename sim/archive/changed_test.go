package archive_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/opencontainers/go-digest"

	"github.com/layerlab/layerlab/sim/archive"
	"github.com/layerlab/layerlab/sim/content"
)

// A layer whose very first byte was changed is no gzip any more. That it does not
// match its digest is what the person must hear, not what it looks like now.
func TestVerifyFirstByteChanged(t *testing.T) {
	b := archive.Blob{Missing: "it is no tar", Stored: content.String("\x1e\x8b rest"), Digest: digest.FromString("\x1f\x8b rest")}
	var m *archive.Mismatch
	if err := archive.Verify(context.Background(), b, nil, nil); !errors.As(err, &m) || m.Expected != b.Digest || m.Got != digest.FromString("\x1e\x8b rest") {
		t.Errorf("%v", err)
	}
	b.Digest = m.Got
	if err := archive.Verify(context.Background(), b, nil, nil); err == nil || !strings.Contains(err.Error(), "it is no tar") {
		t.Errorf("unchanged: %v", err)
	}
}

// Of a compressed archive that is cut off nobody knows how long it was inside.
func TestTruncatedGzip(t *testing.T) {
	var gz bytes.Buffer
	w := gzip.NewWriter(&gz)
	name := make([]byte, 512)
	copy(name, "manifest.json")
	copy(name[124:], "00000000100\x00")
	copy(name[148:], "        ")
	name[156] = '0'
	sum := 0
	for _, c := range name {
		sum += int(c)
	}
	copy(name[148:], []byte{'0' + byte(sum>>15&7), '0' + byte(sum>>12&7), '0' + byte(sum>>9&7), '0' + byte(sum>>6&7), '0' + byte(sum>>3&7), '0' + byte(sum&7), 0, ' '})
	w.Write(name)
	w.Flush()
	f := content.Bytes(gz.Bytes())
	_, err := archive.Open(context.Background(), f, archive.Options{Name: "cut.tar.gz"})
	if err == nil || !strings.Contains(err.Error(), "truncated") || strings.Contains(err.Error(), "-1") {
		t.Errorf("%v", err)
	}
}
