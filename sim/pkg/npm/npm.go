// Package npm is Node's package manager as a model: a registry with some hundreds
// of well-known packages and all that they need, in the versions that npm chose on
// two days, with the sizes that they unpack to, and the rules by which npm picks
// versions and lays out node_modules.
//
// Its words:
//
//   - range: which versions will do, "^4.18.2" or ">=1 <3 || 5.x" (node-semver);
//   - edge: one package's wish for another, by name and range;
//   - hoisting: a package is put as near to the root of the project as its
//     neighbours there allow, so that others can share it;
//   - peer: a package that must be found beside the one that asks for it, not
//     below it;
//   - lock file: package-lock.json, the tree as it was laid out, path by path.
package npm

import (
	"fmt"
	"hash/fnv"
	"slices"
	"strconv"
	"strings"
	"time"
)

// DataFile is the file of the catalogue with the registry.
const DataFile = "npm.zst"

// An Edge is a wish for a package.
type Edge struct {
	Name, Range string
	Optional    bool // it may be missing, on another platform
	Peer        bool
}

// A Program is a file of a package that gets a link in node_modules/.bin.
type Program struct{ Name, File string }

// A Package is a version of a package.
type Package struct {
	Name, Version string
	Size          int64 // bytes unpacked
	Files         int
	Edges         []Edge // by name
	Programs      []Program
	Funding       bool   // it asks for money
	Scripts       bool   // it has an install script
	Deprecated    string // what npm warns of, or ""
	MadeUp        bool   // the registry does not know it

	later     bool
	libc      byte // 'm' or 'g' when it is for musl or glibc only
	sematic   semver
	deprecate int
}

// An Index is the registry.
type Index struct {
	Registry string    // its address
	Later    time.Time // the day from which on it has the later versions

	versions map[string][]*Package // by name, oldest first
}

// Parse reads the data file. Its first lines are "registry URL" and "later
// UNIX-TIME"; then a name on a line of its own, and below it for each version a line that begins
// with a tab: version, bytes, files and flags, then edges "NAME RANGE", "?NAME
// RANGE" for optional ones and "^NAME RANGE" for peers, and programs ">NAME FILE".
// "deprecated N TEXT" is the text of flag dN. The flags are l for the later day, f
// funding, s scripts, m musl, g glibc, p for one platform.
func Parse(text string) (*Index, error) {
	x := &Index{versions: map[string][]*Package{}}
	texts := map[int]string{}
	name, number := "", 0
	for line := range strings.Lines(text) {
		number++
		line = strings.TrimSuffix(line, "\n")
		key, value, spaced := strings.Cut(line, " ")
		switch {
		case strings.HasPrefix(line, "\t"):
			p, err := parseVersion(name, line[1:])
			if err != nil {
				return nil, fmt.Errorf("line %d of %s: %w", number, DataFile, err)
			}
			x.versions[name] = append(x.versions[name], p)
		case key == "registry":
			x.Registry = value
		case key == "later":
			at, err := strconv.ParseInt(value, 10, 64)
			if err != nil {
				return nil, fmt.Errorf("line %d of %s: %w", number, DataFile, err)
			}
			x.Later = time.Unix(at, 0).UTC()
		case key == "deprecated" && spaced:
			n, rest, _ := strings.Cut(value, " ")
			i, err := strconv.Atoi(n)
			if err != nil {
				return nil, fmt.Errorf("line %d of %s: %w", number, DataFile, err)
			}
			texts[i] = rest
		default:
			name = line
		}
	}
	for _, list := range x.versions {
		slices.SortFunc(list, func(a, b *Package) int { return a.sematic.compare(b.sematic) })
		for _, p := range list {
			p.Deprecated = texts[p.deprecate]
		}
	}
	return x, nil
}

