// Package deb is Debian's packages: versions and relations, the repository's list,
// dpkg's database and what unpacking a package does.
package deb

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/layerlab/layerlab/sim/pkg"
)

// A Package is one version of a package in the repository.
type Package struct {
	Name, Version string
	Before        string // an older version of another suite, or ""
	Suite         int    // index into Index.Suites
	All           bool   // Architecture: all
	Same          bool   // Multi-Arch: same: it goes by NAME:amd64
	Foreign       bool   // Multi-Arch: foreign
	Essential     bool
	Set           string // of the data file that has its files; "" for one of the base system
	Source        string // "" when it is the name
	Section       string
	Priority      string
	Installed     int64 // KiB, as its maintainer reckons
	Size          int64 // bytes of the archive
	Depends       [][]Relation
	Recommends    [][]Relation
	Suggests      string
	Provides      [][]Relation
	Clashes       [][]Relation // Conflicts and Breaks, as far as the index has what they name
	Description   string

	depends, recommends string
}

// Arch is the architecture: "amd64" or "all".
func (p *Package) Arch() string {
	if p.All {
		return "all"
	}
	return "amd64"
}

// Full is the name as dpkg prints it: with the architecture where more than one
// may be installed.
func (p *Package) Full() string {
	if p.Same {
		return p.Name + ":" + p.Arch()
	}
	return p.Name
}

// Archive is the name of the .deb file, as it lies in apt's cache.
func (p *Package) Archive() string {
	return p.Name + "_" + strings.ReplaceAll(p.Version, ":", "%3a") + "_" + p.Arch() + ".deb"
}

// Pool is the path of the .deb file below the repository's address.
func (p *Package) Pool() string {
	source := p.Source
	if source == "" {
		source = p.Name
	}
	dir := source[:1]
	if strings.HasPrefix(source, "lib") && len(source) > 3 {
		dir = source[:4]
	}
	_, version, ok := strings.Cut(p.Version, ":")
	if !ok {
		version = p.Version
	}
	return "pool/main/" + dir + "/" + source + "/" + p.Name + "_" + version + "_" + p.Arch() + ".deb"
}

// A Suite is a part of the repository.
type Suite struct {
	Name     string // bookworm-security
	Release  int64  // bytes of its InRelease file
	Packages int64  // bytes of its list as apt keeps it with Acquire::GzipIndexes
}

// An Index is the lists of the repository.
type Index struct {
	Suites   []Suite
	Packages map[string]*Package
	provided map[string][]*Package
}

const indexFile = "debian-packages.zst"

// Load reads the index, once for a world.
func Load(ctx context.Context, w *pkg.World) (*Index, error) {
	return pkg.Keep(w, indexFile, func() (*Index, error) {
		text, err := w.Text(ctx, indexFile, "the list of Debian's packages")
		if err != nil {
			return nil, err
		}
		return parseIndex(text)
	})
}

func parseIndex(text string) (*Index, error) {
	x := &Index{Packages: map[string]*Package{}, provided: map[string][]*Package{}}
	number := 0
	for line := range strings.Lines(text) {
		number++
		line = strings.TrimSuffix(line, "\n")
		if rest, ok := strings.CutPrefix(line, "suite "); ok {
			var s Suite
			if _, err := fmt.Sscanf(rest, "%s %d %d", &s.Name, &s.Release, &s.Packages); err != nil {
				return nil, fmt.Errorf("line %d of %s: %w", number, indexFile, err)
			}
			x.Suites = append(x.Suites, s)
			continue
		}
		f := strings.Split(line, "\t")
		if len(f) != 17 {
			return nil, fmt.Errorf("line %d of %s: want 17 fields, there are %d", number, indexFile, len(f))
		}
		p := &Package{
			Name: f[0], Version: f[1], Before: f[2], All: strings.Contains(f[4], "a"), Same: strings.Contains(f[4], "s"), Foreign: strings.Contains(f[4], "f"), Essential: strings.Contains(f[4], "e"),
			Set: f[5], Source: f[6], Section: f[7], Priority: f[8], depends: f[11], recommends: f[12], Suggests: f[13], Description: f[15],
			Depends: Relations(f[11]), Recommends: Relations(f[12]), Provides: Relations(f[14]), Clashes: Relations(f[16]),
		}
		p.Suite, _ = strconv.Atoi(f[3])
		p.Installed, _ = strconv.ParseInt(f[9], 10, 64)
		p.Size, _ = strconv.ParseInt(f[10], 10, 64)
		x.Packages[p.Name] = p
		for _, group := range p.Provides {
			x.provided[group[0].Name] = append(x.provided[group[0].Name], p)
		}
	}
	return x, nil
}

// Providers are the packages that provide a name that is none of a package.
func (x *Index) Providers(name string) []*Package { return x.provided[name] }

// Names are the names of all packages, sorted.
func (x *Index) Names() []string {
	var out []string
	for n := range x.Packages {
		out = append(out, n)
	}
	slices.Sort(out)
	return out
}
