package shell

import (
	"context"
	"strings"

	"github.com/layerlab/layerlab/sim/pkg/apt"
	"github.com/layerlab/layerlab/sim/pkg/deb"
)

// cmdAptCache is apt-cache.
func cmdAptCache(ctx context.Context, p *Process) int {
	var words []string
	for _, w := range p.Args[1:] {
		if !strings.HasPrefix(w, "-") {
			words = append(words, w)
		}
	}
	if len(words) == 0 {
		p.outf("apt 2.6.1 (amd64)\nUsage: apt-cache [options] command\n       apt-cache [options] show pkg1 [pkg2 ...]\n")
		return 1
	}
	switch words[0] {
	case "policy", "madison":
		return aptPolicy(ctx, p, words[1:])
	case "show":
		return aptShow(ctx, p, words[1:])
	case "search":
		return aptSearch(ctx, p, words[1:])
	case "depends":
		return aptDepends(ctx, p, words[1:])
	}
	p.errf("E: Invalid operation %s\n", words[0])
	return 100
}

// aptRead is what apt-cache looks things up in.
func aptRead(ctx context.Context, p *Process) (*aptRun, error) {
	index, err := deb.Load(ctx, p.Packages)
	if err != nil {
		return nil, err
	}
	s, err := p.aptSystem(ctx, index)
	return &aptRun{ctx: ctx, p: p, index: index, sys: s, conf: p.aptConf(ctx)}, err
}

func aptPolicy(ctx context.Context, p *Process, names []string) int {
	r, err := aptRead(ctx, p)
	if err != nil {
		return (&aptRun{p: p}).fail(err)
	}
	for _, name := range names {
		c, i := r.sys.Candidate(name), r.sys.Status.Get(name)
		if c == nil && i == nil {
			p.errf("N: Unable to locate package %s\n", name)
			continue
		}
		installed, candidate := "(none)", "(none)"
		if i.Is() {
			installed, candidate = i.Version, i.Version
		}
		if c != nil {
			candidate = c.Version
		}
		p.outf("%s:\n  Installed: %s\n  Candidate: %s\n  Version table:\n", name, installed, candidate)
		row := func(version, from string) {
			mark := "    "
			if version == installed {
				mark = "*** "
			}
			p.outf(" %s%s %s\n", mark, version, from)
		}
		if c != nil {
			suite := r.index.Suites[c.Suite].Name
			row(c.Version, "500")
			p.outf("        500 %s %s/main amd64 Packages\n", r.mirror(suite), suite)
			if c.Version == installed {
				p.outf("        100 %s\n", dpkgStatus)
			}
		}
		if i.Is() && (c == nil || c.Version != installed) {
			row(installed, "100")
			p.outf("        100 %s\n", dpkgStatus)
		}
	}
	return 0
}

func aptShow(ctx context.Context, p *Process, names []string) int {
	r, err := aptRead(ctx, p)
	if err != nil {
		return (&aptRun{p: p}).fail(err)
	}
	for _, name := range names {
		c, i := r.sys.Candidate(name), r.sys.Status.Get(name)
		switch {
		case c != nil:
			one := deb.ParseStatus("")
			one.Add(c)
			text := strings.Replace(one.Get(name).Text, "Status: install ok installed\n", "", 1)
			p.outf("%sFilename: %s\nSize: %d\n\n", text, c.Pool(), c.Size)
		case i != nil:
			p.outf("%s\n", i.Text)
		default:
			p.errf("N: Unable to locate package %s\nE: No packages found\n", name)
			return 100
		}
	}
	return 0
}

func aptSearch(ctx context.Context, p *Process, words []string) int {
	r, err := aptRead(ctx, p)
	if err != nil {
		return (&aptRun{p: p}).fail(err)
	}
	for _, name := range r.index.Names() {
		c := r.sys.Candidate(name)
		if c == nil {
			continue
		}
		text := strings.ToLower(name + " - " + c.Description)
		hit := true
		for _, w := range words {
			hit = hit && strings.Contains(text, strings.ToLower(w))
		}
		if hit {
			p.outf("%s - %s\n", name, c.Description)
		}
	}
	return 0
}

func aptDepends(ctx context.Context, p *Process, names []string) int {
	r, err := aptRead(ctx, p)
	if err != nil {
		return (&aptRun{p: p}).fail(err)
	}
	for _, name := range names {
		c := r.sys.Candidate(name)
		if c == nil {
			return r.fail(&apt.Error{Lines: []string{"No packages found"}})
		}
		p.outf("%s\n", name)
		for _, group := range c.Depends {
			for n, d := range group {
				mark := "  "
				if n < len(group)-1 {
					mark = " |"
				}
				p.outf("%sDepends: %s\n", mark, d.Name)
			}
		}
		for _, group := range c.Recommends {
			p.outf("  Recommends: %s\n", group[0].Name)
		}
	}
	return 0
}

// list is apt list.
func (r *aptRun) list() int {
	s, err := r.p.aptSystem(r.ctx, r.index)
	if err != nil {
		return r.fail(err)
	}
	r.sys = s
	r.p.outf("Listing...\n")
	only := strings.Join(r.words, " ")
	for _, name := range s.Status.Names() {
		i, c := s.Status.Get(name), s.Candidate(name)
		newer := c != nil && deb.Compare(c.Version, i.Version) > 0
		switch {
		case !i.Is():
		case strings.Contains(only, "--upgradable") && newer:
			r.p.outf("%s/%s %s %s [upgradable from: %s]\n", name, r.index.Suites[c.Suite].Name, c.Version, i.Arch, i.Version)
		case strings.Contains(only, "--upgradable"):
		case newer:
			r.p.outf("%s/now %s %s [installed,upgradable to: %s]\n", name, i.Version, i.Arch, c.Version)
		case c != nil:
			r.p.outf("%s/%s %s %s [installed%s]\n", name, r.index.Suites[c.Suite].Name, i.Version, i.Arch, map[bool]string{true: ",automatic"}[s.Auto[name]])
		default:
			r.p.outf("%s/now %s %s [installed,local]\n", name, i.Version, i.Arch)
		}
	}
	return 0
}
