package shell

import (
	"context"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/layerlab/layerlab/sim/catalog"
	"github.com/layerlab/layerlab/sim/pkg/pip"
)

// python is the version of the Python that this pip belongs to: "3.12".
func (r *pipRun) python() string {
	for part := range strings.SplitSeq(r.site, "/") {
		if v, ok := strings.CutPrefix(part, "python"); ok && strings.HasPrefix(v, "3.") {
			return v
		}
	}
	return "3.12"
}

// collect finds the packages for the wishes and all that they need: first what was
// asked for, then what that depends on, and so on, as pip's resolver goes.
func (r *pipRun) collect() int {
	here := pip.Linux(r.python())
	var queue []pip.Wish
	for _, w := range r.wishes {
		if here.Meets(w.Marker) {
			queue = append(queue, w)
		} else {
			r.say("Ignoring %s: markers '%s' don't match your environment\n", w.Name, strings.ReplaceAll(w.Marker, "'", "\""))
		}
	}
	for len(queue) > 0 {
		w := queue[0]
		queue = queue[1:]
		f, status := r.take(w)
		if status != 0 {
			return status
		}
		if f == nil || r.noDeps {
			continue
		}
		for _, d := range f.Needs(w.Extras) {
			n := pip.ParseWish(d)
			if n.By = "from " + w.Name; strings.HasPrefix(w.By, "from ") && !strings.HasPrefix(w.By, "from -r") {
				n.By += "->" + strings.TrimPrefix(w.By, "from ")
			} else if strings.HasPrefix(w.By, "from -r") {
				n.By = "from " + w.Text + "->-r" + strings.TrimPrefix(w.By, "from -r")
			}
			queue = append(queue, n)
		}
	}
	return 0
}

// take finds the package for one wish; nil when it was seen before.
func (r *pipRun) take(w pip.Wish) (*pip.Package, int) {
	fresh := !r.seen[w.Name]
	for _, e := range w.Extras {
		fresh = fresh || !r.extras[w.Name+"["+e+"]"]
		r.extras[w.Name+"["+e+"]"] = true
	}
	if !fresh {
		return nil, 0
	}
	bound := w
	if c := r.bounds[w.Name]; c != "" {
		bound.Condition = strings.TrimPrefix(bound.Condition+","+c, ",")
	}
	f := r.index.Find(bound, r.p.Packages.Day())
	if r.offline && f != nil && r.sources[w.Name] == "" && w.By != "file" {
		f = r.linked(f, bound)
	}
	if f == nil || f.Version == "" {
		versions := "none"
		if f != nil {
			versions = r.index[w.Name].Version
		}
		r.p.errf("ERROR: Could not find a version that satisfies the requirement %s%s (from versions: %s)\nERROR: No matching distribution found for %s\n", w.Text, brackets(w.By), versions, w.Text)
		if f == nil && !r.offline {
			r.p.errf("%sthe model of Python's packages has %d, %s is not among them.\n", aside, len(r.index), w.Name)
		}
		return nil, 1
	}
	if r.seen[w.Name] {
		return f, 0
	}
	r.seen[w.Name] = true
	name := r.wheel(f)
	switch v := r.installed(f); {
	case r.sources[w.Name] != "":
		r.order, r.built = append(r.order, f), append(r.built, f)
	case w.By == "file":
		r.order = append(r.order, f)
	case v != "" && r.wheels == "" && !r.force && (v == f.Version || !r.upgrade && bound.Allows(v)):
		r.say("Requirement already satisfied: %s in %s%s (%s)\n", w.Text, r.site, brackets(w.By), v)
	default:
		r.say("Collecting %s%s\n", w.Text, brackets(w.By))
		switch size := siSize(int64(1800 + len(f.Depends)*300)); {
		case r.offline:
			r.say("  Processing %s\n", strings.TrimSuffix(r.links, "/")+"/"+name)
		case r.cache != "" && r.p.exists(r.cached(name)):
			r.say("  Using cached %s.metadata (%s)\n", name, size)
		default:
			r.say("  Downloading %s.metadata (%s)\n", name, size)
		}
		r.order = append(r.order, f)
	}
	return f, 0
}

func brackets(by string) string {
	if !strings.HasPrefix(by, "from ") {
		return ""
	}
	return " (" + by + ")"
}

// linked is the version of a package that lies in the directory of --find-links,
// nil when there is none that will do.
func (r *pipRun) linked(f *pip.Package, w pip.Wish) *pip.Package {
	list, _ := r.p.readDir(r.p.abs(strings.TrimPrefix(r.links, "file://")))
	for _, e := range list {
		p := strings.Split(e.Name, "-")
		if len(p) >= 5 && strings.HasSuffix(e.Name, ".whl") && pip.Normal(p[0]) == f.Name && w.Allows(p[1]) {
			c := *f
			c.Version = p[1]
			return &c
		}
	}
	return nil
}

