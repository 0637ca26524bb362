// Package repo is what the project's scripts share: where the project is, and how
// they run other programs.
package repo

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// Module is the project's module path.
const Module = "github.com/layerlab/layerlab"

// Root is the folder of the project: the working directory or the nearest above
// it whose go.mod is the project's.
func Root() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for at := dir; ; at = filepath.Dir(at) {
		b, err := os.ReadFile(filepath.Join(at, "go.mod"))
		if err == nil && strings.HasPrefix(string(b), "module "+Module+"\n") {
			return at, nil
		}
		if at == filepath.Dir(at) {
			return "", fmt.Errorf("looking for the project: no go.mod of %s in %s or above", Module, dir)
		}
	}
}

// Cache is a folder for what can be made again, <user cache>/layerlab/name, or one
// in the temporary folder where the user has no cache. It is created.
func Cache(name string) (string, error) {
	base, err := os.UserCacheDir()
	if err != nil {
		base = os.TempDir()
	}
	dir := filepath.Join(base, "layerlab", name)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		dir = filepath.Join(os.TempDir(), "layerlab", name)
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return "", err
		}
	}
	return dir, nil
}

// Go is a command of the go tool in the folder root with further environment
// variables; its output goes to this program's.
func Go(ctx context.Context, root string, env []string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir = root
	cmd.Env = append(os.Environ(), env...)
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	return cmd
}

// Output runs a go command and is what it printed, without the last newline.
// The error holds what it said on its standard error.
func Output(ctx context.Context, root string, env []string, args ...string) (string, error) {
	cmd := Go(ctx, root, env, args...)
	cmd.Stdout, cmd.Stderr = nil, nil
	out, err := cmd.Output()
	if exit := new(exec.ExitError); errors.As(err, &exit) {
		err = fmt.Errorf("%w\n%s", err, exit.Stderr)
	}
	if err != nil {
		return "", fmt.Errorf("running go %s: %w", strings.Join(args, " "), err)
	}
	return strings.TrimSuffix(string(out), "\n"), nil
}
