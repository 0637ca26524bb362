package apk

import (
	"fmt"
	"slices"
	"strings"

	"github.com/layerlab/layerlab/sim/catalog"
)

// DataFile is the file of the catalogue with the repository of Alpine 3.20.
const DataFile = "alpine-3.20-packages.zst"

// An Index is the packages of a repository.
type Index struct {
	Mirror   string // address of the branch
	Packages []*Package
	by       map[string]*Package // by name, and by what is provided
	lists    map[string]string   // list of files of each, see catalog.Entries
}

// ParseIndex reads the data file: "mirror URL", the records, a line "files" and
// the lists of files.
func ParseIndex(text string) (*Index, error) {
	x := &Index{by: map[string]*Package{}, lists: map[string]string{}}
	first, rest, _ := strings.Cut(text, "\n")
	mirror, ok := strings.CutPrefix(first, "mirror ")
	records, files, found := strings.Cut(rest, "\nfiles\n")
	if !ok || !found {
		return nil, fmt.Errorf("reading the list of packages: want a mirror, records and files: %.40q", text)
	}
	x.Mirror = mirror
	var err error
	if x.Packages, err = parseAll(records); err != nil {
		return nil, err
	}
	for _, p := range x.Packages {
		x.by[p.Name] = p
	}
	for _, p := range x.Packages {
		for _, v := range p.Provides {
			name := Name(v)
			if x.by[name] == nil {
				x.by[name] = p
			}
		}
	}
	for part := range strings.SplitSeq("\n"+files, "\n@") {
		name, _, _ := strings.Cut(part, " ")
		if name != "" {
			x.lists[strings.TrimSpace(name)] = "@" + part
		}
	}
	return x, nil
}

// parseAll reads records with blank lines between them.
func parseAll(text string) ([]*Package, error) {
	var out []*Package
	for record := range strings.SplitSeq(text, "\n\n") {
		if strings.TrimSpace(record) == "" {
			continue
		}
		p, err := parse(record)
		if err != nil {
			return nil, err
		}
		out = append(out, p)
	}
	return out, nil
}

// Name is a dependency without its version: "musl>=1.2" is "musl".
func Name(dep string) string {
	dep = strings.TrimPrefix(dep, "!")
	if i := strings.IndexAny(dep, "<>=~@"); i > 0 {
		return dep[:i]
	}
	return dep
}

// wanted is the version that a dependency pins: "1.2" of "musl=1.2", or "".
func wanted(dep string) (op, version string) {
	if i := strings.IndexAny(dep, "<>=~"); i > 0 {
		j := i
		for j < len(dep) && strings.ContainsRune("<>=~", rune(dep[j])) {
			j++
		}
		return dep[i:j], dep[j:]
	}
	return "", ""
}

// Find is the package that a name or something provided means; nil if none.
func (x *Index) Find(name string) *Package { return x.by[Name(name)] }

// Satisfies reports whether version meets a dependency's condition. "=" and "~"
// compare as texts, the rest as Compare does.
func Satisfies(dep, version string) bool {
	op, want := wanted(dep)
	switch op {
	case "":
		return true
	case "=":
		return version == want
	case "~", "~=", "=~":
		return version == want || strings.HasPrefix(version, want+".") || strings.HasPrefix(version, want+"-") || strings.HasPrefix(version, want+"_")
	case ">":
		return Compare(version, want) > 0
	case ">=":
		return Compare(version, want) >= 0
	case "<":
		return Compare(version, want) < 0
	case "<=":
		return Compare(version, want) <= 0
	}
	return false
}

// Compare orders two versions: numbers as numbers, the rest as text.
func Compare(a, b string) int {
	split := func(s string) []string {
		return strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune(".-_r", r) })
	}
	return slices.CompareFunc(split(a), split(b), func(x, y string) int {
		if len(x) != len(y) && strings.Trim(x+y, "0123456789") == "" {
			return len(x) - len(y)
		}
		return strings.Compare(x, y)
	})
}

// Entries calls visit for each file of a package, in order.
func (x *Index) Entries(p *Package, visit func(*catalog.Entry) error) error {
	return catalog.Entries(x.lists[p.Name], visit)
}
