//go:build browser

package browser_test

import (
	"net/http"
	"net/http/httptest"
	"path"
	"path/filepath"
	"strings"
	"testing"

	"github.com/layerlab/layerlab/scripts/internal/chrome"
	"github.com/layerlab/layerlab/scripts/internal/repo"
	"github.com/layerlab/layerlab/scripts/internal/site"
)

func TestThePageStarts(t *testing.T) {
	page := chrome.Open(t, base, "/")
	page.Screenshot("start")
	if title := chrome.Eval[string](page, `document.title`); !strings.Contains(title, "Layer Lab") {
		t.Errorf("the page's title is %q", title)
	}
}

func TestNothingIsFetchedFromElsewhere(t *testing.T) {
	page := chrome.Open(t, base, "/")
	for _, url := range chrome.Eval[[]string](page, `performance.getEntriesByType("resource").map(e => e.name)`) {
		if !strings.HasPrefix(url, base+"/") {
			t.Errorf("the page fetched %s", url)
		}
	}
}

func TestThePolicyStopsInlineScripts(t *testing.T) {
	page := chrome.Open(t, base, "/")
	page.Expect("Content Security Policy")
	ran := chrome.Eval[bool](page, `(() => {
		const s = document.createElement("script");
		s.textContent = "globalThis.inline = true";
		document.head.append(s);
		return globalThis.inline === true;
	})()`)
	if ran {
		t.Error("an inline script ran")
	}
}

func TestFromTheDiskThePageSaysWhatToDo(t *testing.T) {
	root, err := repo.Root()
	if err != nil {
		t.Fatal(err)
	}
	dist := t.TempDir()
	if err := built.Write(dist); err != nil {
		t.Fatal(err)
	}
	for name, dir := range map[string]string{"the sources": root, "a built site": dist} {
		t.Run(name, func(t *testing.T) {
			page := chrome.OpenWith(t, "file://"+filepath.ToSlash(filepath.Join(dir, "index.html")), chrome.Options{Raw: true})
			page.Expect("file:|ERR_FILE_NOT_FOUND|ERR_FAILED") // there is no wasm_exec.js before a build
			page.Text("alert", "", "straight from the disk")
			page.Text("main", "", "go run ./scripts/serve")
			page.Screenshot("disk")
		})
	}
}

func TestOnAPlainServerBelowAPath(t *testing.T) {
	dist := t.TempDir()
	if err := built.Write(dist); err != nil {
		t.Fatal(err)
	}
	files := http.StripPrefix("/courses/containers/", http.FileServer(http.Dir(dist)))
	for name, kind := range map[string]string{"its own types": "", "no idea of wasm": "application/octet-stream"} {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if kind != "" && path.Ext(r.URL.Path) == ".wasm" {
					w.Header().Set("Content-Type", kind)
				}
				files.ServeHTTP(w, r)
			}))
			defer server.Close()
			chrome.Open(t, server.URL, "/courses/containers/")
		})
	}
}

func TestAMissingProgramIsTold(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, ".wasm") {
			http.NotFound(w, r)
			return
		}
		built.Handler().ServeHTTP(w, r)
	}))
	defer server.Close()
	page := chrome.OpenWith(t, server.URL, chrome.Options{Raw: true})
	page.Expect("404")
	page.Text("alert", "", "404")
	page.Text("main", "", "go run ./scripts/build")
}

func TestWithoutWebAssemblyThePageSaysSo(t *testing.T) {
	page := chrome.OpenWith(t, base, chrome.Options{Raw: true, Script: `delete globalThis.WebAssembly`})
	page.Text("alert", "", "no WebAssembly")
}

func TestTheFilesAreServedAsTheyShouldBe(t *testing.T) {
	for _, tc := range []struct{ file, kind string }{
		{"index.html", "text/html; charset=utf-8"},
		{built.Asset("app.wasm").Path, "application/wasm"},
		{built.Asset("boot.js").Path, "text/javascript; charset=utf-8"},
		{built.Asset("boot.css").Path, "text/css; charset=utf-8"},
	} {
		for _, accept := range []string{"br", "gzip", ""} {
			req, err := http.NewRequest("GET", base+"/"+tc.file, nil)
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set("Accept-Encoding", accept)
			res, err := http.DefaultTransport.RoundTrip(req)
			if err != nil {
				t.Fatal(err)
			}
			res.Body.Close()
			want := map[string]string{
				"Content-Type": tc.kind, "Content-Encoding": accept, "X-Content-Type-Options": "nosniff",
				"Content-Security-Policy": site.Policy, "Cache-Control": "public, max-age=31536000, immutable",
			}
			if tc.file == "index.html" {
				want["Cache-Control"] = "no-cache"
			}
			for name, v := range want {
				if got := res.Header.Get(name); got != v {
					t.Errorf("%s with Accept-Encoding %q: %s is %q, want %q", tc.file, accept, name, got, v)
				}
			}
		}
	}
}
