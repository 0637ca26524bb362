package main

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/layerlab/layerlab/sim/pkg/deb"
)

// stanza is one package of a repository's list, by field.
type stanza map[string]string

// suites are the parts of the repository, in the order of sources.list.
var suites = []string{"bookworm", "bookworm-updates", "bookworm-security"}

// list is one suite's list of packages.
type list struct {
	suite             string
	release, packages int64 // bytes of InRelease, and of Packages as apt keeps it (lz4)
	stanzas           []stanza
}

// readLists reads the lists that apt has under root.
func readLists(root string) ([]list, error) {
	var out []list
	for _, s := range suites {
		files, err := filepath.Glob(filepath.Join(root, "var/lib/apt/lists/*_dists_"+s+"_main_binary-amd64_Packages*"))
		if err != nil || len(files) != 1 {
			return nil, fmt.Errorf("%s: want one list of %s's packages, there are %q: run apt-get update there", root, s, files)
		}
		text, err := exec.Command("/usr/lib/apt/apt-helper", "cat-file", files[0]).Output()
		if err != nil {
			return nil, fmt.Errorf("reading %s: %w", files[0], err)
		}
		l := list{suite: s, packages: size(files[0])}
		releases, _ := filepath.Glob(filepath.Join(root, "var/lib/apt/lists/*_dists_"+s+"_InRelease"))
		if len(releases) == 1 {
			l.release = size(releases[0])
		}
		l.stanzas = stanzas(text)
		out = append(out, l)
	}
	return out, nil
}

func size(file string) int64 {
	i, err := os.Stat(file)
	if err != nil {
		return 0
	}
	return i.Size()
}

func stanzas(text []byte) []stanza {
	var out []stanza
	s := stanza{}
	lines := bufio.NewScanner(bytes.NewReader(text))
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		line := lines.Text()
		if line == "" {
			if len(s) > 0 {
				out = append(out, s)
			}
			s = stanza{}
			continue
		}
		if key, value, ok := strings.Cut(line, ":"); ok && line[0] != ' ' {
			s[key] = strings.TrimSpace(value)
		}
	}
	if len(s) > 0 {
		out = append(out, s)
	}
	return out
}

// universe is the newest version of each package, its suite, and what came before.
type universe struct {
	newest   map[string]stanza
	suite    map[string]int
	before   map[string]string
	provided map[string][]string
}

func newUniverse(lists []list) *universe {
	u := &universe{map[string]stanza{}, map[string]int{}, map[string]string{}, map[string][]string{}}
	for i, l := range lists {
		for _, s := range l.stanzas {
			name := s["Package"]
			old := u.newest[name]
			if old == nil || deb.Compare(old["Version"], s["Version"]) < 0 {
				if old != nil {
					u.before[name] = old["Version"]
				}
				u.newest[name], u.suite[name] = s, i
			}
		}
	}
	for name, s := range u.newest {
		for _, group := range deb.Relations(s["Provides"]) {
			u.provided[group[0].Name] = append(u.provided[group[0].Name], name)
		}
	}
	for _, names := range u.provided {
		slices.Sort(names)
	}
	return u
}

// closure adds name and all that it needs and recommends to have, in order.
func (u *universe) closure(name string, have map[string]bool, order *[]string) {
	if have[name] {
		return
	}
	s := u.newest[name]
	if s == nil {
		return
	}
	have[name] = true
	for _, field := range []string{"Pre-Depends", "Depends", "Recommends"} {
		for _, group := range deb.Relations(s[field]) {
			if slices.ContainsFunc(group, func(r deb.Relation) bool { return have[r.Name] }) {
				continue
			}
			done := false
			for _, r := range group {
				if u.newest[r.Name] != nil {
					u.closure(r.Name, have, order)
					done = true
					break
				}
			}
			if !done && len(u.provided[group[0].Name]) > 0 && !slices.ContainsFunc(u.provided[group[0].Name], func(p string) bool { return have[p] }) {
				u.closure(u.provided[group[0].Name][0], have, order)
			}
		}
	}
	*order = append(*order, name)
}

