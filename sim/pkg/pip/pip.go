// Package pip is Python's package installer as a model: an index of popular
// packages, with versions, dependencies, the sizes of their wheels and of what
// they unpack to, and the order in which pip takes them.
//
// A wheel is a zip of a package as it lies in site-packages; beside it pip writes
// NAME-VERSION.dist-info with the files METADATA, RECORD and INSTALLER.
package pip

import (
	"fmt"
	"strconv"
	"strings"
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
// and dependencies, "bin:" programs and the "py:" module.
func Parse(text string) (Index, error) {
	x := Index{}
	for line := range strings.Lines(text) {
		f := strings.Fields(line)
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
	return x, nil
}

// A Wish is one requirement: "uvicorn[standard]>=0.30,<1 ; python_version>'3'".
type Wish struct {
	Text      string // as it was written, without what stands behind ";"
	Name      string // normalized
	Condition string // "==3.1.0", ">=2,<3", or ""
	By        string // "from flask", "from -r requirements.txt (line 2)", or ""
}

// ParseWish reads a requirement.
func ParseWish(text string) Wish {
	text, _, _ = strings.Cut(text, ";")
	text, _, _ = strings.Cut(text, " #")
	text = strings.Join(strings.Fields(text), "")
	name, condition := text, ""
	if i := strings.IndexAny(text, "=<>!~["); i >= 0 {
		name, condition = text[:i], text[i:]
	}
	if strings.HasPrefix(condition, "[") {
		_, condition, _ = strings.Cut(condition, "]")
	}
	return Wish{Text: text, Name: Normal(name), Condition: condition}
}

// Find is the package for a wish. A version that is pinned is had with the sizes
// of the one that the index knows. It is nil when there is no such package.
func (x Index) Find(w Wish) *Package {
	p := x[w.Name]
	if p == nil {
		return nil
	}
	for part := range strings.SplitSeq(w.Condition, ",") {
		for _, op := range []string{"===", "==", "~="} {
			if v, ok := strings.CutPrefix(part, op); ok && !strings.Contains(v, "*") {
				pinned := *p
				pinned.Version = v
				return &pinned
			}
		}
	}
	return p
}
