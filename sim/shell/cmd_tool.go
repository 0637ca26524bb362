package shell

import (
	"context"
	"fmt"
	"hash/fnv"
	"io"
	"os"
	"path"
	"slices"
	"strings"

	"github.com/layerlab/layerlab/sim/catalog"
	"github.com/layerlab/layerlab/sim/overlay"
)

var toolCommands map[string]Command

func init() {
	toolCommands = map[string]Command{
		"go": cmdGo, "gofmt": cmdCannot, "gcc": cmdCompiler, "cc": cmdCompiler, "g++": cmdCompiler, "c++": cmdCompiler, "clang": cmdCompiler, "ld": cmdCompiler, "rustc": cmdCompiler,
		"make": cmdMake, "cmake": cmdCmake, "ninja": cmdMake, "cargo": cmdCargo, "mvn": cmdMaven, "gradle": cmdMaven, "javac": cmdJavac, "java": cmdJava,
		"python": cmdPython, "node": cmdNode, "perl": cmdPerl, "ruby": cmdCannot, "php": cmdPHP, "nginx": cmdNginx, "strip": cmdStrip, "upx": cmdStrip,
		"yarn": cmdYarn, "pnpm": cmdYarn, "npx": cmdCannot, "uv": cmdUV, "poetry": cmdPoetry, "corepack": cmdCorepack, "tsc": cmdTsc, "redis-server": cmdCannot, "postgres": cmdCannot, "httpd": cmdCannot,
	}
}

func cmdCannot(_ context.Context, p *Process) int { return p.cannot(p.Args) }

// cmdQuiet is a program that changes settings which nothing here reads.
func cmdQuiet(context.Context, *Process) int { return 0 }

// sources counts the files below dir with one of the endings, and their bytes;
// mark changes with their names and contents' sizes.
func (p *Process) sources(ctx context.Context, dir string, endings ...string) (files int, size int64, mark uint64) {
	h := fnv.New64a()
	p.walk(ctx, dir, true, func(name string, st overlay.Stat) error {
		p.k.turn(ctx)
		if st.IsRegular() && slices.Contains(endings, path.Ext(name)) {
			files++
			size += st.Size
			fmt.Fprintf(h, "%s %d\n", name, st.Size)
		}
		return nil
	}, func(string, error) {})
	return files, size, h.Sum64()
}

// artefact writes a made-up file and tells of it. The bytes follow from mark, so
// the same sources give the same file.
func (p *Process) artefact(ctx context.Context, tool, name string, kind catalog.Kind, size int64, mark uint64, perm uint32) int {
	if status := p.put(ctx, name, kind, size, mark, perm); status != 0 {
		return status
	}
	p.madeUp(tool, name, size)
	return 0
}

// put writes a made-up file; a directory's name gets nothing.
func (p *Process) put(ctx context.Context, name string, kind catalog.Kind, size int64, mark uint64, perm uint32) int {
	if err := p.mkdirAll(path.Dir(p.abs(name)), false); err != nil {
		return p.say("%s: %s", name, why(err))
	}
	d, err := p.open(ctx, name, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, perm)
	if err != nil {
		return p.say("%s: %s", name, why(err))
	}
	d.release()
	p.k.spend(size)
	base := strings.TrimPrefix(path.Clean(p.abs(name)), "/")
	if err := p.setBody(name, catalog.Made(kind, fmt.Sprintf("%s %016x", base, mark), size), nil); err != nil {
		return p.say("%s: %s", name, why(err))
	}
	return 0
}

// flagValue is what follows -o, in one word or two.
func flagValue(words []string, flag string) string {
	for i, w := range words {
		if w == flag && i+1 < len(words) {
			return words[i+1]
		}
		if rest, ok := strings.CutPrefix(w, flag+"="); ok && strings.HasPrefix(flag, "-") {
			return rest
		}
		if rest, ok := strings.CutPrefix(w, flag); ok && len(flag) == 2 && rest != "" && !strings.HasPrefix(flag, "--") {
			return rest
		}
	}
	return ""
}

