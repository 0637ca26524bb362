package apt

import (
	"slices"
	"strings"

	"github.com/layerlab/layerlab/sim/pkg/deb"
)

// rank is how early a package's priority has it unpacked.
var rank = map[string]int{"required": 0, "important": 1, "standard": 2}

func rankOf(p *deb.Package) int {
	if r, ok := rank[p.Priority]; ok {
		return r
	}
	return 3
}

// unpackOrder is each package after those that it depends on, the more important
// ones first.
func (p *planner) unpackOrder() []*deb.Package {
	var roots []*deb.Package
	for _, m := range p.mark {
		roots = append(roots, m)
	}
	slices.SortFunc(roots, func(a, b *deb.Package) int {
		if d := rankOf(a) - rankOf(b); d != 0 {
			return d
		}
		return strings.Compare(a.Name, b.Name)
	})
	var out []*deb.Package
	seen := map[string]bool{}
	var visit func(m *deb.Package)
	visit = func(m *deb.Package) {
		if seen[m.Name] {
			return
		}
		seen[m.Name] = true
		for _, group := range m.Depends {
			for _, r := range group {
				if d := p.mark[r.Name]; d != nil {
					visit(d)
				}
			}
		}
		out = append(out, m)
	}
	for _, m := range roots {
		visit(m)
	}
	return out
}

// bins is the size of dpkg's table of packages, in whose order it configures.
const bins = 65521

// bin is where a name is in that table: the 32-bit FNV-1a hash of it.
func bin(name string) uint32 {
	h := uint32(2166136261)
	for i := range len(name) {
		h = (h ^ uint32(name[i])) * 16777619
	}
	return h % bins
}

// configureOrder is the order in which dpkg --configure --pending sets packages up:
// that of its table, where one that waits for another goes to the end.
func (p *planner) configureOrder(unpacked []*deb.Package) []*deb.Package {
	queue := slices.Clone(unpacked)
	slices.SortStableFunc(queue, func(a, b *deb.Package) int { return int(bin(a.Name)) - int(bin(b.Name)) })
	pending := map[string]bool{}
	for _, m := range queue {
		pending[m.Name] = true
	}
	var out []*deb.Package
	for tries := 0; len(queue) > 0; {
		m := queue[0]
		queue = queue[1:]
		if tries <= len(queue) && p.waits(m, pending) {
			queue = append(queue, m)
			tries++
			continue
		}
		tries = 0
		delete(pending, m.Name)
		out = append(out, m)
	}
	return out
}

// waits reports whether m depends on something that is not set up yet.
func (p *planner) waits(m *deb.Package, pending map[string]bool) bool {
	for _, group := range m.Depends {
		ready := false
		for _, r := range group {
			if i := p.Status.Get(r.Name); i.Is() && !pending[r.Name] || p.mark[r.Name] != nil && !pending[r.Name] {
				ready = true
			}
		}
		if !ready && slices.ContainsFunc(group, func(r deb.Relation) bool { return pending[r.Name] }) {
			return true
		}
	}
	return false
}
