//go:build browser

package browser_test

import (
	"archive/tar"
	"bytes"
	"fmt"
	"io"
	"testing"

	"github.com/layerlab/layerlab/internal/hazard"
	"github.com/layerlab/layerlab/scripts/internal/chrome"
)

// stillThere checks that what was in the page before a bad file came is as it
// was, in the terminal and in the choice of images.
func stillThere(page *chrome.Page) {
	command(page, "docker images -q app:2 | wc -l && docker exec web cat /app/out.log && echo as it was", "1", "as it was")
}

// without is a tar without one of its files.
func without(t *testing.T, archive []byte, name string) []byte {
	t.Helper()
	var pairs []string
	r := tar.NewReader(bytes.NewReader(archive))
	for {
		h, err := r.Next()
		if err == io.EOF {
			return tarOf(t, pairs...)
		}
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		if h.Name != name {
			pairs = append(pairs, h.Name, string(b))
		}
	}
}

func TestAMissingLayerIsTold(t *testing.T) {
	page := openBench(t)
	drop(t, page, "missing.tar", without(t, leaky(t), "2/layer.tar"))
	page.Text("list", "Layers, topmost first", "not in the archive")
	page.Find("button", "Layer 3 of 3, COPY run.sh /app/…")
	stillThere(page)
}

func TestAPathThatIsTooLongIsTold(t *testing.T) {
	page := openBench(t)
	drop(t, page, "path.tar", imageOf(t, "path:1", [][]byte{hazard.Get("path-5000")}))
	page.Text("list", "Layers, topmost first", "Linux allows 4095")
	stillThere(page)
}

func TestAHugeSparseFileIsNames(t *testing.T) {
	page := openBench(t)
	drop(t, page, "sparse.tar", imageOf(t, "sparse:1", [][]byte{hazard.Get("sparse-bomb-1.0")}))
	page.Find("button", "Layer 1 of 1…")
	page.Text("status", "What happened", "all digests verified")
	page.Find("treegrid", "Files of sparse:1").Says("1.1 TB")
	stillThere(page)
}

func TestThreeHundredLayers(t *testing.T) {
	var layers [][]byte
	for i := range 300 {
		layers = append(layers, tarOf(t, fmt.Sprintf("f%d", i), "x"))
	}
	page := openBench(t)
	drop(t, page, "many.tar", imageOf(t, "many:1", layers))
	page.Find("button", "Layer 300 of 300…")
	page.Text("status", "What happened", "all digests verified")
	stillThere(page)
}
