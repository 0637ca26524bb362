package shell

import (
	"context"
	"encoding/json"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/layerlab/layerlab/sim/catalog"
	"github.com/layerlab/layerlab/sim/overlay"
)

// cmdTsc is TypeScript's compiler: what the script "build" would write.
func cmdTsc(ctx context.Context, p *Process) int { return p.runScript(ctx, "tsc", "build") }

// cmdYarn is yarn and pnpm: what they install is what npm would, and their
// scripts are npm's.
func cmdYarn(ctx context.Context, p *Process) int {
	name, words := baseName(p.Args[0]), p.Args[1:]
	if slices.Contains(words, "--version") || slices.Contains(words, "-v") {
		return p.sayVersion("%s", orName(p.version(strings.ToUpper(name)+"_VERSION"), "9.15.0"))
	}
	rest := operands(words)
	verb := "install"
	if len(rest) > 0 {
		verb, rest = rest[0], rest[1:]
	}
	switch verb {
	case "install", "i", "ci", "add":
		return p.installAs(ctx, name, verb, words, rest)
	case "cache", "store", "config", "set", "fetch", "dedupe":
		return 0
	case "run":
		if len(rest) == 0 {
			return p.cannot(p.Args)
		}
		verb = rest[0]
	}
	return p.runScript(ctx, name, verb)
}

// cmdCorepack is corepack: enable makes the programs that it stands in for.
func cmdCorepack(ctx context.Context, p *Process) int {
	words := operands(p.Args[1:])
	if len(words) == 0 || words[0] != "enable" {
		return 0
	}
	names := words[1:]
	if len(names) == 0 {
		names = []string{"pnpm", "pnpx", "yarn", "yarnpkg"}
	}
	real, err := p.realpath(p.path)
	if err != nil {
		real = p.path
	}
	bin, err := p.lookPath("corepack")
	if err != nil {
		return p.cannot(p.Args)
	}
	for _, name := range names {
		script := path.Join(path.Dir(real), name+".js")
		if status := p.write(ctx, script, "#!/usr/bin/env node\nrequire('./lib/corepack.cjs').runMain(['"+name+"', ...process.argv.slice(2)]);\n", 0o755); status != 0 {
			return status
		}
		link := path.Join(path.Dir(bin), name)
		if p.exists(link) {
			if err := p.unlink(link); err != nil {
				return p.say("%s: %s", link, why(err))
			}
		}
		if err := p.symlink(script, link); err != nil {
			return p.say("%s: %s", link, why(err))
		}
	}
	return 0
}

// installAs has npm's model install.
func (p *Process) installAs(ctx context.Context, name, verb string, words, packages []string) int {
	npm, ok := known("npm")
	if !ok {
		return p.cannot(p.Args)
	}
	args := append([]string{"npm", "install"}, packages...)
	if verb != "add" {
		args = []string{"npm", "install"}
		if p.exists("package-lock.json") {
			args = []string{"npm", "ci"}
		}
	}
	for _, w := range words {
		switch w {
		case "--production", "--prod", "-P", "--production=true":
			args = append(args, "--omit=dev")
		case "-g", "--global":
			args = append(args, "-g")
		}
	}
	p.errf("%s%s does not run here: the packages are those that npm's model would install.\n", aside, name)
	locked := p.exists("package-lock.json")
	c := *p
	c.Args = args
	status := npm(ctx, &c)
	if !locked && p.exists("package-lock.json") { // npm's, which the others do not write
		if err := p.unlink("package-lock.json"); err != nil {
			return p.say("package-lock.json: %s", why(err))
		}
	}
	return status
}

// checks are scripts of package.json that write nothing into an image.
var checks = []string{"test", "lint", "typecheck", "type-check", "check", "format", "prettier"}

// runScript is npm run NAME, as far as it can be known: a script "build" of
// package.json writes a bundle made up from the sources, into the directory that
// the tool named in the script uses; one that only checks is taken as done.
func (p *Process) runScript(ctx context.Context, tool, name string) int {
	text, err := p.readAll(ctx, "package.json")
	if err != nil {
		return p.say("package.json: %s", why(err))
	}
	var manifest struct {
		Name, Version string
		Scripts       map[string]string
	}
	if err := json.Unmarshal([]byte(text), &manifest); err != nil {
		return p.say("package.json: %v", err)
	}
	script, ok := manifest.Scripts[name]
	if !ok && tool != "tsc" {
		p.errf("npm error Missing script: %q\n", name)
		return 1
	}
	p.outf("\n> %s@%s %s\n> %s\n\n", manifest.Name, manifest.Version, name, script)
	first, _, _ := strings.Cut(name, ":")
	switch {
	case slices.Contains(checks, first):
		return p.skipped(fmt.Sprintf("%q", script), "nothing was checked")
	case first != "build":
		return p.cannot([]string{script})
	}
	return p.bundle(ctx, orName(script, tool), manifest.Name)
}

// bundled is a file that a bundler writes.
type bundled struct {
	name string
	kind catalog.Kind
	size int64 // a negative one is so many times the sources
}

