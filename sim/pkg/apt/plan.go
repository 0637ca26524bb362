// Package apt is apt as a model: what an install or a removal means for the whole
// system, in the order in which apt and dpkg go about it, and the lines that they
// print. It reads and writes no files; package shell does.
package apt

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/layerlab/layerlab/sim/pkg/deb"
)

// turn is the day on which the newer of a package's two versions comes into the
// repository, and the older one goes.
var turn = time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC)

// A System is what apt knows: the lists of a day, and what is installed.
type System struct {
	Index  *deb.Index // nil without lists
	Day    time.Time  // of the lists
	Status *deb.Status
	Auto   map[string]bool // installed because something needed it
	Hold   map[string]bool

	NoRecommends bool
}

// Version is the version of p that the repository has on a day.
func Version(p *deb.Package, day time.Time) string {
	if p.Before != "" && day.Before(turn) {
		return p.Before
	}
	return p.Version
}

// Suite is the suite that has that version.
func Suite(p *deb.Package, day time.Time) int {
	if p.Before != "" && day.Before(turn) {
		return 0
	}
	return p.Suite
}

// At is p as the repository has it on a day.
func At(p *deb.Package, day time.Time) *deb.Package {
	if v := Version(p, day); v != p.Version {
		c := *p
		c.Version, c.Suite = v, 0
		return &c
	}
	return p
}

// candidate is the version of a package that would be installed; nil without lists
// or when the repository has none.
func (s *System) candidate(name string) *deb.Package {
	if s.Index == nil {
		return nil
	}
	if p := s.Index.Packages[name]; p != nil {
		return At(p, s.Day)
	}
	return nil
}

// Candidate is the package that the lists offer under a name, or nil.
func (s *System) Candidate(name string) *deb.Package { return s.candidate(name) }

// A Plan is what is to be done.
type Plan struct {
	New, Upgrade, Remove []string // sorted
	Extra                []string // of New and Upgrade, what was not asked for
	Suggested            []string // lines of alternatives
	Recommended          []string
	Unpack               []*deb.Package // new and upgraded, in the order of fetching and unpacking
	Configure            []*deb.Package // in the order of setting up
	Unneeded             []string       // installed automatically, and no longer required
	Held                 int            // upgrades that are not made
	Notes                []string       // lines before the lists
	Purge                bool
	Manual               []string // to be marked as wanted
}

// planner works a plan out.
type planner struct {
	*System
	mark    map[string]*deb.Package // to be installed or upgraded
	remove  map[string]bool
	wanted  map[string]bool
	missing error
}

// An Error is what apt prints and exits with 100 for: lines without "E: ".
type Error struct {
	Before string // what is printed first, to the standard output
	Lines  []string
}

// Error is the first line.
func (e *Error) Error() string { return e.Lines[0] }

// has reports whether the installed system, after the plan, has what r asks for.
func (p *planner) has(r deb.Relation) bool {
	if m := p.mark[r.Name]; m != nil {
		return p.allows(r, m.Version)
	}
	if i := p.Status.Get(r.Name); i.Is() && !p.remove[r.Name] {
		return p.allows(r, i.Version)
	}
	if p.Index == nil {
		return false
	}
	for _, by := range p.Index.Providers(r.Name) {
		if p.mark[by.Name] != nil || p.Status.Get(by.Name).Is() && !p.remove[by.Name] {
			return true
		}
	}
	return false
}

// allows is r.Allows, where a relation to the newest version means that of the day.
func (p *planner) allows(r deb.Relation, version string) bool {
	if p.Index != nil && r.Op != "" {
		if q := p.Index.Packages[r.Name]; q != nil && q.Before != "" && p.Day.Before(turn) && deb.Compare(r.Version, q.Before) > 0 {
			r.Version = q.Before
		}
	}
	return r.Allows(version)
}

// install marks a package and all that it needs.
func (p *planner) install(name string) {
	c := p.candidate(name)
	if c == nil || p.mark[name] != nil {
		return
	}
	fresh := !p.Status.Get(name).Is()
	p.mark[name] = c
	for _, group := range c.Depends {
		p.satisfy(name, group)
	}
	if fresh && !p.NoRecommends {
		for _, group := range c.Recommends {
			p.satisfy("", group)
		}
	}
}

