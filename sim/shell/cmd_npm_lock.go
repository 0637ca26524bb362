package shell

import (
	"context"
	"encoding/json"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/layerlab/layerlab/sim/pkg/npm"
)

// npmLocked is one entry of a lock file's "packages", in the order of its fields.
type npmLocked struct {
	Name       string                    `json:"name,omitempty"`
	Version    string                    `json:"version,omitempty"`
	Resolved   string                    `json:"resolved,omitempty"`
	Integrity  string                    `json:"integrity,omitempty"`
	Link       bool                      `json:"link,omitempty"`
	CPU        []string                  `json:"cpu,omitempty"`
	Deprecated string                    `json:"deprecated,omitempty"`
	Dev        bool                      `json:"dev,omitempty"`
	Scripts    bool                      `json:"hasInstallScript,omitempty"`
	License    any                       `json:"license,omitempty"`
	Libc       []string                  `json:"libc,omitempty"`
	Optional   bool                      `json:"optional,omitempty"`
	DevOpt     bool                      `json:"devOptional,omitempty"`
	OS         []string                  `json:"os,omitempty"`
	Peer       bool                      `json:"peer,omitempty"`
	Depends    map[string]string         `json:"dependencies,omitempty"`
	Bin        any                       `json:"bin,omitempty"`
	DevDepends map[string]string         `json:"devDependencies,omitempty"`
	Engines    any                       `json:"engines,omitempty"`
	Funding    any                       `json:"funding,omitempty"`
	OptDepends map[string]string         `json:"optionalDependencies,omitempty"`
	Peers      map[string]string         `json:"peerDependencies,omitempty"`
	PeerMeta   map[string]map[string]any `json:"peerDependenciesMeta,omitempty"`
}

// npmOldLocked is an entry of a lock file of version 1, with those below it.
type npmOldLocked struct {
	Version, Integrity string
	Dev, Optional      bool
	Requires           any
	Dependencies       map[string]*npmOldLocked
}

// npmLock is package-lock.json.
type npmLock struct {
	Name     string                   `json:"name,omitempty"`
	Version  string                   `json:"version,omitempty"`
	Lock     int                      `json:"lockfileVersion"`
	Requires bool                     `json:"requires,omitempty"`
	Packages map[string]*npmLocked    `json:"packages"`
	Old      map[string]*npmOldLocked `json:"dependencies,omitempty"`

	old bool // it was of version 1
}

// upgrade turns a lock file of version 1 into the form of version 3.
func (l *npmLock) upgrade() {
	if l.Packages == nil && l.Lock > 0 {
		l.old, l.Packages = true, map[string]*npmLocked{"": {Name: l.Name, Version: l.Version}}
		var visit func(at string, m map[string]*npmOldLocked)
		visit = func(at string, m map[string]*npmOldLocked) {
			for n, o := range m {
				e := &npmLocked{Version: o.Version, Integrity: o.Integrity, Dev: o.Dev, Optional: o.Optional}
				if r, ok := o.Requires.(map[string]any); ok {
					e.Depends = map[string]string{}
					for k, v := range r {
						e.Depends[k], _ = v.(string)
					}
				}
				l.Packages[path.Join(at, "node_modules", n)] = e
				visit(path.Join(at, "node_modules", n), o.Dependencies)
			}
		}
		visit("", l.Old)
	}
	l.Old = nil
}

// packageOf is the package that an entry stands for.
func (r *npmRun) packageOf(at string, l *npmLocked) *npm.Package {
	name := at[strings.LastIndex(at, "node_modules/")+len("node_modules/"):]
	p := *r.index.Locked(orName(l.Name, name), l.Version)
	p.Name, p.Programs, p.Edges = name, nil, nil
	for n, file := range programFiles(name, l.Bin) {
		p.Programs = append(p.Programs, npm.Program{Name: n, File: file})
	}
	if l.Bin == nil && l.Integrity == "" {
		p.Programs = r.index.Locked(name, l.Version).Programs
	}
	slices.SortFunc(p.Programs, func(a, b npm.Program) int { return strings.Compare(a.Name, b.Name) })
	for n, c := range l.Depends {
		p.Edges = append(p.Edges, npm.Edge{Name: n, Range: c})
	}
	for n, c := range l.OptDepends {
		p.Edges = append(p.Edges, npm.Edge{Name: n, Range: c, Optional: true})
	}
	for n, c := range l.Peers {
		p.Edges = append(p.Edges, npm.Edge{Name: n, Range: c, Peer: true, Optional: l.PeerMeta[n]["optional"] == true})
	}
	slices.SortFunc(p.Edges, func(a, b npm.Edge) int { return strings.Compare(a.Name, b.Name) })
	p.Deprecated, p.Funding = orName(l.Deprecated, p.Deprecated), p.Funding || l.Funding != nil
	return &p
}

