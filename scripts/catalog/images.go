package main

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/layerlab/layerlab/sim/catalog"
	"github.com/layerlab/layerlab/sim/image"
	"github.com/layerlab/layerlab/sim/layer"
)

// debianConfig is the configuration that Debian's images have.
func debianConfig(suite string) image.Config {
	at := time.Unix(epoch, 0).UTC()
	var c image.Config
	c.Created, c.Architecture, c.OS = &at, "amd64", "linux"
	c.Config.Env = []string{"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"}
	c.Config.Cmd = []string{"bash"}
	c.History = []ocispec.History{{
		Created: &at, CreatedBy: fmt.Sprintf("# debian.sh --arch 'amd64' out/ '%s' '@%d'", suite, epoch), Comment: "debuerreotype 0.16",
	}}
	return c
}

// slim is what Debian's slim images leave out: the patterns of debuerreotype's
// .slimify-excludes and -includes.
var slim = []string{
	"/usr/share/doc/*", "/usr/share/info/*", "/usr/share/linda/*", "/usr/share/lintian/overrides/*", "/usr/share/locale/*", "/usr/share/man/*",
	"/usr/share/doc/kde/HTML/*/*", "/usr/share/gnome/help/*/*", "/usr/share/omf/*/*-*.emf", "/usr/share/groff/*",
	"!/usr/share/locale/locale.alias", "!/usr/share/doc/*/copyright",
}

// debianImages makes the two images of Debian.
func debianImages(s *system) error {
	list, err := s.list("debian.txt")
	if err != nil {
		return err
	}
	const what = "names, modes, owners and sizes are Debian's, and the text of the small files that people read; the other bytes are made up."
	full := picture{
		name: "debian:bookworm", file: "debian-bookworm.zst",
		about:  "A model of debian:bookworm (linux/amd64), made by Layer Lab: " + what,
		config: debianConfig("bookworm"), list: list,
	}
	if err := full.write(); err != nil {
		return err
	}
	own, err := os.ReadFile("scripts/catalog/recipes/debian-slim.txt")
	if err != nil {
		return err
	}
	small := picture{
		name: "debian:bookworm-slim", file: "debian-bookworm-slim.zst", like: full.file, drop: slim,
		about:  "A model of debian:bookworm-slim (linux/amd64), made by Layer Lab: " + what,
		config: debianConfig("bookworm-slim"), list: string(own),
	}
	return small.write()
}

// picture is an image of one layer to be written.
type picture struct {
	name, file, about, like string
	drop                    []string
	config                  image.Config
	list                    string
}

func (p *picture) text(facts string) (string, error) {
	var b strings.Builder
	c := p.config
	c.RootFS = ocispec.RootFS{}
	raw, err := json.Marshal(c)
	if err != nil {
		return "", err
	}
	fmt.Fprintf(&b, "image %s\nabout %s\nconfig %s\nlayer%s\n", p.name, p.about, raw, facts)
	if p.like != "" {
		fmt.Fprintf(&b, "like %s\n", p.like)
	}
	for _, d := range p.drop {
		fmt.Fprintf(&b, "drop %s\n", d)
	}
	return b.String() + "files\n" + p.list, nil
}

// write makes the layer to learn its digests and sizes, and writes the data file.
func (p *picture) write() error {
	text, err := p.text("")
	if err != nil {
		return err
	}
	read, err := catalog.ParsePicture(text)
	if err != nil {
		return err
	}
	ctx := context.Background()
	t, err := catalog.New(disk{}, nil).Tree(ctx, &read.Layers[0], nil)
	if err != nil {
		return err
	}
	l, err := layer.New(ctx, t, layer.WriteOptions{})
	if err != nil {
		return err
	}
	blob, digest, err := layer.GzipBlob(ctx, l.Tar(), nil)
	if err != nil {
		return err
	}
	fmt.Printf("%s: %d entries, %.1f MB of files, %.1f MB as a tar, %.1f MB packed\n", p.name, l.Entries, float64(l.Bytes)/1e6, float64(l.Size)/1e6, float64(blob.Size())/1e6)
	text, err = p.text(fmt.Sprintf(" %s %d %d %d %s %d", l.DiffID, l.Size, l.Entries, l.Bytes, digest, blob.Size()))
	if err != nil {
		return err
	}
	return writeData(p.file, text)
}

// disk is the data files as they are on the disk now.
type disk struct{}

// File is one of them.
func (disk) File(_ context.Context, name string) ([]byte, error) {
	return os.ReadFile(filepath.Join(dataDir, name))
}

// writeIndex writes the index of all images that there are data files of.
func writeIndex() error {
	names, err := filepath.Glob(filepath.Join(dataDir, "*.zst"))
	if err != nil {
		return err
	}
	pictures := map[string]*catalog.Picture{}
	files := map[string]string{}
	for _, f := range names {
		text, err := readData(filepath.Base(f))
		if err != nil {
			return err
		}
		if !strings.HasPrefix(text, "image ") {
			continue
		}
		p, err := catalog.ParsePicture(text)
		if err != nil {
			return fmt.Errorf("%s: %w", f, err)
		}
		pictures[p.Name], files[p.Name] = p, filepath.Base(f)
	}
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(pictures)) {
		size := int64(0)
		for p := pictures[name]; p != nil; p = pictures[p.From] {
			for _, l := range p.Layers {
				size += l.Size
			}
		}
		fmt.Fprintf(&b, "%s\t%s\t%d\t%s\n", name, files[name], size, pictures[name].About)
	}
	further, err := aliases()
	if err != nil {
		return err
	}
	return os.WriteFile("sim/catalog/index.txt", []byte(b.String()+further), 0o644)
}
