package npm

import (
	"context"
	"path"
	"slices"
	"strings"
	"time"
)

// A Node is a package at its place in node_modules.
type Node struct {
	*Package
	Path     string // below the project: "node_modules/a/node_modules/b"; the root's is ""
	Dev      bool   // only development needs it
	Optional bool   // only optional edges lead to it
	Peer     bool   // only peer edges lead to it

	parent   *Node
	children map[string]*Node
	edges    []Edge
}

// A Project is what a tree is laid out for.
type Project struct {
	Depends, Dev, Optional map[string]string
	Edges                  []Edge // further ones
	Day                    time.Time
	Musl                   bool                        // the C library is musl
	Kept                   map[string]*Package         // what a lock file or node_modules has at the root, taken as long as it will do
	Turn                   func(context.Context) error // called now and then; may be nil
}

// A layout is a tree being built.
type layout struct {
	x     *Index
	p     *Project
	root  *Node
	queue []*Node
	order []*Node // as they were placed
}

// Layout builds the tree of a project as npm's arborist does: nodes nearer to the
// root first, their edges by name, each package as near to the root as it can be.
// The nodes come in the order in which they were placed, without the root. The error is a *NoVersion.
func (x *Index) Layout(ctx context.Context, p *Project) ([]*Node, error) {
	root := &Node{Package: &Package{}, children: map[string]*Node{}, edges: slices.Clone(p.Edges)}
	for _, m := range []map[string]string{p.Dev, p.Depends} {
		for n, r := range m {
			root.edges = append(root.edges, Edge{Name: n, Range: r})
		}
	}
	for n, r := range p.Optional {
		root.edges = append(root.edges, Edge{Name: n, Range: r, Optional: true})
	}
	slices.SortFunc(root.edges, func(a, b Edge) int { return collate(a.Name, b.Name) })
	l := &layout{x: x, p: p, root: root, queue: []*Node{root}}
	for len(l.queue) > 0 {
		if p.Turn != nil {
			if err := p.Turn(ctx); err != nil {
				return nil, err
			}
		}
		slices.SortStableFunc(l.queue, func(a, b *Node) int {
			if d := a.depth() - b.depth(); d != 0 {
				return d
			}
			return collate(a.Path, b.Path)
		})
		n := l.queue[0]
		l.queue = l.queue[1:]
		if !n.attached(root) {
			continue
		}
		for _, e := range n.edges {
			if err := l.follow(n, e); err != nil {
				return nil, err
			}
		}
	}
	root.flags(p)
	return slices.DeleteFunc(l.order, func(n *Node) bool { return !n.attached(root) }), nil
}

func (n *Node) depth() int { return strings.Count(n.Path, "node_modules/") }

func (n *Node) attached(root *Node) bool {
	for n.parent != nil {
		if n.parent.children[n.Name] != n {
			return false
		}
		n = n.parent
	}
	return n == root
}

// resolve is the package that a node finds under a name, as Node's require does.
func (n *Node) resolve(name string) *Node {
	for ; n != nil; n = n.parent {
		if c := n.children[name]; c != nil {
			return c
		}
	}
	return nil
}

// finds is what an edge of n leads to: a peer is looked for beside n.
func (n *Node) finds(e Edge) *Node {
	if e.Peer && n.parent != nil {
		return n.parent.resolve(e.Name)
	}
	return n.resolve(e.Name)
}

// meets reports whether a package is what an edge asks for.
func (e Edge) meets(p *Package) bool {
	r := parseRange(e.Range)
	return r.any || r.allows(p.sematic) || p.MadeUp && r.allows(p.sematic)
}

// follow sees to it that an edge of n leads to a package.
func (l *layout) follow(n *Node, e Edge) error {
	if found := n.finds(e); found != nil && e.meets(found.Package) {
		return nil
	}
	dep, err := l.pick(e)
	if err != nil {
		if e.Optional {
			return nil
		}
		return err
	}
	if dep == nil || !dep.Fits(l.p.Musl) {
		return nil
	}
	start := n
	if e.Peer && n.parent != nil {
		start = n.parent
	}
	l.place(start, n, e, dep)
	return nil
}

// pick is the version for an edge: the one that is kept if it will do.
func (l *layout) pick(e Edge) (*Package, error) {
	name := e.Name
	if alias, ok := strings.CutPrefix(e.Range, "npm:"); ok {
		if i := strings.LastIndexByte(alias, '@'); i > 0 {
			name = alias[:i]
		}
	}
	if p := l.p.Kept[e.Name]; p != nil && e.meets(p) {
		return p, nil
	}
	p, err := l.x.Pick(name, e.Range, l.p.Day)
	if err != nil || name == e.Name {
		return p, err
	}
	alias := *p
	alias.Name = e.Name
	return &alias, nil
}

