package catalog

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// split is the repository and the tag of a familiar name.
func split(name string) (repository, tag string) {
	at := strings.LastIndexByte(name, ':')
	if at < 0 {
		return name, ""
	}
	return name[:at], name[at+1:]
}

// number is the version that a tag begins with.
var number = regexp.MustCompile(`^[0-9]+(\.[0-9]+)*`)

// elsewhere is what a tag names that no model has: other releases of a distribution.
var elsewhere = regexp.MustCompile(`bullseye|buster|trixie|testing|sid|unstable|backports|focal|bionic|oracular|plucky|questing|devel|rolling|edge|alpine3\.(1|21|22|23)|-debian11|debug|perl|alpine-slim`)

// StandsIn is what to tell of a name that leads to a model of something near to it,
// of another version for instance; "" when the name is just another of the model's.
func StandsIn(ref string) string {
	name := familiar(ref)
	l, ok := listed[name]
	if !ok || l.Model == name {
		return ""
	}
	_, tag := split(name)
	_, own := split(l.Model)
	a, b := number.FindString(tag), number.FindString(own)
	within := func(long, short string) bool { return long == short || strings.HasPrefix(long, short+".") }
	if !elsewhere.MatchString(name) && (a == "" || b == "" || within(a, b) || within(b, a)) {
		return ""
	}
	return fmt.Sprintf("%s has no model of its own; the model of %s stands in for it", name, l.Model)
}

// maxNearest is how many names Nearest gives.
const maxNearest = 6

// Nearest is what to tell of a name that the catalogue does not have: which names
// are nearest to it.
func Nearest(ref string) string {
	repository, tag := split(familiar(ref))
	var models, repositories []string
	for name, l := range listed {
		repo, _ := split(name)
		if repo == repository && l.Model == name {
			models = append(models, name)
		}
		if l.Model == name && !slices.Contains(repositories, repo) {
			repositories = append(repositories, repo)
		}
	}
	if len(models) == 0 {
		slices.Sort(repositories)
		return fmt.Sprintf("there is no model of %s and the lab has no network; there are models of %s", repository, strings.Join(repositories, ", "))
	}
	slices.SortFunc(models, func(a, b string) int {
		return cmp.Or(cmp.Compare(apart(tag, b), apart(tag, a)), strings.Compare(a, b))
	})
	return fmt.Sprintf("there is no model of %s; the nearest are %s", familiar(ref), strings.Join(models[:min(len(models), maxNearest)], ", "))
}

// apart is how much of a tag a model's name has: what both begin with, and the
// words that both have.
func apart(tag, model string) int {
	_, own := split(model)
	score := 0
	for score < len(tag) && score < len(own) && tag[score] == own[score] {
		score++
	}
	for word := range strings.SplitSeq(tag, "-") {
		if slices.Contains(strings.Split(own, "-"), word) {
			score += 4
		}
	}
	return score - strings.Count(own, "-")
}

// Lookup is what the catalogue says of a name; false when it has none such.
func Lookup(ref string) (Listed, bool) {
	l, ok := listed[familiar(ref)]
	return l, ok
}
