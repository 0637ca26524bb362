package engine_test

import (
	"context"
	"flag"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/layerlab/layerlab/assets"
	"github.com/layerlab/layerlab/sim/cli"
	"github.com/layerlab/layerlab/sim/engine"
)

var update = flag.Bool("update", false, "write what the commands of want.txt say into it; then read it, line by line")

// wantFile stands beside each well-known Dockerfile: how many layers the image
// has, and commands with what they answer.
const wantFile = "want.txt"

// terminal is a session of the lab's terminal with the catalogue.
type terminal struct {
	t *testing.T
	*cli.Session
}

func newTerminal(t *testing.T) terminal {
	t.Helper()
	return terminal{t, cli.New(engine.New(engine.Options{Models: assets.Catalog{}}))}
}

// try runs a line and gives what it printed and its exit status.
func (s terminal) try(line string) (string, int) {
	s.t.Helper()
	var out strings.Builder
	exit := s.Run(context.Background(), line, &out)
	return out.String(), exit
}

// must runs a line that has to succeed.
func (s terminal) must(line string) string {
	s.t.Helper()
	out, exit := s.try(line)
	if exit != 0 {
		s.t.Fatalf("$ %s\nexit %d\n%s", line, exit, out)
	}
	return out
}

// put copies the files under dir, want.txt apart, into the learner's project.
func (s terminal) put(dir string) {
	s.t.Helper()
	err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || d.Name() == wantFile {
			return err
		}
		b, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(dir, name)
		if err != nil {
			return err
		}
		perm := uint32(0o644)
		if strings.HasPrefix(string(b), "#!") {
			perm = 0o755
		}
		return s.Engine().WriteFile(path.Join(engine.Project, filepath.ToSlash(rel)), b, perm)
	})
	if err != nil {
		s.t.Fatal(err)
	}
}

// TestWellKnown builds Dockerfiles as the documentation of their projects writes
// them, as the terminal's docker build does: each succeeds, answers its want.txt,
// and is wholly cached when it is built again.
func TestWellKnown(t *testing.T) {
	names, err := filepath.Glob("testdata/wellknown/*/Dockerfile")
	if err != nil || len(names) < 30 {
		t.Fatalf("%d Dockerfiles, %v", len(names), err)
	}
	for _, name := range names {
		dir := filepath.Dir(name)
		t.Run(filepath.Base(dir), func(t *testing.T) { wellKnown(t, dir) })
	}
}

func wellKnown(t *testing.T, dir string) {
	s := newTerminal(t)
	s.put(dir)
	first := s.must("docker build --progress=plain -t app .")
	text, err := os.ReadFile(filepath.Join(dir, wantFile))
	if err != nil {
		t.Fatal(err)
	}
	var got strings.Builder
	for line := range strings.Lines(string(text)) {
		if cmd, ok := strings.CutPrefix(line, "$ "); ok {
			out, _ := s.try(strings.TrimSpace(cmd))
			got.WriteString(line + out)
		}
	}
	if *update {
		if err := os.WriteFile(filepath.Join(dir, wantFile), []byte(got.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	} else if got.String() != string(text) {
		t.Errorf("got:\n%s\nwant:\n%s\nthe build said:\n%s", &got, text, first)
	}
	again := s.must("docker build --progress=plain -t app .")
	if ran := ranAgain(again); len(ran) > 0 {
		t.Errorf("not cached the second time: %q", ran)
	}
}

// ranAgain is the steps of a plain build log that were not taken from the cache.
func ranAgain(log string) []string {
	steps := map[string]string{}
	for line := range strings.Lines(log) {
		id, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		switch {
		case strings.HasPrefix(rest, "[") && !strings.HasPrefix(rest, "[internal]") && !strings.Contains(rest, " FROM "):
			steps[id] = rest
		case rest == "CACHED":
			delete(steps, id)
		}
	}
	var out []string
	for _, s := range steps {
		out = append(out, s)
	}
	slices.Sort(out)
	return out
}
