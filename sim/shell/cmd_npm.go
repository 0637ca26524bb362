package shell

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/layerlab/layerlab/sim/pkg"
	"github.com/layerlab/layerlab/sim/pkg/npm"
)

func init() { programs["npm"] = cmdNpm }

// npmManifest is what npm reads of package.json.
type npmManifest struct {
	Name    string            `json:"name"`
	Version string            `json:"version"`
	Depends map[string]string `json:"dependencies"`
	Dev     map[string]string `json:"devDependencies"`
	Scripts map[string]string `json:"scripts"`
}

// npmLocked is one entry of a lock file's "packages".
type npmLocked struct {
	Version string            `json:"version,omitempty"`
	Dev     bool              `json:"dev,omitempty"`
	Depends map[string]string `json:"dependencies,omitempty"`
	Bin     any               `json:"bin,omitempty"`
}

// npmLock is package-lock.json, of version 2 or 3.
type npmLock struct {
	Name     string                `json:"name,omitempty"`
	Version  string                `json:"version,omitempty"`
	Lock     int                   `json:"lockfileVersion"`
	Requires bool                  `json:"requires,omitempty"`
	Packages map[string]*npmLocked `json:"packages"`
}

// npmRun is one run of npm.
type npmRun struct {
	p        *Process
	index    npm.Index
	manifest npmManifest
	lock     *npmLock // nil: there is none
	modules  string   // node_modules
	words    []string // operands
	omitDev  bool
	global   bool
	saveDev  bool
	want     map[string]*npm.Package // by path below node_modules
	dev      map[string]bool
}

// cmdNpm is Node's package manager as a model, see package npm.
func cmdNpm(ctx context.Context, p *Process) int {
	r := &npmRun{p: p, want: map[string]*npm.Package{}, dev: map[string]bool{}, omitDev: p.env("NODE_ENV") == "production"}
	verb := r.options()
	switch verb {
	case "ci", "clean-install", "install", "i", "add", "prune", "uninstall", "rm":
	case "run", "run-script", "build", "test", "start":
		if len(r.words) == 0 {
			r.words = []string{verb}
		}
		return p.runScript(ctx, "npm", r.words[0])
	case "cache":
		p.FS.RemoveAll(r.cache())
		return 0
	case "config", "set", "audit", "fund", "init":
		return 0
	case "":
		if slices.Contains(p.Args, "--version") || slices.Contains(p.Args, "-v") {
			p.outf("10.8.2\n")
			return 0
		}
		fallthrough
	default:
		p.errf("Unknown command: %q\n\nTo see a list of supported npm commands, run:\n  npm help\n", verb)
		return 1
	}
	if err := r.load(ctx); err != nil {
		return r.fail("%v", err)
	}
	switch verb {
	case "ci", "clean-install":
		return r.ci(ctx)
	case "prune":
		return r.prune(ctx)
	}
	return r.install(ctx)
}

func (r *npmRun) options() (verb string) {
	for i := 1; i < len(r.p.Args); i++ {
		switch w := r.p.Args[i]; {
		case w == "--omit=dev" || w == "--production" || w == "--only=production" || w == "--prod" || w == "--only=prod":
			r.omitDev = true
		case w == "--include=dev" || w == "--production=false" || w == "--also=dev":
			r.omitDev = false
		case w == "--omit" && i+1 < len(r.p.Args):
			i++
			r.omitDev = r.omitDev || r.p.Args[i] == "dev"
		case w == "-g" || w == "--global" || w == "--location=global":
			r.global = true
		case w == "-D" || w == "--save-dev":
			r.saveDev = true
		case w == "--cache" || w == "--prefix" || w == "--registry" || w == "--loglevel":
			i++
		case strings.HasPrefix(w, "-"):
		case verb == "":
			verb = w
		default:
			r.words = append(r.words, w)
		}
	}
	return verb
}

func (r *npmRun) fail(format string, args ...any) int {
	r.p.errf("npm error "+format+"\n", args...)
	return 1
}

// load reads the index, package.json and the lock file.
func (r *npmRun) load(ctx context.Context) error {
	w := r.p.Packages
	var err error
	r.index, err = pkg.Keep(w, npm.DataFile, func() (npm.Index, error) {
		text, err := w.Text(ctx, npm.DataFile, "the model of npm's packages")
		if err != nil {
			return nil, err
		}
		return npm.Parse(text)
	})
	if err != nil {
		return err
	}
	r.modules = path.Join(r.p.abs("."), "node_modules")
	if r.global {
		r.modules = "/usr/local/lib/node_modules"
		return nil
	}
	if text, err := r.p.readAll(ctx, "package.json"); err == nil {
		if err := json.Unmarshal([]byte(text), &r.manifest); err != nil {
			return fmt.Errorf("code EJSONPARSE\nnpm error JSON.parse %w", err)
		}
	} else if len(r.words) == 0 {
		return fmt.Errorf("code ENOENT\nnpm error syscall open\nnpm error path %s/package.json\nnpm error errno -2\nnpm error enoent Could not read package.json: Error: ENOENT: no such file or directory, open '%s/package.json'", path.Dir(r.modules), path.Dir(r.modules))
	}
	for _, name := range []string{"npm-shrinkwrap.json", "package-lock.json"} {
		text, err := r.p.readAll(ctx, name)
		if err != nil {
			continue
		}
		lock := &npmLock{}
		if err := json.Unmarshal([]byte(text), lock); err != nil {
			return fmt.Errorf("code EJSONPARSE\nnpm error JSON.parse %w", err)
		}
		r.lock = lock
		break
	}
	return nil
}

