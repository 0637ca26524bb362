package apt

import (
	"fmt"
	"slices"

	"github.com/layerlab/layerlab/sim/pkg/deb"
)

// Remove plans the removal of names, with all that depends on them; with auto,
// also of what is then no longer needed.
func (s *System) Remove(names []string, purge, auto bool) (*Plan, error) {
	p := &planner{System: s, mark: map[string]*deb.Package{}, remove: map[string]bool{}, wanted: map[string]bool{}}
	plan := &Plan{Purge: purge}
	fail := &Error{}
	for _, name := range names {
		i := s.Status.Get(name)
		switch {
		case i.Is() || i != nil && purge:
			p.remove[name] = true
		case s.candidate(name) != nil:
			plan.Notes = append(plan.Notes, fmt.Sprintf("Package '%s' is not installed, so not removed", name))
		default:
			fail.Lines = append(fail.Lines, "Unable to locate package "+name)
		}
	}
	if len(fail.Lines) > 0 {
		return nil, fail
	}
	p.dependants()
	if auto {
		for {
			more := p.unneeded()
			if len(more) == 0 {
				break
			}
			for _, n := range more {
				p.remove[n] = true
			}
		}
	}
	for n := range p.remove {
		plan.Remove = append(plan.Remove, n)
	}
	slices.Sort(plan.Remove)
	plan.Held = len(s.upgradable())
	plan.Unneeded = p.unneeded()
	return plan, nil
}

// dependants removes what can not be without what is removed.
func (p *planner) dependants() {
	for again := len(p.remove) > 0; again; {
		again = false
		for _, name := range p.Status.Names() {
			i := p.Status.Get(name)
			if !i.Is() || p.remove[name] {
				continue
			}
			for _, group := range needs(i) {
				if touched(group, p.remove) && !slices.ContainsFunc(group, p.has) {
					p.remove[name] = true
					again = true
				}
			}
		}
	}
}

func touched(group []deb.Relation, removed map[string]bool) bool {
	return slices.ContainsFunc(group, func(r deb.Relation) bool { return removed[r.Name] })
}

func needs(i *deb.Installed) [][]deb.Relation {
	return deb.Relations(i.Field("Pre-Depends") + ", " + i.Field("Depends"))
}

// unneeded are the packages that were installed automatically and that nothing
// which stays depends on or recommends.
func (p *planner) unneeded() []string {
	keep := map[string]bool{}
	var visit func(name string)
	follow := func(groups [][]deb.Relation) {
		for _, group := range groups {
			for _, r := range group {
				visit(r.Name)
				if p.Index != nil {
					for _, by := range p.Index.Providers(r.Name) {
						visit(by.Name)
					}
				}
			}
		}
	}
	visit = func(name string) {
		i := p.Status.Get(name)
		if keep[name] || p.remove[name] || !i.Is() && p.mark[name] == nil {
			return
		}
		keep[name] = true
		if m := p.mark[name]; m != nil {
			follow(m.Depends)
			follow(m.Recommends)
			return
		}
		follow(needs(i))
		follow(deb.Relations(i.Field("Recommends")))
	}
	for _, name := range p.Status.Names() {
		if i := p.Status.Get(name); i.Is() && (!p.Auto[name] || i.Field("Essential") == "yes") {
			visit(name)
		}
	}
	for name := range p.mark {
		visit(name)
	}
	var out []string
	for _, name := range p.Status.Names() {
		if p.Status.Get(name).Is() && p.Auto[name] && !keep[name] && !p.remove[name] {
			out = append(out, name)
		}
	}
	return out
}
