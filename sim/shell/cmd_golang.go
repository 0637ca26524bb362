package shell

import (
	"context"
	"fmt"
	"hash/fnv"
	"io"
	"path"
	"slices"
	"strings"

	"github.com/layerlab/layerlab/sim/catalog"
)

// cmdGo is the go command as far as it writes files: the module cache from go.mod
// and go.sum, and programs of usual sizes.
func cmdGo(ctx context.Context, p *Process) int {
	if len(p.Args) < 2 {
		p.errf("Go is a tool for managing Go source code.\n\nUsage:\n\n\tgo <command> [arguments]\n")
		return 2
	}
	words := p.Args[2:]
	switch p.Args[1] {
	case "version":
		v := p.version("GOLANG_VERSION", "golang-go", "go")
		return p.sayVersion("go version go%s linux/amd64", v)
	case "env":
		return p.goEnv(words)
	case "mod":
		switch {
		case len(words) == 0:
			return p.cannot(p.Args)
		case words[0] == "download":
			return p.goModules(ctx)
		case words[0] == "verify":
			p.outf("all modules verified\n")
			return 0
		case words[0] == "tidy":
			return 0
		}
	case "test", "vet":
		return p.skipped("go "+p.Args[1], "nothing was tested")
	case "fmt", "generate", "clean":
		return 0
	case "build", "install":
		return p.goBuild(ctx, p.Args[1], words)
	}
	return p.cannot(p.Args)
}

func (p *Process) goPath() string { return orName(p.env("GOPATH"), p.env("HOME")+"/go") }

func (p *Process) goEnv(names []string) int {
	values := map[string]string{"GOOS": "linux", "GOARCH": "amd64", "GOPATH": p.goPath(), "GOROOT": "/usr/local/go", "GOMODCACHE": p.goPath() + "/pkg/mod",
		"GOCACHE": p.env("HOME") + "/.cache/go-build", "CGO_ENABLED": "1", "GOVERSION": "go" + p.version("GOLANG_VERSION", "golang-go", "go"), "GOTOOLCHAIN": "local"}
	for _, n := range names {
		if n == "-w" || n == "-u" {
			return 0
		}
		p.outf("%s\n", orName(p.env(n), values[n]))
	}
	return 0
}

// goSum is the modules of go.sum whose code is needed: path and version.
func (p *Process) goSum(ctx context.Context) [][2]string {
	text, err := p.readAll(ctx, "go.sum")
	if err != nil {
		text = ""
	}
	var out [][2]string
	for line := range strings.Lines(text) {
		if f := strings.Fields(line); len(f) == 3 && !strings.HasSuffix(f[1], "/go.mod") {
			out = append(out, [2]string{f[0], f[1]})
		}
	}
	return out
}

// moduleSize is the size of a module's sources, made up from its name: half are
// below 300 kB, some are megabytes.
func moduleSize(name string) int64 {
	h := fnv.New64a()
	io.WriteString(h, name)
	x := h.Sum64()
	size := int64(40_000 + x%260_000)
	if x>>20%5 == 0 {
		size *= int64(4 + x>>32%12)
	}
	return size
}

// goModules fills the module cache.
func (p *Process) goModules(ctx context.Context) int {
	if !p.exists("go.mod") {
		p.errf("go: no modules specified (see 'go help mod download')\n")
		return 1
	}
	list := p.goSum(ctx)
	cache := orName(p.env("GOMODCACHE"), p.goPath()+"/pkg/mod")
	var total int64
	fresh := 0
	for _, m := range list {
		name, version := m[0], m[1]
		dir := cache + "/" + escaped(name) + "@" + version
		if p.exists(dir) {
			continue
		}
		fresh++
		size := moduleSize(name)
		total += size + size/4
		mark := uint64(len(name))
		zip := cache + "/cache/download/" + escaped(name) + "/@v/" + version
		for _, f := range []struct {
			name string
			kind catalog.Kind
			size int64
		}{{dir + "/go.mod", catalog.Text, 400}, {dir + "/LICENSE", catalog.Text, 1500}, {dir + "/README.md", catalog.Text, 3000}, {dir + "/" + path.Base(name) + ".go", catalog.Text, size},
			{zip + ".zip", catalog.Packed, size / 4}, {zip + ".mod", catalog.Text, 400}, {zip + ".info", catalog.Text, 60}} {
			if status := p.put(ctx, f.name, f.kind, f.size, mark, 0o444); status != 0 {
				return status
			}
		}
	}
	if fresh > 0 {
		p.errf("%sgo does not run here and the lab has no network: %d module%s (%s) of go.sum made up in %s.\n", aside, fresh, plural(fresh), siBytes(total), cache)
	}
	return 0
}

