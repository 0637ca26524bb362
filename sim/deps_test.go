// Package sim_test holds the import table of the project: which package may
// import which. The table is the picture in docs/ARCHITECTURE.md as data.
package sim_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/layerlab/layerlab/"

// engine is the packages under sim/, from the ground up: each imports only what
// stands before it.
var engine = []string{
	"sim/content", "sim/tree", "sim/layer", "sim/overlay", "sim/image", "sim/archive", "sim/store", "sim/registry", "sim/catalog", "sim/pkg",
	"sim/dockerfile", "sim/shell", "sim/build", "sim/event", "sim/container", "sim/inspect", "sim/engine", "sim/gotmpl", "sim/cli", "sim/lesson",
}

// page is what the packages of the page may import of the page; "sim" stands for
// any package of the engine.
var page = map[string][]string{
	"web":         {},
	"web/action":  {"sim"},
	"web/browser": {"sim"},
	"web/state":   {"sim", "web/action", "web/browser"},
	"web/view":    {"sim", "web/action", "web/state"},
	"web/ui":      {"sim", "web/action", "web/state", "web/view", "web/browser"},
	"wasm/app":    {"sim", "web/ui", "web/browser"},
	"wasm/worker": {"sim"},
	"assets":      {},
}

// libraries is the modules that the engine builds upon.
var libraries = []string{
	"github.com/distribution/reference", "github.com/docker/go-units", "github.com/klauspost/compress", "github.com/moby/buildkit/frontend/dockerfile", "github.com/moby/buildkit/util/suggest",
	"github.com/moby/docker-image-spec", "github.com/moby/patternmatcher", "github.com/opencontainers/go-digest", "github.com/opencontainers/image-spec",
	"github.com/spf13/cobra", "github.com/spf13/pflag", "github.com/tidwall/btree", "github.com/xi2/xz", "mvdan.cc/sh/v3",
}

// host is the packages of the standard library that reach for the machine, the
// network, the clock or chance.
var host = []string{
	"syscall/js", "net", "net/http", "os/exec", "os/signal", "os/user", "io/ioutil", "path/filepath", "math/rand", "math/rand/v2", "crypto/rand", "plugin", "log", "log/slog", "testing", "unsafe", "embed/internal",
}

// names is, for packages that are allowed in part, the beginnings of the names
// that may be used.
var names = map[string][]string{
	"os":      {"O_", "Err", "FileMode", "Mode", "PathError", "FileInfo"},
	"syscall": {"E", "S_I", "O_"},
}

// never is names that may not be used.
var never = map[string][]string{
	"time": {"Now", "Sleep", "After", "AfterFunc", "Tick", "NewTimer", "NewTicker", "Since", "Until", "Local"},
	"fmt":  {"Print", "Printf", "Println", "Scan", "Scanf", "Scanln"},
}

// source is one Go file of the project that is no test.
type source struct {
	path    string // "sim/tree/fs.go"
	dir     string
	file    *ast.File
	imports []string
}

func sources(t *testing.T, dirs ...string) []source {
	t.Helper()
	var out []source
	for _, dir := range dirs {
		err := filepath.WalkDir(filepath.Join("..", dir), func(p string, d fs.DirEntry, err error) error {
			if d != nil && d.IsDir() && d.Name() == "testdata" {
				return fs.SkipDir // contexts of builds: learners' programs
			}
			if err != nil || d.IsDir() || !strings.HasSuffix(p, ".go") || strings.HasSuffix(p, "_test.go") {
				return err
			}
			f, err := parser.ParseFile(token.NewFileSet(), p, nil, parser.SkipObjectResolution)
			if err != nil {
				return err
			}
			rel := filepath.ToSlash(strings.TrimPrefix(p, ".."+string(filepath.Separator)))
			s := source{path: rel, dir: rel[:strings.LastIndexByte(rel, '/')], file: f}
			for _, i := range f.Imports {
				name, err := strconv.Unquote(i.Path.Value)
				if err != nil {
					return err
				}
				s.imports = append(s.imports, name)
			}
			out = append(out, s)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return out
}

func under(name string, of []string) bool {
	return slices.ContainsFunc(of, func(p string) bool { return name == p || strings.HasPrefix(name, p+"/") })
}

// TestEngineImports holds the packages of the engine to the table.
func TestEngineImports(t *testing.T) {
	for _, s := range sources(t, "sim") {
		at := slices.IndexFunc(engine, func(p string) bool { return under(s.dir, []string{p}) })
		if at < 0 {
			t.Errorf("%s: package %s is not in the table", s.path, s.dir)
			continue
		}
		for _, name := range s.imports {
			own, ours := strings.CutPrefix(name, module)
			switch {
			case ours && !under(own, engine[:at+1]):
				t.Errorf("%s imports %s, which does not stand below %s", s.path, own, engine[at])
			case !ours && strings.Contains(strings.Split(name, "/")[0], ".") && !under(name, libraries):
				t.Errorf("%s imports %s, which is none of the engine's libraries", s.path, name)
			case slices.Contains(host, name):
				t.Errorf("%s imports %s: the engine knows no host", s.path, name)
			}
		}
		checkNames(t, s)
	}
}

// checkNames looks at what is used of packages that are allowed in part.
func checkNames(t *testing.T, s source) {
	ast.Inspect(s.file, func(n ast.Node) bool {
		sel, ok := n.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		pkg, ok := sel.X.(*ast.Ident)
		if !ok || !slices.Contains(s.imports, pkg.Name) {
			return true
		}
		name := sel.Sel.Name
		if slices.Contains(never[pkg.Name], name) {
			t.Errorf("%s uses %s.%s: clock and output come from the engine's options", s.path, pkg.Name, name)
		}
		if some, ok := names[pkg.Name]; ok && !slices.ContainsFunc(some, func(p string) bool { return strings.HasPrefix(name, p) }) {
			t.Errorf("%s uses %s.%s: of package %s only constants and errors are the engine's", s.path, pkg.Name, name, pkg.Name)
		}
		return true
	})
}

// TestPageImports holds the packages of the page to the table, Vecty to web/ui
// and syscall/js to web/browser and the two programs.
func TestPageImports(t *testing.T) {
	for _, s := range sources(t, "web", "wasm", "assets") {
		allowed, ok := page[s.dir]
		if !ok {
			t.Errorf("%s: package %s is not in the table", s.path, s.dir)
			continue
		}
		for _, name := range s.imports {
			own, ours := strings.CutPrefix(name, module)
			switch {
			case ours && own != "assets" && !under(own, allowed):
				t.Errorf("%s imports %s, which %s may not", s.path, own, s.dir)
			case under(name, []string{"github.com/hexops/vecty"}) && s.dir != "web/ui":
				t.Errorf("%s imports %s; only web/ui may", s.path, name)
			case name == "syscall/js" && s.dir != "web/browser" && !strings.HasPrefix(s.dir, "wasm/"):
				t.Errorf("%s imports syscall/js; only web/browser and wasm/ may", s.path)
			}
		}
	}
}
