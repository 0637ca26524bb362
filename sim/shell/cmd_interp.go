package shell

import (
	"context"
	"fmt"
	"os"
	"path"
	"slices"
	"strings"

	"github.com/layerlab/layerlab/sim/catalog"
	"github.com/layerlab/layerlab/sim/overlay"
)

// cmdPython is python as far as it is known without running it: -V, -m venv,
// -m compileall and -m pip.
func cmdPython(ctx context.Context, p *Process) int {
	words := p.Args[1:]
	if len(words) > 0 && (words[0] == "--version" || words[0] == "-V" || words[0] == "-VV") {
		return p.sayVersion("Python %s", p.version("PYTHON_VERSION", "python3", "python3.11", "python3.12", "python3.13"))
	}
	for len(words) > 0 && strings.HasPrefix(words[0], "-") && words[0] != "-m" && words[0] != "-c" {
		words = words[1:]
	}
	if len(words) > 1 && path.Base(words[0]) == "manage.py" && slices.Contains(djangoSteps, words[1]) && p.exists(words[0]) {
		return p.skipped("python manage.py "+words[1], "nothing is written")
	}
	if len(words) < 2 || words[0] != "-m" {
		return p.cannot(p.Args)
	}
	switch words[1] {
	case "pip":
		if pip, ok := known("pip"); ok {
			c := *p
			c.Args = append([]string{"pip"}, words[2:]...)
			return pip(ctx, &c)
		}
	case "venv", "virtualenv":
		return p.venv(ctx, words[2:])
	case "compileall":
		return p.compileAll(ctx, words[2:])
	}
	return p.cannot(p.Args)
}

// djangoSteps are what Dockerfiles have Django do beside serving.
var djangoSteps = []string{"collectstatic", "check", "compilemessages", "compress", "makemigrations", "migrate"}

// minor is a version's first two parts.
func minor(version string) string {
	parts := strings.SplitN(version, ".", 3)
	return strings.Join(parts[:min(2, len(parts))], ".")
}

// venv makes a virtual environment as python -m venv does, pip left out.
func (p *Process) venv(ctx context.Context, words []string) int {
	dirs := operands(words)
	if len(dirs) == 0 {
		p.errf("usage: venv [-h] [--system-site-packages] [--symlinks | --copies] [--clear] [--upgrade] [--without-pip] [--prompt PROMPT] [--upgrade-deps] ENV_DIR [ENV_DIR ...]\nvenv: error: the following arguments are required: ENV_DIR\n")
		return 2
	}
	version := orName(p.version("PYTHON_VERSION", "python3", "python3.11", "python3.12", "python3.13"), "3")
	python := path.Dir(orName(p.path, "/usr/bin/python3"))
	short := "python" + minor(version)
	for _, dir := range dirs {
		full := path.Clean(p.abs(dir))
		for _, d := range []string{"bin", "include/" + short, "lib/" + short + "/site-packages"} {
			if err := p.mkdirAll(full+"/"+d, false); err != nil {
				p.errf("Error: %s: '%s'\n", why(err), full)
				return 1
			}
		}
		if !p.exists(full + "/lib64") {
			p.symlink("lib", full+"/lib64")
		}
		for _, l := range [][2]string{{python + "/python3", "python3"}, {"python3", "python"}, {"python3", short}} {
			if !p.exists(full + "/bin/" + l[1]) {
				p.symlink(l[0], full+"/bin/"+l[1])
			}
		}
		if p.exists(python+"/pip") && !p.exists(full+"/bin/pip") && !slices.Contains(words, "--without-pip") {
			p.symlink(python+"/pip", full+"/bin/pip")
			p.symlink("pip", full+"/bin/pip3")
		}
		cfg := fmt.Sprintf("home = %s\ninclude-system-site-packages = %t\nversion = %s\nexecutable = %s\ncommand = %s -m venv %s\n",
			python, slices.Contains(words, "--system-site-packages"), version, orName(p.path, python+"/python3"), python+"/python3", full)
		if status := p.write(ctx, full+"/pyvenv.cfg", cfg, 0o644); status != 0 {
			return status
		}
		p.write(ctx, full+"/bin/activate", fmt.Sprintf("VIRTUAL_ENV=%s\nexport VIRTUAL_ENV\n_OLD_VIRTUAL_PATH=\"$PATH\"\nPATH=\"$VIRTUAL_ENV/bin:$PATH\"\nexport PATH\nunset PYTHONHOME\n", full), 0o644)
	}
	return 0
}

// write writes a whole file, and says what went wrong.
func (p *Process) write(ctx context.Context, name, text string, perm uint32) int {
	d, err := p.open(ctx, name, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, perm)
	if err == nil {
		_, err = d.Write([]byte(text))
		d.release()
	}
	if err != nil {
		return p.say("%s: %s", name, why(err))
	}
	return 0
}

// compileAll writes the byte code of each source: about as large as the text.
func (p *Process) compileAll(ctx context.Context, words []string) int {
	tag := "cpython-" + strings.ReplaceAll(minor(orName(p.version("PYTHON_VERSION", "python3"), "3.13")), ".", "")
	quiet := slices.Contains(words, "-q") || slices.Contains(words, "-qq")
	status := 0
	for _, dir := range operands(words) {
		p.walk(ctx, dir, true, func(name string, st overlay.Stat) error {
			p.k.turn(ctx)
			base, ok := strings.CutSuffix(path.Base(name), ".py")
			switch {
			case st.IsDir() && !quiet:
				p.outf("Listing '%s'...\n", name)
			case ok && st.IsRegular():
				if !quiet {
					p.outf("Compiling '%s'...\n", name)
				}
				status = max(status, p.put(ctx, path.Dir(name)+"/__pycache__/"+base+"."+tag+".pyc", catalog.Data, st.Size*9/10+150, uint64(st.Size), 0o644))
			}
			return nil
		}, func(name string, err error) { status = 1 })
	}
	return status
}

// cmdNode is node: its version.
func cmdNode(_ context.Context, p *Process) int {
	if len(p.Args) > 1 && (p.Args[1] == "--version" || p.Args[1] == "-v") {
		return p.sayVersion("v%s", p.version("NODE_VERSION", "nodejs"))
	}
	return p.cannot(p.Args)
}

func cmdPerl(_ context.Context, p *Process) int {
	if len(p.Args) > 1 && (p.Args[1] == "-v" || p.Args[1] == "--version") {
		return p.sayVersion("\nThis is perl 5 (v%s) built for x86_64-linux-gnu-thread-multi", p.version("", "perl", "perl-base"))
	}
	return p.cannot(p.Args)
}

func cmdPHP(_ context.Context, p *Process) int {
	if len(p.Args) > 1 && (p.Args[1] == "-v" || p.Args[1] == "--version") {
		return p.sayVersion("PHP %s (cli) (NTS)", p.version("PHP_VERSION", "php"))
	}
	return p.cannot(p.Args)
}