// fromLock wants what the lock file says.
func (r *npmRun) fromLock() {
	for at, l := range r.lock.Packages {
		i := strings.LastIndex(at, "node_modules/")
		if i < 0 || l.Dev && r.omitDev {
			continue
		}
		p := *r.index.Find(at[i+len("node_modules/"):], l.Version)
		p.Programs = programNames(p.Name, l.Bin, p.Programs)
		r.want[strings.TrimPrefix(at, "node_modules/")] = &p
		r.dev[strings.TrimPrefix(at, "node_modules/")] = l.Dev
	}
}

// programNames is the names of a "bin" field, or others when there is none.
func programNames(name string, bin any, others []string) []string {
	switch bin := bin.(type) {
	case string:
		return []string{path.Base(name)}
	case map[string]any:
		return slices.Sorted(maps.Keys(bin))
	}
	return others
}

// resolve wants a package and what it needs, once each.
func (r *npmRun) resolve(name, condition string, dev bool) {
	if old := r.want[name]; old != nil {
		if r.dev[name] && !dev {
			r.dev[name] = false
			for _, d := range old.Depends {
				r.resolve(d, "", false)
			}
		}
		return
	}
	p := r.index.Find(name, npm.Exact(condition))
	r.want[name], r.dev[name] = p, dev
	for _, d := range p.Depends {
		r.resolve(d, "", dev)
	}
}

// fromManifest wants what package.json says, and the index of what that needs.
func (r *npmRun) fromManifest() {
	for _, name := range slices.Sorted(maps.Keys(r.manifest.Depends)) {
		r.resolve(name, r.manifest.Depends[name], false)
	}
	if r.omitDev {
		return
	}
	for _, name := range slices.Sorted(maps.Keys(r.manifest.Dev)) {
		r.resolve(name, r.manifest.Dev[name], true)
	}
}

func (r *npmRun) ci(ctx context.Context) int {
	if r.lock == nil || r.lock.Packages == nil {
		return r.fail("code EUSAGE\nnpm error\nnpm error The `npm ci` command can only install with an existing package-lock.json or\nnpm error npm-shrinkwrap.json with lockfileVersion >= 1. Run an install with npm@5 or\nnpm error later to generate a package-lock.json file, then try again.\nnpm error\nnpm error Clean install a project")
	}
	for _, all := range []map[string]string{r.manifest.Depends, r.manifest.Dev} {
		for _, name := range slices.Sorted(maps.Keys(all)) {
			if r.lock.Packages["node_modules/"+name] == nil {
				return r.fail("code EUSAGE\nnpm error\nnpm error `npm ci` can only install packages when your package.json and package-lock.json or npm-shrinkwrap.json are in sync. Please update your lock file with `npm install` before continuing.\nnpm error\nnpm error Missing: %s@%s from lock file\nnpm error", name, all[name])
			}
		}
	}
	r.p.FS.RemoveAll(r.modules)
	r.fromLock()
	return r.write(ctx)
}

func (r *npmRun) prune(ctx context.Context) int {
	if r.lock != nil {
		r.fromLock()
	} else {
		r.fromManifest()
	}
	removed := 0
	for _, name := range r.present() {
		if r.want[name] == nil {
			r.p.FS.RemoveAll(r.modules + "/" + name)
			removed++
		}
	}
	bins, _ := r.p.readDir(r.modules + "/.bin")
	for _, e := range bins {
		if _, err := r.p.stat(r.modules + "/.bin/" + e.Name); err != nil {
			r.p.unlink(r.modules + "/.bin/" + e.Name)
		}
	}
	if status := r.hidden(ctx); status != 0 {
		return status
	}
	r.report("removed", removed)
	return 0
}

// present is the packages in node_modules, without those below others.
func (r *npmRun) present() []string {
	var out []string
	list, _ := r.p.readDir(r.modules)
	for _, e := range list {
		switch {
		case strings.HasPrefix(e.Name, "."):
		case strings.HasPrefix(e.Name, "@"):
			scope, _ := r.p.readDir(r.modules + "/" + e.Name)
			for _, s := range scope {
				out = append(out, e.Name+"/"+s.Name)
			}
		default:
			out = append(out, e.Name)
		}
	}
	return out
}

func (r *npmRun) install(ctx context.Context) int {
	for _, w := range r.words {
		name, version := w, ""
		if i := strings.LastIndexByte(w, '@'); i > 0 {
			name, version = w[:i], w[i+1:]
		}
		if strings.HasPrefix(w, ".") || strings.HasPrefix(w, "/") {
			continue
		}
		p := r.index.Find(name, npm.Exact(version))
		if r.global {
			r.resolve(name, version, false)
			continue
		}
		list := &r.manifest.Depends
		if r.saveDev {
			list = &r.manifest.Dev
		}
		if *list == nil {
			*list = map[string]string{}
		}
		(*list)[name] = "^" + p.Version
	}
	switch {
	case r.global:
	case r.lock != nil && r.lock.Packages != nil && len(r.words) == 0:
		r.fromLock()
		r.fromManifest()
	default:
		r.fromManifest()
	}
	if status := r.write(ctx); status != 0 || r.global {
		return status
	}
	return r.save(ctx)
}