// place puts dep at the highest place above start that takes it.
func (l *layout) place(start, from *Node, e Edge, dep *Package) {
	var best *Node
	for t := start; t != nil; t = t.parent {
		if !t.takes(from, e, dep) {
			break
		}
		best = t
	}
	if best == nil {
		best = start
	}
	if old := best.children[dep.Name]; old != nil {
		if e.meets(old.Package) {
			return
		}
	}
	node := &Node{Package: dep, Path: path.Join(best.Path, "node_modules", dep.Name), parent: best, children: map[string]*Node{}, edges: dep.Edges}
	best.children[dep.Name] = node
	l.queue = append(l.queue, node)
	l.order = append(l.order, node)
	l.dedupe(best, dep)
	for _, pe := range dep.Edges { // peers come with it, to the same place
		if pe.Peer && !pe.Optional {
			if found := best.resolve(pe.Name); found == nil || !pe.meets(found.Package) {
				if q, err := l.pick(pe); err == nil && q != nil {
					l.place(best, node, pe, q)
				}
			}
		}
	}
}

// dedupe removes copies below t that are no longer needed beside the new one.
func (l *layout) dedupe(t *Node, dep *Package) {
	for _, c := range t.children {
		c.drop(dep)
	}
}

func (n *Node) drop(dep *Package) {
	if c := n.children[dep.Name]; c != nil && c.Version == dep.Version {
		delete(n.children, dep.Name)
	}
	for _, c := range n.children {
		c.drop(dep)
	}
}

// takes reports whether dep can be a child of t without harm to others.
func (t *Node) takes(from *Node, e Edge, dep *Package) bool {
	if old := t.children[dep.Name]; old != nil {
		if e.meets(old.Package) {
			return true
		}
		return dep.sematic.compare(old.sematic) >= 0 && t.mayReplace(old, dep)
	}
	for _, own := range t.edges {
		if own.Name == dep.Name && !own.Peer && t != from && !own.meets(dep) {
			return false
		}
	}
	if above := t.resolve(dep.Name); above != nil && t.relies(above, dep) {
		return false
	}
	for _, pe := range dep.Edges {
		if !pe.Peer {
			continue
		}
		if there := t.children[pe.Name]; there != nil && !pe.meets(there.Package) {
			return false
		}
		for _, own := range t.edges {
			if own.Name == pe.Name && t.parent == nil && !rangesMeet(own.Range, pe.Range) {
				return false
			}
		}
	}
	return true
}

// rangesMeet reports whether the lowest version of one range is in the other.
func rangesMeet(a, b string) bool {
	x, y := parseRange(a), parseRange(b)
	if x.any || y.any {
		return true
	}
	low, ok := x.lowest()
	high, also := y.lowest()
	return ok && y.allows(low) || also && x.allows(high) || !ok || !also
}

// relies reports whether a node below t has an edge that leads to above and that
// dep would not do for.
func (t *Node) relies(above *Node, dep *Package) bool {
	for _, c := range t.children {
		for _, e := range c.edges {
			if e.Name == dep.Name && c.finds(e) == above && e.meets(above.Package) && !e.meets(dep) {
				return true
			}
		}
		if c.relies(above, dep) {
			return true
		}
	}
	return false
}

// mayReplace reports whether dep does for all whose edges lead to old.
func (t *Node) mayReplace(old *Node, dep *Package) bool {
	ok := true
	var visit func(n *Node)
	visit = func(n *Node) {
		for _, e := range n.edges {
			if e.Name == dep.Name && n.finds(e) == old && !e.meets(dep) {
				ok = false
			}
		}
		for _, c := range n.children {
			visit(c)
		}
	}
	visit(t)
	return ok
}

// flags marks what only development, optional edges or peers need.
func (n *Node) flags(p *Project) {
	n.every(func(c *Node) { c.Dev, c.Optional, c.Peer = true, true, true })
	var reach func(c *Node, dev, optional, peer bool)
	reach = func(c *Node, dev, optional, peer bool) {
		if c.Dev == (c.Dev && dev) && c.Optional == (c.Optional && optional) && c.Peer == (c.Peer && peer) && c.Path != "" {
			return
		}
		if c.Path != "" {
			c.Dev, c.Optional, c.Peer = c.Dev && dev, c.Optional && optional, c.Peer && peer
		}
		for _, e := range c.edges {
			to := c.finds(e)
			if to == nil {
				continue
			}
			d, o := dev, optional || e.Optional
			if c.Path == "" {
				_, only := p.Dev[e.Name]
				_, also := p.Depends[e.Name]
				d = only && !also
			}
			reach(to, d, o, peer || e.Peer)
		}
	}
	reach(n, false, false, false)
}

func (n *Node) every(do func(*Node)) {
	for _, c := range n.children {
		do(c)
		c.every(do)
	}
}
