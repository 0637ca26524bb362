package shell

import (
	"context"
	"crypto/sha512"
	"encoding/json"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/layerlab/layerlab/sim/catalog"
	"github.com/layerlab/layerlab/sim/pkg/npm"
)

func (r *npmRun) cache() string {
	return orName(r.p.env("npm_config_cache"), orName(r.p.env("HOME"), "/root")+"/.npm") + "/_cacache"
}

// write unpacks what is wanted and is not there, and reports.
func (r *npmRun) write(ctx context.Context) int {
	added, made := 0, 0
	for _, at := range slices.Sorted(maps.Keys(r.want)) {
		p := r.want[at]
		if r.p.exists(r.modules + "/" + at + "/package.json") {
			continue
		}
		added++
		if p.MadeUp {
			made++
		}
		if status := r.unpack(ctx, at, p); status != 0 {
			return status
		}
	}
	if !r.global {
		if status := r.hidden(ctx); status != 0 {
			return status
		}
	}
	r.report("added", added)
	if made > 0 {
		r.p.errf("%s%d of these packages are not in the model of npm: their files are made up from their names, of a usual size.\n", aside, made)
	}
	return 0
}

// unpack writes one package, its links in .bin, and what the cache keeps of it.
func (r *npmRun) unpack(ctx context.Context, at string, p *npm.Package) int {
	dir := r.modules + "/" + at
	if err := r.p.mkdirAll(dir, false); err != nil {
		return r.fail("code EACCES\nnpm error syscall mkdir\nnpm error path %s", dir)
	}
	text, err := json.MarshalIndent(map[string]any{"name": p.Name, "version": p.Version}, "", "  ")
	if err != nil {
		return r.fail("%v", err)
	}
	if status := r.p.write(ctx, dir+"/package.json", string(text)+"\n", 0o644); status != 0 {
		return status
	}
	n := max(p.Files-1, 1)
	each := max(1, p.Size/int64(n))
	for i := range n {
		name := fmt.Sprintf("lib/%s%d.js", moduleNames[i%len(moduleNames)], i)
		switch i {
		case 0:
			name = "index.js"
		case 1:
			name = "README.md"
		case 2:
			name = "LICENSE"
		}
		if i > 200 {
			name = fmt.Sprintf("lib/part%d/%s%d.js", i/100, moduleNames[i%len(moduleNames)], i)
		}
		if status := r.p.put(ctx, dir+"/"+name, catalog.Text, each, 0, 0o644); status != 0 {
			return status
		}
	}
	bin, up := path.Dir(dir)+"/.bin", "../"
	if strings.HasPrefix(path.Base(path.Dir(dir)), "@") {
		bin = path.Dir(path.Dir(dir)) + "/.bin"
	}
	if r.global {
		bin, up = "/usr/local/bin", "../lib/node_modules/"
	}
	for _, name := range p.Programs {
		program := dir + "/bin/" + name + ".js"
		r.p.mkdirAll(dir+"/bin", false)
		r.p.mkdirAll(bin, false)
		r.p.write(ctx, program, "#!/usr/bin/env node\nrequire('../index.js')\n", 0o755)
		if !r.p.exists(bin + "/" + name) {
			r.p.symlink(up+p.Name+"/bin/"+name+".js", bin+"/"+name)
		}
	}
	return r.keep(ctx, p)
}

// keep writes the package's archive into the cache, by its hash.
func (r *npmRun) keep(ctx context.Context, p *npm.Package) int {
	h := fmt.Sprintf("%x", sha512.Sum512([]byte(p.Name+"@"+p.Version)))
	name := fmt.Sprintf("%s/content-v2/sha512/%s/%s/%s", r.cache(), h[:2], h[2:4], h[4:])
	if r.p.exists(name) {
		return 0
	}
	if status := r.p.put(ctx, name, catalog.Packed, p.Size/4+400, 0, 0o644); status != 0 {
		return status
	}
	return r.p.put(ctx, fmt.Sprintf("%s/index-v5/%s/%s/%s", r.cache(), h[4:6], h[6:8], h[8:72]), catalog.Text, 1200, 0, 0o644)
}

// lockText is a lock file of what is wanted.
func (r *npmRun) lockText(root bool) (string, error) {
	lock := npmLock{Name: orName(r.manifest.Name, path.Base(path.Dir(r.modules))), Version: r.manifest.Version, Lock: 3, Requires: true, Packages: map[string]*npmLocked{}}
	if root {
		lock.Packages[""] = &npmLocked{Version: r.manifest.Version, Depends: r.manifest.Depends}
	}
	for at, p := range r.want {
		l := &npmLocked{Version: p.Version, Dev: r.dev[at]}
		for _, d := range p.Depends {
			if l.Depends == nil {
				l.Depends = map[string]string{}
			}
			l.Depends[d] = "^" + r.index.Find(d, "").Version
		}
		if len(p.Programs) > 0 {
			bins := map[string]any{}
			for _, b := range p.Programs {
				bins[b] = "bin/" + b + ".js"
			}
			l.Bin = bins
		}
		lock.Packages["node_modules/"+at] = l
	}
	b, err := json.MarshalIndent(lock, "", "  ")
	return string(b) + "\n", err
}

// hidden writes node_modules/.package-lock.json.
func (r *npmRun) hidden(ctx context.Context) int {
	if len(r.want) == 0 {
		return 0
	}
	text, err := r.lockText(false)
	if err != nil {
		return r.fail("%v", err)
	}
	return r.p.write(ctx, r.modules+"/.package-lock.json", text, 0o644)
}

// save writes package-lock.json where there is none or where packages were named,
// and package.json in the latter case.
func (r *npmRun) save(ctx context.Context) int {
	if len(r.words) > 0 {
		text, _ := r.p.readAll(ctx, "package.json")
		fields := map[string]any{}
		if text != "" && json.Unmarshal([]byte(text), &fields) != nil {
			return r.fail("code EJSONPARSE")
		}
		if len(r.manifest.Depends) > 0 {
			fields["dependencies"] = r.manifest.Depends
		}
		if len(r.manifest.Dev) > 0 {
			fields["devDependencies"] = r.manifest.Dev
		}
		b, err := json.MarshalIndent(fields, "", "  ")
		if err != nil {
			return r.fail("%v", err)
		}
		if status := r.p.write(ctx, "package.json", string(b)+"\n", 0o644); status != 0 {
			return status
		}
	} else if r.lock != nil {
		return 0
	}
	text, err := r.lockText(true)
	if err != nil {
		return r.fail("%v", err)
	}
	return r.p.write(ctx, "package-lock.json", text, 0o644)
}

// report is the lines that npm ends with.
func (r *npmRun) report(verb string, n int) {
	for _, w := range r.p.Args {
		if w == "-s" || w == "--silent" || w == "--loglevel=silent" || w == "--quiet" && n == 0 {
			return
		}
	}
	count := func(n int) string {
		if n == 1 {
			return "1 package"
		}
		return fmt.Sprintf("%d packages", n)
	}
	what := verb + " " + count(n)
	if n == 0 {
		what = "up to date"
	}
	seconds := 1 + n/40
	if r.global {
		r.p.outf("\n%s in %ds\n", what, seconds)
		return
	}
	if n == 0 {
		r.p.outf("\n%s, audited %s in %ds\n\nfound 0 vulnerabilities\n", what, count(len(r.want)+1), seconds)
		return
	}
	r.p.outf("\n%s, and audited %s in %ds\n\nfound 0 vulnerabilities\n", what, count(len(r.want)+1), seconds)
}
