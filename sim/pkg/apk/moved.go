package apk

import (
	"hash/fnv"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// start is the day of the data file.
var start = time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC)

// At is the repository on a day: a branch of Alpine keeps one revision of each
// package, and replaces it by the next. Revisions after those of the data file are made up.
func (x *Index) At(day time.Time) *Index {
	days := int(day.Sub(start).Hours() / 24)
	versions := map[string]string{}
	for _, p := range x.Packages {
		if v := moved(p, days); v != p.Version {
			versions[p.Name] = v
		}
	}
	if len(versions) == 0 {
		return x
	}
	out := &Index{Mirror: x.Mirror, by: maps.Clone(x.by), lists: x.lists, Packages: slices.Clone(x.Packages)}
	for i, p := range x.Packages {
		c := *p
		if v := versions[p.Name]; v != "" {
			c.Version = v
		}
		c.Depends = slices.Clone(p.Depends)
		for j, d := range c.Depends {
			if v := versions[Name(d)]; v != "" && strings.Contains(d, "=") && !strings.ContainsAny(d, "<>~") {
				c.Depends[j] = Name(d) + "=" + v
			}
		}
		out.Packages[i] = &c
	}
	for key, p := range x.by {
		if i := slices.Index(x.Packages, p); i >= 0 {
			out.by[key] = out.Packages[i]
		}
	}
	return out
}

// moved is the version of a package so many days after the start: its revision
// grows every one to nine months, by the name.
func moved(p *Package, days int) string {
	h := fnv.New32a()
	h.Write([]byte(p.Name))
	n := days / (30 + int(h.Sum32()%240))
	upstream, revision, ok := strings.Cut(p.Version, "-r")
	r, err := strconv.Atoi(revision)
	if !ok || err != nil || n <= 0 {
		return p.Version
	}
	return upstream + "-r" + strconv.Itoa(r+n)
}
