// Package assets gives the data files of the page to programs that run natively:
// the headless terminal, the generators, the tests. The page itself fetches them
// and has none of them in its program.
package assets

import (
	"context"
	"embed"
	"fmt"
)

//go:embed catalog/*
var files embed.FS

// Catalog is the files of the catalogue of model images and packages. It
// implements catalog.Source.
type Catalog struct{}

// File is one of them by its name: "debian-bookworm.zst".
func (Catalog) File(_ context.Context, name string) ([]byte, error) {
	b, err := files.ReadFile("catalog/" + name)
	if err != nil {
		return nil, fmt.Errorf("reading the catalogue's file %q: %w", name, err)
	}
	return b, nil
}
