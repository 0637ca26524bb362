package shell

import (
	"context"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/layerlab/layerlab/sim/catalog"
	"github.com/layerlab/layerlab/sim/pkg/npm"
)

func (r *npmRun) home() string {
	return orName(r.p.env("npm_config_cache"), orName(r.p.env("NPM_CONFIG_CACHE"), orName(r.p.env("HOME"), "/root")+"/.npm"))
}

func (r *npmRun) cache() string { return r.home() + "/_cacache" }

func (r *npmRun) logFile() string {
	return r.home() + "/_logs/" + strings.NewReplacer(":", "_", ".", "_").Replace(r.p.now().UTC().Format("2006-01-02T15:04:05.000Z")) + "-debug-0.log"
}

// writeLog leaves a log behind, as each run of npm does.
func (r *npmRun) writeLog() {
	name := r.logFile()
	if r.p.mkdirAll(path.Dir(name), false) == nil {
		r.p.setBody(name, catalog.Made(catalog.Text, name, 900+int64(len(r.want))*380), nil)
	}
}

// reify makes node_modules what the tree says, and reports.
func (r *npmRun) reify(ctx context.Context, tree map[string]*npm.Node) int {
	there := r.present(ctx)
	r.want = map[string]*npm.Node{}
	for at, n := range tree {
		l := &npmLocked{}
		if r.lock != nil && r.lock.Packages[at] != nil {
			l = r.lock.Packages[at]
		}
		if !r.omitted(n.Dev, n.Optional, n.Peer) && r.fits(l) && n.Fits(r.musl()) {
			r.want[at] = n
		}
	}
	root := path.Dir(r.modules)
	added, removed, changed, made := 0, 0, 0, 0
	for at := range there {
		if r.want[at] == nil {
			r.p.FS.RemoveAll(path.Join(root, at))
			removed++
		}
	}
	if r.lock != nil && r.lock.old {
		r.warn("old lockfile\nold lockfile The package-lock.json file was created with an old version of npm,\nold lockfile so supplemental metadata must be fetched from the registry.\nold lockfile\nold lockfile This is a one-time fix-up, please be patient...\nold lockfile")
	}
	var todo []*npm.Node
	for _, at := range slices.Sorted(maps.Keys(r.want)) {
		n := r.want[at]
		if l := there[at]; l != nil && l.Version == n.Version {
			continue
		} else if l != nil {
			r.p.FS.RemoveAll(path.Join(root, at))
			changed++
		} else {
			added++
		}
		if n.MadeUp {
			made++
		}
		if n.Deprecated != "" {
			r.warn("deprecated " + n.Name + "@" + n.Version + ": " + n.Deprecated)
		}
		todo = append(todo, n)
	}
	for _, n := range todo {
		if status := r.unpack(ctx, path.Join(root, n.Path), n); status != 0 {
			return status
		}
	}
	if status := r.hidden(ctx, r.want); status != 0 {
		return status
	}
	r.unlinkBins()
	r.report(added, removed, changed, len(r.want))
	if made > 0 && !r.silent {
		r.p.errf("%s%d of these packages are not in the model of npm's registry: their files are made up from their names, of a usual size.\n", aside, made)
	}
	r.writeLog()
	return 0
}

func (r *npmRun) warn(text string) {
	if r.silent || slices.Contains(r.p.Args, "--loglevel=error") {
		return
	}
	for line := range strings.SplitSeq(text, "\n") {
		r.p.errf("npm warn %s\n", line)
	}
}

// unlinkBins removes the links in .bin that lead nowhere.
func (r *npmRun) unlinkBins() {
	bins, _ := r.p.readDir(r.modules + "/.bin")
	for _, e := range bins {
		if _, err := r.p.stat(r.modules + "/.bin/" + e.Name); err != nil {
			r.p.unlink(r.modules + "/.bin/" + e.Name)
		}
	}
}

