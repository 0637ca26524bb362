package shell

import (
	"context"
	"fmt"
	"path"
	"regexp"
	"strings"

	"github.com/layerlab/layerlab/sim/overlay"
	"github.com/layerlab/layerlab/sim/pkg/pip"
)

// operand is one thing to install: a requirement, a project's directory or a wheel.
func (r *pipRun) operand(ctx context.Context, word, by string) int {
	bare, _, _ := strings.Cut(word, "[")
	switch {
	case strings.HasSuffix(word, ".whl"):
		return r.wheelFile(word)
	case strings.Contains(word, "://") || strings.HasPrefix(word, "git+"):
		r.p.errf("%sthere is no network here: %s cannot be fetched.\n", aside, word)
		return 1
	case bare == "." || strings.HasPrefix(bare, "./") || strings.HasPrefix(bare, "../") || strings.HasPrefix(bare, "/"):
		return r.local(ctx, bare, by)
	}
	w := pip.ParseWish(word)
	w.By = by
	r.wishes = append(r.wishes, w)
	return 0
}

// joinedLines is the lines of a requirements file, joined where one ends in a backslash;
// each with its number.
func joinedLines(text string) (lines []string, numbers []int) {
	joined, first := "", 0
	number := 0
	for line := range strings.Lines(text) {
		number++
		line = strings.TrimSpace(line)
		if joined == "" {
			first = number
		}
		if rest, ok := strings.CutSuffix(line, "\\"); ok {
			joined += rest + " "
			continue
		}
		joined += line
		if joined != "" && joined[0] != '#' {
			lines, numbers = append(lines, joined), append(numbers, first)
		}
		joined = ""
	}
	return lines, numbers
}

func (r *pipRun) requirements(ctx context.Context, file string) int {
	text, err := r.p.readAll(ctx, file)
	if err != nil {
		r.p.errf("ERROR: Could not open requirements file: [Errno 2] No such file or directory: '%s'\n", file)
		return 1
	}
	lines, numbers := joinedLines(text)
	for i, line := range lines {
		by := fmt.Sprintf("from -r %s (line %d)", file, numbers[i])
		key, value, _ := strings.Cut(line, " ")
		if k, v, ok := strings.Cut(key, "="); ok && strings.HasPrefix(key, "--") {
			key, value = k, v
		}
		value = strings.TrimSpace(value)
		status := 0
		switch key {
		case "-r", "--requirement":
			status = r.requirements(ctx, path.Join(path.Dir(file), value))
		case "-c", "--constraint":
			status = r.constraints(ctx, path.Join(path.Dir(file), value))
		case "-e", "--editable":
			status = r.local(ctx, value, by)
		case "--no-index":
			r.offline = true
		case "-f", "--find-links":
			r.links = value
		default:
			if strings.HasPrefix(key, "-") {
				continue
			}
			status = r.operand(ctx, line, by)
		}
		if status != 0 {
			return status
		}
	}
	return 0
}

// constraints reads a file of versions that are not to be passed.
func (r *pipRun) constraints(ctx context.Context, file string) int {
	text, err := r.p.readAll(ctx, file)
	if err != nil {
		r.p.errf("ERROR: Could not open requirements file: [Errno 2] No such file or directory: '%s'\n", file)
		return 1
	}
	lines, _ := joinedLines(text)
	for _, line := range lines {
		if w := pip.ParseWish(line); w.Name != "" && !strings.HasPrefix(line, "-") {
			r.bounds[w.Name] = w.Condition
		}
	}
	return 0
}

// wheelFile is a wheel that lies on the disk, made by pip wheel before.
func (r *pipRun) wheelFile(file string) int {
	f := strings.Split(strings.TrimSuffix(path.Base(file), ".whl"), "-")
	st, err := r.p.stat(file)
	if err != nil || len(f) < 5 {
		r.p.errf("WARNING: Requirement '%s' looks like a filename, but the file does not exist\nERROR: Could not install packages due to an OSError: [Errno 2] No such file or directory: '%s'\n", file, r.p.abs(file))
		return 1
	}
	name := pip.Normal(f[0])
	p := &pip.Package{Name: name, Installed: st.Size * 3, Files: 14, Module: f[0]}
	if known := r.index[name]; known != nil {
		c := *known
		p = &c
	}
	p.Version, p.Wheel = f[1], st.Size
	r.index = maps1(r.index, p)
	r.say("Processing %s\n", r.p.abs(file))
	r.wishes = append(r.wishes, pip.Wish{Text: name + "==" + f[1], Name: name, Condition: "==" + f[1], By: "file"})
	return 0
}

