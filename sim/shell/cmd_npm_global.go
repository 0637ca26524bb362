package shell

import (
	"context"
	"errors"
	"path"
	"strings"

	"github.com/layerlab/layerlab/sim/pkg/npm"
)

// installGlobal is npm install -g: each package with what it needs below itself.
func (r *npmRun) installGlobal(ctx context.Context) int {
	if r.p.FS.Cred().UID != 0 && r.p.mkdirAll(r.modules+"/.probe", false) != nil {
		return r.fail("code EACCES\nsyscall mkdir\npath %s\nerrno -13\nError: EACCES: permission denied, mkdir '%s'", r.modules, r.modules)
	}
	added, changed := 0, 0
	r.want = map[string]*npm.Node{}
	for _, w := range r.words {
		name, condition, status := r.wish(w)
		if status != 0 {
			return status
		}
		top, err := r.index.Pick(name, condition, r.p.Packages.Day())
		var lost *npm.NoVersion
		if errors.As(err, &lost) {
			return r.lost(lost)
		}
		nodes, status := r.layout(ctx, &npm.Project{Edges: top.Edges, Day: r.p.Packages.Day(), Musl: r.musl(), Turn: r.project().Turn})
		if status != 0 {
			return status
		}
		count := &added
		if r.p.exists(r.modules + "/" + name) {
			count = &changed
			r.p.FS.RemoveAll(r.modules + "/" + name)
		}
		nodes = append([]*npm.Node{{Package: top}}, nodes...)
		*count += len(nodes)
		for _, n := range nodes {
			if n.Deprecated != "" {
				r.warn("deprecated " + n.Name + "@" + n.Version + ": " + n.Deprecated)
			}
		}
		for _, n := range nodes {
			dir := path.Join(r.modules, name, n.Path)
			r.want[dir] = n
			if status := r.unpack(ctx, dir, n); status != 0 {
				return status
			}
		}
	}
	r.report(added, 0, changed, 0)
	r.writeLog()
	return 0
}

// globals is the packages of everybody, as a lock file would have them.
func (r *npmRun) globals(ctx context.Context) map[string]*npmLocked {
	out := map[string]*npmLocked{}
	see := func(name string) {
		l := &npmLocked{}
		if r.readJSON(ctx, r.modules+"/"+name+"/package.json", l) == 0 {
			out["node_modules/"+name] = l
		}
	}
	list, _ := r.p.readDir(r.modules)
	for _, e := range list {
		if !strings.HasPrefix(e.Name, "@") {
			see(e.Name)
			continue
		}
		scope, _ := r.p.readDir(r.modules + "/" + e.Name)
		for _, s := range scope {
			see(e.Name + "/" + s.Name)
		}
	}
	return out
}

// removeGlobal removes a package of everybody, and counts those that went with it.
func (r *npmRun) removeGlobal(name string) int {
	dir := r.modules + "/" + name
	if !r.p.exists(dir) {
		return 0
	}
	n := 1
	list, _ := r.p.readDir(dir + "/node_modules")
	for _, e := range list {
		if strings.HasPrefix(e.Name, "@") {
			scope, _ := r.p.readDir(dir + "/node_modules/" + e.Name)
			n += len(scope) - 1
		}
		if !strings.HasPrefix(e.Name, ".") {
			n++
		}
	}
	r.p.FS.RemoveAll(dir)
	bins, _ := r.p.readDir("/usr/local/bin")
	for _, e := range bins {
		if to, err := r.p.readlink("/usr/local/bin/" + e.Name); err == nil && strings.HasPrefix(to, "../lib/node_modules/"+name+"/") {
			r.p.unlink("/usr/local/bin/" + e.Name)
		}
	}
	return n
}