// unpack writes one package to dir, its links in .bin, and what the cache keeps of it.
func (r *npmRun) unpack(ctx context.Context, dir string, n *npm.Node) int {
	if r.lock != nil && r.lock.Packages[n.Path] != nil && r.lock.Packages[n.Path].Link {
		return r.linkTo(dir, r.lock.Packages[n.Path].Resolved)
	}
	if err := r.p.mkdirAll(dir, false); err != nil {
		return r.fail("code EACCES\nsyscall mkdir\npath %s\nerrno -13\nError: EACCES: permission denied, mkdir '%s'", dir, dir)
	}
	manifest := map[string]any{"name": n.Name, "version": n.Version}
	depends := map[string]string{}
	for _, e := range n.Edges {
		if !e.Peer {
			depends[e.Name] = e.Range
		}
	}
	if len(depends) > 0 {
		manifest["dependencies"] = depends
	}
	text, err := json.MarshalIndent(manifest, "", "  ")
	if err != nil {
		return r.fail("%v", err)
	}
	left, files := n.Size-int64(len(text))-1, n.Files-1
	if status := r.p.write(ctx, dir+"/package.json", string(text)+"\n", 0o644); status != 0 {
		return status
	}
	for _, b := range n.Programs {
		const body = "#!/usr/bin/env node\nrequire('" + "./index.js')\n"
		r.p.mkdirAll(path.Join(dir, path.Dir(b.File)), false)
		if status := r.p.write(ctx, path.Join(dir, b.File), body, 0o755); status != 0 {
			return status
		}
		left, files = left-int64(len(body)), files-1
		r.linkBin(dir, n, b)
	}
	for i := range max(files, 0) {
		size := max(left/int64(files-i), 0)
		left -= size
		if status := r.p.put(ctx, dir+"/"+npmFile(i), catalog.Text, size, 0, 0o644); status != 0 {
			return status
		}
	}
	return r.keep(ctx, n.Package)
}

// npmFile is the name of a package's file of that number: the registry's model
// knows how many there are, not which.
func npmFile(i int) string {
	switch {
	case i < 3:
		return []string{"index.js", "README.md", "LICENSE"}[i]
	case i > 200:
		return fmt.Sprintf("lib/part%d/%s%d.js", i/100, moduleNames[i%len(moduleNames)], i)
	}
	return fmt.Sprintf("lib/%s%d.js", moduleNames[i%len(moduleNames)], i)
}

func (r *npmRun) linkTo(dir, target string) int {
	r.p.mkdirAll(path.Dir(dir), false)
	up := strings.Repeat("../", strings.Count(strings.TrimPrefix(dir, path.Dir(r.modules)+"/"), "/"))
	if err := r.p.symlink(up+target, dir); err != nil && !r.p.exists(dir) {
		return r.fail("code EEXIST\npath %s", dir)
	}
	return 0
}

// linkBin links a program into .bin of the node_modules that has the package, or
// where programs of everybody are.
func (r *npmRun) linkBin(dir string, n *npm.Node, b npm.Program) {
	modules, up := path.Dir(dir), "../"
	if strings.HasPrefix(n.Name, "@") {
		modules = path.Dir(modules)
	}
	bin := modules + "/.bin"
	if r.global && modules == r.modules {
		bin, up = "/usr/local/bin", "../lib/node_modules/"
	}
	r.p.mkdirAll(bin, false)
	if _, err := r.p.lstat(bin + "/" + b.Name); err != nil {
		r.p.symlink(up+n.Name+"/"+b.File, bin+"/"+b.Name)
	}
}

// npmIntegrity is the checksum of a package's archive; it is made up.
func npmIntegrity(p *npm.Package) string {
	sum := sha512.Sum512([]byte(p.Name + "@" + p.Version))
	return "sha512-" + base64.StdEncoding.EncodeToString(sum[:])
}

// tarball is the address of a package's archive.
func (r *npmRun) tarball(p *npm.Package) string {
	return fmt.Sprintf("%s/%s/-/%s-%s.tgz", r.index.Registry, p.Name, path.Base(p.Name), p.Version)
}