// satisfy sees to it that one of a group is there. by is who depends on it; "" for
// a recommendation, which may go unheeded.
func (p *planner) satisfy(by string, group []deb.Relation) {
	if slices.ContainsFunc(group, p.has) {
		return
	}
	for _, r := range group {
		if c := p.candidate(r.Name); c != nil && p.allows(r, c.Version) && (by != "" || p.possible(r.Name, map[string]bool{})) {
			p.install(r.Name)
			return
		}
	}
	if p.Index != nil {
		for _, r := range group {
			if by := p.Index.Providers(r.Name); len(by) > 0 {
				p.install(by[0].Name)
				return
			}
		}
	}
	if by != "" && p.missing == nil {
		p.missing = fmt.Errorf("%s depends on %s, which the model does not have", by, group[0].Name)
	}
}

// possible reports whether the model has all that a package needs. seen are those
// that are being looked at.
func (p *planner) possible(name string, seen map[string]bool) bool {
	if seen[name] {
		return true
	}
	seen[name] = true
	for _, group := range p.candidate(name).Depends {
		ok := slices.ContainsFunc(group, p.has) || slices.ContainsFunc(group, func(r deb.Relation) bool {
			c := p.candidate(r.Name)
			return c != nil && p.allows(r, c.Version) && p.possible(r.Name, seen) || p.Index != nil && len(p.Index.Providers(r.Name)) > 0
		})
		if !ok {
			return false
		}
	}
	return true
}

// siblings upgrades what is installed from the same source as something that is
// to be installed in a newer version.
func (p *planner) siblings() {
	sources := map[string]bool{}
	for name, m := range p.mark {
		sources[orSame(m.Source, name)] = true
	}
	for _, name := range p.upgradable() {
		c := p.candidate(name)
		if p.mark[name] == nil && !p.Hold[name] && sources[orSame(c.Source, name)] {
			p.install(name)
		}
	}
}

// orSame is a source's name, which is left out where it is the package's.
func orSame(source, name string) string {
	if source == "" {
		return name
	}
	return source
}

// follow upgrades the installed packages that insist on the very version of one
// that is upgraded.
func (p *planner) follow() {
	for again := true; again; {
		again = false
		for _, name := range p.Status.Names() {
			i := p.Status.Get(name)
			if !i.Is() || p.mark[name] != nil || p.candidate(name) == nil {
				continue
			}
			for _, group := range deb.Relations(i.Field("Pre-Depends") + ", " + i.Field("Depends")) {
				if r := group[0]; r.Op == "=" && p.mark[r.Name] != nil && !r.Allows(p.mark[r.Name].Version) {
					p.install(name)
					again = true
				}
			}
		}
	}
}

// Install plans the installation of names: "curl", "curl=7.88.1-10", "curl-" to
// remove. An *Error is what apt says.
func (s *System) Install(names []string) (*Plan, error) {
	p := &planner{System: s, mark: map[string]*deb.Package{}, remove: map[string]bool{}, wanted: map[string]bool{}}
	plan := &Plan{}
	fail := &Error{}
	for _, word := range names {
		name, version, pinned := strings.Cut(word, "=")
		name, _, _ = strings.Cut(name, "/")
		name = strings.TrimSuffix(name, ":amd64")
		c := s.candidate(name)
		if bare, ok := strings.CutSuffix(name, "-"); ok && c == nil && (s.candidate(bare) != nil || s.Status.Get(bare).Is()) {
			if s.Status.Get(bare).Is() {
				p.remove[bare] = true
			} else {
				plan.Notes = append(plan.Notes, fmt.Sprintf("Package '%s' is not installed, so not removed", bare))
			}
			continue
		}
		if c == nil && s.Index != nil {
			by := s.Index.Providers(name)
			if len(by) == 1 {
				name, c = by[0].Name, s.candidate(by[0].Name)
			} else if len(by) > 1 {
				fail.Before += virtual(name, by, s.Day)
				fail.Lines = append(fail.Lines, fmt.Sprintf("Package '%s' has no installation candidate", name))
				continue
			}
		}
		i := s.Status.Get(name)
		switch {
		case c == nil && i.Is():
			plan.Notes = append(plan.Notes, fmt.Sprintf("%s is already the newest version (%s).", name, i.Version))
		case c == nil:
			fail.Lines = append(fail.Lines, "Unable to locate package "+name)
		case pinned && !pinMatches(version, c.Version):
			if strings.Contains(version, "*") || !i.Is() || i.Version != version {
				fail.Before += "Package " + name + " is not available, but is referred to by another package.\nThis may mean that the package is missing, has been obsoleted, or\nis only available from another source\n\n"
				fail.Lines = append(fail.Lines, fmt.Sprintf("Version '%s' for '%s' was not found", version, name))
			}
		case i.Is() && deb.Compare(i.Version, c.Version) >= 0:
			plan.Notes = append(plan.Notes, fmt.Sprintf("%s is already the newest version (%s).", name, i.Version))
			if s.Auto[name] {
				plan.Notes = append(plan.Notes, name+" set to manually installed.")
			}
			plan.Manual = append(plan.Manual, name)
		default:
			p.wanted[name] = true
			plan.Manual = append(plan.Manual, name)
		}
	}
	if len(fail.Lines) > 0 {
		return nil, fail
	}
	for _, name := range plan.Manual {
		if p.wanted[name] {
			p.install(name)
		}
	}
	p.follow()
	p.siblings()
	if err := p.clash(); err != nil {
		return nil, err
	}
	if p.missing != nil {
		return nil, &Error{Lines: []string{"Unable to correct problems, you have held broken packages. (" + p.missing.Error() + ")"}}
	}
	p.finish(plan)
	return plan, nil
}

