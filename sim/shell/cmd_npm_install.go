package shell

import (
	"context"
	"errors"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/layerlab/layerlab/sim/pkg/npm"
)

// project is what the tree is laid out for, with what the lock file has at hand.
func (r *npmRun) project() *npm.Project {
	p := &npm.Project{Depends: r.manifest.Depends, Dev: r.manifest.Dev, Optional: r.manifest.Optional, Day: r.p.Packages.Day(), Musl: r.musl(), Kept: map[string]*npm.Package{}}
	p.Turn = func(ctx context.Context) error { r.p.k.turn(ctx); return ctx.Err() }
	if r.lock != nil {
		for at, l := range r.lock.Packages {
			if name, ok := strings.CutPrefix(at, "node_modules/"); ok && !strings.Contains(name, "node_modules/") {
				p.Kept[name] = r.packageOf(at, l)
			}
		}
	}
	return p
}

// layout lays a project out; 0 if all went well.
func (r *npmRun) layout(ctx context.Context, p *npm.Project) ([]*npm.Node, int) {
	nodes, err := r.index.Layout(ctx, p)
	var lost *npm.NoVersion
	switch {
	case errors.As(err, &lost):
		return nil, r.lost(lost)
	case err != nil:
		return nil, r.fail("%v", err)
	}
	return nodes, 0
}

// lost is what npm says of a package that the registry does not have.
func (r *npmRun) lost(e *npm.NoVersion) int {
	spec := e.Name + "@" + orName(e.Range, "*")
	if !e.Unknown {
		return r.fail("code ETARGET\nnotarget No matching version found for %s.\nnotarget In most cases you or one of your dependencies are requesting\nnotarget a package version that doesn't exist.", spec)
	}
	status := r.fail("code E404\n404 Not Found - GET %s/%s - Not found\n404\n404  '%s' is not in this registry.\n404\n404 Note that you can also install from a\n404 tarball, folder, http url, or git folder.", r.index.Registry, strings.ReplaceAll(e.Name, "/", "%2f"), spec)
	r.p.errf("%sthe model of npm's registry has %d packages, %s is not among them. With a package-lock.json that names it, npm ci installs it all the same.\n", aside, r.index.Names(), e.Name)
	return status
}

// outOfStep is the packages of package.json that the lock file lacks or has in
// another version.
func (r *npmRun) outOfStep() bool {
	for _, all := range []map[string]string{r.manifest.Depends, r.manifest.Dev, r.manifest.Optional} {
		for name, condition := range all {
			l := r.lock.Packages["node_modules/"+name]
			if l == nil || !l.Link && !npm.Meets(condition, l.Version) {
				return true
			}
		}
	}
	return false
}

const npmCiUsage = "\nClean install a project\n\nUsage:\nnpm ci\n\nOptions:\n[--install-strategy <hoisted|nested|shallow|linked>] [--legacy-bundling]\n[--global-style] [--omit <dev|optional|peer> [--omit <dev|optional|peer> ...]]\n[--include <prod|dev|optional|peer> [--include <prod|dev|optional|peer> ...]]\n[--strict-peer-deps] [--foreground-scripts] [--ignore-scripts] [--no-audit]\n[--no-bin-links] [--no-fund] [--dry-run]\n[-w|--workspace <workspace-name> [-w|--workspace <workspace-name> ...]]\n[-ws|--workspaces] [--include-workspace-root] [--install-links]\n\naliases: clean-install, ic, install-clean, isntall-clean\n\nRun \"npm help ci\" for more info"

func (r *npmRun) ci(ctx context.Context) int {
	if r.lock == nil || r.lock.Packages == nil {
		return r.fail("code EUSAGE\n\nThe `npm ci` command can only install with an existing package-lock.json or\nnpm-shrinkwrap.json with lockfileVersion >= 1. Run an install with npm@5 or\nlater to generate a package-lock.json file, then try again.\n%s", npmCiUsage)
	}
	if r.outOfStep() {
		return r.refuse(ctx)
	}
	r.p.FS.RemoveAll(r.modules)
	return r.reify(ctx, r.fromLock())
}

// refuse says where package.json and the lock file differ.
func (r *npmRun) refuse(ctx context.Context) int {
	var lines []string
	nodes, err := r.index.Layout(ctx, r.project())
	for _, n := range nodes {
		switch l := r.lock.Packages[n.Path]; {
		case l == nil:
			lines = append(lines, "Missing: "+n.Name+"@"+n.Version+" from lock file")
		case l.Version != n.Version:
			lines = append(lines, "Invalid: lock file's "+n.Name+"@"+l.Version+" does not satisfy "+n.Name+"@"+n.Version)
		}
	}
	if err != nil {
		for _, all := range []map[string]string{r.manifest.Depends, r.manifest.Dev} {
			for _, name := range slices.Sorted(maps.Keys(all)) {
				if l := r.lock.Packages["node_modules/"+name]; l == nil {
					lines = append(lines, "Missing: "+name+"@"+all[name]+" from lock file")
				} else if !npm.Meets(all[name], l.Version) {
					lines = append(lines, "Invalid: lock file's "+name+"@"+l.Version+" does not satisfy "+name+"@"+all[name])
				}
			}
		}
	}
	return r.fail("code EUSAGE\n\n`npm ci` can only install packages when your package.json and package-lock.json or npm-shrinkwrap.json are in sync. Please update your lock file with `npm install` before continuing.\n\n%s\n%s", strings.Join(lines, "\n"), npmCiUsage)
}

// prune removes what package.json does not ask for.
func (r *npmRun) prune(ctx context.Context) int {
	tree, status := r.ideal(ctx, false)
	if status != 0 {
		return status
	}
	there := r.present(ctx)
	maps.DeleteFunc(tree, func(at string, _ *npm.Node) bool { return there[at] == nil })
	return r.reify(ctx, tree)
}

