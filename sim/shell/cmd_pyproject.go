package shell

import (
	"context"
	"path"
	"slices"
	"strings"
)

// cmdUV is uv: sync, pip install and venv, by the models of pip and venv.
func cmdUV(ctx context.Context, p *Process) int {
	words := p.Args[1:]
	for len(words) > 0 && strings.HasPrefix(words[0], "--") && words[0] != "--version" {
		words = words[1:]
	}
	if len(words) == 0 {
		return p.cannot(p.Args)
	}
	cache := orName(p.env("UV_CACHE_DIR"), p.env("HOME")+"/.cache/uv")
	switch verb, rest := words[0], words[1:]; verb {
	case "--version", "version":
		return p.sayVersion("uv %s", "0.9.0")
	case "sync":
		return p.project(ctx, "uv", ".venv", "uv.lock", cache, rest)
	case "venv":
		c := *p
		c.Args = append([]string{p.Args[0], "-m", "venv", "--without-pip"}, operands(rest)...)
		if len(operands(rest)) == 0 {
			c.Args = append(c.Args, ".venv")
		}
		return c.asPython().venv(ctx, c.Args[3:])
	case "pip":
		return p.uvPip(ctx, cache, rest)
	case "lock", "cache", "python", "self", "tool":
		return 0
	}
	return p.cannot(p.Args)
}

// asPython is the process as if it were the Python that is found first.
func (p *Process) asPython() *Process {
	c := *p
	if file, err := p.lookPath("python3"); err == nil {
		c.path = file
	}
	return &c
}

// uvPip is uv pip install: into the system or the environment that is active.
func (p *Process) uvPip(ctx context.Context, cache string, words []string) int {
	pip, _ := known("pip")
	c := *p
	c.Args = []string{"pip"}
	if env := p.env("VIRTUAL_ENV"); env != "" && !slices.Contains(words, "--system") {
		c.Args[0] = env + "/bin/pip"
	}
	for _, w := range words {
		if w == "sync" {
			c.Args = append(c.Args, "install", "-r")
		} else if w != "--system" && w != "--compile-bytecode" && w != "--locked" {
			c.Args = append(c.Args, w)
		}
	}
	c.Env = append(slices.Clone(p.Env), "PIP_CACHE_DIR="+cache, "PIP_DISABLE_PIP_VERSION_CHECK=1")
	if slices.Contains(words, "--no-cache") {
		c.Env = append(c.Env, "PIP_NO_CACHE_DIR=1")
	}
	return pip(ctx, &c)
}

// cmdPoetry is poetry install, by the models of pip and venv.
func cmdPoetry(ctx context.Context, p *Process) int {
	words := operands(p.Args[1:])
	if slices.Contains(p.Args, "--version") {
		return p.sayVersion("Poetry (version %s)", "1.8.5")
	}
	if len(words) == 0 {
		return p.cannot(p.Args)
	}
	cache := orName(p.env("POETRY_CACHE_DIR"), p.env("HOME")+"/.cache/pypoetry")
	switch words[0] {
	case "install", "sync":
		dir := ""
		settings, _ := p.readAll(ctx, "poetry.toml")
		local, _ := p.readAll(ctx, p.env("HOME")+"/.config/pypoetry/config.toml")
		on := func(v string) bool { return v == "1" || v == "true" }
		switch all := settings + local; {
		case on(p.env("POETRY_VIRTUALENVS_IN_PROJECT")) || strings.Contains(all, "in-project = true"):
			dir = ".venv"
		case p.env("POETRY_VIRTUALENVS_CREATE") != "false" && !strings.Contains(all, "create = false"):
			dir = cache + "/virtualenvs/" + path.Base(p.Dir)
		}
		return p.project(ctx, "poetry", dir, "poetry.lock", cache, p.Args[2:])
	case "config":
		if len(words) < 3 {
			return 0
		}
		dir, key := p.env("HOME")+"/.config/pypoetry", words[1][strings.LastIndex(words[1], ".")+1:]
		if err := p.mkdirAll(dir, false); err != nil {
			return p.say("%s: %s", dir, why(err))
		}
		old, _ := p.readAll(ctx, dir+"/config.toml")
		return p.write(ctx, dir+"/config.toml", old+key+" = "+words[2]+"\n", 0o644)
	case "cache", "check", "lock", "self", "env":
		return 0
	}
	return p.cannot(p.Args)
}

