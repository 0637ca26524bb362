// Package pip is Python's package installer as a model: an index of popular
// packages, with versions, dependencies, the sizes of their wheels and of what
// they unpack to, and the order in which pip takes them.
//
// A wheel is a zip of a package as it lies in site-packages; beside it pip writes
// NAME-VERSION.dist-info with the files METADATA, RECORD and INSTALLER.
package pip

import (
	"fmt"
	"hash/fnv"
	"strconv"
	"strings"
	"time"
)

// DataFile is the file of the catalogue with the index.
const DataFile = "pip.zst"

// A Package is the version of a package that the index has.
type Package struct {
	Name, Version string
	Wheel         int64 // bytes of the wheel
	Installed     int64 // bytes that it unpacks to
	Files         int
	Depends       []string
	Extras        map[string][]string
	Programs      []string // put into bin
	Module        string   // the directory in site-packages
}

// An Index is packages by their normalized name.
type Index map[string]*Package

// Normal is a name as PEP 503 normalizes it: "Flask_Cors" is "flask-cors".
func Normal(name string) string {
	var b strings.Builder
	dash := false
	for _, c := range strings.ToLower(name) {
		if c == '-' || c == '_' || c == '.' {
			dash = true
			continue
		}
		if dash {
			b.WriteByte('-')
			dash = false
		}
		b.WriteRune(c)
	}
	return b.String()
}

// Parse reads the data file: on each line NAME VERSION WHEEL-KB INSTALLED-KB FILES
// and dependencies, "bin:" programs and the "py:" module; or NAME[EXTRA] and what
// the extra brings.
func Parse(text string) (Index, error) {
	x, extras := Index{}, map[string]map[string][]string{}
	for line := range strings.Lines(text) {
		f := strings.Fields(line)
		if len(f) > 0 && strings.HasSuffix(f[0], "]") {
			name, extra, _ := strings.Cut(strings.TrimSuffix(f[0], "]"), "[")
			if extras[name] == nil {
				extras[name] = map[string][]string{}
			}
			extras[name][extra] = f[1:]
			continue
		}
		if len(f) < 5 || f[0] == "#" {
			continue
		}
		var numbers [3]int64
		for i := range numbers {
			n, err := strconv.ParseInt(f[2+i], 10, 64)
			if err != nil {
				return nil, fmt.Errorf("reading the index of pip: %q: %w", line, err)
			}
			numbers[i] = n
		}
		p := &Package{Name: f[0], Version: f[1], Wheel: numbers[0] * 1000, Installed: numbers[1] * 1000, Files: int(numbers[2])}
		p.Module = strings.ReplaceAll(p.Name, "-", "_")
		for _, w := range f[5:] {
			if name, ok := strings.CutPrefix(w, "bin:"); ok {
				p.Programs = append(p.Programs, name)
			} else if name, ok := strings.CutPrefix(w, "py:"); ok {
				p.Module = name
			} else {
				p.Depends = append(p.Depends, w)
			}
		}
		x[p.Name] = p
	}
	for name, e := range extras {
		if x[name] == nil {
			return nil, fmt.Errorf("reading the index of pip: extras of %q, which is not there", name)
		}
		x[name].Extras = e
	}
	return x, nil
}

// start is the day of the index; day is how long after it a package of that name
// gets its next version, and each one after that.
var start = time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC)

// moved is the version of a day: the last number grows with the months, faster
// for some packages than for others. These later versions are made up.
func (p *Package) moved(day time.Time) string {
	h := fnv.New32a()
	h.Write([]byte(p.Name))
	every := 30 + int(h.Sum32()%120)
	n := int(day.Sub(start).Hours()/24) / every
	i := strings.LastIndexFunc(p.Version, func(r rune) bool { return r < '0' || r > '9' })
	last, err := strconv.Atoi(p.Version[i+1:])
	if n <= 0 || err != nil {
		return p.Version
	}
	return p.Version[:i+1] + strconv.Itoa(last+n)
}

// Find is the package for a wish on a day: the newest, or the version that the
// wish pins, with the sizes of the one that the index knows. It is nil when there is
// no such package, and has no version when none meets the wish.
func (x Index) Find(w Wish, day time.Time) *Package {
	p := x[w.Name]
	if p == nil {
		return nil
	}
	found := *p
	if found.Version = p.moved(day); w.Allows(found.Version) {
		return &found
	}
	if found.Version = p.Version; w.Allows(found.Version) {
		return &found
	}
	found.Version = w.pinned()
	if p := numbers(p.Version); found.Version != "" && !strings.Contains(w.Condition, "==") && numbers(found.Version)[0] > p[0]+1 {
		found.Version = ""
	}
	return &found
}

// Needs is what a package depends on with these extras.
func (p *Package) Needs(extras []string) []string {
	out := p.Depends
	for _, e := range extras {
		out = append(out[:len(out):len(out)], p.Extras[e]...)
	}
	return out
}
