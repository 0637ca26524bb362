package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"time"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/layerlab/layerlab/sim/catalog"
	"github.com/layerlab/layerlab/sim/image"
	"github.com/layerlab/layerlab/sim/layer"
)

// more is what is made besides Debian's images and packages, by the word that
// -only takes.
var more = map[string]func(debs string) error{}

// stackLayer is one layer of a stack.
type stackLayer struct {
	like string
	drop []string
	list string
}

// stack is an image of several layers to be written, with one below it or none.
type stack struct {
	name, file, about, from string
	config                  image.Config
	layers                  []stackLayer
}

// row is a row of an image's history; empty says that it has no layer.
func row(by string, empty bool) ocispec.History {
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
			fmt.Fprintf(&b, "like %s\n", l.like)
		}
		for _, d := range l.drop {
			fmt.Fprintf(&b, "drop %s\n", d)
		}
		fmt.Fprintf(&b, "files\n%s", l.list)
	}
	return b.String(), nil
}

// write makes the layers to learn their digests and sizes, and writes the data file.
func (s *stack) write() error {
	facts := make([]string, len(s.layers))
	for i := range facts {
		facts[i] = " - 0 0 0 - 0" // until they are known
	}
	text, err := s.text(facts)
	if err != nil {
		return err
	}
	read, err := catalog.ParsePicture(text)
	if err != nil {
		return err
	}
	ctx := context.Background()
	for i := range read.Layers {
		t, err := catalog.New(disk{}, nil).Tree(ctx, &read.Layers[i])
		if err != nil {
			return fmt.Errorf("%s: layer %d: %w", s.name, i, err)
		}
		l, err := layer.New(ctx, t, layer.WriteOptions{})
		if err != nil {
			return err
		}
		blob, digest, err := layer.GzipBlob(ctx, l.Tar(), nil)
		if err != nil {
			return err
		}
		fmt.Printf("%s: layer %d: %d entries, %.1f MB of files, %.1f MB packed\n", s.name, i, l.Entries, float64(l.Bytes)/1e6, float64(blob.Size())/1e6)
		facts[i] = fmt.Sprintf(" %s %d %d %d %s %d", l.DiffID, l.Size, l.Entries, l.Bytes, digest, blob.Size())
	}
	if text, err = s.text(facts); err != nil {
		return err
	}
	return writeData(s.file, text)
}

// aliases is the lines of the index for further names of images: recipes/aliases.txt
// has NAME OTHER on each line.
func aliases(index string) (string, error) {
	b, err := os.ReadFile("scripts/catalog/recipes/aliases.txt")
	if err != nil {
		return "", err
	}
	var out strings.Builder
	for line := range strings.Lines(string(b)) {
		name, of, _ := strings.Cut(strings.TrimSpace(line), " ")
		for l := range strings.Lines(index) {
			if rest, ok := strings.CutPrefix(l, of+"\t"); ok {
				out.WriteString(name + "\t" + rest)
			}
		}
	}
	return out.String(), nil
}
