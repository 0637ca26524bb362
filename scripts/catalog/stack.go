package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/layerlab/layerlab/sim/catalog"
	"github.com/layerlab/layerlab/sim/image"
	"github.com/layerlab/layerlab/sim/layer"
	"github.com/layerlab/layerlab/sim/tree"
)

func init() { more["facts"] = func(string) error { return refresh() } }

// more is what is made besides Debian's images and packages, by the word that
// -only takes.
var more = map[string]func(debs string) error{}

// stackLayer is one layer of a stack.
type stackLayer struct {
	like  string
	which int // of like's layers, from 0
	edit  [][2]string
	drop  []string
	list  string
}

// stack is an image of several layers to be written, with one below it or none.
type stack struct {
	name, file, about, from string
	config                  image.Config
	layers                  []stackLayer
}

type historyRow = ocispec.History

// row is a row of an image's history; empty says that it has no layer.
func row(by string, empty bool) historyRow {
	at := time.Unix(epoch, 0).UTC()
	return ocispec.History{Created: &at, CreatedBy: by, Comment: "buildkit.dockerfile.v0", EmptyLayer: empty}
}

// base is the beginning of every configuration.
func baseConfig(history ...ocispec.History) image.Config {
	at := time.Unix(epoch, 0).UTC()
	var c image.Config
	c.Created, c.Architecture, c.OS, c.History = &at, "amd64", "linux", history
	c.Config.Env = []string{"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"}
	return c
}

func (s *stack) text(facts []string) (string, error) {
	c := s.config
	c.RootFS = ocispec.RootFS{}
	raw, err := json.Marshal(c)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	fmt.Fprintf(&b, "image %s\nabout %s\n", s.name, s.about)
	if s.from != "" {
		fmt.Fprintf(&b, "from %s\n", s.from)
	}
	fmt.Fprintf(&b, "config %s\n", raw)
	for i, l := range s.layers {
		fmt.Fprintf(&b, "layer%s\n", facts[i])
		if l.like != "" {
			fmt.Fprintf(&b, "like %s", l.like)
			if l.which > 0 {
				fmt.Fprintf(&b, " %d", l.which+1)
			}
			b.WriteByte('\n')
		}
		for _, e := range l.edit {
			fmt.Fprintf(&b, "edit %s %s\n", e[0], e[1])
		}
		for _, d := range l.drop {
			fmt.Fprintf(&b, "drop %s\n", d)
		}
		fmt.Fprintf(&b, "files\n%s", l.list)
	}
	return b.String(), nil
}

// made is the images that were written or read in this run: their layers' files.
var made = map[string][]*tree.Tree{}

// treesOf is the files of the layers of an image that was written before.
func treesOf(ctx context.Context, name string) ([]*tree.Tree, error) {
	if t, ok := made[name]; ok || name == "" {
		return t, nil
	}
	files, err := filepath.Glob(filepath.Join(dataDir, "*.zst"))
	if err != nil {
		return nil, err
	}
	for _, f := range files {
		text, err := readData(filepath.Base(f))
		if err != nil {
			return nil, err
		}
		if !strings.HasPrefix(text, "image "+name+"\n") {
			continue
		}
		p, err := catalog.ParsePicture(text)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", f, err)
		}
		return layersOf(ctx, p)
	}
	return nil, fmt.Errorf("there is no data file of %q yet", name)
}

// layersOf makes the files of all layers of a picture, those below it first.
func layersOf(ctx context.Context, p *catalog.Picture) ([]*tree.Tree, error) {
	lower, err := treesOf(ctx, p.From)
	if err != nil {
		return nil, err
	}
	lower = slices.Clone(lower)
	for i := range p.Layers {
		t, err := catalog.New(disk{}, nil).Tree(ctx, &p.Layers[i], lower)
		if err != nil {
			return nil, fmt.Errorf("%s: layer %d: %w", p.Name, i+1, err)
		}
		lower = append(lower, t)
	}
	made[p.Name] = lower
	return lower, nil
}

// facts is what writing a layer finds, by its DiffID: packing is the long part.
var facts = map[string]string{}

func factsOf(ctx context.Context, name string, t *tree.Tree) (string, error) {
	l, err := layer.New(ctx, t, layer.WriteOptions{})
	if err != nil {
		return "", err
	}
	id := l.DiffID.String()
	if facts[id] == "" {
		blob, digest, err := layer.GzipBlob(ctx, l.Tar(), nil)
		if err != nil {
			return "", err
		}
		fmt.Printf("%s: %d entries, %.1f MB of files, %.1f MB packed\n", name, l.Entries, float64(l.Bytes)/1e6, float64(blob.Size())/1e6)
		facts[id] = fmt.Sprintf(" %s %d %d %d %s %d", id, l.Size, l.Entries, l.Bytes, digest, blob.Size())
	}
	return facts[id], nil
}

// write makes the layers to learn their digests and sizes, and writes the data file.
func (s *stack) write() error {
	known := make([]string, len(s.layers))
	for i := range known {
		known[i] = " - 0 0 0 - 0" // until they are known
	}
	text, err := s.text(known)
	if err != nil {
		return err
	}
	read, err := catalog.ParsePicture(text)
	if err != nil {
		return err
	}
	ctx := context.Background()
	trees, err := layersOf(ctx, read)
	if err != nil {
		return err
	}
	for i, t := range trees[len(trees)-len(known):] {
		if known[i], err = factsOf(ctx, fmt.Sprintf("%s: layer %d", s.name, i+1), t); err != nil {
			return err
		}
	}
	if text, err = s.text(known); err != nil {
		return err
	}
	return writeData(s.file, text)
}

// refresh writes what is known of all images' layers anew: after a change of how
// lists are read.
func refresh() error {
	ctx := context.Background()
	names, err := filepath.Glob(filepath.Join(dataDir, "*.zst"))
	if err != nil {
		return err
	}
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
		trees := made[p.Name]
		if trees == nil {
			if trees, err = layersOf(ctx, p); err != nil {
				return err
			}
		}
		var b strings.Builder
		trees = trees[len(trees)-len(p.Layers):]
		for line := range strings.Lines(text) {
			if strings.HasPrefix(line, "layer ") && len(trees) > 0 {
				known, err := factsOf(ctx, p.Name, trees[0])
				if err != nil {
					return err
				}
				line, trees = "layer"+known+"\n", trees[1:]
			}
			b.WriteString(line)
		}
		if err := writeData(filepath.Base(f), b.String()); err != nil {
			return err
		}
	}
	return nil
}

// aliases is the lines of the index for further names of images, in the form of
// recipes/aliases.txt: NAME TAG…, where an image that is NAME has these tags too.
func aliases() (string, error) {
	b, err := os.ReadFile("scripts/catalog/recipes/aliases.txt")
	if err != nil {
		return "", err
	}
	var out strings.Builder
	for line := range strings.Lines(string(b)) {
		if line = strings.TrimSpace(line); line != "" && line[0] != '#' {
			out.WriteString("=" + line + "\n")
		}
	}
	return out.String(), nil
}
