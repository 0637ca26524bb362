//go:build readers

package readers_test

import (
	"io"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"

	"github.com/layerlab/layerlab/sim/archive"
	"github.com/layerlab/layerlab/sim/cli"
	"github.com/layerlab/layerlab/sim/content"
	"github.com/layerlab/layerlab/sim/engine"
	"github.com/layerlab/layerlab/sim/layer"
	"github.com/layerlab/layerlab/sim/store"
)

// A lab is a terminal of the simulator.
type lab struct {
	t testing.TB
	*cli.Session
}

func newLab(t testing.TB, bare bool) lab {
	return lab{t, cli.New(engine.New(engine.Options{Bare: bare}))}
}

// run types a line that must go well.
func (l lab) run(line string) string {
	l.t.Helper()
	out, exit := l.try(line)
	if exit != 0 {
		l.t.Fatalf("in the simulator: %s: exit %d\n%s", line, exit, out)
	}
	return out
}

func (l lab) try(line string) (string, int) {
	var out strings.Builder
	exit := l.Run(l.t.Context(), line, &out)
	return out.String(), exit
}

// give puts a file of this machine into the lab's /mnt.
func (l lab) give(file string) string {
	l.t.Helper()
	f, err := os.Open(file)
	if err != nil {
		l.t.Fatal(err)
	}
	l.t.Cleanup(func() { f.Close() })
	st, err := f.Stat()
	if err == nil {
		err = l.Engine().Give(filepath.Base(file), content.FromReaderAt(f, st.Size()))
	}
	if err != nil {
		l.t.Fatal(err)
	}
	return path.Join(engine.Given, filepath.Base(file))
}

// take writes a file of the lab to this machine.
func (l lab) take(name, file string) {
	l.t.Helper()
	b, err := l.Engine().Host().Root().Body(path.Join(engine.Project, name))
	if err != nil {
		l.t.Fatal(err)
	}
	if err := copyBody(b, file); err != nil {
		l.t.Fatal(err)
	}
}

func copyBody(b content.Body, file string) error {
	rc, err := b.Open()
	if err != nil {
		return err
	}
	defer rc.Close()
	f, err := os.Create(file)
	if err != nil {
		return err
	}
	if _, err = io.Copy(f, rc); err != nil {
		f.Close()
		return err
	}
	return f.Close()
}

// images are those of the lab whose names begin with what the corpus calls its
// own, by name; those without a name are there by their ID.
func (l lab) images() map[string]*store.Image {
	out, s := map[string]*store.Image{}, l.Engine().Store()
	for _, im := range s.Images() {
		names := s.Names(im.ID)
		for _, n := range names {
			if strings.Contains(n.Name(), "readers/") {
				out[familiar(n.String())] = im
			}
		}
		if len(names) == 0 {
			out[im.ID.String()] = im
		}
	}
	return out
}

func familiar(name string) string { return strings.TrimPrefix(name, "docker.io/") }

// treeOf is the tree of an image of the store.
func treeOf(t testing.TB, im *store.Image) fsTree {
	t.Helper()
	var layers []*layer.Layer
	for i, h := range im.Layers {
		if h.Layer == nil {
			t.Fatalf("layer %d of %s was not read", i+1, im.ID)
		}
		layers = append(layers, h.Layer)
	}
	out, err := ofLayers(layers)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// source is an image of the store as package archive writes it.
func source(im *store.Image, names ...string) archive.Source {
	s := archive.Source{Names: names, Image: im.Image, Annotations: im.Annotations, Index: im.Index}
	for _, h := range im.Layers {
		s.Layers = append(s.Layers, h.Blob)
	}
	return s
}