// ideal is the tree that the project should have: that of the lock file if it is
// in step, else laid out anew around what it has.
func (r *npmRun) ideal(ctx context.Context, afresh bool) (map[string]*npm.Node, int) {
	if r.lock != nil && r.lock.Packages != nil && !afresh && !r.outOfStep() {
		return r.fromLock(), 0
	}
	p := r.project()
	if afresh {
		p.Kept = nil
	}
	nodes, status := r.layout(ctx, p)
	tree := map[string]*npm.Node{}
	for _, n := range nodes {
		tree[n.Path] = n
	}
	return tree, status
}

// wish splits "name@range". What is no name of the registry is refused.
func (r *npmRun) wish(word string) (name, condition string, status int) {
	name = word
	if i := strings.LastIndexByte(word, '@'); i > 0 {
		name, condition = word[:i], word[i+1:]
	}
	if strings.Contains(word, "://") || strings.HasPrefix(word, "git@") || !strings.HasPrefix(word, "@") && strings.Contains(name, "/") && !strings.HasPrefix(word, ".") && !strings.HasPrefix(word, "/") {
		r.p.errf("%sthere is no network here: %s cannot be fetched.\n", aside, word)
		return "", "", r.fail("code ENOTFOUND\nerrno ENOTFOUND\nnetwork request to %s failed, reason: getaddrinfo ENOTFOUND", word)
	}
	return name, condition, 0
}

func (r *npmRun) install(ctx context.Context, update bool) int {
	if r.global {
		return r.installGlobal(ctx)
	}
	names := slices.DeleteFunc(r.words, func(w string) bool { return w == "." })
	links := map[string]string{}
	for _, w := range names {
		if update {
			continue
		}
		if strings.HasPrefix(w, ".") || strings.HasPrefix(w, "/") {
			links[path.Base(r.p.abs(w))] = "file:" + w
			continue
		}
		name, condition, status := r.wish(w)
		if status != 0 {
			return status
		}
		found, err := r.index.Pick(name, condition, r.p.Packages.Day())
		var lost *npm.NoVersion
		if errors.As(err, &lost) {
			return r.lost(lost)
		}
		r.want1(name, found.Version)
	}
	tree, status := r.ideal(ctx, update)
	if status != 0 {
		return status
	}
	if r.lock != nil {
		for at := range tree {
			if l := r.lock.Packages[at]; l != nil && l.Version != tree[at].Version {
				delete(r.lock.Packages, at)
			}
		}
	}
	if r.dry {
		r.report(len(tree), 0, 0, len(tree))
		return 0
	}
	if !r.onlyLock {
		if status := r.reify(ctx, tree); status != 0 {
			return status
		}
	}
	if r.noSave {
		return 0
	}
	return r.save(ctx, tree, len(names) > 0)
}

// want1 puts a package into package.json's lists.
func (r *npmRun) want1(name, version string) {
	to, from := &r.manifest.Depends, r.manifest.Dev
	_, there := r.manifest.Depends[name]
	_, dev := r.manifest.Dev[name]
	if r.saveDev || dev && !there && !slices.Contains(r.p.Args, "--save-prod") && !slices.Contains(r.p.Args, "-P") {
		to, from = &r.manifest.Dev, r.manifest.Depends
	}
	delete(from, name)
	if *to == nil {
		*to = map[string]string{}
	}
	prefix := "^"
	if r.exact {
		prefix = ""
	}
	(*to)[name] = prefix + version
}

func (r *npmRun) uninstall(ctx context.Context) int {
	removed := 0
	if r.global {
		for _, w := range r.words {
			removed += r.removeGlobal(w)
		}
		r.report(0, removed, 0, 0)
		return 0
	}
	for _, w := range r.words {
		delete(r.manifest.Depends, w)
		delete(r.manifest.Dev, w)
	}
	tree, status := r.ideal(ctx, false)
	if status != 0 {
		return status
	}
	nodes, status := r.layout(ctx, r.project())
	if status != 0 {
		return status
	}
	need := map[string]bool{}
	for _, n := range nodes {
		need[n.Path] = true
	}
	maps.DeleteFunc(tree, func(at string, _ *npm.Node) bool { return !need[at] })
	if status := r.reify(ctx, tree); status != 0 {
		return status
	}
	return r.save(ctx, tree, true)
}

// list is npm ls: what package.json asks for, and what is there.
func (r *npmRun) list(ctx context.Context) int {
	there := r.present(ctx)
	if !r.global {
		r.p.outf("%s@%s %s\n", orName(r.manifest.Name, path.Base(path.Dir(r.modules))), orName(r.manifest.Version, ""), path.Dir(r.modules))
	} else {
		r.p.outf("%s\n", path.Dir(r.modules))
		there = r.globals(ctx)
	}
	asked := map[string]string{}
	maps.Copy(asked, r.manifest.Depends)
	maps.Copy(asked, r.manifest.Dev)
	if r.global {
		for at := range there {
			asked[strings.TrimPrefix(at, "node_modules/")] = ""
		}
	}
	names := slices.Sorted(maps.Keys(asked))
	status := 0
	for i, n := range names {
		mark := "├──"
		if i == len(names)-1 {
			mark = "└──"
		}
		if l := there["node_modules/"+n]; l != nil {
			r.p.outf("%s %s@%s\n", mark, n, l.Version)
		} else {
			r.p.outf("%s UNMET DEPENDENCY %s@%s\n", mark, n, asked[n])
			status = 1
		}
	}
	if len(names) == 0 {
		r.p.outf("└── (empty)\n")
	}
	r.p.outf("\n")
	return status
}
