package cli_test

import (
	"strings"
	"testing"

	"github.com/layerlab/layerlab/assets"
	"github.com/layerlab/layerlab/sim/cli"
	"github.com/layerlab/layerlab/sim/engine"
)

// TestStalePackageLists is the lesson of lists in a layer of their own: weeks later the
// cached lists name archives that are gone, and one RUN for both is the cure.
func TestStalePackageLists(t *testing.T) {
	s := term{t, cli.New(engine.New(engine.Options{Models: assets.Catalog{}}))}
	if out := s.run("lab date"); !strings.HasPrefix(out, "Mon 2026-01-05 09:00:0") {
		t.Error(out)
	}
	s.run(`printf 'FROM debian:bookworm-slim\nRUN apt-get update\nRUN apt-get install -y --no-install-recommends jq\n' > Dockerfile`)
	s.run("docker build -q -t tools .")
	s.run("lab date +40d")
	s.run("sed -i 's/ jq/ jq curl/' Dockerfile")
	out, exit := s.try("docker build --progress=plain -t tools .")
	for _, want := range []string{"#5 [2/3] RUN apt-get update\n#5 CACHED", "404  Not Found", "E: Unable to fetch some archives, maybe run apt-get update or try with --fix-missing?"} {
		if !strings.Contains(out, want) {
			t.Errorf("40 days later it does not say %q:\n%s", want, out)
		}
	}
	if exit == 0 {
		t.Error("old lists still do")
	}
	s.run(`printf 'FROM debian:bookworm-slim\nRUN apt-get update && apt-get install -y --no-install-recommends jq curl\n' > Dockerfile; docker build -q -t tools .`)
}

func TestLabDate(t *testing.T) {
	s := newTerm(t)
	if out := s.run("lab date 2026-03-01"); !strings.HasPrefix(out, "Sun 2026-03-01 00:00:00") {
		t.Error(out)
	}
	for line, want := range map[string]string{
		"lab date 2025-01-01": "in the past", "lab date soon": "want a step (+40d, +6h, +2w) or a day (2026-03-01), not \"soon\"", "lab date +5y": "want a step", "lab date 1 2": "at most 1 argument",
	} {
		if out, exit := s.try(line); exit == 0 || !strings.Contains(out, want) {
			t.Errorf("%s: exit %d, %s", line, exit, out)
		}
	}
}
