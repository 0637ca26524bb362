package site

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/andybalholm/brotli"

	"github.com/layerlab/layerlab/scripts/internal/repo"
)

// small is a site of a page, a style sheet and a picture.
func small(t *testing.T, raw map[string]string) *Site {
	t.Helper()
	assets := map[string][]byte{}
	for name, text := range raw {
		assets[name] = []byte(text)
	}
	s, err := assemble("key", []byte(`<link href="assets/look.css"><script src="assets/boot.js" data-app="assets/app.wasm" data-size="0"></script>`), assets)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

var example = map[string]string{
	"look.css": `a { background: url(dot.svg) } b { background: url("dot.svg") }`,
	"dot.svg":  "<svg/>", "boot.js": "boot()", "app.wasm": strings.Repeat("wasm ", 1000),
}

func TestAssetsAreNamedByTheirContent(t *testing.T) {
	s := small(t, example)
	page := string(s.File("index.html").Body)
	for _, name := range []string{"look.css", "boot.js", "app.wasm"} {
		f := s.Asset(name)
		if f == nil {
			t.Fatalf("there is no %s", name)
		}
		if !strings.Contains(page, `"`+f.Path+`"`) {
			t.Errorf("the page does not name %s: %s", f.Path, page)
		}
	}
	dot := filepath.Base(s.Asset("dot.svg").Path)
	if css := string(s.Asset("look.css").Body); strings.Count(css, dot) != 2 || strings.Contains(css, "url(dot.svg)") {
		t.Errorf("the style sheet does not name %s: %s", dot, css)
	}
	if !strings.Contains(page, `data-size="5000"`) {
		t.Errorf("the page does not know the program's size: %s", page)
	}
}

func TestAChangedPictureRenamesTheStyleSheet(t *testing.T) {
	before := small(t, example)
	other := map[string]string{}
	for k, v := range example {
		other[k] = v
	}
	other["dot.svg"] = "<svg></svg>"
	after := small(t, other)
	if before.Asset("look.css").Path == after.Asset("look.css").Path {
		t.Error("the style sheet has the old name and another content")
	}
	if before.Asset("boot.js").Path != after.Asset("boot.js").Path {
		t.Error("an asset that is the same got another name")
	}
}

func TestAMissingAssetIsTold(t *testing.T) {
	_, err := assemble("key", []byte(`<img src="assets/gone.png">`), nil)
	if err == nil || !strings.Contains(err.Error(), `index.html names the asset "gone.png"`) {
		t.Errorf("got %v", err)
	}
}

func TestWriteTakesTheFormerBuildAway(t *testing.T) {
	dir := t.TempDir()
	own := filepath.Join(dir, "assets", "own.txt")
	if err := small(t, example).Write(dir); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(own, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	other := map[string]string{"look.css": "", "dot.svg": "", "boot.js": "new()", "app.wasm": ""}
	s := small(t, other)
	if err := s.Write(dir); err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(filepath.Join(dir, "assets"))
	if err != nil {
		t.Fatal(err)
	}
	if len(entries) != len(other)+1 {
		t.Errorf("%d files are there, want the %d of the new build and the one that is not ours: %v", len(entries), len(other), entries)
	}
	if _, err := os.Stat(own); err != nil {
		t.Error("a file that no build wrote was removed")
	}
}

func TestThePageHasThePolicyThatTheServerSends(t *testing.T) {
	root, err := repo.Root()
	if err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile(filepath.Join(root, "index.html"))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(page, []byte(`content="`+Policy+`"`)) {
		t.Errorf("index.html does not have the policy %s", Policy)
	}
	for _, inline := range []string{`<style`, `style="`, ` onclick=`, ` onload=`} {
		if bytes.Contains(page, []byte(inline)) {
			t.Errorf("index.html has %q, which the policy forbids", inline)
		}
	}
	if m := regexp.MustCompile(`<script(\s[^>]*)?>`).FindAll(page, -1); len(m) == 0 || bytes.Contains(bytes.Join(m, nil), []byte("<script>")) {
		t.Errorf("index.html has an inline script: %s", m)
	}
}

func TestACompressedFormIsServedToThoseWhoTakeIt(t *testing.T) {
	f := &File{Path: "assets/app.0123456789ab.wasm", Body: []byte(strings.Repeat("wasm ", 1000))}
	f.Br, f.Gz = br(f.Body, goodBrotli), gz(f.Body)
	h := (&Site{Files: []*File{f}}).Handler()
	for accept, coding := range map[string]string{
		"gzip, deflate, br, zstd": "br", "gzip": "gzip", "": "", "identity": "", "br;q=0, gzip;q=0.5": "gzip", "BR": "br", "brotli": "",
	} {
		w := httptest.NewRecorder()
		r := httptest.NewRequest("GET", "/"+f.Path, nil)
		r.Header.Set("Accept-Encoding", accept)
		h.ServeHTTP(w, r)
		if got := w.Header().Get("Content-Encoding"); got != coding {
			t.Errorf("Accept-Encoding %q got %q, want %q", accept, got, coding)
		}
		if coding == "br" {
			b, err := io.ReadAll(brotli.NewReader(w.Body))
			if err != nil || !bytes.Equal(b, f.Body) {
				t.Errorf("the brotli form is not the file: %v", err)
			}
		}
	}
}

func TestOnlyTheSiteIsServed(t *testing.T) {
	h := small(t, example).Handler()
	for _, tc := range []struct {
		method, path string
		status       int
	}{
		{"GET", "/", 200}, {"GET", "/index.html", 200}, {"HEAD", "/", 200}, {"GET", "/assets/", 404}, {"GET", "/../go.mod", 404},
		{"GET", "/assets/app.wasm", 404}, {"POST", "/", 405},
	} {
		w := httptest.NewRecorder()
		r := httptest.NewRequest(tc.method, "/", nil)
		r.URL.Path = tc.path
		h.ServeHTTP(w, r)
		if w.Code != tc.status {
			t.Errorf("%s %s: %d, want %d", tc.method, tc.path, w.Code, tc.status)
		}
	}
}

func TestThePageIsAskedForAnewAndAnsweredInShort(t *testing.T) {
	h := small(t, example).Handler()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
	r := httptest.NewRequest("GET", "/", nil)
	r.Header.Set("If-None-Match", w.Header().Get("ETag"))
	again := httptest.NewRecorder()
	h.ServeHTTP(again, r)
	if again.Code != http.StatusNotModified {
		t.Errorf("asked with its ETag, the page came with %d", again.Code)
	}
}
