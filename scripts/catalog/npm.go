package main

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// npmDays are the days of which the model of npm's registry has the newest
// versions: that of the models, and a later one.
var npmDays = []string{"2026-01-05", "2026-07-01"}

func init() { more["npm"] = npmPackages }

// npmEntry is what a lock file tells of one package, as far as it is kept.
type npmEntry struct {
	Name       string
	Version    string
	Depends    map[string]string         `json:"dependencies"`
	Optional   map[string]string         `json:"optionalDependencies"`
	Peers      map[string]string         `json:"peerDependencies"`
	PeerMeta   map[string]map[string]any `json:"peerDependenciesMeta"`
	OS, CPU    []string
	Libc       []string
	Bin        any
	Funding    any
	Deprecated string
	Scripts    bool `json:"hasInstallScript"`
	License    any

	day   int // of npmDays, on which it was first seen
	bytes int64
	files int
}

// npmPackages has npm install what the recipe names, and writes down what came.
// dir is where it does so; what is there already is not installed anew.
func npmPackages(dir string) error {
	recipe, err := os.ReadFile("scripts/catalog/recipes/npm.txt")
	if err != nil {
		return err
	}
	if dir == "" {
		if dir, err = os.MkdirTemp("", "catalog-npm-"); err != nil {
			return err
		}
		defer os.RemoveAll(dir)
	}
	all := map[string]*npmEntry{}
	for line := range strings.Lines(string(recipe)) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		for word := range strings.FieldsSeq(line) {
			for day := range npmDays {
				if err := npmInstall(all, dir, word, day); err != nil {
					fmt.Fprintln(os.Stderr, "left out:", err)
				}
			}
		}
	}
	return writeNpm(all)
}

// npmInstall installs one word of the recipe as of a day. The later day's files
// are not fetched: sizes are taken from the nearest version that was.
func npmInstall(all map[string]*npmEntry, dir, word string, day int) error {
	at := filepath.Join(dir, fmt.Sprint(day), strings.NewReplacer("/", "_", "@", "_").Replace(word))
	if _, err := os.Stat(at + "/package-lock.json"); err != nil {
		if err := os.MkdirAll(at, 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(at+"/package.json", []byte(`{"name":"x","version":"1.0.0"}`), 0o644); err != nil {
			return err
		}
		args := append([]string{"install", "--before=" + npmDays[day], "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline"}, strings.Split(word, "+")...)
		if day > 0 {
			args = append(args, "--package-lock-only")
		}
		c := exec.Command("npm", args...)
		c.Dir = at
		if out, err := c.CombinedOutput(); err != nil {
			return fmt.Errorf("installing %s: %w: %s", word, err, out)
		}
	}
	text, err := os.ReadFile(at + "/package-lock.json")
	if err != nil {
		return err
	}
	var lock struct{ Packages map[string]*npmEntry }
	if err := json.Unmarshal(text, &lock); err != nil {
		return fmt.Errorf("%s: %w", at, err)
	}
	for p, e := range lock.Packages {
		i := strings.LastIndex(p, "node_modules/")
		if i < 0 {
			continue
		}
		if e.Name == "" {
			e.Name = p[i+len("node_modules/"):]
		}
		e.day = day
		key := e.Name + "@" + e.Version
		if all[key] == nil {
			all[key] = e
		}
		all[key].day = min(all[key].day, day)
		if e = all[key]; e.files == 0 {
			e.files, e.bytes = npmSizes(filepath.Join(at, p))
		}
	}
	return nil
}

// npmSizes counts the files of a package, without those of packages below it.
func npmSizes(dir string) (files int, bytes int64) {
	_ = filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return nil
		}
		if d.IsDir() && d.Name() == "node_modules" {
			return filepath.SkipDir
		}
		if i, err := d.Info(); err == nil && i.Mode().IsRegular() {
			files++
			bytes += i.Size()
		}
		return nil
	})
	return files, bytes
}

