package shell

import (
	"context"
	"crypto/sha256"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/layerlab/layerlab/sim/catalog"
	"github.com/layerlab/layerlab/sim/pkg"
	"github.com/layerlab/layerlab/sim/pkg/pip"
)

func init() { programs["pip"] = cmdPip }

// pipRun is one run of pip install.
type pipRun struct {
	p       *Process
	index   pip.Index
	prefix  string // what bin and lib stand under
	site    string // site-packages
	cache   string // "" for none
	quiet   bool
	upgrade bool
	compile bool
	noDeps  bool
	wishes  []pip.Wish
	order   []*pip.Package
	seen    map[string]bool
}

// cmdPip is Python's package installer as a model, see package pip.
func cmdPip(ctx context.Context, p *Process) int {
	verb, words := "", []string(nil)
	for i, w := range p.Args[1:] {
		if !strings.HasPrefix(w, "-") {
			verb, words = w, append(slices.Clone(p.Args[1:1+i]), p.Args[2+i:]...)
			break
		}
	}
	r := &pipRun{p: p, compile: p.env("PYTHONDONTWRITEBYTECODE") == "", seen: map[string]bool{}}
	r.place()
	switch {
	case verb == "install":
		return r.install(ctx, words)
	case verb == "list" || verb == "freeze":
		return r.list(verb == "freeze")
	case verb == "uninstall":
		return r.uninstall(ctx, words)
	case verb == "cache":
		if r.cache != "" {
			p.FS.RemoveAll(r.cache)
		}
		p.outf("Files removed: 0\n")
		return 0
	case verb == "config" || verb == "check":
		return 0
	case slices.Contains(p.Args, "--version") || slices.Contains(p.Args, "-V"):
		p.outf("pip 24.3.1 from %s/pip (python %s)\n", r.site, strings.TrimPrefix(path.Base(path.Dir(r.site)), "python"))
		return 0
	}
	p.errf("ERROR: unknown command \"%s\"\n", verb)
	return 1
}

// place finds where the packages of this pip's Python go.
func (r *pipRun) place() {
	p := r.p
	file := p.Args[0]
	if !strings.Contains(file, "/") {
		if found, err := p.lookPath("python3"); err == nil {
			file = found
		}
	}
	r.prefix = path.Dir(path.Dir(p.abs(file)))
	for _, prefix := range []string{r.prefix, "/usr/local", "/usr"} {
		list, _ := p.readDir(prefix + "/lib")
		for _, e := range list {
			if strings.HasPrefix(e.Name, "python3.") {
				r.prefix, r.site = prefix, prefix+"/lib/"+e.Name+"/site-packages"
			}
		}
		if r.site != "" {
			break
		}
	}
	if r.prefix == "/usr" && p.exists("/etc/debian_version") {
		r.prefix, r.site = "/usr/local", strings.Replace(strings.Replace(r.site, "/usr/", "/usr/local/", 1), "site-", "dist-", 1)
	}
	if p.env("PIP_NO_CACHE_DIR") == "" {
		r.cache = orName(p.env("PIP_CACHE_DIR"), orName(p.env("HOME"), "/root")+"/.cache/pip")
	}
}

// managed reports whether the distribution keeps pip out of its Python (PEP 668).
func (r *pipRun) managed() bool {
	lib := strings.Replace(path.Dir(r.site), "/usr/local/", "/usr/", 1)
	return !r.p.exists(r.prefix+"/pyvenv.cfg") && (r.prefix == "/usr" || strings.Contains(r.site, "dist-packages")) && r.p.exists(lib+"/EXTERNALLY-MANAGED")
}

const pipManaged = `error: externally-managed-environment

× This environment is externally managed
╰─> Create a virtual environment (python3 -m venv DIR) and use its pip, or give --break-system-packages.

hint: See PEP 668 for the detailed specification.
`

func (r *pipRun) install(ctx context.Context, words []string) int {
	p := r.p
	w := p.Packages
	var err error
	r.index, err = pkg.Keep(w, pip.DataFile, func() (pip.Index, error) {
		text, err := w.Text(ctx, pip.DataFile, "the model of Python's packages")
		if err != nil {
			return nil, err
		}
		return pip.Parse(text)
	})
	if err != nil {
		p.errf("ERROR: %v\n", err)
		return 1
	}
	brk := slices.Contains(words, "--break-system-packages") || p.env("PIP_BREAK_SYSTEM_PACKAGES") != ""
	own := false
	if status := r.options(ctx, words, &own); status != 0 {
		return status
	}
	if len(r.wishes) == 0 {
		p.errf("ERROR: You must give at least one requirement to install (see \"pip help install\")\n")
		return 1
	}
	if !brk && !own && r.managed() {
		p.errf("%s", pipManaged)
		return 1
	}
	for _, wish := range r.wishes {
		if status := r.collect(wish); status != 0 {
			return status
		}
	}
	return r.finish(ctx)
}