var (
	projectField   = regexp.MustCompile(`(?m)^\s*(name|version)\s*=\s*["']([^"']+)["']`)
	dependencyList = regexp.MustCompile(`(?s)(?:\bdependencies|install_requires)\s*=\s*\[(.*?)\]\s*(?:\n|,|$)`)
	inQuotes       = regexp.MustCompile(`["']([^"']+)["']`)
)

// local is a project of the person: its own modules are installed, and what its
// pyproject.toml or setup.py asks for.
func (r *pipRun) local(ctx context.Context, dir, by string) int {
	given := dir
	dir = path.Clean(r.p.abs(dir))
	text, err := r.p.readAll(ctx, dir+"/pyproject.toml")
	how := "pyproject.toml"
	if err != nil {
		if text, err = r.p.readAll(ctx, dir+"/setup.py"); err != nil {
			if !r.p.exists(dir) {
				r.p.errf("ERROR: Invalid requirement: '%s': Expected package name at the start of dependency specifier\n", given)
			} else {
				r.p.errf("ERROR: Directory '%s' is not installable. Neither 'setup.py' nor 'pyproject.toml' found.\n", given)
			}
			return 1
		}
		how = "setup.py"
	}
	p := &pip.Package{Name: pip.Normal(path.Base(dir)), Version: "0.0.0", Files: 2}
	for _, m := range projectField.FindAllStringSubmatch(text, -1) {
		if m[1] == "name" {
			p.Name = pip.Normal(m[2])
		} else {
			p.Version = m[2]
		}
	}
	p.Module = strings.ReplaceAll(p.Name, "-", "_")
	r.say("Processing %s\n", dir)
	if how == "pyproject.toml" {
		for _, step := range []string{"Installing build dependencies", "Getting requirements to build wheel", "Preparing metadata (pyproject.toml)"} {
			r.say("  %s: started\n  %s: finished with status 'done'\n", step, step)
		}
	} else {
		r.say("  Preparing metadata (setup.py): started\n  Preparing metadata (setup.py): finished with status 'done'\n")
	}
	r.sources[p.Name] = dir
	r.index = maps1(r.index, p)
	r.wishes = append(r.wishes, pip.Wish{Text: p.Name, Name: p.Name, By: "local"})
	if m := dependencyList.FindStringSubmatch(text); m != nil {
		for _, q := range inQuotes.FindAllStringSubmatch(m[1], -1) {
			w := pip.ParseWish(q[1])
			w.By = "from " + p.Name + "==" + p.Version
			r.wishes = append(r.wishes, w)
		}
	}
	return 0
}

// copyProject puts the modules of a project into site-packages.
func (r *pipRun) copyProject(ctx context.Context, p *pip.Package, note func(name string, size int64)) error {
	from := r.sources[p.Name]
	for _, dir := range []string{from + "/src/" + p.Module, from + "/" + p.Module} {
		if st, err := r.p.stat(dir); err == nil && st.IsDir() {
			return r.copyModule(ctx, dir, r.site+"/"+p.Module, note)
		}
	}
	list, err := r.p.readDir(from)
	if err != nil {
		return err
	}
	for _, e := range list {
		if strings.HasSuffix(e.Name, ".py") && e.Name != "setup.py" {
			if err := r.copyFile(from+"/"+e.Name, r.site+"/"+e.Name, note); err != nil {
				return err
			}
		}
	}
	return nil
}

func (r *pipRun) copyModule(ctx context.Context, from, to string, note func(name string, size int64)) error {
	r.p.k.turn(ctx)
	list, err := r.p.readDir(from)
	if err != nil {
		return err
	}
	if err := r.p.mkdirAll(to, false); err != nil {
		return err
	}
	for _, e := range list {
		switch {
		case e.Stat.IsDir() && e.Name != "__pycache__":
			err = r.copyModule(ctx, from+"/"+e.Name, to+"/"+e.Name, note)
		case e.Stat.IsRegular():
			err = r.copyFile(from+"/"+e.Name, to+"/"+e.Name, note)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (r *pipRun) copyFile(from, to string, note func(name string, size int64)) error {
	body, err := r.p.body(from)
	if err != nil {
		return err
	}
	note(to, body.Size())
	return r.p.setBody(to, body, &overlay.Meta{Perm: 0o644, UID: uint32(r.p.FS.Cred().UID), GID: uint32(r.p.FS.Cred().GID)})
}