// cmdCompiler is gcc and its like: an object or a program, by -o.
func cmdCompiler(ctx context.Context, p *Process) int {
	name, words := baseName(p.Args[0]), p.Args[1:]
	if slices.Contains(words, "--version") || slices.Contains(words, "-dumpversion") || len(words) == 1 && words[0] == "-v" {
		v := p.version("GCC_VERSION", name, "gcc-12", "gcc", "clang")
		if slices.Contains(words, "-dumpversion") {
			return p.sayVersion("%s", v)
		}
		return p.sayVersion(name+" %s", v)
	}
	if slices.Contains(words, "-dumpmachine") {
		if p.exists("/etc/alpine-release") {
			p.outf("x86_64-alpine-linux-musl\n")
		} else {
			p.outf("x86_64-linux-gnu\n")
		}
		return 0
	}
	var inputs []string
	skip := false
	for _, w := range words {
		if skip {
			skip = false
			continue
		}
		skip = slices.Contains([]string{"-o", "-I", "-L", "-D", "-x", "-include", "-MF", "-MT"}, w)
		if w != "" && w[0] != '-' && !skip {
			inputs = append(inputs, w)
		}
	}
	if len(inputs) == 0 && !slices.Contains(words, "-") {
		p.errf("%s: fatal error: no input files\ncompilation terminated.\n", name)
		return 1
	}
	var total int64
	h := fnv.New64a()
	io.WriteString(h, strings.Join(p.Args, "\x00"))
	for _, in := range inputs {
		st, err := p.stat(in)
		if err != nil {
			p.errf("%s: error: %s: %s\n%s: fatal error: no input files\ncompilation terminated.\n", name, in, why(err), name)
			return 1
		}
		total += st.Size
		fmt.Fprintf(h, "%s %d", in, st.Size)
	}
	out := flagValue(words, "-o")
	object := slices.Contains(words, "-c")
	if out == "" {
		out = "a.out"
		if object && len(inputs) > 0 {
			out = strings.TrimSuffix(path.Base(inputs[0]), path.Ext(inputs[0])) + ".o"
		}
	}
	size := 15_900 + total*2
	switch {
	case object:
		size = 1200 + total*2
	case slices.Contains(words, "-static"):
		size = 760_000 + total*2
	case name == "g++" || name == "c++":
		size += 400
	case name == "rustc":
		size = 3_800_000 + total*2
	}
	perm := uint32(0o777)
	if object {
		perm = 0o666
	}
	return p.artefact(ctx, name, out, catalog.Program, size, h.Sum64(), perm)
}

// cmdMake is make and ninja: what a Makefile makes cannot be known.
func cmdMake(ctx context.Context, p *Process) int {
	words := p.Args[1:]
	if slices.Contains(words, "--version") || slices.Contains(words, "-v") {
		return p.sayVersion("GNU Make %s", p.version("", "make"))
	}
	dir := flagValue(words, "-C")
	if dir == "" {
		dir = "."
	}
	file := flagValue(words, "-f")
	found := file != "" && p.exists(path.Join(dir, file))
	for _, f := range []string{"GNUmakefile", "makefile", "Makefile", "build.ninja"} {
		found = found || file == "" && p.exists(dir+"/"+f)
	}
	if !found {
		if file != "" {
			p.errf("make: %s: No such file or directory\nmake: *** No rule to make target '%s'.  Stop.\n", file, file)
			return 2
		}
		targets := operands(words)
		if len(targets) > 0 && dir == "." {
			p.errf("make: *** No rule to make target '%s'.  Stop.\n", targets[0])
		} else {
			p.errf("make: *** No targets specified and no makefile found.  Stop.\n")
		}
		return 2
	}
	return p.cannot(p.Args)
}

func cmdCmake(_ context.Context, p *Process) int {
	if slices.Contains(p.Args, "--version") {
		return p.sayVersion("cmake version %s\n\nCMake suite maintained and supported by Kitware (kitware.com/cmake).", p.version("", "cmake"))
	}
	return p.cannot(p.Args)
}

// cmdStrip is strip: a program without its symbols is some 30 % smaller; here it
// keeps its size, and nothing is told but that.
func cmdStrip(_ context.Context, p *Process) int {
	for _, name := range operands(p.Args[1:]) {
		if !p.exists(name) {
			p.errf("strip: '%s': No such file\n", name)
			return 1
		}
	}
	p.errf("%s%s does not run here: the files keep their sizes.\n", aside, baseName(p.Args[0]))
	return 0
}

// cmdNginx is nginx: its version and whether its configuration is there.
func cmdNginx(_ context.Context, p *Process) int {
	words := p.Args[1:]
	switch {
	case slices.Contains(words, "-v") || slices.Contains(words, "-V"):
		v := p.version("NGINX_VERSION", "nginx")
		if v == "" {
			return p.cannot(p.Args)
		}
		p.errf("nginx version: nginx/%s\n", v)
		return 0
	case slices.Contains(words, "-t"):
		file := flagValue(words, "-c")
		if file == "" {
			file = "/etc/nginx/nginx.conf"
		}
		if !p.exists(file) {
			p.errf("nginx: [emerg] open() %q failed (2: No such file or directory)\nnginx: configuration file %s test failed\n", file, file)
			return 1
		}
		p.errf("nginx: the configuration file %s syntax is ok\nnginx: configuration file %s test is successful\n", file, file)
		p.errf("%snginx does not run here: what the file says was not read.\n", aside)
		return 0
	}
	return p.cannot(p.Args)
}
