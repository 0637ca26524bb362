package shell

import (
	"context"
	"crypto/sha256"
	"fmt"
	"path"
	"slices"
	"strings"

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
	offline bool   // --no-index
	links   string // --find-links
	wheels  string // where pip wheel and pip download put what they have; "" to install
	force   bool
	wishes  []pip.Wish
	order   []*pip.Package
	built   []*pip.Package    // projects of the person that become wheels first
	sources map[string]string // directory of each of those, by the name
	seen    map[string]bool
	extras  map[string]bool   // "name[extra]" that are followed
	bounds  map[string]string // conditions of -c files, by the name
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
	r := &pipRun{p: p, compile: p.env("PYTHONDONTWRITEBYTECODE") == "", seen: map[string]bool{}, extras: map[string]bool{}, sources: map[string]string{}, bounds: map[string]string{}}
	r.place()
	switch {
	case verb == "install":
		return r.install(ctx, words)
	case verb == "wheel" || verb == "download":
		r.wheels = p.abs(".")
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
	if verb == "" {
		p.outf("\nUsage:   \n  pip <command> [options]\n\nCommands:\n  install                     Install packages.\n  download                    Download packages.\n  uninstall                   Uninstall packages.\n  freeze                      Output installed packages in requirements format.\n  list                        List installed packages.\n  wheel                       Build wheels from your requirements.\n")
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
	if !brk && !own && r.wheels == "" && r.managed() {
		p.errf("%s", pipManaged)
		return 1
	}
	if r.offline && r.links != "" {
		r.say("Looking in links: %s\n", r.links)
	}
	if status := r.collect(); status != 0 {
		return status
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
		case "--force-reinstall", "--ignore-installed", "-I":
			r.force = true
		case "--no-index":
			r.offline = true
		case "-f", "--find-links":
			r.links = next()
		case "-w", "--wheel-dir", "-d", "--dest":
			r.wheels = r.p.abs(next())
		case "-c", "--constraint":
			if status := r.constraints(ctx, next()); status != 0 {
				return status
			}
		case "-i", "--index-url", "--extra-index-url", "--trusted-host", "--timeout", "--retries", "--root-user-action", "--progress-bar", "--platform", "--python-version", "--only-binary", "--no-binary":
			next()
		case "-e", "--editable":
			if status := r.local(ctx, next(), ""); status != 0 {
				return status
			}
		default:
			if strings.HasPrefix(name, "-") {
				continue
			}
			if status := r.operand(ctx, words[i], ""); status != 0 {
				return status
			}
		}
	}
	return 0
}

// maps1 is an index with one package more; the index is shared and stays as it is.
func maps1(x pip.Index, p *pip.Package) pip.Index {
	out := pip.Index{p.Name: p}
	for k, v := range x {
		out[k] = v
	}
	return out
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

func (r *pipRun) warn() int {
	if r.p.FS.Cred().UID == 0 && !r.p.exists(r.prefix+"/pyvenv.cfg") && r.p.env("PIP_ROOT_USER_ACTION") != "ignore" && !slices.Contains(r.p.Args, "--root-user-action=ignore") {
		r.p.errf("WARNING: Running pip as the 'root' user can result in broken permissions and conflicting behaviour with the system package manager, possibly rendering your system unusable. It is recommended to use a virtual environment instead: https://pip.pypa.io/warnings/venv. Use the --root-user-action option if you know what you are doing and want to suppress this warning.\n")
	}
	return 0
}
