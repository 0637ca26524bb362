package shell

import (
	"context"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/layerlab/layerlab/sim/pkg/apk"
)

// split parts the words into the options given as words and the operands.
func (a *apkRun) split() (options map[string]bool, names []string) {
	options = map[string]bool{}
	for _, w := range a.words {
		if strings.HasPrefix(w, "-") {
			options[w] = true
		} else {
			names = append(names, w)
		}
	}
	return options, names
}

// info is apk info: what is installed, or what one package has.
func (a *apkRun) info(ctx context.Context) int {
	o, names := a.split()
	if len(names) == 0 {
		for _, p := range a.state.Packages {
			if o["-v"] {
				a.p.outf("%s\n", p.Full())
			} else {
				a.p.outf("%s\n", p.Name)
			}
		}
		return 0
	}
	status := 0
	for _, name := range names {
		p := a.state.Has(name)
		if o["-e"] || o["--installed"] {
			if p == nil {
				status = 1
			} else {
				a.p.outf("%s\n", p.Name)
			}
			continue
		}
		if p == nil {
			p = a.index.Find(name)
		}
		if p == nil {
			status = 1
			continue
		}
		a.tell(p, o)
	}
	return status
}

func (a *apkRun) tell(p *apk.Package, o map[string]bool) {
	section := func(title, text string) { a.p.outf("%s %s:\n%s\n\n", p.Full(), title, text) }
	all := o["-a"] || o["--all"]
	plain := !all && !o["-L"] && !o["-R"] && !o["--contents"] && !o["--depends"] && !o["-d"] && !o["--size"]
	if all || plain || o["-d"] {
		section("description", p.Description)
	}
	if all || plain || o["--size"] {
		section("installed size", mebi(p.Installed))
	}
	if all || o["-R"] || o["--depends"] {
		section("depends on", strings.Join(p.Depends, "\n"))
	}
	if all || o["-L"] || o["--contents"] {
		files, _ := p.Files()
		for i := range files {
			files[i] = strings.TrimPrefix(files[i], "/")
		}
		section("contains", strings.Join(files, "\n"))
	}
}

// mebi is a size as apk prints it: at most four digits before the unit.
func mebi(n int64) string {
	unit := 0
	for n >= 10000 && unit < 3 {
		n /= 1024
		unit++
	}
	return strconv.FormatInt(n, 10) + " " + []string{"B", "KiB", "MiB", "GiB"}[unit]
}

// search is apk search: the names in the repository that have the word in them.
func (a *apkRun) search(ctx context.Context) int {
	a.fetch(ctx, a.update)
	o, names := a.split()
	var out []string
	for _, p := range a.index.Packages {
		hit := len(names) == 0
		for _, n := range names {
			ok, _ := path.Match(n, p.Name)
			hit = hit || ok || o["-x"] && n == p.Name || !o["-x"] && !strings.ContainsAny(n, "*?") && strings.Contains(p.Name, n)
		}
		if hit {
			line := p.Full()
			if o["-v"] || o["-d"] {
				line += " - " + p.Description
			}
			out = append(out, line)
		}
	}
	slices.Sort(out)
	for _, line := range out {
		a.p.outf("%s\n", line)
	}
	return 0
}

func (a *apkRun) list(ctx context.Context) int {
	o, names := a.split()
	for _, p := range a.index.Packages {
		in := a.state.Has(p.Name) != nil
		if (o["-I"] || o["--installed"]) && !in || len(names) > 0 && !slices.Contains(names, p.Name) {
			continue
		}
		a.p.outf("%s x86_64 {%s} ()", p.Full(), p.Name)
		if in {
			a.p.outf(" [installed]")
		}
		a.p.outf("\n")
	}
	return 0
}

func (a *apkRun) stats(context.Context) int {
	a.p.outf("installed:\n  packages: %d\n  bytes: %d\n", len(a.state.Packages), a.state.Bytes())
	return 0
}

// versions is apk version: which packages are older than the repository's.
func (a *apkRun) versions(context.Context) int {
	a.p.outf("Installed:                                Available:\n")
	for _, p := range a.state.Packages {
		if now := a.index.Find(p.Name); now != nil && apk.Compare(now.Version, p.Version) > 0 {
			a.p.outf("%-42s< %s \n", p.Full(), now.Version)
		}
	}
	return 0
}

func (a *apkRun) policy(ctx context.Context) int {
	_, names := a.split()
	for _, n := range names {
		if p := a.index.Find(n); p != nil {
			a.p.outf("%s policy:\n  %s:\n", p.Name, p.Version)
			if a.state.Has(n) != nil {
				a.p.outf("    lib/apk/db/installed\n")
			}
			for _, url := range a.repositories(ctx)[:1] {
				a.p.outf("    %s\n", strings.TrimSuffix(url, "/x86_64/"))
			}
		}
	}
	return 0
}

// cacheCommand is apk cache clean and the like.
func (a *apkRun) cacheCommand(ctx context.Context) int {
	_, words := a.split()
	dir, packages := a.cacheDir()
	if !packages {
		a.p.errf("ERROR: Package cache is not enabled.\n")
		return 1
	}
	if slices.Contains(words, "clean") || slices.Contains(words, "purge") {
		list, _ := a.p.readDir(dir)
		for _, e := range list {
			if strings.HasSuffix(e.Name, ".apk") {
				a.p.unlink(dir + "/" + e.Name)
			}
		}
	}
	return 0
}
