//go:build browser

// Package browser_test does in a real Chromium what a person does. It is run by
// scripts/test; by itself: go test -tags browser ./scripts/test/browser/
package browser_test

import (
	"context"
	"fmt"
	"net/http/httptest"
	"os"
	"testing"

	"github.com/layerlab/layerlab/scripts/internal/chrome"
	"github.com/layerlab/layerlab/scripts/internal/repo"
	"github.com/layerlab/layerlab/scripts/internal/site"
)

// base is where the page is served, as http://127.0.0.1:PORT, and built is what
// is served there.
var (
	base  string
	built *site.Site
)

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	root, err := repo.Root()
	if err == nil {
		built, err = site.Build(context.Background(), root, site.Options{Log: func(s string) { fmt.Fprintln(os.Stderr, s) }})
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "building the page to be tested:", err)
		return 1
	}
	server := httptest.NewServer(built.Handler())
	defer server.Close()
	defer chrome.CloseShared()
	base = server.URL
	return m.Run()
}
