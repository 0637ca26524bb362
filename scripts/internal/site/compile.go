package site

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"sort"
	"strings"

	"github.com/layerlab/layerlab/scripts/internal/repo"
	"github.com/layerlab/layerlab/scripts/internal/site/shrink"
)

// wasm is the environment of a build for the browser. The flags that a person
// may have set for their own builds must not change what comes out.
var wasm = []string{"GOOS=js", "GOARCH=wasm", "GOFLAGS=", "GOWASM=", "GOEXPERIMENT=", "GOWORK=off", "CGO_ENABLED=0"}

// programs are the folders of the WebAssembly programs below wasm/.
var programs = []string{"app", "worker"}

// sources are the files and folders that a site is made of.
var sources = []string{"go.mod", "go.sum", "index.html", "assets", "sim", "web", "wasm", "internal", "scripts/internal/site"}

// inputs is a hash of everything that a site is made of, and of the Go that
// builds it. Tests and their data are left out.
func inputs(ctx context.Context, root string) (string, error) {
	version, err := repo.Output(ctx, root, wasm, "env", "GOVERSION")
	if err != nil {
		return "", err
	}
	h := sha256.New()
	fmt.Fprintln(h, version, wasm)
	for _, src := range sources {
		err := filepath.WalkDir(filepath.Join(root, src), func(p string, d fs.DirEntry, err error) error {
			switch {
			case err != nil:
				return err
			case d.IsDir() && d.Name() == "testdata":
				return filepath.SkipDir
			case d.IsDir() || strings.HasSuffix(p, "_test.go"):
				return nil
			}
			b, err := os.ReadFile(p)
			if err != nil {
				return err
			}
			rel, err := filepath.Rel(root, p)
			fmt.Fprintf(h, "%q %x\n", filepath.ToSlash(rel), sha256.Sum256(b))
			return err
		})
		if err != nil {
			return "", err
		}
	}
	return hex.EncodeToString(h.Sum(nil))[:32], nil
}

// lean is what keeps a program small beyond what is needed anyway. Inlining makes
// the page's program a sixth larger to download, and the page gains nothing from
// it outside the packages that compute: they are named after it. The worker, which
// does nothing but compute, is built as usual.
var lean = map[string][]string{
	"app": {
		"-gcflags=all=-l",
		"-gcflags=runtime=",
		"-gcflags=internal/runtime/...=",
		"-gcflags=crypto/internal/fips140/...=",
		"-gcflags=compress/flate=",
		"-gcflags=github.com/tidwall/btree=",
	},
}

// compile builds the programs and puts the site together, not yet compressed.
func compile(ctx context.Context, root, key string, o Options) (*Site, error) {
	raw := map[string][]byte{}
	tmp, err := os.MkdirTemp("", "layerlab-build-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(tmp)
	version, err := repo.Output(ctx, root, wasm, "env", "GOVERSION")
	if err != nil {
		return nil, err
	}
	for _, name := range programs {
		o.log("building wasm/%s", name)
		out := filepath.Join(tmp, name+".wasm")
		args := append([]string{"build", "-trimpath", "-buildvcs=false", "-ldflags=-s -w -buildid="}, lean[name]...)
		cmd := repo.Go(ctx, root, wasm, append(args, "-o", out, "./wasm/"+name)...)
		cmd.Stdout = os.Stderr
		if err := cmd.Run(); err != nil {
			return nil, fmt.Errorf("building wasm/%s: %w", name, err)
		}
		program, err := os.ReadFile(out)
		if err != nil {
			return nil, err
		}
		small, err := shrink.Program(program, version)
		if err != nil { // larger, but it runs: this is another Go than the project's
			o.log("wasm/%s stays as large as the linker made it: %v", name, err)
			small = program
		}
		raw[name+".wasm"] = small
	}
	goroot, err := repo.Output(ctx, root, wasm, "env", "GOROOT")
	if err != nil {
		return nil, err
	}
	if raw["wasm_exec.js"], err = os.ReadFile(filepath.Join(goroot, "lib", "wasm", "wasm_exec.js")); err != nil {
		return nil, fmt.Errorf("taking wasm_exec.js from the Go that builds: %w", err)
	}
	if err := readAssets(filepath.Join(root, "assets"), raw); err != nil {
		return nil, err
	}
	page, err := os.ReadFile(filepath.Join(root, "index.html"))
	if err != nil {
		return nil, err
	}
	return assemble(key, page, raw)
}

// readAssets adds the files of the folder assets to raw, by their path below it.
func readAssets(dir string, raw map[string][]byte) error {
	return filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasPrefix(d.Name(), ".") || strings.HasSuffix(p, ".go") {
			return err
		}
		rel, err := filepath.Rel(dir, p)
		if err != nil {
			return err
		}
		rel = filepath.ToSlash(rel)
		if strings.HasPrefix(rel, "catalog/") && strings.HasSuffix(rel, packedModel) {
			rel = path.Base(rel)
		}
		if strings.Contains(rel, "/") {
			return nil // compiled into the program, not served
		}
		raw[rel], err = os.ReadFile(p)
		return err
	})
}

// sorted is the keys of m in order.
func sorted[V any](m map[string]V) []string {
	var out []string
	for k := range m {
		out = append(out, k)
	}
	sort.Strings(out)
	return out
}
