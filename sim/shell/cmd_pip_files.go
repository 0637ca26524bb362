package shell

import (
	"context"
	"fmt"
	"path"
	"strings"

	"github.com/layerlab/layerlab/sim/catalog"
	"github.com/layerlab/layerlab/sim/pkg/pip"
)

// moduleNames are the names of made-up modules: the index knows how many files a
// package has, not which.
var moduleNames = []string{"core", "utils", "base", "types", "errors", "config", "helpers", "models", "api", "client", "compat", "io", "parser", "session", "schema", "views"}

// unpack writes a package into site-packages: its modules, their byte code, the
// compiled ones, its dist-info and its programs.
func (r *pipRun) unpack(ctx context.Context, f *pip.Package) int {
	dir := r.site + "/" + f.Module
	sources, left := f.Files/2, f.Installed
	var record strings.Builder
	note := func(name string, size int64) {
		fmt.Fprintf(&record, "%s,sha256=,%d\n", strings.TrimPrefix(name, r.site+"/"), size)
	}
	file := func(name string, kind catalog.Kind, size int64, perm uint32) int {
		note(name, size)
		return r.p.put(ctx, name, kind, size, 0, perm)
	}
	if r.sources[f.Name] != "" {
		if err := r.copyProject(ctx, f, note); err != nil {
			return r.p.say("%s: %s", r.site, why(err))
		}
		sources = 0
	}
	if native(f) {
		n := max(1, min(int64(f.Files/10), 60))
		for i := range n {
			size := f.Installed * 7 / 10 / n
			left -= size
			if status := file(fmt.Sprintf("%s/_ext%d.cpython-312-x86_64-linux-gnu.so", dir, i), catalog.Program, size, 0o755); status != 0 {
				return status
			}
		}
	}
	each := max(1, left/int64(max(2*sources, 1)))
	for i := range sources {
		name := "__init__"
		sub := dir
		if i > 0 {
			name = moduleNames[i%len(moduleNames)]
			if n := i / len(moduleNames); n > 0 {
				sub = fmt.Sprintf("%s/part%d", dir, n)
			}
		}
		if status := file(sub+"/"+name+".py", catalog.Text, each, 0o644); status != 0 {
			return status
		}
		if r.compile {
			file(sub+"/__pycache__/"+name+".cpython-312.pyc", catalog.Data, each, 0o644)
		}
	}
	for _, name := range f.Programs {
		bin := r.prefix + "/bin/" + name
		if status := r.p.mkdirAll(path.Dir(bin), false); status != nil {
			return r.p.say("%s: %s", bin, why(status))
		}
		text := fmt.Sprintf("#!%s/bin/python3\nimport sys\nfrom %s import main\nif __name__ == '__main__':\n    sys.exit(main())\n", r.prefix, f.Module)
		if status := r.p.write(ctx, bin, text, 0o755); status != 0 {
			return status
		}
		note("../../../bin/"+name, int64(len(text)))
	}
	meta := r.site + "/" + info(f)
	if err := r.p.mkdirAll(meta, false); err != nil {
		return r.p.say("%s: %s", meta, why(err))
	}
	text := fmt.Sprintf("Metadata-Version: 2.1\nName: %s\nVersion: %s\n", f.Name, f.Version)
	for _, d := range f.Depends {
		text += "Requires-Dist: " + d + "\n"
	}
	for _, m := range [][2]string{{"METADATA", text}, {"INSTALLER", "pip\n"}, {"WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\n"}, {"top_level.txt", f.Module + "\n"}, {"RECORD", record.String()}} {
		if status := r.p.write(ctx, meta+"/"+m[0], m[1], 0o644); status != 0 {
			return status
		}
	}
	return 0
}

// remove takes a package out of site-packages by its record.
func (r *pipRun) remove(ctx context.Context, name, version string) {
	meta := r.site + "/" + name + "-" + version + ".dist-info"
	text, _ := r.p.readAll(ctx, meta+"/RECORD")
	var files []string
	dirs := []string{meta}
	for line := range strings.Lines(text) {
		f, _, _ := strings.Cut(line, ",")
		f = path.Join(r.site, f)
		files = append(files, f)
		if d := path.Dir(f); d != dirs[len(dirs)-1] {
			dirs = append(dirs, d)
		}
	}
	for _, f := range []string{"METADATA", "INSTALLER", "WHEEL", "top_level.txt", "RECORD"} {
		files = append(files, meta+"/"+f)
	}
	r.p.sweep(ctx, files, dirs, map[string]bool{r.site: true, r.prefix + "/bin": true})
}

func (r *pipRun) uninstall(ctx context.Context, words []string) int {
	for _, w := range operands(words) {
		p := &pip.Package{Name: pip.Normal(w)}
		v := r.installed(p)
		if v == "" {
			r.p.errf("WARNING: Skipping %s as it is not installed.\n", w)
			continue
		}
		r.p.outf("Found existing installation: %s %s\nUninstalling %s-%s:\n", p.Name, v, p.Name, v)
		r.remove(ctx, strings.ReplaceAll(p.Name, "-", "_"), v)
		r.p.outf("  Successfully uninstalled %s-%s\n", p.Name, v)
	}
	return 0
}

// list is pip list and pip freeze.
func (r *pipRun) list(freeze bool) int {
	if !freeze {
		r.p.outf("Package            Version\n------------------ ---------\n")
	}
	list, _ := r.p.readDir(r.site)
	for _, e := range list {
		full, ok := strings.CutSuffix(e.Name, ".dist-info")
		i := strings.LastIndexByte(full, '-')
		if !ok || i < 0 || freeze && (full[:i] == "pip" || full[:i] == "setuptools") {
			continue
		}
		name := strings.ReplaceAll(full[:i], "_", "-")
		if freeze {
			r.p.outf("%s==%s\n", name, full[i+1:])
		} else {
			r.p.outf("%-18s %s\n", name, full[i+1:])
		}
	}
	return 0
}
