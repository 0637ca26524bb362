// Package mutate breaks the rules of the union file system, one at a time, and sees
// that the tests notice. A rule whose breaking no test notices is not tested.
package mutate

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"sync"
)

// A Mutation is a rule and how it is broken: in File, Old is replaced by New. Test
// is the beginning of the name of a test that must fail then.
type Mutation struct {
	Rule, File, Old, New, Test string
}

// Run breaks each of the rules in a copy of its file, which the go command compiles
// in place of the real one (go help build, -overlay), and runs the tests that need
// no root. It prints which test failed first for each, and returns an error that
// names the rules whose breaking went unnoticed.
func Run(ctx context.Context, root string, out io.Writer, list []Mutation) error {
	temp, err := os.MkdirTemp("", "mutate")
	if err != nil {
		return err
	}
	defer os.RemoveAll(temp)
	var (
		work   = make(chan int)
		said   = make([]string, len(list))
		failed = make([]error, len(list))
		wait   sync.WaitGroup
	)
	for range min(runtime.NumCPU(), 4) {
		wait.Go(func() {
			for i := range work {
				said[i], failed[i] = try(ctx, root, filepath.Join(temp, fmt.Sprint(i)), list[i])
			}
		})
	}
	for i := range list {
		work <- i
	}
	close(work)
	wait.Wait()
	for i, m := range list {
		switch {
		case failed[i] != nil:
			fmt.Fprintf(out, "  NOT CAUGHT %s: %v\n", m.Rule, failed[i])
		default:
			fmt.Fprintf(out, "  caught: %s: %s\n", m.Rule, said[i])
		}
	}
	return errors.Join(failed...)
}

var failing = regexp.MustCompile(`(?m)^\s*--- FAIL: (\S+)`)

// tests is those that are run. None of them needs root: they know what the kernel,
// BuildKit and Docker answered.
const tests = "^(TestCases|TestChangeset|TestRandomRecorded|TestEvents)$"

// try breaks one rule and answers which tests fail.
func try(ctx context.Context, root, temp string, m Mutation) (string, error) {
	broken, err := Apply(root, m)
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(temp, 0o700); err != nil {
		return "", err
	}
	file, overlay := filepath.Join(temp, filepath.Base(m.File)), filepath.Join(temp, "overlay.json")
	table, err := json.Marshal(map[string]any{"Replace": map[string]string{filepath.Join(root, m.File): file}})
	if err != nil {
		return "", err
	}
	if err := errors.Join(os.WriteFile(file, broken, 0o600), os.WriteFile(overlay, table, 0o600)); err != nil {
		return "", err
	}
	pkg := "./" + filepath.ToSlash(filepath.Dir(m.File))
	cmd := exec.CommandContext(ctx, "go", "test", "-overlay="+overlay, "-vet=off", "-ldflags=-s -w", "-run="+tests, "-timeout=2m", pkg)
	cmd.Dir = root
	result, err := cmd.CombinedOutput()
	var names []string
	for _, f := range failing.FindAllSubmatch(result, -1) {
		names = append(names, string(f[1]))
	}
	switch {
	case err == nil:
		return "", fmt.Errorf("%q: all tests pass", m.Rule)
	case len(names) == 0:
		return "", fmt.Errorf("%q: the tests did not run to an end: %w\n%s", m.Rule, err, last(result, 2000))
	}
	for _, n := range names {
		if strings.HasPrefix(n, m.Test) {
			return fmt.Sprintf("%s and %d more fail", n, len(names)-1), nil
		}
	}
	return "", fmt.Errorf("%q: expected %s to fail, only these did: %s", m.Rule, m.Test, strings.Join(names, ", "))
}

// Apply is the file of m with the rule broken. It fails if what is to be replaced
// is not there exactly once: then the code has changed and the mutation must, too.
func Apply(root string, m Mutation) ([]byte, error) {
	src, err := os.ReadFile(filepath.Join(root, m.File))
	if err != nil {
		return nil, fmt.Errorf("%q: %w", m.Rule, err)
	}
	if n := strings.Count(string(src), m.Old); n != 1 {
		return nil, fmt.Errorf("%q: %s has %d times what is to be broken, expected once: %q", m.Rule, m.File, n, m.Old)
	}
	return []byte(strings.Replace(string(src), m.Old, m.New, 1)), nil
}

func last(b []byte, n int) string { return string(b[max(0, len(b)-n):]) }
