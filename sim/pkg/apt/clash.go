package apt

import (
	"maps"
	"slices"
	"strings"

	"github.com/layerlab/layerlab/sim/pkg/deb"
)

// impossible is what apt says before it names what cannot be together.
const impossible = `Some packages could not be installed. This may mean that you have
requested an impossible situation or if you are using the unstable
distribution that some required packages have not yet been created
or been moved out of Incoming.
The following information may help to resolve the situation:

The following packages have unmet dependencies:
`

// clash sees to the packages that cannot be together with what is to be installed:
// of the system they are removed, with what depends on them; that two are asked
// for is an *Error.
func (p *planner) clash() error {
	var lines strings.Builder
	for _, name := range slices.Sorted(maps.Keys(p.mark)) {
		for _, group := range p.mark[name].Clashes {
			for _, other := range p.meant(group[0], name) {
				switch {
				case p.mark[other] == nil:
					p.remove[other] = true
				case p.wanted[name] && p.wanted[other] || p.wanted[other] && !p.wanted[name]:
					lines.WriteString(" " + name + " : Conflicts: " + group[0].Name + "\n")
				default:
					delete(p.mark, other)
				}
			}
		}
	}
	if lines.Len() > 0 {
		return &Error{Before: impossible + lines.String(), Lines: []string{"Unable to correct problems, you have held broken packages."}}
	}
	p.dependants()
	return nil
}

// meant is the packages, to be installed or installed and staying, that a relation
// of name is about: by their name or by what they provide.
func (p *planner) meant(r deb.Relation, name string) []string {
	var out []string
	see := func(other string, direct bool) {
		version := ""
		if m := p.mark[other]; m != nil {
			version = m.Version
		} else if i := p.Status.Get(other); i.Is() && !p.remove[other] {
			version = i.Version
		}
		if other != name && version != "" && (!direct && r.Op == "" || direct && p.allows(r, version)) {
			out = append(out, other)
		}
	}
	see(r.Name, true)
	if p.Index != nil {
		for _, by := range p.Index.Providers(r.Name) {
			see(by.Name, false)
		}
	}
	return out
}
