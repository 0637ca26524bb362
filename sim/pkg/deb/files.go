package deb

import (
	"context"
	"fmt"
	"strings"

	"github.com/layerlab/layerlab/sim/catalog"
	"github.com/layerlab/layerlab/sim/pkg"
)

// Files is what a package puts on the disk.
type Files struct {
	Own  []*catalog.Entry // of the package itself, in the order of its archive
	Made []*catalog.Entry // by its scripts, and what dpkg keeps of it
}

// FilesOf reads the files of p. A package of the base system, which is there
// before any is installed, has none to give: nil.
func FilesOf(ctx context.Context, w *pkg.World, p *Package) (*Files, error) {
	if p.Set == "" {
		return nil, nil
	}
	file := "debian-files-" + p.Set + ".zst"
	lists, err := pkg.Keep(w, file, func() (map[string]string, error) {
		text, err := w.Text(ctx, file, "the files of "+p.Name)
		if err != nil {
			return nil, err
		}
		return splitLists(text), nil
	})
	if err != nil {
		return nil, err
	}
	list, ok := lists[p.Name]
	if !ok {
		return nil, fmt.Errorf("%s has no package %q", file, p.Name)
	}
	out := &Files{}
	err = catalog.Entries(list, func(e *catalog.Entry) error {
		if strings.HasPrefix(e.Package, "+") {
			out.Made = append(out.Made, e)
		} else {
			out.Own = append(out.Own, e)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("%s: %s: %w", file, p.Name, err)
	}
	return out, nil
}

// splitLists is the list of each package, without its entries read: "@curl …" and
// the "@+curl …" behind it are curl's.
func splitLists(text string) map[string]string {
	out := map[string]string{}
	name, start, at := "", 0, 0
	for line := range strings.Lines(text) {
		if line[0] == '@' {
			n, _, _ := strings.Cut(line[1:], " ")
			if n = strings.TrimPrefix(n, "+"); n != name {
				if name != "" {
					out[name] = text[start:at]
				}
				name, start = n, at
			}
		}
		at += len(line)
	}
	if name != "" {
		out[name] = text[start:]
	}
	return out
}
