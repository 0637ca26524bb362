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
	Name     string            `json:"name"`
	Version  string            `json:"version"`
	Depends  map[string]string `json:"dependencies"`
	Dev      map[string]string `json:"devDependencies"`
	Optional map[string]string `json:"optionalDependencies"`
	Scripts  map[string]string `json:"scripts"`
}

// npmRun is one run of npm.
type npmRun struct {
	p        *Process
	index    *npm.Index
	manifest npmManifest
	lock     *npmLock // nil: there is none
	modules  string   // node_modules
	words    []string // operands
	omit     map[string]bool
	global   bool
	saveDev  bool
	noSave   bool
	silent   bool
	noAudit  bool
	noFund   bool
	onlyLock bool
	dry      bool
	exact    bool
	force    bool
	want     map[string]*npm.Node // by path: "node_modules/a/node_modules/b"
}

// cmdNpm is Node's package manager as a model, see package npm.
func cmdNpm(ctx context.Context, p *Process) int {
	r := &npmRun{p: p, want: map[string]*npm.Node{}, omit: map[string]bool{"dev": p.env("NODE_ENV") == "production" || p.env("NPM_CONFIG_PRODUCTION") == "true"}}
	verb := r.options()
	switch verb {
	case "ci", "clean-install", "install", "i", "add", "prune", "uninstall", "rm", "remove", "un", "r", "update", "up", "ls", "list":
	case "run", "run-script", "test", "t", "start", "stop", "restart":
		return r.script(ctx, verb)
	case "cache":
		return r.cacheCommand(ctx)
	case "config", "set", "audit", "fund", "init", "c", "get", "rebuild":
		return r.settings(ctx, verb)
	case "":
		if slices.Contains(p.Args, "--version") || slices.Contains(p.Args, "-v") {
			p.outf("%s\n", npmVersion)
			return 0
		}
		p.outf("npm <command>\n\nUsage:\n\nnpm install        install all the dependencies in your project\nnpm install <foo>  add the <foo> dependency to your project\nnpm test           run this project's tests\nnpm run <foo>      run the script named <foo>\n")
		return 1
	default:
		p.errf("Unknown command: %q\n\n\nTo see a list of supported npm commands, run:\n  npm help\n", verb)
		return 1
	}
	if status := r.load(ctx); status != 0 {
		return status
	}
	switch verb {
	case "ci", "clean-install":
		return r.ci(ctx)
	case "prune":
		return r.prune(ctx)
	case "uninstall", "rm", "remove", "un", "r":
		return r.uninstall(ctx)
	case "ls", "list":
		return r.list(ctx)
	}
	return r.install(ctx, verb == "update" || verb == "up")
}

// npmVersion is the version of the model.
const npmVersion = "10.8.2"

// npmFlags are the options without a value that matter here.
func (r *npmRun) flag(w string) bool {
	switch w {
	case "--omit=dev", "--production", "--only=production", "--prod", "--only=prod", "--production=true":
		r.omit["dev"] = true
	case "--omit=optional", "--no-optional":
		r.omit["optional"] = true
	case "--omit=peer":
		r.omit["peer"] = true
	case "--include=dev", "--production=false", "--also=dev", "--dev":
		r.omit["dev"] = false
	case "-g", "--global", "--location=global":
		r.global = true
	case "-D", "--save-dev":
		r.saveDev = true
	case "--no-save", "--save=false":
		r.noSave = true
	case "-s", "--silent", "--loglevel=silent", "--loglevel=error", "--quiet", "-q":
		r.silent = w != "--loglevel=error" && w != "--quiet" && w != "-q"
	case "--no-audit", "--audit=false":
		r.noAudit = true
	case "--no-fund", "--fund=false":
		r.noFund = true
	case "--package-lock-only":
		r.onlyLock = true
	case "--dry-run":
		r.dry = true
	case "-E", "--save-exact":
		r.exact = true
	case "-f", "--force":
		r.force = true
	default:
		return false
	}
	return true
}