// bundle writes what the bundler in a script would, made up from the sources.
func (p *Process) bundle(ctx context.Context, script, project string) int {
	files, size, mark := int64(0), int64(0), uint64(0)
	for _, from := range []string{"src", "app", "pages", "components", "lib", "server"} {
		if p.exists(from) {
			n, s, m := p.sources(ctx, from, ".js", ".jsx", ".ts", ".tsx", ".css", ".scss", ".vue", ".svelte", ".astro", ".html", ".json", ".mjs")
			files, size, mark = files+int64(n), size+s, mark*31+m
		}
	}
	dir := outputDir(script)
	id := fmt.Sprintf("%08x", uint32(mark^mark>>32))
	var total int64
	for _, f := range p.bundleFiles(ctx, script, dir, project, id, size) {
		total += f.size
		if status := p.put(ctx, path.Join(dir, f.name), f.kind, f.size, mark, 0o644); status != 0 {
			return status
		}
	}
	if p.isRealDir("public") && !strings.Contains(script, "next") && !strings.Contains(script, "tsc") && !strings.Contains(script, "nest") {
		c := *p
		c.Args = []string{"sh", "-c", "for f in public/*; do [ \"$f\" = public/index.html ] || cp -r \"$f\" \"$0\"; done", dir}
		cmdSh(ctx, &c)
	}
	p.errf("%sthe simulator cannot run programs (%s): %s/ (%s, from %d sources) is made up, of a usual size.\n", aside, script, dir, siBytes(total), files)
	return 0
}

// bundleFiles are the files that the tool named in a script writes below dir.
func (p *Process) bundleFiles(ctx context.Context, script, dir, project, id string, size int64) []bundled {
	js, css := 145_000+size/2, 9_000+size/10
	switch {
	case strings.Contains(script, "next"):
		out := []bundled{{"BUILD_ID", catalog.Text, 21}, {"build-manifest.json", catalog.Text, 1_100}, {"routes-manifest.json", catalog.Text, 1_900}, {"package.json", catalog.Text, 20},
			{"static/chunks/framework-" + id + ".js", catalog.Text, 141_000}, {"static/chunks/main-" + id + ".js", catalog.Text, js}, {"static/css/" + id + ".css", catalog.Text, css},
			{"server/pages/index.html", catalog.Text, 2_400 + size/10}, {"server/pages-manifest.json", catalog.Text, 120}, {"server/webpack-runtime.js", catalog.Text, 1_600}, {"cache/webpack/client-production/0.pack", catalog.Packed, 18_000_000}, {"trace", catalog.Text, 60_000}}
		for _, config := range []string{"next.config.js", "next.config.mjs", "next.config.ts"} {
			if text, err := p.readAll(ctx, config); err == nil && strings.Contains(text, "standalone") {
				return append(out, bundled{"standalone/server.js", catalog.Text, 5_200}, bundled{"standalone/package.json", catalog.Text, 480}, bundled{"standalone/.next/server/pages/index.html", catalog.Text, 2_400 + size/10},
					bundled{"standalone/node_modules/next/dist/server/next-server.js", catalog.Text, 14_000_000}, bundled{"standalone/node_modules/react/cjs/react.production.min.js", catalog.Text, 7_000}, bundled{"standalone/node_modules/react-dom/cjs/react-dom-server.node.production.min.js", catalog.Text, 131_000})
			}
		}
		return out
	case strings.Contains(script, "react-scripts"):
		return []bundled{{"index.html", catalog.Text, 644}, {"asset-manifest.json", catalog.Text, 370}, {"static/js/main." + id + ".js", catalog.Text, js}, {"static/js/main." + id + ".js.map", catalog.Text, js * 3}, {"static/css/main." + id + ".css", catalog.Text, css}}
	case strings.Contains(script, "nuxt"):
		return []bundled{{"nitro.json", catalog.Text, 300}, {"server/index.mjs", catalog.Text, 1_900_000 + size}, {"public/_nuxt/entry." + id + ".js", catalog.Text, js}, {"public/_nuxt/entry." + id + ".css", catalog.Text, css}}
	case strings.HasPrefix(script, "ng ") || strings.Contains(script, " ng build"):
		at := orName(project, "app") + "/browser/"
		return []bundled{{at + "index.html", catalog.Text, 720}, {at + "main-" + id + ".js", catalog.Text, 210_000 + size/2}, {at + "polyfills-" + id + ".js", catalog.Text, 34_000}, {at + "styles-" + id + ".css", catalog.Text, css}}
	case strings.Contains(script, "nest ") || strings.Contains(script, "tsc") && !strings.Contains(script, "vite"):
		return p.compiled(ctx)
	}
	return []bundled{{"index.html", catalog.Text, 460}, {"assets/index-" + id + ".js", catalog.Text, js}, {"assets/index-" + id + ".css", catalog.Text, css}}
}

// compiled is one file of JavaScript for each of TypeScript.
func (p *Process) compiled(ctx context.Context) []bundled {
	var out []bundled
	p.walk(ctx, "src", true, func(name string, st overlay.Stat) error {
		if ext := path.Ext(name); st.IsRegular() && (ext == ".ts" || ext == ".tsx") {
			out = append(out, bundled{strings.TrimSuffix(strings.TrimPrefix(name, "src/"), ext) + ".js", catalog.Text, st.Size*8/10 + 120})
		}
		return nil
	}, func(string, error) {})
	if len(out) == 0 {
		out = append(out, bundled{"index.js", catalog.Text, 4_000})
	}
	return out
}

// outputDir is where the bundler named in a script writes.
func outputDir(script string) string {
	for _, flag := range []string{"--outDir", "--outdir", "--output-path", "--dist-dir", "-d"} {
		if dir := flagValue(strings.Fields(script), flag); dir != "" {
			return dir
		}
	}
	switch {
	case strings.Contains(script, "react-scripts"), strings.Contains(script, "remix"), strings.Contains(script, "svelte-kit"):
		return "build"
	case strings.Contains(script, "nuxt"):
		return ".output"
	case strings.Contains(script, "next"):
		return ".next"
	}
	return "dist"
}