// installOrder is the packages in the order in which pip installs them: those on
// which nothing that is left depends come off in rounds, the names of a round
// from the last to the first.
func (r *pipRun) installOrder() []*pip.Package {
	left := slices.Clone(r.order)
	var out []*pip.Package
	for len(left) > 0 {
		names := map[string]bool{}
		for _, p := range left {
			names[p.Name] = true
		}
		leaf := func(p *pip.Package) bool {
			return !slices.ContainsFunc(p.Depends, func(d string) bool {
				n := pip.ParseWish(d).Name
				return names[n] && n != p.Name
			})
		}
		var round []*pip.Package
		for _, p := range left {
			if leaf(p) && r.sources[p.Name] == "" {
				round = append(round, p)
			}
		}
		if len(round) == 0 {
			round = left // a circle, or the person's own projects
		}
		round = slices.Clone(round)
		slices.SortFunc(round, func(a, b *pip.Package) int { return strings.Compare(b.Name, a.Name) })
		out = append(out, round...)
		left = slices.DeleteFunc(left, func(p *pip.Package) bool { return slices.Contains(round, p) })
	}
	return out
}

// finish fetches, unpacks and writes down.
func (r *pipRun) finish(ctx context.Context) int {
	if len(r.order) == 0 {
		return r.warn()
	}
	for _, f := range r.order {
		if status := r.fetch(ctx, f); status != 0 {
			return status
		}
	}
	r.build()
	if r.wheels != "" {
		return 0
	}
	var names, done []string
	order := r.installOrder()
	for _, f := range order {
		names = append(names, f.Name)
		done = append(done, f.Name+"-"+f.Version)
	}
	slices.Sort(done)
	r.say("Installing collected packages: %s\n", strings.Join(names, ", "))
	for _, f := range order {
		if old := r.installed(f); old != "" {
			r.say("  Attempting uninstall: %s\n    Found existing installation: %s %s\n    Uninstalling %s-%s:\n      Successfully uninstalled %s-%s\n", f.Name, f.Name, old, f.Name, old, f.Name, old)
			r.remove(ctx, strings.ReplaceAll(f.Name, "-", "_"), old)
		}
		if status := r.unpack(ctx, f); status != 0 {
			return status
		}
	}
	r.say("Successfully installed %s\n", strings.Join(done, " "))
	return r.warn()
}

// fetch gets a wheel: from the index into the cache, and for pip wheel and pip
// download into their directory.
func (r *pipRun) fetch(ctx context.Context, f *pip.Package) int {
	name := r.wheel(f)
	own := r.sources[f.Name] != ""
	verb := "Downloading"
	if r.cache != "" && r.p.exists(r.cached(name)) {
		verb = "Using cached"
	}
	if !own && !r.offline && !slices.ContainsFunc(r.wishes, func(w pip.Wish) bool { return w.Name == f.Name && w.By == "file" }) {
		r.say("%s %s (%s)\n", verb, name, siSize(f.Wheel))
		if r.cache != "" && verb == "Downloading" {
			if status := r.p.put(ctx, r.cached(name), catalog.Packed, f.Wheel, 0, 0o600); status != 0 {
				return status
			}
			r.p.put(ctx, strings.TrimSuffix(r.cached(name), ".body"), catalog.Text, 1900, 0, 0o600)
		}
	}
	if r.wheels == "" {
		return 0
	}
	if err := r.p.mkdirAll(r.wheels, false); err != nil {
		return r.p.say("%s: %s", r.wheels, why(err))
	}
	r.say("Saved %s\n", path.Join(r.wheels, name))
	return r.p.put(ctx, path.Join(r.wheels, name), catalog.Packed, max(f.Wheel, 1500), 0, 0o644)
}

// build says that the person's projects become wheels.
func (r *pipRun) build() {
	if len(r.built) == 0 {
		return
	}
	var names []string
	for _, f := range r.built {
		names = append(names, f.Name)
	}
	r.say("Building wheels for collected packages: %s\n", strings.Join(names, ", "))
	for _, f := range r.built {
		step := fmt.Sprintf("Building wheel for %s (pyproject.toml)", f.Name)
		r.say("  %s: started\n  %s: finished with status 'done'\n  Created wheel for %s: filename=%s size=%d\n", step, step, f.Name, r.wheel(f), max(f.Wheel, 1500))
	}
	r.say("Successfully built %s\n", strings.Join(names, " "))
}