// pinMatches reports whether a version is what NAME=VERSION asks for, which may
// end in a star.
func pinMatches(want, version string) bool {
	if prefix, ok := strings.CutSuffix(want, "*"); ok {
		return strings.HasPrefix(version, prefix)
	}
	return want == version
}

func virtual(name string, by []*deb.Package, day time.Time) string {
	out := fmt.Sprintf("Package %s is a virtual package provided by:\n", name)
	for _, p := range by {
		out += fmt.Sprintf("  %s %s\n", p.Name, Version(p, day))
	}
	return out + "\n"
}

// Upgrade plans the upgrade of all that is installed.
func (s *System) Upgrade() *Plan {
	p := &planner{System: s, mark: map[string]*deb.Package{}, remove: map[string]bool{}, wanted: map[string]bool{}}
	for _, name := range s.upgradable() {
		if !s.Hold[name] {
			p.wanted[name] = true
			p.install(name)
		}
	}
	plan := &Plan{}
	p.finish(plan)
	return plan
}

// upgradable are the installed packages of which there is a newer version.
func (s *System) upgradable() []string {
	var out []string
	for _, name := range s.Status.Names() {
		if i := s.Status.Get(name); i.Is() {
			if c := s.candidate(name); c != nil && deb.Compare(c.Version, i.Version) > 0 {
				out = append(out, name)
			}
		}
	}
	return out
}

// finish fills the plan in from what was marked.
func (p *planner) finish(plan *Plan) {
	for name := range p.mark {
		if p.Status.Get(name).Is() {
			plan.Upgrade = append(plan.Upgrade, name)
		} else {
			plan.New = append(plan.New, name)
		}
		if !p.wanted[name] {
			plan.Extra = append(plan.Extra, name)
		}
	}
	slices.Sort(plan.New)
	slices.Sort(plan.Upgrade)
	slices.Sort(plan.Extra)
	p.advice(plan)
	plan.Unpack = p.unpackOrder()
	plan.Configure = p.configureOrder(plan.Unpack)
	for _, name := range p.upgradable() {
		if p.mark[name] == nil {
			plan.Held++
		}
	}
	plan.Remove = slices.Sorted(maps.Keys(p.remove))
	plan.Unneeded = p.unneeded()
}

// advice fills in what is suggested, and recommended but not installed.
func (p *planner) advice(plan *Plan) {
	collect := func(groups [][]deb.Relation, out *[]string) {
		for _, group := range groups {
			if slices.ContainsFunc(group, p.has) {
				continue
			}
			var names []string
			for _, r := range group {
				names = append(names, r.Name)
			}
			if line := strings.Join(names, " | "); !slices.Contains(*out, line) {
				*out = append(*out, line)
			}
		}
	}
	for _, name := range plan.New {
		collect(deb.Relations(p.mark[name].Suggests), &plan.Suggested)
		collect(p.mark[name].Recommends, &plan.Recommended)
	}
}
