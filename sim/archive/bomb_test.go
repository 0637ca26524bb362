package archive_test

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/layerlab/layerlab/internal/hazard"
	"github.com/layerlab/layerlab/sim/archive"
	"github.com/layerlab/layerlab/sim/content"
)

// bombs are archives of some kilobytes, or a few megabytes, that would take hours
// or all memory if they were taken at their word.
func bombs(t *testing.T) map[string][]byte {
	s := newSample(t)
	config := func(diffs int) []byte {
		return fmt.Appendf(nil, `{"os":"linux","architecture":"amd64","rootfs":{"type":"layers","diff_ids":[%s""]}}`, strings.Repeat(`"",`, diffs-1))
	}
	manifest := func(text string) member { return member{name: "manifest.json", body: []byte(text)} }
	items := func(n int, item string) string { return "[" + strings.Repeat(item+",", n-1) + item + "]" }
	link := func(i int) member {
		return member{name: fmt.Sprintf("l%d", i), link: strings.Repeat("./", 1000) + fmt.Sprintf("l%d/x", i+1)}
	}
	var links []member
	for i := range 50 {
		links = append(links, link(i))
	}
	return map[string][]byte{
		"one config of 100,000 layers, named 2,000 times": pack(t, member{name: "c", body: config(100_000)}, manifest(items(2000, `{"Config":"c","Layers":[]}`))),
		"one config of 4,000 layers, named 2,000 times":   pack(t, member{name: "c", body: config(4000)}, manifest(items(2000, `{"Config":"c","Layers":[]}`))),
		"200,000 layers that are one file":                pack(t, member{name: "c", body: s.config}, member{name: "l"}, manifest(`[{"Config":"c","Layers":`+items(200_000, `"l"`)+`}]`)),
		"a layer's name of a million folders":             pack(t, member{name: "c", body: s.config}, member{name: "x", link: "y"}, manifest(`[{"Config":"c","Layers":["`+strings.Repeat("a/", 1_000_000)+`"]}]`)),
		"layers behind links to folders":                  pack(t, append(links, member{name: "c", body: s.config}, manifest(`[{"Config":"c","Layers":`+items(3000, `"l0/x`+strings.Repeat("/a", 500)+`"`)+`}]`))...),
		"half a million tags":                             pack(t, member{name: "c", body: s.config}, manifest(`[{"Config":"c","Layers":[],"RepoTags":`+items(500_000, `"a/b:c"`)+`}]`)),
		"a tag of a megabyte":                             pack(t, member{name: "c", body: s.config}, manifest(`[{"Config":"c","Layers":[],"RepoTags":["`+strings.Repeat("a/", 500_000)+`b"]}]`)),
		"a config of brackets":                            pack(t, member{name: "c", body: bytes.Repeat([]byte("["), 1<<20)}, manifest(`[{"Config":"c","Layers":[]}]`)),
	}
}

// Each bomb is opened, or refused, at a cost that its size explains.
func TestBombs(t *testing.T) {
	for name, b := range bombs(t) {
		t.Run(name, func(t *testing.T) {
			hazard.Spend(t, len(b), hazard.Budget{Base: 192 << 20, Factor: 200}, func() {
				a, err := archive.Open(t.Context(), content.Bytes(b), archive.Options{Name: "x"})
				if err != nil {
					if len(err.Error()) > 1500 {
						t.Errorf("the message has %d bytes", len(err.Error()))
					}
					return
				}
				layers := 0
				for _, im := range a.Images {
					layers += len(im.Layers)
				}
				if layers > 1<<16 || len(a.Notes) > 110 {
					t.Errorf("%d images, %d layers, notes %.300q", len(a.Images), layers, a.Notes)
				}
			})
		})
	}
}

// Whoever opens a bomb can stop: neither opening nor verifying goes on for long
// without asking.
func TestBombsCanBeStopped(t *testing.T) {
	s := newSample(t)
	for _, b := range hazard.Blobs() {
		if b.Size < 1<<20 {
			continue
		}
		// As the outer file: a tar, and then zeros without end.
		outer := b.Bytes
		switch {
		case strings.HasPrefix(b.Name, "zstd"):
			outer = append(hazard.ZstdRaw(s.legacy(t)), b.Bytes...)
		case strings.HasPrefix(b.Name, "gzip"):
			outer = append(gz(s.legacy(t)), b.Bytes...)
		}
		hazard.Spend(t, len(outer), hazard.Budget{Base: 1 << 30}, func() {
			stop := &atMost{pauses: 5}
			_, err := archive.Open(t.Context(), content.Bytes(outer), archive.Options{Pause: stop.pause})
			if bad := (*archive.Error)(nil); !errors.Is(err, errEnough) && !errors.As(err, &bad) || stop.pauses > 0 && b.Size > 50<<20 {
				t.Errorf("%s around an archive: %v, %d pauses left", b.Name, err, stop.pauses)
			}
		})
		// As a layer.
		im := open(t, s.layout(t, layoutOptions{store: func([]byte) []byte { return b.Bytes }, typ: "application/vnd.oci.image.layer.v1.tar+gzip"})).Images[0]
		stop := &atMost{pauses: 5}
		err := archive.Verify(t.Context(), im.Layers[0], nil, stop.pause)
		if bzip2 := strings.HasPrefix(b.Name, "bzip2"); bzip2 != (err != nil && strings.Contains(err.Error(), "bzip2")) || !bzip2 && !errors.Is(err, errEnough) {
			t.Errorf("%s as a layer: %v", b.Name, err)
		}
	}
}
