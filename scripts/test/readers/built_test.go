//go:build readers

package readers_test

import (
	"errors"
	"flag"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"testing"

	"github.com/layerlab/layerlab/sim/archive"
	"github.com/layerlab/layerlab/sim/engine"
	"github.com/layerlab/layerlab/sim/store"
)

// A sample is an image of the corpus, or several in one archive, as they came
// out of the simulator.
type sample struct {
	recipe
	lab    lab
	docker string            // the file that docker save wrote
	layout string            // that file's content, as a directory
	oci    map[string]string // of each image alone an OCI layout without Docker's manifest.json, in a tar
	images map[string]*store.Image
	trees  map[string]fsTree // of the images, by name
}

// names are the names of the sample's images, or the IDs of those without one.
func (s *sample) names() []string { return slices.Sorted(maps.Keys(s.images)) }

// different is one name for each image that is not the same as another.
func (s *sample) different() []string {
	var out []string
	seen := map[*store.Image]bool{}
	for _, n := range s.names() {
		if im := s.images[n]; !seen[im] {
			seen[im] = true
			out = append(out, n)
		}
	}
	return out
}

var (
	samples []*sample // the corpus, built
	work    string    // where its files are
)

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	flag.Parse()
	var err error
	if work, err = os.MkdirTemp("", "layerlab-readers-"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(work)
	return m.Run()
}

// all is every sample. The first test that calls it makes them.
func all(t *testing.T) []*sample {
	t.Helper()
	if samples == nil {
		var made []*sample
		for _, r := range corpus() {
			made = append(made, build(t, r))
		}
		samples = made
	}
	return samples
}

// each does something with every sample that the reader can be asked about.
func each(t *testing.T, reader string, do func(t *testing.T, s *sample)) {
	t.Helper()
	for _, s := range all(t) {
		if s.cannot[reader] == "" {
			t.Run(s.name, func(t *testing.T) { do(t, s) })
		}
	}
}

func build(t *testing.T, r recipe) *sample {
	t.Helper()
	dir := filepath.Join(work, r.name)
	s := &sample{recipe: r, lab: newLab(t, false), docker: filepath.Join(dir, "docker.tar"), layout: filepath.Join(dir, "layout"), oci: map[string]string{}, trees: map[string]fsTree{}}
	if err := os.MkdirAll(s.layout, 0o755); err != nil {
		t.Fatal(err)
	}
	put := func(name string, b []byte) {
		if err := s.lab.Engine().WriteFile(path.Join(engine.Project, name), b, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for name, f := range r.files {
		put(name, f())
	}
	if r.dockerfile != "" {
		put("Dockerfile", []byte(r.dockerfile))
	}
	if r.script == "" {
		r.script = "docker build -q -t " + r.image() + " ."
	}
	s.lab.run(r.script)
	if s.save == "" {
		s.save = r.image()
	}
	s.lab.run("docker save -o /home/learner/project/saved.tar " + s.save)
	s.lab.take("saved.tar", s.docker)
	if out, err := exec.Command("tar", "-xf", s.docker, "-C", s.layout).CombinedOutput(); err != nil {
		t.Fatalf("unpacking what docker save wrote: %v\n%s", err, out)
	}
	s.images = s.lab.images()
	if r.unnamed {
		for _, im := range s.images {
			s.images = map[string]*store.Image{im.ID.String(): im}
		}
	}
	for i, n := range s.names() {
		s.trees[n] = treeOf(t, s.images[n])
		src := source(s.images[n])
		if !r.unnamed {
			src.Names = []string{n}
		}
		s.oci[n] = filepath.Join(dir, fmt.Sprintf("oci-%d.tar", i))
		f, err := os.Create(s.oci[n])
		if err != nil {
			t.Fatal(err)
		}
		err = archive.WriteOCI(t.Context(), f, []archive.Source{src}, archive.WriteOptions{})
		if err = errors.Join(err, f.Close()); err != nil {
			t.Fatal(err)
		}
	}
	return s
}