// foreign reports whether a package is for another machine.
func (e *npmEntry) foreign() bool {
	fits := func(list []string, own string) bool {
		if len(list) == 0 {
			return true
		}
		return slices.Contains(list, own) || strings.HasPrefix(list[0], "!") && !slices.Contains(list, "!"+own)
	}
	return !fits(e.OS, "linux") || !fits(e.CPU, "x64")
}

// writeNpm writes the data file: see package npm for its form.
func writeNpm(all map[string]*npmEntry) error {
	registry, err := exec.Command("npm", "config", "get", "registry").Output()
	if err != nil {
		return err
	}
	day, err := time.Parse(time.DateOnly, npmDays[1])
	if err != nil {
		return err
	}
	npmFill(all)
	var b strings.Builder
	fmt.Fprintf(&b, "registry %s\nlater %d\n", strings.TrimSuffix(strings.TrimSpace(string(registry)), "/"), day.Unix())
	var deprecated []string
	name := ""
	keys := slices.Sorted(maps.Keys(all))
	for _, k := range keys {
		e := all[k]
		if e.foreign() || e.files == 0 {
			continue
		}
		if e.Name != name {
			name = e.Name
			b.WriteString(name + "\n")
		}
		flags := ""
		if e.day > 0 {
			flags += "l"
		}
		if e.Funding != nil {
			flags += "f"
		}
		if e.Scripts {
			flags += "s"
		}
		if len(e.OS) > 0 || len(e.CPU) > 0 {
			flags += "p"
		}
		if slices.Contains(e.Libc, "musl") {
			flags += "m"
		}
		if slices.Contains(e.Libc, "glibc") {
			flags += "g"
		}
		if e.Deprecated != "" {
			i := slices.Index(deprecated, e.Deprecated)
			if i < 0 {
				i = len(deprecated)
				deprecated = append(deprecated, e.Deprecated)
			}
			flags += fmt.Sprintf("d%d", i)
		}
		fmt.Fprintf(&b, "\t%s\t%d\t%d\t%s", e.Version, e.bytes, e.files, flags)
		for n, r := range sorted(e.Depends) {
			fmt.Fprintf(&b, "\t%s %s", n, r)
		}
		for n, r := range sorted(e.Optional) {
			fmt.Fprintf(&b, "\t?%s %s", n, r)
		}
		for n, r := range sorted(e.Peers) {
			if e.PeerMeta[n]["optional"] != true {
				fmt.Fprintf(&b, "\t^%s %s", n, r)
			}
		}
		for n, file := range e.bins() {
			fmt.Fprintf(&b, "\t>%s %s", n, file)
		}
		b.WriteString("\n")
	}
	for i, d := range deprecated {
		fmt.Fprintf(&b, "deprecated %d %s\n", i, strings.Join(strings.Fields(d), " "))
	}
	return writeData("npm.zst", b.String())
}

// npmFill gives a version whose files were not fetched the sizes of another.
func npmFill(all map[string]*npmEntry) {
	for _, k := range slices.Sorted(maps.Keys(all)) {
		e := all[k]
		if e.files > 0 || e.day == 0 {
			continue
		}
		e.files, e.bytes = 12, 60_000 // of a name that the earlier day did not have
		for _, o := range slices.Sorted(maps.Keys(all)) {
			if other := all[o]; other.Name == e.Name && other.files > 0 && other.day == 0 {
				e.files, e.bytes = other.files, other.bytes
			}
		}
	}
}

func sorted(m map[string]string) func(func(string, string) bool) {
	return func(yield func(string, string) bool) {
		for _, k := range slices.Sorted(maps.Keys(m)) {
			if !yield(k, m[k]) {
				return
			}
		}
	}
}

// bins is the programs of a package with their files.
func (e *npmEntry) bins() func(func(string, string) bool) {
	out := map[string]string{}
	switch bin := e.Bin.(type) {
	case string:
		out[path.Base(e.Name)] = path.Clean(bin)
	case map[string]any:
		for n, f := range bin {
			out[n] = path.Clean(fmt.Sprint(f))
		}
	}
	return sorted(out)
}