// programFiles is the programs of a "bin" field.
func programFiles(name string, bin any) map[string]string {
	out := map[string]string{}
	switch bin := bin.(type) {
	case string:
		out[path.Base(name)] = path.Clean(bin)
	case map[string]any:
		for n, f := range bin {
			if s, ok := f.(string); ok {
				out[n] = path.Clean(s)
			}
		}
	}
	return out
}

// fits reports whether an entry is for this machine.
func (r *npmRun) fits(l *npmLocked) bool {
	one := func(list []string, own string) bool {
		if len(list) == 0 {
			return true
		}
		return slices.Contains(list, own) || strings.HasPrefix(list[0], "!") && !slices.Contains(list, "!"+own)
	}
	libc := "glibc"
	if r.musl() {
		libc = "musl"
	}
	return one(l.OS, "linux") && one(l.CPU, "x64") && one(l.Libc, libc)
}

func (r *npmRun) musl() bool { return r.p.exists("/lib/ld-musl-x86_64.so.1") }

// omitted reports whether the options leave out what has these marks.
func (r *npmRun) omitted(dev, optional, peer bool) bool {
	return dev && r.omit["dev"] || optional && r.omit["optional"] || peer && r.omit["peer"]
}

// fromLock is the tree that the lock file says, all of it.
func (r *npmRun) fromLock() map[string]*npm.Node {
	out := map[string]*npm.Node{}
	for at, l := range r.lock.Packages {
		if !strings.Contains(at, "node_modules/") {
			continue
		}
		out[at] = &npm.Node{Package: r.packageOf(at, l), Path: at, Dev: l.Dev || l.DevOpt && r.omit["optional"], Optional: l.Optional || l.DevOpt && r.omit["dev"], Peer: l.Peer}
		if l.DevOpt {
			out[at].Dev, out[at].Optional = r.omit["dev"] && r.omit["optional"], r.omit["dev"] && r.omit["optional"]
		}
	}
	return out
}

// lockText is a lock file of the tree; root is whether it has the project's own entry.
func (r *npmRun) lockText(tree map[string]*npm.Node, root bool) (string, error) {
	lock := npmLock{Name: orName(r.manifest.Name, path.Base(path.Dir(r.modules))), Version: r.manifest.Version, Lock: 3, Requires: true, Packages: map[string]*npmLocked{}}
	if root {
		lock.Packages[""] = &npmLocked{Name: lock.Name, Version: r.manifest.Version, Depends: r.manifest.Depends, DevDepends: r.manifest.Dev, OptDepends: r.manifest.Optional}
	}
	for at, n := range tree {
		if r.lock != nil {
			if old := r.lock.Packages[at]; old != nil && old.Version == n.Version {
				lock.Packages[at] = old
				continue
			}
		}
		lock.Packages[at] = r.lockedOf(n)
	}
	if r.lock != nil && root {
		for at, l := range r.lock.Packages { // workspaces
			if at != "" && !strings.Contains(at, "node_modules/") {
				lock.Packages[at] = l
			}
		}
	}
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	err := e.Encode(lock)
	return b.String(), err
}

// lockedOf is the entry of a package. Its checksum is made up.
func (r *npmRun) lockedOf(n *npm.Node) *npmLocked {
	l := &npmLocked{Version: n.Version, Resolved: r.tarball(n.Package), Integrity: npmIntegrity(n.Package), Dev: n.Dev, Optional: n.Optional, Peer: n.Peer, Scripts: n.Scripts, Deprecated: n.Deprecated}
	put := func(m *map[string]string, e npm.Edge) {
		if *m == nil {
			*m = map[string]string{}
		}
		(*m)[e.Name] = e.Range
	}
	for _, e := range n.Edges {
		switch {
		case e.Peer:
			put(&l.Peers, e)
		case e.Optional:
			put(&l.OptDepends, e)
		default:
			put(&l.Depends, e)
		}
	}
	if len(n.Programs) > 0 {
		bins := map[string]string{}
		for _, b := range n.Programs {
			bins[b.Name] = b.File
		}
		l.Bin = bins
	}
	return l
}

// hidden writes node_modules/.package-lock.json: what is there.
func (r *npmRun) hidden(ctx context.Context, tree map[string]*npm.Node) int {
	if len(tree) == 0 {
		return 0
	}
	text, err := r.lockText(tree, false)
	if err != nil {
		return r.fail("%v", err)
	}
	return r.p.write(ctx, r.modules+"/.package-lock.json", text, 0o644)
}

// present is what is in node_modules, by its hidden lock file.
func (r *npmRun) present(ctx context.Context) map[string]*npmLocked {
	lock := &npmLock{}
	if r.readJSON(ctx, r.modules+"/.package-lock.json", lock) != 0 {
		return nil
	}
	maps.DeleteFunc(lock.Packages, func(at string, _ *npmLocked) bool { return !r.p.exists(path.Join(path.Dir(r.modules), at)) })
	return lock.Packages
}