// options reads what stands behind "install". own is set for a place that is not
// the system's.
func (r *pipRun) options(ctx context.Context, words []string, own *bool) int {
	for i := 0; i < len(words); i++ {
		name, value, joined := strings.Cut(words[i], "=")
		if !strings.HasPrefix(words[i], "-") {
			name = words[i]
		}
		next := func() string {
			if !joined && i+1 < len(words) {
				i++
				return words[i]
			}
			return value
		}
		switch name {
		case "-r", "--requirement":
			if status := r.requirements(ctx, next()); status != 0 {
				return status
			}
		case "-t", "--target":
			r.site, *own = r.p.abs(next()), true
			r.prefix = r.site
		case "--prefix":
			prefix := r.p.abs(next())
			r.site, r.prefix, *own = prefix+"/lib/"+path.Base(path.Dir(r.site))+"/site-packages", prefix, true
		case "--user":
			home := orName(r.p.env("HOME"), "/root") + "/.local"
			r.site, r.prefix = home+"/lib/"+path.Base(path.Dir(r.site))+"/site-packages", home
		case "--no-cache-dir":
			r.cache = ""
		case "--cache-dir":
			r.cache = next()
		case "-q", "--quiet", "-qq":
			r.quiet = true
		case "-U", "--upgrade":
			r.upgrade = true
		case "--no-compile":
			r.compile = false
		case "--no-deps":
			r.noDeps = true
		case "-i", "--index-url", "--extra-index-url", "-f", "--find-links", "-c", "--constraint", "--trusted-host", "--timeout", "--retries", "--root-user-action", "--progress-bar", "--platform", "--python-version", "--only-binary", "--no-binary":
			next()
		case "-e", "--editable":
		default:
			if strings.HasPrefix(name, "-") {
				continue
			}
			if words[i] == "." || strings.HasPrefix(words[i], "./") || strings.HasPrefix(words[i], "/") {
				r.local(words[i])
				continue
			}
			r.wishes = append(r.wishes, pip.ParseWish(words[i]))
		}
	}
	return 0
}

// local is a project of the person: as much is installed as its sources are.
func (r *pipRun) local(dir string) {
	name := path.Base(strings.TrimSuffix(path.Clean(r.p.abs(dir)), ".whl"))
	r.p.outf("Processing %s\n", r.p.abs(dir))
	r.index = maps1(r.index, &pip.Package{Name: pip.Normal(name), Version: "0.1.0", Wheel: 20_000, Installed: 60_000, Files: 14, Module: strings.ReplaceAll(pip.Normal(name), "-", "_")})
	r.wishes = append(r.wishes, pip.Wish{Text: name, Name: pip.Normal(name)})
}

// maps1 is an index with one package more; the index is shared and stays as it is.
func maps1(x pip.Index, p *pip.Package) pip.Index {
	out := pip.Index{p.Name: p}
	for k, v := range x {
		out[k] = v
	}
	return out
}

func (r *pipRun) requirements(ctx context.Context, file string) int {
	text, err := r.p.readAll(ctx, file)
	if err != nil {
		r.p.errf("ERROR: Could not open requirements file: [Errno 2] No such file or directory: '%s'\n", file)
		return 1
	}
	n := 0
	for line := range strings.Lines(text) {
		n++
		line = strings.TrimSpace(line)
		switch {
		case line == "" || line[0] == '#':
		case strings.HasPrefix(line, "-r "):
			if status := r.requirements(ctx, path.Join(path.Dir(file), strings.TrimSpace(line[3:]))); status != 0 {
				return status
			}
		case strings.HasPrefix(line, "-") || strings.HasPrefix(line, "--hash"):
		default:
			line, _, _ = strings.Cut(line, " --hash")
			w := pip.ParseWish(line)
			w.By = fmt.Sprintf("from -r %s (line %d)", file, n)
			r.wishes = append(r.wishes, w)
		}
	}
	return 0
}

func (r *pipRun) say(format string, args ...any) {
	if !r.quiet {
		r.p.outf(format, args...)
	}
}

// info is the name of the dist-info directory of a package.
func info(p *pip.Package) string {
	return strings.ReplaceAll(p.Name, "-", "_") + "-" + p.Version + ".dist-info"
}

// installed is the version of a package in site-packages, or "".
func (r *pipRun) installed(p *pip.Package) string {
	list, _ := r.p.readDir(r.site)
	for _, e := range list {
		if v, ok := strings.CutPrefix(e.Name, strings.ReplaceAll(p.Name, "-", "_")+"-"); ok && strings.HasSuffix(v, ".dist-info") {
			return strings.TrimSuffix(v, ".dist-info")
		}
	}
	return ""
}

