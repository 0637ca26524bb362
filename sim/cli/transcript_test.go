package cli_test

import (
	"context"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/layerlab/layerlab/sim/archive"
	"github.com/layerlab/layerlab/sim/cli"
	"github.com/layerlab/layerlab/sim/content"
	"github.com/layerlab/layerlab/sim/engine"
)

var base = flag.String("base", os.Getenv("LAYERLAB_BASE"), "a docker-archive of the busybox:1.36 that the transcripts were recorded with; without it the catalogue's model is used, and what depends on the real one is masked")

// masked is what differs between the real busybox and the catalogue's model of
// it: digests of the base and the sizes of its blobs. It is taken out of both
// sides when the model is used, and only then.
var masked = map[string]map[string]*regexp.Regexp{
	"digest_reproducible.txtar": {
		// The manifest and the config name the base's layer; the first layer is it.
		"$ lab ids r:1": regexp.MustCompile(`^(manifest|config) .*|^layer sha256:(c86af368|70f108b2).*`),
	},
	"cow_more.txtar": {
		"$ docker system df | head -3": regexp.MustCompile(`^Images +\d+ +\d+ .*`),
	},
	"digest_files.txtar": {
		"$ lab ids df:1": regexp.MustCompile(`^(manifest|config) .*|^layer sha256:(c86af368|70f108b2).*`),
	},
	"digest_config.txtar": {
		"$ lab ids dc:1": regexp.MustCompile(`^(manifest|config) .*|^layer sha256:(c86af368|70f108b2).*`),
	},
	"digest_multi.txtar": {
		"$ lab ids dm:1": regexp.MustCompile(`^(manifest|config) .*|^layer sha256:(c86af368|70f108b2).*`),
		"$ docker buildx build --build-arg SOURCE_DATE_EPOCH=1000000000 --target child --output type=image,name=dm:child,rewrite-timestamp=true,unpack=false -q . >/dev/null; lab ids dm:child; docker history --no-trunc --format '{{.CreatedBy}}' dm:child": regexp.MustCompile(`^(manifest|config) .*|^layer sha256:(c86af368|70f108b2).*`),
	},
	"digest_run.txtar": {
		// One layer holds a copy of busybox itself.
		"$ lab ids dr:1": regexp.MustCompile(`^(manifest|config) .*|^layer sha256:(c86af368|70f108b2|d22b904f|0e314d34).*`),
		"$ lab layers dr:1 | sed -n '/^layer 2/,$p'": regexp.MustCompile(`sha256:(d2f110c2|a411d88d)[0-9a-f]*|3d9f2889d678|9624ba75183f`),
	},
	"digest_stages.txtar": {
		"$ lab ids ds:b": regexp.MustCompile(`^(manifest|config) .*|^layer sha256:(c86af368|70f108b2).*`),
	},
	"df_states.txtar": {
		"$ docker system df | head -3": regexp.MustCompile(`^Images +\d+ +\d+ .*`),
		"$ docker system df --format '{{.Type}}|{{.Size}}|{{.Reclaimable}}' | head -3": regexp.MustCompile(`^Images.*`),
	},
	"system_df.txtar": {
		"$ docker system df": regexp.MustCompile(`^Images +\d+ +\d+ .*`),
	},
}

// maskOf is what of a command's answer is not compared when the model is used, nil
// for nothing. In the transcripts called store_… that is what counts the bytes of
// the base's blobs.
func maskOf(name, command string) *regexp.Regexp {
	if strings.HasPrefix(name, "store_") && (strings.Contains(command, "system df") || strings.Contains(command, "prune -af --filter label!=")) {
		return baseSize
	}
	return masked[name][command]
}

var baseSize = regexp.MustCompile(`^(Images|busybox|Total reclaimed space:) .*|^3 0 3\.54.MB$`)

// TestTranscripts plays what was recorded from a real Docker Engine 29 and holds
// the answers against it.
func TestTranscripts(t *testing.T) {
	files, err := filepath.Glob("testdata/transcripts/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no transcripts: %v", err)
	}
	e := newEngine(t)
	if *base == "" {
		t.Log("played on the catalogue's model of busybox: its digests and blob sizes are not compared (-base FILE does)")
	}
	start := e.Snapshot()
	for _, f := range files {
		name := filepath.Base(f)
		t.Run(strings.TrimSuffix(name, ".txtar"), func(t *testing.T) {
			want, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			e.Restore(start)
			got, err := cli.Play(e, string(want))
			if err != nil {
				t.Fatal(err)
			}
			compare(t, name, string(want), got)
		})
	}
}

func newEngine(t *testing.T) *engine.Engine {
	t.Helper()
	if *base == "" {
		return engine.New(engine.Options{})
	}
	f, err := os.Open(*base)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	st, err := f.Stat()
	if err != nil {
		t.Fatal(err)
	}
	a, err := archive.Open(context.Background(), content.FromReaderAt(f, st.Size()), archive.Options{Name: *base})
	if err != nil {
		t.Fatal(err)
	}
	e := engine.New(engine.Options{Bare: true})
	if _, err := e.Load(context.Background(), a, engine.LoadOptions{}); err != nil {
		t.Fatal(err)
	}
	return e
}

// compare holds a played transcript against the recorded one, command by command.
func compare(t *testing.T, name, want, got string) {
	t.Helper()
	w, g := answers(want), answers(got)
	if len(w) != len(g) {
		t.Fatalf("%d commands were played of %d", len(g), len(w))
	}
	raw := strings.HasPrefix(name, "digest")
	wantIDs, gotIDs := ids{}, ids{}
	for i := range w {
		mask := maskOf(name, w[i].command)
		if *base != "" {
			mask = nil
		}
		a, b := normal(w[i], wantIDs, raw, mask), normal(g[i], gotIDs, raw, mask)
		if d := cmp.Diff(a, b); d != "" {
			t.Errorf("%s\n(-Docker +simulator)\n%s", w[i].command, d)
		}
	}
}