func parseVersion(name, line string) (*Package, error) {
	f := strings.Split(line, "\t")
	if len(f) < 4 {
		return nil, fmt.Errorf("want a version, bytes, files and flags: %q", line)
	}
	p := &Package{Name: name, Version: f[0], sematic: parseSemver(f[0]), deprecate: -1}
	var err error
	if p.Size, err = strconv.ParseInt(f[1], 10, 64); err != nil {
		return nil, err
	}
	if p.Files, err = strconv.Atoi(f[2]); err != nil {
		return nil, err
	}
	flags, deprecated, ok := strings.Cut(f[3], "d")
	if ok {
		if p.deprecate, err = strconv.Atoi(deprecated); err != nil {
			return nil, err
		}
	}
	p.later, p.Funding, p.Scripts = strings.Contains(flags, "l"), strings.Contains(flags, "f"), strings.Contains(flags, "s")
	if i := strings.IndexAny(flags, "mg"); i >= 0 {
		p.libc = flags[i]
	}
	for _, w := range f[4:] {
		n, value, _ := strings.Cut(w, " ")
		switch n[0] {
		case '>':
			p.Programs = append(p.Programs, Program{n[1:], value})
		case '?':
			p.Edges = append(p.Edges, Edge{Name: n[1:], Range: value, Optional: true})
		case '^':
			p.Edges = append(p.Edges, Edge{Name: n[1:], Range: value, Peer: true})
		default:
			p.Edges = append(p.Edges, Edge{Name: n, Range: value})
		}
	}
	slices.SortStableFunc(p.Edges, func(a, b Edge) int { return collate(a.Name, b.Name) })
	return p, nil
}

// Fits reports whether a package can be installed with that C library.
func (p *Package) Fits(musl bool) bool { return p.libc == 0 || (p.libc == 'm') == musl }

// Names is how many packages the registry has.
func (x *Index) Names() int { return len(x.versions) }

// A NoVersion is that no version meets a range.
type NoVersion struct {
	Name, Range string
	Unknown     bool // the registry does not have the name
}

// Error is the fact in a few words; npm's own are longer.
func (e *NoVersion) Error() string { return fmt.Sprintf("no version of %s meets %q", e.Name, e.Range) }

// Pick is the version that npm takes for a range on a day: the newest that meets
// it. Of a known package, a version that the registry lacks is made up, with the
// sizes of its nearest, unless it is far beyond what there is. The error is a *NoVersion.
func (x *Index) Pick(name, condition string, day time.Time) (*Package, error) {
	list := x.versions[name]
	if len(list) == 0 {
		return nil, &NoVersion{name, condition, true}
	}
	r := parseRange(condition)
	var best, newest *Package
	for _, p := range list {
		if p.later && day.Before(x.Later) {
			continue
		}
		if newest == nil || p.sematic.pre == "" || newest.sematic.pre != "" {
			newest = p
		}
		if r.allows(p.sematic) {
			best = p
		}
	}
	switch {
	case newest == nil:
		newest = list[0]
		fallthrough
	case r.any && newest.sematic.pre == "":
		return newest, nil
	case best != nil:
		return best, nil
	}
	low, ok := r.lowest()
	if !ok || low.major > newest.sematic.major+2 {
		return nil, &NoVersion{name, condition, false}
	}
	made := *x.nearest(name, low)
	made.Version, made.sematic, made.MadeUp = low.String(), low, true
	return &made, nil
}

// nearest is the version of a package that is most like another.
func (x *Index) nearest(name string, v semver) *Package {
	list := x.versions[name]
	best := list[0]
	for _, p := range list {
		if p.sematic.compare(v) <= 0 || best.sematic.major != v.major && p.sematic.major == v.major {
			best = p
		}
	}
	return best
}

// Locked is a package that a lock file names: one that the registry does not know
// in that version has the sizes of its nearest, and one that it does not know at
// all is made up, of a usual size.
func (x *Index) Locked(name, version string) *Package {
	v := parseSemver(version)
	if list := x.versions[name]; len(list) > 0 {
		for _, p := range list {
			if p.Version == version {
				return p
			}
		}
		made := *x.nearest(name, v)
		made.Version, made.sematic = version, v
		return &made
	}
	h := fnv.New32a()
	h.Write([]byte(name))
	n := int64(h.Sum32())
	return &Package{Name: name, Version: version, sematic: v, Size: 8_000 + n%90_000, Files: 4 + int(n%17), MadeUp: true}
}
