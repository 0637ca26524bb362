package apk

import (
	"fmt"
	"slices"
	"strings"
)

// A State is what is installed, in the order of the database.
type State struct {
	Packages []*Package
}

// ParseState reads /lib/apk/db/installed. Each package keeps its record.
func ParseState(text string) (*State, error) {
	s := &State{}
	for record := range strings.SplitSeq(text, "\n\n") {
		record = strings.Trim(record, "\n")
		if record == "" {
			continue
		}
		p, err := parse(record)
		if err != nil {
			return nil, err
		}
		p.raw = record + "\n"
		s.Packages = append(s.Packages, p)
	}
	return s, nil
}

// Text is the database.
func (s *State) Text() string {
	var b strings.Builder
	for _, p := range s.Packages {
		b.WriteString(p.raw + "\n")
	}
	return b.String()
}

// Has is the installed package of that name, or that provides it; nil if none.
func (s *State) Has(name string) *Package {
	name = Name(name)
	for _, p := range s.Packages {
		if p.Name == name {
			return p
		}
	}
	for _, p := range s.Packages {
		if slices.ContainsFunc(p.Provides, func(v string) bool { return Name(v) == name }) {
			return p
		}
	}
	return nil
}

// Add puts a package with its record at the end, or in the place of another
// version of it.
func (s *State) Add(p *Package, files []File) {
	p.raw = p.Installation(files)
	for i, old := range s.Packages {
		if old.Name == p.Name {
			s.Packages[i] = p
			return
		}
	}
	s.Packages = append(s.Packages, p)
}

// Remove takes a package away.
func (s *State) Remove(p *Package) {
	s.Packages = slices.DeleteFunc(s.Packages, func(q *Package) bool { return q.Name == p.Name })
}

// Bytes is the size of all that is installed.
func (s *State) Bytes() int64 {
	var n int64
	for _, p := range s.Packages {
		n += p.Installed
	}
	return n
}

// Files is the paths that the record of an installed package names, absolute,
// and its directories.
func (p *Package) Files() (files, dirs []string) {
	dir := ""
	for line := range strings.Lines(p.raw) {
		line = strings.TrimSuffix(line, "\n")
		if d, ok := strings.CutPrefix(line, "F:"); ok {
			dir = "/" + d
			dirs = append(dirs, dir)
		}
		if f, ok := strings.CutPrefix(line, "R:"); ok {
			files = append(files, strings.TrimSuffix(dir, "/")+"/"+f)
		}
	}
	return files, dirs
}

// A Change is one step of a transaction.
type Change struct {
	New, Old *Package // Old nil: installing; New nil: purging; both: upgrading, or reinstalling
}

// An Unmet is a dependency that cannot be met.
type Unmet struct {
	Name  string
	By    []string // "world[foo]", "bash-5.2[so:libx.so.1]"
	Found *Package // there is one, of a version that does not meet it; nil: none
}

// Unselectable is that a world cannot be had.
type Unselectable []Unmet

// Error is the text that apk prints.
func (u Unselectable) Error() string {
	var b strings.Builder
	b.WriteString("unable to select packages:")
	for _, m := range u {
		if m.Found == nil {
			fmt.Fprintf(&b, "\n  %s (no such package):\n    required by: %s", m.Name, strings.Join(m.By, " "))
		} else {
			fmt.Fprintf(&b, "\n  %s:\n    breaks: %s", m.Found.Full(), strings.Join(m.By, " "))
		}
	}
	return b.String()
}

// Plan works out the changes that make the state what the world needs: first what
// goes, dependents before what they need, then what comes, what is needed before
// what needs it. upgrade also takes newer versions of what is there. virtual are
// packages that no index has.
func Plan(x *Index, s *State, world []string, virtual []*Package, upgrade bool) ([]Change, error) {
	r := &run{x: x, s: s, virtual: virtual, upgrade: upgrade, seen: map[string]bool{}, unmet: map[string]int{}}
	for _, w := range world {
		r.need(w, "world["+w+"]")
	}
	r.installIf()
	if len(r.failed) > 0 {
		slices.SortFunc(r.failed, func(a, b Unmet) int { return strings.Compare(a.Name, b.Name) })
		return nil, r.failed
	}
	var changes []Change
	for _, p := range purgeOrder(s, r.seen) {
		changes = append(changes, Change{Old: p})
	}
	return append(changes, r.changes...), nil
}

type run struct {
	x       *Index
	s       *State
	virtual []*Package
	upgrade bool
	seen    map[string]bool
	changes []Change
	failed  Unselectable
	unmet   map[string]int
}

func (r *run) find(name string) (p, old *Package) {
	for _, v := range r.virtual {
		if v.Name == Name(name) {
			return v, r.s.Has(v.Name)
		}
	}
	old = r.s.Has(name)
	if old != nil {
		if now := r.x.by[old.Name]; r.upgrade && now != nil && Compare(now.Version, old.Version) > 0 {
			return now, old
		}
		return old, old
	}
	return r.x.Find(name), nil
}

func (r *run) need(dep, by string) {
	if strings.HasPrefix(dep, "!") {
		return
	}
	p, old := r.find(dep)
	if p != nil && !Satisfies(dep, p.Version) && (p.Name == Name(dep)) {
		if now := r.x.by[p.Name]; now != nil && Satisfies(dep, now.Version) {
			p = now
		} else {
			r.fail(dep, by, p)
			return
		}
	}
	if p == nil {
		r.fail(dep, by, nil)
		return
	}
	if r.seen[p.Name] {
		return
	}
	r.seen[p.Name] = true
	for _, d := range p.Depends {
		r.need(d, p.Full()+"["+d+"]")
	}
	switch {
	case old == nil:
		r.changes = append(r.changes, Change{New: p})
	case old != p:
		r.changes = append(r.changes, Change{New: p, Old: old})
	}
}

// installIf takes what comes by itself, until nothing more does.
func (r *run) installIf() {
	for again := true; again; {
		again = false
		for _, p := range r.x.Packages {
			if len(p.InstallIf) > 0 && !r.seen[p.Name] && !slices.ContainsFunc(p.InstallIf, func(n string) bool { return !r.seen[n] }) {
				r.need(p.Name, p.Name)
				again = true
			}
		}
	}
}

func (r *run) fail(dep, by string, found *Package) {
	name := Name(dep)
	if i, ok := r.unmet[name]; ok {
		r.failed[i].By = append(r.failed[i].By, by)
		return
	}
	r.unmet[name] = len(r.failed)
	r.failed = append(r.failed, Unmet{name, []string{by}, found})
}

// purgeOrder is what is installed and not in keep, dependents first.
func purgeOrder(s *State, keep map[string]bool) []*Package {
	var out []*Package
	done := map[string]bool{}
	var visit func(p *Package)
	visit = func(p *Package) {
		if done[p.Name] || keep[p.Name] {
			return
		}
		done[p.Name] = true
		for _, d := range p.Depends {
			if q := s.Has(d); q != nil {
				visit(q)
			}
		}
		out = append(out, p)
	}
	for _, p := range s.Packages {
		visit(p)
	}
	slices.Reverse(out)
	return out
}