// keep writes into the cache what npm leaves there of a package: its archive by its hash, the entry
// that finds it, and what the registry told of the name, unless a lock file spared asking.
func (r *npmRun) keep(ctx context.Context, p *npm.Package) int {
	sum := sha512.Sum512([]byte(p.Name + "@" + p.Version))
	h := hex.EncodeToString(sum[:])
	if status, old := r.cached(ctx, h, p.Size/4+400); status != 0 || old {
		return status
	}
	if r.lock != nil {
		return 0
	}
	sum = sha512.Sum512([]byte(p.Name))
	status, _ := r.cached(ctx, hex.EncodeToString(sum[:]), 14_000)
	return status
}

func (r *npmRun) cached(ctx context.Context, h string, size int64) (status int, old bool) {
	name := fmt.Sprintf("%s/content-v2/sha512/%s/%s/%s", r.cache(), h[:2], h[2:4], h[4:])
	if r.p.exists(name) {
		return 0, true
	}
	if status := r.p.put(ctx, name, catalog.Packed, size, 0, 0o644); status != 0 {
		return status, false
	}
	return r.p.put(ctx, fmt.Sprintf("%s/index-v5/%s/%s/%s", r.cache(), h[4:6], h[6:8], h[8:72]), catalog.Text, 1200, 0, 0o644), false
}

// save writes package.json, if packages were named, and package-lock.json.
func (r *npmRun) save(ctx context.Context, tree map[string]*npm.Node, named bool) int {
	if named {
		if status := r.saveManifest(ctx); status != 0 {
			return status
		}
	}
	text, err := r.lockText(tree, true)
	if err != nil {
		return r.fail("%v", err)
	}
	if old, err := r.p.readAll(ctx, "package-lock.json"); err == nil && old == text {
		return 0
	}
	return r.p.write(ctx, "package-lock.json", text, 0o644)
}

// saveManifest writes the lists of package.json; what else is in it keeps its order.
func (r *npmRun) saveManifest(ctx context.Context) int {
	text, _ := r.p.readAll(ctx, "package.json")
	o, err := readOrdered(text)
	if err != nil {
		return r.fail("code EJSONPARSE\npath %s", r.p.abs("package.json"))
	}
	for _, l := range []struct {
		key string
		m   map[string]string
	}{{"dependencies", r.manifest.Depends}, {"devDependencies", r.manifest.Dev}} {
		if len(l.m) == 0 {
			o.drop(l.key)
			continue
		}
		var b strings.Builder
		e := json.NewEncoder(&b)
		e.SetEscapeHTML(false)
		if err := e.Encode(l.m); err != nil {
			return r.fail("%v", err)
		}
		o.set(l.key, json.RawMessage(b.String()))
	}
	return r.p.write(ctx, "package.json", o.text(), 0o644)
}

// report is the lines that npm ends with.
func (r *npmRun) report(added, removed, changed, all int) {
	if r.silent {
		return
	}
	count := func(n int) string {
		if n == 1 {
			return "1 package"
		}
		return fmt.Sprintf("%d packages", n)
	}
	var did []string
	for _, d := range []struct {
		verb string
		n    int
	}{{"added", added}, {"removed", removed}, {"changed", changed}} {
		if d.n > 0 {
			did = append(did, d.verb+" "+count(d.n))
		}
	}
	what := "up to date"
	audit := !r.noAudit && !r.global
	if len(did) > 0 {
		what = strings.Join(did, ", ")
		if audit {
			what += ", and"
		} else if n := len(did); n > 1 {
			what = strings.Join(did[:n-1], ", ") + ", and " + did[n-1]
		}
	} else if audit {
		what += ","
	}
	if audit {
		what += " audited " + count(all+1)
	}
	r.p.outf("\n%s in %ds\n", what, 1+(added+changed)/40)
	if n := r.funding(); n > 0 && !r.noFund {
		them := "packages are"
		if n == 1 {
			them = "package is"
		}
		r.p.outf("\n%d %s looking for funding\n  run `npm fund` for details\n", n, them)
	}
	if audit {
		r.p.outf("\nfound 0 vulnerabilities\n")
	}
}

// funding is how many of the packages ask for money.
func (r *npmRun) funding() int {
	n := 0
	for _, p := range r.want {
		if p.Funding {
			n++
		}
	}
	return n
}
