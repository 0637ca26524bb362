package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/layerlab/layerlab/scripts/internal/repo"
)

// How long each fuzz target is fed: in CI, where it is what the release rests on,
// and at home, where a new panic should show at once.
const (
	fuzzCI   = 60 * time.Second
	fuzzHome = 3 * time.Second
)

// fuzzTime is how long a target is fed if nobody says.
func fuzzTime() time.Duration {
	if os.Getenv("CI") != "" {
		return fuzzCI
	}
	return fuzzHome
}

// A target is a fuzz target and the folder of its package.
type target struct{ dir, name string }

// fuzz runs every fuzz target that the project has for a while each. They are
// asked for, not listed, so that a new one is never forgotten. What the fuzzer
// learns goes to a temporary folder and is gone afterwards: its cache would grow
// with every run.
func fuzz(ctx context.Context, root string, each time.Duration) error {
	tmp, err := os.MkdirTemp("", "layerlab-fuzz-")
	if err != nil {
		return fmt.Errorf("making a folder for the fuzzer: %w", err)
	}
	defer os.RemoveAll(tmp)
	targets, err := fuzzTargets(ctx, root)
	if err != nil {
		return err
	}
	if len(targets) == 0 {
		return errors.New("no fuzz target was found")
	}
	// Each target has a process that feeds one input at a time. There is one more
	// of them than processors: starting, building and minimizing leave gaps.
	var wait sync.WaitGroup
	var mu sync.Mutex
	var failed []error
	next := make(chan target)
	for range runtime.NumCPU() + 1 {
		wait.Go(func() {
			for t := range next {
				if err := t.run(ctx, tmp, each); err != nil {
					mu.Lock()
					failed = append(failed, err)
					mu.Unlock()
				}
			}
		})
	}
	programs := map[string]error{}
	for _, t := range targets {
		if _, built := programs[t.dir]; !built {
			programs[t.dir] = t.build(ctx, root, tmp)
		}
		if err := programs[t.dir]; err != nil {
			mu.Lock()
			failed = append(failed, err)
			mu.Unlock()
		} else if ctx.Err() == nil {
			next <- t
		}
	}
	close(next)
	wait.Wait()
	return errors.Join(append(failed, ctx.Err())...)
}

// fuzzTargets asks every test program of the project which fuzz targets it has.
func fuzzTargets(ctx context.Context, root string) ([]target, error) {
	out, err := repo.Output(ctx, root, nil, "test", "-vet=off", "-list=^Fuzz", "./...")
	if err != nil {
		return nil, err
	}
	var targets, found []target
	for line := range strings.Lines(out) {
		switch fields := strings.Fields(line); {
		case len(fields) == 1 && strings.HasPrefix(fields[0], "Fuzz"):
			found = append(found, target{name: fields[0]})
		case len(fields) >= 2 && (fields[0] == "ok" || fields[0] == "?"):
			for _, t := range found { // the names stand before their package
				t.dir = filepath.FromSlash(strings.TrimPrefix(strings.TrimPrefix(fields[1], repo.Module), "/"))
				targets = append(targets, t)
			}
			found = nil
		}
	}
	slices.SortFunc(targets, func(a, b target) int { return strings.Compare(a.dir+a.name, b.dir+b.name) })
	return targets, nil
}

func (t target) program(tmp string) string {
	return filepath.Join(tmp, strings.ReplaceAll(t.dir, string(filepath.Separator), "-")+".test")
}

// build builds the package's test program so that it can tell the fuzzer which
// code an input reached.
func (t target) build(ctx context.Context, root, tmp string) error {
	return repo.Go(ctx, root, nil, "test", "-c", "-fuzz=.", "-o="+t.program(tmp), "./"+filepath.ToSlash(t.dir)).Run()
}

// run feeds the target for a while. Inputs are hardly made smaller on the way:
// that could take all of the time. A finding is written to the package's
// testdata/fuzz, where go test takes it from on every later run.
func (t target) run(ctx context.Context, tmp string, each time.Duration) error {
	start := time.Now()
	name := fmt.Sprintf("%s in %s", t.name, t.dir)
	cmd := exec.CommandContext(ctx, t.program(tmp), "-test.run=^$", "-test.fuzz=^"+t.name+"$", "-test.fuzztime="+each.String(),
		"-test.parallel=1", "-test.fuzzminimizetime=20x", "-test.fuzzcachedir="+filepath.Join(tmp, "cache", t.dir), "-test.timeout=0")
	cmd.Dir = t.dir
	out, err := cmd.CombinedOutput()
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	if err != nil {
		at := slices.IndexFunc(lines, func(l string) bool { return !strings.HasPrefix(l, "fuzz: ") })
		return fmt.Errorf("%s: %w\n%s\nThe input is kept in %s; `go test -run=%s ./%s` runs it again, and every later run of the tests does",
			name, err, strings.Join(lines[max(at, 0):], "\n"), filepath.Join(t.dir, "testdata", "fuzz", t.name), t.name, filepath.ToSlash(t.dir))
	}
	fmt.Printf("fuzzing %s: ok, %s, %.0f s\n", name, executions(lines), time.Since(start).Seconds())
	return nil
}

// executions is how many inputs the fuzzer says that it tried.
func executions(lines []string) string {
	for _, l := range slices.Backward(lines) {
		if _, rest, ok := strings.Cut(l, "execs: "); ok {
			n, _, _ := strings.Cut(rest, " ")
			return n + " inputs"
		}
	}
	return "no count of inputs"
}
