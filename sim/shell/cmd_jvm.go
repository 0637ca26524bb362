package shell

import (
	"context"
	"path"
	"slices"
	"strings"

	"github.com/layerlab/layerlab/sim/catalog"
)

// cmdCargo is cargo build: target/release/NAME of Cargo.toml.
func cmdCargo(ctx context.Context, p *Process) int {
	words := p.Args[1:]
	switch {
	case slices.Contains(words, "--version") || slices.Contains(words, "-V"):
		return p.sayVersion("cargo %s", p.version("RUST_VERSION", "cargo"))
	case len(words) == 0:
		return p.cannot(p.Args)
	case words[0] == "fetch" || words[0] == "clean" || words[0] == "fmt":
		return 0
	case words[0] != "build" && words[0] != "install":
		return p.cannot(p.Args)
	}
	text, err := p.readAll(ctx, "Cargo.toml")
	if err != nil {
		p.errf("error: could not find `Cargo.toml` in `%s` or any parent directory\n", p.Dir)
		return 101
	}
	name := tomlName(text)
	_, size, mark := p.sources(ctx, ".", ".rs")
	lock, _ := p.readAll(ctx, "Cargo.lock")
	crates := strings.Count(lock, "[[package]]")
	profile := "debug"
	if slices.Contains(words, "--release") || slices.Contains(words, "-r") || words[0] == "install" {
		profile = "release"
	}
	dir := orName(p.env("CARGO_TARGET_DIR"), "target")
	if t := flagValue(words, "--target"); t != "" {
		dir += "/" + t
	}
	program := 430_000 + int64(crates)*90_000 + size*3
	if profile == "debug" {
		program *= 9
	}
	p.put(ctx, dir+"/"+profile+"/deps/lib"+name+".rlib", catalog.Archive, program*6, mark, 0o644)
	out := dir + "/" + profile + "/" + name
	if words[0] == "install" {
		out = orName(flagValue(words, "--root"), orName(p.env("CARGO_HOME"), p.env("HOME")+"/.cargo")) + "/bin/" + name
	}
	return p.artefact(ctx, "cargo", out, catalog.Program, program, mark, 0o755)
}

// tomlName is the name of [package] in Cargo.toml.
func tomlName(text string) string {
	for line := range strings.Lines(text) {
		key, value, ok := strings.Cut(line, "=")
		if ok && strings.TrimSpace(key) == "name" {
			return strings.Trim(strings.TrimSpace(value), `"'`)
		}
	}
	return "app"
}

// cmdMaven is mvn package and gradle build: a jar named by pom.xml.
func cmdMaven(ctx context.Context, p *Process) int {
	tool, words := baseName(p.Args[0]), p.Args[1:]
	if slices.Contains(words, "--version") || slices.Contains(words, "-v") {
		if tool == "mvn" {
			return p.sayVersion("Apache Maven %s", p.version("MAVEN_VERSION", "maven"))
		}
		return p.sayVersion("Gradle %s", p.version("GRADLE_VERSION", "gradle"))
	}
	_, size, mark := p.sources(ctx, ".", ".java", ".kt", ".xml", ".properties")
	goals := operands(words)
	repo := p.env("HOME") + "/.m2/repository/made-up.jar"
	if tool == "gradle" {
		repo = p.env("GRADLE_USER_HOME")
		if repo == "" {
			repo = p.env("HOME") + "/.gradle"
		}
		repo += "/caches/made-up.jar"
	}
	has := func(names ...string) bool {
		return slices.ContainsFunc(goals, func(g string) bool { return slices.Contains(names, g) })
	}
	switch {
	case tool == "mvn" && !p.exists(orName(flagValue(words, "-f"), "pom.xml")):
		p.errf("[ERROR] The goal you specified requires a project to execute but there is no POM in this directory (%s). Please verify you invoked Maven from the correct directory. -> [Help 1]\n", p.Dir)
		return 1
	case has("dependency:go-offline", "dependency:resolve", "dependencies"):
		if p.exists(repo) {
			return 0
		}
		return p.artefact(ctx, tool, repo, catalog.Packed, 48_000_000, 1, 0o644)
	case has("package", "install", "verify", "build", "assemble", "bootJar", "jar"):
		out := "target/" + p.pomName(ctx) + ".jar"
		if tool == "gradle" {
			out = "build/libs/" + path.Base(p.Dir) + ".jar"
		}
		if !p.exists(repo) {
			p.put(ctx, repo, catalog.Packed, 48_000_000, 1, 0o644)
		}
		return p.artefact(ctx, tool, out, catalog.Packed, 19_000_000+size/3, mark, 0o644)
	case has("clean"):
		return 0
	}
	return p.cannot(p.Args)
}

// pomName is finalName of pom.xml, else artifactId-version.
func (p *Process) pomName(ctx context.Context) string {
	text, _ := p.readAll(ctx, "pom.xml")
	element := func(text, name string) string {
		_, rest, ok := strings.Cut(text, "<"+name+">")
		value, _, ok2 := strings.Cut(rest, "<")
		if !ok || !ok2 {
			return ""
		}
		return strings.TrimSpace(value)
	}
	if name := element(text, "finalName"); name != "" {
		return name
	}
	if before, rest, ok := strings.Cut(text, "<parent>"); ok {
		_, after, _ := strings.Cut(rest, "</parent>")
		text = before + after
	}
	return orName(element(text, "artifactId"), "app") + "-" + orName(element(text, "version"), "0.0.1-SNAPSHOT")
}

// cmdJavac writes a class file for each source.
func cmdJavac(ctx context.Context, p *Process) int {
	dir := flagValue(p.Args[1:], "-d")
	status := 0
	for _, name := range p.Args[1:] {
		if !strings.HasSuffix(name, ".java") {
			continue
		}
		st, err := p.stat(name)
		if err != nil {
			p.errf("error: file not found: %s\n", name)
			return 2
		}
		out := strings.TrimSuffix(name, ".java") + ".class"
		if dir != "" {
			out = path.Join(dir, path.Base(out))
		}
		status = max(status, p.artefact(ctx, "javac", out, catalog.Data, st.Size/2+400, uint64(st.Size), 0o644))
	}
	return status
}

func cmdJava(_ context.Context, p *Process) int {
	if len(p.Args) > 1 && strings.HasSuffix(p.Args[1], "-version") {
		v := p.version("JAVA_VERSION", "openjdk-17-jre-headless")
		if v == "" {
			return p.cannot(p.Args)
		}
		p.errf("openjdk version \"%s\"\n", strings.TrimPrefix(v, "jdk-"))
		return 0
	}
	return p.cannot(p.Args)
}
