//go:build browser

package browser_test

import (
	"archive/tar"
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// tarOf is a tar of files by name; names that end in "/" are directories.
func tarOf(t *testing.T, pairs ...string) []byte {
	t.Helper()
	var out bytes.Buffer
	w := tar.NewWriter(&out)
	for i := 0; i < len(pairs); i += 2 {
		h := &tar.Header{Name: pairs[i], Mode: 0o644, Size: int64(len(pairs[i+1]))}
		if pairs[i][len(pairs[i])-1] == '/' {
			h.Typeflag, h.Mode = tar.TypeDir, 0o755
		}
		if err := w.WriteHeader(h); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(pairs[i+1])); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// leaky is a docker archive of an image whose second layer deletes a secret.
func leaky(t *testing.T) []byte {
	t.Helper()
	layers := [][]byte{
		tarOf(t, "etc/", "", "etc/secret.txt", "the password is swordfish\n", "etc/motd", "welcome\n"),
		tarOf(t, "etc/", "", "etc/.wh.secret.txt", ""),
		tarOf(t, "app/", "", "app/run.sh", "#!/bin/sh\n"),
	}
	return imageOf(t, "leaky:1", layers,
		map[string]any{"created_by": "COPY secret.txt motd /etc/ # buildkit"},
		map[string]any{"created_by": "RUN /bin/sh -c rm /etc/secret.txt # buildkit"},
		map[string]any{"created_by": "COPY run.sh /app/ # buildkit"},
		map[string]any{"created_by": `CMD ["/app/run.sh"]`, "empty_layer": true})
}

// imageOf is a docker archive of one image, with layers named 1/layer.tar and so
// on.
func imageOf(t *testing.T, name string, layers [][]byte, history ...any) []byte {
	t.Helper()
	var ids, names, files []string
	for i, l := range layers {
		ids = append(ids, sum(l))
		names = append(names, fmt.Sprintf("%d/layer.tar", i+1))
		files = append(files, names[i], string(l))
	}
	config, err := json.Marshal(map[string]any{
		"architecture": "amd64", "os": "linux", "config": map[string]any{"Cmd": []string{"/app/run.sh"}},
		"rootfs":  map[string]any{"type": "layers", "diff_ids": ids},
		"history": history,
	})
	if err != nil {
		t.Fatal(err)
	}
	manifest, err := json.Marshal([]any{map[string]any{"Config": "config.json", "RepoTags": []string{name}, "Layers": names}})
	if err != nil {
		t.Fatal(err)
	}
	return tarOf(t, append([]string{"manifest.json", string(manifest), "config.json", string(config)}, files...)...)
}

func TestADroppedImageShowsItsLayers(t *testing.T) {
	page := openBench(t)
	drop(t, page, "leaky.tar", leaky(t))
	page.Find("button", "Layer 1 of 3, COPY secret.txt motd /etc/…")
	page.Find("button", "Layer 2 of 3, RUN rm /etc/secret.txt…")
	page.Find("button", "Layer 3 of 3, COPY run.sh /app/…")
	page.Text("status", "What happened", "all digests verified")
}

func TestAFlippedByteIsTold(t *testing.T) {
	page := openBench(t)
	b := leaky(t)
	b[bytes.Index(b, []byte("swordfish"))] ^= 1
	drop(t, page, "leaky.tar", b)
	page.Text("list", "Layers, topmost first", "does not match")
}

func TestWhatIsNoImageIsTold(t *testing.T) {
	for name, tc := range map[string]struct {
		bytes []byte
		says  []string
	}{
		"empty.tar":   {nil, []string{"is empty: it has 0 bytes"}},
		"cut.tar":     {leaky(t)[:3000], []string{`entry "config.json" is truncated`, "download it again"}},
		"picture.png": {[]byte("\x89PNG\r\n\x1a\n0000"), []string{"a PNG picture", "expected a tar of docker save"}},
	} {
		t.Run(name, func(t *testing.T) {
			page := openBench(t)
			drop(t, page, name, tc.bytes)
			page.Find("list", "Archives being opened").Find("alert", "").Says(tc.says...)
			page.Find("button", "Layer 6 of 6…") // what was there is still there
		})
	}
}

func TestAnImageIsOpenedWithTheButton(t *testing.T) {
	file := filepath.Join(t.TempDir(), "leaky.tar")
	if err := os.WriteFile(file, leaky(t), 0o644); err != nil {
		t.Fatal(err)
	}
	page := openBench(t)
	page.Find("button", "Open an image…").ChooseFile(file)
	page.Find("button", "Layer 3 of 3, COPY run.sh /app/…")
}

func TestADeletedFileIsXRayedAndRead(t *testing.T) {
	page := openBench(t)
	drop(t, page, "leaky.tar", leaky(t))
	page.Text("status", "What happened", "all digests verified")
	page.Find("button", "Show deleted files").Click()
	files := page.Find("treegrid", "Files of leaky:1")
	files.Find("row", "etc/…").Click()
	files.Press("ArrowRight")
	files.Find("row", "…secret.txt…").Click()
	xray := page.Find("region", "X-ray of /etc/secret.txt")
	xray.Says("whiteout", "26 B")
	page.Screenshot("x-ray of a deleted file")
	xray.Find("button", "Read the contents in…").Click()
	page.Find("region", "The bytes as text").Says("the password is swordfish")
	page.Screenshot("contents of a deleted file")
}

func TestADeletedFileIsOpenedAndReadByKeyboardAlone(t *testing.T) {
	file := filepath.Join(t.TempDir(), "leaky.tar")
	if err := os.WriteFile(file, leaky(t), 0o644); err != nil {
		t.Fatal(err)
	}
	page := openBench(t)
	page.TabTo("button", "Open an image…")
	page.EnterFile(file)
	page.Text("status", "What happened", "all digests verified")
	page.TabTo("button", "Layer 3 of 3, COPY run.sh /app/…")
	page.TabTo("button", "Show deleted files")
	page.Press("Enter")
	page.TabTo("treegrid", "Files of leaky:1")
	page.Press("End", "ArrowRight", "End") // etc, opened, and the last name of all
	page.Find("region", "X-ray of /etc/secret.txt").Says("whiteout", "26 B")
	page.TabTo("button", "Read the contents in…")
	page.Press("Enter")
	page.Find("region", "The bytes as text").Says("the password is swordfish")
}
