package engine_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/layerlab/layerlab/assets"
	"github.com/layerlab/layerlab/sim/build"
	"github.com/layerlab/layerlab/sim/engine"
)

// sizes builds a Dockerfile on an engine with the catalogue and gives the bytes of
// the layers above the base, and what was printed.
func sizes(t *testing.T, e *engine.Engine, dockerfile string) ([]int64, string, error) {
	t.Helper()
	if err := e.WriteFile(engine.Project+"/Dockerfile", []byte(dockerfile), 0o644); err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	r, err := e.Build(context.Background(), engine.Project, build.Options{Tags: []string{"t:1"}}, func(ev build.Event) {
		if o, ok := ev.(build.VertexLog); ok {
			out.WriteString(o.Text + "\n")
		}
	})
	if err != nil {
		return nil, out.String(), err
	}
	var sizes []int64
	for _, h := range r.Layers[1:] {
		sizes = append(sizes, h.Layer.Size)
	}
	return sizes, out.String(), nil
}

// TestTheLessonsAboutSize: lists that a later RUN removes are still in the image,
// those that the same RUN removes are not, and what is only recommended is large.
func TestTheLessonsAboutSize(t *testing.T) {
	e := engine.New(engine.Options{Models: assets.Catalog{}})
	build := func(lines string) []int64 {
		t.Helper()
		got, out, err := sizes(t, e, "FROM debian:bookworm-slim\n"+lines)
		if err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		return got
	}
	kept := build("RUN apt-get update && apt-get install -y --no-install-recommends curl\n")[0]
	late := build("RUN apt-get update && apt-get install -y --no-install-recommends curl\nRUN rm -rf /var/lib/apt/lists/*\n")
	same := build("RUN apt-get update && apt-get install -y --no-install-recommends curl && rm -rf /var/lib/apt/lists/*\n")[0]
	all := build("RUN apt-get update && apt-get install -y curl && rm -rf /var/lib/apt/lists/*\n")[0]
	if late[0] != kept || late[1] > 100_000 {
		t.Errorf("removing later made layers of %d, before %d", late, kept)
	}
	if lists := kept - same; lists < 19_000_000 || lists > 21_000_000 {
		t.Errorf("the lists take %d bytes, those of Debian 12 about 20 MB", lists)
	}
	if more := all - same; more < 1_500_000 {
		t.Errorf("what is recommended takes %d bytes", more)
	}
	if same < 10_000_000 || same > 14_000_000 {
		t.Errorf("curl takes %d bytes, the real one about 12 MB", same)
	}
}

// TestOldLists: lists that a cached step fetched name archives that the repository
// no longer has.
func TestOldLists(t *testing.T) {
	e := engine.New(engine.Options{Models: assets.Catalog{}})
	if _, out, err := sizes(t, e, "FROM debian:bookworm-slim\nRUN apt-get update\n"); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	e.Advance(40 * 24 * time.Hour)
	_, _, err := sizes(t, e, "FROM debian:bookworm-slim\nRUN apt-get update\nRUN apt-get install -y curl\n")
	if err == nil || !strings.Contains(err.Error(), "exit code: 100") {
		t.Errorf("old lists still do: %v", err)
	}
	if _, _, err := sizes(t, e, "FROM debian:bookworm-slim\nRUN apt-get update && apt-get install -y curl\n"); err != nil {
		t.Errorf("new lists do not: %v", err)
	}
	if _, _, err := sizes(t, e, "FROM debian:bookworm-slim\nRUN apt-get install -y curl\n"); err == nil || !strings.Contains(err.Error(), "exit code: 100") {
		t.Errorf("without lists: %v", err)
	}
}