// escaped is a module path as the module cache writes it: capital letters are
// small ones after "!".
func escaped(name string) string {
	var b strings.Builder
	for _, r := range name {
		if r >= 'A' && r <= 'Z' {
			b.WriteByte('!')
			r += 'a' - 'A'
		}
		b.WriteRune(r)
	}
	return b.String()
}

// goBuild writes a program: the runtime, the sources and the modules.
func (p *Process) goBuild(ctx context.Context, verb string, words []string) int {
	out := flagValue(words, "-o")
	files, size, mark := p.sources(ctx, ".", ".go")
	remote := slices.ContainsFunc(words, func(w string) bool { return strings.Contains(w, "@") })
	if files == 0 && !remote {
		if !p.exists("go.mod") && !slices.ContainsFunc(words, func(w string) bool { return strings.HasSuffix(w, ".go") }) {
			p.errf("go: go.mod file not found in current directory or any parent directory; see 'go help modules'\n")
			return 1
		}
		p.errf("no Go files in %s\n", p.Dir)
		return 1
	}
	target := ""
	skip := false
	for _, w := range words {
		if skip || strings.HasPrefix(w, "-") {
			skip = !skip && slices.Contains([]string{"-o", "-ldflags", "-tags", "-mod", "-p", "-gcflags", "-asmflags", "-installsuffix"}, w)
			continue
		}
		target = w
	}
	if target != "" && target[0] == '.' && !p.exists(strings.TrimSuffix(target, "/...")) {
		p.errf("stat %s: directory not found\n", path.Join(p.Dir, target))
		return 1
	}
	name := p.programName(ctx, target)
	switch {
	case verb == "install":
		out = orName(p.env("GOBIN"), p.goPath()+"/bin") + "/" + name
	case out == "":
		out = name
	case strings.HasSuffix(out, "/") || p.isRealDir(out):
		out = path.Join(out, name)
	}
	if status := p.goModulesQuiet(ctx); status != 0 {
		return status
	}
	program := 1_900_000 + size*2
	for _, m := range p.goSum(ctx) {
		program += moduleSize(m[0]) / 3
	}
	flags := strings.Join(words, " ")
	if strings.Contains(flags, "-s") && strings.Contains(flags, "-ldflags") {
		program = program * 68 / 100
	}
	p.put(ctx, p.env("HOME")+"/.cache/go-build/"+fmt.Sprintf("%02x/%016x-d", mark%256, mark), catalog.Archive, 38_000_000+program*2, mark, 0o644)
	return p.artefact(ctx, "go", out, catalog.Program, program, mark, 0o755)
}

// goModulesQuiet is what go build downloads when nobody did before.
func (p *Process) goModulesQuiet(ctx context.Context) int {
	if !p.exists("go.mod") || len(p.goSum(ctx)) == 0 || p.exists("vendor") {
		return 0
	}
	return p.goModules(ctx)
}

// programName is the name that go build gives: of the package's directory, or the
// last part of the module's path.
func (p *Process) programName(ctx context.Context, target string) string {
	if at := strings.IndexByte(target, '@'); at > 0 {
		return path.Base(target[:at])
	}
	if strings.HasSuffix(target, ".go") {
		return strings.TrimSuffix(path.Base(target), ".go")
	}
	if base := path.Base(strings.TrimSuffix(target, "/...")); target != "" && base != "." && base != "/" {
		return base
	}
	text, _ := p.readAll(ctx, "go.mod")
	for line := range strings.Lines(text) {
		if m, ok := strings.CutPrefix(strings.TrimSpace(line), "module "); ok {
			return path.Base(strings.TrimSpace(m))
		}
	}
	return path.Base(p.Dir)
}