func (r *npmRun) options() (verb string) {
	args := r.p.Args
	for i := 1; i < len(args); i++ {
		switch w := args[i]; {
		case w == "--":
			return verb
		case r.flag(w):
		case (w == "--omit" || w == "--only" || w == "--include") && i+1 < len(args):
			i++
			r.flag(w + "=" + args[i])
		case w == "--prefix" && i+1 < len(args):
			i++
			r.p.Dir = r.p.abs(args[i])
		case strings.HasPrefix(w, "--prefix="):
			r.p.Dir = r.p.abs(strings.TrimPrefix(w, "--prefix="))
		case w == "--cache" || w == "--registry" || w == "--loglevel" || w == "-w" || w == "--workspace" || w == "--fetch-timeout":
			i++
			if w == "--loglevel" && i < len(args) {
				r.flag(w + "=" + args[i])
			}
		case strings.HasPrefix(w, "-"):
		case verb == "":
			verb = w
		default:
			r.words = append(r.words, w)
		}
	}
	return verb
}

// settings are the verbs that change nothing here.
func (r *npmRun) settings(ctx context.Context, verb string) int {
	switch {
	case verb == "config" && len(r.words) == 2 && r.words[0] == "get" && r.words[1] == "prefix":
		r.p.outf("/usr/local\n")
	case verb == "audit":
		r.p.outf("found 0 vulnerabilities\n")
	case verb == "rebuild":
		r.p.outf("rebuilt dependencies successfully\n")
	case verb == "init":
		if r.p.exists("package.json") {
			return 0
		}
		name := path.Base(r.p.abs("."))
		text := fmt.Sprintf("{\n  \"name\": %q,\n  \"version\": \"1.0.0\",\n  \"main\": \"index.js\",\n  \"scripts\": {\n    \"test\": \"echo \\\"Error: no test specified\\\" && exit 1\"\n  },\n  \"keywords\": [],\n  \"author\": \"\",\n  \"license\": \"ISC\",\n  \"description\": \"\"\n}\n", name)
		if status := r.p.write(ctx, "package.json", text, 0o644); status != 0 {
			return status
		}
		r.p.outf("Wrote to %s:\n\n%s\n\n\n", r.p.abs("package.json"), strings.TrimSuffix(text, "\n"))
	}
	return 0
}

func (r *npmRun) cacheCommand(context.Context) int {
	switch {
	case len(r.words) == 0:
		return r.usage("cache", "Manipulates packages cache")
	case r.words[0] == "verify":
		r.p.outf("Cache verified and compressed (~/.npm/_cacache)\n")
	case r.words[0] == "clean" && !r.force:
		return r.fail("As of npm@5, the npm cache self-heals from corruption issues\nby treating integrity mismatches as cache misses. As a result,\ndata extracted from the cache is guaranteed to be valid. If you\nwant to make sure everything is consistent, use `npm cache verify`\ninstead. Deleting the cache can only make npm go slower, and is\nnot likely to correct any problems you may be encountering!\n\nOn the other hand, if you're debugging an issue with the installer,\nor race conditions that depend on the timing of writing to an empty\ncache, you can use `npm install --cache /tmp/empty-cache` to use a\ntemporary cache instead of nuking the actual one.\n\nIf you're sure you want to delete the entire cache, rerun this command\nwith --force.")
	case r.words[0] == "clean":
		r.p.errf("npm warn using --force Recommended protections disabled.\n")
		r.p.FS.RemoveAll(r.cache())
	}
	return 0
}

// load reads the index, package.json and the lock file; 0 if all went well.
func (r *npmRun) load(ctx context.Context) int {
	w := r.p.Packages
	var err error
	r.index, err = pkg.Keep(w, npm.DataFile, func() (*npm.Index, error) {
		text, err := w.Text(ctx, npm.DataFile, "the model of npm's packages")
		if err != nil {
			return nil, err
		}
		return npm.Parse(text)
	})
	if err != nil {
		return r.fail("%v", err)
	}
	r.modules = path.Join(r.p.abs("."), "node_modules")
	if r.global {
		r.modules = "/usr/local/lib/node_modules"
		return 0
	}
	if status := r.readJSON(ctx, "package.json", &r.manifest); status < 0 && len(r.words) == 0 {
		file := r.p.abs("package.json")
		return r.fail("code ENOENT\nsyscall open\npath %s\nerrno -2\nenoent Could not read package.json: Error: ENOENT: no such file or directory, open '%s'\nenoent This is related to npm not being able to find a file.\nenoent", file, file)
	} else if status > 0 {
		return status
	}
	for _, name := range []string{"npm-shrinkwrap.json", "package-lock.json"} {
		lock := &npmLock{}
		status := r.readJSON(ctx, name, lock)
		if status > 0 {
			return status
		}
		if status == 0 {
			lock.upgrade()
			r.lock = lock
			break
		}
	}
	return 0
}

