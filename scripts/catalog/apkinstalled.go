package main

import (
	"fmt"
	"path"
	"sort"
	"strings"

	"github.com/layerlab/layerlab/sim/catalog"
	"github.com/layerlab/layerlab/sim/pkg/apk"
	"github.com/layerlab/layerlab/sim/tree"
)

// apkLayer is what apk add --no-cache of these packages changes: their files, in
// the order of the names, and apk's database. What they need must be named too.
func apkLayer(debs string, names ...string) (string, error) {
	_, all, err := readAlpine()
	if err != nil {
		return "", err
	}
	var l listing
	var db strings.Builder
	have := map[string]bool{}
	for _, n := range names {
		p := packageNamed(all, n)
		if p == nil {
			return "", fmt.Errorf("no package %q of Alpine in the recipe", n)
		}
		items, err := alpineItems(debs, p)
		if err != nil {
			return "", fmt.Errorf("%s: %w", n, err)
		}
		for _, it := range items {
			provide(&p.Package, it.path)
		}
		var own listing
		own.pkg("", alpineDate)
		putItems(&own, items, have)
		l.b.WriteString(own.b.String())
		var files []apk.File
		err = catalog.Entries(own.b.String(), func(e *catalog.Entry) error {
			if e.Mode&tree.TypeMask != tree.Directory {
				files = append(files, apk.File{Path: e.Path, Mode: e.Mode})
			}
			return nil
		})
		if err != nil {
			return "", err
		}
		sort.SliceStable(files, func(a, b int) bool { return path.Dir(files[a].Path) < path.Dir(files[b].Path) })
		db.WriteString(p.Package.Installation(files) + "\n")
	}
	l.dir = ""
	l.pkg("", epoch)
	putParents(&l, "/etc/apk", have)
	l.added("/etc/apk/world", strings.Join(names, "\n")+"\n", 0o644, 0)
	putParents(&l, "/lib/apk/db", have)
	l.added("/lib/apk/db/installed", db.String(), 0o644, 0)
	return l.b.String(), nil
}

func packageNamed(all []*alpinePackage, name string) *alpinePackage {
	for _, p := range all {
		if p.Name == name {
			return p
		}
	}
	return nil
}