// project installs what a lock file names, or pyproject.toml where there is none,
// into an environment in dir, or into the system when dir is "".
func (p *Process) project(ctx context.Context, tool, dir, lock, cache string, words []string) int {
	text, err := p.readAll(ctx, "pyproject.toml")
	if err != nil {
		p.errf("error: No `pyproject.toml` found in current directory or any parent directory\n")
		return 2
	}
	wishes := projectNeeds(text)
	if locked, err := p.readAll(ctx, lock); err == nil {
		wishes = lockedPackages(locked, text)
	} else if slices.Contains(words, "--locked") || slices.Contains(words, "--frozen") {
		p.errf("error: Unable to find lockfile at `%s`\n", lock)
		return 2
	}
	pip := "pip"
	if dir != "" {
		if !p.exists(dir + "/pyvenv.cfg") {
			if status := p.asPython().venv(ctx, []string{dir}); status != 0 {
				return status
			}
		}
		pip = path.Join(p.abs(dir), "bin/pip")
	}
	p.errf("%s%s does not run here: the packages are those that pip's model would install.\n", aside, tool)
	if len(wishes) == 0 {
		return 0
	}
	c := *p
	c.Args = append([]string{pip, "install", "--no-deps"}, wishes...)
	c.Env = append(slices.Clone(p.Env), "PIP_CACHE_DIR="+cache)
	if p.env("UV_NO_CACHE") != "" || slices.Contains(words, "--no-cache") {
		c.Env = append(c.Env, "PIP_NO_CACHE_DIR=1")
	}
	run, _ := known("pip")
	return run(ctx, &c)
}

// lockedPackages is NAME==VERSION of each package of a lock file but the project
// itself.
func lockedPackages(lock, project string) []string {
	own := tomlValue(project, "name")
	var out []string
	for part := range strings.SplitSeq(lock, "[[package]]") {
		name, version := tomlValue(part, "name"), tomlValue(part, "version")
		if name != "" && name != own && version != "" && !strings.Contains(part, "editable = ") && !strings.Contains(part, "virtual = ") {
			out = append(out, name+"=="+version)
		}
	}
	return out
}

// tomlValue is the text of the first key of that name.
func tomlValue(text, key string) string {
	for line := range strings.Lines(text) {
		if v, ok := strings.CutPrefix(strings.ReplaceAll(line, " ", ""), key+"="); ok {
			return strings.Trim(strings.TrimSpace(v), `"'`)
		}
	}
	return ""
}

// projectNeeds is the names in pyproject.toml's dependencies, of PEP 621 or of
// Poetry; which versions it allows is not looked at.
func projectNeeds(text string) []string {
	var out []string
	if _, rest, ok := strings.Cut(text, "\ndependencies = ["); ok {
		list, _, _ := strings.Cut(rest, "\n]")
		for line := range strings.SplitSeq(strings.ReplaceAll(list, ",", "\n"), "\n") {
			if name := strings.Trim(strings.TrimSpace(line), `"'] `); name != "" && !strings.HasPrefix(name, "[") && !strings.Contains(name, " = ") {
				out = append(out, strings.FieldsFunc(name, func(r rune) bool { return strings.ContainsRune("<>=!~; ", r) })[0])
			}
		}
		return out
	}
	if _, rest, ok := strings.Cut(text, "[tool.poetry.dependencies]\n"); ok {
		for line := range strings.Lines(rest) {
			if strings.HasPrefix(line, "[") {
				break
			}
			if name, _, ok := strings.Cut(line, "="); ok && strings.TrimSpace(name) != "python" {
				out = append(out, strings.TrimSpace(name))
			}
		}
	}
	return out
}