// readJSON reads a file of the project: -1 when it is not there.
func (r *npmRun) readJSON(ctx context.Context, name string, into any) int {
	text, err := r.p.readAll(ctx, name)
	if err != nil {
		return -1
	}
	if err := json.Unmarshal([]byte(strings.TrimPrefix(text, "\ufeff")), into); err != nil {
		return r.fail("code EJSONPARSE\npath %s\nJSON.parse %v\nJSON.parse Failed to parse JSON data.\nJSON.parse Note: %s must be actual JSON, not just JavaScript.", r.p.abs(name), err, name)
	}
	return 0
}

// fail prints each line behind "npm error", where the log is, and gives the status.
func (r *npmRun) fail(format string, args ...any) int {
	if !r.silent {
		for line := range strings.SplitSeq(fmt.Sprintf(format, args...), "\n") {
			r.p.errf("%s\n", strings.TrimSuffix("npm error "+line, " "))
		}
		r.p.errf("npm error A complete log of this run can be found in: %s\n", r.logFile())
	}
	r.writeLog()
	return 1
}

// script is npm run and its short forms.
func (r *npmRun) script(ctx context.Context, verb string) int {
	name := verb
	if verb == "t" {
		name = "test"
	}
	if verb == "run" || verb == "run-script" {
		if len(r.words) > 0 {
			name = r.words[0]
		} else {
			name = ""
		}
	}
	if status := r.readJSON(ctx, "package.json", &r.manifest); status < 0 {
		file := r.p.abs("package.json")
		return r.fail("code ENOENT\nsyscall open\npath %s\nerrno -2\nenoent Could not read package.json: Error: ENOENT: no such file or directory, open '%s'\nenoent This is related to npm not being able to find a file.\nenoent", file, file)
	} else if status > 0 {
		return status
	}
	if name == "" {
		return r.scripts()
	}
	if _, ok := r.manifest.Scripts[name]; !ok {
		if slices.Contains(r.p.Args, "--if-present") {
			return 0
		}
		near := ""
		if name == "start" && verb == "start" {
			if r.p.exists("server.js") {
				return r.p.cannot([]string{"node", "server.js"})
			}
			near = "\nDid you mean one of these?\n  npm star # Mark your favorite packages\n  npm stars # View packages marked as favorites\n"
		}
		return r.fail("Missing script: %q\n%s\nTo see a list of scripts, run:\n  npm run", name, near)
	}
	return r.p.runScript(ctx, "npm", name)
}

// scripts lists the scripts of package.json.
func (r *npmRun) scripts() int {
	life := []string{"test", "start", "stop", "restart", "prestart", "poststart", "pretest", "posttest"}
	var a, b strings.Builder
	for _, n := range slices.Sorted(maps.Keys(r.manifest.Scripts)) {
		to := &b
		if slices.Contains(life, n) {
			to = &a
		}
		fmt.Fprintf(to, "  %s\n    %s\n", n, r.manifest.Scripts[n])
	}
	if a.Len() > 0 {
		r.p.outf("Lifecycle scripts included in %s@%s:\n%s", r.manifest.Name, r.manifest.Version, a.String())
	}
	if b.Len() > 0 {
		if a.Len() > 0 {
			r.p.outf("available via `npm run-script`:\n%s", b.String())
		} else {
			r.p.outf("Scripts available in %s@%s via `npm run-script`:\n%s", r.manifest.Name, r.manifest.Version, b.String())
		}
	}
	return 0
}

// usage is the end of a message about wrong use.
func (r *npmRun) usage(verb, what string) int {
	return r.fail("code EUSAGE\n\n%s\n\nUsage:\nnpm %s\n\nRun \"npm help %s\" for more info", what, verb, verb)
}
