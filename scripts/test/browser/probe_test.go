//go:build browser

package browser_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/klauspost/compress/zstd"

	"github.com/layerlab/layerlab/scripts/internal/chrome"
	"github.com/layerlab/layerlab/scripts/internal/repo"
	"github.com/layerlab/layerlab/scripts/internal/sample"
	"github.com/layerlab/layerlab/sim/content"
	"github.com/layerlab/layerlab/sim/layer"
)

// probe serves the page with the program in ./probe instead of its own.
var probe = sync.OnceValues(func() (string, error) {
	root, err := repo.Root()
	if err != nil {
		return "", err
	}
	dir, err := os.MkdirTemp("", "layerlab-probe-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(dir)
	out := filepath.Join(dir, "probe.wasm")
	cmd := repo.Go(context.Background(), root, []string{"GOOS=js", "GOARCH=wasm"}, "build", "-o", out, "./scripts/test/browser/probe")
	if err := cmd.Run(); err != nil {
		return "", err
	}
	s := built.Clone()
	app := s.Asset("app.wasm")
	app.Br, app.Gz = nil, nil
	if app.Body, err = os.ReadFile(out); err != nil {
		return "", err
	}
	return httptest.NewServer(s.Handler()).URL, nil
})

func openProbe(t *testing.T, path string) *chrome.Page {
	t.Helper()
	url, err := probe()
	if err != nil {
		t.Fatal(err)
	}
	return chrome.Open(t, url, path)
}

// layerTar is a layer with so many small files, and one of the given size.
func layerTar(t *testing.T, files int, big int64) []byte {
	t.Helper()
	var out bytes.Buffer
	w := tar.NewWriter(&out)
	write := func(name string, body []byte) {
		if err := w.WriteHeader(&tar.Header{Name: name, Mode: 0o644, Size: int64(len(body))}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(body); err != nil {
			t.Fatal(err)
		}
	}
	for i := range files {
		write(fmt.Sprintf("usr/share/%03d/file-%05d", i%100, i), []byte(strings.Repeat(strconv.Itoa(i), i%50)))
	}
	body := make([]byte, big)
	for i := range body {
		body[i] = byte(i * i >> 7)
	}
	write("usr/lib/big", body)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func gzipped(t *testing.T, parts ...[]byte) []byte {
	t.Helper()
	var out bytes.Buffer
	for _, p := range parts {
		w, _ := gzip.NewWriterLevel(&out, gzip.BestSpeed)
		if _, err := w.Write(p); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
	}
	return out.Bytes()
}

func zstded(t *testing.T, b []byte) []byte {
	t.Helper()
	w, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	return w.EncodeAll(b, nil)
}

// drop writes a file and drops it on the page.
func drop(t *testing.T, page *chrome.Page, name string, b []byte) {
	t.Helper()
	file := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(file, b, 0o644); err != nil {
		t.Fatal(err)
	}
	page.DropFile(file)
}

func sum(b []byte) string { return fmt.Sprintf("sha256:%x", sha256.Sum256(b)) }

func TestLayersOfEveryKindAreIndexedAndHashedInWorkers(t *testing.T) {
	small, large := layerTar(t, 3000, 100), layerTar(t, 100, 40<<20)
	half := len(small) / 2
	for name, tc := range map[string]struct{ stored, plain []byte }{
		"plain.tar":        {small, small},
		"small.tar.gz":     {gzipped(t, small), small},
		"members.tar.gz":   {gzipped(t, small[:half], small[half:]), small},
		"small.tar.zst":    {zstded(t, small), small},
		"large.tar":        {large, large},
		"large.tar.gz":     {gzipped(t, large), large},
		"large.tar.zst":    {zstded(t, large), large},
		"after-the-end.gz": {gzipped(t, append(bytes.Clone(small), make([]byte, 10000)...)), append(bytes.Clone(small), make([]byte, 10000)...)},
	} {
		t.Run(name, func(t *testing.T) {
			l, err := layer.Index(context.Background(), content.Bytes(tc.plain), layer.IndexOptions{})
			if err != nil {
				t.Fatal(err)
			}
			page := openProbe(t, "/")
			drop(t, page, name, tc.stored)
			page.Find("status", name).Says(fmt.Sprintf("%v indexed=true entries=%d names=%d size=%d diffid=%s blob=%s",
				layer.Detect(tc.stored), l.Entries, l.Tree.Names(), len(tc.plain), sum(tc.plain), sum(tc.stored)))
			t.Logf("%s took %s", name, page.Find("status", "time "+name).Text())
		})
	}
}

func TestWhereNoWorkerStartsThePageDoesTheWork(t *testing.T) {
	url, err := probe()
	if err != nil {
		t.Fatal(err)
	}
	b := layerTar(t, 3000, 1<<20)
	page := chrome.OpenWith(t, url, chrome.Options{Script: `delete globalThis.Worker`})
	drop(t, page, "app.tar.gz", gzipped(t, b))
	page.Find("status", "app.tar.gz").Says("entries=3001", "diffid="+sum(b))
}

func TestDamagedLayersGiveClearErrors(t *testing.T) {
	b := layerTar(t, 300, 1<<20)
	gz := gzipped(t, b)
	flipped := bytes.Clone(gz)
	flipped[len(flipped)/2] ^= 0x10
	for name, tc := range map[string]struct {
		stored []byte
		says   string
	}{
		"cut.tar":     {b[:len(b)-4000], "big"},
		"cut.tar.gz":  {gz[:len(gz)-1000], "inflating gzip: unexpected EOF"},
		"flip.tar.gz": {flipped, "inflating gzip"},
	} {
		t.Run(name, func(t *testing.T) {
			page := openProbe(t, "/")
			drop(t, page, name, tc.stored)
			said := page.Find("status", name)
			said.Says("error: ", tc.says)
			t.Log(said.Text())
			drop(t, page, "good.tar", b) // the same worker goes on
			page.Find("status", "good.tar").Says("entries=301")
		})
	}
}

func TestAJobCanBeCancelled(t *testing.T) {
	page := openProbe(t, "/?do=cancel")
	drop(t, page, "large.tar", layerTar(t, 10, 100<<20))
	page.Find("status", "large.tar").Says("error: context canceled")
}

func TestASliceOfAFileIsHashed(t *testing.T) {
	b := layerTar(t, 100, 1<<20)
	page := openProbe(t, "/?do=slice")
	drop(t, page, "x.tar", b)
	page.Find("status", "x.tar").Says(sum(b[100 : len(b)-100]))
}

func TestAnArchiveIsInflatedByTheBrowser(t *testing.T) {
	b := layerTar(t, 100, 40<<20)
	for name, stored := range map[string][]byte{"x.tar.gz": gzipped(t, b), "members.gz": gzipped(t, b[:1000], b[1000:]), "x.tar.zst": zstded(t, b)} {
		t.Run(name, func(t *testing.T) {
			page := openProbe(t, "/?do=inflate")
			drop(t, page, name, stored)
			page.Find("status", name).Says(fmt.Sprintf("%d bytes %s", len(b), sum(b)))
		})
	}
}

func TestALargeArchiveIsOpenedAtOnce(t *testing.T) {
	file := filepath.Join(t.TempDir(), "large.tar")
	if err := sample.Archive(file, 100<<20); err != nil {
		t.Fatal(err)
	}
	page := openProbe(t, "/?do=open")
	page.DropFile(file)
	said := page.Find("status", "large.tar")
	said.Says("10 layers", " 0 wrong")
	t.Log(said.Text())
}

func TestFilesArePickedAndDroppedWithTheirFolders(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "project")
	for _, name := range []string{"Dockerfile", "src/main.go", "src/deep/er/x"} {
		p := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(p, []byte(name), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	page := openProbe(t, "/")
	page.Find("button", "Pick").ChooseFile(filepath.Join(dir, "Dockerfile"))
	page.Find("status", "files").Says("Dockerfile")
	page.Find("region", "Zone").Drop(dir)
	page.Find("status", "zone").Says("context")
	page.Find("status", "files").Says("project/Dockerfile", "project/src/main.go", "project/src/deep/er/x")
	page.Find("status", "over").Says("false")
}

func TestWhatIsKeptSurvivesAReloadAndADeath(t *testing.T) {
	page := openProbe(t, "/#here%20and%20there")
	page.Find("status", "state").Says("note= set= dark=false embedded=false hash=here and there")
	page.Find("button", "Keep").Click()
	page.Find("button", "Dark").Click()
	page.Reload()
	page.Find("status", "state").Says("note=kept set=set dark=true")
	page.Find("button", "Die").Click()
	dialog := page.Find("alertdialog", "Layer Lab has stopped")
	dialog.Find("DisclosureTriangle", "What it said last").Click()
	dialog.Says("panic: on purpose")
	dialog.Find("button", "Start afresh").Click()
	page.Find("status", "state").Says("note=kept set=set dark=true")
	page.Find("button", "Keep").Click() // and works
}

func TestLongWorkLeavesThePageItsFrames(t *testing.T) {
	page := openProbe(t, "/")
	page.Find("button", "Work").Click()
	said := page.Find("status", "work")
	said.Says("done")
	var frames int
	if _, err := fmt.Sscanf(said.Text(), "done, %d frames", &frames); err != nil {
		t.Fatal(err)
	}
	if frames < 10 { // they are some 30 where nothing else runs
		t.Errorf("the page was drawn %d times in a second", frames)
	}
}
