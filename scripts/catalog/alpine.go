package main

import (
	"fmt"
	"os"
	"path"
	"sort"
	"strconv"
	"strings"
	"time"

	"github.com/layerlab/layerlab/sim/catalog"
	"github.com/layerlab/layerlab/sim/pkg/apk"
)

func init() { more["alpine"] = alpine }

const alpineDate = 1_730_000_000

// alpinePackage is a line of recipes/alpine-packages.txt.
type alpinePackage struct {
	apk.Package
	files string
}

// readAlpine reads the recipe: the packages of the image first.
func readAlpine() (base, all []*alpinePackage, err error) {
	b, err := os.ReadFile("scripts/catalog/recipes/alpine-packages.txt")
	if err != nil {
		return nil, nil, err
	}
	inBase := false
	for line := range strings.Lines(string(b)) {
		line = strings.TrimSuffix(line, "\n")
		if line == "" || line[0] == '#' {
			continue
		}
		if line[0] == '!' {
			inBase = line == "!base"
			continue
		}
		f := strings.Split(line, "|")
		p := &alpinePackage{}
		kb, err := strconv.ParseInt(f[2], 10, 64)
		if err != nil {
			return nil, nil, fmt.Errorf("%q: %w", line, err)
		}
		p.Name, p.Version, p.Installed = f[0], f[1], kb*1024
		for d := range strings.FieldsSeq(f[3]) {
			kind, name, _ := strings.Cut(d, ":")
			switch kind {
			case "if":
				p.InstallIf = append(p.InstallIf, name)
			case "x":
				p.Scripts = append(p.Scripts, name)
			case "p":
				p.Provides = append(p.Provides, name)
			default:
				p.Depends = append(p.Depends, d)
			}
		}
		p.Size = p.Installed*2/5 + 1100
		p.Description = f[len(f)-1]
		if len(f) > 5 {
			p.files = f[4]
		}
		if inBase {
			base = append(base, p)
		}
		all = append(all, p)
	}
	return base, all, nil
}

// alpineItems is the files of one package.
func alpineItems(debs string, p *alpinePackage) ([]item, error) {
	var out []item
	for w := range strings.FieldsSeq(p.files) {
		kind, arg, ok := strings.Cut(w, ":")
		var more []item
		var err error
		switch {
		case ok && kind == "deb":
			more, err = debItems(debs, arg)
		case ok && kind == "host":
			dir, to, _ := strings.Cut(arg, ">")
			more, err = hostItems(dir, to, func(p string) bool { return !strings.HasPrefix(p, "/man") && !strings.HasPrefix(p, "/docs") })
		case ok && kind == "py":
			more, err = pythonItems(arg, "/usr/lib/python3.12", "/usr/include/python3.12")
		case ok && kind == "go":
			more, err = hostItems(goRoot(), "/usr/lib/go", func(p string) bool {
				return strings.HasPrefix(p, "/bin/") || strings.HasPrefix(p, "/pkg/tool") || strings.HasPrefix(p, "/src") && strings.Count(p, "/") < 4 && strings.HasSuffix(p, ".go") && !strings.HasSuffix(p, "_test.go")
			})
		default:
			more = []item{alpineFile(w)}
		}
		if err != nil {
			return nil, err
		}
		out = append(out, more...)
	}
	scale(out, p.Installed)
	return out, nil
}

// alpineFile reads PATH, PATH=SIZE or PATH>TARGET.
func alpineFile(w string) item {
	if p, to, ok := strings.Cut(w, ">"); ok {
		return item{path: p, target: to}
	}
	it := item{path: w, size: -1}
	if p, size, ok := strings.Cut(w, "="); ok {
		it.path = p
		it.size, _ = strconv.ParseInt(size, 10, 64)
	}
	dir := path.Dir(it.path)
	it.exec = strings.HasSuffix(dir, "bin") || strings.Contains(path.Base(it.path), ".so") || strings.Contains(dir, "libexec") || strings.HasPrefix(it.path, "/usr/lib/bash/")
	return it
}

// provide adds what files offer: so:NAME for a library, cmd:NAME for a program.
func provide(p *apk.Package, file string) {
	base, dir := path.Base(file), path.Dir(file)
	switch {
	case dir == "/bin" || dir == "/sbin" || dir == "/usr/bin" || dir == "/usr/sbin":
		p.Provides = append(p.Provides, "cmd:"+base)
	case strings.Contains(base, ".so.") && (dir == "/lib" || dir == "/usr/lib"):
		p.Provides = append(p.Provides, "so:"+base)
	}
}

func alpine(debs string) error {
	base, all, err := readAlpine()
	if err != nil {
		return err
	}
	listText, err := os.ReadFile("scripts/catalog/recipes/alpine-base.txt")
	if err != nil {
		return err
	}
	list := strings.ReplaceAll(string(listText), "ALPINE", *alpineMirror)
	own := map[string][]apk.File{}
	err = catalog.Entries(list, func(e *catalog.Entry) error {
		if e.Package != "" {
			own[e.Package] = append(own[e.Package], apk.File{Path: e.Path, Mode: e.Mode})
		}
		return nil
	})
	if err != nil {
		return err
	}
	var index, files listing
	for _, p := range all {
		for _, f := range own[p.Name] {
			provide(&p.Package, f.Path)
		}
		items, err := alpineItems(debs, p)
		if err != nil {
			return fmt.Errorf("%s: %w", p.Name, err)
		}
		for _, it := range items {
			provide(&p.Package, it.path)
		}
		index.b.WriteString(p.Package.Record() + "\n")
		if len(items) > 0 {
			files.pkg(p.Name, alpineDate)
			putItems(&files, items, map[string]bool{})
		}
	}
	mirror := "mirror " + *alpineMirror + "\n"
	if err := writeData("alpine-3.20-packages.zst", mirror+index.b.String()+"files\n"+files.b.String()); err != nil {
		return err
	}
	return alpineImage(base, list, own)
}

// alpineImage writes the image, with the database of what is installed.
func alpineImage(base []*alpinePackage, list string, own map[string][]apk.File) error {
	var db strings.Builder
	for _, p := range base {
		files := own[p.Name]
		sort.SliceStable(files, func(a, b int) bool { return path.Dir(files[a].Path) < path.Dir(files[b].Path) })
		db.WriteString(p.Package.Installation(files) + "\n")
	}
	var l listing
	l.b.WriteString(list)
	l.pkg("", epoch)
	l.text("/lib/apk/db/installed", db.String(), 0o644, 0, 0)
	l.text("/lib/apk/db/lock", "", 0o600, 0, 0)
	l.file("/lib/apk/db/scripts.tar", 13312, 0o644, 0, 0)
	l.file("/lib/apk/db/triggers", 98, 0o644, 0, 0)
	at := time.Unix(epoch, 0).UTC()
	c := baseConfig(row("ADD alpine-minirootfs-3.20.3-x86_64.tar.gz / # buildkit", false), row(`CMD ["/bin/sh"]`, true))
	c.Created = &at
	c.Config.Cmd = []string{"/bin/sh"}
	c.Config.WorkingDir = "/"
	s := stack{
		name: "alpine:3.20", file: "alpine-3.20.zst", config: c, layers: []stackLayer{{list: l.b.String()}},
		about: "A model of alpine:3.20 (linux/amd64), made by Layer Lab: names, modes and owners are Alpine's, written down by hand, sizes are close to its; small settings are real text, the other bytes are made up.",
	}
	return s.write()
}
