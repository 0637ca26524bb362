package main

import (
	"bytes"
	"context"
	"fmt"
	"go/format"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/layerlab/layerlab/scripts/internal/repo"
)

// check is something that must hold of the sources.
type check struct {
	name string
	do   func(ctx context.Context, root string) error
}

// browserEnv builds for the browser.
var browserEnv = []string{"GOOS=js", "GOARCH=wasm"}

// inBrowser are the packages that run in the browser.
var inBrowser = []string{"./sim/...", "./web/...", "./wasm/...", browserTests + "probe"}

var checks = []check{
	{"gofmt", func(_ context.Context, root string) error { return formatted(root) }},
	{"vet", func(ctx context.Context, root string) error {
		return repo.Go(ctx, root, nil, "vet", "-tags=browser,readers", "./...").Run()
	}},
	{"vet for the browser", func(ctx context.Context, root string) error {
		return repo.Go(ctx, root, browserEnv, append([]string{"vet"}, inBrowser...)...).Run()
	}},
	{"staticcheck", func(ctx context.Context, root string) error {
		return staticcheck(ctx, root, nil, "-tags=browser,readers", "./...")
	}},
	{"staticcheck for the browser", func(ctx context.Context, root string) error {
		return staticcheck(ctx, root, browserEnv, inBrowser...)
	}},
}

// staticcheck runs the one that go.mod names. It is built for this system and
// told by the environment for which one to check.
func staticcheck(ctx context.Context, root string, env []string, args ...string) error {
	if err := repo.Go(ctx, root, nil, "tool", "staticcheck", "-version").Run(); err != nil {
		return err
	}
	program, err := repo.Output(ctx, root, nil, "tool", "-n", "staticcheck")
	if err != nil {
		return err
	}
	cmd := repo.Go(ctx, root, env, args...)
	cmd.Path, cmd.Args = program, append([]string{program}, args...)
	return cmd.Run()
}

// formatted fails when gofmt would change a file.
func formatted(root string) error {
	var wrong []string
	err := filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == "testdata" || p != root && strings.HasPrefix(d.Name(), ".")):
			return filepath.SkipDir
		case d.IsDir() || filepath.Ext(p) != ".go":
			return nil
		}
		src, err := os.ReadFile(p)
		if err != nil {
			return err
		}
		out, err := format.Source(src)
		if err != nil {
			return fmt.Errorf("%s: %w", p, err)
		}
		if !bytes.Equal(src, out) {
			rel, _ := filepath.Rel(root, p)
			wrong = append(wrong, rel)
		}
		return nil
	})
	if err == nil && len(wrong) > 0 {
		err = fmt.Errorf("gofmt -w is wanted for %s", strings.Join(wrong, ", "))
	}
	return err
}