// debianPackages writes debian-packages.zst and the lists of files. It reads apt's
// lists under root, where the packages of the recipe are installed, and their
// archives in debs.
func debianPackages(root, debs string) error {
	lists, err := readLists(root)
	if err != nil {
		return err
	}
	u := newUniverse(lists)
	recipe, err := os.ReadFile("scripts/catalog/recipes/debian-packages.txt")
	if err != nil {
		return err
	}
	effects, err := readEffects(root)
	if err != nil {
		return err
	}
	base := map[string]bool{}
	for _, n := range basePackages() {
		base[n] = true
	}
	have := map[string]bool{}
	set := map[string]string{}
	all := slices.Sorted(func(yield func(string) bool) {
		for n := range base {
			if !yield(n) {
				return
			}
		}
	})
	for n := range base {
		have[n] = true
	}
	for line := range strings.Lines(string(recipe)) {
		f := strings.Fields(line)
		if len(f) == 0 || f[0] == "#" {
			continue
		}
		name, totals := strings.CutSuffix(f[0], "~")
		var order []string
		for _, n := range f[1:] {
			if u.newest[n] == nil {
				return fmt.Errorf("the recipe wants %q, which Debian does not have", n)
			}
			u.closure(n, have, &order)
		}
		slices.Sort(order)
		all = append(all, order...)
		var b listing
		for _, n := range order {
			set[n] = name
			if err := packageFiles(&b, u.newest[n], debs, effects[n], totals); err != nil {
				return fmt.Errorf("%s: %w", n, err)
			}
		}
		if err := writeData("debian-files-"+name+".zst", b.b.String()); err != nil {
			return err
		}
	}
	slices.Sort(all)
	return writePackages(u, lists, all, set)
}

func writePackages(u *universe, lists []list, all []string, set map[string]string) error {
	var b strings.Builder
	has := map[string]bool{}
	for _, n := range all {
		has[n] = true
	}
	for _, l := range lists {
		fmt.Fprintf(&b, "suite %s %d %d\n", l.suite, l.release, l.packages)
	}
	for _, n := range all {
		s := u.newest[n]
		if s == nil {
			continue
		}
		flags := ""
		if s["Architecture"] == "all" {
			flags += "a"
		}
		if s["Multi-Arch"] == "same" {
			flags += "s"
		}
		if s["Essential"] == "yes" {
			flags += "e"
		}
		if u.newest[n]["Multi-Arch"] == "foreign" {
			flags += "f"
		}
		source, _, _ := strings.Cut(s["Source"], " ")
		depends := strings.Trim(s["Pre-Depends"]+", "+s["Depends"], ", ")
		fmt.Fprintln(&b, strings.Join([]string{
			n, s["Version"], u.before[n], strconv.Itoa(u.suite[n]), flags, set[n], source, strings.TrimPrefix(s["Section"], "main/"), s["Priority"],
			s["Installed-Size"], s["Size"], depends, s["Recommends"], s["Suggests"], s["Provides"], s["Description"], u.clashes(s["Conflicts"]+", "+s["Breaks"], has),
		}, "\t"))
	}
	return writeData("debian-packages.zst", b.String())
}

// clashes is of a Conflicts or Breaks field what is about packages that the
// catalogue has, or that they provide.
func (u *universe) clashes(field string, has map[string]bool) string {
	var out []string
	for _, group := range deb.Relations(field) {
		r := group[0]
		if !has[r.Name] && !slices.ContainsFunc(u.provided[r.Name], func(p string) bool { return has[p] }) {
			continue
		}
		if r.Op != "" && (u.newest[r.Name] == nil || !r.Allows(u.newest[r.Name]["Version"])) {
			continue // about versions that are gone
		}
		word := r.Name
		if r.Op != "" {
			word += " (" + r.Op + " " + r.Version + ")"
		}
		if !slices.Contains(out, word) {
			out = append(out, word)
		}
	}
	return strings.Join(out, ", ")
}