// collect finds the package for a wish, and what it needs.
func (r *pipRun) collect(w pip.Wish) int {
	if r.seen[w.Name] {
		return 0
	}
	r.seen[w.Name] = true
	by := ""
	if w.By != "" {
		by = " (" + w.By + ")"
	}
	f := r.index.Find(w)
	if f == nil {
		r.p.errf("ERROR: Could not find a version that satisfies the requirement %s (from versions: none)\nERROR: No matching distribution found for %s\n", w.Text, w.Text)
		return 1
	}
	if v := r.installed(f); v != "" && (v == f.Version || !r.upgrade && !strings.Contains(w.Condition, "==")) {
		r.say("Requirement already satisfied: %s in %s%s (%s)\n", w.Text, r.site, by, v)
	} else {
		r.say("Collecting %s%s\n", w.Text, by)
		name := r.wheel(f)
		if r.cache != "" && r.p.exists(r.cached(name)) {
			r.say("  Using cached %s.metadata (%s)\n", name, siSize(int64(1800+len(f.Depends)*300)))
		} else {
			r.say("  Downloading %s.metadata (%s)\n", name, siSize(int64(1800+len(f.Depends)*300)))
		}
		r.order = append(r.order, f)
	}
	if r.noDeps {
		return 0
	}
	for _, d := range f.Depends {
		if status := r.collect(pip.Wish{Text: d, Name: d, By: "from " + w.Name}); status != 0 {
			return status
		}
	}
	return 0
}

// siSize is a size as pip prints it.
func siSize(n int64) string {
	switch {
	case n > 1_000_000:
		return fmt.Sprintf("%.1f MB", float64(n)/1e6)
	case n > 10_000:
		return fmt.Sprintf("%d kB", n/1000)
	case n > 1000:
		return fmt.Sprintf("%.1f kB", float64(n)/1e3)
	}
	return fmt.Sprintf("%d bytes", n)
}

// native reports whether a package has compiled modules.
func native(p *pip.Package) bool { return p.Installed/int64(max(p.Files, 1)) > 38_000 }

func (r *pipRun) wheel(p *pip.Package) string {
	tag := "py3-none-any"
	if native(p) {
		cp := "cp" + strings.ReplaceAll(strings.TrimPrefix(path.Base(path.Dir(r.site)), "python"), ".", "")
		if !strings.HasPrefix(cp, "cp3") {
			cp = "cp312"
		}
		tag = cp + "-" + cp + "-manylinux_2_17_x86_64.manylinux2014_x86_64"
	}
	return strings.ReplaceAll(p.Name, "-", "_") + "-" + p.Version + "-" + tag + ".whl"
}

// cached is where the cache keeps what was fetched: by its hash, five
// directories deep.
func (r *pipRun) cached(name string) string {
	h := fmt.Sprintf("%x", sha256.Sum224([]byte(name)))
	return fmt.Sprintf("%s/http-v2/%c/%c/%c/%c/%c/%s.body", r.cache, h[0], h[1], h[2], h[3], h[4], h)
}

// finish fetches, unpacks and writes down.
func (r *pipRun) finish(ctx context.Context) int {
	if len(r.order) == 0 {
		return r.warn()
	}
	var names, done []string
	for _, f := range r.order {
		name := r.wheel(f)
		verb := "Downloading"
		if r.cache != "" && r.p.exists(r.cached(name)) {
			verb = "Using cached"
		}
		r.say("%s %s (%s)\n", verb, name, siSize(f.Wheel))
		if r.cache != "" && verb == "Downloading" {
			if status := r.p.put(ctx, r.cached(name), catalog.Packed, f.Wheel, 0, 0o600); status != 0 {
				return status
			}
			r.p.put(ctx, strings.TrimSuffix(r.cached(name), ".body"), catalog.Text, 1900, 0, 0o600)
		}
		done = append(done, f.Name+"-"+f.Version)
	}
	slices.Sort(done)
	for _, f := range slices.Backward(r.order) {
		names = append(names, f.Name)
	}
	r.say("Installing collected packages: %s\n", strings.Join(names, ", "))
	for _, f := range slices.Backward(r.order) {
		if old := r.installed(f); old != "" {
			r.remove(ctx, strings.ReplaceAll(f.Name, "-", "_"), old)
		}
		if status := r.unpack(ctx, f); status != 0 {
			return status
		}
	}
	r.say("Successfully installed %s\n", strings.Join(done, " "))
	return r.warn()
}

func (r *pipRun) warn() int {
	if r.p.FS.Cred().UID == 0 && !r.p.exists(r.prefix+"/pyvenv.cfg") && r.p.env("PIP_ROOT_USER_ACTION") != "ignore" && !slices.Contains(r.p.Args, "--root-user-action=ignore") {
		r.p.errf("WARNING: Running pip as the 'root' user can result in broken permissions and conflicting behaviour with the system package manager, possibly rendering your system unusable. It is recommended to use a virtual environment instead: https://pip.pypa.io/warnings/venv. Use the --root-user-action option if you know what you are doing and want to suppress this warning.\n")
	}
	return 0
}
